"""Nothing was dropped, changed or invented between the law facts and the packaged law.

The comparison reads the facts anew; it shares no code with the script that wrote the TOML.
"""

import csv
import importlib.util
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from comity import law
from comity.law.levels import LEVELS

FACTS = Path(__file__).parent / "facts"
SCRIPT = Path(__file__).parents[2] / "scripts" / "law_from_facts.py"
LAW = files("comity.law")
EDITION = law.Edition.packaged()


def table(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as text:
        return [{column: cell for column, cell in row.items() if cell} for row in csv.DictReader(text)]


IDS = {row["instrument"]: row for row in table("ids.csv")}
RULED = [name for name, one in EDITION.instruments.items() if one.measures]
TABLED = [name for name, one in EDITION.instruments.items() if one.parties.table]
DECLARED = [name for name, row in IDS.items() if "declarations_id" in row]


def packaged(instrument: str, part: str) -> dict[str, Any]:
    return tomllib.loads((LAW / "instruments" / instrument / f"{part}.toml").read_text(encoding="utf-8"))


def rules(instrument: str) -> dict[str, Any]:
    file = FACTS / "rules" / IDS[instrument]["rules_file"]
    stated: dict[str, Any] = without_nulls(yaml.safe_load(file.read_text(encoding="utf-8")))
    return stated


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value if isinstance(value, bool | int | str) else str(value)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["fact"]] if "fact" in value else []
        return own + [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


def test_the_edition_holds_every_instrument_of_the_facts():
    assert set(RULED) == {name for name, row in IDS.items() if "rules_file" in row}
    assert set(TABLED) == {name for name, row in IDS.items() if "party_table" in row}
    files = {row["rules_file"] for row in IDS.values() if "rules_file" in row}
    assert files == {file.name for file in (FACTS / "rules").glob("[!_]*.yaml")}


def test_every_party_table_and_every_declaration_belongs_to_an_instrument():
    tables = {row["file"] for row in table("parties/instruments.csv") if "file" in row}
    assert tables <= {row["party_table"] for row in IDS.values() if "party_table" in row}
    declared = {row["instrument"] for row in table("parties/declarations.csv")}
    assert declared <= {row["declarations_id"] for row in IDS.values() if "declarations_id" in row}
    held = sum(len(packaged(name, "declarations")["declaration"]) for name in DECLARED)
    assert held == len(table("parties/declarations.csv")) == 201


def test_every_deadline_and_measure_of_the_flat_lists_belongs_to_an_instrument():
    for name in ("deadlines.csv", "measures.csv"):
        assert {row["instrument"] for row in table(name)} <= set(RULED)
    assert sum(len(EDITION.instruments[name].measures) for name in RULED) == len(table("measures.csv")) == 226


@pytest.mark.parametrize("instrument", RULED)
def test_every_measure_and_fact_stands_as_in_the_facts(instrument: str):
    stated = rules(instrument)
    held = packaged(instrument, "measures")["measure"]
    added = ("reach", "answers", "reach_note")
    assert [{k: v for k, v in one.items() if k not in added} for one in held] == stated.pop("measures")
    assert packaged(instrument, "instrument") == stated


@pytest.mark.parametrize("instrument", RULED)
def test_every_fact_of_a_measure_can_be_found_by_its_path_with_article_and_level(instrument: str):
    about = EDITION.instruments[instrument]
    for raw in packaged(instrument, "measures")["measure"]:
        measure = about.measures[raw["id"]]
        shown = [fact for facts in measure.sections.values() for fact in facts]
        shown += [fact for fact, _ in measure.grounds] + list(measure.not_evaluated)
        found = {fact.text for fact in shown} | {text for one in measure.conditions for text in one.text.split("; ")}
        rendered = [*measure.conditions, *(one.rendered for one in measure.contested)]
        rendered += [one.rendered for one in measure.spans]
        joined = " ".join(one.text for one in rendered)
        assert [text for text in texts(raw) if text not in found and text not in joined] == []
        assert {fact.verification for fact in shown} <= LEVELS.keys()
        assert all(fact.article for fact in shown)


@pytest.mark.parametrize("instrument", RULED)
def test_reach_and_answers_are_those_of_the_list_of_measures(instrument: str):
    listed = {row["measure"]: row for row in table("measures.csv") if row["instrument"] == instrument}
    measures = EDITION.instruments[instrument].measures
    assert measures.keys() == listed.keys()
    for name, row in listed.items():
        assert measures[name].reach == row["reach"]
        assert list(measures[name].answers) == row.get("answers", "").split(";") * ("answers" in row)
        assert measures[name].note == row.get("note", "")
        assert measures[name].kind == row["kind"]


@pytest.mark.parametrize("instrument", RULED)
def test_every_deadline_equals_its_row(instrument: str):
    columns = {"type": "type", "duration": "duration", "unit": "unit", "from_event": "from_event", "calc": "calc"}
    columns |= {"actor": "actor", "action": "action", "case": "case", "article": "article", "on_expiry": "on_expiry"}
    columns |= {"condition": "condition", "verification": "verification"}
    stated = [row for row in table("deadlines.csv") if row["instrument"] == instrument]
    held = [
        (name, one) for name, measure in EDITION.instruments[instrument].measures.items() for one in measure.deadlines
    ]
    assert len(held) == len(stated)
    for row in stated:
        deadline = EDITION.deadline(instrument, row["measure"], row["deadline"])
        assert {ours: getattr(deadline, ours) for ours in columns} == {
            ours: row.get(c, "") for ours, c in columns.items()
        }


@pytest.mark.parametrize("instrument", TABLED)
def test_every_party_row_stands_as_in_the_table(instrument: str):
    held = packaged(instrument, "parties")
    rows = [dict(row) for row in held["party"]]
    for row in rows:
        if "source" in row:
            row["source_url"] = held["sources"][row.pop("source")]
    assert [{k: v for k, v in row.items() if v} for row in rows] == table(f"parties/{IDS[instrument]['party_table']}")


@pytest.mark.parametrize("instrument", TABLED)
def test_the_index_row_of_a_party_table_is_kept_and_its_day_is_in_it(instrument: str):
    held = packaged(instrument, "parties")["table"]
    day = held.pop("applies_from", "")
    row = next(one for one in table("parties/instruments.csv") if one["file"] == IDS[instrument]["party_table"])
    assert held == row
    assert day in row.get("in_force_since", "")


@pytest.mark.parametrize("instrument", DECLARED)
def test_every_declaration_stands_as_in_the_table(instrument: str):
    wanted = [
        row for row in table("parties/declarations.csv") if row["instrument"] == IDS[instrument]["declarations_id"]
    ]
    assert packaged(instrument, "declarations")["declaration"] == wanted


def test_the_vocabulary_is_that_of_the_facts():
    schema = yaml.safe_load((FACTS / "rules" / "_schema.yaml").read_text(encoding="utf-8"))
    assert list(EDITION.kinds) == schema["measure_kinds"]
    for name in ("offences", "data-categories"):
        stated = yaml.safe_load((FACTS / f"{name}.yaml").read_text(encoding="utf-8"))
        assert EDITION.document["vocabulary"][name] == without_nulls(stated)
    assert EDITION.document["vocabulary"]["catalogue"]["instrument"] == table("ids.csv")


def test_every_state_of_a_party_table_is_known_by_the_name_of_one():
    for row in table("parties/untoc.csv") + table("parties/cets185_budapest.csv"):
        if row["iso2"] != "EU":
            assert row["iso2"] in EDITION.states
    assert EDITION.states["CV"] == "Cabo Verde"
    assert not {"EU", ""} & EDITION.states.keys()


def test_what_is_packaged_is_what_the_script_writes(tmp_path: Path):
    spec = importlib.util.spec_from_file_location("law_from_facts", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(FACTS, tmp_path)
    written = {file.relative_to(tmp_path): file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.toml")}
    assert len(written) > 25
    for name, text in written.items():
        assert (LAW / str(name)).read_text(encoding="utf-8") == text, name
