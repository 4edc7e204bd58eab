"""Row work that several acts share. Nothing here is an act: each function is part of the one that calls it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.scope import Scope
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, folded, moment, sha256_hex
from comity.errors import N_, ComityError
from comity.exchange.delivery import DeliveryState, new_delivery
from comity.law.clocks import NOT_STATED
from comity.letters import life
from comity.letters.dossier import asked_under, within_authorised
from comity.letters.due import DueKind, next_due
from comity.letters.event import Event
from comity.letters.letter import Form, Letter, short_form
from comity.letters.life import Side, State, Step
from comity.registry import access, introductions, work
from comity.registry.introductions import Introduced as Introduced  # noqa: PLC0414 - part of what acts take from here
from comity.registry.introductions import introduce as introduce  # noqa: PLC0414 - as above
from comity.registry.models import (
    AuthorisationRow,
    CaseRow,
    CustodyRow,
    DisclosureRow,
    EntryRow,
    EventRow,
    ExhibitRow,
    InboxRow,
    ItemRow,
    LetterRow,
    OfficialRow,
    OutboxRow,
)


class SignedByAnother(ComityError):
    """The one who acts is not the one who signed."""

    code = "registry.signed_by_another"
    sentence = N_("{actor} cannot {step} with a text that {signer} signed")


class CustodyMoved(ComityError):
    """Something happened to the item since the text was written."""

    code = "registry.custody_moved"
    sentence = N_("the custody of item {item} has gone on since this record was written")
    hint = N_("Read it again, and sign a record that follows the newest one.")


class RecognitionMissing(ComityError):
    """A letter is said to be recognised without the decision that does so."""

    code = "registry.recognition_missing"
    sentence = N_("letter {letter} is said to be recognised, and the recognition that is named did not come with it")


FOLDED_CHARACTERS_MAX: Final = 400
"""A folded subject is cut here; no subject that people write is longer."""

_VALIDATION: Final = AuthorisationKind.VALIDATION.value
_SENT_UNDER: Final = (AuthorisationKind.WARRANT.value, AuthorisationKind.EMERGENCY.value)

DELIVER: Final = "deliver"
RECEIPT: Final = "receipt"


Row = TypeVar("Row", bound=Model)


def case(reference: str, *, viewer: Actor) -> CaseRow:
    """The row of a case that the viewer may see; raises `NoSuchThing`."""
    return _seen(access.visible_cases(viewer=viewer).filter(reference=reference), what="case", name=reference)


def case_to_change(reference: str, *, actor: Actor) -> CaseRow:
    """The row of a case that the actor may act on; raises `NoSuchThing` or `OnlyReads`."""
    row = case(reference, viewer=actor)
    access.hold_case(row, actor=actor)
    return row


def named_in_the_log(title: str, marketplace: str) -> str:
    """What the log keeps of a case's names: their hash."""
    return sha256_hex(canonical({"marketplace": marketplace, "title": title}))


def letter(digest: str, *, viewer: Actor) -> LetterRow:
    """The row of a letter that the viewer may see; raises `NoSuchThing`."""
    return _seen(access.visible_letters(viewer=viewer).filter(digest=digest), what="letter", name=digest)


def item(reference: str, *, viewer: Actor) -> ItemRow:
    """The row of an item that the viewer may know of; raises `NoSuchThing`."""
    found = access.visible_items(viewer=viewer).filter(reference=reference).select_related("letter", "letter__case")
    return _seen(found, what="item", name=reference)


def disclosure(reference: str, *, viewer: Actor) -> DisclosureRow:
    """The row of a disclosure that the viewer may see; raises `NoSuchThing`."""
    found = access.visible_disclosures(viewer=viewer).filter(reference=reference).select_related("case")
    return _seen(found, what="disclosure", name=reference)


def exhibit(reference: str, *, viewer: Actor) -> ExhibitRow:
    """The row of an exhibit that the viewer may know of; raises `NoSuchThing`."""
    found = access.visible_exhibits(viewer=viewer).filter(reference=reference).select_related("letter", "letter__case")
    return _seen(found, what="exhibit", name=reference)


def _seen(found: QuerySet[Row], *, what: str, name: str) -> Row:
    """The one row that was asked for. What is hidden and what is missing cost the same one read."""
    row = found.first()
    if row is None:
        raise access.NoSuchThing(what=what, reference=name[:8])
    return row


def letter_for_update(digest: str) -> LetterRow:
    """The letter's row, locked until the act ends; raises `NoSuchThing`. The act asks `access` who may see it."""
    row = LetterRow.objects.select_for_update().filter(digest=digest).first()
    if row is None:
        raise access.NoSuchThing(what="letter", reference=digest[:8])
    return row


def item_for_update(reference: str) -> ItemRow:
    """The item's row, locked until the act ends; raises `NoSuchThing`."""
    row: ItemRow | None = ItemRow.objects.select_for_update().filter(reference=reference).first()
    if row is None:
        raise access.NoSuchThing(what="item", reference=reference[:8])
    return row


def exhibit_for_update(reference: str) -> ExhibitRow:
    """The exhibit's row, locked until the act ends; raises `NoSuchThing`."""
    row: ExhibitRow | None = ExhibitRow.objects.select_for_update().filter(reference=reference).first()
    if row is None:
        raise access.NoSuchThing(what="exhibit", reference=reference[:8])
    return row


def thing_for_update(reference: str) -> ItemRow | ExhibitRow:
    """The row of an item or of an exhibit, locked until the act ends; raises `NoSuchThing`."""
    if ExhibitRow.objects.filter(reference=reference).exists():
        return exhibit_for_update(reference)
    return item_for_update(reference)


def newest_record(item: str) -> tuple[int, str]:
    """The number and the event of the newest link of an item's custody; that somebody opened it changes nothing of it."""
    newest = CustodyRow.objects.filter(item__reference=item).exclude(event="access").order_by("-seq")
    seq, event = newest.values_list("seq", "event")[0]
    return seq, event


def hold_newest(item: ItemRow | ExhibitRow, *, previous: str) -> None:
    """Hold that a record was written for the newest link of the item's custody; raises `CustodyMoved`."""
    newest = item.custody.order_by("-seq").values_list("digest", flat=True).first()
    if newest != previous:
        raise CustodyMoved(item=item.reference[:8])


def hold_signer(actor: Actor, signer: JsonObject, *, step: str) -> None:
    """Hold that who acts is who signed; raises `SignedByAnother`."""
    if actor.as_record() != signer:
        raise SignedByAnother(actor=actor.official, step=step, signer=str(signer.get("official"))[:60])


def letter_of(row: LetterRow) -> Letter:
    """The letter as it was signed."""
    return Letter.from_body(Statement.from_bytes(bytes(row.statement)).body)


def side_of(row: LetterRow) -> Side:
    """On which side of the letter this node stands."""
    return Side.ISSUING if row.outgoing else Side.EXECUTING


def move(row: LetterRow, step: Step, *, side: Side) -> None:
    """Follow one step of the letter's life; raises as `life.follow`."""
    state = life.follow(step, state=State(row.state), form=Form(row.form), side=side, letter=short_form(row.reference))
    row.state = state.value
    row.save(update_fields=["state"])


def mind(row: LetterRow) -> None:
    """Note the next date of the letter that somebody has to mind, from its decisions and events."""
    dates = {}
    for decided in row.authorisations.filter(withdrawn_at=None).exclude(kind=_VALIDATION).order_by("id"):
        if decided.validate_until is not None and decided.validated_at is None:
            dates[DueKind.VALIDATE_BEFORE] = decided.validate_until
        recognises = decided.kind == AuthorisationKind.RECOGNITION.value
        what = DueKind.RECOGNITION_EXPIRES if recognises else DueKind.AUTHORISATION_EXPIRES
        dates[what] = Authorisation.from_body(Statement.from_bytes(bytes(decided.statement)).body).expires
    kept = row.events.filter(step=Step.PRESERVE.value).first()
    if kept is not None:
        until = Statement.from_bytes(bytes(kept.statement)).body["facts"]["keep_until_min"]
        if until != NOT_STATED:
            dates[DueKind.KEEP_UNTIL] = moment(until)
    due = next_due(State(row.state), side=side_of(row), dates=dates)
    row.due_at, row.due_what = (due.at, due.what.value) if due else (None, "")
    row.save(update_fields=["due_at", "due_what"])


def finding(letter: Letter) -> dict[str, str | bool]:
    """The columns by which a letter is found and listed."""
    return {
        "subject": letter.subject,
        "folded": folded(letter.subject)[:FOLDED_CHARACTERS_MAX],
        "urgent": letter.urgent,
        "tlp": letter.handling.light.value,
    }


def keep_authorisation(row: LetterRow, proven: Proven[Authorisation]) -> AuthorisationRow:
    """Keep a decision beside the letter it concerns."""
    return AuthorisationRow.objects.create(
        reference=proven.record.reference,
        digest=proven.digest,
        letter=row,
        kind=proven.record.kind.value,
        official=proven.record.by["official"],
        node=proven.record.by["node"],
        statement=proven.statement.to_bytes(),
        decided_at=proven.record.decided_at,
        validate_until=proven.record.validation.until if proven.record.validation else None,
    )


def authorised(row: LetterRow) -> AuthorisationRow | None:
    """The decision under which the letter goes or went out; None for a draft."""
    return row.authorisations.filter(withdrawn_at=None, kind__in=_SENT_UNDER).first()


def scope_of(row: LetterRow) -> Scope:
    """How far the letter reaches: as it is written, or the part that was authorised to be asked for."""
    letter, granted = letter_of(row), authorised(row)
    if granted is None:
        return letter.scope
    return asked_under(letter, Authorisation.from_body(Statement.from_bytes(bytes(granted.statement)).body))


def recognised_by(event: Event, decision: Proven[Authorisation] | None, *, row: LetterRow) -> Proven[Authorisation]:
    """The decision by which an event recognises its letter: the two texts are one, and within what was authorised.

    Raises `RecognitionMissing` or `ScopeWider`.
    """
    if (
        decision is None
        or decision.digest != event.facts["authorisation"]
        or (decision.record.kind, decision.record.letter) != (AuthorisationKind.RECOGNITION, event.letter)
    ):
        raise RecognitionMissing(letter=event.letter[:8])
    granted = authorised(row)
    if granted is not None:
        power = Authorisation.from_body(Statement.from_bytes(bytes(granted.statement)).body)
        within_authorised(decision.record, power)
    return decision


def keep_event(row: LetterRow, proven: Proven[Event]) -> None:
    """Keep a step beside the letter it belongs to."""
    EventRow.objects.create(
        letter=row,
        digest=proven.digest,
        step=proven.record.step.value,
        node=proven.record.node,
        statement=proven.statement.to_bytes(),
        at=proven.record.at,
    )


def queue(*, peer: str, subject: str, content: JsonObject, letter: LetterRow | None, at: datetime) -> str:
    """Put a message for `peer` into the outbox, with the work of delivering it; its id."""
    fresh = new_delivery(at=at)
    message = secrets.token_hex(16)
    OutboxRow.objects.create(
        message=message,
        peer=peer,
        subject=subject,
        content=canonical(content),
        letter=letter,
        queued_at=at,
        state=fresh.state.value,
        attempts=fresh.attempts,
        next_at=fresh.next_at,
    )
    work.enqueue(kind=DELIVER, lane=lane_to(peer, letter=letter), about=message, at=at)
    introductions.note(content.get("officials", ()), peer=peer)
    return message


def tell_standing(row: OfficialRow, statement: Statement, *, at: datetime) -> list[str]:
    """Queue how a mandate stands for every peer that holds its entry; which those are."""
    peers = introductions.of(row)
    for peer in peers:
        queue(peer=peer, subject="standing", content={"standing": statement.as_json()}, letter=None, at=at)
    return peers


def lane_to(peer: str, *, letter: LetterRow | None) -> str:
    """In which order messages go: what is about urgent letters keeps an order of its own, and waits for nothing else."""
    return f"peer:{peer}:urgent" if letter is not None and letter.urgent else f"peer:{peer}"


def receipted(message: str) -> OutboxRow | None:
    """End the delivery of a message whose receipt came; None if this node sent no such message."""
    row = OutboxRow.objects.select_for_update().filter(message=message).first()
    if row is not None:
        row.state, row.next_at = DeliveryState.RECEIPTED.value, None
        row.save(update_fields=["state", "next_at"])
        work.finish(kind=DELIVER, about=message)
    return row


@dataclass(frozen=True)
class Inbound:
    """The message in which something arrived: who sent it, its id and the digest of its signed text."""

    sender: str
    message: str
    digest: str
    subject: str

    def facts(self, more: JsonObject) -> JsonObject:
        """What the log says of the message, and `more`."""
        return {"from": self.sender, "message": self.message, "message_digest": self.digest, **more}


def letter_with(peer: str, *, digest: str) -> LetterRow:
    """The letter that this node shares with `peer`, locked; what the peer has no part in does not exist for it."""
    row = letter_for_update(digest)
    if row.peer != peer:
        raise access.NoSuchThing(what="letter", reference=digest[:8])
    return row


def keep_inbound(inbound: Inbound, *, entry: EntryRow, letter: LetterRow | None, at: datetime) -> InboxRow:
    """Note for ever that the message took effect here."""
    return InboxRow.objects.create(
        sender=inbound.sender,
        message=inbound.message,
        digest=inbound.digest,
        subject=inbound.subject,
        entry=entry,
        letter=letter,
        received_at=at,
    )


def promise_receipt(row: InboxRow, *, at: datetime) -> None:
    """Queue the signed receipt of a message that takes effect in this act."""
    work.enqueue(kind=RECEIPT, lane=f"receipt:{row.sender}", about=f"{row.sender}/{row.message}", at=at)
