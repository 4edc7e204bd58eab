"""The gap map: every pair has its answer on every page, files hold all of them, and what is not known is refused."""

import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from comity.canon import harmless
from comity.cli.story import Stage
from comity.law import Edition
from comity.law.gaps import GAPS, gap_map
from comity.web.law import gap_words, regions
from comity.web.law.gap_form import ListForm
from comity.web.law.gap_matrix import ROUTES
from comity.web.law.gaps import Answer
from comity.web.law.world import world
from desks import at_desk, summary_of
from passkeys import browser
from stage import staged

DAY = date(2026, 11, 23)
ASKED = f"measure=preservation&data=traffic&on={DAY}"
STATES = Edition.packaged().states
CHART = gap_map(on=DAY, measure="preservation", data=("traffic",))
PAGES = ("/law/gaps", "/law/gaps/matrix", "/law/gaps/list", "/law/gaps/CV/NL")
FILES = ("/law/gaps.csv", "/law/gaps.json")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes; these pages read no table of theirs, so that one engine says as much as two."""
    with staged(tmp_path_factory.mktemp("gaps")) as stage:
        yield stage


@pytest.fixture
def reader(nodes: Stage) -> Iterator[Client]:
    """An official of the issuing node, who reads."""
    with nodes.cv.active():
        yield at_desk(nodes, nodes.cv, "investigator")


def shown(reader: Client, path: str) -> str:
    answer = reader.get(path)
    assert answer.status_code == 200, summary_of(answer)
    return str(answer.content.decode())


def streamed(reader: Client, path: str) -> str:
    answer: Any = reader.get(path)
    assert answer.status_code == 200
    assert answer.streaming
    return b"".join(answer.streaming_content).decode()


def of_state(state: str, *, outgoing: bool) -> Counter[str]:
    return Counter(CHART.gap(*((state, one) if outgoing else (one, state))).answer for one in STATES if one != state)


@pytest.mark.parametrize("role", ["investigator", "judge", "liaison", "custodian", "overseer"])
def test_every_official_reads_the_gap_map(nodes: Stage, role: str):
    with nodes.cv.active():
        client = at_desk(nodes, nodes.cv, role)
        assert [client.get(f"{path}?{ASKED}").status_code for path in (*PAGES, *FILES)] == [200] * 6


def test_nobody_reads_the_gap_map_without_signing_in(nodes: Stage):
    with nodes.cv.active():
        client = browser(nodes.cv)
        for path in (*PAGES, *FILES):
            assert client.get(path)["Location"].startswith("/login?"), path


def test_every_answer_of_the_law_has_its_word_meaning_tone_and_sign():
    for words in (gap_words.ANSWERS, gap_words.MEANINGS, gap_words.TONES, gap_words.SIGNS):
        assert tuple(words) == GAPS
    assert len(set(gap_words.SIGNS.values())) == len(GAPS)


def test_every_region_of_a_place_has_a_name():
    assert {place.region for place in world().places.values()} < gap_words.REGIONS.keys()
    assert gap_words.PARTS.keys() == world().parts.keys()


def test_every_state_lies_in_exactly_one_region():
    listed = [code for members in regions.members().values() for code in members]
    assert sorted(listed) == sorted(STATES)


@pytest.mark.parametrize("direction", ["out", "in"])
@pytest.mark.parametrize("part", gap_words.PARTS)
def test_nobody_is_missing_from_the_list_beside_the_map(reader: Client, part: str, direction: str):
    page = shown(reader, f"/law/gaps?{ASKED}&state=NL&direction={direction}&part={part}")
    listed = re.findall(r'<li><a href="/law/gaps/([A-Z]{2})/([A-Z]{2})\?', page)
    others = [b if a == "NL" else a for a, b in listed]
    assert sorted(others) == sorted(set(STATES) - {"NL"})
    assert all((a if direction == "out" else b) == "NL" for a, b in listed)


def test_on_the_world_every_state_is_drawn_in_the_look_of_its_answer_and_leads_to_it(reader: Client):
    page = shown(reader, f"/law/gaps?{ASKED}&state=CV&direction=out")
    drawn = re.findall(r'<a class="map-(\w+)" href="/law/gaps/CV/([A-Z]{2})\?[^"]*" aria-label="([^"]+)"', page)
    assert {code: answer for answer, code, _ in drawn} == {
        code: CHART.gap("CV", code).answer for code in STATES if code != "CV"
    }
    assert len(drawn) == len(STATES) - 1
    assert all(says.endswith(str(gap_words.ANSWERS[answer])) for answer, _, says in drawn)
    assert page.count('<g class="map-here">') == 1


def test_the_legend_counts_what_the_law_counts(reader: Client):
    page = shown(reader, f"/law/gaps?{ASKED}&state=CV&direction=in")
    counted = re.findall(r'href="#answer-(\w+)".*?class="map-count">(\d+)<', page, re.DOTALL)
    assert {answer: int(number) for answer, number in counted} == {
        answer: of_state("CV", outgoing=False)[answer] for answer in GAPS
    }


def test_the_map_begins_at_the_state_of_the_node_and_at_this_day(reader: Client):
    page = shown(reader, "/law/gaps")
    assert "Cabo Verde asks for: Preservation of stored data: Traffic data" in page
    assert 'aria-current="page">The law' in page


def test_the_address_says_everything_and_no_script_is_needed(reader: Client):
    page = shown(reader, f"/law/gaps?{ASKED}&state=BR&direction=in&part=europe")
    form = page[page.index('<form class="sieve"') : page.index("</form>", page.index('<form class="sieve"'))]
    chosen = re.findall(r'<option value="([^"]*)" selected', form)
    assert chosen == ["BR", "in", "preservation", "traffic", "europe"]
    assert 'method="get"' in form
    assert 'value="2026-11-23"' in form
    assert "hx-" not in page[page.index("<main") :]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("measure=alchemy", "Measure"),
        ("measure=preservation&data=tea", "Data"),
        ("measure=preservation&on=2003-12-31", "no edition of the law covers 2003-12-31"),
        ("measure=preservation&on=yesterday", "Day"),
    ],
)
@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_what_the_law_does_not_know_is_refused_at_its_field(reader: Client, path: str, query: str, says: str):
    answer = reader.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert says in summary_of(answer)
    assert "map-frame" not in answer.content.decode()


@pytest.mark.parametrize("query", ["state=QQ", "direction=up", "part=moon"])
def test_a_view_that_does_not_exist_is_refused_at_its_field(reader: Client, query: str):
    assert reader.get(f"/law/gaps?{ASKED}&{query}").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/law/gaps/CV/CV",
        "/law/gaps/CV/QQ",
        "/law/gaps/cv/nl",
        "/law/gaps/matrix?rows=999",
        "/law/gaps/matrix?rows=155&columns=NL",
        "/law/gaps/list?page=0",
        "/law/gaps/list?page=x",
        "/law/gaps/list?page=9999",
    ],
)
def test_a_pair_region_or_page_that_does_not_exist_is_no_page(reader: Client, path: str):
    assert reader.get(path).status_code == 404


def test_a_page_of_a_pair_says_what_stands_in_both_directions(reader: Client):
    page = summary_of(reader.get(f"/law/gaps/CV/NL?{ASKED}"))
    for one, other in (("CV", "NL"), ("NL", "CV")):
        gap = CHART.gap(one, other)
        assert f"{STATES[one]} asks {STATES[other]}" in page
        assert str(gap_words.ANSWERS[gap.answer]) in page
        assert f"Art. {gap.article}" in page
        for missing in gap.missing:
            assert missing.article in page


def test_a_fact_that_is_open_is_told_as_the_question_that_it_is():
    one, other = next((a, b) for a in STATES for b in STATES if a != b and CHART.gap(a, b).why.startswith("open: "))
    answer = Answer.of(CHART.gap(one, other))
    assert len(answer.asks) == len(CHART.gap(one, other).why.split(", "))
    assert answer.why == ""
    assert not any("_" in question for question in answer.asks)


def test_a_cell_of_the_matrix_says_the_answer_of_its_pair(reader: Client):
    page = shown(reader, f"/law/gaps/matrix?{ASKED}&rows=155&columns=005")
    cells = re.findall(
        r'<td class="cell-(\w+)"><a href="/law/gaps/([A-Z]{2})/([A-Z]{2})\?.*?aria-hidden="true">(.)<', page
    )
    rows, columns = regions.members()["155"], regions.members()["005"]
    assert [(a, b) for _, a, b, _ in cells] == [(a, b) for a in rows for b in columns]
    for answer, a, b, sign in cells:
        assert answer == CHART.gap(a, b).answer
        assert sign == gap_words.SIGNS[answer]


def test_another_measure_is_asked_of_the_same_regions(reader: Client):
    page = shown(reader, f"/law/gaps/matrix?{ASKED}&rows=155&columns=005")
    assert '<input type="hidden" name="rows" value="155"><input type="hidden" name="columns" value="005">' in page


def test_a_region_asked_by_itself_leaves_its_diagonal_empty(reader: Client):
    page = shown(reader, f"/law/gaps/matrix?{ASKED}&rows=155")
    states = len(regions.members()["155"])
    assert page.count('<td class="cell-empty">') == states
    assert len(re.findall(r'<td class="cell-\w+"><a ', page)) == states * (states - 1)


def test_a_cell_of_regions_says_how_many_of_its_pairs_have_a_route_and_0_and_100_mean_none_and_all(reader: Client):
    page = shown(reader, f"/law/gaps/matrix?{ASKED}")
    cells = re.findall(r'<td class="cell-step-(\d)"><a href="[^"]*rows=(\d+)&amp;columns=(\d+)".*?true">(\d+)<', page)
    assert len(cells) == len([region for region in regions.members() if region]) ** 2
    for step, one, other, share in cells:
        pairs = [(a, b) for a in regions.members()[one] for b in regions.members()[other] if a != b]
        routed = sum(CHART.gap(a, b).answer in ROUTES for a, b in pairs)
        assert abs(int(share) - 100 * routed / len(pairs)) < 1
        assert (share == "0", share == "100") == (routed == 0, routed == len(pairs))
        assert (step == "0", step == "4") == (routed == 0, routed == len(pairs))


def test_the_list_holds_every_pair_once_and_its_filters_take_away_the_others(reader: Client):
    whole = summary_of(reader.get(f"/law/gaps/list?{ASKED}"))
    assert f"{len(STATES) * (len(STATES) - 1)} pairs of states" in whole
    for answer in GAPS:
        page = summary_of(reader.get(f"/law/gaps/list?{ASKED}&from_state=CV&answer={answer}"))
        assert re.search(rf"\b{of_state('CV', outgoing=True)[answer]} pairs? of states", page), answer
    europe = shown(reader, f"/law/gaps/list?{ASKED}&from_state=155&to_state=CV")
    assert re.findall(r'row"><a href="/law/gaps/([A-Z]{2})/CV', europe) == list(regions.members()["155"])


def test_the_pages_of_the_list_follow_one_another_to_the_last(reader: Client):
    found: list[str] = []
    path = f"/law/gaps/list?{ASKED}&from_state=CV"
    while path:
        page = shown(reader, path)
        found += re.findall(r'row"><a href="/law/gaps/CV/([A-Z]{2})', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert found == [code for code in regions.names() if code != "CV"]


def test_the_table_file_holds_every_pair_and_no_formula(reader: Client):
    rows = list(csv.DictReader(io.StringIO(streamed(reader, f"/law/gaps.csv?{ASKED}"))))
    assert [(row["from"], row["to"]) for row in rows] == [(a, b) for a in STATES for b in STATES if a != b]
    assert Counter(row["answer"] for row in rows) == Counter(CHART.counts())
    assert all(value == harmless(value) for row in rows for value in row.values())
    lacking = next(row for row in rows if row["answer"] == "without_safeguards")
    gap = CHART.gap(lacking["from"], lacking["to"])
    assert lacking["missing"] == "; ".join(f"{one.text} ({one.article})" for one in gap.missing)


def test_the_file_for_machines_names_edition_day_and_question_and_holds_every_pair(reader: Client):
    answer: Any = reader.get(f"/law/gaps.json?{ASKED}")
    assert answer["Content-Disposition"] == 'attachment; filename="gaps-preservation-traffic-2026-11-23.json"'
    held = json.loads(b"".join(answer.streaming_content))
    assert held["edition"] == {"id": Edition.packaged().id, "hash": Edition.packaged().hash}
    assert held["on"] == "2026-11-23"
    assert held["question"] == CHART.question
    assert held["rows"] == list(CHART.rows())


def test_a_side_of_the_list_is_a_state_a_region_or_anybody():
    form = ListForm(QueryDict(f"{ASKED}&from_state=155&to_state=NL"), today=DAY)
    assert form.is_valid(), form.errors
    assert regions.within("NL") == {"NL"}
    assert regions.within("155") == set(regions.members()["155"])
    assert regions.within("") == set(STATES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_map_that_is_drawn_already_takes_less_than_a_third_of_a_second(reader: Client, path: str):
    reader.get(f"{path}?{ASKED}")
    spent = []
    for _ in range(3):
        begun = time.process_time()
        reader.get(f"{path}?{ASKED}")
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.3


def test_the_page_of_the_format_names_every_field_that_a_file_has(reader: Client):
    page = (Path(__file__).parents[2] / "docs" / "spec" / "gap-map.md").read_text(encoding="utf-8")
    shown = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    held = json.loads(streamed(reader, f"/law/gaps.json?{ASKED}"))
    assert list(shown) == list(held)
    assert list(shown["rows"][0]) == list(held["rows"][0])
    assert shown["rows"][0] == next(row for row in held["rows"] if (row["from"], row["to"]) == ("CV", "BR"))
    for answer in GAPS:
        assert f"`{answer}`: " in page
