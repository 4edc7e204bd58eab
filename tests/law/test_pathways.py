"""Routes between states: what is refused, what is expected with its article, and that answers only ever decide."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import law
from comity.law.edition import EDITION_BYTES_MAX
from comity.law.logic import Value
from comity.law.question import FACTS_MAX
from law.cases import EDITION, ON, QUESTION, asking


@pytest.mark.parametrize("state", ["XX", "cv", "EU", "", "CVX"])
def test_an_unknown_state_is_refused(state: str):
    with pytest.raises(law.StateUnknown):
        law.routes(replace(QUESTION, requested_state=state), on=ON)
    with pytest.raises(law.StateUnknown):
        law.routes(replace(QUESTION, requesting_state=state), on=ON)


def test_a_state_that_asks_itself_is_refused():
    with pytest.raises(law.SameState):
        law.routes(replace(QUESTION, requested_state="CV"), on=ON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "surveillance"},
        {"data": ("everything",)},
        {"offences": (("piracy", 3, 3),)},
        {"facts": {"weather": True}},
        {"facts": {"offence.issuing_years_max": 5}},
    ],
)
def test_a_value_outside_the_vocabulary_is_refused_with_the_right_ones(wrong: dict[str, Any]):
    with pytest.raises(law.ValueUnknown) as refused:
        law.routes(replace(QUESTION, **wrong), on=ON)
    assert refused.value.facts["allowed"]


@pytest.mark.parametrize("wrong", [{"stage": "war"}, {"requesting_authority": "mayor"}, {"urgency": "soon"}])
def test_a_closed_list_of_the_question_is_held_at_once(wrong: dict[str, Any]):
    with pytest.raises(law.ValueUnknown):
        replace(QUESTION, **wrong)


@pytest.mark.parametrize("years", [-1, 100])
def test_an_impossible_penalty_is_refused(years: int):
    with pytest.raises(law.QuestionBroken):
        replace(QUESTION, offences=(("drugs", years, 1),))


def test_more_facts_than_the_limit_are_refused():
    with pytest.raises(law.QuestionBroken):
        replace(QUESTION, facts={f"f{number}": True for number in range(FACTS_MAX + 1)})


@pytest.mark.parametrize("answer", [1, "yes", 0])
def test_an_answer_of_the_wrong_type_is_refused(answer: Any):
    with pytest.raises(law.FactNotAnswerable):
        law.routes(replace(QUESTION, facts={"person_consents": answer}), on=ON)


@pytest.mark.parametrize("day", [EDITION.from_ - timedelta(days=1), EDITION.until + timedelta(days=1)])
def test_a_day_outside_the_edition_has_no_law(day: date):
    with pytest.raises(law.NoEditionInForce):
        law.routes(QUESTION, on=day)
    with pytest.raises(law.NoEditionInForce):
        law.routes(QUESTION, on=day, edition=EDITION)


@pytest.mark.parametrize("day", [EDITION.from_, EDITION.until])
def test_the_first_and_the_last_day_of_the_edition_have_law(day: date):
    assert law.routes(QUESTION, on=day).on == day


def test_a_route_that_is_not_there_is_refused():
    with pytest.raises(law.NoSuchRoute):
        law.routes(QUESTION, on=ON).route("coe-ets185/bud.stored_data_mla")


def test_preservation_runs_under_article_29_through_the_network_of_article_35():
    route = law.routes(QUESTION, on=ON).lawful[0]
    assert (route.id, route.articles) == ("coe-ets185/bud.preservation_abroad", ("29",))
    recipient = route.contents.recipients[0]
    assert (recipient.to, recipient.article) == ("contact_point_24_7", "35")
    assert "Landelijk Parket" in recipient.named[0]["text"]
    network = next(layer for layer in route.layers if layer.measure == "bud.contact_point")
    assert network.applies.outcome is law.Outcome.MET
    assert {clock.id: (clock.duration, clock.article) for clock in route.clocks} == {
        "preserve": ("", "29(3)"),
        "min_keep": ("P60D", "29(7)"),
    }
    refusal = route.contents.refusal
    assert refusal.closed_list is True
    assert [(one.ground.article, one.likelihood) for one in refusal.grounds] == [("29(5)", "possible")]


def test_a_domestic_power_is_listed_as_closed_with_that_reason():
    route = law.routes(QUESTION, on=ON).route("coe-ets185/bud.domestic_preservation")
    assert (route.status, route.articles, route.reasons[0].article) == (law.Status.CLOSED, ("16",), "16")
    assert "never answers a question between states" in route.reasons[0].text


@pytest.mark.parametrize(("kind", "article"), [("production_subscriber", "18"), ("search_seizure_stored", "19")])
def test_no_domestic_measure_ever_answers_between_states(kind: str, article: str):
    verdict = law.routes(asking(kind), on=ON)
    domestic = [route for route in verdict.routes if route.reach == "domestic"]
    assert article in {route.articles[0] for route in domestic}
    assert {route.status for route in domestic} == {law.Status.CLOSED}


def test_stored_data_are_disclosed_under_article_31():
    route = law.routes(asking("production_content", data=("content",)), on=ON).lawful[0]
    assert (route.id, route.articles) == ("coe-ets185/bud.stored_data_mla", ("31",))
    assert [(clock.id, clock.article) for clock in route.clocks] == [("expedited", "31(3)")]


@pytest.mark.parametrize(("years", "likelihood"), [(12, "excluded"), (None, "possible"), (0, "likely")])
def test_dual_criminality_is_a_ground_as_likely_as_the_facts_make_it(years: int | None, likelihood: str):
    verdict = law.routes(asking("production_content", offences=(("drugs", 8, years),)), on=ON)
    grounds = verdict.route("coe-ets185/bud.stored_data_mla").contents.refusal.grounds
    assert {one.ground.article: one.likelihood for one in grounds} == {"25(4)": "possible", "25(5)": likelihood}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({}, law.Outcome.OPEN),
        ({"mla_treaty_between_states": False}, law.Outcome.MET),
        ({"mla_treaty_between_states": True, "fallback_rules_agreed": False}, law.Outcome.FAILED),
        ({"mla_treaty_between_states": True, "fallback_rules_agreed": True}, law.Outcome.MET),
    ],
)
def test_the_fallback_layers_apply_where_no_other_treaty_does(facts: dict[str, bool], outcome: law.Outcome):
    verdict = law.routes(asking("production_traffic", facts=facts), on=ON)
    for name, measure, article in (
        ("coe-ets185/bud.stored_data_mla", "bud.mla_no_treaty", "27(1), 28(1)"),
        ("un-untoc/untoc.mla", "untoc.mla", "18(7)"),
    ):
        layer = next(one for one in verdict.route(name).layers if one.measure == measure)
        assert (layer.applies.outcome, layer.applies.article) == (outcome, article)


def test_the_second_protocol_is_closed_because_it_is_not_in_force():
    route = law.routes(asking("production_subscriber"), on=ON).route("coe-cets224/sap.subscriber_direct")
    force = route.reasons[0]
    assert (route.status, force.outcome, force.article) == (law.Status.CLOSED, law.Outcome.FAILED, "16")
    assert force.text.startswith("NOT in force")


def test_what_was_never_read_offers_no_route():
    route = law.routes(asking("production_subscriber"), on=ON).route("coe-cets224/sap.subscriber_direct")
    unread = [reason for reason in route.reasons if reason.verification == "unverified"]
    assert [reason.outcome for reason in unread if "was not read" in reason.text] == [law.Outcome.FAILED]


def test_acts_of_the_union_do_not_bind_cabo_verde():
    verdict = law.routes(asking("production_content"), on=ON)
    for name in ("eu-2014-41/eio.any_measure", "eu-2023-1543/eev.production.traffic_or_content"):
        failed = [reason for reason in verdict.route(name).reasons if reason.outcome is law.Outcome.FAILED]
        assert failed[0].text.startswith("Cabo Verde is not bound")


def test_an_instrument_that_is_encoded_in_part_is_never_lawful():
    partly = {one.id for one in EDITION.instruments.values() if not one.fully_encoded}
    for kind in EDITION.kinds:
        verdict = law.routes(asking(kind, requesting_state="NL", requested_state="DE"), on=ON)
        assert not {route.instrument for route in verdict.lawful} & partly


def test_data_leave_the_union_under_the_rules_on_transfers():
    route = law.routes(QUESTION, on=ON).lawful[0]
    transfers = [layer for layer in route.layers if layer.instrument == "eu-2016-680"]
    assert [layer.applies.article for layer in transfers] == ["35(1)(a)-(e)", "37(1)-(3)", "38(1)-(3)"]
    within = law.routes(replace(QUESTION, requesting_state="DE"), on=ON).route(route.id)
    assert not [layer for layer in within.layers if layer.instrument == "eu-2016-680"]
    away = law.routes(replace(QUESTION, requesting_state="NL", requested_state="CV"), on=ON).route(route.id)
    sent = [layer.measure for layer in away.layers if layer.instrument == "eu-2016-680"]
    assert sent == ["led.private_recipients"]


def test_an_open_fact_says_what_each_answer_changes():
    facts = {"organised_group_suspected": True}
    route = law.routes(asking("production_content", facts=facts), on=ON).route("un-untoc/untoc.mla")
    assert [(fact.id, fact.changes) for fact in route.open_facts] == [
        ("transnational_suspected", {"yes": law.Status.LAWFUL, "no": law.Status.CLOSED})
    ]


def test_lawful_routes_come_first_and_the_closer_rule_before_the_wider():
    verdict = law.routes(asking("production_traffic"), on=ON)
    order = [law.Status.LAWFUL, law.Status.OPEN, law.Status.CLOSED]
    places = [order.index(route.status) for route in verdict.routes]
    assert places == sorted(places)
    assert [route.priority for route in verdict.routes] == list(range(1, len(verdict.routes) + 1))
    assert all(route.why_here for route in verdict.routes)


def test_not_encoded_is_another_answer_than_closed():
    verdict = law.routes(QUESTION, on=ON)
    assert "ecowas-mla" in verdict.not_encoded
    assert not {route.instrument for route in verdict.routes} & set(verdict.not_encoded)


def test_data_that_a_measure_does_not_name_leave_it_open():
    route = law.routes(replace(QUESTION, data=("bank",)), on=ON).route("coe-ets185/bud.preservation_abroad")
    assert route.status is law.Status.OPEN


def test_the_packaged_edition_fits_its_own_limit_many_times():
    assert len(EDITION.to_bytes()) * 8 < EDITION_BYTES_MAX


ANSWERS: dict[str, tuple[Value, ...]] = {
    fact.id: {"yes_no": (True, False), "number": (0, 1, 3, 4, 12), "choice": fact.options}[fact.type]
    for fact in EDITION.facts.values()
    if fact.from_ == "answer"
}


def answers(missing: list[str], most: int) -> st.SearchStrategy[dict[str, Value]]:
    """Some of the facts, each with an answer that fits it."""
    one = st.sampled_from(missing).flatmap(lambda fact: st.tuples(st.just(fact), st.sampled_from(ANSWERS[fact])))
    return st.lists(one, max_size=most).map(dict)


states = st.sampled_from(["CV", "NL", "DE", "IE", "DK", "AT", "FR", "US", "RS", "UA", "PA"])
asked = st.builds(
    law.Question,
    requesting_state=states,
    requested_state=states,
    requesting_authority=st.sampled_from(law.AUTHORITIES),
    stage=st.sampled_from(law.STAGES),
    measure=st.sampled_from(EDITION.kinds),
    offences=st.lists(
        st.tuples(
            st.sampled_from(sorted(EDITION.offences)),
            st.none() | st.integers(0, 20),
            st.none() | st.integers(0, 20),
        ),
        max_size=2,
    ).map(tuple),
    facts=answers(sorted(ANSWERS), 8),
).filter(lambda question: question.requesting_state != question.requested_state)


@settings(max_examples=150, deadline=None)
@given(asked, st.data())
def test_answering_an_open_fact_never_changes_a_decided_route(question: law.Question, data: st.DataObject):
    before = law.routes(question, on=ON)
    more = data.draw(answers(sorted(ANSWERS.keys() - question.facts.keys()), 6))
    after = law.routes(replace(question, facts={**more, **question.facts}), on=ON)
    for route in (*before.lawful, *before.closed):
        assert after.route(route.id).status is route.status


@settings(max_examples=100, deadline=None)
@given(asked)
def test_what_an_open_fact_promises_is_what_its_answer_brings(question: law.Question):
    for route in law.routes(question, on=ON).open:
        for fact in route.open_facts:
            for answer, status in fact.changes.items():
                said = {"yes": True, "no": False}.get(answer, answer)
                answered = replace(question, facts={**question.facts, fact.id: said})
                assert law.routes(answered, on=ON).route(route.id).status is status
