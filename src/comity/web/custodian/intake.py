"""Taking in: the file is sealed while it arrives, and the acquisition is signed afterwards."""

from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from comity.authorisations.covering import NotCovered
from comity.authorities.roles import Power
from comity.canon import stamp
from comity.errors import ComityError
from comity.evidence.events import Thing
from comity.registry.gestures import Prepared
from comity.registry.gestures import evidence as gestures
from comity.registry.queries import evidence as reads
from comity.registry.queries import exhibits
from comity.registry.queries.evidence import Recognised
from comity.web.custodian.forms import IntakeForm
from comity.web.shell import uploads
from comity.web.shell.desk import actor, desk, noted, now, page, refused
from comity.web.shell.session import DeskRequest, stay
from comity.web.shell.signing import begin
from comity.web.shell.uploads import Arriving, Upload


@csrf_exempt  # the token is a field of the form, which `receive` reads; `_taken_in` checks it before the file is touched
@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def intake(request: DeskRequest, digest: str) -> HttpResponse:
    """Ask for a file and its origin; seal it; go on to the signature."""
    under = reads.recognised(digest, viewer=actor(request))
    return _asked(request, _Place(under, None, reverse("letter", args=[under.digest])))


@csrf_exempt  # as above
@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def of_item(request: DeskRequest, reference: str) -> HttpResponse:
    """The same for what was made of an item: an extract, a translation."""
    shown = reads.item(reference, viewer=actor(request))
    under = reads.recognised(shown["letter_digest"], viewer=actor(request))
    return _asked(request, _Place(under, (Thing.ITEM, reference), reverse("item", args=[reference])))


@csrf_exempt  # as above
@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def of_exhibit(request: DeskRequest, reference: str) -> HttpResponse:
    """The same for what was made of an exhibit: a photograph, an image."""
    shown = exhibits.exhibit(reference, viewer=actor(request))
    under = reads.recognised(shown["letter_digest"], viewer=actor(request))
    return _asked(request, _Place(under, (Thing.EXHIBIT, reference), reverse("exhibit", args=[reference])))


@dataclass(frozen=True)
class _Place:
    """Where a file is taken in: under which recognition, of what it was made, and where one came from."""

    under: Recognised
    made_of: tuple[Thing, str] | None
    back: str

    def form(self, typed: QueryDict | None = None, file: Arriving | None = None) -> IntakeForm:
        """The form as it is asked here."""
        return IntakeForm(typed, under=self.under, file=file, made_of=self.made_of)


def _asked(request: DeskRequest, place: _Place) -> HttpResponse:
    under = place.under
    if under.expires <= now():  # said before anybody sends a large file
        why = f"its recognition expired at {stamp(under.expires)}"
        return refused(request, NotCovered(act=f"to take in evidence under letter {under.short}", why=why))
    if request.method == "GET":
        return _shown(request, place.form(), place)
    try:
        with uploads.one_of_few():
            return _received(request, place)
    except uploads.TooManyUploads as many:
        form = place.form(QueryDict())
        form.refused(many)
        return _shown(request, form, place)


def _received(request: DeskRequest, place: _Place) -> HttpResponse:
    try:
        upload = uploads.receive(request)
    except ComityError as broken:
        form = place.form(QueryDict())
        form.refused(broken)
        return _shown(request, form, place)
    request.POST = upload.fields  # type: ignore[assignment]  # a QueryDict, as Django reads it
    answer: HttpResponse = csrf_protect(_taken_in)(request, place, upload)
    return answer


def _taken_in(request: DeskRequest, place: _Place, upload: Upload) -> HttpResponse:
    form = place.form(request.POST, upload.file)
    if upload.file is None and "check" in request.POST and form.lacks_only_the_file:
        return HttpResponse(status=204)  # a script asks before it sends a large file
    if not form.is_valid() or upload.file is None:
        upload.drain()
        return _shown(request, form, place)
    try:
        prepared = gestures.prepare_intake(
            upload.file, form.described(), progress=_unheard, actor=actor(request), at=now()
        )
    except ComityError as refusal:
        assert request.entry is not None, "the view stands behind @desk"
        noted(refusal, request.entry)
        upload.drain()
        form.refused(refusal, field="file")
        return _shown(request, form, place)
    stay(request, at=now())
    return _begun(request, prepared)


def _begun(request: DeskRequest, prepared: Prepared) -> HttpResponse:
    try:
        return begin(request, prepared)
    except BaseException:
        gestures.abandon(prepared)  # what nobody can sign is not kept
        raise


def _shown(request: DeskRequest, form: IntakeForm, place: _Place) -> HttpResponse:
    seize = "" if place.made_of else reverse("exhibit-new", args=[place.under.digest])
    context = {"form": form, "under": place.under, "back": place.back, "seize": seize}
    return page(request, "custodian/intake.html", context, status=422 if form.errors else 200)


def _unheard(_length: int) -> None:
    """The browser knows how much it has sent."""
