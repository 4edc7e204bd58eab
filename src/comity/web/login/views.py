"""Signing in and out. A session begins with a passkey of this site, or in a demonstration with one click.

Whoever cannot sign in is told one and the same, whatever the reason: nothing here says who is an official.
"""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.authorities import passkeys
from comity.authorities.directory import Entry
from comity.authorities.roles import MandateNotInForce
from comity.errors import ComityError
from comity.registry import doors, seats
from comity.registry.act import LOOPBACK, current
from comity.registry.doors import Provider
from comity.registry.gestures.people import found_if_complete
from comity.registry.queries import people
from comity.registry.queries.credentials import opener
from comity.web.login import attempts, challenges
from comity.web.shell import whence, wording
from comity.web.shell.desk import now, page
from comity.web.shell.session import sit_down, stand_up

LANGUAGE_SECONDS: Final = 365 * 24 * 3600
_PASSED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
"""What a proxy says: then whoever asks does not sit at this machine, though the proxy does."""


def start(request: HttpRequest) -> HttpResponse:
    """To the desk, or to the login."""
    return HttpResponseRedirect(reverse("desk" if getattr(request, "entry", None) else "login"))


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for a passkey; sit down whoever has one."""
    if request.method == "GET":
        if getattr(request, "entry", None):
            return HttpResponseRedirect(following(request))
        found_if_complete(at=now())  # founders of whom one enrolled while the process ended
        return challenges.elsewhere(request) or shown(request)
    credential = ""
    try:
        text = challenges.spend(request, domain=passkeys.LOGIN, at=now())
        credential, signature = passkeys.assertion(request.POST.get("assertion", ""))
        entry = _proven(credential, signature, text)
    except ComityError:
        # a passkey that holds is never kept waiting: whoever fails from the same address locks nobody out
        if attempts.blocked(request, official=credential, at=now()):
            return shown(request, refusal=_("Too many attempts. Wait five minutes, then try again."), status=429)
        attempts.failed(request, official=credential, at=now())
        return shown(request, refusal=_("This passkey opens no desk of this node. Nothing was done."), status=422)
    return _seated(request, entry, by=seats.PASSKEY)


def _proven(credential: str, signature: bytes, text: bytes) -> Entry:
    """The official whose passkey signed the text; raises `MandateNotInForce` or `SignatureDoesNotVerify`.

    A name that nobody has costs the same work as one that somebody has: a signature is checked against nobody's key.
    """
    entry = opener(credential, viewer=current().machine("desk"), at=now())
    card = challenges.card()
    key = entry.credential if entry else passkeys.nobodys(card.official_rp_id, card.official_origin)
    key.verify(signature, text)
    if entry is None:
        raise MandateNotInForce(official="?", role="official", why="no passkey of this node has that name")
    return entry


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sit down as an official of a demonstration, without a passkey; elsewhere there is no such address."""
    if not _demonstrates(request):
        raise Http404
    official = request.POST.get("official", "")
    found = [one for one in people.stand_ins(viewer=current().machine("desk"), at=now()) if one.official == official]
    if not found:
        raise Http404
    try:
        entry = people.sitting(official, found[-1].mandate, viewer=current().machine("desk"), at=now())
    except MandateNotInForce as ended:
        raise Http404 from ended
    return _seated(request, entry, by=seats.DEMO)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Leave the desk; the session is gone."""
    stand_up(request)
    messages.success(request, _("You are signed out."))
    return HttpResponseRedirect(reverse("login"))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read in another language; only this browser remembers it."""
    answer = HttpResponseRedirect(following(request, otherwise="home"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=LANGUAGE_SECONDS,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Strict",
        )
    return answer


def following(request: HttpRequest, *, otherwise: str = "desk") -> str:
    """Where to go afterwards: an address of this node that was asked for, or else the one of this name."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse(otherwise)


def _seated(request: HttpRequest, entry: Entry, *, by: str) -> HttpResponse:
    to = following(request)
    sit_down(request, entry, by=by, at=now())
    return HttpResponseRedirect(to)


def shown(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The login, with what went wrong; nothing in it says who is an official."""
    if not attempts.visited(request, at=now()):
        return page(request, "login/crowded.html", {}, status=429)
    machine = current().machine("desk")
    context = {
        "challenge": challenges.issue(request, domain=passkeys.LOGIN, at=now()),
        "rp_id": challenges.card().official_rp_id,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "refusal": refusal,
        "founded": people.is_founded(viewer=machine),
        "provider": provider_here(),
        "desks": _desks(people.stand_ins(viewer=machine, at=now())) if _demonstrates(request) else {},
    }
    return page(request, "login/login.html", context, status=status)


def seated_at(request: HttpRequest) -> Entry | None:
    """Who sits at this desk, if anybody does."""
    found: Entry | None = getattr(request, "entry", None)
    return found


def provider_here() -> Provider | None:
    """The provider of single sign-on; None also where node.toml is wrong about it: passkeys work all the same."""
    try:
        return doors.provider(current())
    except doors.DoorBroken:
        return None


def _demonstrates(request: HttpRequest) -> bool:
    """Whether this is a demonstration, and whoever asks sits at this machine."""
    passed_on = request.is_secure() or any(name in request.headers for name in _PASSED_ON)
    return current().kind == "demo" and whence.address(request) in LOOPBACK and not passed_on


def _desks(officials: list[Entry]) -> Mapping[str, list[Entry]]:
    """Officials by desk, in the order of the roles."""
    desks: dict[str, list[Entry]] = {}
    for role in wording.ROLES:
        found = [one for one in officials if one.role == role]
        if found:
            desks[wording.word(wording.ROLES, role)] = found
    return desks
