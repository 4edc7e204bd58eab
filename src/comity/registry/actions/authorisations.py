"""What becomes of a decision after it was given: validated, suspended, taken up again, ended; here and at the other side."""

from datetime import datetime

from comity.authorisations.authorisation import Authorisation, not_by_drafter
from comity.authorisations.lapse import Lapse
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject, plain
from comity.errors import N_, ComityError
from comity.exchange.wire import COURIER_AGE_MAX
from comity.letters.emergency import NotValidated, hold_validation
from comity.letters.life import State
from comity.registry import access, decisions, introductions, log, rows, work
from comity.registry.act import act, current
from comity.registry.models import AuthorisationRow, ItemRow, LetterRow
from comity.registry.queries.people import entries_of

REASON_CHARACTERS_MAX = 4000
_SENT_NOWHERE = frozenset({State.DRAFT.value, State.AUTHORISED.value})


class StandsOtherwise(ComityError):
    """A decision does not stand as this step needs it."""

    code = "registry.stands_otherwise"
    sentence = N_("the decision {authorisation} {is_}; to {step} it, it would have to be otherwise")


@act
def validate_emergency(proven: Proven[Authorisation], *, actor: Actor, at: datetime) -> None:
    """Record a judge's validation of an emergency decision, and tell everybody who received the letter."""
    access.require(actor, Power.AUTHORISE, at=at)
    rows.hold_signer(actor, proven.record.by, step="validate")
    emergency = _decision(proven.record.validates)
    row = _letter(emergency, viewer=actor)
    hold_validation(proven.record, decisions.proven_of(emergency))
    _hold_waits(emergency, step="validate")
    sent = row.state not in _SENT_NOWHERE
    _validated(emergency, row, proven)
    work.finish(kind=decisions.LAPSE, about=emergency.digest)
    if sent:
        people = entries_of([proven.record.by], viewer=actor)
        content = {"validation": proven.statement.as_json(), "officials": people}
        for node in decisions.told_of(row):
            rows.queue(peer=node, subject="validation", content=content, letter=row, at=at)
    log.append(
        kind="letter.validate",
        facts={"letter": row.digest, "validates": emergency.digest, "legal_basis": proven.record.legal_basis},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def receive_validation(
    inbound: rows.Inbound,
    proven: Proven[Authorisation],
    *,
    people: tuple[introductions.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Take in the other side's validation of its emergency decision.

    When it was given is what the other side says: one that comes later than any message may travel revives nothing.
    """
    emergency = _decision(proven.record.validates)
    row = rows.letter_with(inbound.sender, digest=emergency.letter.digest)
    hold_validation(proven.record, decisions.proven_of(emergency))
    if emergency.validate_until is not None and at >= emergency.validate_until + COURIER_AGE_MAX:
        raise NotValidated(why="the time for it has run out")
    _hold_waits(emergency, step="validate")
    introductions.introduce(people)
    _validated(emergency, row, proven)
    entry = log.append(
        kind="letter.validate.received",
        facts=inbound.facts({"letter": row.digest, "validates": emergency.digest}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=row, at=at), at=at)


@act
def end_decision(proven: Proven[Lapse], *, actor: Actor, at: datetime) -> list[str]:
    """End a decision of this node before its time: withdraw the letter, seal off what came of it, tell everybody.

    A judge ends it, or the machine whose work it is when nobody validated it in time. The items that were sealed off.
    """
    lapse = proven.record
    if lapse.by:
        access.require(actor, Power.AUTHORISE, at=at)
        rows.hold_signer(actor, lapse.by, step="end a decision")
    decided = _decision(lapse.authorisation)
    row = _letter(decided, viewer=actor) if lapse.by else rows.letter_for_update(decided.letter.digest)
    if decided.withdrawn_at is not None:
        raise StandsOtherwise(authorisation=decided.digest[:12], is_="has ended", step="end")
    if not lapse.by:
        _hold_waits(decided, step="end")
    sent = row.state not in _SENT_NOWHERE
    items = decisions.end(decided, proven, at=at)
    work.finish(kind=decisions.LAPSE, about=decided.digest)
    told = decisions.told_of(row) if sent else []
    people = entries_of([lapse.by], viewer=actor) if lapse.by else []
    content: JsonObject = {"lapse": proven.statement.as_json(), "officials": people}
    messages = [rows.queue(peer=node, subject="lapse", content=content, letter=row, at=at) for node in told]
    log.append(
        kind="letter.lapse",
        facts=_ended(proven, items) | {"messages": messages, "told": told, "left": _left(items)},
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    return items


@act
def receive_lapse(
    inbound: rows.Inbound,
    proven: Proven[Lapse],
    *,
    people: tuple[introductions.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> list[str]:
    """Take in that the other side's decision has ended: what was done under it is sealed off here, too; the items."""
    decided = _decision(proven.record.authorisation)
    row = rows.letter_with(inbound.sender, digest=decided.letter.digest)
    introductions.introduce(people)
    items = decisions.end(decided, proven, at=at)
    entry = log.append(
        kind="letter.lapse.received",
        facts=inbound.facts(_ended(proven, items)),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=row, at=at), at=at)
    return items


@act
def suspend_decision(authorisation: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Suspend a decision of this node: from now on it covers nothing, until it is taken up again."""
    decided, row = _own(authorisation, actor=actor, at=at)
    if decided.suspended_at is not None or decided.withdrawn_at is not None:
        raise StandsOtherwise(authorisation=authorisation[:12], is_="is suspended or has ended", step="suspend")
    decided.suspended_at = at
    decided.save(update_fields=["suspended_at"])
    log.append(kind="letter.suspend", facts=_said(row, decided, reason), statement=decided.digest, actor=actor, at=at)


@act
def resume_decision(authorisation: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Take a suspended decision up again; who drafted the letter does not."""
    decided, row = _own(authorisation, actor=actor, at=at)
    not_by_drafter(drafted_by=rows.letter_of(row).drafted_by, decided_by=actor.as_record())
    if decided.suspended_at is None or decided.withdrawn_at is not None:
        raise StandsOtherwise(authorisation=authorisation[:12], is_="is not suspended", step="resume")
    decided.suspended_at = None
    decided.save(update_fields=["suspended_at"])
    log.append(kind="letter.resume", facts=_said(row, decided, reason), statement=decided.digest, actor=actor, at=at)


def _own(digest: str, *, actor: Actor, at: datetime) -> tuple[AuthorisationRow, LetterRow]:
    """A decision that a judge of this node gave, by a judge of this node."""
    decided = _decision(digest)
    row = _letter(decided, viewer=actor)
    access.require(actor, Power.AUTHORISE if row.outgoing else Power.RECOGNISE, at=at)
    if decided.node != current().id:
        raise access.NoSuchThing(what="decision", reference=digest[:8])
    return decided, row


def _decision(digest: str) -> AuthorisationRow:
    row = AuthorisationRow.objects.select_for_update().filter(digest=digest).first()
    if row is None:
        raise access.NoSuchThing(what="decision", reference=digest[:8])
    return row


def _letter(decided: AuthorisationRow, *, viewer: Actor) -> LetterRow:
    row = rows.letter_for_update(decided.letter.digest)
    access.hold_letter(row, actor=viewer)
    return row


def _hold_waits(decided: AuthorisationRow, *, step: str) -> None:
    """Hold that the decision is one that waits for its validation; raises `StandsOtherwise`."""
    if decided.validate_until is None or decided.validated_at is not None or decided.withdrawn_at is not None:
        raise StandsOtherwise(authorisation=decided.digest[:12], is_="waits for no validation", step=step)


def _validated(emergency: AuthorisationRow, row: LetterRow, proven: Proven[Authorisation]) -> None:
    rows.keep_authorisation(row, proven)
    emergency.validated_at = proven.record.decided_at
    emergency.save(update_fields=["validated_at"])
    rows.mind(row)


def _ended(proven: Proven[Lapse], items: list[str]) -> JsonObject:
    lapse = proven.record
    return {
        "letter": lapse.letter,
        "authorisation": lapse.authorisation,
        "cause": lapse.cause.value,
        "article": lapse.article,
        "sealed_off": items,
    }


def _left(items: list[str]) -> list[str]:
    """For whom items left in a bundle before: people outside any node, whom somebody has to tell."""
    exports = ItemRow.objects.filter(reference__in=items, custody__event="export").values_list(
        "custody__statement", flat=True
    )
    return sorted({str(Statement.from_bytes(bytes(one)).body["facts"]["reason"]) for one in exports})


def _said(row: LetterRow, decided: AuthorisationRow, reason: str) -> JsonObject:
    stated = plain(reason, field="reason", limit=REASON_CHARACTERS_MAX, lines=True)
    return {"letter": row.digest, "authorisation": decided.digest, "reason": stated}
