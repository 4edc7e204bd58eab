"""Refusals: a code, the facts, a sentence that can be translated, and what to do."""

import pickle

import pytest

from comity.errors import N_, ComityError, as_record, explain


class DoorClosed(ComityError):
    code = "tests.door_closed"
    sentence = N_("door {door} is closed until {hour}")
    hint = N_("Come back at {hour}.")


class NoHint(ComityError):
    code = "tests.no_hint"
    sentence = N_("that cannot be")


@pytest.mark.parametrize("facts", [{}, {"door": 3}, {"hour": 9}])
def test_a_refusal_without_a_fact_that_it_states_is_our_own_mistake(facts: dict[str, object]):
    with pytest.raises(AssertionError, match="DoorClosed needs"):
        DoorClosed(**facts)


def test_a_refusal_says_what_which_and_what_to_do():
    refusal = DoorClosed(door=3, hour=9)
    assert str(refusal) == "door 3 is closed until 9"
    assert explain(refusal) == "door 3 is closed until 9. Come back at 9."
    assert explain(NoHint()) == "that cannot be"


def test_a_refusal_is_explained_in_the_readers_language():
    portuguese = {DoorClosed.sentence: "a porta {door} está fechada até às {hour}", DoorClosed.hint: "Volte às {hour}."}
    said = explain(DoorClosed(door=3, hour=9), translate=lambda sentence, /: portuguese[sentence])
    assert said == "a porta 3 está fechada até às 9. Volte às 9."


def test_a_refusal_for_machines_holds_texts_only():
    assert as_record(DoorClosed(door=3, hour=9)) == {
        "error": "tests.door_closed",
        "message": "door 3 is closed until 9",
        "hint": "Come back at 9.",
        "facts": {"door": "3", "hour": "9"},
    }


def test_a_fact_that_looks_like_a_template_stays_a_fact():
    assert str(DoorClosed(door="{hour}", hour="{door}")) == "door {hour} is closed until {door}"


def test_a_refusal_travels_between_processes_with_its_facts():
    travelled = pickle.loads(pickle.dumps(DoorClosed(door=3, hour=9)))
    assert type(travelled) is DoorClosed
    assert travelled.facts == {"door": 3, "hour": 9}
