"""What officials do at their terminals, as gestures that a test hands to anybody; and how to hold that one is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checker import untouched
from comity.authorities.standing import Change
from comity.cli import desk
from comity.cli.shell import Seat
from comity.cli.story import ask
from comity.errors import ComityError
from comity.letters.letter import Form
from comity.letters.life import Step
from scenes import DECISION, GROUND, World, drafted, stepped

REFUSAL = {"note": "Refused.", "ground": "Political offence", "article": "27(4)"}

Gesture = Callable[[World, Seat], object]


def authorise(world: World, seat: Seat) -> object:
    return desk.authorise(world.letters["draft"], DECISION, seat=seat, at=seat.node.clock.now())


def recognise(world: World, seat: Seat) -> object:
    return desk.recognise(world.letters["asked"], DECISION, note="x", seat=seat, at=seat.node.clock.now())


def draft(world: World, seat: Seat) -> object:
    stage = world.stage
    return drafted(replace(stage, people=stage.people | {("cv", "investigator"): seat.entry}), world.case)


def step(name: str, step: Step, facts: dict[str, str] | None = None) -> Gesture:
    return lambda world, seat: stepped(seat, world.letters[name], step, facts)


def act(function: Callable[..., object], *what: str, **more: object) -> Gesture:
    """An act that needs no signed text: called by the name of its letter or case."""

    def gesture(world: World, seat: Seat) -> object:
        named = [world.letters.get(one, world.case) for one in what]
        return function(*named, **more, actor=seat.entry.actor, at=seat.node.clock.now())

    return gesture


def open_case(_world: World, seat: Seat) -> object:
    return desk.open_case("T", "M", offences=(), selectors=(), seat=seat, at=seat.node.clock.now())


def ask_law(world: World, seat: Seat) -> object:
    stage = world.stage
    return ask(replace(stage, people=stage.people | {("cv", "investigator"): seat.entry}), world.case, Form.PRODUCTION)


def accept(world: World, seat: Seat) -> object:
    return desk.accept(world.transfers["arrived"], seat=seat, at=seat.node.clock.now())


def export(world: World, seat: Seat) -> None:
    desk.sign_export(world.items["accepted"], reason="For the court.", seat=seat, at=seat.node.clock.now())


def preserve(world: World, seat: Seat) -> object:
    return desk.preserved(world.letters["acknowledged"], note="x", seat=seat, at=seat.node.clock.now())


def hand_over(world: World, seat: Seat) -> object:
    return desk.hand_over(world.items["held"], ground=GROUND, seat=seat, at=seat.node.clock.now())


def end_mandate(world: World, seat: Seat) -> object:
    judge = world.stage.people["nl", "judge"]
    at = seat.node.clock.now()
    desk.decide(judge.official, judge.mandate, Change.REVOKE, reason="x", seat=seat, second=None, at=at)
    return None


def changed(seat: Seat, **what: Any) -> Seat:
    """Somebody who says other things of himself than the directory does."""
    return replace(seat, entry=replace(seat.entry, **what))


def refuse(world: World, seat: Seat, gesture: Gesture, errors: type[ComityError] | tuple[type[ComityError], ...]):
    """The gesture is refused with one of these errors, and neither node holds anything of it; the refusal."""
    with untouched(world.stage.cv, world.stage.nl), seat.node.active(), pytest.raises(errors) as refused:
        gesture(world, seat)
    return refused.value
