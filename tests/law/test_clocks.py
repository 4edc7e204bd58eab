"""Clocks of treaties that state no rule on counting: both readings, and a proof of each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.law import clocks
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
    [{"calc": "R1182_71"}, {"calc": "directive_national_law"}, {"calc": ""}, {"duration": "P2M"}, {"duration": "P1W"}],
)
def test_a_period_that_this_edition_cannot_count_is_refused_with_its_article(changes: dict[str, str]):
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


@pytest.mark.parametrize("instrument", ["coe-ets185", "un-untoc"])
def test_every_deadline_of_a_fully_encoded_instrument_can_be_counted(instrument: str):
    for measure in EDITION.instruments[instrument].measures.values():
        for one in measure.deadlines:
            assert one.starts, f"{measure.id}.{one.id} has no event that starts it"
            events = dict.fromkeys(one.starts, at("2026-11-23T09:00:00+00:00"))
            assert clocks.reckon(one, events=events, place=AMSTERDAM).proof


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
