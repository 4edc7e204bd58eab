"""What becomes of a decision: given in an emergency, validated, ended, suspended; and the review of protected targets."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.registry.actions.authorisations import resume_decision, suspend_decision
from comity.registry.actions.reviews import review_letter
from comity.registry.gestures import Prepared
from comity.registry.gestures.letters import prepare_emergency, prepare_lapse, prepare_validation
from comity.registry.queries.life import letter_life
from comity.registry.queries.protection import of_letter
from comity.registry.queries.texts import scope_asked
from comity.web.judge.forms import DecisionForm, EndForm, ReviewForm, ValidationForm
from comity.web.judge.views import shown
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.forms import DeskForm
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


@desk(Power.ISSUE_EMERGENCY)
@require_http_methods(["GET", "POST"])
def emergency(request: DeskRequest, digest: str) -> HttpResponse:
    """Let a draft go out before a judge validates it, where the route of the law lets that be."""
    viewer = actor(request)
    form = DecisionForm(request.POST or None, asked=scope_asked(digest, viewer=viewer))
    return _signing(
        request,
        digest,
        form,
        lambda: prepare_emergency(digest, form.decision(), actor=viewer, at=now()),
        title=_("Decide in an emergency"),
        submit=_("Go on to sign the emergency decision"),
    )


@desk(Power.AUTHORISE)
@require_http_methods(["GET", "POST"])
def validate(request: DeskRequest, digest: str) -> HttpResponse:
    """Validate the emergency decision of a letter, for exactly what was done under it."""
    viewer = actor(request)
    form = ValidationForm(request.POST or None)
    return _signing(
        request,
        digest,
        form,
        lambda: prepare_validation(digest, form.decision(), actor=viewer, at=now()),
        title=_("Decide on the validation"),
        submit=_("Go on to sign the validation"),
    )


@desk(Power.AUTHORISE)
@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, digest: str) -> HttpResponse:
    """End the decision that a letter rests on: it is taken back, and what came of it is sealed off."""
    viewer = actor(request)
    form = EndForm(request.POST or None)
    return _signing(
        request,
        digest,
        form,
        lambda: prepare_lapse(digest, reason=form.cleaned_data["reason"], actor=viewer, at=now()),
        title=_("End the decision"),
        submit=_("Go on to sign the end of the decision"),
        danger=True,
    )


@desk(Power.AUTHORISE, Power.RECOGNISE)
@require_http_methods(["GET", "POST"])
def suspend(request: DeskRequest, digest: str) -> HttpResponse:
    """Suspend the decision of this node on a letter, or take it up again."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    ours = [one for one in letter.decided if one.ours and not one.ended]
    form = EndForm(request.POST or None)
    suspended = bool(ours) and ours[-1].suspended_at is not None
    if request.method == "POST" and form.is_valid() and ours:
        done = resume_decision if suspended else suspend_decision
        try:
            done(ours[-1].digest, reason=form.cleaned_data["reason"], actor=viewer, at=now())
        except ComityError as refusal:
            _refused(request, form, refusal)
        else:
            messages.success(request, _("It is recorded, and holds at once."))
            return HttpResponseRedirect(reverse("letter", args=[digest]))
    title = _("Take the decision up again") if suspended else _("Suspend the decision")
    return shown(request, letter, form, title=title, submit=title, danger=not suspended)


@desk(Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER, Power.DRAFT_LETTER)
@require_http_methods(["GET", "POST"])
def review(request: DeskRequest, digest: str) -> HttpResponse:
    """Look at the protected targets of somebody else's letter, and say why it is still necessary."""
    viewer = actor(request)
    flagged = of_letter(digest, viewer=viewer)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_letter(digest, reason=form.cleaned_data["reason"], actor=viewer, at=now())
        except ComityError as refusal:
            _refused(request, form, refusal)
        else:
            messages.success(request, _("Your review is recorded."))
            return HttpResponseRedirect(reverse("letter", args=[digest]))
    context = {
        "flagged": flagged,
        "flags": [(name, [wording.word(wording.FLAGS, one) for one in listed]) for name, listed in flagged.flags],
        "form": form,
        "back": reverse("letter", args=[digest]),
    }
    return page(request, "judge/review.html", context, status=422 if form.errors else 200)


def _signing(
    request: DeskRequest, digest: str, form: DeskForm, prepare: Callable[[], Prepared], **texts: Any
) -> HttpResponse:
    """Show the form, or go on to sign what was typed."""
    letter = letter_life(digest, viewer=actor(request))
    if request.method == "POST" and form.is_valid():
        try:
            prepared = prepare()
        except ComityError as refusal:
            _refused(request, form, refusal)
        else:
            return begin(request, prepared)
    return shown(request, letter, form, **texts)


def _refused(request: DeskRequest, form: DeskForm, refusal: ComityError) -> None:
    assert request.entry is not None, "the view stands behind @desk"
    noted(refusal, request.entry)
    form.refused(refusal)
