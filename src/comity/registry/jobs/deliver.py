"""Deliver messages and sign receipts: the work that acts queued for the post."""

import hashlib
import secrets
from datetime import datetime

from comity.authorities.statement import Statement
from comity.canon import canonical, parse_object
from comity.errors import ComityError
from comity.exchange.delivery import Delivery, DeliveryState, attempted
from comity.exchange.receipt import RECEIPT, Receipt
from comity.registry import post, rows, work
from comity.registry.act import bookkeeping, current
from comity.registry.limits import ENVELOPE_BYTES_MAX, RECEIPT_LOG_SECONDS
from comity.registry.models import InboxRow, OutboxRow
from comity.registry.work import Leased


def deliver(leased: Leased, *, at: datetime) -> None:
    """One attempt at a message; it stays in the work table until its receipt came."""
    row = OutboxRow.objects.get(message=leased.about)
    if row.state in {DeliveryState.RECEIPTED.value, DeliveryState.DEAD.value}:
        work.done(leased)
        return
    try:
        post.send(row, at=at)
    except post.PeerRefused as refused:
        with bookkeeping():
            # a receipt that came in the meantime is never undone
            OutboxRow.objects.filter(id=row.id, state=row.state).update(state=DeliveryState.DEAD.value, next_at=None)
        work.lay_aside(leased, trouble=str(refused))
    except ComityError as trouble:  # silence, or a card that is not in force: time or a new card can change it
        _after(row, leased, accepted=False, trouble=str(trouble), at=at)
    else:
        _after(row, leased, accepted=True, trouble="", at=at)


def _after(row: OutboxRow, leased: Leased, *, accepted: bool, trouble: str, at: datetime) -> None:
    before = Delivery(state=DeliveryState(row.state), attempts=row.attempts, next_at=row.next_at)
    after = attempted(before, accepted=accepted, at=at, jitter=secrets.randbelow(1001) / 1000)
    with bookkeeping():
        # a receipt may have come in the meantime: it is never undone
        OutboxRow.objects.filter(id=row.id, state=row.state).update(
            state=after.state.value, attempts=after.attempts, next_at=after.next_at
        )
    if after.next_at is None:
        work.lay_aside(leased, trouble=trouble)
        return
    waiting = after.state is DeliveryState.SENT
    work.defer(
        leased,
        due_at=after.next_at,
        lane=f"chase:{row.message}" if waiting else rows.lane_to(row.peer, letter=row.letter),
        trouble=trouble,
    )


def receipt(leased: Leased, *, at: datetime) -> None:
    """Sign the receipt that an act promised, once, and send it until the peer has it."""
    sender, _, message = leased.about.partition("/")
    row = InboxRow.objects.select_related("entry").get(sender=sender, message=message)
    statement = _signed(row)
    content = {"receipt": statement.as_json(), "entry": parse_object(bytes(row.entry.body), limit=ENVELOPE_BYTES_MAX)}
    carrier = OutboxRow(
        # one receipt, one id: sent again, it is the same message
        message=hashlib.sha256(f"receipt\n{sender}\n{message}".encode()).hexdigest()[:32],
        peer=sender,
        subject="receipt",
        content=canonical(content),
        queued_at=row.received_at,
    )
    try:
        post.send(carrier, at=at)
    except post.PeerRefused as refused:
        work.lay_aside(leased, trouble=str(refused))
    except ComityError as trouble:
        work.again(leased, trouble=str(trouble), jitter=secrets.randbelow(1001) / 1000, at=at)
    else:
        work.done(leased)


def _signed(row: InboxRow) -> Statement:
    """The receipt as it was signed the first time; a second signature would be a second text."""
    if row.receipt is None:
        body = Receipt(
            message=row.message,
            digest=row.digest,
            sender=row.sender,
            to=current().id,
            received_at=row.received_at,
            log_within=RECEIPT_LOG_SECONDS,
            leaf_hash=bytes(row.entry.leaf_hash).hex(),
        ).as_body()
        signed = post.countersign(Statement(type=RECEIPT, body=body)).to_bytes()
        with bookkeeping():
            InboxRow.objects.filter(id=row.id, receipt=None).update(receipt=signed)
        row.refresh_from_db(fields=["receipt"])
    assert row.receipt is not None, "it was just signed"
    return Statement.from_bytes(bytes(row.receipt))
