"""The investigator's desk: who gets in, what a form keeps, what the law's answer shows, and how a letter comes about."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from checker import check, untouched
from comity.authorities.directory import Entry
from comity.cases.case import Case
from comity.cli import desk as gestures
from comity.cli.script import warrant
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import authenticator
from comity.registry.act import Node
from comity.registry.actions import cases as acts
from comity.registry.models import EntryRow
from comity.registry.queries import cases, letters
from comity.web.shell.session import sit_down
from scenes import World, acknowledged, authorised, drafted, opened, settle, stepped

REFERENCE = "0123456789abcdef" * 2
CASE = {
    "reference": REFERENCE,
    "title": "Operation Sirocco",
    "marketplace": "Green Cove Market",
    "selectors": "domain:greencove.example\nhandle:cove_admin",
    "offence_1": "drugs",
    "here_1": "12",
    "there_1": "",
    "offence_2": "running_the_marketplace",
    "here_2": "8",
    "there_2": "0",
}
QUESTION = {
    "to_state": "NL",
    "measure": "preservation",
    "categories": ["traffic", "content"],
    "requesting_authority": "judge",
    "stage": "investigation",
    "urgency": "urgent",
    "purpose": "evidence",
}
DRAFT = {
    "to_node": "nl",
    "named": "-",
    "other": "Landelijk Parket",
    "subject": "Preservation of the server of Green Cove Market",
    "facts": "The marketplace sells drugs.\nIts server stands in a data centre.",
    "purpose": "Evidence in the proceedings",
    "data_from": "2026-06-01",
    "data_until": "2026-11-20",
}
PRESERVE = "coe-ets185/bud.preservation_abroad"
BIDI = "Operation \u202eocco"
HUGE = "x" * 100_000


def seated(node: Node, entry: Entry) -> Client:
    """The browser of somebody who sits at this node's desk."""
    client = Client(headers={"host": "127.0.0.1"})
    request = HttpRequest()
    request.session = client.session
    sit_down(request, entry, at=node.clock.now())
    request.session.save()
    client.cookies["comity_session"] = str(request.session.session_key)
    return client


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


def text(answer: Any) -> str:
    return str(answer.content.decode())


def words(answer: Any) -> str:
    """What a page says, without its elements."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text(answer))))


def summary(answer: Any) -> str:
    found = re.search(r'id="error-summary".*?</ul>', text(answer), re.DOTALL)
    return found[0] if found else ""


def begin(client: Client, **more: object) -> str:
    """The address of a case that was just opened."""
    answer = client.post("/cases/new", CASE | more)
    assert answer.status_code == 302, summary(answer)
    return str(answer["Location"])


def ask(client: Client, case: str, **more: object) -> Any:
    """The page of the law's answer to a question of a case."""
    answer = client.post(f"{case}/ask", QUESTION | more)
    assert answer.status_code == 302, summary(answer)
    return client.get(answer["Location"])


def draft_address(client: Client, case: str) -> str:
    found = re.search(r'href="(/cases/[^"]+/draft\?[^"]+)"', text(ask(client, case)))
    assert found, "no lawful route offers a draft"
    return unescape(found[1])


def entries(node: Node) -> list[str]:
    return list(EntryRow.objects.order_by("id").values_list("kind", flat=True))


# who gets in


@pytest.mark.parametrize("office", ["judge", "custodian", "liaison", "overseer"])
def test_without_the_power_there_is_no_such_desk(world: World, office: str):
    stage, case = world.stage, world.case
    node = stage.nl if office == "liaison" else stage.cv
    pages = ["/cases", "/cases/new", f"/cases/{case}", f"/cases/{case}/ask", f"/cases/{case}/offences"]
    with node.active():
        client = seated(node, stage.people[node.id, office])
        for page in pages:
            assert client.get(page).status_code == 404, page
            assert client.post(page, CASE).status_code in {404, 405}, page


def test_a_colleague_who_is_no_member_finds_nothing(cv: tuple[Stage, Client]):
    stage, client = cv
    case = begin(client)
    page = ask(client, case)
    letter = drafted(stage, case.removeprefix("/cases/"))
    colleague = seated(stage.cv, authenticator.seated(stage.cv, "nadia", at=stage.cv.clock.now()))
    addresses = [case, f"{case}/ask", f"{case}/offences", f"{case}/selectors", f"{case}/members"]
    addresses += [page.request["PATH_INFO"], f"/letters/{letter}/send", f"/letters/{letter}/withdraw"]
    with untouched(stage.cv):
        for address in addresses:
            assert colleague.get(address).status_code in {404, 405}, address
            assert colleague.post(address, QUESTION).status_code in {404, 405}, address
    assert "You are a member of no case" in text(colleague.get("/cases"))


def test_who_decides_on_a_letter_reads_its_answer_of_the_law_and_changes_nothing(reading: tuple[World, Client]):
    world, client = reading
    judge = seated(world.stage.cv, world.stage.people["cv", "judge"])
    viewer = world.stage.people["cv", "investigator"].actor
    text_ = letters.letter(world.letters["draft"], viewer=viewer)["text"]
    address = f"/cases/{world.case}/verdicts/{text_['verdict']['digest']}"
    page = judge.get(address)
    assert page.status_code == 200
    assert "Lawful routes" in text(page)
    assert "Operation Harmattan" not in text(page)
    assert "/draft?" not in text(page)
    assert "<textarea" not in text(page)
    assert "/draft?" in text(client.get(address))


def test_nobody_signed_in_is_sent_to_the_login(reading: tuple[World, Client]):
    world, _ = reading
    answer = Client(headers={"host": "127.0.0.1"}).get(f"/cases/{world.case}")
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next=%2Fcases%2F{world.case}")


# cases


def test_a_form_that_is_sent_twice_opens_one_case(cv: tuple[Stage, Client]):
    stage, client = cv
    shown = re.search(r'name="reference" value="([0-9a-f]{32})"', text(client.get("/cases/new")))
    assert shown, "the form has no one-time name"
    first = client.post("/cases/new", CASE | {"reference": shown[1]})
    second = client.post("/cases/new", CASE | {"reference": shown[1]})
    assert first["Location"] == second["Location"] == f"/cases/{shown[1]}"
    assert entries(stage.cv).count("case.opened") == 1
    assert "it was not opened twice" in text(client.get(second["Location"]))


def test_a_case_shows_what_was_typed(cv: tuple[Stage, Client]):
    _, client = cv
    said = words(client.get(begin(client, title="<script>alert(1)</script> & co")))
    assert "<script>alert(1)</script> & co" in said
    assert "Drugs (here 12 years, there unknown)" in said
    assert "Running the marketplace (here 8 years, there no offence)" in said
    assert "domain:greencove.example" in said
    assert "Ask the law first" in said


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("title", "", "This field is required"),
        ("title", "   ", "This field is required"),
        ("title", BIDI, "U+202E"),
        ("title", HUGE, "at most 200"),
        ("title", "nul\0", "U+0000"),
        ("marketplace", "", "This field is required"),
        ("selectors", "", "This field is required"),
        ("selectors", "domain:greencove.example\nnothing", "Line 2"),
        ("selectors", "colour:red", "Line 1"),
        ("selectors", "domain:\u202eelpmaxe.example", "U+202E"),
        ("selectors", HUGE, "at most 4000"),
        ("offence_1", "sorcery", "not one of the available choices"),
        ("offence_1", "running_the_marketplace", "stands in a row above"),
        ("offence_1", "", "Choose the offence that carries these years"),
        ("here_1", "-1", "greater than or equal to 0"),
        ("here_1", "100", "less than or equal to 99"),
        ("here_1", "many", "whole number"),
        ("here_1", "9" * 6000, "whole number"),
        ("there_2", "1.5", "whole number"),
        ("reference", "../../etc", "lost its one-time name"),
        ("reference", "", "lost its one-time name"),
    ],
)
def test_what_is_wrong_with_a_case_is_said_and_everything_typed_stays(
    reading: tuple[World, Client], field: str, typed: str, expected: str
):
    world, client = reading
    with untouched(world.stage.cv):
        answer = client.post("/cases/new", CASE | {field: typed})
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))
    kept = {name: value for name, value in CASE.items() if name not in {field, "reference"}}
    for name, value in kept.items():
        shown = re.search(rf'name="{name}"[^>]*(?:value="{re.escape(value)}"|>\s*{re.escape(value)})', text(answer))
        chosen = f'<option value="{value}" selected>' in text(answer)
        assert shown or chosen or not value, name
    if field == "reference":
        assert re.search(r'name="reference" value="[0-9a-f]{32}"', text(answer))


def test_a_case_without_an_offence_is_not_opened(reading: tuple[World, Client]):
    world, client = reading
    blank = {name: "" for name in CASE if re.match(r"offence|here|there", name)}
    with untouched(world.stage.cv):
        answer = client.post("/cases/new", CASE | blank)
    assert "Choose at least one offence" in summary(answer)


def test_the_list_of_cases_shows_each_once_page_by_page(cv: tuple[Stage, Client]):
    stage, client = cv
    at, me = stage.cv.clock.now(), stage.people["cv", "investigator"].actor
    made = [f"{number:032x}" for number in range(2 * cases.PAGE_CASES + 3)]
    for reference in made:
        acts.open_case(Case(reference, f"Case {reference}", "M", (), ()), actor=me, at=at)
    seen: list[str] = []
    address = "/cases"
    while address:
        page = text(client.get(address))
        seen += re.findall(r'<th scope="row"><a href="/cases/([0-9a-f]{32})"', page)
        following = re.search(r'href="(/cases\?after=[^"]+)"', page)
        address = following[1] if following else ""
    assert seen == made[::-1]
    assert client.get("/cases?after=nothing").status_code == 404
    assert "There are no older cases" in text(client.get(f"/cases?after={made[0]}"))


def test_a_list_of_cases_counts_the_letters_that_are_under_way(reading: tuple[World, Client]):
    world, client = reading
    ended = sum(1 for name in world.letters if name == "executed")
    row = words(client.get("/cases"))
    assert f" {len(world.letters) - ended} " in row[row.index("Operation Harmattan") :]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "This field is required"),
        ("nothing", "kind:value"),
        ("domain:\u202eelpmaxe.example", "U+202E"),
        (HUGE, "at most 200"),
        ("domain:bluelagoon.example", "already"),
    ],
)
def test_a_wrong_selector_is_refused_beside_its_field(reading: tuple[World, Client], typed: str, expected: str):
    world, client = reading
    with untouched(world.stage.cv):
        answer = client.post(f"/cases/{world.case}/selectors", {"selector": typed})
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))


@pytest.mark.parametrize("official", ["", "nobody", HUGE, "ivo"])
def test_only_officials_of_this_node_become_members(reading: tuple[World, Client], official: str):
    world, client = reading
    with untouched(world.stage.cv):
        assert client.post(f"/cases/{world.case}/members", {"official": official}).status_code == 422


def test_selectors_members_and_offences_are_recorded(cv: tuple[Stage, Client]):
    stage, client = cv
    case = begin(client)
    judge = stage.people["cv", "judge"]
    assert client.post(f"{case}/selectors", {"selector": "handle:second_admin"}).status_code == 302
    assert client.post(f"{case}/members", {"official": judge.official}).status_code == 302
    stated = {"offence_1": "drugs", "here_1": "12", "there_1": "8"}
    assert client.post(f"{case}/offences", stated).status_code == 302
    said = words(client.get(case))
    assert "handle:second_admin" in said
    assert f"{judge.name}, {judge.office}" in said
    assert "Drugs (here 12 years, there 8 years)" in said
    assert "Running the marketplace" not in said.split("Letters")[0]
    assert entries(stage.cv)[-3:] == ["case.selector_added", "case.member_added", "case.offences_stated"]
    check(stage.cv)


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


def test_an_open_question_is_asked_with_what_each_answer_would_change(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = ask(client, case, to_state="FR")
    assert "What is still open" in text(page)
    assert "Can be answered by" in words(page)
    assert "this route would be" in words(page)
    hidden = dict(re.findall(r'<input type="hidden" name="((?!csrf|next)[^"]+)" value="([^"]*)"', text(page)))
    assert {name: hidden[name] for name in ("to_state", "measure", "stage")} == {
        "to_state": "FR",
        "measure": "preservation",
        "stage": "investigation",
    }
    facts = re.findall(r'type="radio" name="(fact_[^"]+)" value="yes"', text(page))
    assert "fact_reservation_29_4_made" in facts
    again = ask(client, case, to_state="FR", fact_reservation_29_4_made="no")
    assert "Lawful routes: 1" in words(again)
    assert "1 answered fact" in words(again)
    assert "fact_reservation_29_4_made" not in re.findall(r'type="radio" name="(fact_[^"]+)"', text(again))


def test_an_answer_that_is_known_is_kept_when_the_question_is_changed(cv: tuple[Stage, Client]):
    _, client = cv
    case = begin(client)
    page = ask(client, case, to_state="FR", fact_political_offence="no")
    change = re.search(r'href="([^"]+/ask\?from=[0-9a-f]{64})"', text(page))
    assert change, "the question cannot be changed"
    form = text(client.get(change[1]))
    assert '<option value="FR" selected>' in form
    assert re.search(r'id="id_fact_political_offence".*?<option value="no" selected>', form, re.DOTALL)
    assert re.search(r'name="categories" value="traffic"[^>]* checked', form)


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("to_state", "", "This field is required"),
        ("to_state", "CV", "not one of the available choices"),
        ("to_state", "XX", "not one of the available choices"),
        ("measure", "", "This field is required"),
        ("measure", HUGE, "not one of the available choices"),
        ("categories", [], "Choose at least one"),
        ("categories", ["gossip"], "not one of the available choices"),
        ("stage", BIDI, "not one of the available choices"),
        ("urgency", "", "This field is required"),
        ("requesting_authority", "king", "not one of the available choices"),
        ("purpose", "fun", "not one of the available choices"),
        ("fact_political_offence", "perhaps", "not one of the available choices"),
    ],
)
def test_a_question_that_cannot_be_asked_is_kept_and_recorded_nowhere(
    reading: tuple[World, Client], field: str, typed: object, expected: str
):
    world, client = reading
    with untouched(world.stage.cv):
        answer = client.post(f"/cases/{world.case}/ask", QUESTION | {"to_state": "FR"} | {field: typed})
    assert answer.status_code == 422
    assert expected in unescape(summary(answer))
    if field != "measure":
        assert '<option value="preservation" selected>' in text(answer)
    if field != "to_state":
        assert '<option value="FR" selected>' in text(answer)


def test_an_answer_of_another_case_is_not_found(cv: tuple[Stage, Client]):
    _, client = cv
    one = begin(client)
    other = begin(client, reference="f" * 32)
    digest = ask(client, one).request["PATH_INFO"].rsplit("/", 1)[1]
    for address in (f"{other}/verdicts/{digest}/draft?route={PRESERVE}", f"{other}/ask?from={digest}"):
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
    page = ask(client, case, to_state="FR", fact_reservation_29_4_made="no")
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
