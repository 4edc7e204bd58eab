"""Dates as an iCalendar file: what a calendar reads back is what was reckoned."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from comity.law import clocks
from comity.law.calendar_file import Dated, NothingDated, calendar, dated
from law.cases import EDITION

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVENT = datetime(2026, 12, 15, 16, tzinfo=AMSTERDAM)
STAMP = datetime(2026, 12, 15, 16, 30, tzinfo=AMSTERDAM)


def clock(measure: str, deadline: str, event: str = "receipt_of_EPOC", source: str = "a letter") -> Dated:
    found = EDITION.deadline("eu-2023-1543", measure, deadline)
    return dated(found, clocks.reckon(found, events={event: EVENT}, place=AMSTERDAM), source=source)


ORDER = clock("eev.production.subscriber_or_identification", "produce")
URGENT = clock("eev.production.subscriber_or_identification", "produce_emergency", source="another letter")


def read(*written: Dated) -> list[Event]:
    return [
        event
        for event in Calendar.from_ical(calendar(written, stamped_at=STAMP)).walk("VEVENT")
        if isinstance(event, Event)
    ]


def test_a_target_and_a_limit_are_two_days_with_the_proof_and_an_alarm():
    target, limit = read(ORDER)
    assert [target.decoded("dtstart"), limit.decoded("dtstart")] == [date(2026, 12, 25), date(2026, 12, 28)]
    assert [str(one["summary"]) for one in (target, limit)] == [
        "target: addressee transmit data (Art. 10(3))",
        "limit: addressee transmit data (Art. 10(3))",
    ]
    for event in (target, limit):
        assert str(event["description"]).split("\n") == list(ORDER.reckoned.proof)
        assert event.decoded("dtstamp") == STAMP.astimezone(UTC)
        assert event.walk("VALARM")[0].decoded("trigger") == timedelta(days=-1)


def test_an_hour_is_one_moment_in_utc():
    (event,) = read(URGENT)
    assert event.decoded("dtstart") == datetime(2026, 12, 16, 0, tzinfo=UTC)
    assert event.walk("VALARM")[0].decoded("trigger") == timedelta(hours=-1)


def test_a_duty_to_keep_says_which_date_is_whose():
    keep = EDITION.deadline("coe-ets185", "bud.preservation_abroad", "min_keep")
    reckoned = clocks.reckon(keep, events={"receipt_of_request": EVENT}, place=AMSTERDAM)
    first, second = read(dated(keep, reckoned, source="a letter"))
    assert str(first["summary"]).startswith("keep until: ")
    assert str(second["summary"]).startswith("ask before: ")
    assert first.decoded("dtstart") - second.decoded("dtstart") == timedelta(days=1)


def test_the_same_clock_gives_the_same_bytes_and_another_one_has_other_names():
    assert calendar([ORDER, URGENT], stamped_at=STAMP) == calendar([ORDER, URGENT], stamped_at=STAMP)
    names = [str(event["uid"]) for event in read(ORDER, URGENT)]
    assert len(set(names)) == 3
    moved = Dated(ORDER.source, ORDER.target, ORDER.limit, URGENT.reckoned)
    assert str(read(moved)[0]["uid"]) == names[0]


def test_lines_are_folded_and_end_as_the_standard_says():
    lines = calendar([ORDER], stamped_at=STAMP).split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert max(map(len, lines)) <= 75


def test_a_clock_without_a_date_makes_no_file():
    waiting = clock("eev.production.subscriber_or_identification", "produce", event="something_else")
    with pytest.raises(NothingDated):
        calendar([waiting], stamped_at=STAMP)
