"""Who sits at this desk: the session names an official and a mandate, and the directory says whether it still runs.

* A session holds no powers. Each request reads the directory entry again: a mandate that was ended ends the session.
* Sessions end after eight hours, and after half an hour in which nothing was asked for. Each has a seat that its official
  can end from any other one (`registry/seats.py`).
* Pages of somebody who sits here, and every answer to them, stay out of caches.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from comity.authorities.directory import Entry
from comity.canon import NotAMoment, moment, stamp
from comity.errors import N_, ComityError
from comity.registry import seats
from comity.registry.act import current
from comity.registry.queries.people import node_names, sitting
from comity.registry.seats import IDLE_MAX, NOTED_EVERY, SITTING_MAX
from comity.web.shell import navigation, whence

Answer = Callable[[HttpRequest], HttpResponse]


class PasskeyNeeded(ComityError):
    """A session by single sign-on reads and prepares; ways in are changed with a passkey only."""

    code = "session.passkey_needed"
    sentence = N_("this needs a session that was opened with a passkey")
    hint = N_("Sign out, then sign in with your passkey.")


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
        if getattr(request, "entry", None) or answer.get("Content-Type", "").startswith("text/html"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def seated(request: HttpRequest) -> Entry | None:
    """The entry of the official of this session; a session without one that is in force is emptied."""
    session = request.session
    if "official" not in session:
        return None
    at = current().clock.now()
    try:
        official, mandate, seat = session["official"], session["mandate"], session.get("seat", "")
        if at - moment(session.get("seen_at")) > IDLE_MAX or at - moment(session.get("since")) > SITTING_MAX:
            stand_up(request)
            return None
        if not seats.is_taken(seat, official=official, mandate=mandate, at=at):
            session.flush()
            return None
        entry = sitting(official, mandate, viewer=current().machine("desk"), at=at)
    except (ComityError, NotAMoment):
        stand_up(request)
        return None
    if at - moment(session["seen_at"]) > NOTED_EVERY:
        stay(request, at=at)
    return entry


def sit_down(request: HttpRequest, entry: Entry, *, by: str, at: datetime) -> None:
    """Begin a session of this official under a new name, so that one known before login is worth nothing.

    `by` is how: `seats.PASSKEY`, `seats.SIGN_ON` or `seats.DEMO`.
    """
    stand_up(request)
    rotate_token(request)  # a form that was opened before the login is not sent after it
    seat = seats.take(
        entry,
        by=by,
        address=whence.address(request),
        browser=request.headers.get("User-Agent", ""),
        at=at,
    )
    request.session.update(
        {
            "official": entry.official,
            "mandate": entry.mandate,
            "since": stamp(at),
            "seen_at": stamp(at),
            "seat": seat,
            "by": by,
        }
    )


def stand_up(request: HttpRequest) -> None:
    """End the session of this browser, with its seat."""
    seat = request.session.get("seat", "")
    request.session.flush()
    if seat:
        seats.leave(seat)


def hold_passkey(request: HttpRequest) -> None:
    """Hold that this session was not opened by single sign-on; raises `PasskeyNeeded`."""
    if request.session.get("by") == seats.SIGN_ON:
        raise PasskeyNeeded


def stay(request: HttpRequest, *, at: datetime) -> None:
    """An upload that took longer than a session may idle was no idleness."""
    request.session["seen_at"] = stamp(at)
    seats.note(request.session.get("seat", ""), at=at)


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows: the node, who sits here, where one can go, the languages."""
    entry: Entry | None = getattr(request, "entry", None)
    return {
        "node": current(),
        "entry": entry,
        "nav": SimpleLazyObject(
            lambda: navigation.entries(entry, path=request.path, at=current().clock.now()) if entry else []
        ),
        "languages": navigation.languages(),
        "node_names": SimpleLazyObject(lambda: node_names(viewer=entry.actor) if entry else {}),
        "now": current().clock.now(),
    }
