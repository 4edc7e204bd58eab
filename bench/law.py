"""The law beside a physical floor: whole questions per second against canonical JSON and SHA-256 of the same verdict.

* Both run warm and in turn in one process; each figure is the median of five runs.
* The peer only writes and hashes a verdict that is already there: nothing that stores verdicts can be faster than that.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any, Final

from comity import law
from comity.canon import canonical, sha256_hex

RUNS: Final = 5
ON: Final = date(2026, 11, 23)
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


def rows(*, quick: bool) -> list[dict[str, Any]]:
    """What was measured, as `bench/__main__.py` prints it; `quick` asks each question a tenth as often."""
    times = 100 if quick else 1_000
    return [_row(name, question, times=times) for name, question in QUESTIONS.items()]


def _row(name: str, question: law.Question, *, times: int) -> dict[str, Any]:
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


def _per_second(work: Callable[[], object], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        work()
    return times / (perf_counter() - start)
