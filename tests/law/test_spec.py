"""The page on the verdict shows what the code writes: its JSON block is a real verdict, shortened by one rule."""

import json
import re
from pathlib import Path
from typing import Any

from comity import law
from comity.law.levels import LEVELS
from comity.law.verdict import Outcome, Status
from law.cases import EDITION, ON, QUESTION

PAGE = (Path(__file__).parents[2] / "docs" / "spec" / "verdict.md").read_text(encoding="utf-8")
BLOCK = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)


def shortened(value: Any) -> Any:
    """Lists cut to their first element, texts to 80 characters; the edition's hash changes with the law."""
    if isinstance(value, dict):
        return {name: "…" if name == "hash" else shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value[:1]]
    return value[:79] + "…" if isinstance(value, str) and len(value) > 80 else value


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names(inner)}
    return {name for inner in value for name in names(inner)} if isinstance(value, list) else set()


def test_the_example_is_a_real_verdict():
    assert BLOCK is not None
    assert json.loads(BLOCK[1]) == shortened(law.routes(QUESTION, on=ON).as_json())


def test_every_field_of_a_verdict_is_explained():
    verdict = law.routes(QUESTION, on=ON).as_json()
    explained = set(re.findall(r"`([a-z_0-9]+)`", PAGE))
    assert {*verdict, *verdict["routes"][0], *names(verdict["routes"][0]["reasons"])} <= explained


def test_every_status_outcome_level_and_fact_type_is_explained():
    explained = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {*LEVELS, *(status.value for status in Status), *(outcome.value for outcome in Outcome)} <= explained
    assert {fact.type for fact in EDITION.facts.values()} <= explained
