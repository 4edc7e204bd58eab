"""The next date that somebody has to mind in a letter's life, from what its decisions and events state.

Where the law of the route states no figure there is no date, and none is invented: the dates here are those of the
decisions that a letter rests on, and of the data that are kept for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.letters.life import Side, State


class DueKind(StrEnum):
    """What happens at the date."""

    VALIDATE_BEFORE = "validate_before"
    AUTHORISATION_EXPIRES = "authorisation_expires"
    RECOGNITION_EXPIRES = "recognition_expires"
    KEEP_UNTIL = "keep_until"
    ASK_BEFORE = "ask_before"


@dataclass(frozen=True)
class Due:
    """A date, and what happens then."""

    at: datetime
    what: DueKind


_RESTS_ON_AUTHORISATION: Final = frozenset(
    {State.AUTHORISED, State.SENT, State.RECEIVED, State.ACKNOWLEDGED, State.QUERIED}
)
_RESTS_ON_RECOGNITION: Final = frozenset({State.RECOGNISED, State.PARTLY_EXECUTED})


_ENDED: Final = frozenset({State.DENIED, State.REFUSED, State.WITHDRAWN})


def next_due(state: State, *, side: Side, dates: Mapping[DueKind, datetime]) -> Due | None:
    """The date to mind in `state` on this side; None if there is none.

    `dates` holds the ends of the authorisation and the recognition, until when at least the data are kept (`KEEP_UNTIL`), and,
    where it is known, the earlier reading of that clock (`ASK_BEFORE`), before which the requester asks (decisions 3). Where only
    the later reading was told, that is a day before it: a treaty that is silent counts the day of the event or does not.
    A validation that is still to come (`VALIDATE_BEFORE`) goes before everything else: without it the letter is taken back.
    """
    if DueKind.VALIDATE_BEFORE in dates and state not in _ENDED:
        return Due(at=dates[DueKind.VALIDATE_BEFORE], what=DueKind.VALIDATE_BEFORE)
    if state in _RESTS_ON_AUTHORISATION:
        what = DueKind.AUTHORISATION_EXPIRES
    elif state in _RESTS_ON_RECOGNITION:
        what = DueKind.RECOGNITION_EXPIRES
    elif state is State.PRESERVED:
        what = DueKind.KEEP_UNTIL
    else:
        return None
    at = dates.get(what)
    if at is None:
        return None
    if what is DueKind.KEEP_UNTIL and side is Side.ISSUING:
        return Due(at=dates.get(DueKind.ASK_BEFORE, at - timedelta(days=1)), what=DueKind.ASK_BEFORE)
    return Due(at=at, what=what)
