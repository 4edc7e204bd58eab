"""Evidence: taken in, offered to another node, arrived, accepted by both signatures, exported.

Sealing, hashing and moving bytes happen before or after; an act only records what is already true in the vault.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorisations.covering import AS_GIVEN, REVIEWED, SEALED, Covered, OutwardAct, covers, hold_conditions
from comity.authorisations.mandate import office_mandate
from comity.authorisations.scope import Scope
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import Chain, CustodyRecord, begin_chain, extend
from comity.exchange.transfer import TransferVerdict
from comity.registry import access, decisions, keeping, log, rows, work
from comity.registry.act import act, current
from comity.registry.keeping import NotRecognised as NotRecognised  # noqa: PLC0414 - raised by these acts
from comity.registry.keeping import TransferOutOfOrder as TransferOutOfOrder  # noqa: PLC0414 - as above
from comity.registry.models import AuthorisationRow, ItemRow, LetterRow, TransferRow

FETCH = "fetch"


@dataclass(frozen=True)
class Kept:
    """An item key as the node keeps it: wrapped by the key of that month."""

    wrapped: bytes
    month: str


@dataclass(frozen=True)
class HandedKey:
    """An item key sealed to the receiving node's key of that id."""

    sealed: bytes
    receive_key: str


@act
def take_in(proven: Proven[CustodyRecord], *, kept: Kept, actor: Actor, at: datetime) -> None:
    """Record a sealed item with its origin and the decision that it was collected under."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    rows.hold_signer(actor, proven.record.by, step="take in evidence")
    chain = begin_chain(proven)
    letter = _letter(str(proven.record.facts["letter"]), viewer=actor)
    covered = _covered(proven.record, letter, acts=frozenset({"collect"}), by=current().id, at=at)
    flags = decisions.flags_taken(letter, selectors=Scope.from_record(proven.record.facts["scope"]).selectors)
    item = _keep_item(chain, letter=letter, kept=kept, flags=flags)
    keeping.keep_record(item, proven.statement, proven.record)
    keeping.hold_source(proven.record)
    log.append(
        kind="evidence.acquisition",
        facts={
            "item": chain.item.as_record(),
            "letter": letter.digest,
            "origin": proven.record.facts["origin"],
            "flags": flags,
            "reasons": list(covered.reasons),
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def offer(
    proven: Proven[CustodyRecord],
    *,
    chain: Chain,
    gate: TransferVerdict,
    handed: HandedKey,
    message: JsonObject,
    actor: Actor,
    at: datetime,
) -> None:
    """Offer an item to the other side: covered by the recognition, through the transfer gate, signed by the giver."""
    access.require(actor, Power.HAND_OVER_EVIDENCE, at=at)
    record = proven.record
    rows.hold_signer(actor, record.by, step="hand over evidence")
    letter = _letter(str(record.facts["letter"]), viewer=actor)
    item = rows.item_for_update(record.item)
    access.why_item(item, viewer=actor)
    decisions.hold_open(item)
    reviewed = decisions.hold_item_reviewed(item, acting=actor.official)
    rows.hold_newest(item, previous=record.previous)
    chain.hold_origin()
    chain.hold_leave(exporting=False)
    before = TransferRow.objects.filter(item=record.item, outgoing=True).first()
    if before is not None:
        raise TransferOutOfOrder(transfer=before.reference[:8], state=before.state, expected="not yet offered")
    acquisition = chain.records[0]
    covered = _covered(acquisition, letter, acts=frozenset({"disclose"}), by=current().id, at=at, facts=reviewed)
    TransferRow.objects.create(
        reference=record.facts["transfer"],
        outgoing=True,
        peer=letter.peer,
        item=record.item,
        letter=letter,
        state=TransferRow.OFFERED,
        statement=proven.statement.to_bytes(),
        custody=message["custody"],
        handed_key=handed.sealed,
        receive_key=handed.receive_key,
        flags=item.flags,
    )
    content = message | ({"flags": item.flags} if item.flags else {})
    rows.queue(peer=letter.peer, subject="transfer", content=content, letter=letter, at=at)
    log.append(
        kind="evidence.offer",
        facts={
            "item": record.item,
            "transfer": record.facts["transfer"],
            "letter": letter.digest,
            "ground": record.facts["ground"],
            "gate": list(gate.checked),
            "flags": item.flags,
            "reasons": list(covered.reasons),
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def receive_offer(
    inbound: rows.Inbound,
    proven: Proven[CustodyRecord],
    *,
    acquisition: CustodyRecord,
    custody: list[JsonObject],
    handed: HandedKey,
    flags: list[str],
    people: tuple[rows.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the other side offers an item for a letter of ours, and queue fetching it.

    It must rest on the recognition that we were told of: what reaches beyond it is not taken.
    """
    record = proven.record
    letter = rows.letter_with(inbound.sender, digest=str(record.facts["letter"]))
    if (record.facts["authorisation"], record.facts["letter"]) != (
        acquisition.facts["authorisation"],
        acquisition.facts["letter"],
    ):
        raise NotRecognised(decision=str(record.facts["authorisation"])[:12])
    told = frozenset({SEALED, REVIEWED})  # how the giver did it is the giver's to hold; it comes sealed or not at all
    for act_, at_ in (("collect", acquisition.at), ("disclose", record.at)):
        _covered(acquisition, letter, acts=frozenset({act_}), by=inbound.sender, at=at_, facts=told)
    rows.introduce(people)
    reference = str(record.facts["transfer"])
    TransferRow.objects.create(
        reference=reference,
        outgoing=False,
        peer=inbound.sender,
        item=record.item,
        letter=letter,
        state=TransferRow.OFFERED,
        statement=proven.statement.to_bytes(),
        custody=custody,
        handed_key=handed.sealed,
        receive_key=handed.receive_key,
        flags=flags,
    )
    work.enqueue(kind=FETCH, lane=f"fetch:{reference}", about=reference, at=at)
    entry = log.append(
        kind="evidence.offer.received",
        facts=inbound.facts({"item": record.item, "transfer": reference, "letter": letter.digest}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=letter, at=at), at=at)


@act
def record_arrival(transfer: str, *, kept: Kept, actor: Actor, at: datetime) -> None:
    """Record that the whole item lies in our vault and is what its custody says."""
    row = _transfer(transfer, state=TransferRow.OFFERED, outgoing=False)
    row.state, row.wrapped_key, row.month = TransferRow.ARRIVED, kept.wrapped, kept.month
    row.save(update_fields=["state", "wrapped_key", "month"])
    log.append(
        kind="evidence.arrival",
        facts={"item": row.item, "transfer": transfer, "letter": row.letter.digest},
        statement="",
        actor=actor,
        at=at,
    )


@act
def accept(proven: Proven[CustodyRecord], *, chain: Chain, message: JsonObject, actor: Actor, at: datetime) -> None:
    """Take over an item that arrived: the custody record now carries both sides' signatures."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    record = proven.record
    rows.hold_signer(actor, record.facts["receiver"], step="accept evidence")
    row = _transfer(str(record.facts["transfer"]), state=TransferRow.ARRIVED, outgoing=False)
    assert row.wrapped_key is not None, "it arrived with its key"
    row.state, row.statement = TransferRow.ACCEPTED, proven.statement.to_bytes()
    row.save(update_fields=["state", "statement"])
    letter = rows.letter_for_update(row.letter.digest)
    decisions.hold_granted(letter, act="to accept an item", at=at)
    scope = Scope.from_record(chain.records[0].facts["scope"])
    flags = decisions.joined(row.flags, decisions.flags_taken(letter, selectors=scope.selectors))
    kept = Kept(wrapped=bytes(row.wrapped_key), month=row.month)
    item = _keep_item(chain, letter=letter, kept=kept, flags=flags)
    keeping.keep_tags(item.reference, chain)
    statements = [Statement.from_json(one) for one in row.custody] + [proven.statement]
    for statement, link in zip(statements, chain.records, strict=True):
        keeping.keep_record(item, statement, link)
    rows.queue(peer=row.peer, subject="transfer-accepted", content=message, letter=letter, at=at)
    log.append(
        kind="evidence.accept",
        facts={"item": record.item, "transfer": record.facts["transfer"], "letter": letter.digest},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def record_acceptance(
    inbound: rows.Inbound,
    proven: Proven[CustodyRecord],
    *,
    people: tuple[rows.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the other side took the item over: it is no longer held here."""
    record = proven.record
    row = _transfer(str(record.facts["transfer"]), state=TransferRow.OFFERED, outgoing=True)
    offered = Statement.from_bytes(bytes(row.statement))
    if row.peer != inbound.sender or offered.digest != proven.digest:
        raise access.NoSuchThing(what="transfer", reference=row.reference[:8])
    rows.introduce(people)
    row.state, row.statement = TransferRow.ACCEPTED, proven.statement.to_bytes()
    row.save(update_fields=["state", "statement"])
    item = rows.item_for_update(record.item)
    rows.hold_newest(item, previous=record.previous)
    item.held = False
    item.save(update_fields=["held"])
    keeping.keep_record(item, proven.statement, record)
    letter = rows.letter_for_update(row.letter.digest)
    entry = log.append(
        kind="evidence.accept.received",
        facts=inbound.facts({"item": record.item, "transfer": row.reference, "letter": letter.digest}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=letter, at=at), at=at)


@act
def record_export(proven: Proven[CustodyRecord], *, chain: Chain, actor: Actor, at: datetime) -> None:
    """Record that an item leaves in a bundle, to whom and why: its origin and authority are recorded, and no code bars it."""
    entry = access.require(actor, Power.EXPORT_EVIDENCE, at=at)
    record = proven.record
    rows.hold_signer(actor, record.by, step="export evidence")
    item = rows.item_for_update(record.item)
    access.why_item(item, viewer=actor)
    decisions.hold_open(item)
    keeping.hold_settled(item)
    rows.hold_newest(item, previous=record.previous)
    extend(chain, proven)
    chain.hold_origin()
    chain.hold_leave(exporting=True)
    name = f"to export item {record.item[:8]}"
    decisions.hold_authority(chain.records[0], item, act=name, at=at)
    asked = rows.letter_of(item.letter).scope
    mandate = office_mandate(entry, letter=item.letter.digest, asked=asked, at=at)
    does = replace(asked, acts=frozenset({"export"}))
    reviewed = decisions.hold_item_reviewed(item, acting=actor.official)
    doing = OutwardAct(name=name, letter=item.letter.digest, does=does, facts=reviewed)
    covered = covers(mandate, doing, at=at, standing=AS_GIVEN)
    for decided in item.letter.authorisations.filter(withdrawn_at=None):
        hold_conditions(decisions.power_of(decided), doing)
    keeping.keep_record(item, proven.statement, record)
    log.append(
        kind="evidence.export",
        facts={
            "item": record.item,
            "reason": record.facts["reason"],
            "letter": item.letter.digest,
            "reasons": list(covered.reasons),
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


def _letter(digest: str, *, viewer: Actor) -> LetterRow:
    row = rows.letter_for_update(digest)
    access.hold_letter(row, actor=viewer)
    return row


def _covered(
    record: CustodyRecord,
    letter: LetterRow,
    *,
    acts: frozenset[str],
    by: str,
    at: datetime,
    facts: frozenset[str] = frozenset(),
) -> Covered:
    """Hold that the recognition by node `by` that an acquisition names covers these acts on its item.

    The decision of the asking side must still stand, too. Raises `NotRecognised`, `NoStandingDecision` or `NotCovered`.
    """
    wanted = str(record.facts["authorisation"])
    row = AuthorisationRow.objects.filter(digest=wanted, letter=letter, withdrawn_at=None).first()
    if row is None or row.kind != AuthorisationKind.RECOGNITION.value or row.node != by:
        raise NotRecognised(decision=wanted[:12])
    name = f"to {' and '.join(sorted(acts))} item {record.item[:8]}"
    granted = decisions.hold_granted(letter, act=name, at=at)
    does = replace(Scope.from_record(record.facts["scope"]), acts=acts)
    doing = OutwardAct(name=name, letter=letter.digest, does=does, facts=facts)
    hold_conditions(granted, doing)
    return covers(decisions.power_of(row), doing, at=at, standing=decisions.standing_of(row))


def _keep_item(chain: Chain, *, letter: LetterRow, kept: Kept, flags: list[str]) -> ItemRow:
    source = chain.records[0].facts["source"]
    return ItemRow.objects.create(
        reference=chain.item.id,
        letter=letter,
        record=chain.item.as_record(),
        source=source["reference"] if source else "",
        wrapped_key=kept.wrapped,
        month=kept.month,
        held=True,
        flags=flags,
    )


def _transfer(reference: str, *, state: str, outgoing: bool) -> TransferRow:
    row = TransferRow.objects.select_for_update().filter(reference=reference, outgoing=outgoing).first()
    if row is None:
        raise access.NoSuchThing(what="transfer", reference=reference[:8])
    if row.state != state:
        raise TransferOutOfOrder(transfer=reference[:8], state=row.state, expected=state)
    return row
