"""Work that waits: nobody holds a lane twice, nothing is lost with a worker, nothing overtakes, nothing is tried for ever."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from checker import check
from comity.cli.demo import make_nodes
from comity.cli.serving import together
from comity.cli.story import Stage
from comity.registry import deadline, log, post, work
from comity.registry.act import Node, bookkeeping
from comity.registry.actions.letters import send_letter
from comity.registry.jobs import deliver, worker
from comity.registry.limits import ATTEMPTS_MAX, CALL_SECONDS_MAX
from comity.registry.models import InboxRow, LetterRow, OutboxRow, WorkRow
from comity.registry.work import LEASE, PAUSE_MAX, PAUSE_MIN, Leased
from scenes import authorised, opened, sent, settle
from stage import free_port, served
from trickling import Leaping, trickling

SECOND = timedelta(seconds=1)


@pytest.fixture
def node(stage: Stage) -> Node:
    return stage.cv


def put(node: Node, *works: tuple[str, str], at: datetime) -> None:
    """Enqueue work as (lane, about)."""
    with node.active(), bookkeeping():
        for lane, about in works:
            work.enqueue(kind="tests", lane=lane, about=about, at=at)


def take(node: Node, *, at: datetime) -> Leased | None:
    with node.active():
        return work.lease(at=at)


def taken(node: Node, *, at: datetime) -> Leased:
    leased = take(node, at=at)
    assert leased is not None
    return leased


def row(node: Node, about: str) -> WorkRow:
    with node.active():
        return WorkRow.objects.get(about=about)


# Lanes and leases


def test_one_lane_is_held_by_one_worker(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), ("a", "2"), ("b", "3"), at=now)
    assert [taken(node, at=now).about for _ in range(2)] == ["1", "3"]
    assert take(node, at=now) is None


def test_workers_that_race_never_hold_one_lane_together(node: Node):
    now = node.clock.now()
    put(node, *((f"lane{number % 4}", str(number)) for number in range(40)), at=now)
    holding: dict[str, str] = {}
    met: list[str] = []
    order: list[int] = []
    guard = threading.Lock()

    def labour() -> None:
        with node.active():
            while (leased := work.lease(at=now)) is not None:
                lane = f"lane{int(leased.about) % 4}"
                with guard:
                    met.extend(held for held in holding if held == lane)
                    holding[lane] = leased.about
                    order.append(int(leased.about))
                with guard:
                    holding.pop(lane, None)
                work.done(leased)
        node.close()

    threads = [threading.Thread(target=labour) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with node.active():
        while (leased := work.lease(at=now)) is not None:  # what the last holder of a lane left to others
            order.append(int(leased.about))
            work.done(leased)
    assert met == []
    assert sorted(order) == list(range(40)), "each was done once"
    for lane in range(4):
        mine = [number for number in order if number % 4 == lane]
        assert mine == sorted(mine), "in the order in which it came"


def test_the_work_of_a_killed_worker_is_taken_up_when_its_lease_runs_out(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), at=now)
    killed = taken(node, at=now)
    assert take(node, at=now + LEASE - SECOND) is None
    second = taken(node, at=now + LEASE)
    assert (second.about, second.attempts) == ("1", 2)
    assert second.holder != killed.holder
    with node.active():
        work.done(killed)
        work.lay_aside(killed, trouble="x")
        work.again(killed, trouble="x", jitter=0, at=now)
        work.heartbeat(killed, at=now + timedelta(days=1))
        work.defer(killed, due_at=now, lane="b", trouble="x")
        held = WorkRow.objects.get(about="1")
    assert (held.state, held.leased_by, held.lane) == ("open", second.holder, "a"), "who lost the lease moves nothing"


def test_a_heartbeat_keeps_long_work(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), at=now)
    leased = taken(node, at=now)
    with node.active():
        work.heartbeat(leased, at=now + LEASE - SECOND)
    assert take(node, at=now + LEASE) is None
    assert taken(node, at=now + 2 * LEASE).about == "1"


def test_work_is_enqueued_once(node: Node):
    now = node.clock.now()
    for _ in range(3):
        put(node, ("a", "1"), at=now)
    leased = taken(node, at=now)
    with node.active():
        work.done(leased)
    put(node, ("a", "1"), at=now)
    assert take(node, at=now) is None, "what is done stays done"


# Retries


def test_pauses_grow_up_to_their_limit_and_work_is_laid_aside_at_last(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), at=now)
    pauses = []
    for _ in range(ATTEMPTS_MAX):
        leased = taken(node, at=now)
        with node.active():
            work.again(leased, trouble="nobody answers", jitter=0.5, at=now)
        due = row(node, "1").due_at
        pauses.append(due - now)
        now = due
    assert pauses[0] == PAUSE_MIN
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSE_MAX
    assert pauses[5] == PAUSE_MIN * 2**5
    dead = row(node, "1")
    assert (dead.state, dead.trouble) == ("dead", "nobody answers")
    assert take(node, at=now + timedelta(days=365)) is None


def test_a_pause_is_not_cut_short(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), ("a", "2"), at=now)
    leased = taken(node, at=now)
    with node.active():
        work.again(leased, trouble="x", jitter=0, at=now)
    assert take(node, at=now) is None, "the next in the lane does not overtake it either"
    assert taken(node, at=now + PAUSE_MIN).about == "1"


def test_what_was_laid_aside_holds_up_nothing(node: Node):
    now = node.clock.now()
    put(node, ("a", "1"), ("a", "2"), at=now)
    leased = taken(node, at=now)
    with node.active():
        work.lay_aside(leased, trouble="x" * 1000)
    assert taken(node, at=now).about == "2"
    assert len(row(node, "1").trouble) == 500


def test_a_refusal_within_a_job_is_tried_again_with_its_reason(node: Node, stage: Stage):
    letter = sent(stage, opened(stage))
    with node.active():
        OutboxRow.objects.update(peer="gone")
        now = node.clock.now()
        assert worker.one(at=now)
        kept = WorkRow.objects.get(kind="deliver")
    assert (kept.state, kept.attempts, kept.leased_by) == ("open", 1, "")
    assert "gone" in kept.trouble
    assert kept.due_at > now
    assert letter


# Messages to a peer


@pytest.fixture
def apart(tmp_path: Path, databases: tuple[str, str]):
    """Two nodes of which only cv is there: nobody answers for nl."""
    (cv, nl), people = make_nodes(tmp_path, ports=(free_port(), free_port()), databases=databases)
    stage = Stage(
        cv=cv, nl=nl, people=people, settle=lambda: None, image_bytes=1, progress=lambda _what, _done, _of: None
    )
    yield stage
    for node in (cv, nl):
        node.close()


def run_until_quiet(node: Node, *, at: datetime) -> int:
    """Do what is due at a moment that is handed in."""
    count = 0
    with node.active():
        while worker.one(at=at):
            count += 1
    return count


def test_messages_keep_their_order_while_a_peer_is_away_and_none_is_lost(apart: Stage):
    case = opened(apart)
    letters = [authorised(apart, case) for _ in range(3)]
    with apart.cv.active():
        for letter in letters:
            send_letter(letter, actor=apart.people["cv", "investigator"].actor, at=apart.cv.clock.now())
    now = apart.cv.clock.now()
    assert run_until_quiet(apart.cv, at=now) == 1, "only the oldest is tried"
    with apart.cv.active():
        states = list(OutboxRow.objects.order_by("id").values_list("state", "attempts"))
        assert states == [("pending", 1), ("pending", 0), ("pending", 0)]
        assert "did not answer" in WorkRow.objects.get(about=OutboxRow.objects.order_by("id")[0].message).trouble
    with served(apart.nl), served(apart.cv):
        later = now + timedelta(seconds=2)
        assert run_until_quiet(apart.cv, at=later) >= 3
        with apart.nl.active():
            assert list(LetterRow.objects.order_by("id").values_list("digest", flat=True)) == letters
        run_until_quiet(apart.nl, at=apart.nl.clock.now())
    with apart.cv.active():
        assert {row.state for row in OutboxRow.objects.all()} == {"receipted"}
    for node in (apart.cv, apart.nl):
        with node.active():
            log.sequence(at=node.clock.now())
    check(apart.cv, apart.nl)


def test_a_peer_that_is_away_is_told_of_nothing_twice_when_it_is_back(stage: Stage):
    """The answer to a delivery is lost, and the message is sent again: it takes one effect."""
    sent(stage, opened(stage))
    with stage.cv.active():
        message = OutboxRow.objects.get()
        post.send(message, at=stage.cv.clock.now())  # nobody notes down that it arrived
    settle(stage)
    with stage.nl.active():
        assert InboxRow.objects.count() == 1
        assert LetterRow.objects.count() == 1
    check(stage.cv, stage.nl)


def test_a_receipt_is_never_undone(stage: Stage):
    sent(stage, opened(stage))
    settle(stage)
    with stage.cv.active():
        message = OutboxRow.objects.get()
        assert message.state == "receipted"
        now = stage.cv.clock.now()
        WorkRow.objects.filter(about=message.message).update(state="open", leased_by="", leased_until=None, due_at=now)
        leased = work.lease(at=now)
        assert leased is not None
        deliver.deliver(leased, at=now)
        assert OutboxRow.objects.get().state == "receipted"
        assert WorkRow.objects.get(about=message.message).state == "done"


def test_a_receipt_that_comes_before_the_answer_to_the_attempt_ends_the_delivery(stage: Stage):
    """The peer is faster than our own note of the attempt."""
    sent(stage, opened(stage))
    with stage.cv.active():
        now = stage.cv.clock.now()
        leased = work.lease(at=now)
        assert leased is not None
        stale = OutboxRow.objects.get(message=leased.about)
        post.send(stale, at=now)
    run_until_quiet(stage.nl, at=stage.nl.clock.now())
    with stage.cv.active():
        assert OutboxRow.objects.get().state == "receipted"
        deliver._after(stale, leased, accepted=True, trouble="", at=now)
        assert OutboxRow.objects.get().state == "receipted"
        assert WorkRow.objects.get(about=leased.about).state == "done"
        settle(stage)
    check(stage.cv, stage.nl)


def test_a_refused_message_is_laid_aside_with_the_reason_and_the_next_one_goes(stage: Stage):
    case = opened(stage)
    first, second = sent(stage, case), sent(stage, case)
    with stage.cv.active():
        OutboxRow.objects.filter(letter__digest=first).update(content=b"{}")
    settle(stage)
    with stage.cv.active():
        refused = OutboxRow.objects.get(letter__digest=first)
        kept = WorkRow.objects.get(about=refused.message)
        assert (refused.state, kept.state) == ("dead", "dead")
        assert "registry.content_broken" in kept.trouble
        assert OutboxRow.objects.get(letter__digest=second).state == "receipted"
    with stage.nl.active():
        assert list(LetterRow.objects.values_list("digest", flat=True)) == [second]


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"])
def test_a_peer_that_answers_byte_by_byte_holds_nobody_longer_than_a_call_may_take(node: Node, begins: bytes):
    with node.active(), trickling(begins) as url, deadline.timed_by(watch := Leaping(seconds=1.0)):
        with pytest.raises(post.PeerDidNotAnswer):
            post.submit(url, b"x", to="nl", type_="text/plain")
        assert CALL_SECONDS_MAX < watch.now <= CALL_SECONDS_MAX + 2


def test_what_waits_for_no_other_node_is_done_although_the_rest_is_held_up(node: Node):
    now = node.clock.now()
    put(node, ("peer:nl", "1"), at=now)
    with node.active(), bookkeeping():
        work.enqueue(kind="lapse", lane="lapse:x", about="x", at=now)
    with node.active():
        first = work.lease(at=now, kinds=worker.AT_HOME)
        assert first is not None
        assert first.kind == "lapse"
        assert work.lease(at=now, kinds=worker.AT_HOME) is None


def test_a_worker_ends_as_soon_as_one_of_its_threads_does():
    stopped: list[str] = []

    def waiting(*, going: Callable[[], bool]) -> None:
        end = monotonic() + 10
        while going() and monotonic() < end:
            sleep(0.001)
        stopped.append("told" if monotonic() < end else "late")

    def ending(**_: object) -> None:
        """As a thread that an error ended."""

    together([waiting, ending, waiting], going=lambda: True)
    assert stopped == ["told", "told"]


def test_a_worker_stops_when_it_is_told_to_and_leaves_nothing_half_done(stage: Stage):
    sent(stage, opened(stage))
    stopping = threading.Event()
    threads = [
        threading.Thread(target=worker.run, args=(node,), kwargs={"going": lambda: not stopping.is_set()})
        for node in (stage.cv, stage.nl, stage.cv)
    ]
    for thread in threads:
        thread.start()
    end = monotonic() + 20
    with stage.cv.active():
        while not OutboxRow.objects.filter(state="receipted").exists():
            assert monotonic() < end, "the receipt does not come"
    stopping.set()
    for thread in threads:
        thread.join()
    settle(stage)
    check(stage.cv, stage.nl)
