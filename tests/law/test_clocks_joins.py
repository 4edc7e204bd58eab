"""Joins: how one deadline acts on another, as the data say and as somebody wrote by hand."""

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from itertools import chain
from typing import Any

import pytest

from comity import law
from comity.law import clocks
from law.cases import EDITION


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"deadline": "m.reply", "article": "1"},
        {"deadline": "m.reply", "stops": ["m.reply"]},
        {"deadline": "m.reply", "stops": ["m.other"], "article": "1"},
        {"deadline": "m.other", "stops": ["m.reply"], "article": "1"},
        {"deadline": "m.reply", "stops": ["m.reply"], "restarts": ["m.reply"], "article": "1"},
        {"deadline": "m.reply", "stops": "m.reply", "article": "1"},
        {"deadline": "m.reply", "stops": ["m.reply"], "until": [1], "article": "1"},
    ],
)
def test_a_join_that_does_not_fit_is_refused(entry: dict[str, Any]):
    reply = EDITION.deadline("eu-2023-1543", "eev.preservation", "clarification_reply")
    with pytest.raises(clocks.JoinBroken):
        list(clocks.stated([entry], {"m.reply": reply}))


def articles(facts: Iterable[law.rules.LawFact]) -> str:
    return ", ".join(dict.fromkeys(fact.article for fact in facts))


def test_every_join_written_by_hand_has_the_article_of_its_deadline_or_of_the_facts_that_it_renders():
    checked = 0
    for name, instrument in EDITION.instruments.items():
        folder = files("comity.law") / "instruments" / name / "conditions.toml"
        if not folder.is_file():
            continue
        facts = {
            fact.path: fact
            for measure in instrument.measures.values()
            for fact in chain(*measure.sections.values(), (one for one, _ in measure.grounds), measure.not_evaluated)
        }
        for entry in tomllib.loads(folder.read_text(encoding="utf-8")).get("joins", []):
            measure, _, deadline = entry["deadline"].rpartition(".")
            own = EDITION.deadline(name, measure, deadline).article
            rendered = articles(facts[path] for path in entry.get("renders", []))
            assert entry["article"] == (rendered or own), entry
            checked += 1
    assert checked >= 7
