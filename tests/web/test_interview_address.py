"""The address of an interview: it holds the whole state, reads back as it was written, and refuses what is none."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from checker import untouched
from comity.law.edition import AskedFact
from comity.registry.queries import cases
from comity.web.investigator import address
from comity.web.investigator.question_form import Around, FactForm
from interviewing import EDITION, FRANCE, Pairs, at, hidden, query, say
from investigating import BIDI, HUGE, seated, summary, text, words
from scenes import World


@pytest.fixture
def reading(world: World) -> Iterator[tuple[World, Client]]:
    """The issuing node of the shared world, with its investigator; only to be read."""
    with world.stage.cv.active():
        yield world, seated(world.stage.cv, world.stage.people["cv", "investigator"])


def test_every_address_of_the_way_reads_back_as_the_same_state():
    pairs = [*FRANCE, ("provider", "Rød & Söner"), ("fact_political_offence", "unknown")]
    pairs += [("route", "un-untoc/untoc.mla"), ("last", "offences")]
    for cut in range(len(pairs) + 1):
        given = QueryDict(urlencode(pairs[:cut]))
        interview = address.read(given, own_state="CV", edition=EDITION)
        again = QueryDict(urlsplit(interview.address("/ask")).query)
        assert address.read(again, own_state="CV", edition=EDITION) == interview


def test_a_question_that_was_recorded_reads_back_from_its_address(reading: tuple[World, Client]):
    world, _ = reading
    viewer = world.stage.people["cv", "investigator"].actor
    for one in cases.answers(world.case, viewer=viewer):
        question = cases.verdict(one.digest, viewer=viewer)["question"]
        interview = address.of_question(question, edition=EDITION)
        given = QueryDict(urlsplit(interview.address("/ask")).query)
        read = address.read(given, own_state="CV", edition=EDITION)
        assert read.question(own_state="CV", edition=EDITION).as_record() == question


def test_the_page_links_to_itself_and_is_the_same_at_that_link(reading: tuple[World, Client]):
    _, client = reading
    page = client.get(at(*FRANCE))
    link = re.search(r'href="([^"]+)">Link to this page', text(page))
    assert link
    assert words(client.get(unescape(link[1]))) == words(page)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("authority", "king", "authority: king is not known"),
        ("stage", BIDI, "is not known"),
        ("to", "XX", "XX is no state of this edition"),
        ("to", "CV", "CV asks itself"),
        ("measure", HUGE[:4000], "is not known"),
        ("data", "gossip", "data: gossip is not known"),
        ("purpose", "fun", "purpose: fun is not known"),
        ("offence", "sorcery", "offence: sorcery is not known"),
        ("offence", "drugs:many:", "is no offence"),
        ("offence", "drugs:100:", "is no"),
        ("urgency", "later", "urgency: later is not known"),
        ("provider", BIDI, "U+202E"),
        ("provider", "x" * 300, "at most 200"),
        ("fact_political_offence", "perhaps", "cannot be answered"),
        ("fact_nothing", "yes", "fact: nothing is not known"),
        ("fact_question.data", "yes", "is not known"),
        ("last", "nowhere", "step: nowhere is not known"),
        ("step", "fact_nothing", "fact: nothing is not known"),
        ("route", "eu-2014-41/eio.gone", "route: eu-2014-41/eio.gone is not known"),
        ("answers", "nowhere", "step: nowhere is not known"),
        ("answers", "answer", "answers what was not asked"),
        ("colour", "red", "'colour' is unknown"),
        ("provider", HUGE, "longer than 8000 characters"),
    ],
)
def test_a_wrong_value_in_the_address_is_refused_with_what_is_right(
    reading: tuple[World, Client], name: str, value: str, expected: str
):
    world, client = reading
    others = [(one, said) for one, said in FRANCE if one != name]
    with untouched(world.stage.cv):
        page = client.get(at(*others, (name, value)))
        posted = client.post("/ask/keep", dict(others) | {name: value, "case": world.case, "in": ""})
    assert page.status_code == 422
    assert expected.casefold() in words(page).casefold()
    assert 'href="/ask"' in text(page)
    assert posted.status_code == 422


@pytest.mark.parametrize("name", ["authority", "to", "step", "fact_political_offence"])
def test_a_value_that_stands_twice_in_the_address_is_refused(reading: tuple[World, Client], name: str):
    _, client = reading
    value = dict([*FRANCE, ("step", "answer"), ("fact_political_offence", "no")])[name]
    page = client.get(at(*FRANCE, (name, value), (name, value)))
    assert page.status_code == 422
    assert "more than once" in words(page)


def test_too_many_values_are_refused(reading: tuple[World, Client]):
    _, client = reading
    rest = [one for one in FRANCE if one[0] not in {"offence", "data"}]
    for name, value in (("offence", "drugs"), ("data", "traffic")):
        page = client.get(at(*rest, *([(name, value)] * 33)))
        assert page.status_code == 422
        assert "more than 32" in words(page)
    assert client.get(at(*([("offence", "drugs")] * 2000))).status_code in {400, 422}


@pytest.mark.parametrize(
    ("step", "typed", "expected"),
    [
        ("who", [("authority", "judge")], "This field is required"),
        ("who", [("authority", "king"), ("stage", "trial")], "not one of the available choices"),
        ("whom", [("to", "")], "This field is required"),
        ("what", [("measure", "nothing")], "not one of the available choices"),
        ("data", [("categories", "gossip"), ("purpose", "evidence")], "not one of the available choices"),
        ("offences", [("offence_1", ""), ("here_1", "3")], "Choose the offence that carries these years"),
        ("offences", [("offence_1", "drugs"), ("here_1", "100")], "less than or equal to 99"),
        ("pressing", [("urgency", "normal"), ("provider", BIDI)], "U+202E"),
        ("pressing", [("urgency", "normal"), ("provider", "x" * 300)], "at most 200"),
        ("fact_political_offence", [], "Choose an answer"),
        ("fact_political_offence", [("fact_political_offence", "perhaps")], "not one of the available choices"),
    ],
)
def test_what_is_wrong_with_an_answer_stands_at_its_field_and_everything_else_is_kept(
    reading: tuple[World, Client], step: str, typed: Pairs, expected: str
):
    _, client = reading
    page = client.get(at(*FRANCE, ("step", step)))
    kept = hidden(page)
    answer = say(client, page, *typed)
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))
    assert hidden(answer) == kept
    for name, value in typed:
        if value and value not in {"king", "nothing", "gossip", "perhaps"}:
            assert re.search(
                rf'name="{name}"[^>]*value="{re.escape(value)}"|<option value="{value}" selected', text(answer)
            )


def test_an_answer_that_is_changed_keeps_all_the_others(reading: tuple[World, Client]):
    _, client = reading
    page = client.get(at(*FRANCE, ("fact_political_offence", "no"), ("step", "whom")))
    changed = query(say(client, page, ("to", "NL")))
    was = dict([*FRANCE, ("fact_political_offence", "no")]) | {"to": "NL", "last": "whom"}
    assert dict(changed) == was


def test_nothing_named_and_nothing_known_are_answers(reading: tuple[World, Client]):
    _, client = reading
    page = say(client, client.get(at(*FRANCE, ("step", "offences"))), ("offence_1", ""))
    assert ("offence", "none") in query(page)
    page = say(client, client.get(at(*FRANCE, ("step", "data"))), ("purpose", "evidence"))
    assert ("data", "none") in query(page)


@pytest.mark.parametrize(
    ("type_", "options", "typed", "expected"),
    [
        ("number", (), "7", "7"),
        ("number", (), "", "unknown"),
        ("choice", ("here", "there"), "there", "there"),
        ("choice", ("here", "there"), "unknown", "unknown"),
        ("yes_no", (), "no", "no"),
    ],
)
def test_a_fact_of_every_type_has_its_field_and_can_stay_unknown(
    type_: str, options: tuple[str, ...], typed: str, expected: str
):
    fact = AskedFact("made_up", type_, "What is it?", ("requesting authority",), options, "answer")
    form = FactForm(
        {"fact_made_up": typed}, fact=fact, interview=address.Interview(), around=Around(EDITION, "CV", frozenset())
    )
    assert form.is_valid(), form.errors
    assert form.answered().facts == {"made_up": expected}
