"""Work that is still to be done: enqueued in the act that causes it, leased, retried with backoff, never lost.

* `enqueue` runs inside an act: no act without its consequences, no consequence without its act.
* A lease runs out: work of a killed process is taken up again by whoever comes next.
* Work in one lane is done one at a time, oldest first: messages to one peer keep their order.
* A refusal that trying again can change is retried with growing pauses; anything else is laid aside for a person.
* The clock is handed in.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from comity.registry.act import bookkeeping
from comity.registry.limits import ATTEMPTS_MAX
from comity.registry.models import WorkRow

LEASE: Final = timedelta(seconds=15)
PAUSE_MIN: Final = timedelta(milliseconds=200)
PAUSE_MAX: Final = timedelta(hours=6)
OPEN_ROWS_SCANNED_MAX: Final = 500


@dataclass(frozen=True)
class Leased:
    """One thing to do, held by this worker until `until`."""

    id: int
    kind: str
    about: str
    attempts: int
    until: datetime
    holder: str


def enqueue(*, kind: str, lane: str, about: str, at: datetime) -> None:
    """Add work once per (kind, about); called within an act."""
    WorkRow.objects.get_or_create(
        kind=kind,
        about=about,
        defaults={"lane": lane, "state": WorkRow.OPEN, "attempts": 0, "due_at": at},
    )


def reopen(*, kind: str, about: str, at: datetime) -> None:
    """Do work once more that was finished or laid aside (a peer asked again for what it had not received)."""
    WorkRow.objects.filter(kind=kind, about=about, state__in=[WorkRow.DONE, WorkRow.DEAD]).update(
        state=WorkRow.OPEN, attempts=0, due_at=at, trouble=""
    )


def lease(*, at: datetime, kinds: Collection[str] = ()) -> Leased | None:
    """Take the oldest open work (of these kinds, if any are named) that is due and whose lane is free, or None."""
    with bookkeeping():
        # lock first, then look which lanes are taken: a lease that another worker just took is seen
        candidates = list(
            WorkRow.objects.select_for_update()
            .filter(state=WorkRow.OPEN)
            .filter(Q(leased_until=None) | Q(leased_until__lte=at), **({"kind__in": kinds} if kinds else {}))
            .order_by("id")[:OPEN_ROWS_SCANNED_MAX]
        )
        held = WorkRow.objects.filter(state=WorkRow.OPEN, leased_until__gt=at).values_list("lane", flat=True)
        busy = set(held)
        for row in candidates:
            if row.lane in busy:
                continue
            busy.add(row.lane)  # only the oldest of a lane may go, even if it is not due yet
            if row.due_at > at:
                continue
            row.leased_by, row.leased_until = secrets.token_hex(8), at + LEASE
            row.attempts += 1
            row.save(update_fields=["leased_by", "leased_until", "attempts"])
            return Leased(
                id=row.id,
                kind=row.kind,
                about=row.about,
                attempts=row.attempts,
                until=row.leased_until,
                holder=row.leased_by,
            )
    return None


def heartbeat(leased: Leased, *, at: datetime) -> None:
    """Keep long work: the lease runs on from now."""
    with bookkeeping():
        _held(leased).update(leased_until=at + LEASE)


def done(leased: Leased) -> None:
    """The work is finished."""
    with bookkeeping():
        _held(leased).update(state=WorkRow.DONE, leased_by="", leased_until=None, trouble="")


def again(leased: Leased, *, trouble: str, jitter: float, at: datetime) -> None:
    """Try again after a pause that doubles with each attempt; laid aside after `ATTEMPTS_MAX`."""
    pause = min(PAUSE_MIN * 2 ** min(leased.attempts - 1, 20), PAUSE_MAX) * (0.5 + jitter)
    state = WorkRow.DEAD if leased.attempts >= ATTEMPTS_MAX else WorkRow.OPEN
    with bookkeeping():
        _held(leased).update(state=state, due_at=at + pause, leased_by="", leased_until=None, trouble=trouble[:500])


def defer(leased: Leased, *, due_at: datetime, lane: str, trouble: str) -> None:
    """Look again at `due_at`, in `lane`; `trouble` says why it did not end now."""
    with bookkeeping():
        _held(leased).update(due_at=due_at, lane=lane, leased_by="", leased_until=None, trouble=trouble[:500])


def finish(*, kind: str, about: str) -> None:
    """What the work was for has happened; called within the act that records it."""
    WorkRow.objects.filter(kind=kind, about=about).update(state=WorkRow.DONE, leased_by="", leased_until=None)


def lay_aside(leased: Leased, *, trouble: str) -> None:
    """Trying again cannot help: a person has to look."""
    with bookkeeping():
        _held(leased).update(state=WorkRow.DEAD, leased_by="", leased_until=None, trouble=trouble[:500])


def _held(leased: Leased) -> QuerySet[WorkRow]:
    return WorkRow.objects.filter(id=leased.id, leased_by=leased.holder)
