"""Trips to the provider of single sign-on: what the browser carries there and back.

The session's cookie is not sent when another site leads back here (SameSite=Strict). So a trip has a cookie of its own:
signed, for ten minutes, sent along when a browser is led here from elsewhere (Lax), taken away by the first answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from comity.canon import moment, stamp
from comity.errors import ComityError
from comity.registry.act import current
from comity.registry.clock import Clock
from comity.registry.limits import SIGN_ON_AGE_SECONDS_MAX
from comity.registry.sign_on import SignOnRefused, Trip

SIT: Final = "sit"
ASK: Final = "ask"
_SALT: Final = "comity sign-on trip v1"
_FOUND: Final = "comity sign-on subject v1"


def cookie_name() -> str:
    """Under https only this very host can have set it, for every path of it."""
    return "__Host-comity_sign_on" if settings.SESSION_COOKIE_SECURE else "comity_sign_on"


def leave(answer: HttpResponse, way: Trip, *, purpose: str, whose: str, following: str) -> None:
    """Give the browser what it needs to come back: for a session, or for what the official `whose` asks for."""
    carried = {
        "state": way.state,
        "nonce": way.nonce,
        "verifier": way.verifier,
        "purpose": purpose,
        "whose": whose,
        "next": following,
        "node": current().id,
        "at": stamp(Clock().now()),
    }
    answer.set_cookie(
        cookie_name(),
        signing.dumps(carried, salt=_SALT, compress=True),
        max_age=SIGN_ON_AGE_SECONDS_MAX,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def come_back(request: HttpRequest) -> tuple[Trip, Mapping[str, Any]]:
    """The trip that this browser began; raises `SignOnRefused`."""
    try:
        carried = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=_SALT)
        fresh = _is_fresh(moment(carried["at"]))
    except (signing.BadSignature, ComityError, KeyError, TypeError, ValueError) as broken:
        raise SignOnRefused(why="this browser did not begin it") from broken
    if not fresh or carried["node"] != current().id:
        raise SignOnRefused(why="this browser was away too long")
    return Trip(state=carried["state"], nonce=carried["nonce"], verifier=carried["verifier"]), carried


def forget(answer: HttpResponse) -> None:
    """A trip has one answer."""
    answer.set_cookie(
        cookie_name(), "", max_age=0, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def found(issuer: str, subject: str, *, whose: str) -> str:
    """What the provider said, sealed with this node's secret for the official who began the trip."""
    told = {"issuer": issuer, "subject": subject, "whose": whose, "node": current().id, "at": stamp(Clock().now())}
    return signing.dumps(told, salt=_FOUND)


def read(sealed: str, *, whose: str) -> tuple[str, str]:
    """Issuer and subject that `found` sealed for this official; raises `SignOnRefused`."""
    try:
        told = signing.loads(sealed, salt=_FOUND)
        fresh = _is_fresh(moment(told["at"]))
    except (signing.BadSignature, ComityError, KeyError, TypeError, ValueError) as broken:
        raise SignOnRefused(why="this page does not come from this node") from broken
    if not fresh or (told["whose"], told["node"]) != (whose, current().id):
        raise SignOnRefused(why="this page is too old, or somebody else's")
    return told["issuer"], told["subject"]


def _is_fresh(at: datetime) -> bool:
    return 0 <= (Clock().now() - at).total_seconds() <= SIGN_ON_AGE_SECONDS_MAX
