"""The filled desks of the demo: what lies on them, and that it came there by the gestures and acts of everywhere."""

import socket
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from checker import check
from comity.authorities.competence import Level
from comity.authorities.competent import Mark, Reliance
from comity.canon import moment
from comity.cli import demo as demonstration
from comity.cli.demo import START, filled_nodes
from comity.cli.filling_plans import PLANS
from comity.cli.filling_script import FOUNDED, PATHS
from comity.cli.telling import Teller
from comity.letters.life import State, Step
from comity.registry import authenticator, log
from comity.registry.act import Node
from comity.registry.models import (
    EntryRow,
    EventRow,
    ItemRow,
    LapseRow,
    LetterRow,
    OfficialRow,
    OutboxRow,
    TransferRow,
    WorkRow,
)
from comity.registry.queries.competence import who_is_competent
from comity.registry.queries.log import audit
from stage import free_port

LETTERS_LEAST = 55
Filled = tuple[Node, Node]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Both nodes as the demo serves them, with nothing served."""
    folder = tmp_path_factory.mktemp("filled")
    nodes, _ = filled_nodes(folder, ports=(free_port(), free_port()), say=Teller(quiet=True))
    yield nodes
    for node in nodes:
        node.close()


def test_everything_that_must_hold_on_a_node_holds_on_the_filled_ones(filled: Filled):
    check(*filled)


def test_the_logs_are_sequenced_and_every_overseer_recomputes_them(filled: Filled):
    for node in filled:
        with node.active():
            assert log.waiting() == 0
            overseer = OfficialRow.objects.get(node=node.id, role="overseer").official
            seat = authenticator.seated(node, overseer, at=node.clock.now())
            assert audit(viewer=seat.actor).size == EntryRow.objects.count()


def test_each_side_has_letters_of_its_own_in_nearly_every_state(filled: Filled):
    asked = Counter[str]()
    for node in filled:
        with node.active():
            ours = Counter(LetterRow.objects.filter(outgoing=True).values_list("state", flat=True))
            theirs = Counter(LetterRow.objects.filter(outgoing=False).values_list("state", flat=True))
        assert set(ours) == {state.value for state in State} - {"received"}
        assert "received" in theirs
        asked += ours
    assert asked.total() == len(PLANS) >= LETTERS_LEAST


def test_some_letters_are_urgent_confidential_linked_or_overdue(filled: Filled):
    start = moment(START)
    for node in filled:
        with node.active():
            ours = LetterRow.objects.filter(outgoing=True)
            assert ours.filter(urgent=True).count() > 3
            assert ours.filter(confidential=True).count() > 2
            assert ours.exclude(linked="").count() > 2
            late = set(LetterRow.objects.filter(due_at__lt=start).values_list("due_what", flat=True))
        assert late == {"authorisation_expires", "recognition_expires", "keep_until", "ask_before"}


def test_evidence_lies_at_every_point_of_its_way_in_both_directions(filled: Filled):
    for node in filled:
        with node.active():
            items = ItemRow.objects.filter(custody__event="acquisition", letter__outgoing=False).distinct()
            assert items.exclude(reference__in=TransferRow.objects.values("item")).exists()
            assert set(TransferRow.objects.filter(outgoing=True).values_list("state", flat=True)) == {
                "offered",
                "accepted",
            }
            assert set(TransferRow.objects.filter(outgoing=False).values_list("state", flat=True)) == {
                "arrived",
                "accepted",
            }


def test_every_message_has_its_receipt_and_no_work_is_left(filled: Filled):
    for node in filled:
        with node.active():
            assert set(OutboxRow.objects.values_list("state", flat=True)) == {"receipted"}
            assert not WorkRow.objects.exclude(state="done").exists()


def test_it_happened_between_the_founding_and_the_story_and_the_clock_shows_the_storys_beginning(filled: Filled):
    founded, start = moment(FOUNDED), moment(START)
    for node in filled:
        assert timedelta() <= node.clock.now() - start < timedelta(minutes=10)
        with node.active():
            moments = list(EntryRow.objects.order_by("index").values_list("at", flat=True))
            days = {at.date() for at in EventRow.objects.values_list("at", flat=True)}
        assert founded <= moments[0]
        assert moments == sorted(moments)
        assert moments[-1] < start
        assert len(days) > 30


def test_no_letter_is_decided_by_who_drafted_it_and_several_people_are_at_work(filled: Filled):
    for node in filled:
        with node.active():
            drafted = set(LetterRow.objects.filter(outgoing=True).values_list("drafted_by", flat=True))
            assert len(drafted) > 1
            assert OfficialRow.objects.filter(node=node.id, role="judge").count() == 2
            assert OfficialRow.objects.filter(node=node.id, role="liaison").count() == 2


BEGIN: Final = {"draft", "receive"}
UNION_ONLY: Final = {"validate"}
"""A decision goes out before its validation on routes within the Union only (`emergencies`); one of these nodes is outside."""


def test_the_script_takes_every_step_of_a_letters_life_that_can_be_taken_between_these_states():
    taken = {step for plan in PLANS for step in PATHS[plan.path]}
    assert {step.value for step in Step} - taken == BEGIN | UNION_ONLY


def test_a_judge_ended_a_decision_and_both_sides_took_back_what_came_of_it(filled: Filled):
    for node in filled:
        with node.active():
            (ended,) = LapseRow.objects.select_related("letter")
            (item,) = ItemRow.objects.filter(letter=ended.letter) if not ended.letter.outgoing else (None,)
        assert (ended.cause, ended.letter.state) == ("revoked", "withdrawn")
        assert item is None or item.sealed_off_at is not None


def test_a_port_that_is_taken_is_said_and_another_one_used(capsys: pytest.CaptureFixture[str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        wanted = free_port()
        found = demonstration._ports(f"{taken},{wanted}", say=Teller(quiet=False))
    assert found[1] == wanted != found[0] != taken
    assert f"port {taken} is taken" in capsys.readouterr().out


def test_filled_nodes_without_story_serve_and_the_demo_ends(tmp_path: Path):
    ports = f"{free_port()},{free_port()}"
    given = ["--no-story", "--exit", "--no-fill", "--folder", str(tmp_path / "demo"), "--ports", ports]
    done = CliRunner().invoke(demonstration.demo, given)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "both nodes serve"
    assert "http://cv.localhost:" in done.output


def test_each_state_says_who_is_competent_and_a_stale_entry_is_marked(filled: Filled):
    for node, state in zip(filled, ("NL", "CV"), strict=True):
        with node.active():
            at = node.clock.now()
            viewer = authenticator.seated(node, "ivo" if state == "NL" else "iris", at=at)
            urgent, stored = (
                who_is_competent(measure, state=state, territory="", viewer=viewer.actor, at=at)
                for measure in ("preservation", "production_content")
            )
        assert urgent.reliance is stored.reliance is Reliance.DECIDES
        (regional,) = (one for one in stored.found if one.level is Level.REGIONAL)
        assert {Mark.EXPIRED, Mark.PART} <= set(regional.marks)
