"""The parts of an answer of the law that stand around its routes: each is shown with its reason, and none is missed in an old one."""

import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.template import engines

from comity.law import Edition, Question, routes
from comity.web.shell import questions, verdicts

EDITION = Edition.packaged()
ON = date(2026, 11, 26)
NEW = ("issuer_matrix", "relations", "readings", "answer_within")


def answer(measure: str, **more: Any) -> Any:
    """What the law says to police who ask from the Netherlands."""
    asked: dict[str, Any] = {
        "requesting_state": "NL",
        "requesting_authority": "police",
        "stage": "investigation",
        "requested_state": "IE",
        "measure": measure,
        "data": ("traffic",),
    }
    return routes(Question(**asked | more), on=ON, edition=EDITION).as_json()


def shown(verdict: Any) -> str:
    """The answer as a page shows it, without its elements."""
    template = engines["django"].get_template("shell/verdict/answer.html")
    page = template.render({"groups": verdicts.groups(verdict), "verdict": verdict})
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def made_with(**parts: Any) -> str:
    """The first route of an answer, with other parts around it, as a page shows it."""
    verdict = answer("production_traffic")
    first = verdict["routes"][0] | parts
    return shown(verdict | {"routes": [first]})


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    "measure", ["preservation", "production_traffic", "production_subscriber", "general_mla", "jit"]
)
@pytest.mark.parametrize("asked", ["IE", "FR", "US", "CV"])
def test_everything_around_a_route_is_on_the_page(measure: str, asked: str):
    verdict = answer(measure, requested_state=asked)
    page = shown(verdict)
    for route in verdict["routes"]:
        for one in route["relations"]:
            assert flat(one["text"]) in page
            assert questions.instrument(one["to"]) in page
        for reading in route["readings"]:
            assert flat(reading["question"]) in page
            assert all(flat(way["text"]) in page for way in reading["ways"])
        for one in route["issuer_matrix"]:
            assert str(questions.AUTHORITIES[one["authority"]]) in page
            assert all(flat(questions.fact(name)) in page for name in one["needs"])
        if route["answer_within"]:
            assert f"(Art. {route['answer_within']['article']})" in page
        assert flat(route["priority"]["why"]) in page


def test_a_rule_of_a_section_says_whether_it_applies_and_what_decides():
    fact = {"text": "A rule", "article": "5", "verification": "primary_text", "source": "S"}
    page = made_with(
        notification=[fact | {"applies": "yes", "facts": []}, fact | {"text": "Another", "applies": "no", "facts": []}],
        safeguards=[fact | {"text": "A third", "applies": "may", "facts": ["political_offence"]}],
    )
    assert "Applies A rule" in page
    assert "Does not apply Another" in page
    assert "May apply A third (Art. 5; primary text ) Decided by: Does the requested state regard" in page


def test_the_ways_to_read_an_article_stand_side_by_side_and_the_adopted_one_is_named():
    ways = [
        {"id": "wide", "text": "Every offence counts.", "by": "the explanatory report", "status": "lawful"},
        {"id": "narrow", "text": "Only listed ones count.", "by": "open", "status": "closed"},
    ]
    page = made_with(readings=[{"id": "r", "question": "Which offences count?", "article": "5(2)", "ways": ways}])
    assert re.search(r"Lawful Every offence counts\. Adopted by this edition.*the explanatory report", page)
    assert re.search(r"Closed Only listed ones count\. Not adopted", page)


def test_the_authority_that_asks_is_marked_in_the_table_of_issuers():
    table = [
        {"authority": "judge", "may": "issue", "needs": []},
        {"authority": "police", "may": "on_condition", "needs": ["validated_by_judge"]},
        {"authority": "public_prosecutor", "may": "no", "needs": []},
    ]
    page = made_with(issuer_matrix=table)
    assert re.search(r"A judge Yes . The police \(asks here\) On a condition Has a judge.*A public prosecutor No", page)


def test_a_rule_leads_to_its_place_in_the_reading_room_and_a_clock_to_where_it_is_counted():
    for route in (one for group in verdicts.groups(answer("production_traffic")) for one in group.routes):
        assert route.url.startswith("/law/instruments/")
        assert route.id.partition("/")[2] == route.url.partition("#")[2]
        assert all(clock.url.startswith(f"/law/clock?deadline={quote(route.id, '')}") for clock in route.content.clocks)
    assert questions.measure_url("eu-2014-41", "eio.gone") == ""
    assert questions.clock_url("eu-2014-41", "eio.any_measure", "gone") == ""


def test_an_answer_from_before_these_parts_is_shown_without_them():
    verdict = answer("production_traffic")
    old = verdict | {
        "routes": [{name: part for name, part in one.items() if name not in NEW} for one in verdict["routes"]]
    }
    page = shown(old)
    assert "Who may issue it" not in page
    assert all(one["title"] in page for one in verdict["routes"])


def test_every_code_of_these_parts_has_its_word():
    codes: dict[str, set[str]] = {"effect": set(), "may": set(), "to": set()}
    for measure in questions.measures(EDITION):
        for asked in ("IE", "FR", "US"):
            for route in answer(measure, requested_state=asked)["routes"]:
                codes["effect"] |= {one["effect"] for one in route["relations"]}
                codes["may"] |= {one["may"] for one in route["issuer_matrix"]}
                codes["to"] |= {one["to"] for source in (route, *route["layers"]) for one in source["recipient"]}
    assert codes["effect"] <= questions.EFFECTS.keys()
    assert codes["may"] <= questions.MAY_ISSUE.keys() & questions.MAY_ISSUE_TONES.keys()
    assert codes["to"] <= questions.RECIPIENTS.keys()
