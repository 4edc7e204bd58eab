"""The page of letters: filters, order, places to turn to, and the same list as files."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import desks
from comity.canon import harmless
from comity.cli.story import Stage
from comity.registry.act import Node, bookkeeping
from comity.registry.models import LetterRow
from scenes import World, populated
from stage import staged


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("listing"), databases=databases) as stage:
        yield populated(stage)


@contextmanager
def at_desk(stage: Stage, node: Node, role: str) -> Iterator[Client]:
    """A browser in which this official has sat down."""
    with node.active():
        yield desks.at_desk(stage, node, role)


@contextmanager
def undone() -> Iterator[None]:
    """What is changed inside is as it was afterwards."""
    with bookkeeping():
        yield
        transaction.set_rollback(True)


def get(client: Client, url: str, *, status: int = 200) -> str:
    answer = client.get(url)
    text: str = answer.getvalue().decode()
    assert answer.status_code == status, text
    return text


def rows(text: str) -> list[str]:
    """The short forms of a page, in its order."""
    return re.findall(r'<th scope="row"><a href="/letters/[0-9a-f]{64}" hx-boost="false">([2-9A-Z-]{9})</a>', text)


def link(text: str, label: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*><span class="kern-label">{label}', text)
    return found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("role", ["investigator", "judge", "liaison", "custodian", "overseer"])
def test_every_official_finds_the_letters_that_the_office_sees(world: World, role: str):
    with at_desk(world.stage, world.stage.cv, role) as client:
        assert len(rows(get(client, "/letters"))) == len(world.letters)
    with at_desk(world.stage, world.stage.nl, role) as client:
        text = get(client, "/letters")
        assert bool(rows(text)) == (role != "investigator")
        assert ("No letters yet" in text) == (role == "investigator")


def test_pages_are_turned_by_their_links(world: World):
    with at_desk(world.stage, world.stage.cv, "judge") as client:
        whole = rows(get(client, "/letters?sort=short"))
        text = get(client, "/letters?sort=short&size=3")
        turned, last = rows(text), link(text, "Last page")
        assert not link(text, "Previous page")
        while following := link(text, "Next page"):
            text = get(client, following)
            turned += rows(text)
        assert turned == whole == sorted(whole)
        end = get(client, last)
        assert rows(end) == whole[-3:]
        assert rows(get(client, link(end, "Previous page"))) == whole[-6:-3]
        assert rows(get(client, link(end, "First page"))) == whole[:3]


def test_a_column_says_how_it_is_sorted_and_sorts_the_other_way_when_asked_again(world: World):
    with at_desk(world.stage, world.stage.cv, "judge") as client:
        text = get(client, "/letters?state=draft&state=authorised")
        assert re.search(
            r'aria-sort="descending"><a href="/letters\?state=draft&amp;state=authorised&amp;sort=written_at"', text
        )
        text = get(client, "/letters?sort=state")
        assert 'aria-sort="ascending"><a href="/letters?sort=-state"' in text
        assert text.count("aria-sort") == 1


def test_the_filter_shows_what_is_set_and_what_waits_is_one_of_it(world: World):
    with at_desk(world.stage, world.stage.cv, "judge") as client:
        text = get(client, "/letters?mine=yes&text=&state=&peer=&form=preservation&direction=out&sort=-short")
        assert len(rows(text)) == 1
        assert re.search(r'<input type="checkbox" name="mine" value="yes"[^>]* checked', text)
        assert '<option value="preservation" selected>' in text
        assert '<option value="out" selected>' in text
        assert '<input type="hidden" name="sort" value="-short">' in text
        assert "Show everything" in text


def test_nothing_found_says_what_to_do(world: World):
    with at_desk(world.stage, world.stage.cv, "judge") as client:
        text = get(client, "/letters?text=" + quote("<script>nothing"))
    assert "No letter fits this filter" in text
    assert "<script>nothing" not in text
    assert link(text, "Show everything") == "/letters"


@pytest.mark.parametrize("query", ["sort=statement", "state=gone", "cursor=AAAA", "size=9999", "text=%00", "urgent=on"])
def test_an_address_that_no_list_takes_is_a_refusal_and_no_accident(world: World, query: str):
    with at_desk(world.stage, world.stage.cv, "judge") as client:
        for path in ("/letters", "/letters.csv", "/letters.json"):
            get(client, f"{path}?{query}", status=422)


def test_files_hold_the_whole_list_and_no_formula(world: World):
    node = world.stage.cv
    with at_desk(world.stage, node, "judge") as client, undone():
        LetterRow.objects.filter(digest=world.letters["draft"]).update(subject='=HYPERLINK("//x")')
        table = list(csv.DictReader(io.StringIO(get(client, "/letters.csv?size=2&sort=short"))))
        listed = json.loads(get(client, "/letters.json?size=2&sort=short"))
        assert (
            [one["short"] for one in table]
            == [one["short"] for one in listed]
            == rows(get(client, "/letters?sort=short"))
        )
        assert len(table) == len(world.letters)
        assert [one["subject"] for one in table if one["letter"] == world.letters["draft"]] == ['\'=HYPERLINK("//x")']
        assert get(client, "/letters.json?text=nothing") == "[]\n"
        assert get(client, "/letters.csv?text=nothing").startswith("short,direction,")


def test_files_hold_nothing_that_the_page_hides(world: World):
    with at_desk(world.stage, world.stage.nl, "investigator") as client:
        assert get(client, "/letters.json") == "[]\n"
        assert len(get(client, "/letters.csv").splitlines()) == 1


def test_who_is_not_signed_in_gets_no_list(world: World):
    with world.stage.cv.active():
        for path in ("/letters", "/letters.csv", "/letters.json"):
            answer = Client(headers={"host": "127.0.0.1"}).get(path)
            assert (answer.status_code, answer["Location"].startswith("/login?")) == (302, True)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_like_a_formula(begin: str):
    assert harmless(f"{begin}1") == f"'{begin}1"
    assert harmless(f"1{begin}") == f"1{begin}"


def test_a_page_asks_the_same_number_of_questions_whatever_it_shows(world: World):
    with at_desk(world.stage, world.stage.cv, "overseer") as client:
        asked = []
        for size in (1, 2, 5):
            with CaptureQueriesContext(connection) as queries:
                get(client, f"/letters?size={size}")
            asked.append(len(queries))
    assert len(set(asked)) == 1
