"""Who sits at this desk: the session names an official and a mandate, and the directory says whether it still runs.

* A session holds no powers. Each request reads the directory entry again: a mandate that was ended ends the session.
* Sessions end after eight hours, and after half an hour in which nothing was asked for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from comity.authorities.directory import Entry
from comity.canon import NotAMoment, moment, stamp
from comity.errors import ComityError
from comity.registry.act import current
from comity.registry.queries.people import node_names, sitting
from comity.web.shell import navigation

SITTING_MAX: Final = timedelta(hours=8)
IDLE_MAX: Final = timedelta(minutes=30)
NOTED_EVERY: Final = timedelta(minutes=2)

Answer = Callable[[HttpRequest], HttpResponse]


class DeskRequest(HttpRequest):
    """A request with the official who sits at the desk, or None."""

    entry: Entry | None


class SeatMiddleware:
    """Put the directory entry of who sits here on the request, and keep pages out of caches."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with `request.entry` set."""
        request.entry = seated(request)  # type: ignore[attr-defined]  # DeskRequest says so to views
        with timezone.override(current().zone):  # dates are read where the node stands
            answer = self._get_response(request)
        if answer.get("Content-Type", "").startswith("text/html"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def seated(request: HttpRequest) -> Entry | None:
    """The entry of the official of this session; a session without one that is in force is emptied."""
    session = request.session
    if "official" not in session:
        return None
    at = current().clock.now()
    try:
        if at - moment(session.get("seen_at")) > IDLE_MAX or at - moment(session.get("since")) > SITTING_MAX:
            session.flush()
            return None
        entry = sitting(session["official"], session["mandate"], viewer=current().machine("desk"), at=at)
    except (ComityError, NotAMoment):
        session.flush()
        return None
    if at - moment(session["seen_at"]) > NOTED_EVERY:
        session["seen_at"] = stamp(at)
    return entry


def sit_down(request: HttpRequest, entry: Entry, *, at: datetime) -> None:
    """Begin a session of this official under a new name, so that one known before login is worth nothing."""
    request.session.flush()
    rotate_token(request)  # a form that was opened before the login is not sent after it
    request.session.update(
        {"official": entry.official, "mandate": entry.mandate, "since": stamp(at), "seen_at": stamp(at)}
    )


def stay(request: HttpRequest, *, at: datetime) -> None:
    """An upload that took longer than a session may idle was no idleness."""
    request.session["seen_at"] = stamp(at)


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows: the node, who sits here, where one can go, the languages."""
    entry: Entry | None = getattr(request, "entry", None)
    return {
        "node": current(),
        "entry": entry,
        "nav": navigation.entries(entry, path=request.path, at=current().clock.now()) if entry else [],
        "languages": navigation.languages(),
        "node_names": SimpleLazyObject(lambda: node_names(viewer=entry.actor) if entry else {}),
        "now": current().clock.now(),
    }
