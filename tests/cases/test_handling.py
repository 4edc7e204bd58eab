"""Handling codes: read in one spelling only, joined to the narrower, carried by the letter that states them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cases.handling import NOT_STATED, Handling, HandlingBroken, Light, Restriction
from comity.letters.letter import Letter, LetterBroken
from test_docs import example

LIGHTS = list(Light)
HANDLINGS = st.builds(
    lambda light, codes, remark: Handling(light, frozenset(codes) | ({Restriction.H3} if remark else set()), remark),
    st.sampled_from(LIGHTS),
    st.sets(st.sampled_from([Restriction.H0, Restriction.H1, Restriction.H2])),
    st.sampled_from(["", "Not to the press.", "Ask us first."]),
)


@given(HANDLINGS)
def test_what_is_written_is_read_back(handling: Handling):
    assert Handling.from_record(handling.as_record()) == handling


@given(HANDLINGS, HANDLINGS)
def test_two_together_are_never_weaker_than_one(one: Handling, other: Handling):
    both = one.joined(other)
    assert both.restrictions == one.restrictions | other.restrictions
    assert LIGHTS.index(both.light) == max(LIGHTS.index(one.light), LIGHTS.index(other.light))
    assert one.remark in both.remark
    assert other.remark in both.remark
    assert both.asks_permission == (one.asks_permission or other.asks_permission)
    assert one.joined(NOT_STATED) == one == one.joined(one)


@pytest.mark.parametrize(
    "record",
    [
        {},
        "red",
        {"tlp": "red", "codes": []},
        {"tlp": "red", "codes": [], "remark": "", "more": 1},
        {"tlp": "RED", "codes": [], "remark": ""},
        {"tlp": "pink", "codes": [], "remark": ""},
        {"tlp": "red", "codes": ["H4"], "remark": ""},
        {"tlp": "red", "codes": ["H1", "H0"], "remark": ""},
        {"tlp": "red", "codes": ["H1", "H1"], "remark": ""},
        {"tlp": "red", "codes": [["H1"]], "remark": ""},
        {"tlp": "red", "codes": ["H3"], "remark": ""},
        {"tlp": "red", "codes": [], "remark": "Not to the press."},
    ],
)
def test_what_is_no_handling_is_refused(record: Any):
    with pytest.raises(HandlingBroken):
        Handling.from_record(record)


def test_a_letter_carries_what_it_states_and_nothing_where_nothing_is_stated():
    letter = Letter.from_body(example("letter").body)
    assert letter.handling == NOT_STATED
    assert "handling" not in letter.as_body()
    marked = replace(letter, handling=Handling(Light.RED, frozenset({Restriction.H1})))
    assert Letter.from_body(marked.as_body()) == marked
    for broken in (NOT_STATED.as_record(), {"tlp": "red"}, None):
        with pytest.raises((LetterBroken, HandlingBroken)):
            Letter.from_body(marked.as_body() | {"handling": broken})
