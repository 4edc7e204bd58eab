"""`comity law` at the terminal: refusals with the right values, exit codes, and the documented JSON."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from comity import law as the_law
from comity.cli.law import law
from comity.errors import ComityError
from law.cases import EDITION, ON, QUESTION, asking

ASK = ["ask", "--from", "CV", "--to", "NL", "--offence", "drugs:8:12", "--on", "2026-11-23"]
PRESERVE = [*ASK, "--measure", "preservation", "--data", "traffic"]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(law, arguments)
    if isinstance(result.exception, ComityError):
        raise result.exception
    return result


@pytest.mark.parametrize(
    "wrong",
    [
        [*ASK, "--measure", "spying"],
        [*PRESERVE, "--data", "gossip"],
        [*PRESERVE, "--offence", "drugs:many:12"],
        [*PRESERVE, "--fact", "person_consents"],
        [*PRESERVE, "--fact", "person_consents=maybe"],
        [*PRESERVE, "--fact", "weather=yes"],
        [*PRESERVE, "--on", "tomorrow"],
        [*PRESERVE, "--on", "1999-01-01"],
        ["gaps", "--measure", "spying"],
        ["gaps", "--measure", "preservation", "--data", "gossip"],
        ["gaps", "--measure", "preservation", "--from", "XX"],
        ["gaps", "--measure", "preservation", "--on", "tomorrow"],
        ["instrument", "coe-ets999"],
        ["parties", "coe-ets999"],
    ],
)
def test_a_wrong_value_is_refused(wrong: list[str]):
    with pytest.raises(ComityError):
        run(*wrong)


def test_a_question_without_a_day_is_wrong_usage():
    assert CliRunner().invoke(law, [*ASK[:-2], "--measure", "preservation"]).exit_code == 2


def test_ask_prints_the_verdict_for_machines():
    result = run(*PRESERVE, "--json")
    assert result.exit_code == 0
    assert json.loads(result.output) == the_law.routes(QUESTION, on=ON).as_json()


def test_ask_tells_people_the_lawful_route_first_and_then_what_is_closed():
    said = run(*PRESERVE).output
    assert said.index("LAWFUL  Art. 29") < said.index("CLOSED") < said.index("Not encoded")
    assert "Landelijk Parket" in said
    assert "never answers a question between states" in " ".join(said.split())


def test_ask_names_what_is_missing_and_what_it_changes():
    said = run(*ASK, "--measure", "production_content", "--fact", "organised_group_suspected=yes").output
    assert "missing transnational_suspected" in said
    assert "(yes: lawful, no: closed" in " ".join(said.split())


def test_replay_accepts_its_own_verdict_and_no_other(tmp_path: Path):
    stored = tmp_path / "verdict.json"
    verdict = the_law.routes(asking("production_traffic"), on=ON)
    stored.write_text(json.dumps(verdict.as_json()))
    assert verdict.digest in run("replay", str(stored)).output
    stored.write_text(json.dumps({**verdict.as_json(), "on": "2018-01-01"}))
    with pytest.raises(the_law.VerdictDoesNotReplay):
        run("replay", str(stored))
    stored.write_text("no json")
    with pytest.raises(ComityError):
        run("replay", str(stored))


@pytest.mark.parametrize("instrument", sorted(EDITION.instruments))
def test_every_instrument_and_its_parties_can_be_looked_up(instrument: str):
    assert json.loads(run("instrument", instrument, "--json").output)["id"] == instrument
    parties = json.loads(run("parties", instrument, "--json").output)["parties"]
    assert len(parties) == len(EDITION.instruments[instrument].parties.rows)
    assert run("instrument", instrument).output.startswith(instrument)
    assert run("parties", instrument).output.startswith(instrument)


def test_the_list_of_instruments_says_what_is_not_encoded():
    record = json.loads(run("instruments", "--json").output)
    assert record["edition"]["hash"] == EDITION.hash
    assert set(record["not_encoded"]) == set(EDITION.not_encoded)
    assert "coe-ets30" in run("instruments").output


def test_definitions_are_the_vocabulary_of_questions():
    record = json.loads(run("definitions", "--json").output)
    assert record["measures"] == list(EDITION.kinds)
    assert {fact["id"] for fact in record["facts"]} == set(EDITION.facts)
    said = " ".join(run("definitions").output.split())
    assert all(fact.question in said for fact in EDITION.facts.values() if fact.from_ == "answer")


GAPS = ["gaps", "--measure", "preservation", "--data", "traffic"]


def test_gaps_prints_a_row_for_each_ordered_pair():
    rows = json.loads(run(*GAPS, "--json").output)
    assert len(rows) == len(EDITION.states) * (len(EDITION.states) - 1)
    row = next(one for one in rows if (one["from"], one["to"]) == ("CV", "NL"))
    assert row.keys() == {"from", "to", "answer", "route", "instrument", "article", "why", "missing"}


def test_gaps_prints_a_table_for_a_spreadsheet():
    lines = list(csv.reader(io.StringIO(run(*GAPS, "--from", "CV", "--csv").output)))
    assert lines[0][:3] == ["from", "to", "answer"]
    assert len(lines) == len(EDITION.states)


def test_gaps_of_one_state_are_told_with_their_reasons():
    told = run(*GAPS, "--from", "CV").output
    assert "CV to AF none: no instrument of this edition is known to bind both states" in told
    assert "CV to NL" in told


AMENDMENT = """
id = "nl-leaves"
title = "The Netherlands leave the Convention"
basis = "a test"

[[change]]
op = "set"
at = ["instruments", "coe-ets185", "parties", "party", "iso2=NL", "kind"]
value = "not-bound"
"""
WORKED = """
[[example]]
on = "2026-11-23"
question = { from = "CV", to = "NL", measure = "preservation", data = ["traffic"], offences = ["drugs:8:12"] }

[[example]]
on = "2026-11-23"
question = { from = "CV", to = "FR", measure = "preservation" }
"""


@pytest.mark.parametrize("name", ["questions.toml", "questions.json"])
def test_what_if_tells_which_answers_would_change(tmp_path: Path, name: str):
    amendment, questions = tmp_path / "amendment.toml", tmp_path / name
    amendment.write_text(AMENDMENT)
    verdict = the_law.routes(QUESTION, on=ON).as_json()
    other = {"on": "2026-11-23", "question": asking("freezing").as_record()}
    questions.write_text(WORKED if name.endswith("toml") else json.dumps([verdict, other]))
    record = json.loads(run("what-if", str(amendment), "--questions", str(questions), "--json").output)
    assert (record["questions"], len(record["changed"])) == (2, 1)
    assert record["changed"][0]["moved"] == [
        {"route": "coe-ets185/bud.preservation_abroad", "before": "lawful", "after": "closed"}
    ]
    assert record["edition"]["hash"] == EDITION.hash != record["amended"]["hash"]
    told = run("what-if", str(amendment), "--questions", str(questions)).output
    assert "1 of 2 answers would change" in told


@pytest.mark.parametrize(
    ("amendment", "questions"),
    [
        ("no toml = = at all", "[]"),
        (AMENDMENT, "[]"),
        (AMENDMENT, "not json"),
        (AMENDMENT, '[{"on": "2026-11-23"}]'),
        (AMENDMENT, '[{"on": "soon", "question": {}}]'),
        ("id = 1", '[{"on": "2026-11-23", "question": {}}]'),
    ],
)
def test_a_broken_amendment_or_file_of_questions_is_refused(tmp_path: Path, amendment: str, questions: str):
    first, second = tmp_path / "amendment.toml", tmp_path / "questions.json"
    first.write_text(amendment)
    second.write_text(questions)
    with pytest.raises(ComityError):
        run("what-if", str(first), "--questions", str(second))


def test_urgent_is_short_for_the_urgency():
    assert run(*PRESERVE, "--urgent", "--json").output == run(*PRESERVE, "--urgency", "urgent", "--json").output
