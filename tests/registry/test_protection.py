"""Protected persons: a flag raises a review before anything leaves, and a privilege needs the judge to say so."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checker import check
from comity.authorisations.authorisation import DrafterAuthorises
from comity.authorisations.covering import NotCovered
from comity.authorisations.reasons import Check, Condition, Privileges, ReasonsEmpty
from comity.authorities.roles import Actor, Role
from comity.cases.protection import FlagUnknown
from comity.cli import desk, founding
from comity.cli.cast import CV, administrators
from comity.cli.exporting import export
from comity.cli.script import warrant
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.exchange.verification import Verification
from comity.letters.dossier import PrivilegeNotAllowed
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import access, rows
from comity.registry.actions import letters as acts
from comity.registry.actions import reviews
from comity.registry.actions.authorisations import resume_decision, suspend_decision
from comity.registry.actions.custody import record_read
from comity.registry.decisions import ReviewMissing
from comity.registry.invitations import Appointment
from comity.registry.models import EntryRow, ItemRow, LetterRow
from comity.registry.queries import protection
from comity.registry.queries.life import standing_decision
from exported import unheard
from scenes import DECISION, GROUND, accepted, drafted, opened, recognised, seized, settle, stepped, take_in, taken_in

HANDLE = "handle:lagoon_admin"
WHY = "The account sold the goods itself, so the mandate is no cover for it."
REVIEWED = Condition(check=Check.REVIEWED, text="Somebody else looks at each item.")
ALLOWED = Privileges(considered="The lawyer is suspected of the sale himself.", allowed=frozenset({"lawyer"}))


@dataclass
class World:
    """A flagged letter that went through, step by step, with what was refused on the way."""

    stage: Stage
    case: str
    letter: str
    refused: dict[str, type[Exception]]
    item: str = ""


def actor(stage: Stage, place: str, role: str) -> Actor:
    return stage.people[place, role].actor


def refusal(call: Callable[[], object]) -> type[Exception]:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is what is asked
        call()
    return raised.type


@pytest.fixture
def world(stage: Stage) -> Iterator[World]:
    case = opened(stage)
    with stage.cv.active():
        now = stage.cv.clock.now()
        for flags in (["lawyer"], []):  # nobody takes a flag away
            reviews.flag_selector(case, HANDLE, flags, actor=actor(stage, "cv", "investigator"), at=now)
    letter = drafted(stage, case, form=Form.PRODUCTION)
    made = World(stage=stage, case=case, letter=letter, refused={})
    _asked(made)
    _carried_out(made)
    yield made
    check(stage.cv, stage.nl)


def _asked(world: World) -> None:
    """On the asking side: the judge weighs the privilege, and somebody else than the drafter reviews."""
    stage, letter, refused = world.stage, world.letter, world.refused
    drafter, judge, sender = (actor(stage, "cv", role) for role in ("investigator", "judge", "investigator"))
    with stage.cv.active():
        now = stage.cv.clock.now()
        decision = replace(warrant(Form.PRODUCTION), conditions=(REVIEWED,))
        seat = stage.seat(stage.cv, "judge")
        refused["not allowed"] = refusal(lambda: desk.authorise(letter, decision, seat=seat, at=now))
        desk.authorise(letter, replace(decision, privileges=ALLOWED), seat=seat, at=now)
        refused["not reviewed"] = refusal(lambda: acts.send_letter(letter, actor=sender, at=now))
        refused["by the drafter"] = refusal(lambda: reviews.review_letter(letter, reason=WHY, actor=drafter, at=now))
        refused["empty words"] = refusal(lambda: reviews.review_letter(letter, reason="ok", actor=judge, at=now))
        reviews.review_letter(letter, reason=WHY, actor=actor(stage, "cv", "liaison"), at=now)
        digest = standing_decision(letter, viewer=judge)
        suspend_decision(digest, reason="The witness takes it back.", actor=judge, at=now)
        refused["suspended"] = refusal(lambda: acts.send_letter(letter, actor=sender, at=now))
        name = stage.people["cv", "investigator"].name
        bench = Appointment(
            official=drafter.official, name=name, role=Role.JUDGE, office="Court", authority="CV (demo)"
        )
        also = founding.appoint(stage.cv, bench, witnesses=administrators(stage.cv, CV)).actor
        now = stage.cv.clock.now()
        refused["resumed by the drafter"] = refusal(lambda: resume_decision(digest, reason=WHY, actor=also, at=now))
        resume_decision(digest, reason="The witness stands by it.", actor=judge, at=now)
        acts.send_letter(letter, actor=sender, at=now)
    settle(stage)


def _carried_out(world: World) -> None:
    """On the executing side: the flag came with the letter, the item takes it over, and somebody else reviews it."""
    stage, letter, refused = world.stage, world.letter, world.refused
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    judge, custodian = (stage.seat(stage.nl, role) for role in ("judge", "custodian"))
    with stage.nl.active():
        now = stage.nl.clock.now()
        refused["not recognised so"] = refusal(
            lambda: desk.recognise(letter, DECISION, note="Recognised.", seat=judge, at=now)
        )
        desk.recognise(letter, replace(DECISION, privileges=ALLOWED), note="Recognised.", seat=judge, at=now)
    settle(stage)
    world.item = take_in(custodian, letter, selectors=frozenset({HANDLE}))
    domain = frozenset({"domain:bluelagoon.example"})
    plain = take_in(custodian, letter, selectors=domain)
    wallet = seized(custodian, letter, "EX-1", selectors=domain)
    with stage.nl.active():
        now = stage.nl.clock.now()
        assert ItemRow.objects.get(reference=plain).flags == []
        assert ItemRow.objects.get(reference=world.item).flags == ["lawyer"]
        over = _handing(custodian, world.item)
        refused["item not reviewed"] = refusal(over)
        refused["condition not kept"] = refusal(_handing(custodian, plain))
        how: dict[str, Any] = {"to": "", "place": "Palace", "reason": "Asked for.", "ground": GROUND, "at": now}
        refused["nor for an exhibit"] = refusal(lambda: desk.hand_over_exhibit(wallet, seat=custodian, **how))
        reviews.review_item(world.item, reason=WHY, actor=custodian.entry.actor, at=now)
        refused["reviewed by the giver"] = refusal(over)
        reviews.review_item(world.item, reason=WHY, actor=actor(stage, "nl", "liaison"), at=now)
        reviews.flag_item(
            world.item, ["minor"], reason="A child is in the photographs.", actor=custodian.entry.actor, at=now
        )
        refused["flagged anew"] = refusal(over)
        reviews.review_item(world.item, reason=WHY, actor=actor(stage, "nl", "judge"), at=now)
        transfer = over()
    settle(stage)
    with stage.cv.active():
        desk.accept(transfer, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
    settle(stage)


def _handing(seat: Seat, item: str) -> Callable[[], str]:
    return lambda: desk.hand_over(item, ground=GROUND, seat=seat, at=seat.node.clock.now())


def test_what_is_flagged_leaves_only_reviewed_and_a_privilege_only_where_a_judge_says_so(world: World, tmp_path: Path):
    assert world.refused == {
        "not allowed": PrivilegeNotAllowed,
        "not reviewed": ReviewMissing,
        "by the drafter": reviews.NothingToReview,
        "empty words": ReasonsEmpty,
        "suspended": NotCovered,
        "resumed by the drafter": DrafterAuthorises,
        "not recognised so": PrivilegeNotAllowed,
        "item not reviewed": ReviewMissing,
        "condition not kept": NotCovered,
        "nor for an exhibit": NotCovered,
        "reviewed by the giver": ReviewMissing,
        "flagged anew": ReviewMissing,
    }
    stage = world.stage
    custodian = stage.seat(stage.cv, "custodian")
    with stage.cv.active():
        row = ItemRow.objects.get(reference=world.item)
        assert row.flags == ["lawyer", "minor"], "the flags crossed with the item"
        at = stage.cv.clock.now()
        with pytest.raises(ReviewMissing):
            desk.sign_export(world.item, reason="For the court", seat=custodian, at=at)
        reviews.review_item(world.item, reason=WHY, actor=actor(stage, "cv", "judge"), at=at)
        bundle = tmp_path / "reviewed.bundle"
        export(world.item, bundle, reason="For the court", key_file=None, progress=unheard, seat=custodian)
        steps = list(Verification(io.BytesIO(bundle.read_bytes()), pinned={}, key=None, progress=unheard).steps())
        assert steps[-1].step == "nothing else", "a stranger reads past reviews and suspensions"
        told = protection.of_item(world.item, viewer=actor(stage, "cv", "judge"))
        assert (told.missing, [one.official for one in told.reviews]) == ((), ["julia"])
        kinds = set(EntryRow.objects.values_list("kind", flat=True))
        assert {"case.selector_flagged", "letter.review", "evidence.review", "letter.suspend", "letter.resume"} <= kinds
        assert rows.letter_of(LetterRow.objects.get(digest=world.letter)).protected[0].selector == HANDLE


@pytest.mark.parametrize("flags", [["priest"], ["lawyer", "doctor"], ["minor", "minor"]])
def test_a_flag_is_one_of_the_known_ones_and_a_target_one_of_the_case(stage: Stage, flags: list[str]):
    case = opened(stage)
    with stage.cv.active():
        at, investigator = stage.cv.clock.now(), actor(stage, "cv", "investigator")
        with pytest.raises(FlagUnknown):
            reviews.flag_selector(case, HANDLE, flags, actor=investigator, at=at)
        with pytest.raises(access.NoSuchThing):
            reviews.flag_selector(case, "domain:other.example", ["minor"], actor=investigator, at=at)
        with pytest.raises(access.NoSuchThing):
            reviews.review_letter("0" * 64, reason=WHY, actor=investigator, at=at)


def test_nothing_is_read_or_exported_while_the_warrant_or_the_recognition_is_suspended(stage: Stage):
    letter = recognised(stage, opened(stage))
    came, held = taken_in(stage, letter), taken_in(stage, letter)
    accepted(stage, came)
    for node, given in ((stage.cv, came), (stage.nl, held)):
        seat, judge = stage.seat(node, "custodian"), stage.seat(node, "judge").entry.actor
        with node.active():
            digest = standing_decision(letter, viewer=judge)
            suspend_decision(digest, reason="A complaint came in.", actor=judge, at=node.clock.now())
            at, custodian = node.clock.now(), seat.entry.actor
            with pytest.raises(NotCovered, match="suspended"):
                desk.sign_export(given, reason="For the court", seat=seat, at=at)
            with pytest.raises(NotCovered, match="suspended"):
                record_read(given, actor=custodian, at=at)
            resume_decision(digest, reason="The complaint was dismissed.", actor=judge, at=node.clock.now())
            desk.sign_export(given, reason="For the court", seat=seat, at=node.clock.now())
