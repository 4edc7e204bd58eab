"""Attack: the id of somebody else's thing in a field, a list, a file or a filter. Every id of an address is tried by the walk
of the access matrix (`tests/web/test_access_matrix.py`); here are the ids that stand elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from comity.cli.story import Stage
from comity.registry.models import CaseRow, EntryRow, LetterRow, VerdictRow
from comity.registry.queries import people
from investigating import QUESTION, REFERENCE, begin, seated
from scenes import drafted, opened
from stage import staged

SUBJECT = "Blue Lagoon Market: preservation"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A case of ivo's with a draft; rui is no member of it. cv is active."""
    with staged(tmp_path_factory.mktemp("ids"), image_bytes=100_000) as ready:
        drafted(ready, opened(ready))
        with ready.cv.active():
            yield ready


@pytest.fixture
def rui(stage: Stage) -> Client:
    listed = people.directory(viewer=stage.cv.machine("tests"))
    return seated(stage.cv, next(one for one in listed if one.official == "rui"))


def test_lists_counts_files_and_searches_hold_nothing_of_another_case(rui: Client):
    letter = LetterRow.objects.get()
    for address in (
        "/desk",
        "/letters",
        "/letters?text=Blue",
        f"/letters?text={letter.short}",
        "/letters?sort=-state",
        "/letters?mine=yes",
        "/letters.csv",
        "/letters.json",
        "/cases",
        "/evidence",
    ):
        answer: Any = rui.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode()
        assert answer.status_code == 200, address
        assert letter.digest not in text, address
        assert SUBJECT not in text, address
        assert letter.short in address or letter.short not in text, address
        assert '<span class="count">' not in text, address


def test_a_question_cannot_be_kept_with_another_case(rui: Client):
    case, answers = CaseRow.objects.get().reference, VerdictRow.objects.count()
    for typed in ({"in": case, "case": case}, {"in": "0" * 32, "case": "0" * 32}):
        assert rui.post("/ask/keep", QUESTION | typed).status_code in {404, 422}
    assert VerdictRow.objects.count() == answers


def test_a_draft_names_no_letter_and_no_answer_of_another_case(rui: Client):
    theirs, letter = VerdictRow.objects.exclude(case=None).first(), LetterRow.objects.get()
    own = begin(rui)
    assert own.endswith(REFERENCE)
    missing = rui.get(f"{own}/verdicts/{'0' * 64}/draft")
    hidden = rui.get(f"{own}/verdicts/{theirs.digest if theirs else ''}/draft")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert letter.short not in hidden.content.decode()
    assert EntryRow.objects.filter(kind="letter.draft").count() == 1


def test_a_member_of_one_case_is_none_of_another(rui: Client):
    theirs = CaseRow.objects.exclude(members__official="rui").get()
    for verb, typed in (("members", {"official": "rui"}), ("members/remove", {"official": "ivo"}), ("selectors", {})):
        assert rui.post(f"/cases/{theirs.reference}/{verb}", typed).status_code == 404
    assert list(theirs.members.values_list("official", flat=True)) == ["ivo"]
