"""Places and their holidays: which state a zone lies in, which days are public holidays, and when the library is loaded."""

import subprocess
import sys
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from comity.law import calendars, places
from comity.law.question import ValueUnknown
from law.cases import EDITION


@pytest.mark.parametrize(
    ("typed", "state", "zone", "part"),
    [
        ("NL", "NL", "Europe/Amsterdam", ""),
        ("Europe/Berlin", "DE", "Europe/Berlin", ""),
        ("DE-BY:Europe/Berlin", "DE", "Europe/Berlin", "BY"),
        ("PT:Atlantic/Azores", "PT", "Atlantic/Azores", ""),
        ("AT-9", "AT", "Europe/Vienna", "9"),
        ("UTC", "", "UTC", ""),
    ],
)
def test_a_place_is_a_state_with_its_time(typed: str, state: str, zone: str, part: str):
    assert places.place(typed) == places.Place(state, ZoneInfo(zone), part)


@pytest.mark.parametrize(
    "typed",
    ["", "nl", "XX", "DE", "DE-BY", "DE:Europe/Paris", "Europe", "Europe/Nowhere", "../etc", "NL\n", "\uff2e\uff2c"],
)
def test_what_is_no_place_is_refused(typed: str):
    with pytest.raises(ValueUnknown):
        places.place(typed)


def test_every_zone_lies_in_its_state_and_every_state_of_the_law_has_a_time():
    for state in EDITION.states:
        for zone in places.zones_of(state):
            assert places.state_of(zone) == state
    assert {state for state in EDITION.states if not places.zones_of(state)} <= {"XK"}
    assert places.in_zone(UTC) == places.Place("", UTC)
    assert str(places.place("DE-BY:Europe/Berlin")) == "DE-BY, time of Europe/Berlin"
    assert str(places.in_zone(UTC)) == "time of UTC"


def holiday(typed: str, day: str) -> str:
    return calendars.calendar_of(places.place(typed)).holiday(date.fromisoformat(day))


def test_public_holidays_are_those_of_the_country_and_of_the_part_that_is_named():
    assert holiday("NL", "2026-04-27") == "King's Day"
    assert holiday("Europe/Berlin", "2027-01-06") == ""
    assert holiday("DE-BY:Europe/Berlin", "2027-01-06") == "Epiphany"
    assert holiday("CV", "2026-07-05") == "National Independence Day"


@pytest.mark.parametrize(
    ("typed", "day"), [("EE", "2026-12-23"), ("GR", "2027-02-26"), ("SE", "2026-04-30"), ("BG", "2026-12-31")]
)
def test_half_days_and_the_days_of_banks_and_schools_are_no_public_holidays(typed: str, day: str):
    assert holiday(typed, day) == ""


def test_a_part_that_a_state_does_not_have_is_refused_with_those_that_it_has():
    with pytest.raises(ValueUnknown) as refused:
        calendars.calendar_of(places.Place("DE", UTC, "XX"))
    assert "DE-BY" in str(refused.value.facts["allowed"])
    with pytest.raises(ValueUnknown):
        calendars.calendar_of(places.Place("IO", UTC, "A"))
    with pytest.raises(ValueUnknown):
        calendars.calendar_of(places.Place("QQ", UTC, "A"))


@pytest.mark.parametrize(("typed", "year"), [("UTC", 2026), ("IO", 2026), ("NL", 1900), ("NL", 2150)])
def test_where_no_holiday_is_known_only_weekends_are_free(typed: str, year: int):
    calendar = calendars.calendar_of(places.place(typed))
    first, last = date(year, 1, 1), date(year, 12, 31)
    assert calendar.unknown(first, last) == (year,)
    free = [day for day in range(365) if not calendar.works(date.fromordinal(first.toordinal() + day))]
    assert 104 <= len(free) <= 106


def test_a_country_that_the_library_does_not_know_has_no_calendar():
    assert calendars.calendar_of(places.Place("QQ", UTC)).year(2026) is None


def test_a_stated_list_of_holidays_takes_the_place_of_the_library():
    calendar = calendars.stated({date(2026, 12, 24): "Christmas Eve"}, source="the list of the court")
    assert calendar.holiday(date(2026, 12, 24)) == "Christmas Eve"
    assert calendar.next_working(date(2026, 12, 24)) == date(2026, 12, 25)
    assert calendar.working_between(date(2026, 12, 21), date(2026, 12, 27)) == 4
    assert calendar.unknown(date(2026, 1, 1), date(2027, 1, 1)) == ()


PROGRAM = """
import sys
from datetime import UTC, datetime
from comity import law
from comity.cli import law as desk
from comity.law import calendar_file, clocks, timetable
edition = law.Edition.packaged()
loaded = lambda: sorted(name for name in sys.modules if name in ("holidays", "icalendar"))
assert loaded() == [], loaded()
event = {"receipt_of_EPOC": datetime(2026, 12, 15, 16, tzinfo=UTC)}
hours = edition.deadline("eu-2023-1543", "eev.production.traffic_or_content", "produce_emergency")
silent = edition.deadline("un-untoc", "untoc.mla", "safe_conduct_end")
place = law.places.place("NL")
clocks.reckon(hours, events=event, place=place)
clocks.reckon(silent, events={silent.from_event: event["receipt_of_EPOC"]}, place=place)
assert loaded() == [], loaded()
days = edition.deadline("eu-2023-1543", "eev.production.subscriber_or_identification", "produce")
clocks.reckon(days, events=event, place=place)
assert loaded() == ["holidays"], loaded()
"""


def test_no_library_is_loaded_before_a_date_of_the_union_is_counted_in_days():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stderr == ""
