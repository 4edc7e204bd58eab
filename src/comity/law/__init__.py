"""The law: from a question between two states to routes, with reasons, articles and clocks.

    verdict = law.routes(question, on=date(2026, 11, 23))
    verdict.route("coe-ets185/bud.preservation_abroad").status

* The law is data under `instruments/`, generated from the law facts; conditions are written by hand beside it.
* The engine knows no instrument by name, reads no clock, and opens no file but the packaged data.
* Three values everywhere: what is not known is open, and the answer says which fact would decide it.
* A verdict replays byte for byte under its edition.
"""

from comity.law import clocks
from comity.law.edition import Edition, EditionBroken, NoEditionInForce
from comity.law.pathways import (
    FactNotAnswerable,
    SameState,
    StateUnknown,
    VerdictDoesNotReplay,
    replay,
    routes,
)
from comity.law.question import AUTHORITIES, PURPOSES, STAGES, URGENCIES, Question, QuestionBroken, ValueUnknown
from comity.law.verdict import NoSuchRoute, Outcome, Reason, Route, Status, Verdict

__all__ = [
    "AUTHORITIES",
    "PURPOSES",
    "STAGES",
    "URGENCIES",
    "Edition",
    "EditionBroken",
    "FactNotAnswerable",
    "NoEditionInForce",
    "NoSuchRoute",
    "Outcome",
    "Question",
    "QuestionBroken",
    "Reason",
    "Route",
    "SameState",
    "StateUnknown",
    "Status",
    "ValueUnknown",
    "Verdict",
    "VerdictDoesNotReplay",
    "clocks",
    "replay",
    "routes",
]
