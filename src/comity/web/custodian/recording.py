"""Custody records written by hand: what happened to an item or exhibit where it lies, typed, shown, and signed."""

from typing import Final

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comity.authorities.roles import Power
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Thing
from comity.registry.gestures.records import prepare_record, prepare_seal_check
from comity.registry.queries import custody, exhibits
from comity.registry.queries import evidence as reads
from comity.web.custodian import words
from comity.web.custodian.record_forms import FORMS
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

_ENDED: Final = ("sealed_off_at", "erased_at")


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def item_record(request: DeskRequest, reference: str, event: str) -> HttpResponse:
    """A record of what happened to an item."""
    viewer = actor(request)
    shown = reads.item(reference, viewer=viewer)
    standing = custody.item_standing(reference, viewer=viewer)
    open_ = shown["held"] and not shown["offered"] and not any(shown[name] for name in _ENDED)
    return _record(request, Thing.ITEM, reference, event, standing=standing, shown=shown, open_=open_)


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def exhibit_record(request: DeskRequest, reference: str, event: str) -> HttpResponse:
    """A record of what happened to an exhibit."""
    viewer = actor(request)
    shown = exhibits.exhibit(reference, viewer=viewer)
    standing = custody.exhibit_standing(reference, viewer=viewer)
    open_ = shown["held"] and not shown["waiting"]
    named = shown | {"name": shown["number"], "sha256": ""}
    return _record(request, Thing.EXHIBIT, reference, event, standing=standing, shown=named, open_=open_)


def _record(
    request: DeskRequest,
    thing: Thing,
    reference: str,
    event: str,
    *,
    standing: custody.Standing,
    shown: JsonObject,
    open_: bool,
) -> HttpResponse:
    if event not in {one.value for one in CustodyEvent} or (thing, CustodyEvent(event)) not in FORMS:
        raise Http404
    what = CustodyEvent(event)
    typed = request.POST if request.method == "POST" else None
    form = FORMS[thing, what](typed, standing=standing, digest=shown["sha256"])
    if typed is not None and form.is_valid():
        try:
            if (thing, what) == (Thing.ITEM, CustodyEvent.SEALING):
                reason = form.cleaned_data["reason"]
                return begin(request, prepare_seal_check(reference, reason=reason, actor=actor(request), at=now()))
            facts = form.facts()
            return begin(request, prepare_record(thing, reference, what, facts=facts, actor=actor(request), at=now()))
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
    context = {
        "title": wording.word(words.RECORDS, what),
        "name": shown["name"],
        "thing": thing.value,
        "event": what.value,
        "form": form,
        "open": open_,
        "back": reverse(thing.value, args=[reference]),
    }
    return page(request, "custodian/record.html", context, status=422 if form.errors else 200)
