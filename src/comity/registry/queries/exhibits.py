"""Exhibits of this node: what lies where, what is handed over, and the texts that custodians sign about them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import CustodyEvent, first_text
from comity.evidence.exhibit import Exhibit
from comity.exchange.transfer import TransferGround
from comity.registry import access, rows
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import ExhibitRow, HandOverRow, ItemRow, TagRow
from comity.registry.queries import custody, evidence
from comity.registry.queries.people import directory


def exhibits(*, viewer: Actor, tag: str = "", before: int | None = None, most: int = PAGE_ROWS_MAX) -> list[JsonObject]:
    """The exhibits that the viewer may know of, newest first; `before`: only those that follow this `place_in_list`."""
    found = access.visible_exhibits(viewer=viewer).select_related("letter").defer("letter__statement")
    if tag:
        found = found.filter(reference__in=TagRow.objects.filter(tag=tag).values("thing"))
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_listed(row) for row in found.order_by("-pk")[:most]]


def _listed(row: ExhibitRow) -> JsonObject:
    listed: JsonObject = row.record | {
        "held": row.held,
        "place": row.place,
        "keeper": row.keeper,
        "place_in_list": row.pk,
        "letter": row.letter.short,
        "letter_digest": row.letter.digest,
        "peer": row.letter.peer,
    }
    return listed


def exhibit(reference: str, *, viewer: Actor) -> JsonObject:
    """An exhibit with what was made of it, and the hand-over that waits; raises `NoSuchThing`."""
    row = rows.exhibit(reference, viewer=viewer)
    waiting = HandOverRow.objects.filter(exhibit=reference, outgoing=True, state=HandOverRow.OFFERED).first()
    last = row.custody.order_by("-seq").first()
    assert last is not None, "an exhibit begins with its seizure"
    made = access.visible_items(viewer=viewer).filter(source=reference).order_by("pk")
    return _listed(row) | {
        "flags": row.flags,
        "sealed_off": row.sealed_off_at is not None,
        "ended": last.event if not row.held else "",
        "outgoing_letter": row.letter.outgoing,
        "waiting": waiting.reference if waiting else "",
        "waits_for": waiting.receiver if waiting else "",
        "waits_here": waiting is not None and waiting.peer == current().id,
        "items": [_made(one) for one in made],
        "why_you_see_it": access.why_exhibit(row, viewer=viewer),
    }


def _made(item: ItemRow) -> JsonObject:
    return {"id": item.reference, "name": item.record["name"], "media_type": item.record["media_type"]}


def seizure_text(
    described: Exhibit,
    *,
    letter: str,
    origin: evidence.Origin,
    selectors: frozenset[str],
    place: str,
    seals: Collection[str],
    viewer: Actor,
    at: datetime,
) -> Statement:
    """The seizure as the custodian will sign it, under the recognition of the letter; raises `NoSuchThing`."""
    begun = evidence.begun_under(letter, origin=origin, selectors=selectors, viewer=viewer)
    facts = begun | {"source": None, "place": place, "seals": sorted(seals)}
    return first_text(described, by=viewer.as_record(), facts=facts, at=at)


def receiver(reference: str, *, viewer: Actor) -> Entry:
    """The custodian of the other side whom an exhibit's letter names; raises `NoSuchThing`."""
    row = rows.exhibit(reference, viewer=viewer)
    if row.letter.outgoing:
        raise access.NoSuchThing(what="custodian of the other side", reference=reference[:8])
    return evidence.named_by(row.letter, viewer=viewer)


def custodians(*, viewer: Actor) -> list[Entry]:
    """The officials of this node who may sign for an exhibit, but for the viewer."""
    able = [one for one in directory(viewer=viewer) if Power.TAKE_IN_EVIDENCE in one.actor.powers]
    return [one for one in able if one.official != viewer.official]


def hand_over_text(
    reference: str, *, to: str, place: str, reason: str, ground: TransferGround | None, viewer: Actor, at: datetime
) -> Statement:
    """The hand-over as the giver will sign it: `to` an official of this node, or "" to whom its letter names.

    Raises `NoSuchThing`, `NoTransferGround` or `CustodyBroken`.
    """
    row = rows.exhibit(reference, viewer=viewer)
    proven, _ = custody.exhibit_chain(reference, viewer=viewer)
    gate: tuple[str, ...] = ()
    if to:
        receiver = next((one for one in custodians(viewer=viewer) if one.official == to), None)
        if receiver is None:
            raise access.NoSuchThing(what="custodian", reference=to[:40])
        named = receiver.actor.as_record()
    else:
        if row.letter.outgoing:
            raise access.NoSuchThing(what="custodian of the other side", reference=reference[:8])
        named = evidence.receiver_of(row.letter, viewer=viewer)
        gate = tuple(evidence.gate_to(row.letter.peer, ground=ground, viewer=viewer, at=at).checked)
    facts = {
        "transfer": secrets.token_hex(16),
        "letter": row.letter.digest,
        "authorisation": proven.records[0].facts["authorisation"],
        "receiver": named,
        "ground": ground.as_record() if ground and not to else None,
        "gate": list(gate),
        "seals": sorted(proven.seals),
        "place": place,
        "reason": reason,
    }
    return proven.following(CustodyEvent.HAND_OVER, by=viewer.as_record(), facts=facts, at=at)


@dataclass(frozen=True)
class Waiting:
    """A hand-over as its receiver signs for it: the giver's text, and the custody before it."""

    reference: str
    exhibit: Exhibit
    offer: Statement
    custody: tuple[Statement, ...]
    peer: str
    within: bool
    state: str


def waiting(transfer: str, *, viewer: Actor) -> Waiting:
    """What the receiver of a hand-over signs; raises `NoSuchThing`."""
    within = HandOverRow.objects.filter(reference=transfer, outgoing=True, peer=current().id)
    came = HandOverRow.objects.filter(
        reference=transfer, outgoing=False, letter__in=access.visible_letters(viewer=viewer).values("pk")
    )
    row = came.first() or within.first()
    if row is None or Power.TAKE_IN_EVIDENCE not in viewer.powers or not access.of_this_node(viewer):
        raise access.NoSuchThing(what="hand-over", reference=transfer[:8])
    before = tuple(Statement.from_json(one) for one in row.custody)
    return Waiting(
        reference=row.reference,
        exhibit=Exhibit.from_record(before[0].body["facts"]["exhibit"]),
        offer=Statement.from_bytes(bytes(row.statement)),
        custody=before,
        peer=row.peer,
        within=row.outgoing,
        state=row.state,
    )


def hand_overs(*, viewer: Actor) -> list[JsonObject]:
    """The hand-overs that wait for the viewer's signature, oldest first."""
    if not access.of_this_node(viewer):
        return []
    mine = HandOverRow.objects.filter(state=HandOverRow.OFFERED, receiver=viewer.official).order_by("pk")
    here = [row for row in mine if not row.outgoing or row.peer == current().id]
    return [
        {
            "transfer": row.reference,
            "exhibit": row.exhibit,
            "number": row.custody[0]["body"]["facts"]["exhibit"]["number"],
            "from": row.peer,
        }
        for row in here[:PAGE_ROWS_MAX]
    ]
