"""Which refusals become log entries, and how many in an hour: the log must not grow with a flood."""

from datetime import datetime, timedelta
from typing import Final

from comity.authorisations.authorisation import DrafterAuthorises
from comity.authorisations.covering import NotCovered
from comity.authorisations.scope import ScopeWider
from comity.authorities.directory import BeyondTerritory
from comity.authorities.roles import MandateNotInForce, PowerMissing
from comity.authorities.standing import DecidesOnOneself
from comity.authorities.training import TrainingMissing
from comity.errors import ComityError
from comity.exchange.transfer import NoTransferGround
from comity.ledger import Entry
from comity.registry import rows
from comity.registry.act import current
from comity.registry.actions import refusals
from comity.registry.limits import REFUSALS_LOGGED_PER_HOUR_MAX
from comity.registry.models import EntryRow

REACHING: Final = (
    PowerMissing,
    MandateNotInForce,
    BeyondTerritory,
    TrainingMissing,
    DecidesOnOneself,
    NotCovered,
    ScopeWider,
    DrafterAuthorises,
    NoTransferGround,
    rows.SignedByAnother,
)
"""Refusals of an official's act that the overseer hears of; typing mistakes are not among them."""


def note_act(refusal: ComityError, *, official: str, at: datetime) -> None:
    """Log that an official of this node reached too far."""
    if _room("act.refuse", official=official, at=at):
        refusals.record_refused_act(
            official, code=refusal.code, sentence=str(refusal), actor=current().machine("desk"), at=at
        )


def note_message(refusal: ComityError, *, peer: str, at: datetime) -> None:
    """Log that something a known peer signed was refused."""
    if _room("message.refuse", peer=peer, at=at):
        refusals.record_refused_message(
            peer, code=refusal.code, sentence=str(refusal), actor=current().machine("post"), at=at
        )


def _room(kind: str, *, at: datetime, **whose: str) -> bool:
    """Whether one more refusal of this one is written down; the noise of one hides nothing of another."""
    hour = EntryRow.objects.filter(kind=kind, at__gt=at - timedelta(hours=1))
    facts = [Entry.from_bytes(bytes(body)).facts for body in hour.values_list("body", flat=True)]
    return sum(whose.items() <= one.items() for one in facts) < REFUSALS_LOGGED_PER_HOUR_MAX
