"""Failed attempts, counted by address and by official, in the memory of the web process.

Passkeys cannot be guessed, and an invitation's password has five tries in the tables: this only keeps a flood from costing
the node its time. It forgets with a restart, and holds so many names at most that a flood cannot fill the memory.
"""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest

from comity.registry.act import current
from comity.web.shell.whence import household

WINDOW: Final = timedelta(minutes=5)
VISITS_PER_ADDRESS_MAX: Final = 1000
"""Visitors without a session who get a page with a challenge; each leaves a session that is swept later."""
PER_ADDRESS_MAX: Final = 30
PER_OFFICIAL_MAX: Final = 10
NAMES_MAX: Final = 4096


class Attempts:
    """The moments of failures by name; the names that failed longest ago are forgotten first."""

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, name: tuple[str, str], *, at: datetime) -> None:
        """One more failure."""
        with self._lock:
            moments = self._failed.setdefault(name, deque(maxlen=VISITS_PER_ADDRESS_MAX))
            moments.append(at)
            self._failed.move_to_end(name)
            while len(self._failed) > NAMES_MAX:
                self._failed.popitem(last=False)

    def are_too_many(self, name: tuple[str, str], *, most: int, at: datetime) -> bool:
        """Whether so many failures lie within the window."""
        with self._lock:
            moments = self._failed.get(name, deque())
            return sum(at - one < WINDOW for one in moments) >= most


_ATTEMPTS: Final = Attempts()


def failed(request: HttpRequest, *, official: str, at: datetime) -> None:
    """Count a failure of this address, and of this official if one was named."""
    _ATTEMPTS.note((current().id, f"from {household(request)}"), at=at)
    if official:
        _ATTEMPTS.note((current().id, official), at=at)


def blocked(request: HttpRequest, *, official: str, at: datetime) -> bool:
    """Whether this address or this official has to wait."""
    return _ATTEMPTS.are_too_many(
        (current().id, f"from {household(request)}"), most=PER_ADDRESS_MAX, at=at
    ) or _ATTEMPTS.are_too_many((current().id, official), most=PER_OFFICIAL_MAX, at=at)


def visited(request: HttpRequest, *, at: datetime) -> bool:
    """Count a visitor without a session; whether there is room for one more from this address."""
    if request.session.session_key is not None:
        return True
    name = (current().id, f"visits of {household(request)}")
    if _ATTEMPTS.are_too_many(name, most=VISITS_PER_ADDRESS_MAX, at=at):
        return False
    _ATTEMPTS.note(name, at=at)
    return True
