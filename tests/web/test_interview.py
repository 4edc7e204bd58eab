"""The interview: led question by question, whole in its address, true to the law, and kept with a case only on wish."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from checker import check, untouched
from comity.cli.story import Stage
from comity.law import Edition, routes
from comity.registry import authenticator
from comity.registry.queries import cases
from comity.web.investigator import address, leading
from comity.web.investigator.question_form import Around, FactForm
from investigating import BIDI, HUGE, begin, entries, seated, summary, text, words
from scenes import World

Pairs = list[tuple[str, str]]
EDITION = Edition.packaged()
FRANCE: Pairs = [
    ("authority", "judge"),
    ("stage", "investigation"),
    ("to", "FR"),
    ("measure", "preservation"),
    ("data", "traffic"),
    ("offence", "drugs:12:"),
    ("purpose", "evidence"),
    ("urgency", "urgent"),
]
NETHERLANDS = [(name, {"FR": "NL", "preservation": "production_traffic"}.get(value, value)) for name, value in FRANCE]


@pytest.fixture
def cv(stage: Stage) -> Iterator[tuple[Stage, Client]]:
    """The issuing node of a stage on which nothing has happened, with its investigator."""
    with stage.cv.active():
        yield stage, seated(stage.cv, stage.people["cv", "investigator"])


@pytest.fixture
def reading(world: World) -> Iterator[tuple[World, Client]]:
    """The issuing node of the shared world, with its investigator; only to be read."""
    with world.stage.cv.active():
        yield world, seated(world.stage.cv, world.stage.people["cv", "investigator"])


def at(*pairs: tuple[str, str], base: str = "/ask") -> str:
    return f"{base}?{urlencode(pairs)}"


def hidden(page: Any) -> Pairs:
    """What the form of a page sends besides what is typed."""
    form = re.search(r'<form class="form".*?</form>', text(page), re.DOTALL)
    assert form, words(page)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return [(unescape(name), unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def say(client: Client, page: Any, *typed: tuple[str, str]) -> Any:
    """Send the form of a page, and follow to where it leads."""
    base = page.request["PATH_INFO"]
    return client.get(at(*hidden(page), *typed, base=base), follow=True)


def heading(page: Any) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text(page), re.DOTALL)
    return unescape(found[1]) if found else ""


def query(page: Any) -> Pairs:
    return parse_qsl(page.request["QUERY_STRING"], keep_blank_values=True)


def asked_fact(page: Any) -> str:
    """The fact that a page asks for, or nothing."""
    found = re.search(r'type="radio" name="fact_([a-z0-9_]+)"', text(page))
    return found[1] if found else ""


def law(pairs: Pairs, *, on: Any, **facts: str) -> Any:
    """What the law says to a state of the interview."""
    given = QueryDict(urlencode([*pairs, *((f"fact_{name}", said) for name, said in facts.items())]))
    interview = address.read(given, own_state="CV", edition=EDITION)
    return routes(interview.question(own_state="CV", edition=EDITION), on=on).as_json()


# the way through it


def test_an_official_without_a_case_is_led_to_an_answer_and_keeps_it_with_a_case_later(cv: tuple[Stage, Client]):
    stage, client = cv
    before = entries(stage.cv)
    page = client.get("/ask")
    for asked, typed in (
        ("Who asks?", [("authority", "judge"), ("stage", "investigation")]),
        ("Which state is asked?", [("to", "FR")]),
        ("What is it asked to do?", [("measure", "preservation")]),
        ("Which data, and what for?", [("categories", "traffic"), ("purpose", "evidence")]),
        ("Which offences are investigated?", [("offence_1", "drugs"), ("here_1", "12"), ("there_1", "")]),
        ("How urgent is it, and who holds the data?", [("urgency", "urgent"), ("provider", "Harbour Hosting")]),
    ):
        assert heading(page) == asked
        page = say(client, page, *typed)
    facts = []
    while fact := asked_fact(page):
        facts.append(fact)
        page = say(client, page, (f"fact_{fact}", "unknown" if len(facts) == 1 else "no"))
    assert heading(page) == "The answer as it stands"
    assert len(facts) == len(set(facts)) > 1
    assert entries(stage.cv) == before
    assert "You are a member of no case" in words(page)

    case = begin(client, offence_2="", here_2="", there_2="").removeprefix("/cases/")
    later = client.get(f"/ask?{page.request['QUERY_STRING']}")
    kept = client.post("/ask/keep", dict(hidden(later)) | {"data": ["traffic"], "case": case})
    assert kept.status_code == 302, summary(kept)
    answer = client.get(kept["Location"])
    assert "The answer is kept with the case" in words(answer)
    assert "Drugs (here 12 years, there unknown)" in words(answer)
    assert entries(stage.cv)[-2:] == ["case.opened", "law.asked"]
    digest = kept["Location"].rsplit("/", 1)[1]
    question = cases.verdict(digest, viewer=stage.people["cv", "investigator"].actor)["question"]
    assert question["provider"] == "Harbour Hosting"
    assert question["facts"] == dict.fromkeys(facts[1:], False)
    check(stage.cv)


def test_the_offences_of_a_case_are_taken_over_and_not_asked_for(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = client.get(f"{case}/ask")
    for typed in (
        [("authority", "judge"), ("stage", "investigation")],
        [("to", "NL")],
        [("measure", "preservation")],
        [("categories", "traffic"), ("purpose", "evidence")],
    ):
        page = say(client, page, *typed)
    assert heading(page) == "How urgent is it, and who holds the data?"
    assert [value for name, value in query(page) if name == "offence"] == ["drugs:12:", "running_the_marketplace:8:0"]
    page = say(client, page, ("urgency", "normal"))
    while fact := asked_fact(page):
        page = say(client, page, (f"fact_{fact}", "unknown"))
    assert heading(page) == "The answer as it stands"
    kept = client.post("/ask/keep", dict(hidden(page)) | {"offence": ["drugs:12:", "running_the_marketplace:8:0"]})
    answer = client.get(kept["Location"])
    assert "Draft a letter on this route" in words(answer)


@pytest.mark.parametrize("pairs", [FRANCE, NETHERLANDS], ids=["preservation", "traffic"])
def test_only_what_can_still_decide_a_route_is_asked_and_what_decides_the_most_comes_first(
    reading: tuple[World, Client], pairs: Pairs
):
    world, client = reading
    on = world.stage.cv.clock.now().date()
    said: dict[str, str] = {}
    page = client.get(at(*pairs))
    while fact := asked_fact(page):
        answer = law(pairs, on=on, **said)
        decides = {
            name: sum(
                one["fact"] == name and any(status != route["status"] for status in one["changes"].values())
                for route in answer["routes"]
                for one in route["open_facts"]
            )
            for route in answer["routes"]
            for name in (one["fact"] for one in route["open_facts"])
            if name not in said and EDITION.facts[name].from_ == "answer"
        }
        assert decides[fact] == max(decides.values())
        said[fact] = "unknown" if len(said) % 2 else "yes"
        page = say(client, page, (f"fact_{fact}", said[fact]))
    answer = law(pairs, on=on, **said)
    left = {one["fact"] for route in answer["routes"] for one in route["open_facts"]}
    assert all(EDITION.facts[name].from_ == "question" or said.get(name) == "unknown" for name in left)


def test_every_answer_says_what_it_opens_and_closes_and_the_next_page_shows_it(reading: tuple[World, Client]):
    world, client = reading
    on = world.stage.cv.clock.now().date()
    page = client.get(at(*NETHERLANDS))
    fact = asked_fact(page)
    answer = law(NETHERLANDS, on=on)
    changes = {
        route["id"]: one["changes"] for route in answer["routes"] for one in route["open_facts"] if one["fact"] == fact
    }
    titles = {route["id"]: route["title"] for route in answer["routes"]}
    for said in ("yes", "no"):
        told = re.search(
            rf'id="id_fact_{fact}_\d_changes">(.*?)</ul>', text(page).split(f'value="{said}"')[1], re.DOTALL
        )
        assert told
        sentence = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", told[1])))
        following = words(say(client, page, (f"fact_{fact}", said)))
        for route, one in changes.items():
            word, moved = {
                "lawful": ("Opens:", "opened by the last answer"),
                "closed": ("Closes:", "closed by the last answer"),
                "open": ("Stays open:", ""),
            }[one[said]]
            assert re.search(rf"{word}[^:]*{re.escape(titles[route])}", sentence), route
            assert moved in following
    for reason in (one for route in answer["routes"] for one in route["reasons"] if fact in one["facts"]):
        assert re.sub(r"\s+", " ", reason["text"]) in words(page)
        assert f"Art. {reason['article']}" in words(page)


def test_a_question_on_which_nothing_hangs_any_more_says_so(reading: tuple[World, Client]):
    _, client = reading
    page = client.get(at(*FRANCE, ("step", "fact_appearance_not_possible_or_desirable")))
    assert "No route hangs on this question" in words(page)


def test_facts_that_decide_no_route_are_offered_after_the_answer_with_what_they_make_likely(
    reading: tuple[World, Client],
):
    _, client = reading
    stands = client.get(at(*NETHERLANDS, ("step", "answer")))
    found = re.search(r'href="(/ask\?[^"]*step=fact_political_offence)"', text(stands))
    assert found, "the question is not offered"
    page = client.get(unescape(found[1]))
    assert "Likely:" in words(page)
    assert "Counts for:" in words(page)


# its address


def test_every_address_of_the_way_reads_back_as_the_same_state():
    pairs = [*FRANCE, ("provider", "Rød & Söner"), ("fact_political_offence", "unknown"), ("last", "offences")]
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
    fact = type(next(iter(EDITION.facts.values())))(
        "made_up", type_, "What is it?", ("requesting authority",), options, "answer"
    )
    form = FactForm(
        {"fact_made_up": typed}, fact=fact, interview=address.Interview(), around=Around(EDITION, "CV", frozenset())
    )
    assert form.is_valid(), form.errors
    assert form.answered().facts == {"made_up": expected}


# keeping


def test_an_answer_about_other_offences_is_kept_only_when_they_are_stated_for_the_case(cv: tuple[Stage, Client]):
    stage, client = cv
    case = begin(client).removeprefix("/cases/")
    sent = dict(FRANCE) | {"in": "", "case": case}
    with untouched(stage.cv):
        refused = client.post("/ask/keep", sent)
    assert refused.status_code == 422
    assert "The case names other offences: Drugs (here 12 years, there unknown); Running the marketplace" in words(
        refused
    )
    assert 'name="restate"' in text(refused)
    kept = client.post("/ask/keep", sent | {"restate": "on"})
    assert kept.status_code == 302, summary(kept)
    assert entries(stage.cv)[-2:] == ["case.offences_stated", "law.asked"]
    again = client.post("/ask/keep", sent | {"restate": "on"})
    assert again["Location"] == kept["Location"]
    assert entries(stage.cv).count("case.offences_stated") == 1
    check(stage.cv)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"data": "none"}, "a letter has to say which it asks for"),
        ({"offence": "none"}, "The question names no offence"),
        ({"case": "f" * 32}, "not one of the available choices"),
        ({"case": ""}, "Choose the case"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_recorded_nowhere(
    cv: tuple[Stage, Client], said: dict[str, str], expected: str
):
    stage, client = cv
    case = begin(client, offence_2="", here_2="", there_2="").removeprefix("/cases/")
    begin(client, reference="e" * 32)
    with untouched(stage.cv):
        answer = client.post("/ask/keep", dict(FRANCE) | {"in": "", "case": case} | said)
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))
    assert 'name="measure" value="preservation"' in text(answer)


def test_nobody_keeps_an_answer_with_a_case_of_others(cv: tuple[Stage, Client]):
    stage, client = cv
    case = begin(client).removeprefix("/cases/")
    colleague = seated(stage.cv, authenticator.seated(stage.cv, "nadia", at=stage.cv.clock.now()))
    with untouched(stage.cv):
        assert colleague.post("/ask/keep", dict(FRANCE) | {"in": case, "case": case}).status_code == 404
        assert colleague.post("/ask/keep", dict(FRANCE) | {"in": "", "case": case}).status_code == 422
        assert "You are a member of no case" in words(colleague.get(at(*FRANCE, ("step", "answer"))))
        assert client.get("/ask/keep").status_code == 405


def test_who_opens_no_cases_has_no_interview(world: World):
    stage = world.stage
    with stage.cv.active():
        judge = seated(stage.cv, stage.people["cv", "judge"])
        assert judge.get("/ask").status_code == 404
        assert judge.post("/ask/keep", dict(FRANCE)).status_code == 404


# leading, on answers of a law that was made up


def made_up(**statuses: tuple[str, list[tuple[str, dict[str, str]]]]) -> Any:
    """An answer with these routes: their status, and their open facts with what each answer makes of them."""
    empty = dict.fromkeys(("layers", "issuers", "validation", "delivery", "notification", "form", "consultation"), ())
    empty |= dict.fromkeys(
        ("postponement", "confidentiality", "use_limits", "safeguards", "remedies", "costs", "relation"), ()
    )
    return {
        "routes": [
            {
                **empty,
                "id": name,
                "title": name,
                "articles": ["1"],
                "status": status,
                "priority": {"rank": rank},
                "open_facts": [{"fact": fact, "changes": changes} for fact, changes in facts],
                "reasons": [],
                "refusal_grounds": {"grounds": []},
            }
            for rank, (name, (status, facts)) in enumerate(statuses.items(), start=1)
        ]
    }


def test_the_fact_that_decides_more_routes_comes_before_one_that_more_routes_need():
    decides, leaves = {"yes": "lawful", "no": "closed"}, {"yes": "open", "no": "open"}
    answer = made_up(
        one=("open", [("fiscal_offence", leaves), ("political_offence", decides)]),
        two=("open", [("fiscal_offence", leaves), ("political_offence", decides)]),
        three=("open", [("fiscal_offence", decides)]),
        four=("closed", [("military_offence", decides)]),
    )
    assert leading.decisive(answer, edition=EDITION) == ["political_offence", "fiscal_offence"]


def test_a_move_is_told_from_where_a_route_stood():
    before = made_up(one=("open", []), two=("open", []), three=("lawful", []))
    after = made_up(one=("lawful", []), two=("closed", []), three=("lawful", []), four=("open", []))
    assert [(move.route.id, move.before, move.route.status) for move in leading.moves(before, after)] == [
        ("one", "open", "lawful"),
        ("two", "open", "closed"),
        ("four", "", "open"),
    ]
