"""Need to know: who sees what, and that what one may not see is not told apart from what does not exist."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from comity.authorities.roles import Actor
from comity.cli import desk
from comity.cli.script import asked
from comity.cli.story import Stage, ask
from comity.letters.letter import Form
from comity.registry.access import NoSuchThing
from comity.registry.act import Node, current
from comity.registry.models import LetterRow, TransferRow, VerdictRow
from comity.registry.queries import cases, evidence, letters, listing, log, people
from comity.registry.queries.state import state
from comity.registry.queries.wanted import Wanted
from scenes import World, opened, sent, settle

ALL = ("investigator", "judge", "liaison", "custodian", "overseer")
Read = Callable[[str, Actor], object]

READS: dict[str, Read] = {
    "case": lambda name, viewer: cases.case(name, viewer=viewer),
    "verdict": lambda name, viewer: cases.verdict(name, viewer=viewer),
    "letter": lambda name, viewer: letters.letter(name, viewer=viewer),
    "letter by name": lambda name, viewer: letters.find(name, viewer=viewer),
    "item": lambda name, viewer: evidence.item(name, viewer=viewer),
    "size of an item": lambda name, viewer: evidence.sealed_bytes(name, viewer=viewer),
    "custody": lambda name, viewer: evidence.chain(name, viewer=viewer),
    "transfer": lambda name, viewer: evidence.arrived(name, viewer=viewer),
}
SEES: dict[tuple[str, str], set[str]] = {
    ("cv", "case"): {"investigator", "overseer"},
    ("cv", "verdict"): set(ALL),  # who sees a letter sees the answer of the law on which it rests
    ("cv", "letter"): set(ALL),
    ("cv", "letter by name"): set(ALL),
    ("cv", "item"): {"investigator", "custodian"},
    ("cv", "size of an item"): {"investigator", "custodian"},
    ("cv", "custody"): {"investigator", "custodian"},
    ("cv", "transfer"): set(ALL),
    ("nl", "verdict"): {"judge", "liaison", "custodian", "overseer"},
    ("nl", "letter"): {"judge", "liaison", "custodian", "overseer"},
    ("nl", "letter by name"): {"judge", "liaison", "custodian", "overseer"},
    ("nl", "item"): {"custodian"},
    ("nl", "size of an item"): {"custodian"},
    ("nl", "custody"): {"custodian"},
}


def names(world: World, node: Node) -> dict[str, str]:
    """What there is to see at a node, by the read that shows it."""
    with node.active():
        letter = LetterRow.objects.get(digest=world.letters["executed"])
        found = {"letter": letter.digest, "letter by name": letter.short, "verdict": letter.verdict.digest}
        found |= {"case": world.case, "item": world.items["accepted"]}
        found |= dict.fromkeys(("size of an item", "custody"), world.items["accepted"])
        transfer = TransferRow.objects.filter(outgoing=False).first()
        return found | ({"transfer": transfer.reference} if transfer else {})


def listed(*, viewer: Actor) -> list[Any]:
    """The letters of the viewer's list."""
    page = listing.letters(Wanted(), viewer=viewer, at=current().clock.now())
    return [line.as_record() for line in page.lines]


def absent(name: str) -> str:
    """A name of the same shape that names nothing."""
    return "ZZZZ-ZZZZ" if "-" in name else secrets.token_hex(len(name) // 2)


def shape(refusal: NoSuchThing, name: str) -> tuple[str, str, dict[str, object]]:
    """A refusal without the name that was asked for."""
    text = str(refusal).replace(name, "*").replace(name[:8], "*")
    return refusal.code, text, {fact: str(value)[:0] for fact, value in refusal.facts.items()}


CASES = [(where, what, role) for where, what in SEES for role in ALL]


@pytest.mark.parametrize(("where", "what", "role"), CASES, ids=["-".join(case) for case in CASES])
def test_an_office_sees_what_it_needs_to_and_is_told_of_nothing_else(world: World, where: str, what: str, role: str):
    node = world.stage.cv if where == "cv" else world.stage.nl
    name, read = names(world, node)[what], READS[what]
    viewer = world.stage.people[where, role].actor
    with node.active():
        if role in SEES[where, what]:
            read(name, viewer)
            return
        with pytest.raises(NoSuchThing) as hidden:
            read(name, viewer)
        nothing = absent(name)
        with pytest.raises(NoSuchThing) as missing:
            read(nothing, viewer)
    assert shape(hidden.value, name) == shape(missing.value, nothing)


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("role", ALL)
def test_an_official_of_another_node_sees_nothing(world: World, what: str, role: str):
    cv, stranger = world.stage.cv, world.stage.people["nl", role].actor
    with cv.active(), pytest.raises(NoSuchThing):
        READS[what](names(world, cv)[what], stranger)


@pytest.mark.parametrize("role", ALL)
def test_lists_hold_nothing_for_a_stranger(world: World, role: str):
    stranger = world.stage.people["nl", role].actor
    lists: list[Callable[..., list[Any]]] = [
        cases.cases,
        listed,
        evidence.items,
        evidence.offered,
        people.directory,
    ]
    with world.stage.cv.active():
        for read in lists:
            assert read(viewer=stranger) == []


def test_a_list_shows_what_its_single_reads_show(world: World):
    for where, node in (("cv", world.stage.cv), ("nl", world.stage.nl)):
        for role in ALL:
            viewer = world.stage.people[where, role].actor
            with node.active():
                for line in listed(viewer=viewer):
                    assert letters.letter(line["letter"], viewer=viewer)["why_you_see_it"]
                for line in evidence.items(viewer=viewer):
                    assert evidence.item(line["id"], viewer=viewer)["why_you_see_it"]
                for line in cases.cases(viewer=viewer):
                    assert cases.case(line["case"], viewer=viewer)["why_you_see_it"]


def test_a_case_is_a_secret_among_investigators(world: World):
    """Who is not a member does not learn that the case exists, and its letters are not in the list."""
    stage = world.stage
    iris = stage.people["nl", "investigator"].actor
    with stage.nl.active():
        assert listed(viewer=iris) == []
        with pytest.raises(NoSuchThing):
            letters.letter(world.letters["received"], viewer=iris)


@pytest.mark.parametrize("role", [role for role in ALL if role != "overseer"])
def test_only_an_overseer_reads_the_bodies_of_the_log(world: World, role: str):
    viewer = world.stage.people["cv", role].actor
    with world.stage.cv.active():
        for read in (
            lambda: log.entries(viewer=viewer),
            lambda: log.proof(0, viewer=viewer),
            lambda: log.audit(viewer=viewer),
            lambda: log.index_of(kind="case.opened", statement="", viewer=viewer),
        ):
            with pytest.raises(NoSuchThing):
                read()


def test_an_overseer_of_one_node_does_not_read_the_log_of_another(world: World):
    olga = world.stage.people["nl", "overseer"].actor
    with world.stage.cv.active(), pytest.raises(NoSuchThing):
        log.entries(viewer=olga)


@pytest.mark.parametrize("role", ALL)
def test_how_a_node_stands_is_for_its_administrators(world: World, role: str):
    with world.stage.cv.active(), pytest.raises(NoSuchThing):
        state(viewer=world.stage.people["cv", role].actor)


def test_a_machine_is_no_viewer(world: World):
    machine = world.stage.cv.machine("post")
    with world.stage.cv.active():
        for what, read in READS.items():
            with pytest.raises(NoSuchThing):
                read(names(world, world.stage.cv)[what], machine)


def test_a_confidential_letter_is_not_shown_to_custodians_before_evidence_moves(stage: Stage):
    from dataclasses import replace

    case = opened(stage)
    seat = stage.seat(stage.cv, "investigator")
    with stage.cv.active():
        verdict, _ = ask(stage, case, Form.PRESERVATION)
        text = replace(asked(Form.PRESERVATION, verdict, linked="", custodian={}), confidential=True)
        letter = desk.draft(case, text, seat=seat, at=stage.cv.clock.now())
        for role in ALL:
            viewer = stage.people["cv", role].actor
            if role == "custodian":
                with pytest.raises(NoSuchThing):
                    letters.letter(letter, viewer=viewer)
                assert listed(viewer=viewer) == []
            else:
                letters.letter(letter, viewer=viewer)


def test_a_colleague_sees_a_case_from_the_moment_that_a_member_lets_him_in(stage: Stage):
    from comity.registry.actions.cases import add_member

    case, julia = opened(stage), stage.people["cv", "judge"].actor
    ivo = stage.people["cv", "investigator"].actor
    with stage.cv.active():
        with pytest.raises(NoSuchThing):
            cases.case(case, viewer=julia)
        add_member(case, "julia", actor=ivo, at=stage.cv.clock.now())
        assert cases.case(case, viewer=julia)["why_you_see_it"] == "a member of the case"
        for nobody in ("iris", "nobody"):
            with pytest.raises(NoSuchThing):
                add_member(case, nobody, actor=ivo, at=stage.cv.clock.now())


def test_two_cases_that_put_the_same_question_both_stand_on_its_answer(stage: Stage):
    """The same question on the same day has the same answer, and each case keeps it."""
    first, second = opened(stage), opened(stage)
    for case in (first, second):
        sent(stage, case)
    settle(stage)
    with stage.cv.active():
        assert LetterRow.objects.filter(outgoing=True).count() == 2
    with stage.nl.active():
        assert LetterRow.objects.filter(outgoing=False).count() == 2
        assert VerdictRow.objects.exclude(letters=None).exists()
