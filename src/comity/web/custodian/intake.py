"""Taking in: the file is sealed while it arrives, and the acquisition is signed afterwards."""

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from comity.authorisations.covering import NotCovered
from comity.authorities.roles import Power
from comity.canon import stamp
from comity.errors import ComityError
from comity.registry.gestures import Prepared
from comity.registry.gestures import evidence as gestures
from comity.registry.queries import evidence as reads
from comity.registry.queries.evidence import Recognised
from comity.web.custodian.forms import IntakeForm
from comity.web.shell import uploads
from comity.web.shell.desk import actor, desk, noted, now, page, refused
from comity.web.shell.session import DeskRequest, stay
from comity.web.shell.signing import begin
from comity.web.shell.uploads import Upload


@csrf_exempt  # the token is a field of the form, which `receive` reads; `_taken_in` checks it before the file is touched
@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def intake(request: DeskRequest, digest: str) -> HttpResponse:
    """Ask for a file and its origin; seal it; go on to the signature."""
    under = reads.recognised(digest, viewer=actor(request))
    if under.expires <= now():  # said before anybody sends a large file
        why = f"its recognition expired at {stamp(under.expires)}"
        return refused(request, NotCovered(act=f"to take in evidence under letter {under.short}", why=why))
    if request.method == "GET":
        return _shown(request, IntakeForm(under=under), under)
    try:
        with uploads.one_of_few():
            return _received(request, under)
    except uploads.TooManyUploads as many:
        form = IntakeForm(QueryDict(), under=under)
        form.refused(many)
        return _shown(request, form, under)


def _received(request: DeskRequest, under: Recognised) -> HttpResponse:
    try:
        upload = uploads.receive(request)
    except ComityError as broken:
        form = IntakeForm(QueryDict(), under=under)
        form.refused(broken)
        return _shown(request, form, under)
    request.POST = upload.fields  # type: ignore[assignment]  # a QueryDict, as Django reads it
    answer: HttpResponse = csrf_protect(_taken_in)(request, under, upload)
    return answer


def _taken_in(request: DeskRequest, under: Recognised, upload: Upload) -> HttpResponse:
    form = IntakeForm(request.POST, under=under, file=upload.file)
    if upload.file is None and "check" in request.POST and form.lacks_only_the_file:
        return HttpResponse(status=204)  # a script asks before it sends a large file
    if not form.is_valid() or upload.file is None:
        upload.drain()
        return _shown(request, form, under)
    try:
        prepared = gestures.prepare_intake(
            upload.file, form.described(), progress=_unheard, actor=actor(request), at=now()
        )
    except ComityError as refusal:
        assert request.entry is not None, "the view stands behind @desk"
        noted(refusal, request.entry)
        upload.drain()
        form.refused(refusal, field="file")
        return _shown(request, form, under)
    stay(request, at=now())
    return _begun(request, prepared)


def _begun(request: DeskRequest, prepared: Prepared) -> HttpResponse:
    try:
        return begin(request, prepared)
    except BaseException:
        gestures.abandon(prepared)  # what nobody can sign is not kept
        raise


def _shown(request: DeskRequest, form: IntakeForm, under: Recognised) -> HttpResponse:
    context = {"form": form, "under": under, "back": reverse("letter", args=[under.digest])}
    return page(request, "custodian/intake.html", context, status=422 if form.errors else 200)


def _unheard(_length: int) -> None:
    """The browser knows how much it has sent."""
