"""kill -9 at any moment: both nodes as real processes, killed at random while the story is told, end in the same place.

Each run prints its seed; COMITY_KILL_SEED repeats one.
"""

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from comity.authorities.statement import Statement
from comity.cli.demo import Processes, make_nodes, serving
from comity.cli.story import Stage, run
from comity.registry import log
from comity.registry.act import Node
from comity.registry.models import (
    CosignatureRow,
    CustodyRow,
    EntryRow,
    FindingRow,
    InboxRow,
    ItemRow,
    LetterRow,
    OutboxRow,
    TransferRow,
    WorkRow,
)
from comity.registry.queries import log as log_reads
from stage import free_port
from witnessing import witnessed_by

KILLS = 10
IMAGE_BYTES = 24 * 1024 * 1024


class Killer(threading.Thread):
    """Kills a random node's whole process group, again and again, until it is told to stop."""

    def __init__(self, processes: Processes, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self._processes = processes
        self._dice = dice
        self._over = threading.Event()
        self.killed: list[str] = []

    def run(self) -> None:
        while len(self.killed) < KILLS and not self._over.wait(self._dice.uniform(0.05, 0.9)):
            node = self._dice.choice(["cv", "nl"])
            try:
                os.killpg(self._processes.group(node), signal.SIGKILL)
            except ProcessLookupError:
                continue  # dead already, and not started again yet
            self.killed.append(node)

    def stop(self) -> None:
        self._over.set()
        self.join()


@pytest.mark.slow
def test_killing_either_node_at_any_moment_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, databases: tuple[str, str]
):
    seed = int(os.environ.get("COMITY_KILL_SEED", "0")) or random.randrange(1, 10**9)
    print(f"COMITY_KILL_SEED={seed}")  # noqa: T201 - shown when the test fails
    nodes, people = make_nodes(tmp_path, ports=(free_port(), free_port()), databases=databases)
    for node, other in (nodes, nodes[::-1]):
        witnessed_by(node, other.id)
    with serving(tmp_path, nodes) as processes:
        killer = Killer(processes, random.Random(seed))

        def settle() -> None:
            processes.keep()
            time.sleep(0.02)

        stage = Stage(
            cv=nodes[0],
            nl=nodes[1],
            people=people,
            settle=settle,
            image_bytes=IMAGE_BYTES,
            progress=lambda _what, _done, _of: None,
        )
        killer.start()
        for _ in run(stage):
            time.sleep(0.2)  # gives the killer moments between the steps, too
        killer.stop()
        stage.wait("both outboxes are empty", lambda: all(_quiet(node) for node in nodes))
        stage.wait("both logs are witnessed", lambda: all(_witnessed(node) for node in nodes))
    print(f"killed {len(killer.killed)} times: {' '.join(killer.killed)}")  # noqa: T201 - as above
    assert len(killer.killed) >= KILLS // 2
    hold_the_same_result(stage)
    for node in nodes:
        node.close()


def _quiet(node: Node) -> bool:
    with node.active():
        return not WorkRow.objects.filter(state="open").exists() and not EntryRow.objects.filter(index=None).exists()


def _witnessed(node: Node) -> bool:
    """The newest checkpoint is cosigned, and nobody ever saw a second history, whenever either node was killed."""
    with node.active():
        assert not FindingRow.objects.exists()
        return CosignatureRow.objects.filter(size=log.sequenced_size()).exists()


def hold_the_same_result(stage: Stage) -> None:
    """What stands in the tables and logs when nothing was lost and nothing happened twice."""
    sent, taken = {}, {}
    for node in (stage.cv, stage.nl):
        overseer = stage.seat(node, "overseer").entry.actor
        with node.active():
            assert {(row.form, row.state) for row in LetterRow.objects.all()} == {
                ("preservation", "preserved"),
                ("production", "executed"),
            }
            assert LetterRow.objects.count() == 2
            assert [row.state for row in TransferRow.objects.all()] == ["accepted"]
            chain = [Statement.from_bytes(bytes(row.statement)) for row in CustodyRow.objects.order_by("seq")]
            assert [one.body["event"] for one in chain] == ["acquisition", "transfer"]
            assert len(chain[1].signatures) == 4
            assert ItemRow.objects.get().held is (node is stage.cv)
            assert not WorkRow.objects.filter(state="dead").exists()
            assert {row.state for row in OutboxRow.objects.all()} == {"receipted"}
            sent[node.id] = sorted(OutboxRow.objects.values_list("message", flat=True))
            taken[node.id] = sorted(InboxRow.objects.exclude(subject="receipt").values_list("message", flat=True))
            kinds = list(EntryRow.objects.order_by("index").values_list("kind", flat=True))
            assert log_reads.audit(viewer=overseer).size == len(kinds)
            once = "evidence.accept" if node is stage.cv else "evidence.accept.received"
            assert kinds.count(once) == 1
    assert sent["cv"] == taken["nl"]
    assert sent["nl"] == taken["cv"]
