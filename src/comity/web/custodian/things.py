"""Exhibits: the list, one with its custody, its label, and the ways of it from hand to hand."""

from io import BytesIO
from typing import Final

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.authorities.roles import Power
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.evidence.custody import CustodyEvent
from comity.registry.act import current
from comity.registry.actions import exhibits as acts
from comity.registry.gestures.exhibits import prepare_acceptance, prepare_hand_over, prepare_seizure
from comity.registry.queries import custody, exhibits
from comity.registry.queries import evidence as reads
from comity.web.custodian import words
from comity.web.custodian.adding_up import origin_of, said_of_it
from comity.web.custodian.forms import SeizureForm, WithinForm
from comity.web.custodian.moving import ground_form, refused
from comity.web.custodian.picture import drawn, records
from comity.web.custodian.views import before
from comity.web.shell import telling, wording
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

ROWS: Final = 25
_RECORDS: Final = (
    *(CustodyEvent.MARKING, CustodyEvent.PLACEMENT, CustodyEvent.SEALING, CustodyEvent.ACCESS, CustodyEvent.COPY),
    *(CustodyEvent.CORRECTION, CustodyEvent.LEAVE, CustodyEvent.RETURN, CustodyEvent.DISPOSAL),
)


@desk()
@require_safe
def listed(request: DeskRequest) -> HttpResponse:
    """The exhibits of this node, and those that wait for the viewer's signature."""
    viewer = actor(request)
    read = exhibits.exhibits(viewer=viewer, before=before(request), most=ROWS + 1)
    lines = [one | {"word": wording.word(words.KINDS, one["kind"]), "state": _state(one)} for one in read]
    context = {
        "exhibits": lines[:ROWS],
        "older": read[ROWS - 1]["place_in_list"] if len(read) > ROWS else None,
        "newest": "before" in request.GET,
        "waiting": exhibits.hand_overs(viewer=viewer) if Power.TAKE_IN_EVIDENCE in viewer.powers else [],
    }
    return page(request, "custodian/exhibits.html", context)


@desk()
@require_safe
def exhibit(request: DeskRequest, reference: str) -> HttpResponse:
    """One exhibit: what it is, where it lies, its custody, and what may happen next."""
    viewer = actor(request)
    shown = exhibits.exhibit(reference, viewer=viewer)
    standing = custody.exhibit_standing(reference, viewer=viewer)
    history = custody.exhibit_history(reference, viewer=viewer)
    keeps = Power.TAKE_IN_EVIDENCE in viewer.powers
    free = keeps and shown["held"] and not shown["waiting"]
    label, tone = _state(shown)
    context = {
        "exhibit": shown,
        "label": label,
        "tone": tone,
        "facts": _facts(shown, standing),
        "said": said_of_it(standing),
        "origin": origin_of(standing),
        "picture": drawn(history),
        "records": records(history),
        "next": _next(shown),
        "acts": _acts(shown, free=free),
        "recordable": _recordable(reference) if free else [],
        "may_drop": keeps and shown["waiting"] and shown["waits_here"],
        "may_accept": keeps and shown["waiting"] and shown["waits_for"] == viewer.official,
    }
    return page(request, "custodian/exhibit.html", context)


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def seize(request: DeskRequest, digest: str) -> HttpResponse:
    """Ask what was seized and where it comes from; go on to the signature."""
    under = reads.recognised(digest, viewer=actor(request))
    form = SeizureForm(request.POST if request.method == "POST" else None, under=under)
    if request.method == "POST" and form.is_valid():
        try:
            return begin(request, prepare_seizure(form.seized(), actor=actor(request), at=now()))
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
    context = {"form": form, "under": under, "back": reverse("letter", args=[digest])}
    return page(request, "custodian/seize.html", context, status=422 if form.errors else 200)


@desk(Power.TAKE_IN_EVIDENCE)
@require_safe
def label(request: DeskRequest, reference: str) -> HttpResponse:
    """The label of an exhibit, to be printed: its number, and a code with the address of its page."""
    shown = exhibits.exhibit(reference, viewer=actor(request))
    address = current().url.rstrip("/") + reverse("exhibit", args=[reference])
    context = {
        "exhibit": shown,
        "word": wording.word(words.KINDS, shown["kind"]),
        "address": address,
        "code": qr(address),
        "seals": ", ".join(custody.exhibit_standing(reference, viewer=actor(request)).seals),
    }
    return page(request, "custodian/label.html", context)


def qr(address: str) -> SafeString:
    """The QR code of an address as SVG in this page; error correction M, a quiet zone of four modules as the standard asks."""
    out = BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", border=4, scale=4, xmldecl=False, svgns=False, nl=False, omitsize=True, light="#fff"
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 - drawn by segno from an address of ours


@desk(Power.HAND_OVER_EVIDENCE)
@require_http_methods(["GET", "POST"])
def hand_over(request: DeskRequest, reference: str) -> HttpResponse:
    """Sign an exhibit over to somebody of this node."""
    viewer = actor(request)
    shown = exhibits.exhibit(reference, viewer=viewer)
    receivers = [(one.official, f"{one.name} ({one.office})") for one in exhibits.custodians(viewer=viewer)]
    form = WithinForm(request.POST if request.method == "POST" else None, receivers=receivers)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            prepared = prepare_hand_over(
                reference,
                to=typed["to"],
                place=typed["place"],
                reason=typed["reason"],
                ground=None,
                actor=viewer,
                at=now(),
            )
            return begin(request, prepared)
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
    context = {
        "exhibit": shown,
        "form": form,
        "receivers": receivers,
        "open": shown["held"] and not shown["waiting"],
        "back": reverse("exhibit", args=[reference]),
    }
    return page(request, "custodian/exhibit_within.html", context, status=422 if form.errors else 200)


@desk(Power.HAND_OVER_EVIDENCE)
@require_http_methods(["GET", "POST"])
def send(request: DeskRequest, reference: str) -> HttpResponse:
    """Sign an exhibit over to the custodian whom its letter names, on a ground of transfer where one is needed."""
    viewer = actor(request)
    shown = exhibits.exhibit(reference, viewer=viewer)
    receiver = exhibits.receiver(reference, viewer=viewer)
    needed, bound = reads.ground_needed_to(shown["peer"], viewer=viewer, at=now())
    form = ground_form(request, receiver, needed=needed, bound=bound)
    if request.method == "POST" and form.is_valid():
        try:
            prepared = prepare_hand_over(
                reference,
                to="",
                place=_("at node %(node)s") % {"node": shown["peer"]},
                reason=_("handed over under letter %(letter)s") % {"letter": shown["letter"]},
                ground=form.ground(),
                actor=viewer,
                at=now(),
            )
            return begin(request, prepared)
        except ComityError as refusal:
            refused(request, form, refusal)
    context = {
        "item": shown | {"name": shown["number"], "held": shown["held"], "offered": bool(shown["waiting"])},
        "receiver": receiver,
        "form": form,
        "needed": needed,
        "bound": bound,
        "open": shown["held"] and not shown["waiting"],
        "back": reverse("exhibit", args=[reference]),
    }
    return page(request, "custodian/hand_over.html", context, status=422 if form.errors else 200)


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def accept(request: DeskRequest, reference: str) -> HttpResponse:
    """Show the giver's text; go on to the receiver's signature."""
    viewer = actor(request)
    waiting = exhibits.waiting(reference, viewer=viewer)
    facts = waiting.offer.body["facts"]
    mine = facts["receiver"] == viewer.as_record()
    open_ = waiting.state == "offered"
    if request.method == "POST" and mine and open_:
        return begin(request, prepare_acceptance(reference, actor=viewer, at=now()))
    history = (
        custody.exhibit_history(waiting.exhibit.id, viewer=viewer)
        if waiting.within
        else custody.offered_exhibit_links(reference, viewer=viewer)
    )
    context = {
        "waiting": waiting,
        "rows": telling.rows(waiting.offer.body),
        "seals": facts["seals"],
        "mine": mine,
        "open": open_,
        "records": records(history),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "custodian/exhibit_accept.html", context, status=status)


@desk(Power.HAND_OVER_EVIDENCE)
@require_POST
def drop(request: DeskRequest, reference: str) -> HttpResponse:
    """Take back a hand-over within this node that nobody signed for."""
    waiting = exhibits.waiting(reference, viewer=actor(request))
    acts.drop_offer(reference, actor=actor(request), at=now())
    messages.success(request, _("The hand-over is taken back."))
    return HttpResponseRedirect(reverse("exhibit", args=[waiting.exhibit.id]))


def _state(shown: JsonObject) -> tuple[str, str]:
    if not shown["held"]:
        return _("Gone from here"), "info"
    return (_("Waits for a signature"), "warn") if shown.get("waiting") else (_("In custody here"), "good")


def _next(shown: JsonObject) -> str:
    if shown["waiting"]:
        return _("It is signed over to %(official)s, who signs next.") % {"official": shown["waits_for"]}
    if not shown["held"]:
        return _("It is no longer here. Its custody up to then stays here.")
    return _("It lies at %(place)s and is kept by %(keeper)s.") % shown


def _acts(shown: JsonObject, *, free: bool) -> list[dict[str, object]]:
    if not free:
        return []
    found = [("exhibit-label", _("Label to print")), ("exhibit-within", _("Hand over within this node"))]
    if not shown["outgoing_letter"]:
        found += [("exhibit-send", _("Hand over to the other node")), ("exhibit-made", _("Add a photograph or image"))]
    return [
        {"url": reverse(name, args=[shown["id"]]), "label": text, "first": not place}
        for place, (name, text) in enumerate(found)
    ]


def _recordable(reference: str) -> list[tuple[str, str]]:
    return [
        (reverse("exhibit-record", args=[reference, one.value]), wording.word(words.RECORDS, one)) for one in _RECORDS
    ]


def _facts(shown: JsonObject, standing: custody.Standing) -> list[tuple[str, str]]:
    why = shown["why_you_see_it"]  # a sentence that is marked where it is given
    return [
        (_("Number"), _typed(shown["number"])),
        (_("Kind"), wording.word(words.KINDS, shown["kind"])),
        (_("Description"), _typed(shown["description"])),
        (_("Serial number"), _typed(shown["serial"]) if shown["serial"] else _("not stated")),
        (_("Place"), _typed(shown["place"])),
        (_("Kept by"), _typed(shown["keeper"]) if shown["keeper"] else _("nobody of this node")),
        (_("Seals"), _typed(", ".join(standing.seals)) if standing.seals else _("none")),
        (_("Why you see it"), _(why)),
    ]


def _typed(text: str) -> SafeString:
    """What somebody typed, apart from the words around it: it may run in another direction."""
    return format_html("<bdi>{}</bdi>", text)
