"""A verdict replays byte for byte under its edition, and any other verdict is refused."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings

from comity import law
from comity.canon import canonical, parse_object
from law.cases import EDITION, ON, QUESTION, asking
from law.test_pathways import asked

CARRIED = law.Edition.from_bytes(EDITION.to_bytes())
VERDICT = law.routes(asking("production_traffic"), on=ON).as_json()


def tampered(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(VERDICT), **changes}


def with_status(status: str) -> dict[str, Any]:
    verdict = deepcopy(VERDICT)
    verdict["routes"][-1]["status"] = status
    return verdict


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        tampered(on="2018-01-01"),
        tampered(on="yesterday"),
        tampered(on="1999-01-01"),
        tampered(edition={"id": "2026-11-23", "hash": "0" * 64}),
        tampered(routes=[]),
        tampered(routes=0.5),
        tampered(question={}),
        tampered(question={**VERDICT["question"], "requested_state": "DE"}),
        tampered(question={**VERDICT["question"], "offences": [{"id": "drugs"}]}),
        tampered(question={**VERDICT["question"], "data": "traffic"}),
        tampered(question={**VERDICT["question"], "facts": {"person_consents": [1]}}),
        tampered(extra=True),
        with_status("lawful"),
    ],
)
def test_a_verdict_that_is_not_what_the_law_says_is_refused(broken: Any):
    with pytest.raises(law.VerdictDoesNotReplay):
        law.replay(broken, EDITION)


def test_a_verdict_of_another_edition_does_not_replay():
    document = deepcopy(EDITION.document)
    document["edition"] = "another"
    with pytest.raises(law.VerdictDoesNotReplay):
        law.replay(VERDICT, law.Edition.from_document(document))


@settings(max_examples=60, deadline=None)
@given(asked)
def test_every_verdict_replays_byte_for_byte_under_the_edition_of_a_bundle(question: law.Question):
    verdict = law.routes(question, on=ON)
    stored = parse_object(canonical(verdict.as_json()), limit=10_000_000)
    again = law.replay(stored, CARRIED)
    assert canonical(again.as_json()) == canonical(verdict.as_json())
    assert again.digest == verdict.digest


@settings(max_examples=60, deadline=None)
@given(asked)
def test_a_question_survives_as_a_record(question: law.Question):
    record = json.loads(canonical(question.as_record()))
    assert law.Question.from_record(record) == question


@pytest.mark.parametrize("name", sorted(QUESTION.as_record()))
def test_a_question_that_lacks_a_part_is_refused(name: str):
    record = {part: value for part, value in QUESTION.as_record().items() if part != name}
    with pytest.raises(law.QuestionBroken):
        law.Question.from_record(record)
