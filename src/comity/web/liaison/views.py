"""The liaison officer's pages: what came in, and each step that answers it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from comity.authorities.roles import Power
from comity.canon import moment
from comity.errors import ComityError
from comity.letters.life import Step
from comity.registry.gestures import Prepared
from comity.registry.gestures.letters import prepare_preservation, prepare_step
from comity.registry.queries import home
from comity.registry.queries.duties import Duty
from comity.registry.queries.life import LetterLife, letter_life
from comity.registry.queries.texts import preservation_facts, scope_asked
from comity.web.liaison.forms import NoteForm, PartForm, RefusalForm
from comity.web.shell import telling, wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

_HANDLING = (Duty.ACKNOWLEDGE, Duty.PRESERVE, Duty.EXECUTE)
_NOT_STATED = "not_stated"


@desk(Power.HANDLE_LETTER)
@require_safe
def inbox(request: DeskRequest) -> HttpResponse:
    """Letters of other states that wait for this office."""
    waiting = home.waiting(viewer=actor(request), at=now())
    listed = [
        {
            "label": wording.word(wording.TASKS, duty),
            "duty": duty.value,
            "waiting": [one for one in waiting if one.duty is duty],
        }
        for duty in _HANDLING
    ]
    return page(request, "liaison/inbox.html", {"listed": listed, "now": now()})


@desk(Power.HANDLE_LETTER)
@require_http_methods(["GET", "POST"])
def acknowledge(request: DeskRequest, digest: str) -> HttpResponse:
    """Tell the issuing side that the letter is being handled."""
    return _noted(request, digest, Step.ACKNOWLEDGE, submit=_("Go on to sign the acknowledgement"))


@desk(Power.HANDLE_LETTER)
@require_http_methods(["GET", "POST"])
def query(request: DeskRequest, digest: str) -> HttpResponse:
    """Ask the issuing side for what is missing."""
    return _noted(request, digest, Step.QUERY, submit=_("Go on to sign the question"))


@desk(Power.HANDLE_LETTER)
@require_http_methods(["GET", "POST"])
def execute(request: DeskRequest, digest: str) -> HttpResponse:
    """Report that what was asked is done."""
    return _noted(request, digest, Step.EXECUTE, submit=_("Go on to sign the report"))


def _noted(request: DeskRequest, digest: str, step: Step, *, submit: str) -> HttpResponse:
    """A step that states a note."""
    letter = letter_life(digest, viewer=actor(request))
    return _step(request, letter, NoteForm(request.POST or None), step=step, submit=submit)


@desk(Power.HANDLE_LETTER)
@require_http_methods(["GET", "POST"])
def execute_partly(request: DeskRequest, digest: str) -> HttpResponse:
    """Report what is done, and what is outstanding."""
    letter = letter_life(digest, viewer=actor(request))
    form = PartForm(request.POST or None)
    return _step(request, letter, form, step=Step.EXECUTE_PARTLY, submit=_("Go on to sign the report"))


@desk(Power.HANDLE_LETTER)
@require_http_methods(["GET", "POST"])
def refuse(request: DeskRequest, digest: str) -> HttpResponse:
    """Refuse the letter on a ground of its route."""
    letter = letter_life(digest, viewer=actor(request))
    sources = [letter.route, *letter.route["layers"]]
    grounds = [ground for source in sources for ground in source["refusal_grounds"]["grounds"]]
    form = RefusalForm(request.POST or None, grounds=grounds)
    return _step(request, letter, form, step=Step.REFUSE, submit=_("Go on to sign the refusal"))


@desk(Power.PRESERVE)
@require_http_methods(["GET", "POST"])
def preserve(request: DeskRequest, digest: str) -> HttpResponse:
    """Record that the data are preserved; the clock of the article runs."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    stated = preservation_facts(digest, note="", viewer=viewer, at=now())
    until = None if stated["keep_until_min"] == _NOT_STATED else moment(stated["keep_until_min"])
    clock = {"article": stated["article"], "until": until, "proof": str(stated["clock"]).split("\n")}
    form = NoteForm(request.POST or None)
    submit = _("Go on to sign the preservation")
    return _step(request, letter, form, step=Step.PRESERVE, submit=submit, clock=clock)


def _step(
    request: DeskRequest,
    letter: LetterLife,
    form: NoteForm,
    *,
    step: Step,
    submit: str,
    clock: dict[str, object] | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            prepared = _prepared(request, letter.digest, form, step)
        except ComityError as refusal:
            form.refused(refusal)
        else:
            return begin(request, prepared)
    context = {
        "letter": letter,
        "form": form,
        "submit": submit,
        "title": wording.word(wording.TASKS, step),
        "danger": step is Step.REFUSE,
        "back": reverse("letter", args=[letter.digest]),
        "clock": clock,
        "rows": telling.rows(letter.body),
        "scope": telling.rows(scope_asked(letter.digest, viewer=actor(request)).as_record()),
        "state": wording.word(wording.STATES, letter.state),
        "tone": wording.TONES[letter.state],
        "open": step in letter.steps,
    }
    return page(request, "liaison/step.html", context, status=422 if form.errors else 200)


def _prepared(request: DeskRequest, digest: str, form: NoteForm, step: Step) -> Prepared:
    if step is Step.PRESERVE:
        return prepare_preservation(digest, note=form.cleaned_data["note"], actor=actor(request), at=now())
    return prepare_step(digest, step, facts=form.facts(), actor=actor(request), at=now())
