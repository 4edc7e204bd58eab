"""Enrolment: an invited person types the password of the invitation, and the browser makes a passkey for this site.

Links that never were, ran out, were used or tried too often, and wrong passwords get the same page with the same words.
"""

import hashlib
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comity.authorities import passkeys
from comity.authorities.passkeys import PasskeyAnswerBroken
from comity.errors import ComityError
from comity.registry import invitations
from comity.registry.act import current
from comity.registry.actions.directory import PasskeyTaken
from comity.registry.gestures.people import keep_passkey
from comity.registry.invitations import InvitationNotUsable
from comity.registry.queries import people
from comity.web.login import attempts, challenges
from comity.web.shell import wording
from comity.web.shell.desk import now, page, said
from comity.web.shell.forms import DeskForm, PlainField

_OPENED: Final = "enrolling"


class PasswordForm(DeskForm):
    """The password of an invitation."""

    password = PlainField(
        label=gettext_lazy("Password of the invitation"),
        help_text=gettext_lazy(
            "Four groups of four characters, as you were given them. It opens nothing but this page."
        ),
        limit=invitations.PASSWORD_CHARACTERS_MAX,
    )


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the password, then for a passkey, then say what happens next."""
    if request.method == "GET":
        return challenges.elsewhere(request) or _asked(request, PasswordForm())
    making = "registration" in request.POST
    form = PasswordForm({"password": "-"} if making else request.POST)
    if attempts.blocked(request, official="", at=now()):
        form.add_error(None, _("Too many attempts. Wait five minutes, then try again."))
        return _asked(request, form, status=429)
    if making:
        return _made(request, token)
    if not form.is_valid():
        return _asked(request, form, status=422)
    try:
        reference = invitations.opened(token, password=form.cleaned_data["password"], at=now())
        return _opened(request, token, reference)
    except ComityError:
        return _refused(request)


def _opened(request: HttpRequest, token: str, reference: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The page that makes the passkey; a challenge of this session stands in it."""
    request.session[_OPENED] = {"token": invitations.token_sha256(token), "reference": reference}
    one = people.invitation(reference, viewer=current().machine("enrolment"))
    context = _told(one) | {
        "challenge": challenges.issue(request, domain=passkeys.ENROLMENT, at=now()),
        "rp_id": challenges.card().official_rp_id,
        # a random-looking name of the person for the device, which says nothing elsewhere
        "user_id": passkeys.url64(hashlib.sha256(reference.encode()).digest()),
        "refusal": refusal,
    }
    return page(request, "login/passkey.html", context, status=status)


def _made(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the passkey that the browser made, or ask for it again."""
    opened: dict[str, str] = request.session.get(_OPENED, {})
    if opened.get("token") != invitations.token_sha256(token):
        return _refused(request)
    try:
        return _kept(request, opened["reference"])
    except (PasskeyAnswerBroken, PasskeyTaken) as refusal:
        attempts.failed(request, official="", at=now())
        again = said(refusal)
    except ComityError:
        return _refused(request)
    try:
        return _opened(request, token, opened["reference"], refusal=again, status=422)
    except ComityError:  # withdrawn meanwhile
        return _refused(request)


def _kept(request: HttpRequest, reference: str) -> HttpResponse:
    card = challenges.card()
    text = challenges.spend(request, domain=passkeys.ENROLMENT, at=now())
    passkey = passkeys.registered(
        request.POST.get("registration", ""), text=text, rp_id=card.official_rp_id, origin=card.official_origin
    )
    one = people.invitation(reference, viewer=current().machine("enrolment"))
    founded = keep_passkey(reference, passkey, at=now())
    request.session.flush()
    context = _told(one) | {"fingerprint": passkey.key.fingerprint, "founded": founded, "founder": one.founder}
    return page(request, "login/enrolled.html", context)


def _told(one: people.Invited) -> dict[str, Any]:
    return {"invited": one, "desk_name": wording.word(wording.ROLES, one.role)}


def _refused(request: HttpRequest) -> HttpResponse:
    """One and the same answer, whatever was wrong with link or password."""
    attempts.failed(request, official="", at=now())
    form = PasswordForm({"password": request.POST.get("password") or "-"})
    form.refused(InvitationNotUsable())
    return _asked(request, form, status=422)


def _asked(request: HttpRequest, form: PasswordForm, *, status: int = 200) -> HttpResponse:
    return page(request, "login/password.html", {"form": form}, status=status)
