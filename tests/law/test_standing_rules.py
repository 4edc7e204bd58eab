"""What instruments say of each other, of themselves and of who may act: each rule on its yes and its no side."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from comity import law
from law.cases import ON, QUESTION
from law.toys import edition, fact, instrument, parties

CONSENT = {"fact": "person_consents", "op": "is", "value": True}
YES = replace(QUESTION, facts={"person_consents": True})
NO = replace(QUESTION, facts={"person_consents": False})


def relation(effect: str, **more: Any) -> dict[str, Any]:
    entry = {"to": ["toy-old"], "effect": effect, "renders": ["instrument.relation.0"], "article": "21", **more}
    return {"relation": [entry]}


def pair(effect: str, *, bound: dict[str, Any] | None = None, **more: Any) -> law.Edition:
    return edition(toy_new=instrument(conditions=relation(effect, **more), bound=bound), toy_old=instrument())


def route(question: law.Question, law_of: law.Edition, name: str, on: date = ON) -> law.Route:
    return law.routes(question, on=on, edition=law_of).route(f"{name}/toy.preserve")


def test_a_replaced_route_is_closed_and_names_what_replaces_it():
    closed = route(QUESTION, pair("replaces"), "toy-old")
    assert closed.status is law.Status.CLOSED
    reason = next(one for one in closed.reasons if one.outcome is law.Outcome.FAILED)
    assert (reason.article, reason.text) == (
        "21",
        "replaced by toy-new between the two states: It stands before others",
    )
    assert [(one.to, one.effect) for one in closed.relations] == [("toy-new", "replaced_by")]


def test_what_replaces_another_says_so_and_stays_lawful():
    stays = route(QUESTION, pair("replaces"), "toy-new")
    assert (stays.status, [(one.to, one.effect) for one in stays.relations]) == (
        law.Status.LAWFUL,
        [("toy-old", "replaces")],
    )


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"kinds": ["preservation"]}, law.Status.CLOSED),
        ({"kinds": ["freezing"]}, law.Status.LAWFUL),
        ({"to": ["toy-old/toy.preserve"]}, law.Status.CLOSED),
        ({"to": ["toy-old/toy.other"]}, law.Status.LAWFUL),
        ({"when": CONSENT}, law.Status.OPEN),
    ],
)
def test_a_relation_holds_for_its_kinds_its_routes_and_its_circumstances(more: dict[str, Any], status: law.Status):
    assert route(QUESTION, pair("replaces", **more), "toy-old").status is status


def test_an_instrument_that_binds_only_one_of_the_two_replaces_nothing():
    assert route(QUESTION, pair("replaces", bound=parties("CV", "DE")), "toy-old").status is law.Status.LAWFUL


def test_an_instrument_that_may_bind_both_leaves_what_it_replaces_open():
    bound = parties("CV", completeness="partial")
    assert route(QUESTION, pair("replaces", bound=bound), "toy-old").status is law.Status.OPEN


def test_an_instrument_that_prevails_comes_first_and_the_other_stays_lawful():
    verdict = law.routes(QUESTION, on=ON, edition=pair("prevails"))
    new, old = (verdict.route(f"{name}/toy.preserve") for name in ("toy-new", "toy-old"))
    assert (new.status, old.status) == (law.Status.LAWFUL, law.Status.LAWFUL)
    assert new.priority < old.priority
    assert "toy-new prevails over it" in old.why_here


def test_without_prejudice_is_said_on_both_and_orders_nothing():
    verdict = law.routes(QUESTION, on=ON, edition=pair("without_prejudice"))
    for name in ("toy-new", "toy-old"):
        assert [one.effect for one in verdict.route(f"{name}/toy.preserve").relations] == ["without_prejudice"]


def applied() -> law.Edition:
    entry = {"measures": ["*"], "renders": ["toy.preserve.notification.0"], "article": "9", "when": CONSENT}
    return edition(toy_new=instrument(conditions={"application": [entry]}))


@pytest.mark.parametrize(("question", "applies"), [(YES, "yes"), (NO, "no"), (QUESTION, "may")])
def test_a_conditional_duty_says_whether_it_applies(question: law.Question, applies: str):
    stated = route(question, applied(), "toy-new").contents.sections["notification"][0]
    assert (stated.applies, stated.facts) == (applies, ("person_consents",) if applies == "may" else ())


def test_a_duty_without_condition_always_applies():
    assert route(QUESTION, applied(), "toy-new").contents.sections["safeguards"][0].as_json().keys() == {
        "text",
        "article",
        "verification",
        "source",
    }


def contested() -> law.Edition:
    entry = {
        "id": "who-consents",
        "measures": ["*"],
        "renders": ["toy.preserve.facts.0"],
        "article": "7(2)",
        "question": "Whose consent is meant?",
        "way": [
            {"id": "anyone", "text": "Nobody in particular has to consent", "by": "open"},
            {"id": "person", "text": "The person has to consent", "by": "open", "when": CONSENT},
        ],
    }
    return edition(toy_new=instrument(conditions={"reading": [entry]}, facts=[fact("Only with consent", "7(2)")]))


@pytest.mark.parametrize(
    ("question", "second"), [(YES, law.Status.LAWFUL), (NO, law.Status.CLOSED), (QUESTION, law.Status.OPEN)]
)
def test_a_contested_article_is_read_every_way_and_the_adopted_one_decides(question: law.Question, second: law.Status):
    found = route(question, contested(), "toy-new")
    assert found.status is law.Status.LAWFUL
    assert [(way.id, way.status) for way in found.readings[0].ways] == [
        ("anyone", law.Status.LAWFUL),
        ("person", second),
    ]


def test_one_way_alone_is_no_contested_article():
    entry = {"id": "x", "measures": ["*"], "renders": ["toy.preserve.safeguards.0"], "article": "8", "question": "?"}
    with pytest.raises(law.EditionBroken, match="two ways"):
        edition(toy_new=instrument(conditions={"reading": [{**entry, "way": [{"id": "a", "text": "a", "by": "a"}]}]}))


SUNSET = date(2026, 12, 31)


@pytest.mark.parametrize("kind", ["span", "force"])
def test_an_expired_rule_offers_no_route_the_day_after(kind: str):
    days = {"from": "2026-11-01", "until": SUNSET.isoformat(), "review": "2026-12-01"}
    entry: Any = {"renders": ["instrument.status.0"], "article": "20", **days}
    stated: dict[str, Any] = {"force": entry} if kind == "force" else {"span": [{"measures": ["*"], **entry}]}
    law_of = edition(toy_new=instrument(conditions=stated))
    assert route(QUESTION, law_of, "toy-new", SUNSET).status is law.Status.LAWFUL
    after = route(QUESTION, law_of, "toy-new", SUNSET + timedelta(days=1))
    assert after.status is law.Status.CLOSED
    assert any(one.text == "expired: it held until 2026-12-31" for one in after.reasons)
    assert route(QUESTION, law_of, "toy-new", date(2026, 10, 31)).status is law.Status.CLOSED


def issued(when: dict[str, Any]) -> law.Edition:
    entry = {
        "measures": ["*"],
        "role": "issuer",
        "renders": ["toy.preserve.issuer.0"],
        "article": "6",
        "when": when,
    }
    return edition(
        toy_new=instrument(conditions={"condition": [entry]}, issuer=[fact("A judge, or with a judge", "6")])
    )


JUDGES = {"fact": "question.requesting_authority", "op": "in", "value": ["judge", "court"]}


def test_the_matrix_of_issuers_says_who_acts_alone_who_with_a_validation_and_who_not():
    when = {"any": [JUDGES, {"fact": "validated_by_judge", "op": "is", "value": True}]}
    found = route(replace(QUESTION, facts={"validated_by_judge": True}), issued(when), "toy-new").issuer_matrix
    said = {one.authority: (one.may, one.needs) for one in found}
    assert said["judge"] == said["court"] == ("issue", ())
    assert said["police"] == said["public_prosecutor"] == ("on_condition", ("validated_by_judge",))


def test_who_may_not_issue_at_all_is_said_to_those_who_may():
    found = route(replace(QUESTION, requesting_authority="judge"), issued(JUDGES), "toy-new").issuer_matrix
    assert {one.may for one in found if one.authority not in {"judge", "court"}} == {"no"}


def due(duration: str, **more: str) -> dict[str, Any]:
    deadline = {
        "id": "reply", "actor": "requested_party", "action": "answer", "case": "normal", "type": "hard_max",
        "duration": duration, "from_event": "receipt", "art": "7(3)", "calc": "treaty_silent", **more,
    }  # fmt: skip
    answer = {"measure": "toy.preserve", "deadline": "reply"}
    return instrument(conditions={"answer": [answer]}, deadlines=[deadline])


def test_among_lawful_routes_the_one_that_promises_its_answer_soonest_comes_first():
    law_of = edition(toy_a=instrument(), toy_b=due("P10D"), toy_c=due("PT8H"))
    lawful = law.routes(QUESTION, on=ON, edition=law_of).lawful
    toys = [one.instrument for one in lawful if one.measure == "toy.preserve"]
    assert toys == ["toy-c", "toy-b", "toy-a"]
    assert "the answer is due within PT8H (art. 7(3))" in lawful[0].why_here
    assert lawful[0].as_json()["answer_within"] == {
        "deadline": "reply", "duration": "PT8H", "case": "normal", "article": "7(3)",
    }  # fmt: skip


def test_an_act_of_a_union_binds_its_members_from_its_day():
    force = {"renders": ["instrument.status.0"], "article": "20", "in_force": True, "from": "2024-02-17"}
    toy = instrument(conditions={"parties": {"all_of": "EU"}, "force": force})
    del toy["parties"]
    law_of = edition(toy_new=toy)
    within = replace(QUESTION, requesting_state="DK", requested_state="IE")
    assert route(within, law_of, "toy-new").status is law.Status.LAWFUL
    assert route(within, law_of, "toy-new", date(2024, 2, 16)).status is law.Status.CLOSED
    assert route(QUESTION, law_of, "toy-new").status is law.Status.CLOSED


def test_an_agreement_of_a_union_stands_between_the_other_side_and_each_member_and_nobody_else():
    bound = parties("US", "EU")
    law_of = edition(toy_new=instrument(conditions={"parties": {"one_side": "US", "through": "EU"}}, bound=bound))
    asked = replace(QUESTION, requesting_state="US", requested_state="NL")
    assert route(asked, law_of, "toy-new").status is law.Status.LAWFUL
    assert route(replace(asked, requesting_state="DE"), law_of, "toy-new").status is law.Status.CLOSED
    assert route(replace(asked, requested_state="CV"), law_of, "toy-new").status is law.Status.CLOSED


def test_without_a_table_of_parties_the_route_is_open():
    toy = instrument()
    del toy["parties"]
    found = route(QUESTION, edition(toy_new=toy), "toy-new")
    assert found.status is law.Status.OPEN
    assert any("not tabulated" in one.text for one in found.reasons)


@pytest.mark.parametrize(("state", "outcome"), [("GB", law.Outcome.OPEN), ("US", law.Outcome.FAILED)])
def test_a_condition_can_look_into_the_table_of_another_instrument_whose_secondary_row_leaves_it_open(
    state: str, outcome: law.Outcome
):
    entry = {
        "measures": ["*"],
        "renders": ["toy.preserve.safeguards.0"],
        "article": "8",
        "when": {"listed": "eu-adequacy", "kind": "LED", "side": "requesting"},
    }
    law_of = edition(toy_new=instrument(conditions={"condition": [entry]}, bound=parties(state, "NL")))
    found = route(replace(QUESTION, requesting_state=state), law_of, "toy-new")
    assert next(one.outcome for one in found.reasons if one.article == "8") is outcome


@pytest.mark.parametrize(
    "conditions",
    [
        {"magic": []},
        {"subject": "poetry"},
        {"parties": {"all_of": "Atlantis"}},
        {"force": {"in_force": "perhaps"}},
        {"relation": [{"to": ["x"], "effect": "eats", "renders": ["instrument.relation.0"], "article": "21"}]},
        {"application": [{"measures": ["*"], "renders": ["instrument.status.0"], "article": "20", "when": CONSENT}]},
        {"answer": [{"measure": "toy.preserve", "deadline": "never"}]},
        {"condition": [{"measures": ["toy.unknown"], "renders": ["instrument.status.0"], "article": "20"}]},
        {"condition": [{"measures": ["*"], "role": "king", "renders": ["instrument.status.0"], "article": "20"}]},
        {"span": [{"measures": ["*"], "renders": ["instrument.status.0"], "article": "20", "until": "someday"}]},
        {"relation": [{"to": [], "effect": "replaces", "renders": ["instrument.relation.0"], "article": "21", "when": {"fact": "no_such", "op": "is", "value": True}}]},
    ],
)  # fmt: skip
def test_conditions_that_do_not_fit_are_refused_with_the_whole_edition(conditions: dict[str, Any]):
    with pytest.raises(law.EditionBroken):
        edition(toy_new=instrument(conditions=conditions))
