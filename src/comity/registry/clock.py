"""The only place that reads the time. Everything else is handed a moment.

A live node runs on the machine's clock. A demo or drill node runs on the machine's clock plus a fixed offset that was
written down when the node was made, so that restarts and several processes agree.
"""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """The machine's time, shifted by a fixed offset."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """This moment, in UTC, to the millisecond."""
        at = datetime.now(UTC) + self.offset  # noqa: TID251 - the one place
        return at.replace(microsecond=at.microsecond // 1000 * 1000)


def offset_to(start: datetime) -> timedelta:
    """The offset in whole seconds with which a clock that is read now shows `start`, or less than a second later."""
    return timedelta(seconds=math.ceil((start - Clock().now()).total_seconds()))


def stopwatch() -> float:
    """Seconds that only go forward, for durations."""
    return time.monotonic()
