"""The node at a glance for its overseer: the log, what was refused, what was laid aside, who has which mandate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import Entry as DirectoryEntry
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, NotAMoment, NotCanonical, TooLarge
from comity.ledger.entry import Entry, LogEntryBroken
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.models import CheckpointRow, EntryRow, OfficialRow, OutboxRow, WorkRow
from comity.registry.queries import openings
from comity.registry.queries.listing import Counted
from comity.registry.queries.openings import Opening

REFUSALS_DAYS: Final = 7
"""How far back the page looks for refusals."""

SHOWN_MAX: Final = 50
"""Refusals and laid-aside work that the page names."""

COUNTED_MAX: Final = 1000
"""How far it counts."""

REFUSALS: Final = ("act.refuse", "message.refuse")


@dataclass(frozen=True)
class Refusal:
    """Somebody reached too far: an official of this node, or a peer. `index` is None until it has its place."""

    index: int | None
    at: datetime
    kind: str
    facts: JsonObject


@dataclass(frozen=True)
class LaidAside:
    """Work that a person has to look at."""

    kind: str
    about: str
    attempts: int
    trouble: str


@dataclass(frozen=True)
class Mandate:
    """Who holds which office on this node, under which mandate, and when it was suspended or ended, if it was."""

    entry: DirectoryEntry
    suspended_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Glance:
    """What an overseer sees first. Without a checkpoint, `signed` is empty."""

    origin: str
    size: int
    waiting: int
    signed: str
    signed_at: datetime | None
    vkey: str
    refusals: tuple[Refusal, ...]
    refused: Counted
    laid_aside: tuple[LaidAside, ...]
    laid: Counted
    letters_out: Counted
    letters_in: Counted
    unreceipted: Counted
    mandates: tuple[Mandate, ...]
    alarms: tuple[Opening, ...]


def glance(*, viewer: Actor, at: datetime) -> Glance:
    """The node at a glance; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    node = current()
    newest = CheckpointRow.objects.order_by("-size").first()
    refused = EntryRow.objects.filter(kind__in=REFUSALS, at__gte=at - timedelta(days=REFUSALS_DAYS))
    laid = WorkRow.objects.filter(state=WorkRow.DEAD)
    seen = access.visible_letters(viewer=viewer)
    return Glance(
        origin=node.log_origin,
        size=newest.size if newest else 0,
        waiting=EntryRow.objects.filter(index=None).count(),
        signed=bytes(newest.note).decode("utf-8", "replace") if newest else "",
        signed_at=newest.at if newest else None,
        vkey=log.signer_of(bytes(newest.note), node=node).vkey if newest else log.verifier(node).vkey,
        refusals=tuple(_refusal(row) for row in refused.order_by("-at", "-id")[:SHOWN_MAX]),
        refused=Counted.of(refused, limit=COUNTED_MAX),
        laid_aside=tuple(
            LaidAside(kind=row.kind, about=row.about, attempts=row.attempts, trouble=row.trouble)
            for row in laid.order_by("id")[:SHOWN_MAX]
        ),
        laid=Counted.of(laid, limit=COUNTED_MAX),
        letters_out=Counted.of(seen.filter(outgoing=True), limit=COUNTED_MAX),
        letters_in=Counted.of(seen.filter(outgoing=False), limit=COUNTED_MAX),
        unreceipted=Counted.of(OutboxRow.objects.exclude(state="receipted"), limit=COUNTED_MAX),
        mandates=_mandates(),
        alarms=tuple(openings.alarms(viewer=viewer)),
    )


def _refusal(row: EntryRow) -> Refusal:
    try:
        facts = Entry.from_bytes(bytes(row.body)).facts
    except (LogEntryBroken, NotCanonical, NotAMoment, TooLarge):
        facts = {}  # the entry's own page says that it was changed
    return Refusal(index=row.index, at=row.at, kind=row.kind, facts=facts)


def _mandates() -> tuple[Mandate, ...]:
    rows = OfficialRow.objects.filter(node=current().id).order_by("official", "id")
    return tuple(
        Mandate(
            entry=DirectoryEntry.from_body(Statement.from_bytes(bytes(row.statement)).body),
            suspended_at=row.suspended_at,
            ended_at=row.ended_at,
        )
        for row in rows
    )
