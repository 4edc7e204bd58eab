"""What the node erases by itself when the time has run out, and how an erasure becomes final.

* `erase_due`: what the schedule in force says. The erasure is signed by the node and names the schedule; the key goes in an act,
  the ciphertext afterwards. What a crash leaves of it is cleared the next time.
* `make_final`: a day after an erasure, what survives is wrapped with the successor of the month's key, and the key that had
  wrapped what was erased is destroyed: from then on nothing here opens it, nor does a backup of the tables. A crash at any line is
  gone on from the next time.
"""

from datetime import datetime, timedelta
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.statement import Statement
from comity.evidence.custody import CustodyEvent, CustodyRecord, read_chain, read_record
from comity.evidence.erasure import ERASURE, RETENTION, read_erasure
from comity.oversight.retention import Schedule, cited, erasure_by
from comity.registry import erasures, post, vault
from comity.registry.act import bookkeeping, current
from comity.registry.actions import erasure
from comity.registry.models import ItemRow, TransferRow
from comity.registry.queries import retention
from comity.registry.queries.people import known
from comity.registry.queries.retention import Running
from comity.registry.vault import parcels

FINAL_AFTER: Final = timedelta(days=1)
"""So long an erasure waits for others, so that a key is not changed for each of them."""


def catch_up(*, at: datetime) -> None:
    """Erase what is due, and make final what was erased."""
    erase_due(at=at)
    make_final(at=at)
    erasures.note(current())


def erase_due(*, at: datetime) -> int:
    """Erase every item whose time has run out by the schedule in force; how many were erased."""
    machine = current().machine("retention")
    schedule = retention.in_force(viewer=machine, at=at)
    if schedule is None:
        return 0
    count = 0
    for found in list(retention.due_now(schedule.record, viewer=machine, at=at)):
        _erase(found, schedule, at=at)
        count += 1
    return count


def _erase(found: Running, schedule: Proven[Schedule], *, at: datetime) -> None:
    node, item = current(), found.item
    machine = node.machine("retention")
    text = erasure_by(
        schedule,
        found.due,
        item=item.reference,
        sha256=str(item.record["sha256"]),
        letter=item.letter.digest,
        at=at,
    )
    everybody = known({}, viewer=machine)
    signed = post.countersign(Statement(type=ERASURE, body=text.as_body()))
    proven = read_erasure(signed, known=everybody)
    disposal = _disposal(found, signed, at=at)
    erasure.erase_by_schedule(proven, schedule=schedule, disposal=disposal, actor=machine, at=at)
    clear(item.reference)


def _disposal(found: Running, erased: Statement, *, at: datetime) -> Proven[CustodyRecord] | None:
    """The end of the custody of what is held here, signed by the node; None for what another node holds."""
    machine = current().machine("retention")
    everybody = known({}, viewer=machine)
    links = found.item.custody.order_by("seq").values_list("statement", flat=True)
    chain = read_chain([Statement.from_bytes(bytes(one)) for one in links], known=everybody)
    if chain.holder != current().id or chain.ended:
        return None
    facts = {
        "method": "key destroyed, sealed file deleted",
        "law": RETENTION,
        "article": cited(found.due.rule),
        "witness": "the log of this node",
        "document": erased.digest,
        "reason": "the time has run out for which it may be kept",
    }
    text = chain.following(CustodyEvent.DISPOSAL, by=machine.as_record(), facts=facts, at=at)
    return read_record(post.countersign(text), known=everybody)


def clear(item: str) -> None:
    """Delete the ciphertext and the bundles of an item whose key is gone."""
    vault.clear(current().vault, item)
    parcels.clear(current().vault, item)


def make_final(*, at: datetime) -> list[str]:
    """Destroy the keys that wrapped what was erased a day ago or earlier; the months whose erasures are final now."""
    waiting = ItemRow.objects.filter(final_at=None, erased_at__lte=at - FINAL_AFTER).exclude(erased_month="")
    months = sorted(set(waiting.values_list("erased_month", flat=True)))
    return [month for month in months if _destroyed(month, at=at)]


def _destroyed(month: str, *, at: datetime) -> bool:
    node = current()
    for item in ItemRow.objects.filter(erased_month=month, final_at=None).values_list("reference", flat=True):
        clear(item)
    if month in vault.months(node.folder):
        vault.successor(node.folder, month)
        _wrap_again(month)
        try:
            with vault.alone_with(node.folder, month):
                if _still_named(month):
                    return False  # something was recorded meanwhile; the next time it is wrapped again, too
                vault.destroy_month(node.folder, month)
        except vault.MonthDestroyed:
            pass  # another process was faster
    erasure.record_final(month, actor=node.machine("retention"), at=at)
    return True


def _wrap_again(month: str) -> None:
    """Wrap with the successor what survives; nothing is decided by it, so that it stands in no log."""
    folder = current().folder
    to = vault.successor(folder, month)
    for item in ItemRow.objects.filter(month=month).iterator(chunk_size=200):
        again = vault.rewrap_kept(bytes(item.wrapped_key), folder=folder, month=month, to_month=to, item=item.reference)
        with bookkeeping():
            ItemRow.objects.filter(pk=item.pk, month=month).update(wrapped_key=again, month=to)
    for transfer in TransferRow.objects.filter(month=month, wrapped_key__isnull=False).iterator(chunk_size=200):
        again = vault.rewrap_kept(
            bytes(transfer.wrapped_key or b""), folder=folder, month=month, to_month=to, item=transfer.item
        )
        with bookkeeping():
            TransferRow.objects.filter(pk=transfer.pk, month=month).update(wrapped_key=again, month=to)


def _still_named(month: str) -> bool:
    return ItemRow.objects.filter(month=month).exists() or TransferRow.objects.filter(month=month).exists()
