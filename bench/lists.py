"""The list of letters on a crowded node: the last page beside the first one, and what a rendered page costs.

Ours: the last page of 100,000 letters, rendered for an overseer, signed in, with navigation. Peer: the first page.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from django.test import Client  # noqa: E402 - after setup

from comity.cli.demo import make_nodes  # noqa: E402 - tables can be imported only after setup
from comity.cli.story import Stage  # noqa: E402
from crowd import crowd  # noqa: E402
from desks import at_desk  # noqa: E402
from scenes import drafted, opened  # noqa: E402
from stage import free_port  # noqa: E402

RUNS = 9
FLAT_MIN = 0.5
"""The first page's cost by the last page's: a list that reads what it skips is far below."""


def rows(*, quick: bool) -> list[dict[str, object]]:
    """CPU milliseconds of a page, first and last in each order; median of nine."""
    count = 5_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        (cv, nl), people = make_nodes(Path(folder), ports=(free_port(), free_port()))
        stage = Stage(cv, nl, people, settle=lambda: None, image_bytes=0, progress=lambda _what, _done, _of: None)
        letter = drafted(stage, opened(stage))
        with cv.active():
            crowd(count, like=letter, at=cv.clock.now())
            client = at_desk(stage, cv, "overseer")
            measured = [_row(client, sort, count) for sort in ("-written_at", "due_at", "short", "state")]
        for node in (cv, nl):
            node.close()
    return measured


def _row(client: Client, sort: str, count: int) -> dict[str, object]:
    first = _cpu(client, f"/letters?sort={sort}")
    last = _cpu(client, f"/letters?sort={sort}&cursor=last")
    return {
        "name": f"last page of {count:,} letters by {sort.removeprefix('-')}",
        "ours": last * 1000,
        "peer": first * 1000,
        "ratio": first / last,
        "goal": FLAT_MIN,
        "unit": "ms CPU",
        "peer_name": "the first page",
    }


def _cpu(client: Client, url: str) -> float:
    def once() -> None:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content.decode()

    once()
    return _median(once)


def _median(run: Callable[[], None]) -> float:
    took = []
    for _ in range(RUNS):
        begin = process_time()
        run()
        took.append(process_time() - begin)
    return median(took)
