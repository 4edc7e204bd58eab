"""Kleene's logic: refusals of what is no predicate, and that an answer never changes what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import JsonObject
from comity.law.logic import DEPTH_MAX, PARTS_MAX, Known, PredicateBroken, Truth, negation, predicate


@dataclass(frozen=True)
class Circumstances:
    facts: Mapping[str, Known] = field(default_factory=dict)
    sides: Mapping[str, Truth] = field(default_factory=dict)
    reservations: Mapping[str, Truth] = field(default_factory=dict)

    def known(self, fact: str) -> Known | None:
        return self.facts.get(fact)

    def bound(self, side: str) -> Truth:
        return self.sides.get(side, Truth.OPEN)

    def reserved(self, article: str) -> Truth:
        return self.reservations.get(article, Truth.OPEN)

    def looked_up(self, word: str, name: str, *, side: str, kind: str) -> Truth:
        return self.sides.get(f"{word} {name} {kind} {side}", Truth.OPEN)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"all": []},
        {"any": [{}]},
        {"all": [{"fact": "a", "op": "is", "value": True}], "any": []},
        {"fact": "a", "op": "=", "value": 1},
        {"fact": "a", "op": ">=", "value": "4"},
        {"fact": "a", "op": ">=", "value": True},
        {"fact": "a", "op": "in", "value": "x"},
        {"fact": "a", "op": "is", "value": ["x"]},
        {"fact": "a", "op": "is", "value": 1, "of": "most"},
        {"fact": "a", "op": "is", "value": 1, "unless": True},
        {"bound": "somebody"},
        {"reserved": "29(4)"},
        ["all"],
        "all",
        {"any": [{"fact": "a", "op": "is", "value": True}] * (PARTS_MAX + 1)},
    ],
)
def test_what_is_no_predicate_is_refused(broken: object):
    with pytest.raises(PredicateBroken):
        predicate(broken)


def test_a_predicate_nested_too_deep_is_refused():
    nested: JsonObject = {"fact": "a", "op": "is", "value": True}
    for _ in range(DEPTH_MAX + 1):
        nested = {"not": nested}
    with pytest.raises(PredicateBroken):
        predicate(nested)


@pytest.mark.parametrize(
    ("truth", "opposite"), [(Truth.YES, Truth.NO), (Truth.NO, Truth.YES), (Truth.OPEN, Truth.OPEN)]
)
def test_the_opposite_of_open_is_open(truth: Truth, opposite: Truth):
    assert negation(truth) is opposite


def test_an_unknown_penalty_is_open_unless_another_offence_decides():
    serious = predicate({"fact": "years", "op": ">=", "value": 4, "of": "any"})
    assert serious.find(Circumstances({"years": (3, None)})).truth is Truth.OPEN
    assert serious.find(Circumstances({"years": (4, None)})).truth is Truth.YES
    assert serious.find(Circumstances({"years": (3, 2)})).truth is Truth.NO
    assert serious.find(Circumstances({"years": ()})).truth is Truth.OPEN


def test_every_offence_must_pass_where_every_one_is_asked():
    both = predicate({"fact": "years", "op": ">=", "value": 1, "of": "every"})
    assert both.find(Circumstances({"years": (0, None)})).truth is Truth.NO
    assert both.find(Circumstances({"years": (1, None)})).truth is Truth.OPEN
    assert both.find(Circumstances({"years": (1, 9)})).truth is Truth.YES


def test_an_answer_decides_a_reservation_only_where_the_tables_leave_it_open():
    reserved = predicate({"reserved": "29(4)", "fact": "made"})
    said = {"made": False}
    assert reserved.find(Circumstances(said, reservations={"29(4)": Truth.YES})).truth is Truth.YES
    assert reserved.find(Circumstances(said)).truth is Truth.NO
    assert reserved.find(Circumstances()).open_facts == {"made"}


NAMES = ("a", "b", "c", "d")
leaves = st.builds(
    lambda fact, value: {"fact": fact, "op": "is", "value": value}, st.sampled_from(NAMES), st.booleans()
) | st.builds(lambda fact, value: {"fact": fact, "op": ">=", "value": value}, st.just("years"), st.integers(0, 9))
predicates = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=8,
)
answers = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(NAMES, st.booleans()), "years": st.integers(0, 9).map(lambda years: (years,))}
)


@given(predicates, answers, answers)
def test_answering_an_open_fact_never_changes_a_decided_answer(
    written: JsonObject, known: JsonObject, more: JsonObject
):
    before = predicate(written).find(Circumstances(known))
    after = predicate(written).find(Circumstances({**more, **known}))
    if before.truth is not Truth.OPEN:
        assert after.truth is before.truth
        assert before.open_facts == frozenset()


@given(predicates, answers)
def test_an_open_answer_names_facts_whose_answers_are_all_missing(written: JsonObject, known: JsonObject):
    finding = predicate(written).find(Circumstances(known))
    assert (finding.truth is Truth.OPEN) == bool(finding.open_facts)
    assert not finding.open_facts & known.keys()


@given(predicates, answers)
def test_when_every_fact_is_answered_nothing_is_open(written: JsonObject, known: JsonObject):
    everything = {**dict.fromkeys(NAMES, True), "years": (5,), **known}
    assert predicate(written).find(Circumstances(everything)).truth is not Truth.OPEN


@given(predicates, predicates, answers)
def test_de_morgan_holds_with_open_facts(one: JsonObject, other: JsonObject, known: JsonObject):
    given_ = Circumstances(known)
    neither = predicate({"not": {"any": [one, other]}}).find(given_)
    both_not = predicate({"all": [{"not": one}, {"not": other}]}).find(given_)
    assert neither == both_not
