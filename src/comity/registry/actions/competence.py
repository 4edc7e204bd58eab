"""The directory of competence: entries of this node are published, those of others are kept, and peers are told."""

from collections.abc import Sequence
from datetime import datetime

from comity.authorities.competence import Competence, Version, succeeds
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.exchange.announcement import ANNOUNCEMENT
from comity.registry import access, log, rows
from comity.registry.act import act, current
from comity.registry.limits import COMPETENCE_ENTRIES_MAX
from comity.registry.models import CompetenceRow, CompetenceTold, PeerRow


class CompetenceOfAnother(ComityError):
    """A node publishes and withdraws its own entries only."""

    code = "registry.competence_of_another"
    sentence = N_("entry {reference} is kept by node {node}; this is node {own}")
    hint = N_("Only the node that keeps an entry can change, confirm or withdraw it.")


class CompetenceHeld(ComityError):
    """What was handed in is held already."""

    code = "registry.competence_held"
    sentence = N_("version {version} of entry {reference} is held already")


class TooManyCompetences(ComityError):
    """A node keeps more entries than a directory of one state has."""

    code = "registry.too_many_competences"
    sentence = N_("node {node} has {limit} entries in the directory of competence; no more are kept")
    hint = N_("Give an entry several measures and territories, or use a withdrawn one again.")


@act
def publish_entry(proven: Proven[Competence], *, message: JsonObject, actor: Actor, at: datetime) -> None:
    """Keep a version of an entry of this node, and queue it for every node that is admitted."""
    access.require(actor, Power.ADMINISTER, at=at)
    entry = proven.record
    rows.hold_signer(actor, entry.by, step="publish")
    if (entry.node, entry.state) != (current().id, current().state):
        raise CompetenceOfAnother(reference=entry.reference[:8], node=entry.node, own=current().id)
    row = _keep(proven, at=at)
    if row is None:
        raise CompetenceHeld(version=entry.version, reference=entry.reference[:8])
    peers = list(PeerRow.objects.order_by("node").values_list("node", flat=True))
    for peer in peers:
        _tell(row, peer, message=message, at=at)
    log.append(
        kind="competence.withdrawn" if entry.withdrawn else "competence.published",
        facts=_facts(entry) | {"told": peers},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def tell_peer(peer: str, digest: str, *, message: JsonObject, actor: Actor, at: datetime) -> None:
    """Queue an entry of this node for a peer that was not told yet, such as one that was admitted later."""
    row = CompetenceRow.objects.filter(node=current().id, digest=digest, newest=True).first()
    if row is None:
        raise access.NoSuchThing(what="entry", reference=digest[:8])
    _tell(row, peer, message=message, at=at)
    log.append(
        kind="competence.told", facts={"peer": peer, "entry": row.reference}, statement=digest, actor=actor, at=at
    )


@act
def receive_entry(
    inbound: rows.Inbound,
    proven: Proven[Competence],
    *,
    people: Sequence[rows.Introduced],
    actor: Actor,
    at: datetime,
) -> None:
    """Take in an entry that a peer announced; raises `CompetenceOlder` or `CompetenceForked`. A receipt is promised."""
    rows.introduce(tuple(people))
    fresh = _keep(proven, at=at) is not None
    entry = log.append(
        kind="competence.received",
        facts=inbound.facts(_facts(proven.record) | {"fresh": fresh}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=None, at=at), at=at)


@act
def import_entry(proven: Proven[Competence], *, people: Sequence[rows.Introduced], actor: Actor, at: datetime) -> None:
    """Keep an entry of a peer that came as a file; raises `CompetenceHeld`, `CompetenceOlder` or `CompetenceForked`."""
    access.require(actor, Power.ADMINISTER, at=at)
    entry = proven.record
    rows.introduce(tuple(people))
    if _keep(proven, at=at) is None:
        raise CompetenceHeld(version=entry.version, reference=entry.reference[:8])
    log.append(kind="competence.imported", facts=_facts(entry), statement=proven.digest, actor=actor, at=at)


def _keep(proven: Proven[Competence], *, at: datetime) -> CompetenceRow | None:
    """The new row of an entry that succeeds what is held; None for the text that is held already."""
    entry = proven.record
    held = (
        CompetenceRow.objects.select_for_update()
        .filter(node=entry.node, reference=entry.reference, newest=True)
        .first()
    )
    if held is None and _kept_of(entry.node) >= COMPETENCE_ENTRIES_MAX:
        raise TooManyCompetences(node=entry.node, limit=COMPETENCE_ENTRIES_MAX)
    before = Version(held.version, held.written_at, held.digest) if held else None
    if not succeeds(proven, before):
        return None
    if held is not None:
        held.newest = False
        held.save(update_fields=["newest"])
    return CompetenceRow.objects.create(
        node=entry.node,
        reference=entry.reference,
        version=entry.version,
        state=entry.state,
        digest=proven.digest,
        statement=proven.statement.to_bytes(),
        written_at=entry.written_at,
        kept_at=at,
        newest=True,
    )


def _kept_of(node: str) -> int:
    return CompetenceRow.objects.filter(node=node, newest=True).count()


def _tell(row: CompetenceRow, peer: str, *, message: JsonObject, at: datetime) -> None:
    queued = rows.queue(peer=peer, subject=ANNOUNCEMENT, content=message, letter=None, at=at)
    CompetenceTold.objects.create(peer=peer, entry=row, message=queued)


def _facts(entry: Competence) -> JsonObject:
    return {
        "entry": entry.reference,
        "version": entry.version,
        "node": entry.node,
        "authority": entry.authority,
        "withdrawn": entry.withdrawn,
    }
