"""All clocks of a measure through its events, in the order of time: started, stopped, begun again, extended, done.

* Every addressee that an event names has a clock of its own; an event that names none counts for all.
* An event named as a deadline's `action` says that it was done; for an extension, that it was used, which must be before the end.
  A deadline that stops others is also done with the event after which they go on.
* A stopped clock goes on with what was left. In hours that is real time. In days the text says nothing: by the earlier reading only
  the whole days of the stop are added, by the later one every day that the stop touches.
* What has run out on a day is for whoever has a calendar of today: nothing here reads a clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from comity.canon import JsonObject
from comity.law.calendars import Calendar, calendar_of
from comity.law.clocks.deadline import Deadline
from comity.law.clocks.joins import Effect, Join
from comity.law.clocks.proof import Reading, Reckoned, Step, end_of, said
from comity.law.clocks.reckoning import basis, candidates, concluded, count, opening, reckon, started, waits
from comity.law.clocks.regulation import rolled_day
from comity.law.places import Place, in_zone

_DAY: Final = timedelta(days=1)
_LATER: Final = frozenset({"rolled", "not_counted"})
"""The ways of reading that end later."""


class ClockState(StrEnum):
    """Where a clock stands after the events that were told."""

    WAITS = "waits"
    RUNS = "runs"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True)
class Occurrence:
    """Something that happened: the name of an event of the law, when, and for which addressee (empty: for all)."""

    name: str
    at: datetime
    addressee: str = ""


@dataclass(frozen=True)
class Running:
    """One clock: whose it is, where it stands, since when, and its dates with their proof (none while it is stopped)."""

    clock: str
    deadline: Deadline
    addressee: str
    state: ClockState
    since: datetime | None
    reckoned: Reckoned

    def as_json(self) -> JsonObject:
        return {
            "clock": self.clock,
            "addressee": self.addressee,
            "state": self.state.value,
            "since": self.since.isoformat() if self.since else None,
            **self.reckoned.as_json(),
        }


def run(
    deadlines: Mapping[str, Deadline],
    events: Iterable[Occurrence],
    *,
    place: Place | tzinfo,
    joins: Iterable[Join] = (),
    places: Mapping[str, Place] | None = None,
    calendar: Calendar | None = None,
) -> tuple[Running, ...]:
    """The state of every clock after the events, in the order of `deadlines` and of the addressees' names.

    `deadlines` are named `measure.deadline`, as in the joins; `places` are those of single addressees, `place` is that of all
    others. A deadline that runs within the clock of another is no clock of its own. Raises what `reckon` raises.
    """
    told = sorted(events, key=lambda one: one.at.astimezone(UTC))
    held = tuple(joins)
    everywhere = place if isinstance(place, Place) else in_zone(place)
    within = {join.deadline for join in held if join.effect is not Effect.STOPS}
    found = []
    for name, deadline in deadlines.items():
        if name in within:
            continue
        named = {one.addressee for one in told if one.name in deadline.starts and one.addressee}
        for addressee in sorted(named) or [""]:
            mine = tuple(one for one in told if not addressee or one.addressee in {"", addressee})
            where = (places or {}).get(addressee, everywhere)
            act = [join for join in held if name in join.clocks]
            ends = {deadline.action}.union(*(join.until for join in held if join.deadline == name))
            clock = _Clock(name, deadlines=deadlines, addressee=addressee, place=where, calendar=calendar, ends=ends)
            found.append(clock.through(mine, act))
    return tuple(found)


class _Clock:
    """One clock of one addressee while the events are told."""

    def __init__(
        self,
        name: str,
        *,
        deadlines: Mapping[str, Deadline],
        addressee: str,
        place: Place,
        calendar: Calendar | None,
        ends: set[str],
    ) -> None:
        self.name, self.deadline, self.addressee, self.place = name, deadlines[name], addressee, place
        self.calendar, self.deadlines, self.ends = calendar, deadlines, ends
        self.readings: tuple[Reading, ...] = ()
        self.since: datetime | None = None
        self.stopped: datetime | None = None
        self.stops: dict[str, Join] = {}
        self.done: datetime | None = None
        self.used: set[str] = set()
        self.said: tuple[Step, ...] = ()
        self.happened: dict[str, datetime] = {}

    def through(self, events: tuple[Occurrence, ...], joins: list[Join]) -> Running:
        first: dict[str, datetime] = {}
        for one in events:
            first.setdefault(one.name, one.at)
        happened = started(self.deadline, events=first, place=self.place)
        if not happened or not self.deadline.duration:
            return self._without_dates(events, first, happened)
        self.happened = happened
        self.since = min(happened.values(), key=_instant)
        self.readings = tuple(
            reading for event, moment in happened.items() for reading in self._count(self.deadline, moment, event)
        )
        for one in events:
            self._tell(replace(one, at=one.at.astimezone(self.place.zone)), joins)
        return self._running(happened)

    def _tell(self, event: Occurrence, joins: list[Join]) -> None:
        if self.done or self.since is None or _instant(event.at) < _instant(self.since):
            return
        ended = [one for one in self.stops.values() if event.name in one.until]
        for one in ended:
            del self.stops[one.deadline]
        if ended and not self.stops:
            self._go_on(event, ended[-1])
        for join in joins:
            if event.name in join.when:
                self._act(event, join)
        if event.name in self.ends:
            self.done = event.at
            self.said += (
                Step(f"{event.name} {said(event.at)}: done", f"Art. {self.deadline.article}", event.at.date()),
            )

    def _act(self, event: Occurrence, join: Join) -> None:
        acting = self.deadlines[join.deadline]
        article = f"Art. {join.article}"
        over = not self.stopped and all(_instant(event.at) > reading.instant for reading in self.readings)
        if join.effect is Effect.RESTARTS:
            self.readings = self._count(acting, event.at, event.name)
            self.since, self.stopped, self.stops = event.at, None, {}
            self.said += (
                Step(f"{event.name} {said(event.at)}: the clock begins again with {acting.duration}", article),
            )
        elif over:
            self.said += (Step(f"{event.name} {said(event.at)} came after the end and changes nothing", article),)
        elif join.effect is Effect.STOPS:
            # Two stops may overlap: the clock goes on when the last of them has ended.
            self.stopped = self.stopped or event.at
            self.stops.setdefault(join.deadline, join)
        elif join.deadline not in self.used:
            self.used.add(join.deadline)
            extends = join.effect is Effect.EXTENDS
            how = f"extends the clock by {acting.duration}" if extends else f"{acting.duration} in all, not in addition"
            self.said += (Step(f"{event.name} {said(event.at)}: {how}", article),)
            self.readings = tuple(self._extended(acting, event.at) if extends else self._replaced(acting))

    def _extended(self, acting: Deadline, at: datetime) -> Iterator[Reading]:
        """Each reading goes on in its own way from where it ends; one that had ended before is left as it was."""
        for reading in self.readings:
            if not self.stopped and _instant(at) > reading.instant:
                yield reading
                continue
            further = self._count(acting, reading.end, acting.from_event)
            same = tuple(one for one in further if one.way == reading.way) or further
            for one in same:
                yield replace(one, event=reading.event, steps=(*reading.steps, *one.steps))

    def _replaced(self, acting: Deadline) -> Iterator[Reading]:
        for event, moment in self.happened.items():
            yield from self._count(acting, moment, event)

    def _go_on(self, event: Occurrence, join: Join) -> None:
        assert self.stopped is not None
        since, self.stopped = self.stopped, None
        self.readings = tuple(
            shifted
            for reading in self.readings
            for shifted in self._shifted(reading, since, event, f"Art. {join.article}")
        )

    def _shifted(self, reading: Reading, since: datetime, event: Occurrence, article: str) -> Iterator[Reading]:
        """What was left when the clock stopped, from where it goes on."""
        stood = f"Stopped {said(since)}, goes on by {event.name} {said(event.at)}"
        if _instant(since) > reading.instant:
            yield reading
        elif reading.last is None:
            end = (reading.instant + (_instant(event.at) - _instant(since))).astimezone(self.place.zone)
            step = Step(f"{stood}, with what was left: it ends {said(end)}", article, end.date())
            yield replace(reading, end=end, steps=(*reading.steps, step))
        else:
            if reading.way not in _LATER:
                yield self._moved(
                    reading, since.date() + _DAY, event.at.date() - _DAY, f"{stood}; only whole days add", article
                )
            if reading.way in _LATER or reading.way == "working":
                yield self._moved(reading, since.date(), event.at.date(), f"{stood}; every day of it adds", article)

    def _moved(self, reading: Reading, first: date, last: date, stood: str, article: str) -> Reading:
        """The reading, later by the days (or working days) from `first` to `last`."""
        assert reading.last is not None
        calendar = self.calendar or calendar_of(self.place)
        why: tuple[Step, ...] = ()
        if reading.way == "working":
            day = reading.last
            for _ in range(calendar.working_between(first, last)):
                day = calendar.next_working(day + _DAY)
        else:
            day = reading.last + max((last - first).days + 1, 0) * _DAY
        moved = replace(reading, last=day)
        if reading.way == "rolled":
            day, why = rolled_day(day, calendar)
        end = max(end_of(day, reading.end), reading.end)
        step = Step(f"{stood}, for the text says no more: it ends {said(end)}", article, day)
        return replace(moved, end=end, steps=(*reading.steps, *why, step))

    def _count(self, deadline: Deadline, start: datetime, event: str) -> tuple[Reading, ...]:
        return count(deadline, start=start, event=event, place=self.place, calendar=self.calendar)

    def _without_dates(
        self, events: tuple[Occurrence, ...], first: Mapping[str, datetime], happened: Mapping[str, datetime]
    ) -> Running:
        since = min(happened.values(), key=_instant, default=None)
        state = ClockState.WAITS
        if since is not None:
            done = any(one.name in self.ends and _instant(one.at) >= _instant(since) for one in events)
            state = ClockState.DONE if done else ClockState.RUNS
        if since is None and not self.deadline.duration:
            steps = (*opening(self.deadline), waits(self.deadline))
            return Running(self.name, self.deadline, self.addressee, state, None, Reckoned(None, None, steps))
        reckoned = reckon(self.deadline, events=first, place=self.place, calendar=self.calendar)
        return Running(self.name, self.deadline, self.addressee, state, since, reckoned)

    def _running(self, happened: Mapping[str, datetime]) -> Running:
        head = (*opening(self.deadline), *candidates(self.deadline, happened), *basis(self.deadline, self.place))
        reckoned = concluded(self.deadline, self.readings, head=head, tail=self.said)
        state = ClockState.DONE if self.done else ClockState.RUNS
        if self.stopped and not self.done:
            state = ClockState.STOPPED
            reckoned = Reckoned(None, None, (*reckoned.steps, *self._stands(self.stopped)))
        return Running(self.name, self.deadline, self.addressee, state, self.since, reckoned)

    def _stands(self, since: datetime) -> Iterator[Step]:
        for join in self.stops.values():
            waiting = " or ".join(join.until) or self.deadlines[join.deadline].on_expiry.replace("_", " ")
            text = f"Stopped since {said(since)}, until: {waiting}; the dates above are those without the stop"
            yield Step(text, f"Art. {join.article}", since.date())


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
