"""How one instrument stands to another between two states: what it replaces, what it prevails over, what it leaves alone.

A relation holds between states that its own instrument binds, while it is in force, and where its condition is met; what is
open there is open here.
"""

from dataclasses import replace
from typing import Final

from comity.law.circumstances import Case
from comity.law.reasons import OUTCOMES, Weighed, force, judged
from comity.law.rules import Relation
from comity.law.verdict import Outcome, Reason

REPLACES: Final = "replaces"
PASSIVE: Final = {
    "replaces": "replaced_by",
    "prevails": "prevailed_over_by",
    "without_prejudice": "without_prejudice",
}
"""What a relation is called from the other side."""

_STRENGTH: Final = {Outcome.FAILED: 0, Outcome.OPEN: 1, Outcome.CHECK: 1, Outcome.MET: 2}


def between(case: Case, relation: Relation) -> Reason:
    """What a relation comes to; `case` is the question before the instrument that states it."""
    reason = judged(case, relation.rendered, relation.rendered.when)
    stands = (reason.outcome, OUTCOMES[case.between], force(case.instrument, case.on).outcome)
    return replace(reason, outcome=min(stands, key=_STRENGTH.__getitem__))


def being_replaced(other: Case, relation: Relation, reason: Reason) -> Weighed:
    """Being replaced is a condition that fails: it closes a route, or leaves it open where the relation is open."""
    return Weighed(
        _closing(other, reason),
        relation.rendered.asks,
        lambda case: _closing(other, between(other.knowing(case.facts), relation)),
    )


def _closing(other: Case, reason: Reason) -> Reason:
    turned = {Outcome.MET: Outcome.FAILED, Outcome.FAILED: Outcome.MET}.get(reason.outcome, reason.outcome)
    text = f"replaced by {other.instrument.id} between the two states: {reason.text}"
    return replace(reason, text=text, outcome=turned)
