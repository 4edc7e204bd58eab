"""From a deadline and the events that have happened to a target and a limit, with a proof.

* A duty to act: the target is the earlier reading, the limit the later. A duty to keep: the holder's target is the later reading,
  the requester's alarm (`limit`) the earlier. A period counted back: the act is due before it begins.
* Where the text does not say which event starts the clock, each candidate that has happened is computed.
* Acts of the Union are counted by Regulation 1182/71; directives and national law as well, as a fallback that is said.
* A period in days ends at 24:00 at the place where the act is done, which is 00:00 of the following day.
* Nothing here reads a clock.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from comity.errors import N_, ComityError
from comity.law.calendars import Calendar, calendar_of
from comity.law.clocks import regulation, treaty
from comity.law.clocks.deadline import Deadline
from comity.law.clocks.period import Period
from comity.law.clocks.proof import Reading, Reckoned, Step, said
from comity.law.places import Place, in_zone

SILENT: Final = "treaty_silent"
RULES: Final[Mapping[str, Step]] = {
    SILENT: Step("The treaty states no rule on counting: both readings are shown, and nothing is rolled over"),
    "R1182_71": Step(
        "Counted by Regulation 1182/71. For acts of Parliament and Council that is practice, not wording; to apply it is our decision",
        "Reg. 1182/71 Art. 1",
    ),
    "directive_national_law": Step(
        "The clock binds through national law, which may count differently; no rule of it is known here, so Regulation 1182/71 is shown"
        " as a fallback",
        "Reg. 1182/71 Art. 1",
    ),
    "national_law": Step(
        "National law decides how this is counted, and no rule of it is known here; both readings of Regulation 1182/71 are shown as a"
        " fallback, not as the law"
    ),
}
"""What is said first about each way of counting (`calc`)."""


class CountingNotEncoded(ComityError):
    """The edition holds no rule to count this period."""

    code = "law.counting_not_encoded"
    sentence = N_(
        "{deadline} ({duration}, {calc}) cannot be counted: there is no such period or no such rule of counting"
    )
    hint = N_("Count it by hand under article {article} and record the date with its reasons.")


class BeyondTheCalendar(ComityError):
    """A period leads to a day that no calendar holds."""

    code = "law.beyond_the_calendar"
    sentence = N_("{deadline} ({duration}) leads beyond the years that a calendar holds, from 1 to 9999")


def reckon(
    deadline: Deadline,
    *,
    events: Mapping[str, datetime],
    place: Place | tzinfo,
    calendar: Calendar | None = None,
) -> Reckoned:
    """Count a deadline from the events that have happened, at the place where the act is done.

    `events` maps the names in `deadline.starts` to moments with a zone. A zone stands for the state in which it lies;
    `calendar` takes the place of that state's public holidays. Without a figure or a start event both dates are None and
    the proof says why. Raises `CountingNotEncoded`, `BeyondTheCalendar`, or `ValueUnknown` for a part that no state has.
    """
    where = place if isinstance(place, Place) else in_zone(place)
    head = opening(deadline)
    if not deadline.duration:
        return Reckoned(None, None, (*head, no_figure(deadline)))
    happened = started(deadline, events=events, place=where)
    if not happened:
        return Reckoned(None, None, (*head, waits(deadline)))
    readings = [
        reading
        for event, moment in happened.items()
        for reading in count(deadline, start=moment, event=event, place=where, calendar=calendar)
    ]
    return concluded(deadline, readings, head=(*head, *candidates(deadline, happened), *basis(deadline, where)))


def opening(deadline: Deadline) -> tuple[Step, ...]:
    """What the deadline is, under which conditions, what follows, and how well it was verified."""
    steps = [Step(f"Art. {deadline.article}: {deadline.actor} {deadline.action}".replace("_", " "))]
    if deadline.condition:
        steps.append(Step(f"Condition: {deadline.condition}"))
    if deadline.note:
        steps.append(Step(f"Note: {deadline.note}"))
    if deadline.on_expiry not in {"", "none_stated"}:
        steps.append(Step(f"When it has run out: {deadline.on_expiry}".replace("_", " ")))
    if not deadline.verification.startswith("primary"):
        steps.append(Step(f"How well this was verified: {deadline.verification}; confirm it".replace("_", " ")))
    return tuple(steps)


def no_figure(deadline: Deadline) -> Step:
    """That the law states no time, and what it asks instead."""
    asked = "act without delay" if deadline.type in {"promptness", "hard_max"} else f"on expiry: {deadline.on_expiry}"
    return Step(f"No figure is stated ({deadline.type}): {asked}".replace("_", " "))


def waits(deadline: Deadline) -> Step:
    """That the clock has not begun, and for which event it waits."""
    clock = f"The clock of {deadline.duration}" if deadline.duration else "It"
    return Step(f"{clock} waits for: {' or '.join(deadline.starts)}")


def candidates(deadline: Deadline, happened: Iterable[str]) -> tuple[Step, ...]:
    """That the text leaves the start open, where it does."""
    named = ", ".join(happened)
    return (Step(f"The text does not say what starts it; computed from: {named}"),) if deadline.open_start else ()


def basis(deadline: Deadline, place: Place) -> tuple[Step, ...]:
    """By which rule it is counted, and in whose time."""
    if deadline.calc == SILENT:
        return (RULES[SILENT],)
    rule = (RULES[deadline.calc],) if deadline.calc in RULES else ()
    return (
        *rule,
        Step(f"Place of the act: {place}; the zone is not regulated, this is by analogy", "Reg. 1182/71 Art. 2(1)"),
    )


def started(deadline: Deadline, *, events: Mapping[str, datetime], place: Place) -> dict[str, datetime]:
    """The start events that have happened, in the time of the place; a day that the text names has happened by itself."""
    happened = {event: events[event] for event in deadline.starts if event in events}
    if not happened and deadline.fixed_start:
        happened = {deadline.from_event: datetime.combine(deadline.fixed_start, time.min, tzinfo=place.zone)}
    try:
        return {event: moment.astimezone(place.zone) for event, moment in happened.items()}
    except OverflowError as beyond:
        raise BeyondTheCalendar(deadline=deadline.id, duration=deadline.duration) from beyond


def count(
    deadline: Deadline, *, start: datetime, event: str, place: Place, calendar: Calendar | None
) -> tuple[Reading, ...]:
    """Every reading of the period from one event; raises `CountingNotEncoded` or `BeyondTheCalendar`."""
    period = Period.read(deadline.duration, working=deadline.unit == "working_days")
    if period is None or deadline.calc not in RULES:
        raise CountingNotEncoded(
            deadline=deadline.id, duration=deadline.duration, calc=deadline.calc, article=deadline.article
        )
    try:
        return _count(deadline, period, start=start, event=event, place=place, calendar=calendar)
    except OverflowError as beyond:
        raise BeyondTheCalendar(deadline=deadline.id, duration=deadline.duration) from beyond


def _count(
    deadline: Deadline, period: Period, *, start: datetime, event: str, place: Place, calendar: Calendar | None
) -> tuple[Reading, ...]:
    silent, back = deadline.calc == SILENT, deadline.backwards
    if period.clock:
        rule = treaty.in_hours if silent else regulation.in_hours
        return rule(period, start=start, event=event, back=back)
    day = start.date()
    if deadline.continues and start.time() == time.min:
        # A period that goes on where another ended at 24:00: the day of the event is the day that ended.
        day -= timedelta(days=1)
    days = calendar or calendar_of(place)
    if silent:
        return treaty.in_days(period, start=start, day=day, event=event, calendar=days, back=back)
    if back:
        return regulation.back_in_days(period, start=start, day=day, event=event, calendar=days)
    with_event = deadline.with_event
    return regulation.in_days(period, start=start, day=day, event=event, calendar=days, with_event=with_event)


def concluded(
    deadline: Deadline, readings: Iterable[Reading], *, head: tuple[Step, ...], tail: tuple[Step, ...] = ()
) -> Reckoned:
    """The two dates of at least one reading, with the proof of each and what they mean; what two readings share is said once."""
    held = tuple(readings)
    earlier = min(held, key=lambda one: one.instant).end
    later = max(held, key=lambda one: one.instant).end
    steps = (*head, *dict.fromkeys(step for reading in held for step in reading.steps), *tail)
    if deadline.backwards:
        text = f"Due before the period begins: aim for {said(earlier)}; the outer limit is {said(later)}"
    elif deadline.keeps:
        text = f"A duty to keep: hold until {said(later)}; the requester's alarm is {said(earlier)}"
        return Reckoned(target=later, limit=earlier, steps=(*steps, Step(text)))
    else:
        text = f"A duty to act: aim for {said(earlier)}; the outer limit is {said(later)}"
    return Reckoned(target=earlier, limit=later, steps=(*steps, Step(text)))
