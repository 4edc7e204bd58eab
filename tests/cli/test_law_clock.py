"""`comity law clock` at the terminal: refusals with the right values, the documented JSON, and a file for a calendar."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from comity.cli.law import law
from comity.errors import ComityError
from comity.law import clocks

KEEP = ["clock", "--instrument", "coe-ets185", "--measure", "bud.preservation_abroad", "--deadline", "min_keep"]
ORDER = ["clock", "--instrument", "eu-2023-1543", "--measure", "eev.production.subscriber_or_identification"]
EVENT = "receipt_of_request=2026-11-23T09:00"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(law, arguments)
    if isinstance(result.exception, ComityError):
        raise result.exception
    return result


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (["--place", "ZZ", "--event", EVENT], "ISO 3166-1"),
        (["--place", "US", "--event", EVENT], "America/New_York"),
        (["--place", "DE", "--event", EVENT], "Europe/Berlin"),
        (["--place", "DE-BY", "--event", EVENT], "DE-BY:Europe/Berlin"),
        (["--place", "NL:Europe/Berlin", "--event", EVENT], "Europe/Amsterdam"),
        (["--place", "Mars/Olympus", "--event", EVENT], "Europe/Amsterdam"),
        (["--place", "Europe", "--event", EVENT], "Europe/Amsterdam"),
        (["--place", "NL", "--event", "2026-11-23T09:00Z"], "preservation_effected"),
        (["--place", "NL", "--event", "rain=2026-11-23T09:00Z"], "preservation_effected"),
        (["--place", "NL", "--event", "receipt_of_request=soon"], "2026-11-23T09:00"),
    ],
)
def test_a_wrong_value_is_refused_with_the_right_ones(wrong: list[str], right: str):
    with pytest.raises(ComityError) as refused:
        run(*KEEP, *wrong)
    assert right in str(refused.value.facts["allowed"])


def test_the_clock_answers_with_target_limit_and_proof():
    record = json.loads(run(*KEEP, "--place", "NL", "--event", EVENT, "--json").output)  # the place's own time
    assert record.keys() == {"target", "limit", "proof"}
    assert record["target"] == "2027-01-23T00:00:00+01:00"
    assert record["limit"] == "2027-01-22T00:00:00+01:00"
    assert (
        record["proof"][-1] == "A duty to keep: hold until 2027-01-22 24:00; the requester's alarm is 2027-01-21 24:00."
    )


def test_the_page_on_clocks_shows_what_the_command_answers():
    page = (Path(__file__).parents[2] / "docs" / "spec" / "clock.md").read_text(encoding="utf-8")
    command, shown = re.findall(r"```(?:json)?\n(.*?)```", page, re.DOTALL)[:2]
    asked = command.replace("\\\n", "").split()
    assert asked[:2] == ["comity", "law"]
    answered = json.loads(run(*asked[2:]).output)
    version = re.compile(r"holidays \d+(\.\d+)*")
    assert [version.sub("holidays", line) for line in json.loads(shown)["proof"]] == [
        version.sub("holidays", line) for line in answered.pop("proof")
    ]
    assert {name: moment for name, moment in json.loads(shown).items() if name != "proof"} == answered
    explained = set(re.findall(r"`([A-Za-z_0-9]+)`", page))
    assert {*json.loads(shown), *clocks.RULES, *clocks.ClockState, *clocks.Effect} <= explained


def test_people_read_the_dates_first_and_then_why():
    said = run(*ORDER, "--deadline", "produce", "--place", "NL", "--event", "2026-12-15T16:00").output.splitlines()
    assert said[:2] == ["target  2026-12-26T00:00:00+01:00", "limit   2026-12-29T00:00:00+01:00"]
    assert "Friday 2026-12-25 is a public holiday: Christmas Day (Reg. 1182/71 Art. 2)." in said


def test_a_single_start_event_needs_no_name():
    safe = ["clock", "--instrument", "un-untoc", "--measure", "untoc.mla", "--deadline", "safe_conduct_end"]
    assert run(*safe, "--place", "Atlantic/Cape_Verde", "--event", "2026-11-23T09:00Z").exit_code == 0


def test_a_part_of_a_state_has_its_own_holidays():
    order = [*ORDER, "--deadline", "produce", "--event", "2026-12-27T10:00", "--json"]
    bavaria = json.loads(run(*order, "--place", "DE-BY:Europe/Berlin").output)
    germany = json.loads(run(*order, "--place", "Europe/Berlin").output)
    assert germany["limit"] == "2027-01-07T00:00:00+01:00"
    assert bavaria["limit"] == "2027-01-08T00:00:00+01:00"
    assert "Epiphany" in " ".join(bavaria["proof"])


def test_the_calendar_file_holds_both_dates_and_the_same_question_gives_the_same_file():
    asked = [*ORDER, "--deadline", "produce", "--place", "NL", "--event", "2026-12-15T16:00", "--ics"]
    result = run(*asked)
    assert result.stdout_bytes == run(*asked).stdout_bytes
    events = Calendar.from_ical(result.stdout_bytes).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2026, 12, 25), date(2026, 12, 28)]


def test_a_promise_without_a_figure_makes_no_calendar_file():
    with pytest.raises(ComityError) as refused:
        run(*ORDER, "--deadline", "preserve_on_receipt", "--place", "NL", "--event", "2026-12-15T16:00", "--ics")
    assert refused.value.code == "law.nothing_dated"
