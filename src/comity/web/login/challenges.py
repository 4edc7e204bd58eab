"""Challenges that a browser's passkey answers: kept in the session on the server, good for five minutes, used once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from comity.authorities import passkeys
from comity.authorities.directory import Entry
from comity.authorities.passkeys import PasskeyAnswerBroken
from comity.canon import moment, stamp
from comity.exchange.card import NodeCard
from comity.registry import post
from comity.registry.act import current

LIFE: Final = timedelta(minutes=5)
SESSION_SECONDS: Final = 15 * 60
"""A session in which nobody has signed in is gone after so long."""


def issue(request: HttpRequest, *, domain: bytes, at: datetime, seated: bool = False) -> str:
    """A fresh challenge of this domain for this session, base64url; an older one is worth nothing from now on.

    `seated`: somebody has signed in, and the session keeps its own time.
    """
    nonce = secrets.token_hex(32)
    request.session[domain.decode()] = {"nonce": nonce, "until": stamp(at + LIFE)}
    if not seated:
        request.session.set_expiry(SESSION_SECONDS)
    return passkeys.url64(passkeys.challenge(_text(domain, nonce)))


def spend(request: HttpRequest, *, domain: bytes, at: datetime) -> bytes:
    """The text behind the session's challenge, which is gone with this call; raises `PasskeyAnswerBroken`."""
    kept = request.session.pop(domain.decode(), None)
    request.session.save()  # gone before it is looked at, also when the request fails
    if kept is None:
        raise PasskeyAnswerBroken(why="this page was used already")
    if at >= moment(kept["until"]):
        raise PasskeyAnswerBroken(why="this page was open too long")
    return _text(domain, kept["nonce"])


def device_name(entry: Entry) -> str:
    """A random-looking name of an official for a device, another one each time; it says nothing elsewhere."""
    return passkeys.url64(hashlib.sha256(f"{entry.official} {secrets.token_hex(16)}".encode()).digest())


def _text(domain: bytes, nonce: str) -> bytes:
    return domain + nonce.encode()


def card() -> NodeCard:
    """The node's own card: it pins site and origin of every passkey."""
    return post.own_card(current())


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """The way to the host for which passkeys are made, for a reader who came by another one."""
    origin = urlsplit(card().official_origin)
    if request.get_host().rsplit(":", 1)[0].lower() == origin.hostname:
        return None
    return HttpResponseRedirect(f"{card().official_origin}{request.get_full_path()}")
