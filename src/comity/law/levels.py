"""How far a fact may decide, by how well it was verified.

* Decides: the text itself was read, or a depositary's or authority's page. Advises: the route is at best open until somebody
  confirms the article. Shown: it neither opens nor closes; a prohibition is shown as "check".
* Nothing is stronger than its weakest fact.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Weight(IntEnum):
    """What a fact may do in a route."""

    SHOWN = 0
    ADVISES = 1
    DECIDES = 2


LEVELS: Final = {
    "primary_text": Weight.DECIDES,
    "primary_excerpt": Weight.DECIDES,
    "official_secondary": Weight.ADVISES,
    "secondary": Weight.ADVISES,
    "unverified": Weight.SHOWN,
}
"""From the best verified to the worst: the order is used by `weakest`."""

_RANKS: Final = {level: rank for rank, level in enumerate(LEVELS)}


def weight(level: str) -> Weight:
    """What a fact of this level may do."""
    return LEVELS[level]


def weakest(levels: Iterable[str]) -> str:
    """The level of a condition that rests on several facts."""
    return max(levels, key=_RANKS.__getitem__)


def row_weight(confidence: str) -> Weight:
    """What a row of a party table or a declaration of this confidence may do; one that is outdated only advises."""
    if "outdated" in confidence:
        return Weight.ADVISES if confidence.startswith(("official", "secondary")) else Weight.SHOWN
    if confidence.startswith(("official", "computed")):
        return Weight.DECIDES
    return Weight.ADVISES if confidence.startswith("secondary") else Weight.SHOWN
