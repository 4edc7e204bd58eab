"""The law beside a physical floor and beside the limits that were set for it.

* Throughput: whole questions per second against canonical JSON and SHA-256 of the same verdict, in turn, median of five runs.
  The peer only writes and hashes a verdict that is already there: nothing that stores verdicts can be faster than that.
* Limits: the slowest of a hundred answers (p99), the first answer of a new process, the gap map of one measure, its memory.
  They are CPU time, so that other work on the machine does not count; the peer is the limit, and the goal is to stay within.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

from comity import law
from comity.canon import canonical, sha256_hex

RUNS: Final = 5
ON: Final = date(2026, 11, 23)
P99_MS_MAX: Final = 2.0
COLD_SECONDS_MAX: Final = 0.4
MAP_SECONDS_MAX: Final = 20.0
MEMORY_MB_MAX: Final = 150.0
PRESERVATION: Final = law.Question(
    requesting_state="CV",
    requesting_authority="public_prosecutor",
    stage="investigation",
    requested_state="NL",
    measure="preservation",
    data=("traffic",),
    offences=(("drugs", 8, 12),),
)
QUESTIONS: Final = {
    "preservation, CV to NL": PRESERVATION,
    "traffic data, CV to NL": replace(PRESERVATION, measure="production_traffic"),
    "subscriber data, NL to DE": replace(
        PRESERVATION, measure="production_subscriber", requesting_state="NL", requested_state="DE", data=("subscriber",)
    ),
}
FIRST_ANSWER: Final = """
import datetime, sys, time
from comity import law
asked = law.Question(requesting_state="NL", requesting_authority="public_prosecutor", stage="investigation",
    requested_state="DE", measure="production_subscriber", data=("subscriber",), offences=(("drugs", 8, 12),))
verdict = law.routes(asked, on=datetime.date(2026, 11, 23))
assert verdict.routes and "holidays" not in sys.modules
print(time.process_time())
"""
GAP_MAP: Final = """
import datetime, time
from comity.law.gaps import gap_map
chart = gap_map(on=datetime.date(2026, 11, 23), measure="production_content", data=("content",))
assert sum(chart.counts().values()) == len(chart.states) * (len(chart.states) - 1)
held = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))
print(time.process_time(), int(held.split()[1]) / 1024)
"""


def rows(*, quick: bool) -> list[dict[str, Any]]:
    """What was measured, as `bench/__main__.py` prints it; `quick` asks each question a tenth as often."""
    times = 100 if quick else 1_000
    measured = [_throughput(name, question, times=times) for name, question in QUESTIONS.items()]
    measured += [_slowest(name, question, times=times) for name, question in QUESTIONS.items()]
    return [*measured, *_processes(runs=1 if quick else RUNS)]


def _throughput(name: str, question: law.Question, *, times: int) -> dict[str, Any]:
    verdict = law.routes(question, on=ON)
    stored = verdict.as_json()
    assert law.replay(stored, law.Edition.packaged()).digest == verdict.digest, "what is measured must be right"
    asked, written = [], []
    for _ in range(RUNS):
        asked.append(_per_second(lambda: law.routes(question, on=ON), times))
        written.append(_per_second(lambda: sha256_hex(canonical(stored)), times))
    ours, peer = median(asked), median(written)
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": ours / peer,
        "unit": "questions/s",
        "peer_name": "canonical JSON and SHA-256 of the verdict",
    }


def _slowest(name: str, question: law.Question, *, times: int) -> dict[str, Any]:
    """The time within which 99 of 100 answers come, as the best of the runs: noise only adds."""
    found = []
    for _ in range(RUNS):
        taken = sorted(_cpu(lambda: law.routes(question, on=ON)) for _ in range(times))
        found.append(taken[int(times * 0.99) - 1] * 1000)
    return _limited(f"{name}: 99 of 100 answers within", min(found), P99_MS_MAX, "ms CPU")


def _processes(*, runs: int) -> Iterator[dict[str, Any]]:
    cold = min(float(_printed(FIRST_ANSWER)[0]) for _ in range(runs))
    yield _limited("first answer of a new process", cold, COLD_SECONDS_MAX, "s CPU")
    seconds, megabytes = map(float, _printed(GAP_MAP))
    yield _limited("gap map of one measure, every pair of states", seconds, MAP_SECONDS_MAX, "s CPU")
    yield _limited("memory of the process that drew it", megabytes, MEMORY_MB_MAX, "MB")


def _limited(name: str, ours: float, limit: float, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours,
        "peer": limit,
        "ratio": limit / ours,
        "goal": 1.0,
        "unit": unit,
        "peer_name": "the limit set for it",
    }


def _printed(script: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return done.stdout.split()


def _cpu(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def _per_second(work: Callable[[], object], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        work()
    return times / (perf_counter() - start)
