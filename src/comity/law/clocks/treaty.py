"""Counting where a treaty states no rule: the day of the event is not counted, and it is counted. Nothing is rolled over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from comity.law.calendars import Calendar
from comity.law.clocks.period import Period
from comity.law.clocks.proof import Reading, Step, end_of, said, start_of

DAY = timedelta(days=1)


def in_hours(period: Period, *, start: datetime, event: str, back: bool) -> tuple[Reading, ...]:
    """The one reading of a period in hours, from the minute of the event."""
    length = timedelta(hours=period.hours)
    moment = start.astimezone(UTC)
    end = (moment - length if back else moment + length).astimezone(start.tzinfo)
    step = Step(
        f"{event} {said(start)} {'-' if back else '+'} {period}, counted from the minute: {said(end)}", "", end.date()
    )
    return (Reading("hours", event, end, (step,)),)


def in_days(
    period: Period, *, start: datetime, day: date, event: str, calendar: Calendar, back: bool
) -> tuple[Reading, ...]:
    """Both readings of a period that runs on or back from `day`, the day of the event."""
    found = []
    for way, last in _ends(period, day, calendar, back=back):
        end = start_of(last, start) if back else end_of(last, start)
        how = way.replace("_", " ")
        text = f"{event} {said(start)} {'-' if back else '+'} {period}, the day of the event {how}: {said(end)}"
        found.append(Reading(way, event, end, (Step(text, "", last),), last))
    return tuple(found)


def _ends(period: Period, day: date, calendar: Calendar, *, back: bool) -> Iterator[tuple[str, date]]:
    step = -DAY if back else DAY
    if period.working:
        yield "not_counted", _working(period.days, day + step, calendar, step)
        yield "counted", _working(period.days, day, calendar, step)
    else:
        last = period.before(day) if back else period.after(day)
        yield "not_counted", last
        yield "counted", last - step


def _working(number: int, day: date, calendar: Calendar, step: timedelta) -> date:
    left = number - calendar.works(day)
    while left:
        day += step
        left -= calendar.works(day)
    return day
