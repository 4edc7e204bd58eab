"""What another node sent takes effect: exactly once, in one transaction with the inbox row and the promised receipt.

The envelope was opened and every signature in it checked before; the actor is this node's post, for which the
responsible official answers.
"""

from datetime import datetime

from comity.authorisations.authorisation import Authorisation
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, sha256_hex
from comity.errors import N_, ComityError
from comity.exchange.receipt import Receipt
from comity.ledger.entry import Entry as LogEntry
from comity.letters.event import Event
from comity.letters.letter import Letter
from comity.letters.life import Side, State, Step
from comity.registry import log, rows
from comity.registry.act import act
from comity.registry.models import LetterRow, ReceiptRow, VerdictRow


class LetterOfAnother(ComityError):
    """A node speaks about a letter in which it has no part."""

    code = "registry.letter_of_another"
    sentence = N_("node {sender} has no part in letter {letter}")


@act
def receive_letter(
    inbound: rows.Inbound,
    proven: Proven[Letter],
    *,
    authorisation: Proven[Authorisation],
    validation: Proven[Authorisation] | None,
    verdict: JsonObject,
    people: tuple[rows.Introduced, ...],
    reasons: tuple[str, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Take in a letter: it stands on this node as received, with what it rests on; a receipt is promised."""
    letter = proven.record
    if letter.from_node != inbound.sender:
        raise LetterOfAnother(sender=inbound.sender, letter=letter.short)
    body = canonical(verdict)
    kept, _ = VerdictRow.objects.get_or_create(
        digest=sha256_hex(body),
        case=None,
        defaults={"edition": letter.grounding.edition, "body": body, "on": letter.grounding.on},
    )
    rows.introduce(people)
    row = LetterRow.objects.create(
        reference=letter.reference,
        digest=proven.digest,
        short=letter.short,
        outgoing=False,
        peer=inbound.sender,
        form=letter.form.value,
        state=State.RECEIVED.value,
        drafted_by=letter.drafted_by["official"],
        case=None,
        verdict=kept,
        **rows.finding(letter),
        linked=letter.linked,
        confidential=letter.confidential,
        statement=proven.statement.to_bytes(),
        written_at=letter.written_at,
    )
    granted = rows.keep_authorisation(row, authorisation)
    if validation is not None:
        rows.keep_authorisation(row, validation)
        granted.validated_at = validation.record.decided_at
        granted.save(update_fields=["validated_at"])
    rows.mind(row)
    entry = log.append(
        kind="letter.receive",
        facts=inbound.facts({"letter": proven.digest, "form": letter.form.value, "reasons": list(reasons)}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=row, at=at), at=at)


@act
def receive_event(
    inbound: rows.Inbound,
    proven: Proven[Event],
    *,
    recognition: Proven[Authorisation] | None,
    people: tuple[rows.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Take in a step that the other side took."""
    event = proven.record
    row = rows.letter_with(inbound.sender, digest=event.letter)
    if event.node != inbound.sender:
        raise LetterOfAnother(sender=inbound.sender, letter=event.letter[:8])
    rows.introduce(people)
    rows.move(row, event.step, side=Side.EXECUTING if row.outgoing else Side.ISSUING)
    if event.step is Step.RECOGNISE:
        rows.keep_authorisation(row, rows.recognised_by(event, recognition, row=row))
    rows.keep_event(row, proven)
    rows.mind(row)
    entry = log.append(
        kind=f"letter.{event.step.value}.received",
        facts=inbound.facts({"letter": row.digest, "stated": event.facts}),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=row, at=at), at=at)


@act
def record_receipt(
    inbound: rows.Inbound, receipt: Receipt, *, statement: Statement, their_entry: LogEntry, actor: Actor, at: datetime
) -> None:
    """Keep a peer's receipt and the entry of the peer's log that it names; the delivery has ended."""
    sent = rows.receipted(receipt.message)
    assert sent is not None, "the receipt was compared with what was sent"
    ReceiptRow.objects.create(
        message=receipt.message,
        peer=inbound.sender,
        statement=statement.to_bytes(),
        entry=their_entry.to_bytes(),
        received_at=receipt.received_at,
    )
    entry = log.append(
        kind="message.receipt",
        facts=inbound.facts(
            {
                "of": receipt.message,
                "their_leaf": receipt.leaf_hash,
                "letter": sent.letter.digest if sent.letter else "",
            }
        ),
        statement=statement.digest,
        actor=actor,
        at=at,
    )
    rows.keep_inbound(inbound, entry=entry, letter=sent.letter, at=at)
