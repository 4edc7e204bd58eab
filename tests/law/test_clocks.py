"""Clocks of treaties that state no rule on counting: both readings, and a proof of each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.law import clocks, places
from law.cases import EDITION

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PRAIA = ZoneInfo("Atlantic/Cape_Verde")
KEEP = EDITION.deadline("coe-ets185", "bud.preservation_abroad", "min_keep")
SAFE_CONDUCT = EDITION.deadline("un-untoc", "untoc.mla", "safe_conduct_end")


def deadline(**changes: object) -> clocks.Deadline:
    return clocks.Deadline.from_record({**SAFE_CONDUCT.as_record(), **changes})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {**KEEP.as_record(), "candidates": "receipt"},
        {**KEEP.as_record(), "candidates": [1]},
        {**KEEP.as_record(), "duration": 60},
        {**KEEP.as_record(), "holiday": "none"},
    ],
)
def test_a_record_that_is_no_deadline_is_refused(broken: object):
    with pytest.raises(clocks.DeadlineBroken):
        clocks.Deadline.from_record(broken)


@pytest.mark.parametrize(
    "changes",
    [
        {"calc": ""},
        {"calc": "custom_of_the_place"},
        {"duration": "P0D"},
        {"duration": "PT0H"},
        {"duration": "P1DT2H"},
        {"duration": "ten days"},
        {"duration": "PT8H", "unit": "working_days"},
        {"duration": "P1W", "unit": "working_days"},
    ],
)
def test_a_period_that_nobody_can_count_is_refused_with_its_article(changes: dict[str, str]):
    counted = deadline(**changes)
    with pytest.raises(clocks.CountingNotEncoded) as refused:
        clocks.reckon(counted, events={counted.from_event: at("2026-11-23T09:00:00+00:00")}, place=UTC)
    assert "18(27)" in clocks.CountingNotEncoded.hint.format(**refused.value.facts)


def test_a_deadline_survives_as_a_record():
    assert clocks.Deadline.from_record(KEEP.as_record()) == KEEP


def test_a_promise_without_a_figure_has_no_date():
    prompt = EDITION.deadline("coe-ets185", "bud.preservation_abroad", "preserve")
    reckoned = clocks.reckon(prompt, events={"receipt_of_request": at("2026-11-23T09:00:00+00:00")}, place=AMSTERDAM)
    assert (reckoned.target, reckoned.limit) == (None, None)
    assert "No figure is stated" in reckoned.proof[-1]


def test_a_clock_waits_for_its_event():
    reckoned = clocks.reckon(KEEP, events={"something_else": at("2026-11-23T09:00:00+00:00")}, place=AMSTERDAM)
    assert (reckoned.target, reckoned.limit) == (None, None)
    assert reckoned.proof[-1].endswith("waits for: receipt_of_request or preservation_effected.")


def test_the_sixty_days_keep_the_holder_longer_and_warn_the_requester_earlier():
    events = {
        "receipt_of_request": at("2026-11-23T09:00:00+00:00"),
        "preservation_effected": at("2026-11-23T23:30:00+00:00"),  # already the 24th in Amsterdam
    }
    reckoned = clocks.reckon(KEEP, events=events, place=AMSTERDAM)
    assert reckoned.target == at("2027-01-24T00:00:00+01:00")
    assert reckoned.limit == at("2027-01-22T00:00:00+01:00")
    assert "hold until 2027-01-23 24:00; the requester's alarm is 2027-01-21 24:00" in reckoned.proof[-1]


def test_a_duty_to_act_aims_for_the_earlier_reading():
    act = deadline(type="hard_max", from_event="receipt_of_request")
    reckoned = clocks.reckon(act, events={"receipt_of_request": at("2026-11-23T12:00:00-01:00")}, place=PRAIA)
    assert reckoned.target == at("2026-12-08T00:00:00-01:00")
    assert reckoned.limit == at("2026-12-09T00:00:00-01:00")


def test_hours_run_through_a_change_of_the_clocks():
    hours = deadline(type="hard_max", duration="PT24H", from_event="receipt_of_request")
    reckoned = clocks.reckon(hours, events={"receipt_of_request": at("2026-10-24T12:00:00+02:00")}, place=AMSTERDAM)
    assert reckoned.target == reckoned.limit == at("2026-10-25T11:00:00+01:00")


def test_the_answer_for_machines_carries_the_offset_of_the_place():
    reckoned = clocks.reckon(KEEP, events={"receipt_of_request": at("2026-11-23T09:00:00+00:00")}, place=PRAIA)
    assert reckoned.as_json()["target"] == "2027-01-23T00:00:00-01:00"


@pytest.mark.parametrize("place", ["NL", "Europe/Berlin", "IO", "UTC"])
def test_every_deadline_of_the_edition_that_has_a_duration_is_counted(place: str):
    moment = at("2026-11-23T09:00:00+00:00")
    counted = 0
    for instrument in EDITION.instruments.values():
        for measure in instrument.measures.values():
            for one in measure.deadlines:
                assert one.starts, f"{measure.id}.{one.id} has no event that starts it"
                reckoned = clocks.reckon(one, events=dict.fromkeys(one.starts, moment), place=places.place(place))
                assert reckoned.proof[0].startswith(f"Art. {one.article}: ")
                assert bool(reckoned.target) == bool(reckoned.limit) == bool(one.duration)
                counted += bool(one.duration)
    assert counted > 60


def test_a_start_that_the_law_leaves_open_without_candidates_is_still_counted():
    left_open = deadline(from_event="not_stated", candidates=[], duration="P1M")
    assert left_open.starts == ("not_stated",)
    reckoned = clocks.reckon(left_open, events={"not_stated": at("2026-11-23T09:00:00+00:00")}, place=UTC)
    assert reckoned.target == at("2026-12-24T00:00:00+00:00")
    assert "The text does not say what starts it" in " ".join(reckoned.proof)


def test_a_day_that_the_text_names_starts_the_clock_by_itself():
    fixed = EDITION.deadline("eu-2023-1544", "rep.designation", "existing_providers")
    reckoned = clocks.reckon(fixed, events={}, place=AMSTERDAM)
    assert reckoned.target == reckoned.limit == at("2026-08-19T00:00:00+02:00")
    assert deadline(from_event="2026-02-31 (no day)").fixed_start is None


@pytest.mark.parametrize(
    ("duration", "not_counted", "counted"),
    [("P2W", "2026-12-08", "2026-12-07"), ("P3M", "2027-02-24", "2027-02-23"), ("P1Y", "2027-11-24", "2027-11-23")],
)
def test_a_silent_treaty_is_read_twice_in_weeks_months_and_years_too(duration: str, not_counted: str, counted: str):
    silent = deadline(duration=duration, type="hard_max", from_event="event")
    reckoned = clocks.reckon(silent, events={"event": at("2026-11-23T09:00:00+01:00")}, place=AMSTERDAM)
    assert reckoned.limit == at(f"{not_counted}T00:00:00+01:00")
    assert reckoned.target == at(f"{counted}T00:00:00+01:00")


def test_a_silent_treaty_counts_working_days_in_both_readings():
    silent = deadline(duration="P5D", unit="working_days", type="hard_max", from_event="event")
    reckoned = clocks.reckon(silent, events={"event": at("2026-11-23T09:00:00+01:00")}, place=AMSTERDAM)
    assert (reckoned.target, reckoned.limit) == (at("2026-11-28T00:00:00+01:00"), at("2026-12-01T00:00:00+01:00"))


@pytest.mark.parametrize("calc", ["treaty_silent", "R1182_71"])
@pytest.mark.parametrize("duration", ["PT12H", "P10D", "P3M"])
def test_a_period_counted_back_is_due_before_it_begins(calc: str, duration: str):
    back = deadline(calc=calc, duration=duration, type="hard_min", from_event="counted back from the hearing")
    hearing = at("2026-11-27T14:20+01:00")
    reckoned = clocks.reckon(back, events={"counted back from the hearing": hearing}, place=AMSTERDAM)
    assert reckoned.target is not None
    assert reckoned.limit is not None
    assert reckoned.target <= reckoned.limit < hearing
    assert reckoned.proof[-1].startswith("Due before the period begins")


@pytest.mark.parametrize(("duration", "unit"), [("P10D", ""), ("P10D", "working_days"), ("P3M", ""), ("PT48H", "")])
def test_a_period_that_leads_beyond_the_calendar_is_refused(duration: str, unit: str):
    period = {"duration": duration, "unit": unit, "calc": "R1182_71"}
    first, last = at("0001-01-01T00:00:00+00:00"), at("9999-12-31T23:00:00+00:00")
    with pytest.raises(clocks.BeyondTheCalendar):
        clocks.reckon(deadline(**period, from_event="event"), events={"event": last}, place=UTC)
    back = deadline(**period, from_event="counted back from it")
    with pytest.raises(clocks.BeyondTheCalendar):
        clocks.reckon(back, events={"counted back from it": first}, place=UTC)
    with pytest.raises(clocks.BeyondTheCalendar):
        clocks.reckon(deadline(**period, from_event="event"), events={"event": first}, place=PRAIA)


def counted_by_hand(start: date, *, days: int, with_first: bool) -> date:
    """The last day of a period, one day after the other."""
    day, left = start, days - 1 if with_first else days
    while left:
        day, left = day + timedelta(days=1), left - 1
    return day


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(moments, st.integers(1, 400), st.sampled_from([AMSTERDAM, PRAIA, ZoneInfo("Pacific/Apia")]))
def test_days_agree_with_counting_by_hand(start: datetime, days: int, place: ZoneInfo):
    counted = deadline(type="hard_max", duration=f"P{days}D", from_event="event")
    reckoned = clocks.reckon(counted, events={"event": start}, place=place)
    first = start.astimezone(place).date()
    assert reckoned.target is not None
    assert reckoned.limit is not None
    assert reckoned.target.date() - timedelta(days=1) == counted_by_hand(first, days=days, with_first=True)
    assert reckoned.limit.date() - timedelta(days=1) == counted_by_hand(first, days=days, with_first=False)


@given(moments, moments)
def test_a_later_event_never_ends_a_clock_earlier(one: datetime, other: datetime):
    earlier, later = sorted((one, other))
    ends = [clocks.reckon(KEEP, events={"receipt_of_request": start}, place=AMSTERDAM) for start in (earlier, later)]
    assert ends[0].target is not None
    assert ends[1].target is not None
    assert ends[0].target <= ends[1].target
