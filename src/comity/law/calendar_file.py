"""Dates of the law as an iCalendar file (RFC 5545), for the calendar that a person already uses.

* A target and a limit are two entries; where both are the same moment there is one. The proof is the description.
* What ends at 24:00 is an entry of that whole day, so that no calendar shows the day after; an hour is a moment in UTC.
* The same source has the same identifiers: a date that moved replaces the old entry.
* The library `icalendar` is loaded when a file is written, not before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from comity.canon import sha256_hex
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline, Reckoned

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT: Final = "-//Comity//law clock//EN"
_UID_LENGTH: Final = 32


class NothingDated(ComityError):
    """There is no date to write."""

    code = "law.nothing_dated"
    sentence = N_("there is no date to put into a calendar")
    hint = N_("Name the event that starts the clock; a promise without a figure has no date.")


@dataclass(frozen=True)
class Dated:
    """A reckoned clock with the titles of its two dates; `source` tells it from every other clock of its reader."""

    source: str
    target: str
    limit: str
    reckoned: Reckoned


def dated(deadline: Deadline, reckoned: Reckoned, *, source: str) -> Dated:
    """A clock with the titles that the law's own words give."""
    what = f"{deadline.actor} {deadline.action} (Art. {deadline.article})".replace("_", " ")
    names = ("keep until", "ask before") if deadline.keeps else ("target", "limit")
    return Dated(source, f"{names[0]}: {what}", f"{names[1]}: {what}", reckoned)


def calendar(clocks: Iterable[Dated], *, stamped_at: datetime) -> bytes:
    """One iCalendar file of these clocks, stamped with a moment that has a zone; raises `NothingDated`."""
    from icalendar import Calendar

    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    for clock in clocks:
        for event in _events(clock, stamped_at=stamped_at):
            file.add_component(event)
    if not file.subcomponents:
        raise NothingDated
    written: bytes = file.to_ical()
    return written


def _events(clock: Dated, *, stamped_at: datetime) -> "Iterator[Event]":
    target, limit = clock.reckoned.target, clock.reckoned.limit
    if target:
        yield _event(clock, "target", clock.target, target, stamped_at=stamped_at)
    if limit and limit != target:
        yield _event(clock, "limit", clock.limit, limit, stamped_at=stamped_at)


def _event(clock: Dated, which: str, title: str, end: datetime, *, stamped_at: datetime) -> "Event":
    from icalendar import Alarm, Event

    event = Event()
    event.add("uid", f"{sha256_hex(f'{clock.source} {which}'.encode())[:_UID_LENGTH]}@comity")
    event.add("dtstamp", stamped_at.astimezone(UTC))
    event.add("dtstart", _day_or_moment(end))
    event.add("summary", title)
    event.add("description", "\n".join(clock.reckoned.proof))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -timedelta(days=1) if end.time() == time.min else -timedelta(hours=1))
    event.add_component(alarm)
    return event


def _day_or_moment(end: datetime) -> date | datetime:
    return end.date() - timedelta(days=1) if end.time() == time.min else end.astimezone(UTC)
