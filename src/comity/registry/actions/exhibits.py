"""Exhibits: seized, sealed, moved on the shelf, handed over, returned. Both sign a hand-over, within a node and between nodes."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorisations.covering import REVIEWED, SEALED, OutwardAct, covers, hold_conditions
from comity.authorisations.scope import Scope
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, begin_chain, extend
from comity.evidence.events import ENDS
from comity.evidence.tags import hold_known
from comity.law import Edition
from comity.registry import access, decisions, keeping, log, rows
from comity.registry.act import act, current
from comity.registry.actions.custody import NotRecordedHere
from comity.registry.models import AuthorisationRow, ExhibitRow, HandOverRow, LetterRow

RECORDED: Final = frozenset(
    {
        CustodyEvent.CORRECTION,
        CustodyEvent.SEALING,
        CustodyEvent.PLACEMENT,
        CustodyEvent.ACCESS,
        CustodyEvent.COPY,
        CustodyEvent.DERIVATION,
        CustodyEvent.MARKING,
        CustodyEvent.LEAVE,
        CustodyEvent.RETURN,
        CustodyEvent.DISPOSAL,
    }
)
"""What is recorded of an exhibit where it lies; hand-overs need a second signature."""


@act
def seize(proven: Proven[CustodyRecord], *, actor: Actor, at: datetime) -> None:
    """Record a thing that was taken into custody, under the decision that it was collected under."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    record = proven.record
    rows.hold_signer(actor, record.by, step="take in evidence")
    chain = begin_chain(proven)
    letter = rows.letter_for_update(str(record.facts["letter"]))
    access.hold_letter(letter, actor=actor)
    reasons = _covered(record, letter, does="collect", by=current().id, at=at, told=frozenset())
    flags = decisions.flags_taken(letter, selectors=Scope.from_record(record.facts["scope"]).selectors)
    row = _keep_exhibit(chain, letter=letter, keeper=actor.official, flags=flags)
    keeping.keep_exhibit_record(row, proven.statement, record)
    log.append(
        kind="exhibit.seizure",
        facts=_facts(record, letter) | {"number": chain.exhibit.number, "reasons": reasons, "flags": flags},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def record(proven: Proven[CustodyRecord], *, chain: Chain, actor: Actor, at: datetime) -> None:
    """Record what happened to an exhibit; `chain` is its custody before."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    told = proven.record
    rows.hold_signer(actor, told.by, step="record custody")
    if told.event not in RECORDED:
        raise NotRecordedHere(event=told.event.value)
    row = _exhibit(told, actor=actor)
    after = extend(chain, proven)
    if told.event is not CustodyEvent.RETURN:
        decisions.hold_open(row)  # what is sealed off goes back, and nowhere else
    if told.event is CustodyEvent.MARKING:
        hold_known(told.facts["tags"], edition=Edition.packaged())
    if told.event is CustodyEvent.PLACEMENT:
        row.place = told.facts["place"]
    row.held = told.event not in ENDS
    row.save(update_fields=["place", "held"])
    keeping.keep_exhibit_record(row, proven.statement, told)
    keeping.keep_tags(row.reference, after)
    log.append(
        kind=f"exhibit.{told.event.value}",
        facts=_facts(told, row.letter),
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def offer(proven: Proven[CustodyRecord], *, chain: Chain, message: JsonObject, actor: Actor, at: datetime) -> None:
    """Sign an exhibit over to somebody of this node, or to the node whose letter asked for it; the receiver signs next."""
    access.require(actor, Power.HAND_OVER_EVIDENCE, at=at)
    told = proven.record
    rows.hold_signer(actor, told.by, step="hand over evidence")
    row = _exhibit(told, actor=actor)
    decisions.hold_open(row)
    letter, to = row.letter, str(told.facts["receiver"]["node"])
    reasons: list[str] = []
    if to != current().id:
        reviewed = decisions.hold_item_reviewed(row, acting=actor.official)
        chain.hold_origin()
        chain.hold_leave(exporting=False)
        begun = chain.records[0]
        reasons = _covered(begun, letter, does="disclose", by=current().id, at=at, told=reviewed)
        content = message | ({"flags": row.flags} if row.flags else {})
        rows.queue(peer=to, subject="exhibit", content=content, letter=letter, at=at)
    _keep_hand_over(proven, letter=letter, peer=to, outgoing=True, custody=message["custody"], flags=row.flags)
    log.append(
        kind="exhibit.offer",
        facts=_facts(told, letter) | {"reasons": reasons},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def receive_offer(
    inbound: rows.Inbound,
    proven: Proven[CustodyRecord],
    *,
    begun: CustodyRecord,
    custody: list[JsonObject],
    flags: list[str],
    people: tuple[rows.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the other side hands over an exhibit for a letter of ours."""
    told = proven.record
    letter = rows.letter_with(inbound.sender, digest=str(told.facts["letter"]))
    for does, moment in (("collect", begun.at), ("disclose", told.at)):
        _covered(begun, letter, does=does, by=inbound.sender, at=moment, told=_TOLD)
    rows.introduce(people)
    _keep_hand_over(proven, letter=letter, peer=inbound.sender, outgoing=False, custody=custody, flags=flags)
    entry = log.append(
        kind="exhibit.offer.received",
        facts=inbound.facts(_facts(told, letter)),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=letter, at=at), at=at)


@act
def accept(
    proven: Proven[CustodyRecord],
    *,
    chain: Chain,
    statements: list[Statement],
    message: JsonObject,
    actor: Actor,
    at: datetime,
) -> None:
    """Sign for an exhibit: from now on the receiver keeps it. `chain` and `statements` are its custody with this record."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    told = proven.record
    rows.hold_signer(actor, told.facts["receiver"], step="accept evidence")
    within = told.node == current().id
    waiting = _hand_over(str(told.facts["transfer"]), outgoing=within)
    if Statement.from_bytes(bytes(waiting.statement)).digest != proven.digest:
        raise access.NoSuchThing(what="hand-over", reference=waiting.reference[:8])
    waiting.state, waiting.statement = HandOverRow.ACCEPTED, proven.statement.to_bytes()
    waiting.save(update_fields=["state", "statement"])
    letter = rows.letter_for_update(waiting.letter.digest)
    decisions.hold_granted(letter, act="to accept an exhibit", at=at)
    if within:
        row = _exhibit(told, actor=actor, waits=True)
        decisions.hold_open(row)
        row.keeper, row.place = actor.official, told.facts["place"]
        row.save(update_fields=["keeper", "place"])
        keeping.keep_exhibit_record(row, proven.statement, told)
    else:
        flags = decisions.joined(waiting.flags, decisions.flags_taken(letter, selectors=_scope(chain).selectors))
        row = _keep_exhibit(chain, letter=letter, keeper=actor.official, flags=flags)
        for statement, link in zip(statements, chain.records, strict=True):
            keeping.keep_exhibit_record(row, statement, link)
        keeping.keep_tags(row.reference, chain)
        rows.queue(peer=waiting.peer, subject="exhibit-accepted", content=message, letter=letter, at=at)
    log.append(kind="exhibit.accept", facts=_facts(told, letter), statement=proven.digest, actor=actor, at=at)


@act
def record_acceptance(
    inbound: rows.Inbound,
    proven: Proven[CustodyRecord],
    *,
    people: tuple[rows.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the other side signed for an exhibit: it is no longer held here."""
    told = proven.record
    waiting = _hand_over(str(told.facts["transfer"]), outgoing=True)
    offered = Statement.from_bytes(bytes(waiting.statement))
    if waiting.peer != inbound.sender or offered.digest != proven.digest:
        raise access.NoSuchThing(what="hand-over", reference=waiting.reference[:8])
    rows.introduce(people)
    waiting.state, waiting.statement = HandOverRow.ACCEPTED, proven.statement.to_bytes()
    waiting.save(update_fields=["state", "statement"])
    row = rows.exhibit_for_update(told.item)
    rows.hold_newest(row, previous=told.previous)
    row.held, row.keeper = False, ""
    row.save(update_fields=["held", "keeper"])
    keeping.keep_exhibit_record(row, proven.statement, told)
    letter = rows.letter_for_update(waiting.letter.digest)
    entry = log.append(
        kind="exhibit.accept.received",
        facts=inbound.facts(_facts(told, letter)),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=letter, at=at), at=at)


@act
def drop_offer(transfer: str, *, actor: Actor, at: datetime) -> None:
    """Take back a hand-over within this node that nobody signed for."""
    access.require(actor, Power.HAND_OVER_EVIDENCE, at=at)
    waiting = _hand_over(transfer, outgoing=True)
    row = rows.exhibit_for_update(waiting.exhibit)
    access.why_exhibit(row, viewer=actor)
    if waiting.peer != current().id:
        raise keeping.TransferOutOfOrder(transfer=transfer[:8], state="on its way to another node", expected="here")
    waiting.state = HandOverRow.DROPPED
    waiting.save(update_fields=["state"])
    digest = Statement.from_bytes(bytes(waiting.statement)).digest
    log.append(
        kind="exhibit.offer.dropped",
        facts={"exhibit": row.reference, "transfer": transfer, "letter": row.letter.digest},
        statement=digest,
        actor=actor,
        at=at,
    )


_TOLD: Final = frozenset({SEALED, REVIEWED})
"""How the giver did it is the giver's to hold."""


def _facts(record_: CustodyRecord, letter: LetterRow) -> JsonObject:
    return {"exhibit": record_.item, "letter": letter.digest} | record_.logged()


def _scope(chain: Chain) -> Scope:
    return Scope.from_record(chain.records[0].facts["scope"])


def _exhibit(told: CustodyRecord, *, actor: Actor, waits: bool = False) -> ExhibitRow:
    """The exhibit of a record that follows its newest one; with `waits`, a hand-over of it is what is recorded."""
    row = rows.exhibit_for_update(told.item)
    access.why_exhibit(row, viewer=actor)
    if not waits:
        keeping.hold_none_waits(row)
    rows.hold_newest(row, previous=told.previous)
    return row


def _covered(
    begun: CustodyRecord, letter: LetterRow, *, does: str, by: str, at: datetime, told: frozenset[str]
) -> list[str]:
    """Hold that the recognition by node `by` that the seizure names covers this; the reasons. As for items."""
    wanted = str(begun.facts["authorisation"])
    row = AuthorisationRow.objects.filter(digest=wanted, letter=letter, node=by, withdrawn_at=None).first()
    if row is None or row.kind != AuthorisationKind.RECOGNITION.value:
        raise keeping.NotRecognised(decision=wanted[:12])
    name = f"to {does} exhibit {begun.item[:8]}"
    granted = decisions.hold_granted(letter, act=name, at=at)
    scope = replace(Scope.from_record(begun.facts["scope"]), acts=frozenset({does}))
    doing = OutwardAct(name=name, letter=letter.digest, does=scope, facts=told)
    hold_conditions(granted, doing)
    return list(covers(decisions.power_of(row), doing, at=at, standing=decisions.standing_of(row)).reasons)


def _keep_exhibit(chain: Chain, *, letter: LetterRow, keeper: str, flags: list[str]) -> ExhibitRow:
    places = [one.facts["place"] for one in chain.records if "place" in one.facts]
    return ExhibitRow.objects.create(
        reference=chain.exhibit.id,
        letter=letter,
        number=chain.exhibit.number,
        record=chain.exhibit.as_record(),
        place=places[-1],
        keeper=keeper,
        held=True,
        flags=flags,
    )


def _keep_hand_over(
    proven: Proven[CustodyRecord],
    *,
    letter: LetterRow,
    peer: str,
    outgoing: bool,
    custody: list[JsonObject],
    flags: list[str],
) -> None:
    facts = proven.record.facts
    HandOverRow.objects.create(
        reference=facts["transfer"],
        outgoing=outgoing,
        peer=peer,
        exhibit=proven.record.item,
        letter=letter,
        state=HandOverRow.OFFERED,
        receiver=str(facts["receiver"]["official"]),
        statement=proven.statement.to_bytes(),
        custody=custody,
        flags=flags,
    )


def _hand_over(reference: str, *, outgoing: bool) -> HandOverRow:
    row = HandOverRow.objects.select_for_update().filter(reference=reference, outgoing=outgoing).first()
    if row is None:
        raise access.NoSuchThing(what="hand-over", reference=reference[:8])
    if row.state != HandOverRow.OFFERED:
        raise keeping.TransferOutOfOrder(transfer=reference[:8], state=row.state, expected=HandOverRow.OFFERED)
    return row
