"""The judge's pages: what is to be decided, the full text with the answer of the law, and the decision."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.registry.actions.letters import deny_letter
from comity.registry.gestures.letters import prepare_authorisation, prepare_recognition
from comity.registry.queries import home
from comity.registry.queries.duties import Duty
from comity.registry.queries.life import LetterLife, letter_life
from comity.registry.queries.texts import scope_asked
from comity.web.judge.forms import DecisionForm, DenialForm, RecognitionForm
from comity.web.shell import outlook, telling, wording
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.forms import DeskForm
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

_DECIDING = {
    Duty.VALIDATE: "letter-validate",
    Duty.AUTHORISE: "letter-authorise",
    Duty.RECOGNISE: "letter-recognise",
}


@desk(Power.AUTHORISE, Power.RECOGNISE)
@require_safe
def docket(request: DeskRequest) -> HttpResponse:
    """Drafts of this node, and letters of other states, on which a judge decides."""
    waiting = home.waiting(viewer=actor(request), at=now())
    listed = [
        {
            "label": wording.word(wording.TASKS, duty),
            "duty": duty.value,
            "address": _DECIDING[duty],
            "waiting": [one for one in waiting if one.duty is duty],
        }
        for duty in _DECIDING
    ]
    return page(request, "judge/docket.html", {"listed": listed, "now": now()})


@desk(Power.AUTHORISE)
@require_http_methods(["GET", "POST"])
def authorise(request: DeskRequest, digest: str) -> HttpResponse:
    """Decide that a draft may go out, whole or in part."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    form = DecisionForm(request.POST or None, asked=scope_asked(digest, viewer=viewer))
    if request.method == "POST" and form.is_valid():
        try:
            prepared = prepare_authorisation(digest, form.decision(), actor=viewer, at=now())
        except ComityError as refusal:
            form.refused(refusal)
        else:
            return begin(request, prepared)
    return shown(request, letter, form, title=_("Decide on the draft"), submit=_("Go on to sign the authorisation"))


@desk(Power.RECOGNISE)
@require_http_methods(["GET", "POST"])
def recognise(request: DeskRequest, digest: str) -> HttpResponse:
    """Decide that a letter of another state is carried out here, whole or in part."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    form = RecognitionForm(request.POST or None, asked=scope_asked(digest, viewer=viewer))
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            prepared = prepare_recognition(digest, form.decision(), note=note, actor=viewer, at=now())
        except ComityError as refusal:
            form.refused(refusal)
        else:
            return begin(request, prepared)
    return shown(request, letter, form, title=_("Decide on recognition"), submit=_("Go on to sign the recognition"))


@desk(Power.AUTHORISE)
@require_http_methods(["GET", "POST"])
def deny(request: DeskRequest, digest: str) -> HttpResponse:
    """Decide that a draft does not go out."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    form = DenialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deny_letter(digest, reason=form.cleaned_data["reason"], actor=viewer, at=now())
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            messages.success(request, _("The draft is denied; its drafter sees the reasons."))
            return HttpResponseRedirect(reverse("letter", args=[digest]))
    return shown(request, letter, form, title=_("Refuse to authorise"), submit=_("Deny the draft"), danger=True)


def shown(
    request: DeskRequest, letter: LetterLife, form: DeskForm, *, title: str, submit: str, danger: bool = False
) -> HttpResponse:
    """The letter with the answer of the law, and what is to be decided about it."""
    context = {
        "letter": letter,
        "title": title,
        "form": form,
        "submit": submit,
        "danger": danger,
        "back": reverse("letter", args=[letter.digest]),
        "rows": telling.rows(letter.body),
        "scope": telling.rows(scope_asked(letter.digest, viewer=actor(request)).as_record()),
        "decided": [{"one": one, "rows": telling.rows(one.authorisation.as_body())} for one in letter.decided],
        "route": letter.route,
        "others": [one for one in outlook.acts(letter.digest, letter.steps) if one.url != request.path],
        "state": wording.word(wording.STATES, letter.state),
        "tone": wording.TONES[letter.state],
    }
    return page(request, "judge/decide.html", context, status=422 if form.errors else 200)
