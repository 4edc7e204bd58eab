"""An emergency opens one thing, for an hour, to read it, under the overseer's eyes; and who may ask is told who sees what."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

import desks
from comity.authorities.roles import Actor, PowerMissing, Role
from comity.authorities.standing import Change
from comity.canon import parse_object
from comity.cli.story import Stage
from comity.registry import access
from comity.registry.actions import cases as case_acts
from comity.registry.actions import letters as letter_acts
from comity.registry.actions.openings import (
    ReasonTooShort,
    SeenAlready,
    TooManyOpenings,
    acknowledge_opening,
    open_case_file,
    open_letter,
)
from comity.registry.limits import OPENINGS_PER_DAY_MAX
from comity.registry.models import CaseRow, EntryRow, LetterRow, OpeningRow
from comity.registry.queries import cases, evidence, home, letters, people, sight
from comity.registry.queries.duties import Duty
from people import appoint, appointment, decide
from people import at as people_at
from scenes import World, populated
from stage import staged

REASON = "The server is emptied tonight; nobody of the case answers."
GONE = {"letter": "0" * 64, "case": "0" * 32, "item": "0" * 32, "transfer": "0" * 32}


@pytest.fixture(scope="module")
def glass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which the glass may be broken; cv is active."""
    with staged(tmp_path_factory.mktemp("glass"), image_bytes=100_000) as stage, stage.cv.active():
        yield populated(stage)


@pytest.fixture(autouse=True)
def swept(glass: World) -> Iterator[None]:
    yield
    OpeningRow.objects.all().delete()


def actor(glass: World, official: str) -> Actor:
    listed = people.directory(viewer=glass.stage.cv.machine("tests"))
    return next(one.actor for one in listed if one.official == official)


def at(glass: World) -> datetime:
    return glass.stage.cv.clock.now()


def test_what_is_opened_can_be_read_and_nothing_else_of_the_case(glass: World):
    rui, letter = actor(glass, "rui"), glass.letters["executed"]
    with pytest.raises(access.NoSuchThing):
        letters.letter(letter, viewer=rui)
    open_letter(letter, reason=REASON, actor=rui, at=at(glass))
    shown = letters.letter(letter, viewer=rui)
    assert shown["why_you_see_it"] == access.OPENED
    for read in (
        lambda: cases.case(glass.case, viewer=rui),
        lambda: letters.letter(glass.letters["draft"], viewer=rui),
        lambda: evidence.item(glass.items["accepted"], viewer=rui),
        lambda: evidence.chain(glass.items["accepted"], viewer=rui),
    ):
        with pytest.raises(access.NoSuchThing):
            read()
    open_case_file(glass.case, reason=REASON, actor=rui, at=at(glass))
    assert [one["letter"] for one in cases.case(glass.case, viewer=rui)["letters"]] == [letter]
    assert [one.digest for one in cases.letters_of(glass.case, viewer=rui)] == [letter]


def test_nothing_is_done_with_what_was_opened(glass: World):
    rui = actor(glass, "rui")
    open_letter(glass.letters["authorised"], reason=REASON, actor=rui, at=at(glass))
    open_case_file(glass.case, reason=REASON, actor=rui, at=at(glass))
    entries = EntryRow.objects.count()
    for act in (
        lambda: letter_acts.send_letter(glass.letters["authorised"], actor=rui, at=at(glass)),
        lambda: case_acts.add_member(glass.case, "rui", actor=rui, at=at(glass)),
        lambda: case_acts.state_offences(glass.case, (), actor=rui, at=at(glass)),
    ):
        with pytest.raises(access.OnlyReads):
            act()
    assert EntryRow.objects.count() == entries


def test_it_ends_by_itself_and_with_the_mandate(glass: World):
    rui, letter = actor(glass, "rui"), glass.letters["draft"]
    open_letter(letter, reason=REASON, actor=rui, at=at(glass))
    assert OpeningRow.objects.get().until - at(glass) <= timedelta(hours=1)
    letters.letter(letter, viewer=rui)
    OpeningRow.objects.update(mandate="another")
    with pytest.raises(access.NoSuchThing):
        letters.letter(letter, viewer=rui)
    OpeningRow.objects.update(mandate=rui.mandate, until=at(glass))
    with pytest.raises(access.NoSuchThing):
        letters.letter(letter, viewer=rui)


@pytest.mark.parametrize("official", ["amara", "carla", "otto"])
def test_no_administrator_custodian_or_overseer_breaks_the_glass(glass: World, official: str):
    for act, name in ((open_letter, glass.letters["draft"]), (open_case_file, glass.case)):
        with pytest.raises(PowerMissing):
            act(name, reason=REASON, actor=actor(glass, official), at=at(glass))
    assert not OpeningRow.objects.exists()


def test_a_reason_is_given_a_glass_is_there_and_emergencies_are_few(glass: World):
    rui = actor(glass, "rui")
    with pytest.raises(ReasonTooShort):
        open_letter(glass.letters["draft"], reason="  quickly          \n", actor=rui, at=at(glass))
    with pytest.raises(access.NoSuchThing):
        open_letter(GONE["letter"], reason=REASON, actor=rui, at=at(glass))
    with pytest.raises(SeenAlready):
        open_letter(glass.letters["draft"], reason=REASON, actor=actor(glass, "ivo"), at=at(glass))
    for name in ("draft", "authorised", "received"):
        open_letter(glass.letters[name], reason=REASON, actor=rui, at=at(glass))
    with pytest.raises(TooManyOpenings):
        open_letter(glass.letters["executed"], reason=REASON, actor=rui, at=at(glass))


def test_many_asked_at_once_open_no_more_than_few(town: Stage):
    """An attack: on PostgreSQL each of several requests counts before any of the others has opened anything."""
    names = [f"{number:032x}" for number in range(8)]
    start = Barrier(len(names), timeout=20)

    def opened_at_once(name: str) -> bool:
        with town.cv.active():
            rui, now = people_at(town.cv, "rui").entry.actor, town.cv.clock.now()
            start.wait()
            try:
                open_case_file(name, reason=REASON, actor=rui, at=now)
            except TooManyOpenings:
                return False
            finally:
                town.cv.close()
            return True

    with town.cv.active():
        offences: list[str] = []
        told = {"title": "x", "marketplace": "x", "offences": offences, "opened_at": town.cv.clock.now()}
        CaseRow.objects.bulk_create(CaseRow(reference=one, **told) for one in names)
    with ThreadPoolExecutor(len(names)) as desks_at_once:
        done = list(desks_at_once.map(opened_at_once, names))
    with town.cv.active():
        OpeningRow.objects.all().delete()
        CaseRow.objects.filter(reference__in=names).delete()
    assert sum(done) == OPENINGS_PER_DAY_MAX


def test_the_overseer_is_alarmed_until_the_alarm_is_acknowledged(glass: World):
    rui, otto = actor(glass, "rui"), actor(glass, "otto")
    reference = open_letter(glass.letters["draft"], reason=REASON, actor=rui, at=at(glass))
    entry = EntryRow.objects.filter(kind="access.opened").latest("id")
    facts = parse_object(bytes(entry.body), limit=10_000)["facts"]
    assert (entry.official, facts["letter"], facts["reason"]) == ("rui", glass.letters["draft"], REASON)
    assert home.counts(viewer=otto, at=at(glass))[Duty.ALARM].number == 1
    assert home.waiting(viewer=otto, at=at(glass))[0].duty is Duty.ALARM
    assert Duty.ALARM not in home.counts(viewer=actor(glass, "ivo"), at=at(glass))
    with pytest.raises(PowerMissing):
        acknowledge_opening(reference, actor=rui, at=at(glass))
    acknowledge_opening(reference, actor=otto, at=at(glass))
    assert Duty.ALARM not in home.counts(viewer=otto, at=at(glass))
    with pytest.raises(access.NoSuchThing):
        acknowledge_opening(reference, actor=otto, at=at(glass))


def test_one_person_in_two_offices_is_not_on_both_sides_of_the_glass(glass: World):
    rui, draft = actor(glass, "rui"), glass.letters["draft"]
    reference = open_letter(draft, reason=REASON, actor=rui, at=at(glass))
    cv = glass.stage.cv
    entry = appoint(cv, appointment("rui", Role.OVERSEER, name="Rui Fortes"))
    with pytest.raises(PowerMissing, match="of one's own"):
        acknowledge_opening(reference, actor=entry.actor, at=at(glass))
    assert OpeningRow.objects.get().acknowledged_at is None
    with pytest.raises(PowerMissing, match="open in an emergency"):
        open_letter(glass.letters["authorised"], reason=REASON, actor=rui, at=at(glass))
    decide(cv, Change.REVOKE, entry)
    open_letter(glass.letters["authorised"], reason=REASON, actor=rui, at=at(glass))


def test_at_the_desks_the_thing_itself_says_that_it_was_opened(glass: World):
    cv = glass.stage.cv
    luis = desks.at_desk(glass.stage, cv, "liaison")
    LetterRow.objects.filter(digest=glass.letters["draft"]).update(tlp="red")
    short = LetterRow.objects.get(digest=glass.letters["draft"]).short
    assert luis.get(f"/letters/{glass.letters['draft']}").status_code == 404
    assert "/emergency" in luis.get(f"/letters/{'0' * 64}").content.decode()
    typed = {"kind": "letter", "name": short, "reason": REASON}
    assert luis.post("/emergency", typed | {"name": "ZZZZ-ZZZZ"}).status_code == 422
    assert luis.post("/emergency", typed | {"reason": "now"}).status_code == 422
    answer = luis.post("/emergency", typed)
    assert answer["Location"] == f"/letters/{glass.letters['draft']}"
    assert REASON in luis.get(answer["Location"]).content.decode()
    for role, where in (("investigator", "/letters/"), ("overseer", "/access/letters/")):
        page = desks.at_desk(glass.stage, cv, role).get(where + glass.letters["draft"]).content.decode()
        assert REASON in page
        assert "luis" in page
    otto = desks.at_desk(glass.stage, cv, "overseer")
    assert REASON in otto.get("/oversight").content.decode()
    otto.post(f"/oversight/alarms/{OpeningRow.objects.get().reference}/acknowledge")
    assert REASON not in otto.get("/oversight").content.decode()
    LetterRow.objects.update(tlp="")


def test_a_page_that_leads_nowhere_does_not_count_what_waits(glass: World):
    open_letter(glass.letters["draft"], reason=REASON, actor=actor(glass, "rui"), at=at(glass))
    otto = desks.at_desk(glass.stage, glass.stage.cv, "overseer")
    assert '<span class="count">' in otto.get("/oversight").content.decode()
    nowhere = otto.get(f"/letters/{GONE['letter']}").content.decode()
    assert 'class="wrap nav-list"' in nowhere
    assert '<span class="count">' not in nowhere


def test_who_may_ask_is_told_everybody_who_sees_it_with_every_ground(glass: World):
    letter, rui = glass.letters["draft"], actor(glass, "rui")
    open_letter(letter, reason=REASON, actor=rui, at=at(glass))
    for viewer in ("ivo", "otto"):
        told = sight.who_sees(sight.Thing.LETTER, letter, viewer=actor(glass, viewer), at=at(glass))
        reasons = {one.official: one.reasons for one in told.seen_by}
        assert reasons["ivo"] == (access.MEMBER,)
        assert reasons["rui"] == (access.OPENED,)
        assert "amara" not in reasons
        assert "nadia" not in reasons
        assert [one.reason for one in told.openings] == [REASON]
    item = sight.who_sees(sight.Thing.ITEM, glass.items["accepted"], viewer=actor(glass, "otto"), at=at(glass))
    assert {one.official for one in item.seen_by} == {"ivo", "carla"}
    for thing, name in (("letter", letter), ("case", glass.case), ("item", glass.items["accepted"])):
        for nobody in ("julia", "rui", "carla", "amara"):
            with pytest.raises(access.NoSuchThing):
                sight.who_sees(sight.Thing(thing), name, viewer=actor(glass, nobody), at=at(glass))


READS: dict[str, Callable[[str, Actor], object]] = {
    "case": lambda name, viewer: cases.case(name, viewer=viewer),
    "letter": lambda name, viewer: letters.letter(name, viewer=viewer),
    "item": lambda name, viewer: evidence.item(name, viewer=viewer),
    "transfer": lambda name, viewer: evidence.offer(name, viewer=viewer),
}


@pytest.mark.parametrize("what", READS)
def test_what_is_hidden_costs_as_much_as_what_is_missing(glass: World, what: str):
    """The same number of reads, of the same tables: the time of an answer says nothing."""
    there = {
        "case": glass.case,
        "letter": glass.letters["draft"],
        "item": glass.items["accepted"],
        "transfer": glass.transfers["arrived"],
    }
    asked = []
    for name in (there[what], GONE[what]):
        with CaptureQueriesContext(connections["default"]) as queries, pytest.raises(access.NoSuchThing):
            READS[what](name, actor(glass, "rui"))
        asked.append([str(one["sql"]).partition("WHERE")[0] for one in queries])
    assert asked[0] == asked[1]
    assert asked[0]
