"""The worked cases beside each instrument come out as a lawyer wrote them."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import pytest

from comity import law
from comity.canon import JsonObject
from comity.cli.law_typed import worked_question
from comity.law.levels import Weight, weight
from comity.law.places import place
from comity.law.rules import FACETS

TREE = files("comity.law") / "instruments"
PARTS = {"title", "on", "question", "route", "status", "reason", "reasons", "grounds", "applies"}
SAID = {"met": "yes", "failed": "no", "open": "may", "check": "may"}


def examples(kind: str = "example") -> list[Any]:
    return [
        pytest.param(folder.name, example, id=f"{folder.name}: {example['title']}")
        for folder in sorted(TREE.iterdir(), key=lambda one: one.name)
        if (file := folder / "examples.toml").is_file()
        for example in tomllib.loads(file.read_text(encoding="utf-8")).get(kind, [])
    ]


@pytest.mark.parametrize(("instrument", "example"), examples())
def test_a_worked_case_comes_out_as_written(instrument: str, example: JsonObject):
    assert example.keys() <= PARTS
    verdict = law.routes(worked_question(example["question"]), on=date.fromisoformat(example["on"]))
    named = example["route"] if "/" in example["route"] else f"{instrument}/{example['route']}"
    route = verdict.route(named).as_json()
    assert route["status"] == example["status"]
    found = {(reason["article"], reason["outcome"]) for reason in route["reasons"]}
    assert {(one["article"], one["outcome"]) for one in reasons(example)} <= found
    grounds = {(ground["article"], ground["likelihood"]) for ground in route["refusal_grounds"]["grounds"]}
    assert {(one["article"], one["likelihood"]) for one in example.get("grounds", [])} <= grounds
    applied = {(one["article"], one.get("applies", "yes")) for one in stated(route)}
    applied |= {(one["applies"]["article"], SAID[one["applies"]["outcome"]]) for one in route["layers"]}
    assert {(one["article"], one["outcome"]) for one in example.get("applies", [])} <= applied


def reasons(example: JsonObject) -> list[JsonObject]:
    listed: list[JsonObject] = example.get("reasons", [])
    return [*listed, *([example["reason"]] if "reason" in example else [])]


def stated(route: JsonObject) -> Iterator[JsonObject]:
    for one in (route, *route["layers"]):
        for section in FACETS:
            yield from one[section]


@pytest.mark.parametrize(("instrument", "example"), examples())
def test_a_worked_case_says_why(instrument: str, example: JsonObject):
    assert reasons(example) or example.get("grounds") or example.get("applies")
    assert len(example["title"].split()) > 2


@pytest.mark.parametrize(("instrument", "example"), examples("clock"))
def test_a_worked_clock_ends_as_written(instrument: str, example: JsonObject):
    where = place(example["place"])
    deadline = law.Edition.packaged().deadline(instrument, example["measure"], example["deadline"])
    events = {name: datetime.fromisoformat(at).replace(tzinfo=where.zone) for name, at in example["events"].items()}
    reckoned = law.clocks.reckon(deadline, events=events, place=where).as_json()
    assert (reckoned["target"], reckoned["limit"]) == (example["target"], example["limit"])


def test_every_instrument_has_worked_cases_but_the_one_that_is_all_counting():
    ruled = {one.id for one in law.Edition.packaged().instruments.values() if one.measures}
    worked = {parameter.values[0] for parameter in (*examples(), *examples("clock"))}
    assert ruled - worked == {"eu-1182-71"}  # its vectors stand in the facts, and test_clocks_regulation runs each


def test_every_condition_of_every_instrument_is_met_and_failed_by_some_worked_case():
    """Across all worked cases each condition that a case can decide comes out both ways."""
    outcomes: dict[tuple[str, str, str], set[str]] = {}
    for parameter in examples():
        _, example = parameter.values
        verdict = law.routes(worked_question(example["question"]), on=date.fromisoformat(example["on"]))
        for route in verdict.routes:
            for reason in route.reasons:
                outcomes.setdefault((route.instrument, reason.article, reason.text), set()).add(reason.outcome.value)
    missing = [
        (one.id, measure.id, condition.article)
        for one in law.Edition.packaged().instruments.values()
        for measure in one.measures.values()
        for condition in measure.conditions
        if condition.when
        and weight(condition.verification) is Weight.DECIDES
        and not {"met", "failed"} <= outcomes.get((one.id, condition.article, condition.text), set())
    ]
    assert missing == []
