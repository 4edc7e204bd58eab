"""From a case to a letter: the law's answer with its reasons, the draft, and the steps of the issuing side."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from checker import check, untouched
from comity.cli import desk as gestures
from comity.cli.script import warrant
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.queries import cases
from investigating import (
    BIDI,
    DRAFT,
    HUGE,
    PRESERVE,
    ask,
    begin,
    draft_address,
    entries,
    seated,
    summary,
    text,
    words,
)
from scenes import World, acknowledged, authorised, opened, settle, stepped


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


# the law


def test_the_answer_names_every_route_with_its_reasons(reading: tuple[World, Client]):
    world, client = reading
    viewer = world.stage.people["cv", "investigator"].actor
    for one in cases.answers(world.case, viewer=viewer):
        verdict = cases.verdict(one.digest, viewer=viewer)
        page = client.get(f"/cases/{world.case}/verdicts/{one.digest}")
        said = words(page)
        for route in verdict["routes"]:
            for reason in route["reasons"]:
                assert re.sub(r"\s+", " ", reason["text"]) in said, route["id"]
            if route["status"] == "closed":
                failed = next(reason["text"] for reason in route["reasons"] if reason["outcome"] == "failed")
                assert f"Closed because: {failed}" in said
            for part in (*route["refusal_grounds"]["grounds"], *route["safeguards"], *route["not_evaluated"]):
                assert re.sub(r"\s+", " ", part["text"]) in said, route["id"]
        assert all(name in said for name in verdict["not_encoded"])
        assert text(page).count("/draft?") == len([r for r in verdict["routes"] if r["status"] == "lawful"])


def test_an_open_question_leads_into_the_interview_and_its_answer_back(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = ask(client, case, to="FR")
    assert "What is still open" in text(page)
    assert "Can be answered by" in words(page)
    found = re.search(rf'href="({case}/ask\?[^"]*step=fact_reservation_29_4_made)"', text(page))
    assert found, "the open question leads nowhere"
    asked = client.get(unescape(found[1]))
    assert "Has the requested state made the reservation" in words(asked)
    again = ask(client, case, to="FR", fact_reservation_29_4_made="no")
    assert "Lawful routes: 1" in words(again)
    assert "1 answered fact" in words(again)
    assert "step=fact_reservation_29_4_made" not in text(again)


def test_the_question_of_an_answer_is_taken_up_again_as_it_was(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = ask(client, case, to="FR", fact_political_offence="no", provider="Harbour Hosting")
    change = re.search(rf'href="({case}/ask\?[^"]+)"[^>]*><span class="kern-label">Change the question', text(page))
    assert change, "the question cannot be changed"
    said = words(client.get(unescape(change[1])))
    for word in ("France", "Preservation of stored data", "Traffic data", "A judge", "Urgent", "Harbour Hosting"):
        assert word in said
    assert "regard the offence as political or connected with a political offence? no" in said


def test_an_answer_of_another_case_is_not_found(cv: tuple[Stage, Client]):
    _, client = cv
    one = begin(client)
    other = begin(client, reference="f" * 32)
    digest = ask(client, one).request["PATH_INFO"].rsplit("/", 1)[1]
    for address in (f"{other}/verdicts/{digest}/draft?route={PRESERVE}", f"{other}/verdicts/{digest}"):
        assert client.get(address).status_code == 404, address


# letters


def test_a_case_becomes_a_letter_that_is_sent(cv: tuple[Stage, Client]):
    stage, client = cv
    case = begin(client)
    address = draft_address(client, case)
    shown = words(client.get(address))
    assert "Who will be able to read it, where, and why" in shown
    assert "Júlia Monteiro, Court of Praia" in shown
    answer = client.post(address, DRAFT)
    assert answer.status_code == 302, summary(answer)
    signing = client.get(answer["Location"])
    assert "Preservation of the server of Green Cove Market" in text(signing)
    letter = client.post(answer["Location"])["Location"].removeprefix("/letters/")
    assert entries(stage.cv)[-1] == "letter.draft"
    assert "A judge decides on your draft" in words(client.get(case))
    judge = stage.seat(stage.cv, "judge")
    gestures.authorise(letter, warrant(Form.PRESERVATION), seat=judge, at=stage.cv.clock.now())
    assert f"/letters/{letter}/send" in text(client.get(case))
    assert "Landelijk Parket" in text(client.get(f"/letters/{letter}/send"))
    sent = client.post(f"/letters/{letter}/send")
    assert (sent.status_code, sent["Location"]) == (302, f"/letters/{letter}")
    assert entries(stage.cv)[-1] == "letter.send"
    with untouched(stage.cv):
        again = client.post(f"/letters/{letter}/send")
    assert again.status_code == 422
    assert "to send it would have to be authorised" in words(again)
    settle(stage)
    check(stage.cv, stage.nl)


def test_a_production_letter_follows_the_preservation_and_names_a_custodian(cv: tuple[Stage, Client]):
    stage, client = cv
    case = opened(stage)
    letter = acknowledged(stage, case)
    with stage.nl.active():
        gestures.preserved(letter, note="Done.", seat=stage.seat(stage.nl, "liaison"), at=stage.nl.clock.now())
    settle(stage)
    page = ask(client, f"/cases/{case}", measure="search_seizure_stored", fact_transnational_suspected="yes")
    found = re.search(r'href="(/cases/[^"]+/draft\?[^"]+)"', text(page))
    assert found, "no lawful route offers a draft"
    address = unescape(found[1])
    form = text(client.get(address))
    assert f'<option value="{letter}" selected>' in form
    lacking = client.post(address, DRAFT | {"linked": letter, "custodian": ""})
    assert lacking.status_code == 422
    assert "no custodian is named who takes over the evidence" in words(lacking)
    answer = client.post(address, DRAFT | {"linked": letter, "custodian": "carla"})
    assert answer.status_code == 302, summary(answer)
    client.post(answer["Location"])
    assert entries(stage.cv)[-1] == "letter.draft"


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("to_node", "mars", "not one of the available choices"),
        ("other", "", "Name the authority that is asked"),
        ("other", BIDI, "U+202E"),
        ("named", "Landelijk Parket (National Prosecutor's Office)", "not both"),
        ("named", "", "This field is required"),
        ("named", "The king", "not one of the available choices"),
        ("subject", "", "This field is required"),
        ("subject", BIDI, "U+202E"),
        ("subject", HUGE, "at most 200"),
        ("facts", "", "This field is required"),
        ("facts", HUGE, "at most 20000"),
        ("facts", "a\x07b", "U+0007"),
        ("purpose", " ", "This field is required"),
        ("data_from", "soon", "valid date"),
        ("data_from", "2026-13-01", "valid date"),
        ("data_from", "2026-11-21", "before it begins"),
        ("data_until", "", "This field is required"),
        ("linked", "f" * 64, "not one of the available choices"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_and_everything_typed_stays(
    reading: tuple[World, Client], field: str, typed: str, expected: str
):
    world, client = reading
    viewer = world.stage.people["cv", "investigator"].actor
    answers = cases.answers(world.case, viewer=viewer)
    digest = next(one.digest for one in answers if one.measure == "preservation")
    address = f"/cases/{world.case}/verdicts/{digest}/draft?route={PRESERVE}"
    with untouched(world.stage.cv):
        answer = client.post(address, DRAFT | {field: typed})
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))
    for name in ("subject", "purpose", "data_until", "other"):
        assert name == field or f'value="{DRAFT[name]}"' in text(answer), name
    assert field == "facts" or DRAFT["facts"] in text(answer)


@pytest.mark.parametrize("route", ["", "eu-2014-41/eio.nothing", "un-untoc/untoc.mla_general", HUGE[:3000]])
def test_nobody_drafts_on_a_route_that_is_not_lawful(reading: tuple[World, Client], route: str):
    world, client = reading
    viewer = world.stage.people["cv", "investigator"].actor
    digest = cases.answers(world.case, viewer=viewer)[0].digest
    with untouched(world.stage.cv):
        address = f"/cases/{world.case}/verdicts/{digest}/draft?route={route}"
        assert client.get(address).status_code == 422
        assert client.post(address, DRAFT).status_code == 422


def test_without_a_node_in_the_state_the_draft_says_what_to_do(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = ask(client, case, to="FR", fact_reservation_29_4_made="no")
    found = re.search(r'href="(/cases/[^"]+/draft\?[^"]+)"', text(page))
    assert found, "no lawful route offers a draft"
    said = client.get(unescape(found[1]))
    assert "This node knows no node of that state" in text(said)
    assert client.post(unescape(found[1]), DRAFT).status_code == 422


def test_an_answer_to_a_question_of_the_other_side_is_signed_once(cv: tuple[Stage, Client]):
    stage, client = cv
    letter = acknowledged(stage, opened(stage))
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.QUERY, {"note": "Which server is meant?"})
    settle(stage)
    address = f"/letters/{letter}/answer"
    assert "Which server is meant?" in text(client.get(address))
    with untouched(stage.cv):
        assert client.post(address, {"note": ""}).status_code == 422
        assert "U+202E" in unescape(summary(client.post(address, {"note": BIDI})))
    first, second = (client.post(address, {"note": "The one in the rack."})["Location"] for _ in range(2))
    assert client.post(first).status_code == 302
    assert entries(stage.cv)[-1] == "letter.answer"
    with untouched(stage.cv):
        assert client.post(second).status_code == 422
        assert client.post(address, {"note": "Again."}).status_code == 422
        assert client.get(address).status_code == 422
    settle(stage)
    check(stage.cv, stage.nl)


def test_a_withdrawal_ends_the_letter(cv: tuple[Stage, Client]):
    stage, client = cv
    letter = authorised(stage, opened(stage))
    page = client.get(f"/letters/{letter}/withdraw")
    assert "act-danger" in text(page)
    assert client.post(f"/letters/{letter}/withdraw", {"note": HUGE}).status_code == 422
    signing = client.post(f"/letters/{letter}/withdraw", {"note": "A mistake."})["Location"]
    assert client.post(signing).status_code == 302
    with untouched(stage.cv):
        assert client.post(f"/letters/{letter}/send").status_code == 422
        assert client.post(f"/letters/{letter}/withdraw", {"note": "Again."}).status_code == 422
    check(stage.cv)
