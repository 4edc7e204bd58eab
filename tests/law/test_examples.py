"""The worked cases beside each instrument come out as a lawyer wrote them."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from comity import law
from comity.canon import JsonObject
from comity.cases.case import offence

TREE = files("comity.law") / "instruments"


def question(stated: JsonObject) -> law.Question:
    offences = tuple(map(offence, stated.get("offences", [])))
    return law.Question(
        requesting_state=stated["from"],
        requested_state=stated["to"],
        requesting_authority=stated.get("authority", "public_prosecutor"),
        stage=stated.get("stage", "investigation"),
        measure=stated["measure"],
        data=tuple(stated.get("data", [])),
        offences=tuple((one.id, one.issuing_years_max, one.executing_years_max) for one in offences),
        facts=stated.get("facts", {}),
    )


def examples() -> list[Any]:
    return [
        pytest.param(folder.name, example, id=f"{folder.name}: {example['title']}")
        for folder in sorted(TREE.iterdir(), key=lambda one: one.name)
        if (file := folder / "examples.toml").is_file()
        for example in tomllib.loads(file.read_text(encoding="utf-8"))["example"]
    ]


@pytest.mark.parametrize(("instrument", "example"), examples())
def test_a_worked_case_comes_out_as_written(instrument: str, example: JsonObject):
    verdict = law.routes(question(example["question"]), on=date.fromisoformat(example["on"]))
    route = verdict.route(f"{instrument}/{example['route']}")
    outcomes = {(reason.article, reason.outcome.value) for reason in route.reasons}
    assert (example["reason"]["article"], example["reason"]["outcome"]) in outcomes
    assert route.status.value == example["status"]


def test_every_instrument_with_conditions_has_worked_cases():
    with_conditions = {
        one.id
        for one in law.Edition.packaged().instruments.values()
        if any(m.conditions for m in one.measures.values())
    }
    assert with_conditions <= {parameter.values[0] for parameter in examples()}
