"""The library and the definitions: everything that the edition says can be read, and nothing that it does not say."""

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from comity.law import Edition
from comity.law.logic import Truth
from comity.web.law import reading, standing
from comity.web.shell import questions
from desks import at_desk, summary_of
from scenes import World

EDITION = Edition.packaged()


@pytest.fixture
def reader(world: World) -> Iterator[Client]:
    """Somebody without any case at the issuing node."""
    with world.stage.cv.active():
        yield at_desk(world.stage, world.stage.cv, "overseer")


def said(client: Client, url: str, *, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(url)
    assert answer.status_code == status, url
    return html.unescape(summary_of(answer))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_the_library_lists_every_instrument_with_the_edition_and_its_hash(reader: Client):
    page = said(reader, "/law/instruments")
    for instrument in EDITION.instruments.values():
        assert plain(instrument.title) in page, instrument.id
    assert EDITION.hash in page


def test_what_is_not_encoded_stands_apart_and_is_not_called_none(reader: Client):
    page = said(reader, "/law/instruments")
    before, after = page.split("Not encoded is not the same as none")
    for name in EDITION.not_encoded:
        assert name not in before
        assert name in after


def test_a_kind_of_measure_leaves_the_instruments_that_hold_it_and_those_that_nobody_knows(reader: Client):
    page = said(reader, "/law/instruments?measure=preservation")
    assert "coe-ets185" in page
    assert "eu-2019-1937" not in page
    assert "Whether they hold a measure of this kind is not known." in page
    assert (
        questions.measure_url("coe-ets185", "bud.preservation_abroad")
        in reader.get("/law/instruments?measure=preservation").content.decode()
    )


def test_a_state_leaves_the_instruments_that_bind_it_or_may(reader: Client):
    page = said(reader, "/law/instruments?state=DK")
    assert "coe-ets185" in page
    assert "eu-2023-1543" not in page
    assert "eu-2014-41" not in page


@pytest.mark.parametrize("query", ["measure=alchemy", "state=ZZ"])
def test_a_choice_that_the_edition_does_not_know_is_refused_at_its_field(reader: Client, query: str):
    answer = reader.get(f"/law/instruments?{query}")
    assert answer.status_code == 422
    assert f'id="id_{query.partition("=")[0]}_error"' in answer.content.decode()


@pytest.mark.parametrize("name", EDITION.instruments)
def test_an_instrument_says_everything_that_the_edition_says_of_it(reader: Client, name: str):
    page = said(reader, f"/law/instruments/{name}")
    instrument = EDITION.instrument(name)
    for text in reading.texts(instrument, EDITION):
        assert plain(text.said.text) in page, text.part
    for measure in instrument.measures.values():
        facts = [*measure.not_evaluated, *(fact for fact, _ in measure.grounds)]
        facts += [fact for listed in measure.sections.values() for fact in listed]
        for fact in facts:
            assert plain(fact.text) in page, fact.path
        for condition in measure.conditions:
            assert plain(condition.text) in page, condition.paths
        for deadline in measure.deadlines:
            assert plain(deadline.action.replace("_", " ")) in page, deadline.id
        for contested in measure.contested:
            assert plain(contested.question) in page, contested.id
            assert all(plain(way.text) in page for way in contested.ways), contested.id
        assert f'id="{measure.id}"' in reader.get(f"/law/instruments/{name}").content.decode()


def test_the_parties_of_an_instrument_stand_with_since_when_and_how_well_it_is_verified(reader: Client):
    page = said(reader, "/law/instruments/coe-ets185")
    row = EDITION.instrument("coe-ets185").parties.rows["CV"]
    assert row["entry_into_force_date"] in page
    assert row["confidence"] in page


def test_a_state_is_shown_with_its_declarations_reservations_first(reader: Client):
    page = said(reader, "/law/instruments/coe-ets185?state=AT")
    panel = page[page.index("Declarations and reservations") :]
    assert panel.index("Reservation") < panel.index("Authority named")
    assert "29(4)" in panel
    assert EDITION.states["AT"] in page


def test_a_state_without_a_declaration_is_not_said_to_have_made_none(reader: Client):
    assert "does not say that it made none" in said(reader, "/law/instruments/eu-2014-41?state=NL")


def test_an_instrument_that_does_not_exist_is_no_page(reader: Client):
    assert reader.get("/law/instruments/eu-1999-1").status_code == 404


def test_an_instrument_that_is_not_in_force_says_so():
    from datetime import date

    on = date(2026, 11, 23)
    assert standing.force(EDITION.instrument("coe-cets224"), on=on) == "no"
    assert standing.force(EDITION.instrument("un-uncc"), on=on) == "no"
    assert standing.force(EDITION.instrument("coe-ets185"), on=on) == "yes"
    assert standing.force(EDITION.instrument("eu-2023-1543"), on=date(2026, 8, 17)) == "no"


def test_the_number_of_parties_is_the_number_of_states_that_stand_as_bound():
    from datetime import date

    on = date(2026, 11, 23)
    instrument = EDITION.instrument("coe-ets185")
    listed = standing.parties(instrument, EDITION, on=on)
    bound = {one.iso2 for one in listed if one.standing.truth is Truth.YES}
    assert bound == {
        iso2
        for iso2, name in EDITION.states.items()
        if instrument.parties.standing(iso2, name=name, on=on).truth is Truth.YES
    }


def test_every_word_of_the_vocabulary_has_its_place_among_the_definitions(reader: Client):
    page = reader.get("/law/definitions").content.decode()
    anchors = set(re.findall(r' id="([^"]+)"', page))
    wanted = {f"data-{one}" for one in EDITION.categories} | {f"offence-{one}" for one in EDITION.offences}
    wanted |= {f"measure-{one}" for one in EDITION.kinds} | {f"fact-{one}" for one in EDITION.facts}
    wanted |= {f"authority-{one}" for one in questions.AUTHORITIES} | {f"stage-{one}" for one in questions.STAGES}
    wanted |= {f"urgency-{one}" for one in questions.URGENCIES}
    assert wanted <= anchors


def test_no_two_places_of_a_page_have_the_same_name(reader: Client):
    for url in ("/law/definitions", *(f"/law/instruments/{name}" for name in EDITION.instruments)):
        found = re.findall(r' id="([^"]+)"', reader.get(url).content.decode())
        assert len(found) == len(set(found)), url


def test_a_link_within_the_reading_room_leads_to_a_place_that_is_there(reader: Client):
    pages: dict[str, str] = {}

    def page(url: str) -> str:
        if url not in pages:
            answer = reader.get(url)
            assert answer.status_code == 200, url
            pages[url] = answer.content.decode()
        return pages[url]

    for start in ("/law/definitions", *(f"/law/instruments/{name}" for name in EDITION.instruments)):
        for url, anchor in set(re.findall(r'href="(/law/[^"#?]*)#([^"]+)"', page(start))):
            assert f'id="{anchor}"' in page(url), f"{start}: {url}#{anchor}"


def test_the_definitions_say_what_each_instrument_means_by_a_category_of_data(reader: Client):
    page = said(reader, "/law/definitions")
    for category in EDITION.categories.values():
        for held in category["instruments"].values():
            assert plain(held.get("meaning", "")) in page
