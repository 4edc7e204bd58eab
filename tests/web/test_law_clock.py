"""The clock page: any deadline of the edition, without a case and without a script, with a proof, a picture and a calendar file."""

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from icalendar import Calendar

from comity.law import Edition
from comity.law.clocks import reckon
from comity.law.places import place
from comity.web.law.clock_form import EVENT, choice
from desks import at_desk, summary_of
from scenes import World

EDITION = Edition.packaged()
DEADLINES = [
    (instrument.id, measure.id, deadline)
    for instrument in EDITION.instruments.values()
    for measure in instrument.measures.values()
    for deadline in measure.deadlines
]
KEEP = "coe-ets185/bud.preservation_abroad/min_keep"
PRODUCE = "eu-2023-1543/eev.production.traffic_or_content/produce_notified"
HOURS = "eu-2023-1543/eev.production.traffic_or_content/produce_emergency"


@pytest.fixture
def reader(world: World) -> Iterator[Client]:
    """Somebody without any case at the issuing node."""
    with world.stage.cv.active():
        yield at_desk(world.stage, world.stage.cv, "judge")


def asked(client: Client, deadline: str, *events: str, file: bool = False, **more: str) -> Any:
    """The answer of the page, or of the file, to a question that stands in the address."""
    given = {"deadline": deadline, **more} | {f"{EVENT}{n}": at for n, at in enumerate(events, start=1)}
    return client.get(f"/law/clock{'.ics' if file else ''}?{urlencode(given)}")


def said(answer: Any) -> str:
    return html.unescape(summary_of(answer))


def error(answer: Any, field: str) -> str:
    """What stands at a field."""
    page = answer.content.decode()
    found = re.search(rf'id="id_{field}_error">(.*?)</div>\s*</div>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", found[1])).strip() if found else ""


def test_every_deadline_of_the_edition_can_be_chosen(reader: Client):
    page = reader.get("/law/clock").content.decode()
    offered = set(re.findall(r'<option value="([^"]+)"', page))
    assert offered == {choice(instrument, measure, one.id) for instrument, measure, one in DEADLINES}


@pytest.mark.parametrize(("instrument", "measure", "deadline"), DEADLINES, ids=lambda one: getattr(one, "id", one))
def test_a_deadline_is_computed_as_the_law_computes_it(reader: Client, instrument: str, measure: str, deadline: Any):
    first = choice(instrument, measure, deadline.id)
    answer = asked(reader, first, "2026-11-27 14:30", place="NL")
    assert answer.status_code == 200, said(answer)
    if not deadline.duration:
        assert "No figure is stated" in said(answer)
        return
    where = place("NL")
    moment = datetime(2026, 11, 27, 14, 30, tzinfo=where.zone)
    expected = reckon(deadline, events={deadline.starts[0]: moment}, place=where)
    assert expected.target is not None
    assert expected.limit is not None
    page = answer.content.decode()
    assert f'datetime="{expected.target.isoformat()}"' in page
    assert f'datetime="{expected.limit.isoformat()}"' in page
    for step in expected.steps:
        assert step.article in said(answer)
    assert page.count("<svg") == 2


def test_a_holiday_at_the_place_is_passed_over_and_named_in_proof_and_table(reader: Client):
    page = said(asked(reader, PRODUCE, "2026-12-15 16:00", place="NL"))
    assert "Friday, 25 December 2026, 24:00" in page
    assert "Monday, 28 December 2026, 24:00" in page
    assert "Friday 2026-12-25 is a public holiday: Christmas Day" in page
    assert "Public holiday: Christmas Day" in page


def test_an_open_start_asks_for_every_candidate_and_computes_from_each(reader: Client):
    page = said(asked(reader, KEEP, "2026-11-23 09:00", "2026-11-25 10:00", place="CV"))
    assert "The text does not say which of these events starts the clock." in page
    assert "Keep until Sunday, 24 January 2027, 24:00" in page
    assert "Ask before Thursday, 21 January 2027, 24:00" in page
    assert "Event B: Wednesday, 25 November 2026, 10:00" in page


def test_hours_are_counted_in_the_time_of_the_place_and_an_offset_is_obeyed(reader: Client):
    there = said(asked(reader, HOURS, "2026-11-27 14:00", place="NL"))
    elsewhere = said(asked(reader, HOURS, "2026-11-27 13:00+00:00", place="NL"))
    assert "Friday, 27 November 2026, 23:00" in there
    assert "Friday, 27 November 2026, 23:00" in elsewhere


def test_a_deadline_without_a_figure_says_so_and_asks_for_nothing(reader: Client):
    instrument, measure, deadline = next(one for one in DEADLINES if not one[2].duration)
    answer = asked(reader, choice(instrument, measure, deadline.id))
    assert "act without delay" in said(answer)
    assert 'name="place"' not in answer.content.decode()


@pytest.mark.parametrize(
    "typed", ["nonsense", "2026-02-30 10:00", "2026-11-23", "23.11.2026 09:00", "2026-11-23 24:30", "9" * 99]
)
def test_what_is_no_moment_stays_at_its_field_with_a_clear_refusal(reader: Client, typed: str):
    answer = asked(reader, PRODUCE, typed, place="NL")
    assert answer.status_code == 422
    assert error(answer, f"{EVENT}1") == "This is no day with a time of day. Write it as 2026-11-23 09:00."
    assert f'value="{typed}"' in answer.content.decode()


def test_an_hour_that_the_clocks_left_out_or_showed_twice_is_not_guessed(reader: Client):
    gone = asked(reader, PRODUCE, "2027-03-28 02:30", place="NL")
    assert "never showed this time" in error(gone, f"{EVENT}1")
    twice = asked(reader, PRODUCE, "2026-10-25 02:30", place="NL")
    assert "twice: add the offset, +02:00 or +01:00" in error(twice, f"{EVENT}1")
    assert asked(reader, PRODUCE, "2026-10-25 02:30+02:00", place="NL").status_code == 200


def test_without_an_event_no_clock_runs(reader: Client):
    assert "without an event no clock runs" in error(asked(reader, KEEP, place="CV"), f"{EVENT}1")
    assert "without an event no clock runs" in error(asked(reader, PRODUCE, place="NL"), f"{EVENT}1")


def test_a_state_with_several_times_asks_for_one_of_them(reader: Client):
    answer = asked(reader, KEEP, "2026-11-23 09:00", place="US")
    assert answer.status_code == 422
    assert "keeps several times" in error(answer, "zone")
    chosen = asked(reader, KEEP, "2026-11-23 09:00", place="US", zone="America/Chicago")
    assert "In the time of America/Chicago." in said(chosen)
    wrong = asked(reader, KEEP, "2026-11-23 09:00", place="US", zone="Europe/Paris")
    assert "does not keep the time of Europe/Paris" in error(wrong, "zone")


def test_a_part_of_a_state_has_its_own_holidays_and_one_that_does_not_exist_is_refused(reader: Client):
    bavaria = asked(reader, PRODUCE, "2026-12-28 10:00", place="DE", zone="Europe/Berlin", part="BY")
    assert "Epiphany" in said(bavaria)
    wrong = asked(reader, PRODUCE, "2026-12-28 10:00", place="DE", zone="Europe/Berlin", part="ZZ")
    assert wrong.status_code == 422
    assert "DE-BY" in error(wrong, "part")


@pytest.mark.parametrize(("deadline", "query"), [("eu-1/x/y", ""), (PRODUCE, "place=ZZ"), (PRODUCE, "place=")])
def test_a_choice_that_the_edition_does_not_know_is_refused_at_its_field(reader: Client, deadline: str, query: str):
    answer = reader.get(f"/law/clock?deadline={deadline}&event_1=2026-11-23+09:00&{query}")
    assert answer.status_code == 422
    assert error(answer, "place" if query else "deadline")


def test_a_day_that_no_calendar_holds_is_refused(reader: Client):
    answer = asked(reader, KEEP, "9999-12-30 09:00", place="CV")
    assert answer.status_code == 422
    assert "calendar" in said(answer)


def test_the_calendar_file_holds_both_dates_with_the_proof(reader: Client):
    answer = asked(reader, PRODUCE, "2026-12-15 16:00", place="NL", file=True)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [str(one.decoded("dtstart")) for one in events] == ["2026-12-25", "2026-12-28"]
    assert all("public holiday" in str(one["description"]) for one in events)


def test_a_file_that_cannot_be_computed_leads_to_the_page_that_says_why(reader: Client):
    answer = asked(reader, PRODUCE, "nonsense", place="NL", file=True)
    assert answer.status_code == 302
    assert reader.get(answer["Location"]).status_code == 422
    assert reader.get("/law/clock.ics").status_code == 302


def test_the_library_leads_to_the_clock_of_each_deadline(reader: Client):
    page = html.unescape(reader.get("/law/instruments/coe-ets185").content.decode())
    url = f"/law/clock?{urlencode({'deadline': KEEP})}"
    assert url in page
    assert reader.get(url).status_code == 200


def test_the_other_clocks_of_the_measure_are_told_what_the_same_events_make_of_them(reader: Client):
    page = said(asked(reader, PRODUCE, "2026-11-27 14:30", place="NL"))
    beside = page.split("What the same events make of the other clocks of this measure")[1]
    assert re.search(r"at most 8 hours Runs Friday, 27 November 2026, 23:00 Friday, 27 November 2026, 23:00", beside)
    assert re.search("raise ground for refusal .*? Waits for its event \N{EN DASH} \N{EN DASH}", beside)


def test_no_two_places_of_the_page_have_the_same_name(reader: Client):
    page = asked(reader, KEEP, "2026-11-23 09:00", "2026-11-25 10:00", place="CV").content.decode()
    found = re.findall(r' id="([^"]+)"', page)
    assert len(found) == len(set(found))


def test_the_picture_is_well_formed_and_says_everything_in_words(reader: Client):
    page = asked(reader, PRODUCE, "2026-12-15 16:00", place="NL").content.decode()
    for drawn in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        desc = ET.fromstring(drawn).find("{http://www.w3.org/2000/svg}desc")
        assert desc is not None
        assert "Aim for: Friday, 25 December 2026, 24:00." in str(desc.text)
        assert "3 days of weekends between." in str(desc.text)
        assert "2 public holidays between." in str(desc.text)
        assert "style=" not in drawn


def test_events_that_lie_close_share_one_text_above_the_line(reader: Client):
    page = asked(reader, KEEP, "2026-11-23 09:00", "2026-11-23 10:00", place="CV").content.decode()
    narrow = next(re.finditer(r"<svg.*?</svg>", page, re.DOTALL)).group()
    assert ">A B</text>" in narrow
    assert ">A</text>" not in narrow


def test_of_a_long_period_only_the_public_holidays_stand_in_the_table(reader: Client):
    instrument, measure, deadline = next(one for one in DEADLINES if one[2].duration == "P5Y")
    page = said(asked(reader, choice(instrument, measure, deadline.id), "2026-01-05 10:00", place="NL"))
    assert "too narrow to be drawn" in page
    assert "Public holiday" in page
    assert "Weekend " not in page.split("Day by day, as a table")[1]
