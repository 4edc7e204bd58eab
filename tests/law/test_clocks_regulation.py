"""Regulation 1182/71: every vector of the facts, both readings, and a second counter that goes day by day and hour by hour."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.law import clocks, places
from comity.law.calendars import Calendar, calendar_of, stated
from law.cases import EDITION

FACTS = Path(__file__).parent / "facts" / "rules" / "eu-1182-1971-time-limits.yaml"
RULE = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["measures"][0]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UNION = re.findall("..", "ATBEBGHRCYCZDKEEFIFRDEGRHUIEITLVLTLUMTNLPLPTROSKSIESSE")
ONE_DAY = timedelta(days=1)
unhurried = settings(deadline=None)  # the first date of a country loads its calendar
PERIODS = ["P1D", "P2D", "P3D", "P5D", "P10D", "P45D", "P1W", "P6W", "P1M", "P3M", "P1Y"]


def deadline(duration: str, **changes: object) -> clocks.Deadline:
    produce = EDITION.deadline("eu-2023-1543", "eev.production.subscriber_or_identification", "produce")
    return clocks.Deadline.from_record({**produce.as_record(), "duration": duration, "from_event": "event", **changes})


def counted(
    duration: str,
    event: datetime,
    *,
    calendar: Calendar | None,
    place: places.Place | ZoneInfo = AMSTERDAM,
    **changes: str,
) -> clocks.Reckoned:
    return clocks.reckon(deadline(duration, **changes), events={"event": event}, place=place, calendar=calendar)


def last_day(end: datetime | None) -> date:
    assert end is not None
    assert end.time() == time.min
    return end.date() - ONE_DAY


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize("vector", RULE["test_vectors"], ids=lambda one: f"{one['period']} {one.get('event', '')}")
def test_every_vector_of_the_facts_comes_out(vector: dict[str, Any]):
    days = {date.fromisoformat(day): "holiday" for day in vector.get("holidays", [])}
    unit = "working_days" if vector.get("working_days") else "calendar_days"
    event = local(vector.get("event", "2026-11-27T14:20"))
    found = counted(vector["period"], event, calendar=stated(days, source="the vector"), unit=unit)
    if "T" in vector["period"]:
        assert found.target == found.limit == local(vector["ends"])
    else:
        assert last_day(found.limit) == date.fromisoformat(vector["ends"])
        assert last_day(found.target) == date.fromisoformat(vector.get("strict", str(last_day(found.target))))


def test_there_are_as_many_vectors_as_the_facts_hold():
    assert len(RULE["test_vectors"]) == 19


def test_a_part_of_a_month_counts_thirty_days_to_the_month():
    found = counted("P1.5M", local("2026-01-31T10:00"), calendar=stated({}, source="none"))
    assert last_day(found.target) == date(2026, 3, 15)
    assert "1 month and 15 days for the part of a month" in " ".join(found.proof)
    assert last_day(counted("P0.5M", local("2026-01-31T10:00"), calendar=None).target) == date(2026, 2, 15)


def test_a_duty_to_keep_holds_to_the_later_reading_and_warns_at_the_earlier():
    found = counted("P60D", local("2026-11-25T10:00"), calendar=stated({}, source="none"), type="auto_expiry")
    assert (last_day(found.target), last_day(found.limit)) == (date(2027, 1, 25), date(2027, 1, 24))


def test_open_points_are_said_in_the_proof_and_do_not_decide():
    weeks = " ".join(counted("P6W", local("2026-11-27T14:20"), calendar=None).proof)
    assert "Not verified and not used: were the day after the event" in weeks
    assert "Saturday 2027-01-09" in weeks
    hours = " ".join(counted("PT48H", local("2026-11-27T14:20"), calendar=None).proof)
    assert "hours are not read as days (Reg. 1182/71 Art. 3(5))" in hours
    assert "Counted from the minute it would end 2026-11-29 14:20; what lies between is no time to spare" in hours


@pytest.mark.parametrize(
    ("calc", "sentence"),
    [
        ("R1182_71", "practice, not wording; to apply it is our decision"),
        ("directive_national_law", "Regulation 1182/71 is shown as a fallback"),
        ("national_law", "National law decides how this is counted"),
    ],
)
def test_the_proof_says_by_whose_rule_it_was_counted(calc: str, sentence: str):
    found = counted("P10D", local("2026-11-25T09:05"), calendar=None, calc=calc)
    assert sentence in " ".join(found.proof)
    assert (last_day(found.target), last_day(found.limit)) == (date(2026, 12, 5), date(2026, 12, 7))


def test_a_period_that_begins_with_the_day_of_its_event_counts_that_day():
    service = EDITION.deadline("us-uk-daa", "daa.direct_order", "opo_service")
    made = {service.from_event: datetime(2026, 3, 2, 9, tzinfo=UTC)}
    found = clocks.reckon(service, events=made, place=places.place("GB"))
    assert (last_day(found.limit), last_day(found.target)) == (date(2026, 6, 1), date(2026, 6, 1))
    assert "the text says that this day counts, so the period begins Monday 2026-03-02 00:00." in " ".join(found.proof)


def test_the_proof_says_what_follows_when_the_time_has_run_out():
    proof = counted("P10D", local("2026-12-15T16:00"), calendar=None).proof
    assert "When it has run out: enforcement under 16 and penalty." in proof


def test_the_proof_names_the_calendar_and_each_holiday_that_moved_the_date():
    proof = counted("P10D", local("2026-12-15T16:00"), calendar=None).proof
    assert "Friday 2026-12-25 is a public holiday: Christmas Day (Reg. 1182/71 Art. 2)." in proof
    assert "Saturday 2026-12-26 is a public holiday: Second Day of Christmas (Reg. 1182/71 Art. 2)." in proof
    assert f"public holidays of NL as in the library holidays {metadata.version('holidays')}" in " ".join(proof)


def test_each_step_of_the_proof_has_its_day_and_its_article():
    steps = counted("P10D", local("2026-11-25T09:05"), calendar=None).steps
    assert {
        "text": "10 days: the last day is Saturday 2026-12-05",
        "article": "Reg. 1182/71 Art. 3(2)(b)",
        "day": "2026-12-05",
    } in [step.as_json() for step in steps]
    assert steps[-1].as_json()["day"] is None


def test_a_place_without_a_calendar_has_weekends_only_and_the_proof_says_so():
    islands = places.place("IO")
    found = counted("P10D", datetime(2026, 12, 15, 8, tzinfo=UTC), calendar=None, place=islands)
    assert last_day(found.limit) == date(2026, 12, 25)
    assert "No calendar of public holidays is known here for 2026: only weekends were left out" in " ".join(found.proof)


def test_a_period_counted_back_begins_early_enough_for_two_working_days_and_is_not_rolled_over():
    christmas = stated({date(2026, 12, 25): "Christmas Day"}, source="a list")
    back = deadline("P2D", from_event="counted back from it", type="hard_min")
    event = {"counted back from it": local("2026-12-28T10:00")}
    found = clocks.reckon(back, events=event, place=AMSTERDAM, calendar=christmas)
    assert found.limit == local("2026-12-26T00:00")  # Saturday and Sunday
    assert found.target == local("2026-12-23T00:00")  # holds Wednesday and Thursday
    working = clocks.Deadline.from_record({**back.as_record(), "unit": "working_days"})
    assert clocks.reckon(working, events=event, place=AMSTERDAM, calendar=christmas).target == local("2026-12-23T00:00")


def test_hours_counted_back_drop_the_hour_of_the_event():
    briefing = EDITION.deadline("eu-2021-784", "tco.removal_order", "first_order_briefing")
    found = clocks.reckon(briefing, events={briefing.from_event: local("2026-11-27T14:20")}, place=AMSTERDAM)
    assert found.target == found.limit == local("2026-11-27T02:00")
    assert not briefing.keeps


# A second counter, which shares nothing with the first: it walks.


@cache
def free_days(state: str) -> frozenset[date]:
    known = holidays.country_holidays(state, years=range(2024, 2037), categories=("public",))
    return frozenset(known.keys())


def works(day: date, free: frozenset[date]) -> bool:
    return day.isoweekday() not in {6, 7} and day not in free


def marks_of(unit: str, event: date) -> Callable[[date], bool]:
    """Whether one more unit is over on this day."""
    if unit == "D":
        return lambda _: True
    if unit == "W":
        return lambda day: day.isoweekday() == event.isoweekday()

    def this_date(day: date) -> bool:
        return day.day == event.day or (day.day < event.day and (day + ONE_DAY).day == 1)

    return this_date if unit == "M" else lambda day: this_date(day) and day.month == event.month


def walked(duration: str, event: date, free: frozenset[date]) -> tuple[date, date]:
    """The last day without and with roll-over and two working days."""
    number, over = int(duration[1:-1]), marks_of(duration[-1], event)
    day = event
    while number:
        day += ONE_DAY
        number -= over(day)
    strict = day
    while not works(day, free):
        day += ONE_DAY
    seen = [event + ONE_DAY * passed for passed in range(1, (day - event).days + 1)]
    while duration != "P1D" and sum(works(one, free) for one in seen) < 2:
        day += ONE_DAY
        seen.append(day)
    return strict, day


def sampled_days(state: str) -> list[date]:
    """Days of ten years, other ones for each state, and those before the holidays of a year."""
    first = date(2025, 1, 1) + ONE_DAY * UNION.index(state)
    spread = [first + ONE_DAY * passed for passed in range(0, 3652, 47)]
    eves = [day - ONE_DAY * 2 for day in free_days(state) if day.year == 2030]
    return spread + eves


@pytest.mark.parametrize("state", UNION)
def test_the_second_counter_agrees_over_ten_years_in_the_calendar_of_every_member_state(state: str):
    zone = ZoneInfo(places.zones_of(state)[0])
    place = places.Place(state, zone)
    free = free_days(state)
    for day in sampled_days(state):
        event = datetime.combine(day, time(14, 20), tzinfo=zone)
        for duration in PERIODS:
            strict, rolled = walked(duration, day, free)
            found = counted(duration, event, calendar=None, place=place)
            assert (last_day(found.target), last_day(found.limit)) == (strict, rolled), (state, day, duration)
            assert works(last_day(found.limit), free)
        found = counted("P5D", event, calendar=None, place=place, unit="working_days")
        left, walking = 5, day
        while left:
            walking += ONE_DAY
            left -= works(walking, free)
        assert last_day(found.target) == last_day(found.limit) == walking


moments = st.datetimes(datetime(2025, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
zones = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("Europe/Lisbon", "Europe/Athens", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
    ]
)


@unhurried
@given(moments, st.integers(1, 200), zones)
def test_hours_agree_with_counting_minute_by_minute_and_hour_by_hour(event: datetime, hours: int, zone: ZoneInfo):
    walking = event.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while walking.astimezone(zone).minute:
        walking += timedelta(minutes=1)
        # An hour that a change of the clocks cut short is over where the next one begins.
        if walking - event >= timedelta(hours=1):
            break
    for _ in range(hours):
        walking += timedelta(hours=1)
    found = counted(f"PT{hours}H", event, calendar=None, place=zone)
    assert found.target is not None
    assert found.target == found.limit
    assert found.target.astimezone(UTC) == walking


def test_hours_across_a_change_of_the_clocks_are_real_hours():
    for event, end in (
        ("2026-10-24T14:20+02:00", "2026-10-25T14:00+01:00"),
        ("2026-03-28T14:20+01:00", "2026-03-29T16:00+02:00"),
        ("2026-10-25T02:30+02:00", "2026-10-26T02:00+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-26T03:00+01:00"),
    ):
        found = counted("PT24H", datetime.fromisoformat(event), calendar=None)
        assert found.limit is not None
        assert found.limit.isoformat(timespec="minutes") == end


def test_a_day_ends_at_midnight_of_the_place_also_where_the_clocks_change_at_midnight():
    found = counted("P1D", datetime(2026, 4, 22, 9, tzinfo=UTC), calendar=None, place=ZoneInfo("Africa/Cairo"))
    assert found.target is not None
    assert found.target.astimezone(UTC) == datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )  # 00:00 does not exist: 01:00 follows 24:00


def test_the_day_of_the_event_is_that_of_the_place():
    event = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert last_day(counted("P10D", event, calendar=None).target) == date(2026, 12, 4)
    assert last_day(counted("P10D", event, calendar=None, place=ZoneInfo("Europe/Lisbon")).target) == date(2026, 12, 3)


states = st.sampled_from(UNION)
kinds = st.sampled_from(["P{}D", "P{}W", "P{}M", "P{}Y", "PT{}H", "working"])


def reckoned(kind: str, number: int, event: datetime, state: str) -> tuple[datetime, datetime]:
    place = places.Place(state, ZoneInfo(places.zones_of(state)[0]))
    unit = "working_days" if kind == "working" else ""
    found = counted(f"P{number}D" if unit else kind.format(number), event, calendar=None, place=place, unit=unit)
    assert found.target is not None
    assert found.limit is not None
    return found.target.astimezone(UTC), found.limit.astimezone(UTC)


@unhurried
@given(moments, moments, st.integers(1, 12), kinds, states)
def test_a_later_event_never_gives_an_earlier_end(one: datetime, other: datetime, number: int, kind: str, state: str):
    first, second = (reckoned(kind, number, event, state) for event in sorted((one, other)))
    assert first[0] <= second[0]
    assert first[1] <= second[1]


@unhurried
@given(moments, st.integers(0, 60), st.integers(1, 12), kinds, states)
def test_nor_does_an_event_that_is_only_days_later(one: datetime, days: int, number: int, kind: str, state: str):
    first, second = (reckoned(kind, number, event, state) for event in (one, one + ONE_DAY * days))
    assert first[0] <= second[0]
    assert first[1] <= second[1]


@unhurried
@given(moments, st.integers(1, 40), st.integers(1, 40), kinds, states)
def test_a_longer_period_never_ends_earlier(event: datetime, one: int, other: int, kind: str, state: str):
    shorter, longer = (reckoned(kind, number, event, state) for number in sorted((one, other)))
    assert shorter[0] <= longer[0]
    assert shorter[1] <= longer[1]


@unhurried
@given(moments, st.integers(1, 120), st.sampled_from(["P{}D", "P{}W", "P{}M"]), states)
def test_a_period_that_rolls_over_never_ends_on_a_day_that_is_no_working_day(
    event: datetime, number: int, kind: str, state: str
):
    place = places.Place(state, ZoneInfo(places.zones_of(state)[0]))
    found = counted(kind.format(number), event, calendar=None, place=place)
    assert calendar_of(place).works(last_day(found.limit))
    assert found.target is not None
    assert found.limit is not None
    assert event < found.target <= found.limit
