"""An order before validation: only where the route lets it be, with its clock running; without validation it is taken back."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from checker import check
from comity.authorisations.authorisation import Authorisation, DrafterAuthorises
from comity.authorisations.covering import NotCovered
from comity.authorities.officials import Proven
from comity.authorities.roles import PowerMissing
from comity.authorities.statement import Statement
from comity.cli import desk
from comity.cli.exporting import export
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.evidence.custody import CustodyEvent
from comity.evidence.erasure import Erasure
from comity.evidence.events import Thing
from comity.exchange.verification import DoesNotVerify, Verification
from comity.exchange.wire import COURIER_AGE_MAX
from comity.letters.emergency import NoEmergency, NotValidated
from comity.registry import access, vault
from comity.registry.act import Node
from comity.registry.actions import custody as custody_acts
from comity.registry.actions import letters as acts
from comity.registry.actions.authorisations import StandsOtherwise, receive_validation
from comity.registry.actions.erasure import receive_erasure
from comity.registry.actions.evidence import TransferOutOfOrder
from comity.registry.checking import differences
from comity.registry.decisions import NoStandingDecision, SealedOff, proven_of
from comity.registry.jobs import exports
from comity.registry.models import (
    AuthorisationRow,
    EntryRow,
    HandOverRow,
    ItemRow,
    LapseRow,
    LetterRow,
    OutboxRow,
    TransferRow,
    WorkRow,
)
from comity.registry.queries import duties, home
from comity.registry.queries import evidence as reads
from comity.registry.rows import Inbound
from emergencies import URGENT, drafted, handed_over, issued, later, opened, recognised, second, union
from exported import Exported, unheard, unzipped
from scenes import seized, settle, signed_over, take_in
from tampering import found_after, run, taken_back
from tampering import other as another

HOURS = timedelta(hours=1)


@dataclass
class World:
    """Five letters on emergency decisions: what became of each, 50 hours later."""

    stage: Stage
    case: str
    accepted: str = ""
    waiting: str = ""
    exhibit: str = ""
    hand_over: str = ""
    validated: str = ""
    kept: str = ""
    refused: str = ""
    bare: str = ""
    item: str = ""
    transfer: str = ""
    kept_item: str = ""


def judge(stage: Stage) -> Seat:
    return stage.seat(stage.cv, "judge")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with union(tmp_path_factory.mktemp("union")) as stage:
        yield _filled(stage)


def _filled(stage: Stage) -> World:
    world = World(stage=stage, case=opened(stage))
    world.accepted, world.waiting, world.validated, world.refused = (issued(stage, world.case) for _ in range(4))
    for letter in (world.accepted, world.waiting, world.validated):
        recognised(stage, letter)
    world.item = handed_over(stage, world.accepted, accept=True)
    world.transfer = handed_over(stage, world.waiting, accept=False)
    world.kept_item = handed_over(stage, world.validated, accept=True)
    world.exhibit = seized(stage.seat(stage.nl, "custodian"), world.waiting, "EX-1")
    world.hand_over = signed_over(stage, world.exhibit, ground=None)
    with stage.cv.active():
        export_(world)
        _before(world)
        desk.validate(world.validated, URGENT, seat=judge(stage), at=stage.cv.clock.now())
        desk.revoke(
            world.refused, reason="No life was ever in danger here.", seat=judge(stage), at=stage.cv.clock.now()
        )
    world.bare = drafted(stage, world.case)
    settle(stage)
    later(stage, 50 * HOURS)
    _overdue(world)
    settle(stage)
    return world


def _overdue(world: World) -> None:
    """The time has run out, and no work has been done yet that ends the decision."""
    seat = world.stage.seat(world.stage.cv, "custodian")
    with world.stage.cv.active():
        actor, at = seat.entry.actor, seat.node.clock.now()
        for forbidden in (
            lambda: desk.accept_exhibit(world.hand_over, seat=seat, at=at),
            lambda: desk.sign_export(world.item, reason="For the court", seat=seat, at=at),
            lambda: custody_acts.record_read(world.item, actor=actor, at=at),
        ):
            with pytest.raises(NotCovered, match="was to be validated"):
                forbidden()


def export_(world: World) -> None:
    """The item went to somebody outside before its decision ended."""
    seat = world.stage.seat(world.stage.cv, "custodian")
    desk.sign_export(world.item, reason="For the court of Assen", seat=seat, at=world.stage.cv.clock.now())


def _before(world: World) -> None:
    """While the clock runs: it is shown on the desks of both sides, and the judge is waited for."""
    stage, viewer = world.stage, judge(world.stage).entry.actor
    row = LetterRow.objects.get(digest=world.accepted)
    decided = AuthorisationRow.objects.get(letter=row, kind="emergency")
    whole = decided.decided_at.replace(minute=0, second=0, microsecond=0) + HOURS
    assert decided.validate_until == whole + 48 * HOURS, (
        "the hour of the decision is not counted (Reg. 1182/71 Art. 3(1))"
    )
    assert (row.due_at, row.due_what) == (decided.validate_until, "validate_before")
    waits = [
        one.key for one in home.waiting(viewer=viewer, at=stage.cv.clock.now()) if one.duty is duties.Duty.VALIDATE
    ]
    assert sorted(waits) == sorted([world.accepted, world.waiting, world.validated, world.refused])
    with stage.nl.active():
        assert LetterRow.objects.get(digest=world.accepted).due_what == "validate_before"


def test_what_nobody_validated_in_time_is_withdrawn_on_both_sides_and_nothing_else_is(world: World):
    for node in (world.stage.cv, world.stage.nl):
        with node.active():
            states = dict(LetterRow.objects.values_list("digest", "state"))
            ended = dict(LapseRow.objects.values_list("letter__digest", "cause"))
        lapsed = {world.accepted: "not_validated", world.waiting: "not_validated", world.refused: "validation_refused"}
        assert ended == lapsed
        assert {digest for digest, state in states.items() if state == "withdrawn"} == set(lapsed)
        assert states[world.validated] == "recognised"


def test_the_node_alone_signs_that_the_time_ran_out_and_a_judge_that_it_was_refused(world: World):
    with world.stage.cv.active():
        rows = {row.letter.digest: Statement.from_bytes(bytes(row.statement)) for row in LapseRow.objects.all()}
    assert (len(rows[world.accepted].signatures), rows[world.accepted].body["by"]) == (1, {})
    assert rows[world.accepted].body["article"] == "4(5)"
    assert len(rows[world.refused].signatures) == 2
    assert rows[world.refused].body["by"]["role"] == "judge"


def test_everybody_who_received_it_is_told_and_gives_a_receipt(world: World):
    with world.stage.cv.active():
        told = OutboxRow.objects.filter(subject="lapse")
        assert set(told.values_list("letter__digest", "peer", "state")) == {
            (letter, "ie", "receipted") for letter in (world.accepted, world.waiting, world.refused)
        }
        facts = [one for one in _entries("letter.lapse") if one["letter"] == world.accepted]
        assert facts[0]["left"] == ["For the court of Assen"], "whom a person has to tell"
        assert facts[0]["sealed_off"] == [world.item]
    with world.stage.nl.active():
        assert EntryRow.objects.filter(kind="letter.lapse.received").count() == 3


def _entries(kind: str) -> list[dict[str, object]]:
    from comity.ledger import Entry

    return [Entry.from_bytes(bytes(row.body)).facts for row in EntryRow.objects.filter(kind=kind)]


def test_a_sealed_off_item_is_neither_opened_nor_handed_over_nor_exported(world: World):
    stage = world.stage
    for node in (stage.cv, stage.nl):
        seat = stage.seat(node, "custodian")
        with node.active():
            assert ItemRow.objects.get(reference=world.item).sealed_off_at is not None
            assert ItemRow.objects.get(reference=world.kept_item).sealed_off_at is None
            for forbidden in (
                lambda seat=seat: desk.hand_over(world.item, ground=None, seat=seat, at=seat.node.clock.now()),
                lambda seat=seat: reads.keeping(world.item, viewer=seat.entry.actor),
                lambda seat=seat: exports.ready(world.item, viewer=seat.entry.actor),
                lambda seat=seat: exports.take_key(world.item, actor=seat.entry.actor, at=seat.node.clock.now()),
                lambda seat=seat: custody_acts.record_key_taken(
                    world.item, actor=seat.entry.actor, at=seat.node.clock.now()
                ),
            ):
                with pytest.raises(SealedOff):
                    forbidden()
    seat = stage.seat(stage.cv, "custodian")
    with stage.cv.active(), pytest.raises(SealedOff):
        desk.sign_export(world.item, reason="x", seat=seat, at=stage.cv.clock.now())


def test_what_was_still_arriving_is_stopped_and_thrown_away(world: World):
    stage = world.stage
    with stage.cv.active():
        row = TransferRow.objects.get(reference=world.transfer)
        assert (row.state, row.wrapped_key) == ("stopped", None)
        assert not vault.held(stage.cv.vault, row.item)
        with pytest.raises(TransferOutOfOrder):
            desk.accept(world.transfer, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
    with stage.nl.active():
        assert TransferRow.objects.get(reference=world.transfer).state == "stopped"
        assert ItemRow.objects.get(reference=row.item).sealed_off_at is not None


def test_nobody_signs_for_an_exhibit_whose_decision_has_ended_and_its_hand_over_is_dropped(world: World):
    stage = world.stage
    for node in (stage.cv, stage.nl):
        with node.active():
            assert HandOverRow.objects.get(reference=world.hand_over).state == "dropped"
    with stage.cv.active(), pytest.raises(TransferOutOfOrder):
        desk.accept_exhibit(world.hand_over, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
    seat = stage.seat(stage.nl, "custodian")
    back = {"recipient": "Its owner", "document": "Receipt 7", "reason": "The decision has ended."}
    with stage.nl.active():
        desk.record(Thing.EXHIBIT, world.exhibit, CustodyEvent.RETURN, facts=back, seat=seat, at=seat.node.clock.now())


def test_nothing_more_is_done_under_an_ended_decision_and_all_under_a_validated_one(world: World):
    stage = world.stage
    custodian = stage.seat(stage.nl, "custodian")
    with pytest.raises(NoStandingDecision):
        take_in(custodian, world.accepted)
    item = take_in(custodian, world.validated)
    with stage.nl.active():
        assert ItemRow.objects.get(reference=item).held


def test_an_erasure_destroys_the_key_names_the_article_and_tells_the_other_side(world: World):
    stage = world.stage
    for node, other in ((stage.nl, stage.cv), (stage.cv, stage.nl)):
        seat = stage.seat(node, "custodian")
        with node.active():
            item = ItemRow.objects.get(reference=world.item)
            duty = [
                one.key for one in home.waiting(viewer=seat.entry.actor, at=node.clock.now()) if one.duty == "erase"
            ]
            assert world.item in duty
            digest = desk.erase(world.item, seat=seat, at=node.clock.now())
            row = ItemRow.objects.get(reference=world.item)
            assert (bytes(row.wrapped_key), row.held, row.record) == (b"", False, item.record), "the record stays"
            assert not TransferRow.objects.filter(item=world.item).exclude(handed_key=b"").exists()
            assert not vault.held(node.vault, world.item)
            facts = _entries("evidence.erasure")[-1]
            assert (facts["article"], facts["ground"], facts["item"]) == ("4(5)", "not_validated", world.item)
            with pytest.raises(access.NoSuchThing):
                desk.erase(world.item, seat=seat, at=node.clock.now())
        settle(stage)
        with other.active():
            assert EntryRow.objects.filter(kind="evidence.erasure.received", statement=digest).exists()
            _erased_under_another_letter(world, node, other)
    seat = stage.seat(stage.cv, "custodian")
    with stage.cv.active(), pytest.raises(access.NoSuchThing):
        desk.erase(world.kept_item, seat=seat, at=stage.cv.clock.now())
    check(stage.cv, stage.nl)


def _erased_under_another_letter(world: World, node: Node, other: Node) -> None:
    """A peer says that it erased what came under another letter that the two share."""
    facts = {"sha256": "0" * 64, "ended_by": "0" * 64, "ground": "revoked", "article": "1"}
    erasure = Erasure(item=world.item, letter=world.refused, node=node.id, by={}, at=node.clock.now(), **facts)
    told = Proven(statement=Statement(type="x", body={}), record=erasure)
    inbound = Inbound(node.id, "0" * 32, "0" * 64, "erasure")
    with pytest.raises(access.NoSuchThing, match="item"):
        receive_erasure(inbound, told, people=(), actor=other.machine("post"), at=other.clock.now())


def test_a_bundle_of_what_was_validated_verifies_and_without_the_validation_it_does_not(world: World, tmp_path: Path):
    stage = world.stage
    seat, bundle = stage.seat(stage.cv, "custodian"), tmp_path / "validated.bundle"
    with stage.cv.active():
        export(world.kept_item, bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
        row = AuthorisationRow.objects.get(letter__digest=world.validated, kind="validation")
    found = Exported(stage, bundle, bundle, bundle, unzipped(bundle.read_bytes()))
    assert _outcome(found.data) == ""
    without = {name: data for name, data in found.members.items() if row.digest not in name}
    assert len(without) < len(found.members)
    assert "was to be validated before" in _outcome(found.packed(without))


def _outcome(data: bytes) -> str:
    """Why these bytes do not verify; empty where they do."""
    try:
        for _ in Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard).steps():
            continue
    except DoesNotVerify as refused:
        return str(refused)
    return ""


def test_a_validation_is_a_judges_text_in_time_for_what_was_done(world: World):
    stage = world.stage
    with stage.cv.active():
        row = AuthorisationRow.objects.get(letter__digest=world.validated, kind="validation")
        validation = Authorisation.from_body(Statement.from_bytes(bytes(row.statement)).body)
        emergency = AuthorisationRow.objects.get(letter__digest=world.validated, kind="emergency")
        assert (validation.validates, validation.decided_at) == (emergency.digest, emergency.validated_at)
        assert not WorkRow.objects.filter(kind="lapse", state="open").exists()
        with pytest.raises(access.NoSuchThing):
            desk.validate(world.accepted, URGENT, seat=judge(stage), at=stage.cv.clock.now())
    with stage.nl.active():
        assert AuthorisationRow.objects.get(digest=emergency.digest).validated_at == emergency.validated_at


def test_a_validation_that_comes_later_than_any_message_travels_revives_nothing(world: World):
    with world.stage.nl.active():
        row = AuthorisationRow.objects.get(letter__digest=world.validated, kind="validation")
        emergency = AuthorisationRow.objects.get(letter__digest=world.validated, kind="emergency")
        assert emergency.validate_until is not None
        late = emergency.validate_until + COURIER_AGE_MAX
        for at, refused in ((late, NotValidated), (late - HOURS, StandsOtherwise)):
            inbound = Inbound(world.stage.cv.id, "0" * 32, "0" * 64, "validation")
            with pytest.raises(refused):
                receive_validation(inbound, proven_of(row), people=(), actor=world.stage.nl.machine("post"), at=at)


def test_who_drafted_and_who_is_no_judge_do_not_decide(world: World):
    stage = world.stage
    drafter = stage.seat(stage.cv, "investigator")
    with stage.cv.active():
        now = stage.cv.clock.now()
        with pytest.raises(DrafterAuthorises):
            desk.issue_emergency(world.bare, URGENT, seat=drafter, at=now)
        with pytest.raises(PowerMissing):
            desk.authorise(world.bare, URGENT, seat=second(stage), at=now)
        with pytest.raises(PowerMissing):
            desk.issue_emergency(world.bare, URGENT, seat=judge(stage), at=now)
        with pytest.raises(acts.NotAuthorised):
            acts.send_letter(world.bare, actor=second(stage).entry.actor, at=now)
        assert LetterRow.objects.get(digest=world.bare).state == "draft"


@pytest.mark.parametrize("changed", [{"urgency": "urgent"}, {"urgent": False}])
def test_where_the_route_lets_no_emergency_be_a_judge_comes_first(world: World, changed: dict[str, object]):
    stage = world.stage
    letter = drafted(stage, world.case, **changed)  # type: ignore[arg-type]
    with stage.cv.active(), pytest.raises(NoEmergency):
        desk.issue_emergency(letter, URGENT, seat=second(stage), at=stage.cv.clock.now())
    with stage.cv.active():
        desk.authorise(letter, replace(URGENT, days=10), seat=judge(stage), at=stage.cv.clock.now())
        assert not WorkRow.objects.filter(kind="lapse", state="open").exists()


@pytest.mark.parametrize("column", ["cause", "digest", "statement"])
def test_a_lapse_that_somebody_changes_in_the_raw_table_is_named(world: World, column: str):
    assert found_after(world.stage.cv, "lapserow", column, another)


def test_an_item_that_somebody_opens_again_in_the_raw_table_is_named_by_the_decision(world: World):
    with taken_back(world.stage.cv):
        run("UPDATE registry_authorisationrow SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL")
        assert "registry_authorisationrow" in {one.table for one in differences()}
