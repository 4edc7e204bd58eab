"""The worker: takes work one piece at a time, and gives the log its beat.

* Who asks other nodes may have to wait for them. So the log's beat and what ends by itself have a thread that asks nobody
  (`keep`), and who vouches for logs one of its own (`vouch`): no peer holds up either by answering slowly.
"""

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

from comity.errors import ComityError
from comity.registry import log, vault, work
from comity.registry.act import Node
from comity.registry.clock import stopwatch
from comity.registry.jobs import (
    cards,
    competence,
    deliver,
    endings,
    hand_overs,
    retention,
    sessions,
    time_stamps,
    unrecorded,
    witnesses,
)
from comity.registry.vouching import VouchingBroken
from comity.registry.work import Leased

REST_SECONDS_MIN: Final = 0.02
REST_SECONDS_MAX: Final = 0.3
"""How long a worker rests when nothing is due: longer and longer, so that a node at rest leaves its machine at rest."""

SWEEP_SECONDS: Final = 60.0
ERASE_SECONDS: Final = 3600.0

Job = Callable[..., None]
JOBS: Final[Mapping[str, Job]] = MappingProxyType(
    {
        "deliver": deliver.deliver,
        "receipt": deliver.receipt,
        "fetch": hand_overs.fetch,
        "lapse": endings.lapse,
        "stamp": time_stamps.stamp,
    }
)


AT_HOME: Final = ("lapse",)
"""Work that waits for no other node."""


def one(*, at: datetime, kinds: Collection[str] = ()) -> bool:
    """Do one piece of work that is due, of these kinds if any are named; False if there is none."""
    leased = work.lease(at=at, kinds=kinds)
    if leased is None:
        return False
    do(leased, at=at)
    return True


def do(leased: Leased, *, at: datetime) -> None:
    """Do leased work; what a job refuses is tried again later, with its reason beside it."""
    try:
        JOBS[leased.kind](leased, at=at)
    except ComityError as refusal:
        work.again(leased, trouble=str(refusal), jitter=secrets.randbelow(1001) / 1000, at=at)


def until_quiet(node: Node, *, steps_max: int) -> int:
    """Work until nothing is due, then give the log its beat; how many pieces were done. For drills and tests."""
    done = 0
    while done < steps_max and one(at=node.clock.now()):
        done += 1
    log.sequence(at=node.clock.now())
    return done


def run(node: Node, *, going: Callable[[], bool]) -> None:
    """Work while `going()`: jobs as they come due, and what is swept. At the end the thread's connection is closed."""
    try:
        with node.active():
            vault.sweep(node.vault)
            rest, swept = REST_SECONDS_MIN, stopwatch()
            erased = swept
            while going():
                if stopwatch() >= erased:
                    _erase(at=node.clock.now())
                    unrecorded.sweep()
                    _renew_card(at=node.clock.now())
                    erased = stopwatch() + ERASE_SECONDS
                if stopwatch() >= swept:
                    sessions.sweep()
                    competence.catch_up(at=node.clock.now())
                    _ask_for_time(at=node.clock.now())
                    swept = stopwatch() + SWEEP_SECONDS
                rest = _rested(rest, worked=one(at=node.clock.now()))
    finally:
        node.close()


def keep(node: Node, *, going: Callable[[], bool]) -> None:
    """Give the log its beat while `going()`, and do what waits for no other node. Where nothing may be signed, nothing is."""
    try:
        with node.active():
            beat, rest = stopwatch(), REST_SECONDS_MIN
            while going():
                if stopwatch() >= beat:
                    with suppress(
                        log.ClockWentBack, log.HistoryInDoubt
                    ):  # `comity doctor` and the overseer's page say so
                        log.sequence(at=node.clock.now())
                    beat = stopwatch() + node.beat_seconds
                rest = _rested(rest, worked=one(at=node.clock.now(), kinds=AT_HOME))
    finally:
        node.close()


def vouch(node: Node, *, going: Callable[[], bool]) -> None:
    """Ask who vouches for the log on its beat, and look at the logs of peers, while `going()`."""
    try:
        with node.active():
            beat = watched = stopwatch()
            while going():
                if stopwatch() >= watched:
                    witnesses.watch(at=node.clock.now())
                    watched = stopwatch() + SWEEP_SECONDS
                if stopwatch() >= beat:
                    with suppress(log.NotInTheLog, log.HistoryInDoubt, VouchingBroken):  # as in `keep`
                        log.hold_history()
                        witnesses.ask(at=node.clock.now())
                    beat = stopwatch() + node.beat_seconds
                time.sleep(REST_SECONDS_MIN)
    finally:
        node.close()


def _rested(rest: float, *, worked: bool) -> float:
    """Rest if nothing was due; how long to rest the next time."""
    if worked:
        return REST_SECONDS_MIN
    time.sleep(rest)
    return min(2 * rest, REST_SECONDS_MAX)


def _erase(*, at: datetime) -> None:
    """Erase what the schedule lets nobody keep longer; what is refused now is tried again in an hour."""
    with suppress(ComityError):
        retention.catch_up(at=at)


def _renew_card(*, at: datetime) -> None:
    """Renew the node's card; what is refused now is tried again in an hour."""
    with suppress(ComityError):
        cards.catch_up(at=at)


def _ask_for_time(*, at: datetime) -> None:
    """Queue what wants a time stamp."""
    try:
        time_stamps.catch_up(at=at)
    except VouchingBroken:
        return  # as in `keep`
