"""The interview: led question by question, true to the law, and kept with a case only on wish."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from checker import check, untouched
from comity.cli.story import Stage
from comity.registry import authenticator
from comity.registry.queries import cases
from interviewing import EDITION, FRANCE, NETHERLANDS, Pairs, asked_fact, at, heading, keep, law, query, say
from investigating import begin, entries, seated, summary, text, words
from scenes import World


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
    kept = keep(client, later, case=case)
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
    kept = keep(client, page)
    assert kept.status_code == 302, summary(kept)
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


def test_a_route_that_is_followed_is_the_only_one_that_is_asked_for(reading: tuple[World, Client]):
    world, client = reading
    on = world.stage.cv.clock.now().date()
    answer = law(NETHERLANDS, on=on)
    route = next(one for one in answer["routes"] if one["status"] == "open" and one["id"].startswith("un-untoc/"))
    page = client.get(at(*NETHERLANDS))
    follow = re.search(rf'href="([^"]*route={route["id"].replace("/", "%2F")}[^"]*)"', text(page))
    assert follow, "the route cannot be followed"
    page = client.get(unescape(follow[1]))
    assert f"Only what one route needs is asked: {route['title']}" in words(page)
    asked = []
    while fact := asked_fact(page):
        asked.append(fact)
        page = say(client, page, (f"fact_{fact}", "unknown"))
    needs = {one["fact"] for one in route["open_facts"]}
    assert set(asked) == {name for name in needs if EDITION.facts[name].from_ == "answer"}
    assert heading(page) == "The answer as it stands"
    everything = re.search(r'href="([^"]+)">Ask for all routes', text(page))
    assert everything
    assert asked_fact(client.get(unescape(everything[1]))) not in asked


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
