"""One's own ways in: passkeys, single sign-on, sessions. Everything here is about who sits here, and about nobody else."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities import passkeys
from comity.authorities.credentials import may_sign_on
from comity.authorities.directory import Entry
from comity.authorities.passkeys import PasskeyAnswerBroken
from comity.registry import seats
from comity.registry.access import NoSuchThing
from comity.registry.actions import credentials as acts
from comity.registry.gestures import credentials as gestures
from comity.registry.queries import credentials as queries
from comity.web.login import challenges, trips
from comity.web.login.views import provider_here
from comity.web.shell.desk import actor, desk, now, page, said
from comity.web.shell.forms import DeskForm, PlainField
from comity.web.shell.session import DeskRequest, hold_passkey
from comity.web.shell.signing import begin


class RevokeForm(DeskForm):
    """Why a passkey of one's own is revoked."""

    reason = PlainField(
        label=gettext_lazy("What happened to it"),
        help_text=gettext_lazy("Lost, stolen, replaced. It stands in the log, under your name."),
        limit=500,
        lines=True,
    )
    sure = forms.BooleanField(
        label=gettext_lazy("It is this passkey that I want to revoke; it cannot be brought back."),
        error_messages={"required": gettext_lazy("Say that it is this one.")},
    )


@desk()
@require_GET
def ways(request: DeskRequest) -> HttpResponse:
    """What opens this official's desk, what waits, and where this official sits."""
    me, entry = actor(request), _entry(request)
    context = {
        "passkeys": [_passkey(one, entry) for one in queries.own_passkeys(viewer=me, at=now())],
        "asked": queries.own_asked(viewer=me),
        "subjects": queries.own_subjects(viewer=me),
        "seats": queries.own_seats(viewer=me, at=now()),
        "here": request.session.get("seat", ""),
        "provider": provider_here() if may_sign_on(entry) else None,
        "by_sign_on": request.session.get("by") == seats.SIGN_ON,
    }
    return page(request, "login/ways.html", context)


@desk()
@require_http_methods(["GET", "POST"])
def passkey(request: DeskRequest) -> HttpResponse:
    """Make a further passkey, then sign the request for it with the present one."""
    hold_passkey(request)
    if request.method == "GET":
        return _made(request)
    card = challenges.card()
    try:
        text = challenges.spend(request, domain=passkeys.FURTHER, at=now())
        made = passkeys.registered(
            request.POST.get("registration", ""), text=text, rp_id=card.official_rp_id, origin=card.official_origin
        )
    except PasskeyAnswerBroken as refusal:
        return _made(request, refusal=said(refusal), status=422)
    return begin(request, gestures.prepare_passkey(made, entry=_entry(request)))


@desk()
@require_http_methods(["GET", "POST"])
def revoke(request: DeskRequest, mandate: str) -> HttpResponse:
    """Revoke another passkey of one's own, with the signature of the present one; nobody else has to agree."""
    hold_passkey(request)
    found = [one for one in queries.own_passkeys(viewer=actor(request), at=now()) if one.entry.mandate == mandate]
    if not found:
        raise NoSuchThing(what="passkey", reference=mandate[:40])
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        prepared = gestures.prepare_revocation(
            mandate, reason=form.cleaned_data["reason"], entry=_entry(request), at=now()
        )
        return begin(request, prepared)
    context = _passkey(found[0], _entry(request)) | {"form": form}
    return page(request, "login/revoke.html", context, status=422 if form.errors else 200)


@desk()
@require_POST
def withdraw(request: DeskRequest, reference: str) -> HttpResponse:
    """Withdraw what one asked for oneself."""
    hold_passkey(request)
    if reference not in {one.reference for one in queries.own_asked(viewer=actor(request))}:
        raise NoSuchThing(what="request", reference=reference[:8])
    acts.withdraw_credential(reference, actor=actor(request), at=now())
    messages.success(request, _("The request is withdrawn."))
    return HttpResponseRedirect(reverse("ways-in"))


@desk()
@require_POST
def sign_on(request: DeskRequest) -> HttpResponse:
    """Ask for single sign-on as who the provider said that this official is there."""
    hold_passkey(request)
    entry = _entry(request)
    issuer, subject = trips.read(request.POST.get("sealed", ""), whose=entry.official)
    return begin(request, gestures.prepare_subject(issuer, subject, entry=entry))


@desk()
@require_POST
def end_sign_on(request: DeskRequest, reference: str) -> HttpResponse:
    """End single sign-on for oneself at once."""
    hold_passkey(request)
    if reference not in {one.reference for one in queries.own_subjects(viewer=actor(request))}:
        raise NoSuchThing(what="sign-on", reference=reference[:8])
    acts.end_subject(reference, actor=actor(request), at=now())
    messages.success(request, _("Single sign-on opens your desk no more."))
    return HttpResponseRedirect(reverse("ways-in"))


@desk()
@require_POST
def end_session(request: DeskRequest, reference: str) -> HttpResponse:
    """End one of one's own sessions, from this one."""
    hold_passkey(request)
    if not seats.end(reference, official=actor(request).official):
        raise NoSuchThing(what="session", reference=reference[:8])
    messages.success(request, _("The session is over."))
    return HttpResponseRedirect(reverse("ways-in"))


@desk()
@require_POST
def end_others(request: DeskRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    hold_passkey(request)
    seats.end_others(request.session.get("seat", ""), official=actor(request).official)
    messages.success(request, _("Every other session of yours is over."))
    return HttpResponseRedirect(reverse("ways-in"))


def _entry(request: DeskRequest) -> Entry:
    assert request.entry is not None, "the view stands behind @desk"
    return request.entry


def _passkey(one: queries.OwnPasskey, sitting: Entry) -> dict[str, Any]:
    return {
        "passkey": one,
        "fingerprint": one.entry.credential.fingerprint,
        "here": one.entry.mandate == sitting.mandate,
    }


def _made(request: DeskRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The page that makes a further passkey; a challenge of this session stands in it."""
    entry = _entry(request)
    context = {
        "challenge": challenges.issue(request, domain=passkeys.FURTHER, at=now(), seated=True),
        "rp_id": challenges.card().official_rp_id,
        # another name for the device than the first passkey has: a device would put the new one in its place
        "user_id": challenges.device_name(entry),
        "person": entry,
        "refusal": refusal,
    }
    return page(request, "login/further.html", context, status=status)
