"""Counting by Regulation 1182/71, each rule beside its article.

* Hours: the clock hour of the event is dropped; hours are real hours, also across a change of the clocks, and nothing is rolled over.
* Days, weeks, months, years: the day of the event is dropped, the last day ends at 24:00.
* Two readings of what is not settled: a period (Art. 3: the last day rolls over holidays, Saturdays and Sundays, and two days or more
  hold two working days), and an action within a given number of days after an event (Art. 5(2): neither).
* Counted backwards: nothing is rolled over, and a period that needs two working days begins earlier.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from comity.law.calendars import Calendar
from comity.law.clocks.period import Period
from comity.law.clocks.proof import Reading, Step, day_said, end_of, said, start_of

NAME: Final = "Reg. 1182/71"
DAY: Final = timedelta(days=1)
TWO_DAYS_IN_HOURS: Final = 48
WORKING_DAYS_MIN: Final = 2
"""What a period of two days or more holds (Art. 3(5))."""


def _art(article: str) -> str:
    return f"{NAME} Art. {article}"


def in_hours(period: Period, *, start: datetime, event: str, back: bool) -> tuple[Reading, ...]:
    """The one reading of a period in hours; counted back, its end is where the period begins."""
    passed = timedelta(minutes=start.minute, seconds=start.second, microseconds=start.microsecond)
    moment = start.astimezone(UTC)
    length = timedelta(hours=period.hours)
    if back:
        full = moment - passed
        end = (full - length).astimezone(start.tzinfo)
        dropped = f"the clock hour of the event is not counted, so the period runs back from {_in(start, full)}"
    else:
        full = moment - passed + timedelta(hours=1)
        end = (full + length).astimezone(start.tzinfo)
        dropped = f"the clock hour of the event is not counted, so the period begins at {_in(start, full)}"
    way = "begins" if back else "ends"
    steps = [
        Step(f"{event} {_moment(start)}: {dropped}", _art("3(1)"), start.date()),
        Step(f"{period}, also on holidays and weekends: it {way} {said(end)}", _art("3(2)(a), 3(3), 3(4)"), end.date()),
    ]
    if not back:
        exact = (moment + length).astimezone(start.tzinfo)
        steps.append(
            Step(
                f"Counted from the minute it would end {said(exact)}; what lies between is no time to spare",
                _art("3(1)"),
            )
        )
    if period.hours >= TWO_DAYS_IN_HOURS:
        steps.append(
            Step(
                "Open point: two working days are asked of 'two days or more'; hours are not read as days", _art("3(5)")
            )
        )
    return (Reading("hours", event, end, tuple(steps)),)


def in_days(
    period: Period, *, start: datetime, day: date, event: str, calendar: Calendar, with_event: bool
) -> tuple[Reading, ...]:
    """Both readings of a period that runs on from `day`, the day of the event; `with_event`: the text says that this day counts."""
    first = day if with_event else day + DAY
    dropped = "the text says that this day counts" if with_event else "the day of the event is not counted"
    begins = Step(
        f"{event} {_moment(start)}: {dropped}, so the period begins {day_said(first)} 00:00",
        "" if with_event else _art("3(1)"),
        first,
    )
    if period.working:
        last, skipped = _working_days(period.days, first, calendar)
        counted = Step(f"{period}: the last is {day_said(last)}", _art("2(2), 3(3)"), last)
        steps = (begins, *skipped, counted, *_known(calendar, first, last))
        return (Reading("working", event, end_of(last, start), steps, last),)
    last = period.after(day) - (DAY if with_event else timedelta())
    reached = Step(
        f"{period}: the last day is {day_said(last)}", _art("3(2)(b)" if period.in_days else _parts(period)), last
    )
    strict = Step(
        f"Read as an action within a given time after an event: it ends {said(end_of(last, start))}", _art("5(2)"), last
    )
    rolled, why = _rolled(period, first=first, last=last, calendar=calendar)
    whole = Step(f"Read as a period: it ends {said(end_of(rolled, start))}", _art("3(4)-(5)"), rolled)
    return (
        Reading("strict", event, end_of(last, start), (begins, reached, *_anchor(period, day), strict), last),
        Reading(
            "rolled",
            event,
            end_of(rolled, start),
            (begins, reached, *why, whole, *_known(calendar, last, rolled)),
            last,
        ),
    )


def back_in_days(period: Period, *, start: datetime, day: date, event: str, calendar: Calendar) -> tuple[Reading, ...]:
    """Both readings of a period that runs back from `day`; each ends where its period begins."""
    before = Step(f"{event} {_moment(start)}: the day of the event is not counted", _art("3(1)"), day)
    if period.working:
        first, left = day, period.days
        while left:
            first -= DAY
            left -= calendar.works(first)
        found = Step(f"{period} back: the period begins {day_said(first)} 00:00", _art("2(2), 3(3)"), first)
        steps = (before, found, *_known(calendar, first, day))
        return (Reading("working", event, start_of(first, start), steps),)
    first = period.before(day)
    reached = Step(
        f"{period} back: the period begins {day_said(first)} 00:00, not rolled over", _art("3(2), 3(4)"), first
    )
    needed = first
    while period != Period(days=1) and calendar.working_between(needed, day - DAY) < WORKING_DAYS_MIN:
        needed -= DAY
    two = Step(f"To hold two working days it begins {day_said(needed)} 00:00", _art("3(5)"), needed)
    return (
        Reading("strict", event, start_of(first, start), (before, reached)),
        Reading("rolled", event, start_of(needed, start), (two,) if needed != first else ()),
    )


def rolled_day(day: date, calendar: Calendar) -> tuple[date, tuple[Step, ...]]:
    """The day, or the next working day where it is none, with the reason for each day that was passed over."""
    steps = []
    passed = day
    while not calendar.works(passed):
        steps.append(_no_working_day(passed, calendar))
        passed += DAY
    return passed, tuple(steps)


def _rolled(period: Period, *, first: date, last: date, calendar: Calendar) -> tuple[date, tuple[Step, ...]]:
    rolled, why = rolled_day(last, calendar)
    if rolled != last:
        why = (*why, Step(f"The next working day is {day_said(rolled)}", _art("3(4)"), rolled))
    if period == Period(days=1):
        return rolled, why
    one = calendar.next_working(first)
    second = calendar.next_working(one + DAY)
    if second <= rolled:
        return rolled, why
    passed = [
        _no_working_day(one + DAY * number, calendar)
        for number in range(1, (second - one).days)
        if one + DAY * number > rolled
    ]
    needs = (
        f"From {first} to {rolled} only {day_said(one)} is a working day; two days or more hold two: {day_said(second)}"
    )
    return second, (*why, *passed, Step(needs, _art("3(5)"), second))


def _working_days(number: int, first: date, calendar: Calendar) -> tuple[date, tuple[Step, ...]]:
    day, left, skipped = first, number, []
    while True:
        if calendar.works(day):
            left -= 1
        elif calendar.holiday(day):
            skipped.append(_no_working_day(day, calendar))
        if not left:
            return day, tuple(skipped)
        day += DAY


def _no_working_day(day: date, calendar: Calendar) -> Step:
    name = calendar.holiday(day)
    return Step(f"{day_said(day)} is {f'a public holiday: {name}' if name else 'no working day'}", _art("2"), day)


def _known(calendar: Calendar, first: date, last: date) -> Iterator[Step]:
    """Where the holidays come from, and the years of which none are known."""
    yield Step(f"Working days: {calendar.source}; the list that the state has published decides", _art("2(1)"))
    if missing := calendar.unknown(first, last):
        years = ", ".join(map(str, missing))
        yield Step(
            f"No calendar of public holidays is known here for {years}: only weekends were left out", _art("2(1)")
        )


def _anchor(period: Period, day: date) -> Iterator[Step]:
    """What the other reading of 'the day which initiates the period' would give; it is not verified, so it is only shown."""
    if not period.in_days:
        other = period.after(day + DAY)
        yield Step(
            f"Not verified and not used: were the day after the event the one that initiates the period, {day_said(other)}",
            _art("3(2)(c)"),
            other,
        )


def _parts(period: Period) -> str:
    return "3(2)(c)-(d)" if period.part_days else "3(2)(c)"


def _moment(start: datetime) -> str:
    return f"{start:%A} {start.date()} {start:%H:%M}"


def _in(start: datetime, moment: datetime) -> str:
    return said(moment.astimezone(start.tzinfo))
