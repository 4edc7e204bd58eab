"""Letters end to end, beside the bare cost of the signatures and commits that one letter cannot do without.

Ours: drafted, signed, authorised, sent, delivered over HTTP to a second node, receipted, and recorded on both sides.
Peer: the same number of signatures made and checked, and of commits to a table of one row, in a loop of its own.
"""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from comity.cli import desk, script, story  # noqa: E402 - tables can be imported only after setup
from comity.letters.letter import Form  # noqa: E402
from comity.registry.actions import letters as acts  # noqa: E402
from keys import NodeKey, OfficialKey  # noqa: E402
from stage import staged  # noqa: E402

RUNS = 5
NODE_SIGNATURES = 5
"""By a node: the letter, the authorisation, the message, the receipt, the receipt's message."""

OFFICIAL_SIGNATURES = 2
"""By an official: the letter, the authorisation."""

COMMITS = 10
"""Five acts (drafted, authorised, sent, received, receipted), the receipt's signature, and two leases with their ends."""


def rows(*, quick: bool) -> list[dict[str, object]]:
    """Letters per second, and the same in bare signatures and commits; median of five."""
    count = 4 if quick else 20
    with tempfile.TemporaryDirectory() as folder:
        ours = _letters(Path(folder) / "nodes", count)
        peer = _bare(Path(folder), count)
    return [
        {
            "name": "letters, drafted to receipted",
            "ours": count / ours,
            "peer": count / peer,
            "ratio": peer / ours,
            "unit": "1/s",
            "peer_name": "its signatures and commits alone",
        }
    ]


def _letters(folder: Path, count: int) -> float:
    with staged(folder) as stage:
        with stage.cv.active():
            case = story.open_case(stage)
            verdict, _ = story.ask(stage, case, Form.PRESERVATION)
        return _median(lambda: _send(stage, case, verdict, count))


def _send(stage: story.Stage, case: str, verdict: str, count: int) -> None:
    drafter, judge = stage.seat(stage.cv, "investigator"), stage.seat(stage.cv, "judge")
    asked = script.asked(Form.PRESERVATION, verdict, linked="", custodian={})
    with stage.cv.active():
        for _ in range(count):
            letter = desk.draft(case, asked, seat=drafter, at=stage.cv.clock.now())
            desk.authorise(letter, script.warrant(Form.PRESERVATION), seat=judge, at=stage.cv.clock.now())
            acts.send_letter(letter, actor=drafter.entry.actor, at=stage.cv.clock.now())
    stage.wait("a letter has no receipt", lambda: story.receipted(stage, letter))


def _bare(folder: Path, count: int) -> float:
    node, official = NodeKey.fresh(), OfficialKey.fresh()
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE bare (row TEXT)")

    def once() -> None:
        for number in range(count):
            text = b"a letter of about this length" * 100 + number.to_bytes(4, "big")
            for _ in range(NODE_SIGNATURES):
                node.public.verify(node.sign(text), text)
            for _ in range(OFFICIAL_SIGNATURES):
                official.public.verify(official.sign(text), text)
            for _ in range(COMMITS):
                database.execute("INSERT INTO bare VALUES ('row')")

    try:
        return _median(once)
    finally:
        database.close()


def _median(run: Callable[[], None]) -> float:
    took = []
    for _ in range(RUNS):
        begin = perf_counter()
        run()
        took.append(perf_counter() - begin)
    return median(took)
