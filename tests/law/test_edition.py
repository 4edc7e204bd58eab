"""Editions: what is refused, that the hash is that of the bytes, and that an instrument is added by data only."""

import shutil
from copy import deepcopy
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from comity import law
from comity.canon import NotCanonical, canonical, sha256_hex
from law.cases import EDITION, ON, QUESTION, asking

TOY_INSTRUMENT = """
[instrument]
id = "toy-treaty"
title = "Treaty of the test"
source = "S-NLT-BUDAPEST"
"""
TOY_MEASURE = """
[[measure]]
id = "toy.preserve"
kind = "preservation"
article = "7"
verification = "{level}"
reach = "cross_border"
answers = ["preservation"]
offence_conditions = [{{ fact = "Only with consent", art = "7(2)", v = "{condition}" }}]
"""
TOY_PARTIES = """
party = [
  { iso2 = "CV", state = "Cabo Verde", kind = "R", entry_into_force_date = "2020-01-01", confidence = "official" },
  { iso2 = "NL", state = "Netherlands", kind = "R", entry_into_force_date = "2020-01-01", confidence = "official" },
]

[table]
in_force_since = "2020-01-01"
status_as_of_source = "in force"
completeness = "complete"
"""
TOY_CONDITIONS = """
encoded = "fully"

[[condition]]
measures = ["*"]
renders = ["toy.preserve.offence_conditions.0"]
article = "7(2)"
when = { fact = "person_consents", op = "is", value = true }
"""


def toy(tmp_path: Path, *, level: str = "primary_text", condition: str = "primary_text") -> law.Edition:
    """The packaged edition with one more instrument, added as files."""
    tree = tmp_path / "law"
    with_data = files("comity.law")
    shutil.copytree(str(with_data), tree, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    folder = tree / "instruments" / "toy-treaty"
    folder.mkdir()
    (folder / "instrument.toml").write_text(TOY_INSTRUMENT)
    (folder / "measures.toml").write_text(TOY_MEASURE.format(level=level, condition=condition))
    (folder / "parties.toml").write_text(TOY_PARTIES)
    (folder / "conditions.toml").write_text(TOY_CONDITIONS)
    return law.Edition.from_tree(tree)


def altered(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(EDITION.document), **changes}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"format": "comity/law-edition/v2"},
        altered(format="comity/law-edition/v2"),
        altered(until="the end of time"),
        altered(facts=[]),
        altered(facts="none"),
        altered(instruments=[]),
        altered(instruments={"x": {"measures": [{}]}}),
        altered(instruments={"x": 7}),
        altered(vocabulary={}),
    ],
)
def test_what_is_no_edition_is_refused_whole(broken: dict[str, Any]):
    with pytest.raises(law.EditionBroken):
        law.Edition.from_bytes(canonical(broken))


def test_bytes_that_are_not_canonical_are_refused():
    with pytest.raises(NotCanonical):
        law.Edition.from_bytes(EDITION.to_bytes() + b" ")


def with_condition(**entry: Any) -> dict[str, Any]:
    document = deepcopy(EDITION.document)
    document["instruments"]["coe-ets185"]["conditions"]["condition"].append(entry)
    return document


@pytest.mark.parametrize(
    "entry",
    [
        {"measures": ["*"], "renders": ["common.nothing.0"], "article": "1"},
        {"measures": ["*"], "renders": ["common.safeguards.0"], "article": "16"},
        {"measures": ["*"], "renders": ["common.safeguards.0"], "article": "15(1)", "when": {"fact": "x", "op": "is"}},
        {
            "measures": ["*"],
            "renders": ["common.safeguards.0"],
            "article": "15(1)",
            "when": {"fact": "nobody_knows", "op": "is", "value": True},
        },
    ],
)
def test_a_condition_that_does_not_fit_its_facts_is_refused(entry: dict[str, Any]):
    with pytest.raises(law.EditionBroken):
        law.Edition.from_document(with_condition(**entry))


def test_an_edition_survives_the_way_through_a_bundle():
    again = law.Edition.from_bytes(EDITION.to_bytes())
    assert again.hash == EDITION.hash == sha256_hex(EDITION.to_bytes())
    assert again.to_bytes() == EDITION.to_bytes()


def test_another_word_is_another_edition():
    document = deepcopy(EDITION.document)
    document["instruments"]["coe-ets185"]["measures"][0]["article"] = "161"
    assert law.Edition.from_document(document).hash != EDITION.hash


def test_an_instrument_is_added_by_data_only(tmp_path: Path):
    edition = toy(tmp_path)
    route = law.routes(QUESTION, on=ON, edition=edition).route("toy-treaty/toy.preserve")
    assert (route.status, route.articles) == (law.Status.OPEN, ("7",))
    answered = replace(QUESTION, facts={"person_consents": True})
    assert law.routes(answered, on=ON, edition=edition).route(route.id).status is law.Status.LAWFUL


@pytest.mark.parametrize(
    ("level", "condition", "answer", "status"),
    [
        ("primary_text", "primary_text", True, law.Status.LAWFUL),
        ("primary_excerpt", "primary_excerpt", True, law.Status.LAWFUL),
        ("primary_text", "primary_text", False, law.Status.CLOSED),
        ("primary_text", "official_secondary", True, law.Status.OPEN),
        ("primary_text", "official_secondary", False, law.Status.OPEN),
        ("primary_text", "secondary", False, law.Status.OPEN),
        ("primary_text", "unverified", False, law.Status.LAWFUL),
        ("official_secondary", "primary_text", True, law.Status.OPEN),
        ("unverified", "primary_text", True, law.Status.CLOSED),
    ],
)
def test_a_fact_does_what_its_level_allows(
    tmp_path: Path, level: str, condition: str, answer: bool, status: law.Status
):
    edition = toy(tmp_path, level=level, condition=condition)
    question = replace(QUESTION, facts={"person_consents": answer})
    route = law.routes(question, on=ON, edition=edition).route("toy-treaty/toy.preserve")
    assert route.status is status
    if condition == "unverified":
        assert law.Outcome.CHECK in {reason.outcome for reason in route.reasons}


@pytest.mark.parametrize(
    ("instrument", "measure", "deadline"),
    [("coe-ets999", "x", "y"), ("coe-ets185", "bud.x", "y"), ("coe-ets185", "bud.preservation_abroad", "never")],
)
def test_an_unknown_deadline_is_refused_with_those_that_exist(instrument: str, measure: str, deadline: str):
    with pytest.raises(law.ValueUnknown):
        EDITION.deadline(instrument, measure, deadline)


def test_every_kind_of_measure_gets_an_answer_in_every_direction():
    for kind in EDITION.kinds:
        for requesting, requested in (("CV", "NL"), ("NL", "DE"), ("US", "JP")):
            question = asking(kind, requesting_state=requesting, requested_state=requested)
            canonical(law.routes(question, on=ON).as_json())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("vocabulary", "catalogue", "instrument", 0, "instrument"), []),
        (("instruments", "un-untoc", "parties", "party", 0, "confidence"), []),
        (("instruments", "un-untoc", "parties", "party", 0, "entry_into_force_date"), "2026-13-45"),
        (("instruments", "un-untoc", "parties", "table", "status_as_of_source"), None),
        (("instruments", "un-untoc", "measures", 0, "reach"), {}),
        (("instruments", "un-untoc", "measures", 0, "verification"), "certain"),
        (("instruments", "un-untoc", "measures", 0, "deadlines", 0, "duration"), 15),
        (("facts", 0, "type"), "feeling"),
    ],
)
def test_one_wrong_value_anywhere_refuses_the_edition(path: tuple[str | int, ...], value: object):
    document = deepcopy(EDITION.document)
    place: Any = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    with pytest.raises(law.EditionBroken):
        law.Edition.from_document(document)
