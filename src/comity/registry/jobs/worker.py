"""The worker: takes work one piece at a time, and gives the log its beat."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from comity.errors import ComityError
from comity.registry import log, vault, work
from comity.registry.act import Node
from comity.registry.clock import stopwatch
from comity.registry.jobs import competence, deliver, endings, hand_overs, sessions, time_stamps, witnesses
from comity.registry.vouching import VouchingBroken
from comity.registry.work import Leased

REST_SECONDS_MIN: Final = 0.02
REST_SECONDS_MAX: Final = 0.3
"""How long a worker rests when nothing is due: longer and longer, so that a node at rest leaves its machine at rest."""

SWEEP_SECONDS: Final = 60.0

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


def one(*, at: datetime) -> bool:
    """Do one piece of work that is due; False if there is none."""
    leased = work.lease(at=at)
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
    """Work while `going()`: jobs as they come due, and the log on its beat. At the end the thread's connection is closed."""
    try:
        with node.active():
            vault.sweep(node.vault)
            beat, rest = stopwatch(), REST_SECONDS_MIN
            swept = beat
            while going():
                if stopwatch() >= swept:
                    sessions.sweep()
                    competence.catch_up(at=node.clock.now())
                    witnesses.watch(at=node.clock.now())
                    _ask_for_time(at=node.clock.now())
                    swept = stopwatch() + SWEEP_SECONDS
                if stopwatch() >= beat:
                    _beat(at=node.clock.now())
                    beat = stopwatch() + node.beat_seconds
                if one(at=node.clock.now()):
                    rest = REST_SECONDS_MIN
                else:
                    time.sleep(rest)
                    rest = min(2 * rest, REST_SECONDS_MAX)
    finally:
        node.close()


def _beat(*, at: datetime) -> None:
    """Sign what is new, and ask who vouches for it. Where nothing may be signed, messages still go out."""
    try:
        log.sequence(at=at)
        witnesses.ask(at=at)
    except (log.ClockWentBack, log.HistoryInDoubt, VouchingBroken):
        return  # `comity doctor` and the overseer's page say so for as long as it lasts


def _ask_for_time(*, at: datetime) -> None:
    """Queue what wants a time stamp."""
    try:
        time_stamps.catch_up(at=at)
    except VouchingBroken:
        return  # as above
