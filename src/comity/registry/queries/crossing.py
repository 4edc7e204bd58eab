"""Both directions of a letter: what we sent and what the other node has receipted, what came and what we receipted.

For each message that left: the receipt that the other node signed, and the entry of its log that the receipt names. That
its log holds the entry is proven on demand, from its public addresses (`registry/jobs/proofs.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.exchange.receipt import Receipt
from comity.ledger.entry import Entry
from comity.registry import access, rows
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import EntryRow, InboxRow, LetterRow, OutboxRow, ReceiptRow, WorkRow
from comity.registry.queries.listing import Line


@dataclass(frozen=True)
class Receipted:
    """The other node's word: when it received the message, and the entry of its log that says so.

    `same` is false if the entry that we keep is not the one that the receipt names: then our tables were changed.
    """

    received_at: datetime
    logged_by: datetime
    entry: Entry
    same: bool


@dataclass(frozen=True)
class Sent:
    """A message that left: its state on the way, the receipt, and where our log notes the receipt."""

    message: str
    peer: str
    subject: str
    queued_at: datetime
    state: str
    attempts: int
    trouble: str
    receipt: Receipted | None
    noted_at: int | None


@dataclass(frozen=True)
class Came:
    """A message that came: where our log says so, and whether our receipt was signed and has arrived."""

    message: str
    sender: str
    subject: str
    received_at: datetime
    kind: str
    index: int | None
    receipted: bool
    delivered: bool
    trouble: str


@dataclass(frozen=True)
class Noted:
    """An entry of our log about the letter."""

    index: int
    kind: str
    official: str
    at: datetime


@dataclass(frozen=True)
class Crossing:
    """A letter with all its messages, in both directions, and the entries of our log about it."""

    letter: Line
    sent: tuple[Sent, ...]
    came: tuple[Came, ...]
    noted: tuple[Noted, ...]
    more: bool


def crossing(digest: str, *, viewer: Actor) -> Crossing:
    """Both directions of a letter, for an overseer; raises `NoSuchThing`."""
    with access.hidden_as("letter", digest[:8]):
        access.why_log(viewer=viewer)
    row = rows.letter(digest, viewer=viewer)
    about = EntryRow.objects.filter(letter=row.digest, index__isnull=False).order_by("index")
    noted = list(about.only("index", "kind", "official", "at")[: PAGE_ROWS_MAX + 1])
    return Crossing(
        letter=Line.of(row),
        sent=_sent(row),
        came=_came(row),
        noted=tuple(
            Noted(index=one.index, kind=one.kind, official=one.official, at=one.at)
            for one in noted[:PAGE_ROWS_MAX]
            if one.index is not None
        ),
        more=len(noted) > PAGE_ROWS_MAX,
    )


def _sent(row: LetterRow) -> tuple[Sent, ...]:
    messages = list(OutboxRow.objects.filter(letter=row).order_by("id").defer("content")[:PAGE_ROWS_MAX])
    names = [one.message for one in messages]
    receipts = {one.message: one for one in ReceiptRow.objects.filter(message__in=names)}
    troubles = dict(WorkRow.objects.filter(kind=rows.DELIVER, about__in=names).values_list("about", "trouble"))
    digests = {name: Statement.from_bytes(bytes(one.statement)).digest for name, one in receipts.items()}
    noted = EntryRow.objects.filter(kind="message.receipt", statement__in=digests.values())
    places = dict(noted.values_list("statement", "index"))
    return tuple(
        Sent(
            message=one.message,
            peer=one.peer,
            subject=one.subject,
            queued_at=one.queued_at,
            state=one.state,
            attempts=one.attempts,
            trouble=troubles.get(one.message, ""),
            receipt=_receipted(receipts[one.message]) if one.message in receipts else None,
            noted_at=places.get(digests.get(one.message, "")),
        )
        for one in messages
    )


def _receipted(row: ReceiptRow) -> Receipted:
    receipt = Receipt.from_body(Statement.from_bytes(bytes(row.statement)).body)
    entry = Entry.from_bytes(bytes(row.entry))
    return Receipted(
        received_at=receipt.received_at,
        logged_by=receipt.received_at + timedelta(seconds=receipt.log_within),
        entry=entry,
        same=entry.leaf_hash.hex() == receipt.leaf_hash,
    )


def _came(row: LetterRow) -> tuple[Came, ...]:
    """What came, but receipts: they stand beside what they are for."""
    found = InboxRow.objects.filter(letter=row).exclude(subject="receipt").select_related("entry").order_by("id")
    messages = list(found.defer("entry__body")[:PAGE_ROWS_MAX])
    works = WorkRow.objects.filter(kind=rows.RECEIPT, about__in=[f"{one.sender}/{one.message}" for one in messages])
    works_by = {one.about: one for one in works}
    came = []
    for one in messages:
        work = works_by.get(f"{one.sender}/{one.message}")
        came.append(
            Came(
                message=one.message,
                sender=one.sender,
                subject=one.subject,
                received_at=one.received_at,
                kind=one.entry.kind,
                index=one.entry.index,
                receipted=one.receipt is not None,
                delivered=work is not None and work.state == WorkRow.DONE,
                trouble=work.trouble if work else "",
            )
        )
    return tuple(came)
