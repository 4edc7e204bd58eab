"""Items and their custody, and the texts that custodians sign."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.scope import Scope
from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, stamp
from comity.evidence.custody import Chain, CustodyEvent, first_text, read_chain
from comity.evidence.erasure import ERASURE, Erasure
from comity.evidence.events import NOT_STATED
from comity.evidence.item import Item
from comity.exchange.transfer import TransferGround, TransferVerdict, judge_transfer
from comity.law import Edition
from comity.law.logic import Truth
from comity.registry import access, decisions, post, rows, vault
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import ItemRow, LapseRow, LetterRow, ReviewRow, TagRow, TransferRow
from comity.registry.queries.people import known

LED_INSTRUMENT: Final = "eu-2016-680"


@dataclass(frozen=True)
class Origin:
    """Where an item comes from, how it was taken, when and by whom; what is not known is `not_stated`, and says so."""

    place: str
    device: str
    method: str
    tool: str
    tool_version: str
    time_source: str
    taken_at: str = NOT_STATED
    taken_by: str = NOT_STATED


def items(*, viewer: Actor, tag: str = "", before: int | None = None, most: int = PAGE_ROWS_MAX) -> list[JsonObject]:
    """The items that the viewer may know of, newest first; `before`: only those that follow this `place`."""
    found = access.visible_items(viewer=viewer).select_related("letter").defer("letter__statement", "wrapped_key")
    if tag:
        found = found.filter(reference__in=TagRow.objects.filter(tag=tag).values("thing"))
    offered_on = TransferRow.objects.filter(item=OuterRef("reference"), outgoing=True)
    read = _older(found, before).annotate(on_offer=Exists(offered_on))[:most]
    return [
        row.record
        | {
            "held": row.held,
            "offered": row.on_offer,
            "flags": row.flags,
            "sealed_off_at": stamp(row.sealed_off_at) if row.sealed_off_at else "",
            "erased_at": stamp(row.erased_at) if row.erased_at else "",
            "place": row.pk,
        }
        | _under(row.letter)
        for row in read
    ]


def item(reference: str, *, viewer: Actor) -> JsonObject:
    """An item with its custody; raises `NoSuchThing`."""
    row = rows.item(reference, viewer=viewer)
    custody = [Statement.from_bytes(bytes(one.statement)) for one in row.custody.order_by("seq")]
    return {
        **row.record,
        "held": row.held,
        "flags": row.flags,
        "sealed_off_at": stamp(row.sealed_off_at) if row.sealed_off_at else "",
        "erased_at": stamp(row.erased_at) if row.erased_at else "",
        "reviews": _reviews(row),
        "source": row.source,
        **_under(row.letter),
        "outgoing_letter": row.letter.outgoing,
        "offered": TransferRow.objects.filter(item=reference, outgoing=True).exists(),
        "why_you_see_it": access.why_item(row, viewer=viewer),
        "custody": [one.body | {"digest": one.digest, "signatures": len(one.signatures)} for one in custody],
    }


def _reviews(item_: ItemRow) -> list[JsonObject]:
    """Who looked at a flagged item, and why it is still necessary."""
    found = ReviewRow.objects.filter(letter=item_.letter, item=item_.reference).order_by("id")
    return [{"official": one.official, "flags": one.flags, "reason": one.reason, "at": stamp(one.at)} for one in found]


def _under(letter: LetterRow) -> JsonObject:
    return {"letter": letter.short, "letter_digest": letter.digest, "peer": letter.peer}


def _older(found: QuerySet[Any], before: int | None) -> QuerySet[Any]:
    """In the order of a list: newest first, from a place on (keyset: nothing that was passed is read again)."""
    return (found if before is None else found.filter(pk__lt=before)).order_by("-pk")


def sealed_bytes(reference: str, *, viewer: Actor) -> int:
    """How long the sealed item is."""
    return Item.from_record(rows.item(reference, viewer=viewer).record).sealed_bytes


def chain(reference: str, *, viewer: Actor) -> tuple[Chain, list[Statement]]:
    """The proven custody of an item, and the statements it consists of."""
    row = rows.item(reference, viewer=viewer)
    statements = [Statement.from_bytes(bytes(one.statement)) for one in row.custody.order_by("seq")]
    return read_chain(statements, known=known({}, viewer=viewer)), statements


def acquisition_text(
    item_: Item,
    *,
    letter: str,
    origin: Origin,
    selectors: frozenset[str],
    source: JsonObject | None = None,
    viewer: Actor,
    at: datetime,
) -> Statement:
    """The acquisition as the custodian will sign it, under the recognition of the letter; raises `NoSuchThing`.

    `selectors`: which of the letter's targets the item holds; empty means all of them.
    """
    facts = begun_under(letter, origin=origin, selectors=selectors, viewer=viewer) | {"source": source}
    return first_text(item_, by=viewer.as_record(), facts=facts, at=at)


def begun_under(letter: str, *, origin: Origin, selectors: frozenset[str], viewer: Actor) -> JsonObject:
    """What a taking in under the recognition of this letter states of its origin and authority; raises `NoSuchThing`."""
    recognised = _recognition(rows.letter(letter, viewer=viewer))
    asked = recognised.body["scope"]
    scope = Scope.from_record(asked | ({"selectors": sorted(selectors)} if selectors else {}))
    return {
        "origin": vars(origin),
        "letter": letter,
        "authorisation": recognised.digest,
        "scope": scope.as_record(),
    }


@dataclass(frozen=True)
class Recognised:
    """A letter under which evidence may be taken in: its targets, and until when its recognition runs."""

    digest: str
    short: str
    subject: str
    peer: str
    selectors: tuple[str, ...]
    expires: datetime


def recognised(letter: str, *, viewer: Actor) -> Recognised:
    """What the recognition of a letter that came lets in; raises `NoSuchThing` without one."""
    row = rows.letter(letter, viewer=viewer)
    viewer.require(Power.TAKE_IN_EVIDENCE)
    if row.outgoing:
        raise access.NoSuchThing(what="recognition of letter", reference=row.short)
    decision = Authorisation.from_body(_recognition(row).body)
    return Recognised(
        digest=row.digest,
        short=row.short,
        subject=row.subject,
        peer=row.peer,
        selectors=tuple(sorted(decision.scope.selectors)),
        expires=decision.expires,
    )


def _recognition(row: LetterRow) -> Statement:
    found = row.authorisations.filter(kind=AuthorisationKind.RECOGNITION.value, withdrawn_at=None).first()
    if found is None:
        raise access.NoSuchThing(what="recognition of letter", reference=row.short)
    return Statement.from_bytes(bytes(found.statement))


def gate(reference: str, *, ground: TransferGround | None, viewer: Actor, at: datetime) -> TransferVerdict:
    """Hold that the item may go to the node whose letter asked for it; raises `NoTransferGround` or `NoSuchThing`."""
    peer = rows.item(reference, viewer=viewer).letter.peer
    return gate_to(peer, ground=ground, viewer=viewer, at=at)


def gate_to(peer: str, *, ground: TransferGround | None, viewer: Actor, at: datetime) -> TransferVerdict:
    """Hold that something may go to that node; raises `NoTransferGround` or `PowerMissing`."""
    viewer.require(Power.HAND_OVER_EVIDENCE)
    to = post.peer(peer)
    return judge_transfer(
        giver_state=current().state,
        receiver_state=to.state,
        # an open answer opens nothing: whoever may be bound gives as if bound, and counts as a stranger who receives
        giver_bound_by_led=_standing(current().state, on=at.date()) is not Truth.NO,
        receiver_bound_by_led=_standing(to.state, on=at.date()) is Truth.YES,
        adequacy=None,  # the facts on adequacy are secondary: they decide nothing (decisions 1)
        ground=ground,
    )


def ground_needed(reference: str, *, viewer: Actor, at: datetime) -> tuple[bool, bool]:
    """Whether a hand-over needs a ground, and whether the giver is (or may be) bound by Directive (EU) 2016/680."""
    return ground_needed_to(rows.item(reference, viewer=viewer).letter.peer, viewer=viewer, at=at)


def ground_needed_to(peer: str, *, viewer: Actor, at: datetime) -> tuple[bool, bool]:
    """The same of anything that goes to that node; raises `PowerMissing`."""
    viewer.require(Power.HAND_OVER_EVIDENCE)
    to = post.peer(peer)
    bound = _standing(current().state, on=at.date()) is not Truth.NO
    return not (bound and _standing(to.state, on=at.date()) is Truth.YES), bound


def hand_over_text(
    reference: str, *, ground: TransferGround | None, sealed_sha256: str, viewer: Actor, at: datetime
) -> Statement:
    """The transfer as the giving custodian will sign it; raises `NoTransferGround`, `NoSuchThing` or `CustodyBroken`."""
    row = rows.item(reference, viewer=viewer)
    proven, _ = chain(reference, viewer=viewer)
    letter = rows.letter_of(row.letter)
    passed = gate(reference, ground=ground, viewer=viewer, at=at)
    receiver = _receiver(letter.evidence_to, viewer=viewer)
    facts = {
        "transfer": secrets.token_hex(16),
        "letter": row.letter.digest,
        "authorisation": proven.records[0].facts["authorisation"],
        "receiver": receiver,
        "ground": ground.as_record() if ground else None,
        "gate": list(passed.checked),
        "sha256": proven.item.sha256,
        "key_commitment": proven.item.key_commitment,
        "sealed_sha256": sealed_sha256,
    }
    return proven.following(CustodyEvent.TRANSFER, by=viewer.as_record(), facts=facts, at=at)


def _standing(state: str, *, on: date) -> Truth:
    """Whether the state is bound by Directive (EU) 2016/680 on that day, as the packaged edition knows it."""
    edition = Edition.packaged()
    return edition.instruments[LED_INSTRUMENT].parties.standing(state, name=state, on=on).truth


def receiver_of(letter: LetterRow, *, viewer: Actor) -> JsonObject:
    """The custodian whom a letter names, as an actor's record; raises `NoSuchThing`."""
    return _receiver(rows.letter_of(letter).evidence_to, viewer=viewer)


def named_by(letter: LetterRow, *, viewer: Actor) -> Entry:
    """The same as an entry of the directory."""
    return _named(rows.letter_of(letter).evidence_to, viewer=viewer)


def _receiver(named: JsonObject, *, viewer: Actor) -> JsonObject:
    """The custodian whom the letter names, as an actor's record; the entry came with the letter."""
    return _named(named, viewer=viewer).actor.as_record()


def _named(named: JsonObject, *, viewer: Actor) -> Entry:
    everybody = known({}, viewer=viewer)
    entry = everybody.entries.get((str(named.get("node")), str(named.get("official")), str(named.get("mandate"))))
    if entry is None:
        raise access.NoSuchThing(what="official", reference=str(named.get("official"))[:40])
    return entry


def receiver(reference: str, *, viewer: Actor) -> Entry:
    """Who will receive an item: the custodian whom its letter names; raises `NoSuchThing`."""
    named = rows.letter_of(rows.item(reference, viewer=viewer).letter).evidence_to
    return _named(named, viewer=viewer)


def export_text(reference: str, *, reason: str, viewer: Actor, at: datetime) -> Statement:
    """The export as the custodian will sign it; raises `NoSuchThing` or `CustodyBroken`."""
    row = rows.item(reference, viewer=viewer)
    proven, _ = chain(reference, viewer=viewer)
    facts = {"reason": reason, "letter": row.letter.digest}
    return proven.following(CustodyEvent.EXPORT, by=viewer.as_record(), facts=facts, at=at)


def erasure_text(reference: str, *, viewer: Actor, at: datetime) -> Statement:
    """The erasure of an item that was sealed off as the custodian will sign it; raises `NoSuchThing`."""
    row = rows.item(reference, viewer=viewer)
    ended = LapseRow.objects.filter(letter=row.letter).order_by("id").first()
    if ended is None or row.sealed_off_at is None or row.erased_at is not None:
        raise access.NoSuchThing(what="item to erase", reference=reference[:8])
    told = Statement.from_bytes(bytes(ended.statement)).body
    erasure = Erasure(
        item=reference,
        sha256=str(row.record["sha256"]),
        letter=row.letter.digest,
        ended_by=ended.digest,
        ground=told["cause"],
        article=told["article"],
        node=viewer.node,
        by=viewer.as_record(),
        at=moment(stamp(at)),
    )
    return Statement(type=ERASURE, body=Erasure.from_body(erasure.as_body()).as_body())


def offered(*, viewer: Actor, before: int | None = None, most: int = PAGE_ROWS_MAX) -> list[JsonObject]:
    """What other nodes offer this one, newest first, and how far it came; `before` as in `items`."""
    found = TransferRow.objects.filter(outgoing=False, letter__in=access.visible_letters(viewer=viewer))
    read = _older(found.select_related("letter").defer("letter__statement", "wrapped_key", "statement"), before)
    return [_offer(row) for row in read[:most]]


def offer(transfer: str, *, viewer: Actor) -> JsonObject:
    """One of them; raises `NoSuchThing`."""
    return _offer(_transfer(transfer, viewer=viewer))


def _offer(row: TransferRow) -> JsonObject:
    item_ = Item.from_record(row.custody[0]["body"]["facts"]["item"])
    arriving = row.state == TransferRow.OFFERED
    received = vault.Incoming(current().vault, item_).received if arriving else item_.sealed_bytes
    return {
        "transfer": row.reference,
        "item": row.item,
        "from": row.peer,
        "state": row.state,
        "place": row.pk,
        "record": item_.as_record(),
        "received": received,
        **_under(row.letter),
    }


def _transfer(reference: str, *, viewer: Actor) -> TransferRow:
    row = _came(reference, viewer=viewer).first()
    if row is None:
        raise access.NoSuchThing(what="transfer", reference=reference[:8])
    return row


def _came(reference: str, *, viewer: Actor) -> QuerySet[TransferRow]:
    """What was offered under this reference, if the viewer sees its letter; hidden and missing cost the same."""
    seen = access.visible_letters(viewer=viewer).values("pk")
    return TransferRow.objects.filter(reference=reference, outgoing=False, letter__in=seen).select_related("letter")


def moved(transfer: str, *, viewer: Actor) -> tuple[int, int]:
    """How many bytes of an offered item lie here, of how many; (0, 0) before the offer came, and for who may not see it."""
    row = _came(transfer, viewer=viewer).first()
    if row is None:
        return 0, 0
    item_ = Item.from_record(row.custody[0]["body"]["facts"]["item"])
    return vault.Incoming(current().vault, item_).received, item_.sealed_bytes


@dataclass(frozen=True)
class Arrived:
    """An offered item as its receiver signs for it: the giver's statement, and the custody before it."""

    offer: Statement
    custody: tuple[Statement, ...]


def arrived(transfer: str, *, viewer: Actor) -> Arrived:
    """What the receiver of a transfer signs; raises `NoSuchThing`."""
    row = _transfer(transfer, viewer=viewer)
    return Arrived(
        offer=Statement.from_bytes(bytes(row.statement)),
        custody=tuple(Statement.from_json(one) for one in row.custody),
    )


@dataclass(frozen=True)
class Keeping:
    """How this node keeps an item's key, and which node asked for the item."""

    wrapped: bytes
    month: str
    asked_by: str


def keeping(reference: str, *, viewer: Actor) -> Keeping:
    """How an item's key is kept; raises `NoSuchThing` for who keeps no evidence here."""
    row = rows.item(reference, viewer=viewer)
    viewer.require(Power.HAND_OVER_EVIDENCE)
    decisions.hold_open(row)
    return Keeping(wrapped=bytes(row.wrapped_key), month=row.month, asked_by=row.letter.peer)
