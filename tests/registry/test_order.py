"""What follows what in the life of letters, items and mandates; everything else is refused and leaves no trace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checker import check
from comity.authorisations.covering import NotCovered
from comity.authorities.directory import EntryBroken
from comity.authorities.roles import MandateNotInForce
from comity.authorities.statement import Statement
from comity.cli import desk
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.evidence.custody import CustodyBroken, read_record
from comity.exchange.transfer import NoTransferGround, TransferGround
from comity.letters.dossier import read_event
from comity.letters.event import EVENT
from comity.letters.forms import NoGroundOfRoute
from comity.letters.life import Step, StepNotOfForm, StepOfOtherSide, StepOutOfOrder
from comity.registry.access import NoSuchThing
from comity.registry.actions import letters as letter_acts
from comity.registry.actions.evidence import NotRecognised, TransferOutOfOrder
from comity.registry.queries import texts
from comity.registry.queries.people import known
from couriers import sign
from gestures import REFUSAL, Gesture, act, changed, export, refuse, step
from scenes import DECISION, GROUND, NOTE, World, take_in

# Steps in another order


def test_every_step_is_taken_once(world: World):
    """What is done already is refused clearly when it is done again."""
    cv, nl = world.stage.cv, world.stage.nl
    again: list[tuple[Seat, Gesture, type[ComityError]]] = [
        (
            world.stage.seat(cv, "judge"),
            lambda w, s: desk.authorise(w.letters["authorised"], DECISION, seat=s, at=s.node.clock.now()),
            StepOutOfOrder,
        ),
        (world.stage.seat(cv, "judge"), act(letter_acts.deny_letter, "authorised", reason="x"), StepOutOfOrder),
        (world.stage.seat(cv, "investigator"), act(letter_acts.send_letter, "received"), StepOutOfOrder),
        (world.stage.seat(nl, "liaison"), step("acknowledged", Step.ACKNOWLEDGE), StepOutOfOrder),
        (
            world.stage.seat(nl, "judge"),
            lambda w, s: desk.recognise(w.letters["recognised"], DECISION, note="x", seat=s, at=s.node.clock.now()),
            StepOutOfOrder,
        ),
        (
            world.stage.seat(nl, "custodian"),
            lambda w, s: desk.hand_over(w.items["arrived"], ground=GROUND, seat=s, at=s.node.clock.now()),
            TransferOutOfOrder,
        ),
        (
            world.stage.seat(cv, "custodian"),
            lambda w, s: desk.accept(w.transfers["accepted"], seat=s, at=s.node.clock.now()),
            ComityError,
        ),
    ]
    for seat, gesture, error in again:
        refuse(world, seat, gesture, error)


@pytest.mark.parametrize(
    ("where", "role", "gesture", "error"),
    [
        ("nl", "liaison", step("executed", Step.REFUSE, REFUSAL), StepOutOfOrder),
        ("nl", "liaison", step("received", Step.QUERY), StepOutOfOrder),
        (
            "nl",
            "liaison",
            lambda w, s: desk.preserved(w.letters["asked"], note="x", seat=s, at=s.node.clock.now()),
            StepNotOfForm,
        ),
        (
            "nl",
            "judge",
            lambda w, s: desk.recognise(w.letters["acknowledged"], DECISION, note="x", seat=s, at=s.node.clock.now()),
            StepNotOfForm,
        ),
        ("nl", "investigator", step("received", Step.WITHDRAW), NoSuchThing),
        ("cv", "liaison", step("received", Step.ACKNOWLEDGE), StepOfOtherSide),
        ("cv", "investigator", step("received", Step.ANSWER), StepOutOfOrder),
        ("nl", "liaison", step("acknowledged", Step.REFUSE, REFUSAL | {"article": "99"}), NoGroundOfRoute),
    ],
)
def test_a_step_out_of_its_order_form_or_side_is_refused(
    world: World, where: str, role: str, gesture: Gesture, error: type[ComityError]
):
    node = world.stage.cv if where == "cv" else world.stage.nl
    refuse(world, world.stage.seat(node, role), gesture, error)


# Evidence


def test_nothing_is_taken_in_before_a_judge_of_this_state_has_recognised_the_letter(world: World):
    seat = world.stage.seat(world.stage.nl, "custodian")
    refuse(world, seat, lambda w, s: take_in(s, w.letters["asked"]), (NoSuchThing, NotRecognised))


def test_evidence_of_a_target_that_the_recognition_does_not_name_is_refused(world: World):
    seat = world.stage.seat(world.stage.nl, "custodian")
    wide = frozenset({"domain:other.example"})
    refuse(world, seat, lambda w, s: take_in(s, w.letters["recognised"], selectors=wide), NotCovered)


@pytest.mark.parametrize(
    "name", ["../../x", "a/b", "a\\b", "..", "", "x\u0000", "a\u202eb", ".hidden", "con", "x" * 300]
)
def test_a_name_that_is_a_path_or_a_trick_seals_nothing(world: World, name: str):
    seat = world.stage.seat(world.stage.nl, "custodian")
    refuse(world, seat, lambda w, s: take_in(s, w.letters["recognised"], name=name), ComityError)


@pytest.mark.parametrize(
    "ground",
    [
        None,
        replace(GROUND, article="36"),
        replace(GROUND, law="Some law"),
        replace(GROUND, derogation=""),
        replace(GROUND, rights_weighed=""),
        replace(GROUND, reason=""),
        replace(GROUND, supervisor_told="told"),
    ],
)
def test_nothing_is_handed_over_without_a_whole_ground(world: World, ground: TransferGround | None):
    def gesture(w: World, s: Seat) -> object:
        return desk.hand_over(w.items["held"], ground=ground, seat=s, at=s.node.clock.now())

    refuse(world, world.stage.seat(world.stage.nl, "custodian"), gesture, NoTransferGround)


def test_a_recognition_that_has_expired_hands_nothing_over(world: World):
    later = world.stage.nl.clock.now() + timedelta(days=61)

    def gesture(w: World, s: Seat) -> object:
        return desk.hand_over(w.items["held"], ground=GROUND, seat=s, at=later)

    refuse(world, world.stage.seat(world.stage.nl, "custodian"), gesture, NotCovered)


def test_an_item_that_was_handed_over_is_acted_on_by_its_new_holder_only(world: World):
    refuse(world, world.stage.seat(world.stage.nl, "custodian"), export, CustodyBroken)


def test_an_item_whose_offer_waits_for_an_answer_is_not_exported(world: World):
    """Another record would take the place in the chain that the offer cites."""

    def gesture(w: World, s: Seat) -> None:
        desk.sign_export(w.items["arrived"], reason="For the court.", seat=s, at=s.node.clock.now())

    refuse(world, world.stage.seat(world.stage.nl, "custodian"), gesture, TransferOutOfOrder)


def test_a_custody_record_without_the_receivers_signature_accepts_nothing(world: World):
    stage, seat = world.stage, world.stage.seat(world.stage.cv, "custodian")
    from comity.registry.models import TransferRow

    with stage.cv.active():
        row = TransferRow.objects.get(reference=world.transfers["arrived"])
        with pytest.raises(ComityError) as refused:
            read_record(Statement.from_bytes(bytes(row.statement)), known=known({}, viewer=seat.entry.actor))
    assert refused.value.code == "authorities.signer_missing"


# Mandates


def test_a_mandate_that_has_run_out_signs_and_does_nothing(world: World):
    later = world.stage.nl.clock.now() + timedelta(days=3 * 365)
    seat = world.stage.seat(world.stage.nl, "liaison")

    def gesture(w: World, s: Seat) -> object:
        return desk.step(w.letters["received"], Step.ACKNOWLEDGE, facts=NOTE, seat=s, at=later)

    refuse(world, seat, gesture, MandateNotInForce)


def test_a_signature_is_used_in_its_office_and_in_its_time(world: World):
    seat = world.stage.seat(world.stage.nl, "liaison")
    at = seat.node.clock.now()
    with seat.node.active():
        text = texts.event_text(world.letters["received"], Step.ACKNOWLEDGE, facts=NOTE, viewer=seat.entry.actor, at=at)
        everybody = known({}, viewer=seat.entry.actor)
    early = Statement(type=EVENT, body=text.body | {"at": "2026-11-23T08:59:59.000Z"})
    with pytest.raises((MandateNotInForce, EntryBroken)):
        read_event(sign(early, seat=seat), known=everybody)
    elsewhere = sign(text, seat=changed(seat, office="Another office"))
    with pytest.raises(EntryBroken, match="signed as"):
        read_event(elsewhere, known=everybody)


# The story with the checker after every step


def test_everything_holds_after_every_step_of_the_story(stage: Stage):
    from comity.cli.story import run

    steps = 0
    for _ in run(stage):
        check(stage.cv, stage.nl)
        steps += 1
    assert steps > 15


def test_everything_still_holds_where_so_much_was_refused(world: World):
    check(world.stage.cv, world.stage.nl)
