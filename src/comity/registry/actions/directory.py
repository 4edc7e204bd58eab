"""The directory and the peers: who may act on this node, and which nodes it deals with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.registry import access, log
from comity.registry.act import act, current
from comity.registry.models import OfficialRow, PeerRow


class AlreadyFounded(ComityError):
    """A node is founded once."""

    code = "registry.already_founded"
    sentence = N_("node {node} has its founding administrators already")


class EnrolmentNotWitnessed(ComityError):
    """An enrolment needs two other officials."""

    code = "registry.enrolment_not_witnessed"
    sentence = N_("the enrolment of {official} needs the signatures of two other administrators; found {found}")


@dataclass(frozen=True)
class Enrolment:
    """A directory entry of this node that was checked: its text, and the officials who signed it besides the node."""

    entry: Entry
    statement: Statement
    witnesses: tuple[str, ...]


@act
def found_node(enrolments: Sequence[Enrolment], *, actor: Actor, at: datetime) -> None:
    """Record the founding administrators; the only entries that no administrator signs."""
    if OfficialRow.objects.filter(node=current().id).exists():
        raise AlreadyFounded(node=current().id)
    for enrolment in enrolments:
        _record(enrolment)
    log.append(
        kind="node.founded",
        facts={"administrators": [one.statement.digest for one in enrolments], "kind": current().kind},
        statement="",
        actor=actor,
        at=at,
    )


@act
def enrol_official(enrolment: Enrolment, *, actor: Actor, at: datetime) -> None:
    """Record an official's office, mandate and credential, witnessed by two administrators."""
    access.require(actor, Power.ADMINISTER, at=at)
    entry = enrolment.entry
    if len(set(enrolment.witnesses) - {entry.official}) < 2 or actor.official not in enrolment.witnesses:  # noqa: PLR2004 - two officials
        raise EnrolmentNotWitnessed(official=entry.official, found=", ".join(enrolment.witnesses) or "none")
    _record(enrolment)
    log.append(
        kind="official.enrolled",
        facts={"official": entry.official, "role": entry.role.value, "witnesses": list(enrolment.witnesses)},
        statement=enrolment.statement.digest,
        actor=actor,
        at=at,
    )


@act
def end_mandate(official: str, mandate: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a mandate at once, also for work that is pending."""
    access.require(actor, Power.ADMINISTER, at=at)
    ended = OfficialRow.objects.filter(node=current().id, official=official, mandate=mandate, ended_at=None).update(
        ended_at=at
    )
    if ended != 1:
        raise access.NoSuchThing(what="mandate", reference=mandate[:40])
    log.append(
        kind="mandate.ended",
        facts={"official": official, "mandate": mandate, "reason": reason},
        statement="",
        actor=actor,
        at=at,
    )


@act
def admit_peer(card: NodeCard, statement: Statement, *, actor: Actor, at: datetime) -> None:
    """Record a node's card that `trust.admit` accepted, or a newer card of a node that is known."""
    access.require(actor, Power.ADMINISTER, at=at)
    PeerRow.objects.update_or_create(
        node=card.node,
        defaults={"fingerprint": card.fingerprint, "card": statement.to_bytes(), "admitted_at": at},
    )
    log.append(
        kind="peer.admitted",
        facts={"peer": card.node, "fingerprint": card.fingerprint, "kind": str(card.kind)},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


def _record(enrolment: Enrolment) -> None:
    entry = enrolment.entry
    OfficialRow.objects.create(
        node=entry.node,
        official=entry.official,
        office=entry.office,
        role=entry.role.value,
        mandate=entry.mandate,
        key_id=entry.credential.id,
        digest=enrolment.statement.digest,
        statement=enrolment.statement.to_bytes(),
    )
