"""Who may do what, and what follows what: every other gesture is refused, and leaves tables, log and vault as they were."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from checker import untouched
from comity.authorisations.authorisation import DrafterAuthorises
from comity.authorisations.covering import NotCovered
from comity.authorisations.scope import ScopeWider
from comity.authorities.officials import NotThisOfficial
from comity.authorities.roles import POWERS, MandateNotInForce, PowerMissing, Role
from comity.authorities.statement import SignerMissing, Statement
from comity.cases.selectors import parse_selector
from comity.cli import desk
from comity.cli.shell import Seat
from comity.errors import ComityError
from comity.letters.dossier import read_authorisation, read_letter
from comity.letters.forms import RouteNotLawful
from comity.letters.letter import LETTER
from comity.letters.life import Step
from comity.registry import rows
from comity.registry.access import NoSuchThing
from comity.registry.actions import cases as case_acts
from comity.registry.actions import letters as letter_acts
from comity.registry.actions.letters import NotAuthorised
from comity.registry.models import LetterRow
from comity.registry.queries import texts
from comity.registry.queries.people import known
from couriers import resigned, sign
from gestures import (
    REFUSAL,
    Gesture,
    accept,
    act,
    ask_law,
    authorise,
    changed,
    draft,
    end_mandate,
    export,
    hand_over,
    open_case,
    preserve,
    recognise,
    refuse,
    step,
)
from scenes import DECISION, World, take_in

NOT_FOR_THIS_OFFICE = (PowerMissing, NoSuchThing, SignerMissing)
OFFICES = ("investigator", "judge", "liaison", "custodian", "overseer", "defence")

GESTURES: dict[str, tuple[str, set[str], Gesture]] = {
    "open a case": ("cv", {"investigator"}, open_case),
    "record a selector": (
        "cv",
        {"investigator"},
        act(case_acts.add_selector, "case", selector=parse_selector("domain:b.example")),
    ),
    "state the offences": ("cv", {"investigator"}, act(case_acts.state_offences, "case", offences=())),
    "let a colleague in": ("cv", {"investigator"}, act(case_acts.add_member, "case", official="julia")),
    "ask the law": ("cv", {"investigator"}, ask_law),
    "draft": ("cv", {"investigator"}, draft),
    "authorise": ("cv", {"judge"}, authorise),
    "deny": ("cv", {"judge"}, act(letter_acts.deny_letter, "draft", reason="No.")),
    "send": ("cv", {"investigator", "liaison"}, act(letter_acts.send_letter, "authorised")),
    "withdraw": ("cv", {"investigator"}, step("received", Step.WITHDRAW)),
    "accept an item": ("cv", {"custodian"}, accept),
    "export an item": ("cv", {"custodian"}, export),
    "acknowledge": ("nl", {"liaison"}, step("received", Step.ACKNOWLEDGE)),
    "ask back": ("nl", {"liaison"}, step("acknowledged", Step.QUERY)),
    "refuse": ("nl", {"liaison"}, step("acknowledged", Step.REFUSE, REFUSAL)),
    "preserve": ("nl", {"liaison"}, preserve),
    "recognise": ("nl", {"judge"}, recognise),
    "take evidence in": ("nl", {"custodian"}, lambda w, seat: take_in(seat, w.letters["recognised"])),
    "hand evidence over": ("nl", {"custodian"}, hand_over),
    "end a mandate": ("nl", {"administrator"}, end_mandate),
}


CASES = [(name, role) for name, (_, allowed, _) in GESTURES.items() for role in OFFICES if role not in allowed]


@pytest.mark.parametrize(("name", "role"), CASES, ids=[f"{name}-{role}" for name, role in CASES])
def test_an_office_does_what_it_may_and_nothing_else(world: World, name: str, role: str):
    where, _, gesture = GESTURES[name]
    node = world.stage.cv if where == "cv" else world.stage.nl
    refuse(world, world.stage.seat(node, role), gesture, NOT_FOR_THIS_OFFICE)


def test_the_offices_of_the_table_hold_exactly_the_powers_that_the_roles_give():
    assert set(OFFICES) == {role.value for role in Role} - {"administrator", "prosecutor", "service"}
    assert POWERS[Role.PROSECUTOR] == POWERS[Role.INVESTIGATOR]


FORGERIES: dict[str, Callable[[Seat], Seat]] = {
    "more powers": lambda seat: changed(seat, powers=frozenset().union(*POWERS.values()), role=Role.JUDGE),
    "another office": lambda seat: changed(seat, office="Court of Praia"),
    "another mandate": lambda seat: changed(seat, mandate="judge-0000000000000000"),
    "another node": lambda seat: changed(seat, node="nl"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("name", ["open a case", "deny", "send", "let a colleague in"])
def test_what_an_actor_says_of_himself_counts_for_nothing(world: World, forgery: str, name: str):
    """Each act reads the directory again: who hands in more powers than it says has none."""
    seat = FORGERIES[forgery](world.stage.seat(world.stage.cv, "investigator"))
    refuse(world, seat, GESTURES[name][2], (MandateNotInForce, NoSuchThing, PowerMissing))


@pytest.mark.parametrize("name", [name for name, (where, _, _) in GESTURES.items() if where == "cv"])
def test_an_official_of_another_node_does_nothing_here(world: World, name: str):
    _, allowed, gesture = GESTURES[name]
    seat = Seat(node=world.stage.cv, entry=world.stage.people["nl", min(allowed)])
    with untouched(world.stage.cv, world.stage.nl), world.stage.cv.active(), pytest.raises(ComityError):
        gesture(world, seat)


def test_a_machine_holds_no_power(world: World):
    machine = world.stage.cv.machine("post")
    with untouched(world.stage.cv), world.stage.cv.active(), pytest.raises(MandateNotInForce):
        letter_acts.send_letter(world.letters["authorised"], actor=machine, at=world.stage.cv.clock.now())


# Drafting and authorising


def test_the_drafter_does_not_authorise_even_with_a_judges_signature_form(world: World):
    """The drafter writes the decision, signs it and hands it in."""
    cv, drafter = world.stage.cv, world.stage.seat(world.stage.cv, "investigator")
    judge = world.stage.seat(cv, "judge")
    with cv.active():
        text = texts.authorisation_text(world.letters["draft"], DECISION, viewer=judge.entry.actor, at=cv.clock.now())
        asked = rows.letter_of(LetterRow.objects.get(digest=world.letters["draft"]))
        known_here = known({}, viewer=judge.entry.actor)
    own = resigned(text, text.body | {"by": drafter.entry.actor.as_record()}, seat=drafter)
    with pytest.raises(PowerMissing):
        read_authorisation(own, letter=asked, known=known_here)
    by_judge = replace(asked, drafted_by=judge.entry.actor.as_record())
    with pytest.raises(DrafterAuthorises):
        read_authorisation(sign(text, seat=judge), letter=by_judge, known=known_here)
    borrowed = resigned(text, text.body, seat=drafter)
    with pytest.raises((NotThisOfficial, ComityError)) as refused:
        read_authorisation(borrowed, letter=asked, known=known_here)
    assert refused.value.code == "authorities.signer_missing"


def test_who_acts_is_who_signed(world: World):
    cv, judge = world.stage.cv, world.stage.seat(world.stage.cv, "judge")
    with cv.active():
        text = texts.authorisation_text(world.letters["draft"], DECISION, viewer=judge.entry.actor, at=cv.clock.now())
        asked = rows.letter_of(LetterRow.objects.get(digest=world.letters["draft"]))
        proven = read_authorisation(sign(text, seat=judge), letter=asked, known=known({}, viewer=judge.entry.actor))
        renamed = replace(proven, record=replace(proven.record, by=proven.record.by | {"official": "somebody"}))
        with untouched(cv), pytest.raises(rows.SignedByAnother):
            letter_acts.authorise_letter(renamed, actor=judge.entry.actor, at=cv.clock.now())


def test_a_draft_goes_nowhere(world: World):
    error = refuse(
        world,
        world.stage.seat(world.stage.cv, "investigator"),
        act(letter_acts.send_letter, "draft"),
        NotAuthorised,
    )
    assert "authorisation" in str(error)


def test_an_authorisation_that_has_expired_sends_nothing(world: World):
    seat = world.stage.seat(world.stage.cv, "investigator")
    with untouched(world.stage.cv), world.stage.cv.active(), pytest.raises(NotCovered, match="expired"):
        letter_acts.send_letter(
            world.letters["authorised"], actor=seat.entry.actor, at=world.stage.cv.clock.now() + timedelta(days=61)
        )


@pytest.mark.parametrize("where", ["cv", "nl"])
def test_a_decision_wider_than_the_letter_is_refused_on_both_sides(world: World, where: str):
    name = "draft" if where == "cv" else "asked"
    node = world.stage.cv if where == "cv" else world.stage.nl

    def gesture(world: World, seat: Seat) -> object:
        asked = rows.letter_of(LetterRow.objects.get(digest=world.letters[name])).scope
        decision = replace(DECISION, scope=replace(asked, until=asked.until + timedelta(days=1)))
        at = seat.node.clock.now()
        if where == "cv":
            return desk.authorise(world.letters[name], decision, seat=seat, at=at)
        return desk.recognise(world.letters[name], decision, note="x", seat=seat, at=at)

    error = refuse(world, world.stage.seat(node, "judge"), gesture, ScopeWider)
    assert "data until" in str(error)


def test_a_letter_signed_by_hand_for_a_closed_route_is_not_drafted(world: World):
    cv, seat = world.stage.cv, world.stage.seat(world.stage.cv, "investigator")
    with cv.active():
        row = LetterRow.objects.get(digest=world.letters["draft"])
        body = Statement.from_bytes(bytes(row.statement)).body
    body = body | {"reference": "f" * 32, "verdict": body["verdict"] | {"route": "coe-ets185/bud.stored_data_mla"}}
    text = sign(Statement(type=LETTER, body=body), seat=seat)
    with untouched(cv), cv.active():
        proven = read_letter(text, known=known({}, viewer=seat.entry.actor))
        with pytest.raises(RouteNotLawful):
            letter_acts.draft_letter(proven, actor=seat.entry.actor, at=cv.clock.now())
