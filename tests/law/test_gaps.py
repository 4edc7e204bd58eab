"""The gap map says of every ordered pair what the law itself answers, and keeps its four kinds of "no" apart."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import law
from comity.law.gaps import GAPS, Gap, gap_map
from law.cases import EDITION, ON, QUESTION
from law.toys import edition, instrument, parties

MAP = gap_map(on=ON, measure="preservation", data=("traffic",))
BARE: dict[str, Any] = {"safeguards": [], "notification": []}


def toy_map(**instruments: Any) -> Any:
    return gap_map(on=ON, measure="preservation", edition=edition(**instruments))


def test_every_ordered_pair_of_states_has_an_answer():
    rows = list(MAP.rows())
    assert len(rows) == len(MAP.states) * (len(MAP.states) - 1) == sum(MAP.counts().values())
    assert MAP.states == tuple(EDITION.states)
    assert len(MAP.states) > 190
    assert {row["answer"] for row in rows} == set(GAPS)


def test_a_state_has_no_gap_with_itself():
    with pytest.raises(KeyError):
        MAP.gap("NL", "NL")


def test_the_demonstration_pair_is_served_by_article_29():
    gap = MAP.gap("CV", "NL")
    assert (gap.route, gap.article) == ("coe-ets185/bud.preservation_abroad", "29")


def test_a_pair_without_a_channel_and_one_without_rules_are_told_apart():
    none, other = MAP.gap("CV", "AF"), MAP.gap("CV", "AO")
    assert (none.answer, other.answer) == ("none", "not_encoded")
    assert "au-malabo" in other.why
    assert none.route == other.route == ""


def test_no_table_of_contact_points_or_of_adequacy_counts_as_a_channel():
    tables = {one.id for one in EDITION.instruments.values() if one.subject != "cooperation"}
    assert {"coe-ets108", "coe-cets223", "eu-adequacy", "coe-network-24-7"} <= tables
    assert not {row["instrument"] for row in MAP.rows()} & tables


def test_data_that_leave_the_union_without_adequacy_lack_a_safeguard():
    gap = MAP.gap("CV", "DE")
    assert gap.answer == "without_safeguards"
    assert [reason.article for reason in gap.missing] == ["37(1)-(3) of eu-2016-680"]
    assert MAP.gap("FR", "DE").answer != "without_safeguards"


def test_a_route_whose_instrument_states_no_safeguard_lacks_one():
    gap = toy_map(toy_new=instrument(bound=parties("AF", "TO"), **BARE)).gap("AF", "TO")
    assert (gap.answer, gap.route) == ("without_safeguards", "toy-new/toy.preserve")
    with_one = toy_map(toy_new=instrument(bound=parties("AF", "TO"))).gap("AF", "TO")
    assert (with_one.answer, with_one.missing) == ("lawful", ())


def test_a_table_that_does_not_name_the_state_is_no_known_channel():
    gap = toy_map(toy_new=instrument(bound=parties("AF", completeness="partial"))).gap("AF", "TO")
    assert gap.answer == "none"
    assert "toy-new" in gap.why


def test_the_best_route_is_the_one_that_the_law_puts_first():
    quick = instrument(bound=parties("AF", "TO"))
    slow = instrument(bound=parties("AF", "TO"), verification="official_secondary")
    assert toy_map(toy_a=slow, toy_b=quick).gap("AF", "TO").instrument == "toy-b"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MAP.states), st.sampled_from(MAP.states))
def test_what_the_map_says_of_a_pair_is_what_the_law_answers_to_it(requesting: str, requested: str):
    if requesting == requested:
        return
    gap = MAP.gap(requesting, requested)
    verdict = law.routes(replace(QUESTION, requesting_state=requesting, requested_state=requested, offences=()), on=ON)
    named = [
        route
        for route in (*verdict.lawful, *verdict.open)
        if not any(reason.verification == "no row" for reason in route.reasons)
    ]
    assert gap.route == (named[0].id if named else "")
    if gap.answer in {"lawful", "open"}:
        assert gap.answer == named[0].status.value


def test_a_map_of_another_day_is_another_map():
    early = gap_map(on=date(2005, 1, 1), measure="preservation")
    assert early.gap("CV", "NL").answer in {"none", "not_encoded"}


@pytest.mark.parametrize("wrong", [{"measure": "spying"}, {"measure": "preservation", "data": ("gossip",)}])
def test_a_map_of_nothing_is_refused(wrong: dict[str, Any]):
    with pytest.raises(law.ValueUnknown):
        gap_map(on=ON, **wrong)


def test_the_same_question_is_drawn_once():
    assert gap_map(on=ON, measure="preservation", data=("traffic",)) is MAP
    assert isinstance(MAP.gap("NL", "DE"), Gap)
