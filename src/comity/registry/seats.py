"""Seats: the sessions of officials, each found by its owner and ended by its owner, by nobody else.

A seat opens nothing by itself: the session names it, and is worth nothing once the seat is gone. Nothing here decides
about a letter or a person, so that seats are bookkeeping and no acts.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import Entry
from comity.registry.act import bookkeeping
from comity.registry.limits import SESSIONS_OF_ONE_OFFICIAL_MAX, SESSIONS_SWEPT_MAX
from comity.registry.models import SeatRow

SITTING_MAX: Final = timedelta(hours=8)
IDLE_MAX: Final = timedelta(minutes=30)
NOTED_EVERY: Final = timedelta(minutes=2)

PASSKEY: Final = "passkey"
SIGN_ON: Final = "sign-on"
DEMO: Final = "demo"
_ADDRESS, _BROWSER = 45, 200


@dataclass(frozen=True)
class Seat:
    """One session, as its owner reads of it."""

    reference: str
    by: str
    address: str
    browser: str
    since: datetime
    seen_at: datetime


def take(entry: Entry, *, by: str, address: str, browser: str, at: datetime) -> str:
    """A new seat of this official; its reference. The oldest one goes where there are too many."""
    reference = secrets.token_hex(16)
    with bookkeeping():
        kept = SeatRow.objects.filter(official=entry.official).order_by("-since", "-id")
        too_many = list(kept.values_list("id", flat=True)[SESSIONS_OF_ONE_OFFICIAL_MAX - 1 :])
        SeatRow.objects.filter(id__in=too_many).delete()
        SeatRow.objects.create(
            reference=reference,
            official=entry.official,
            mandate=entry.mandate,
            by=by,
            address=address[:_ADDRESS],
            browser=browser[:_BROWSER],
            since=at,
            seen_at=at,
        )
    return reference


def is_taken(reference: str, *, official: str, mandate: str, at: datetime) -> bool:
    """Whether this seat is this official's, under this mandate, and its time is not over."""
    row = SeatRow.objects.filter(reference=reference, official=official, mandate=mandate).first()
    return row is not None and at - row.seen_at <= IDLE_MAX and at - row.since <= SITTING_MAX


def note(reference: str, *, at: datetime) -> None:
    """Somebody was seen on this seat."""
    with bookkeeping():
        SeatRow.objects.filter(reference=reference).update(seen_at=at)


def leave(reference: str) -> None:
    """The session of this seat ends."""
    with bookkeeping():
        SeatRow.objects.filter(reference=reference).delete()


def of(official: str, *, at: datetime) -> list[Seat]:
    """The seats of an official whose time is not over, the last first."""
    rows = SeatRow.objects.filter(official=official, since__gte=at - SITTING_MAX, seen_at__gte=at - IDLE_MAX)
    return [
        Seat(one.reference, one.by, one.address, one.browser, one.since, one.seen_at)
        for one in rows.order_by("-seen_at", "-id")
    ]


def end(reference: str, *, official: str) -> bool:
    """End a session of this official; False if this official has no such seat."""
    with bookkeeping():
        ended, _ = SeatRow.objects.filter(reference=reference, official=official).delete()
    return ended == 1


def end_others(reference: str, *, official: str) -> int:
    """End every session of this official but the one of this seat; how many."""
    with bookkeeping():
        ended, _ = SeatRow.objects.filter(official=official).exclude(reference=reference).delete()
    return int(ended)


def sweep(*, at: datetime) -> None:
    """Forget the seats whose time is over: where somebody sat is nobody's business afterwards."""
    over = SeatRow.objects.filter(since__lt=at - SITTING_MAX) | SeatRow.objects.filter(seen_at__lt=at - IDLE_MAX)
    ids = list(over.values_list("id", flat=True)[:SESSIONS_SWEPT_MAX])
    if ids:
        with bookkeeping():
            SeatRow.objects.filter(id__in=ids).delete()
