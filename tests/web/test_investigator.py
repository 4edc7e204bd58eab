"""The investigator's desk: who gets in, what a form keeps, and what a case shows."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from checker import check, untouched
from comity.cases.case import Case
from comity.cli.story import Stage
from comity.registry import authenticator
from comity.registry.actions import cases as acts
from comity.registry.queries import cases, letters
from investigating import (
    BIDI,
    CASE,
    HUGE,
    QUESTION,
    ask,
    begin,
    entries,
    seated,
    summary,
    text,
    words,
)
from scenes import World, drafted


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
