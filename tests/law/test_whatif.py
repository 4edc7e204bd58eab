"""What if the law changed: an amendment changes what it names, says which answers move, and leaves the edition alone."""

from dataclasses import replace
from typing import Any

import pytest

from comity import law
from comity.canon import canonical
from comity.law.whatif import Amendment, AmendmentBroken, compare
from law.cases import EDITION, ON, QUESTION, asking

LEAVES = {
    "op": "set",
    "at": ["instruments", "coe-ets185", "parties", "party", "iso2=NL", "kind"],
    "value": "not-bound",
}
TO_NL = (QUESTION, ON)
TO_FR = (replace(QUESTION, requested_state="FR"), ON)
UNTOUCHED = (asking("freezing"), ON)


def amendment(*changes: dict[str, Any], **other: Any) -> Amendment:
    stated = {"id": "try", "title": "A try", "basis": "a test", "change": list(changes), **other}
    return Amendment.from_document(stated)


def test_a_state_that_leaves_a_treaty_changes_the_answers_that_need_it_and_no_others():
    amended = amendment(LEAVES).applied_to(EDITION)
    (changed,) = compare(EDITION, amended, [TO_NL, TO_FR, UNTOUCHED])
    assert changed.question == QUESTION
    moved = {one.route: (one.before, one.after) for one in changed.moved}
    assert moved == {"coe-ets185/bud.preservation_abroad": ("lawful", "closed")}
    assert changed.first_before == "coe-ets185/bud.preservation_abroad"


def test_the_edition_itself_is_never_changed():
    before = canonical(EDITION.document)
    amended = amendment(LEAVES).applied_to(EDITION)
    assert canonical(EDITION.document) == before
    assert (amended.id, amended.hash != EDITION.hash) == (f"{EDITION.id}+try", True)


def test_an_amendment_that_changes_no_answer_says_so():
    retitled = {"op": "set", "at": ["instruments", "coe-ets185", "instrument", "instrument", "title"], "value": "x"}
    assert list(compare(EDITION, amendment(retitled).applied_to(EDITION), [TO_NL])) == []


def test_a_protocol_that_enters_into_force_opens_routes_or_says_what_they_still_lack():
    force = ["instruments", "coe-cets224", "parties", "table", "status_as_of_source"]
    amended = amendment({"op": "set", "at": force, "value": "in force"}).applied_to(EDITION)
    route = law.routes(asking("production_subscriber"), on=ON, edition=amended).route(
        "coe-cets224/sap.subscriber_direct"
    )
    assert not any("not in force" in one.text.lower() for one in route.reasons)


def test_things_are_added_to_lists_and_tables_and_taken_away():
    party = {
        "iso2": "TO",
        "state": "Tonga",
        "kind": "A",
        "entry_into_force_date": "2026-01-01",
        "confidence": "official",
    }
    at = ["instruments", "au-malabo", "parties", "party"]
    added = amendment({"op": "add", "at": at, "value": party}).applied_to(EDITION)
    assert "TO" in added.instruments["au-malabo"].parties.rows
    gone = amendment({"op": "remove", "at": ["instruments", "coe-cets224"]}).applied_to(EDITION)
    assert "coe-cets224" not in gone.instruments
    noted = amendment({"op": "add", "at": ["instruments", "coe-ets185", "note"], "value": "x"}).applied_to(EDITION)
    assert noted.document["instruments"]["coe-ets185"]["note"] == "x"


@pytest.mark.parametrize(
    "change",
    [
        {"op": "set", "at": ["instruments", "coe-ets999", "x"], "value": 1},
        {"op": "set", "at": ["instruments", "coe-ets185", "parties", "party", "iso2=XX", "kind"], "value": "R"},
        {"op": "set", "at": ["instruments", "coe-ets185", "parties", "party", "kind=R"], "value": {}},
        {"op": "remove", "at": ["nothing"]},
        {"op": "add", "at": ["edition"], "value": "other"},
        {"op": "add", "at": ["edition", "deeper"], "value": "other"},
        {"op": "set", "at": ["edition", "deeper", "still"], "value": "other"},
    ],
)
def test_a_change_that_has_no_place_in_the_edition_is_refused(change: dict[str, Any]):
    with pytest.raises(AmendmentBroken):
        amendment(change).applied_to(EDITION)


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"id": "x", "title": "x", "basis": "x"},
        {"id": "x", "title": "x", "basis": "x", "change": []},
        {"id": "", "title": "x", "basis": "x", "change": [LEAVES]},
        {"id": "x", "title": "x", "basis": "x", "change": [LEAVES], "more": 1},
        {"id": "x", "title": "x", "basis": "x", "change": [{"op": "eat", "at": ["x"], "value": 1}]},
        {"id": "x", "title": "x", "basis": "x", "change": [{"op": "set", "at": [], "value": 1}]},
        {"id": "x", "title": "x", "basis": "x", "change": [{"op": "set", "at": [1], "value": 1}]},
        {"id": "x", "title": "x", "basis": "x", "change": [{"op": "set", "at": ["x"] * 17, "value": 1}]},
        {"id": "x", "title": "x", "basis": "x", "change": [{"op": "set", "at": ["x"]}]},
        {"id": "x", "title": "x", "basis": "x", "change": [LEAVES] * 1001},
    ],
)
def test_what_is_no_amendment_is_refused(broken: Any):
    with pytest.raises(AmendmentBroken):
        Amendment.from_document(broken)


def test_an_amended_law_that_does_not_fit_together_is_refused_whole():
    at = ["instruments", "coe-ets185", "conditions", "condition", "article=30(1)", "article"]
    with pytest.raises(law.EditionBroken):
        amendment({"op": "set", "at": at, "value": "31"}).applied_to(EDITION)
