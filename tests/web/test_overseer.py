"""The overseer's desk: who gets in, what the log shows, what verifies and what does not."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

import registry_acts
from comity.cli import comity
from comity.cli.story import Stage
from comity.registry import log
from comity.registry.access import NoSuchThing
from comity.registry.act import Node
from comity.registry.actions import refusals
from comity.registry.models import EntryRow, ReceiptRow, WorkRow
from comity.registry.queries import crossing, logbook, oversight
from comity.web.overseer import kinds
from comity.web.shell.session import sit_down
from emergencies import later
from passkeys import browser
from scenes import World, opened, received
from stage import settle

PAGES = ("/oversight", "/oversight/audit", "/oversight/log", "/oversight/log/0", "/oversight/log/0/proof.json")
FILES = ("/oversight/log.csv", "/oversight/log.json")


def seated(stage: Stage, node: Node, office: str = "overseer") -> Client:
    """The browser of somebody who sits at this node's desk."""
    client = browser(node)
    request = HttpRequest()
    request.session = client.session
    sit_down(request, stage.seat(node, office).entry, by="demo", at=node.clock.now())
    request.session.save()
    client.cookies["comity_session"] = request.session.session_key or ""
    return client


@pytest.fixture
def cv(world: World) -> Iterator[tuple[World, Client]]:
    """The issuing node of the shared world, with its overseer; only to be read."""
    node = world.stage.cv
    with node.active():
        yield world, seated(world.stage, node)


def text(answer: Any) -> str:
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(whole.decode())


def indexes(page: str) -> list[int]:
    """The entries that a list shows, in order."""
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/oversight/log/(\d+)"', page)]


@pytest.mark.parametrize("office", ["investigator", "judge", "liaison", "custodian"])
def test_for_everybody_else_there_is_no_oversight(world: World, office: str):
    node = world.stage.cv
    with node.active():
        client = seated(world.stage, node, office)
        for url in (*PAGES, *FILES, f"/oversight/letters/{world.letters['received']}"):
            assert client.get(url).status_code == 404, url
        assert client.post("/oversight/audit").status_code == 404


def test_nobody_reads_the_log_by_a_query_without_the_power(world: World):
    with world.stage.cv.active():
        at = world.stage.cv.clock.now()
        for office, node in (("judge", world.stage.cv), ("overseer", world.stage.nl)):
            viewer = world.stage.seat(node, office).entry.actor
            for read in (
                lambda viewer=viewer: logbook.page(logbook.Asked(), viewer=viewer),
                lambda viewer=viewer: list(logbook.every(logbook.Asked(), viewer=viewer)),
                lambda viewer=viewer: logbook.kinds(viewer=viewer),
                lambda viewer=viewer: logbook.officials(viewer=viewer),
                lambda viewer=viewer: logbook.entry(0, viewer=viewer),
                lambda viewer=viewer: crossing.crossing(world.letters["received"], viewer=viewer),
                lambda viewer=viewer: oversight.glance(viewer=viewer, at=at),
            ):
                with pytest.raises(NoSuchThing):
                    read()


def test_who_is_not_signed_in_is_sent_to_the_login(world: World):
    with world.stage.cv.active():
        answer = browser(world.stage.cv).get("/oversight/log")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Foversight%2Flog")


def test_the_node_at_a_glance(cv: tuple[World, Client]):
    world, client = cv
    page = text(client.get("/oversight"))
    assert world.stage.cv.log_origin in page
    assert f'<p class="figure-number">{log.sequenced_size()}</p>' in page
    for (node, _), entry in world.stage.people.items():
        assert (entry.mandate in page) == (node == "cv")
    assert log.verifier(world.stage.cv).vkey in page


def test_an_audit_says_how_many_entries_were_hashed(cv: tuple[World, Client]):
    _, client = cv
    assert "entries were hashed" not in text(client.get("/oversight/audit"))
    page = text(client.post("/oversight/audit"))
    assert f"{log.sequenced_size()} entries were hashed" in page


def test_the_log_is_listed_newest_first_and_each_entry_has_its_page(cv: tuple[World, Client]):
    _, client = cv
    shown = indexes(text(client.get("/oversight/log")))
    assert shown == list(range(log.sequenced_size() - 1, log.sequenced_size() - 1 - len(shown), -1))
    for index in (0, shown[0], shown[0] // 2):
        page = text(client.get(f"/oversight/log/{index}"))
        assert "Verified" in page, index
        assert "Does not verify" not in page


def test_paging_forth_and_back_shows_every_entry_once(cv: tuple[World, Client]):
    _, client = cv
    url, seen = "/oversight/log", []
    while url:
        page = text(client.get(url))
        seen += indexes(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        last, url = url, f"/oversight/log{older[1]}" if older else ""
    assert seen == list(range(log.sequenced_size() - 1, -1, -1))
    newer = re.search(r'rel="prev" href="([^"]+)"', text(client.get(last)))
    assert newer
    assert indexes(text(client.get(f"/oversight/log{newer[1]}")))[-1] == indexes(text(client.get(last)))[0] + 1


def test_filters_show_exactly_what_they_name(cv: tuple[World, Client]):
    world, client = cv
    digest = world.letters["executed"]
    short = crossing.crossing(digest, viewer=world.stage.seat(world.stage.cv, "overseer").entry.actor).letter.short
    day = EntryRow.objects.get(index=0).at.date().isoformat()
    for query, fits in (
        ({"kind": "letter.send"}, {"kind": "letter.send"}),
        ({"official": "julia"}, {"official": "julia"}),
        ({"letter": short}, {"letter": digest}),
        ({"letter": digest, "kind": "message.receipt"}, {"letter": digest, "kind": "message.receipt"}),
        ({"day": day}, {}),
    ):
        records = json.loads(text(client.get("/oversight/log.json", query)))
        expected = EntryRow.objects.filter(index__isnull=False, **fits).order_by("-index")
        assert [one["index"] for one in records] == list(expected.values_list("index", flat=True)), query
        assert records, query
        assert indexes(text(client.get("/oversight/log", query))) == [one["index"] for one in records][: logbook.ROWS]
    assert indexes(text(client.get("/oversight/log", {"day": "2001-01-01"}))) == []


def test_every_entry_about_a_letter_names_it(cv: tuple[World, Client]):
    _, client = cv
    for one in json.loads(text(client.get("/oversight/log.json"))):
        assert one["letter"] == one["entry"]["facts"].get("letter", "")
        assert (one["kind"], one["official"]) == (one["entry"]["kind"], one["entry"]["actor"]["official"])
        assert bool(one["letter"]) == one["kind"].startswith(("letter.", "evidence.", "message.receipt"))


def test_the_table_holds_a_line_for_each_entry(cv: tuple[World, Client]):
    _, client = cv
    lines = text(client.get("/oversight/log.csv", {"kind": "letter.send"})).splitlines()
    assert lines[0] == "index,at,kind,official,letter,statement,leaf"
    assert len(lines) == EntryRow.objects.filter(kind="letter.send").count() + 1
    assert all(",letter.send," in line for line in lines[1:])


@pytest.mark.parametrize(
    "query",
    [
        "kind=no.such.kind",
        "official=nobody",
        "letter=AAAA-AAAA",
        "letter=%00",
        "day=2026-13-45",
        "day=yesterday",
        "day=0001-01-01",
        "day=9999-12-31",
        "before=-1",
        "before=abc",
        "before=99999999999999999999",
        "before=9999999999999999",
        "after=1%27%20OR%201=1",
        "after=%D9%A1",
        "before=3&after=1",
        "before=3&before=4",
        "sort=kind",
        "kind=letter.send&kind=letter.draft",
    ],
)
@pytest.mark.parametrize("url", ["/oversight/log", "/oversight/log.csv", "/oversight/log.json"])
def test_an_address_that_the_log_does_not_know_is_refused(cv: tuple[World, Client], url: str, query: str):
    _, client = cv
    answer = client.get(f"{url}?{query}")
    assert answer.status_code == 422
    assert indexes(text(answer)) == []


@pytest.mark.parametrize("index", ["999999", "9" * 30, "-1", "1e3", "x"])
def test_there_is_no_page_for_an_entry_that_is_not_there(cv: tuple[World, Client], index: str):
    _, client = cv
    assert client.get(f"/oversight/log/{index}").status_code == 404
    assert client.get(f"/oversight/log/{index}/proof.json").status_code == 404


def test_the_proof_that_is_downloaded_verifies_without_the_node(cv: tuple[World, Client], tmp_path: Path):
    world, client = cv
    vkey = log.verifier(world.stage.cv).vkey
    for index in (0, 7, log.sequenced_size() - 1):
        file = tmp_path / f"{index}.json"
        file.write_text(text(client.get(f"/oversight/log/{index}/proof.json")), encoding="utf-8")
        done = CliRunner().invoke(comity, ["log", "verify", str(file), "--vkey", vkey, "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.output)["index"] == index


def test_both_sides_of_a_letter_stand_beside_each_other(cv: tuple[World, Client]):
    world, client = cv
    digest = world.letters["executed"]
    page = text(client.get(f"/oversight/letters/{digest}"))
    assert page.count("Receipted") == 2, "the letter and the acceptance"
    assert "The other log was not asked yet." in page
    assert page.count("Under our checkpoint") == 4, "three steps and the offer"
    for index in EntryRow.objects.filter(letter=digest).values_list("index", flat=True):
        assert f'href="/oversight/log/{index}"' in page


def test_the_other_log_proves_its_entries_when_it_is_asked(cv: tuple[World, Client]):
    world, client = cv
    page = text(client.post(f"/oversight/letters/{world.letters['executed']}"))
    assert page.count("Proven: entry") == 2
    assert "Gap" not in page


def test_a_letter_that_was_never_sent_shows_no_messages(cv: tuple[World, Client]):
    world, client = cv
    page = text(client.get(f"/oversight/letters/{world.letters['draft']}"))
    assert "No message about this letter has left this node." in page
    assert "No message about this letter has come." in page
    assert client.get(f"/oversight/letters/{'0' * 64}").status_code == 404


def test_every_kind_in_the_log_has_its_word(cv: tuple[World, Client]):
    for kind in EntryRow.objects.values_list("kind", flat=True).distinct():
        assert kinds.word(kind) != kind, kind


def test_pages_hold_no_script_of_their_own(cv: tuple[World, Client]):
    world, client = cv
    for url in (*PAGES[:4], f"/oversight/letters/{world.letters['executed']}"):
        page = text(client.get(url))
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page), url


@pytest.fixture
def quiet(stage: Stage) -> Iterator[tuple[Stage, Client]]:
    """A node of its own, to be changed, with its overseer."""
    settle(stage.cv)
    with stage.cv.active():
        yield stage, seated(stage, stage.cv)


def test_an_entry_whose_body_was_changed_does_not_verify(quiet: tuple[Stage, Client], tmp_path: Path):
    stage, client = quiet
    row = EntryRow.objects.get(index=1)
    row.body = bytes(row.body).replace(b'"witnesses"', b'"witnessed"')
    row.save(update_fields=["body"])
    page = text(client.get("/oversight/log/1"))
    assert "This entry does not verify." in page
    assert "Verified" not in page
    assert "the body of entry 1 was changed" in text(client.post("/oversight/audit"))
    file = tmp_path / "proof.json"
    file.write_text(text(client.get("/oversight/log/1/proof.json")), encoding="utf-8")
    key = log.verifier(stage.cv).vkey
    assert CliRunner().invoke(comity, ["log", "verify", str(file), "--vkey", key]).exit_code != 0
    assert "Verified" in text(client.get("/oversight/log/0")), "the others still do"


def test_an_entry_that_is_no_entry_any_more_is_shown_as_it_is(quiet: tuple[Stage, Client]):
    _, client = quiet
    EntryRow.objects.filter(index=1).update(body=b'\xff\x00<script>"')
    page = text(client.get("/oversight/log/1"))
    assert "This entry does not verify." in page
    assert "&lt;script&gt;" in page
    assert client.get("/oversight/log/1/proof.json").status_code == 422
    assert json.loads(text(client.get("/oversight/log.json")))[-2]["entry"] is None
    assert client.get("/oversight/log").status_code == 200


def test_a_list_says_nothing_of_what_waits_for_its_place(quiet: tuple[Stage, Client]):
    stage, client = quiet
    before = log.sequenced_size()
    registry_acts.append_many(stage.cv, 3)
    assert indexes(text(client.get("/oversight/log")))[0] == before - 1
    assert "3 wait for their place" in text(client.get("/oversight"))


def test_refusals_and_laid_aside_work_are_on_the_first_page(stage: Stage):
    settle(stage.cv)
    with stage.cv.active():
        machine = stage.cv.machine("desk")
        refusals.record_refused_message("nl", code="x.old", sentence="long ago", actor=machine, at=stage.cv.clock.now())
    later(stage, timedelta(days=8))
    with stage.cv.active():
        at = stage.cv.clock.now()
        refusals.record_refused_act("ivo", code="x.recent", sentence="reached <b>too</b> far", actor=machine, at=at)
        WorkRow.objects.create(
            kind="deliver", lane="x", about="message-1", state="dead", attempts=60, due_at=at, trouble="no"
        )
        page = text(seated(stage, stage.cv).get("/oversight"))
    assert "reached &lt;b&gt;too&lt;/b&gt; far" in page
    assert "x.old" not in page
    assert "message-1" in page


def test_a_message_without_receipt_and_a_changed_receipt_are_gaps(stage: Stage):
    letter = received(stage, opened(stage))
    with stage.cv.active():
        client = seated(stage, stage.cv)
        row = ReceiptRow.objects.get()
        entry = bytes(row.entry)
        row.entry = entry.replace(b'"letter.receive"', b'"letter.refused"')
        row.save(update_fields=["entry"])
        assert "The entry kept here is not the one" in text(client.post(f"/oversight/letters/{letter}"))
        row.delete()
        page = text(client.get(f"/oversight/letters/{letter}"))
        assert "Gap: no receipt" in page


def test_a_page_costs_the_same_number_of_queries_wherever_it_lies(quiet: tuple[Stage, Client]):
    stage, client = quiet
    registry_acts.append_many(stage.cv, 160)
    log.sequence(at=stage.cv.clock.now())
    found = []
    for query in ("", "?before=150", "?before=60", "?after=70", "?kind=tests.appended&before=100"):
        with CaptureQueriesContext(connections["default"]) as asked:
            page = text(client.get(f"/oversight/log{query}"))
        assert len(indexes(page)) == logbook.ROWS, query
        found.append(len(asked))
    assert len(set(found)) == 1
    assert found[0] < 12
