"""Exports: the record that an item leaves, its bundle, the key apart from it, the content for a person without a node."""

from typing import cast

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.registry.gestures.evidence import prepare_export
from comity.registry.jobs import age_exports, age_files, exports
from comity.registry.queries import evidence as reads
from comity.web.custodian.forms import AgeForm, ExportForm
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


@desk(Power.EXPORT_EVIDENCE)
@require_http_methods(["GET", "POST"])
def export(request: DeskRequest, reference: str) -> HttpResponse:
    """Ask for whom and why; go on to the signature of the custody record."""
    viewer = actor(request)
    item = reads.item(reference, viewer=viewer)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            return begin(request, prepare_export(reference, reason=reason, actor=viewer, at=now()))
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
    context = {"item": item, "form": form, "back": reverse("item", args=[reference])}
    return page(request, "custodian/export.html", context, status=422 if form.errors else 200)


@desk(Power.EXPORT_EVIDENCE)
@require_POST
def bundle(request: DeskRequest, reference: str) -> HttpResponse:
    """Gather what proves the item; go on to the signature of the bundle's contents."""
    return begin(request, exports.prepare_bundle(reference, actor=actor(request), at=now()))


@desk(Power.EXPORT_EVIDENCE)
@require_safe
def download(request: DeskRequest, reference: str) -> HttpResponse:
    """The signed bundle, streamed: the item stays sealed in it."""
    viewer = actor(request)
    pieces = exports.pieces(reference, viewer=viewer)
    ready = exports.ready(reference, viewer=viewer)
    assert ready is not None, "there are pieces of it"
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer.headers["Content-Length"] = str(ready.bytes)
    _save_as(answer, f"{reference[:8]}.bundle")
    return cast("HttpResponse", answer)  # Django's streamed answers are no subclass


@desk(Power.EXPORT_EVIDENCE)
@require_POST
def key(request: DeskRequest, reference: str) -> HttpResponse:
    """The key that opens the item; that it left stands in the log."""
    answer = HttpResponse(exports.take_key(reference, actor=actor(request), at=now()), content_type="text/plain")
    _save_as(answer, f"{reference[:8]}.key")
    return answer


@desk(Power.EXPORT_EVIDENCE)
@require_http_methods(["GET", "POST"])
def age(request: DeskRequest, reference: str) -> HttpResponse:
    """Ask for whom the content is encrypted; then the age file, streamed. That it was taken stands in the log."""
    viewer = actor(request)
    item = reads.item(reference, viewer=viewer)
    form = AgeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            to = age_files.recipients(form.cleaned_data["recipients"].splitlines())
            pieces = age_exports.take(reference, to=to, actor=viewer, at=now())
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
            _save_as(answer, f"{reference[:8]}.tar.age")
            return cast("HttpResponse", answer)  # Django's streamed answers are no subclass
    context = {"item": item, "form": form, "back": reverse("item", args=[reference])}
    return page(request, "custodian/age.html", context, status=422 if form.errors else 200)


@desk(Power.TAKE_IN_EVIDENCE)
@require_POST
def content(request: DeskRequest, reference: str) -> HttpResponse:
    """The content of an item, streamed to who recorded an access just now."""
    viewer = actor(request)
    shown = reads.item(reference, viewer=viewer)
    answer = StreamingHttpResponse(
        exports.content(reference, actor=viewer, at=now()), content_type="application/octet-stream"
    )
    answer.headers["Content-Length"] = str(shown["bytes"])
    _save_as(answer, f"{reference[:8]}.content")
    return cast("HttpResponse", answer)  # Django's streamed answers are no subclass


def _save_as(answer: HttpResponseBase, name: str) -> None:
    """To be saved under this name, and kept nowhere on the way."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
