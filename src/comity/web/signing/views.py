"""The signing page. The texts come from the node; the browser sends back signatures, never a text.

A passkey asks for the person again at each signature (user verification), so every signing is a re-authentication. Demo and
drill nodes have the marked software authenticator instead, for those whose directory entry says so.
"""

import base64
import hashlib
import json
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.authorities.directory import Entry
from comity.authorities.statement import Signature, Statement
from comity.canon import canonical
from comity.errors import N_, ComityError
from comity.registry import authenticator, gestures
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.gestures import pending
from comity.registry.gestures.pending import Pending
from comity.registry.queries.credentials import passkey_names
from comity.web.shell import telling, wording
from comity.web.shell.desk import desk, noted, now, page, said
from comity.web.shell.session import DeskRequest

ASSERTION_CHARACTERS_MAX: Final = 8192
_PARTS: Final = ("authenticatorData", "clientDataJSON", "signature")
_AFTER: Final = {
    "letter": "letter",
    "item": "item",
    "transfer": "transfers",
    "exhibit": "exhibit",
    "official": "officials",
    "competence": "competences",
    "disclosure": "disclosure",
    "schedule": "retention",
    "person": "person",
    "training": "trainings",
    "way-in": "ways-in",
    "way-waiting": "ways-waiting",
}
_LISTS: Final = frozenset(
    {"retention", "transfers", "officials", "competences", "trainings", "ways-in", "ways-waiting"}
)


class AssertionMissing(ComityError):
    """The browser sent back no signature that could be read."""

    code = "signing.assertion_missing"
    sentence = N_("no signature came back for text {number}: {why}")
    hint = N_("Nothing was signed. Try again with your passkey on this page.")


@desk()
@require_http_methods(["GET", "POST"])
def sign(request: DeskRequest, reference: str) -> HttpResponse:
    """Show the texts; take the signatures, and finish the gesture."""
    entry = _entry(request)
    if request.method == "GET":
        return _shown(request, pending.find(reference, entry=entry, at=now()))
    waiting = pending.claim(reference, entry=entry, at=now())
    try:
        signed = _signed(request, waiting, entry)
        done = gestures.finish(waiting.prepared, signed, actor=entry.actor, at=now())
    except ComityError as refusal:
        pending.put_back(waiting)
        noted(refusal, entry)
        return _shown(request, waiting, refusal=said(refusal), status=422)
    messages.success(request, wording.done(waiting.prepared))
    return HttpResponseRedirect(_address(done))


@desk()
@require_POST
def drop(request: DeskRequest, reference: str) -> HttpResponse:
    """The official does not sign."""
    pending.drop(reference, entry=_entry(request), at=now())
    messages.info(request, _("Nothing was signed."))
    return HttpResponseRedirect(reverse("desk"))


def _entry(request: DeskRequest) -> Entry:
    assert request.entry is not None, "the view stands behind @desk"
    return request.entry


def _shown(request: DeskRequest, waiting: Pending, *, refusal: str = "", status: int = 200) -> HttpResponse:
    entry = _entry(request)
    texts = [
        {
            "rows": telling.rows(text.body),
            "exact": pending.text_of(text),
            "digest": text.digest,
            "type": text.type,
            "challenge": _url64(hashlib.sha256(covered).digest()),
        }
        for text, covered in zip(waiting.prepared.texts, pending.challenges(waiting), strict=True)
    ]
    context = {
        "waiting": waiting,
        "title": wording.gesture_label(waiting.prepared),
        "texts": texts,
        "bound": telling.rows(waiting.context),
        "software": entry.software_authenticator,
        "rp_id": entry.credential.rp_id,
        "credentials": passkey_names(viewer=entry.actor),
        "refusal": refusal,
    }
    return page(request, "signing/sign.html", context, status=status)


def _signed(request: DeskRequest, waiting: Pending, entry: Entry) -> list[Statement]:
    """Each text with the official's signature over it; whether it holds is found when it is proven."""
    if entry.software_authenticator:
        return [
            authenticator.sign_bound(text, node=current(), entry=entry, context=waiting.context)
            for text in waiting.prepared.texts
        ]
    return [
        text.signed_with(
            Signature(
                key=entry.credential.id,
                value=_assertion(request.POST.get(f"assertion_{number}", ""), number=number),
                context=waiting.context,
            )
        )
        for number, text in enumerate(waiting.prepared.texts, start=1)
    ]


def _assertion(typed: str, *, number: int) -> bytes:
    """What the browser's passkey gave, as the one spelling in which assertions are kept."""
    if len(typed) > ASSERTION_CHARACTERS_MAX:
        raise AssertionMissing(number=number, why="it is too long")
    try:
        given = json.loads(typed)
        response = {name: str(given["response"][name]) for name in _PARTS}
        name = str(given["id"])
    except (ValueError, KeyError, TypeError, RecursionError) as broken:
        raise AssertionMissing(number=number, why="it is no assertion") from broken
    return canonical(
        {"clientExtensionResults": {}, "id": name, "rawId": name, "response": response, "type": "public-key"}
    )


def _address(done: gestures.Done) -> str:
    """Where to go afterwards."""
    if done.kind not in _AFTER:
        raise NoSuchThing(what=done.kind, reference=done.reference[:8])
    name = _AFTER[done.kind]
    return reverse(name) if name in _LISTS else reverse(name, args=[done.reference])


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
