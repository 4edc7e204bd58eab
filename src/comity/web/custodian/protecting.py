"""Protected persons in an item, and the erasure of an item whose decision has ended."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comity.authorities.roles import Power
from comity.cases.protection import FLAGS
from comity.errors import ComityError
from comity.registry.actions.reviews import flag_item, review_item
from comity.registry.gestures.evidence import prepare_erasure
from comity.registry.queries.evidence import item as read_item
from comity.registry.queries.protection import of_item
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.forms import DeskForm, ReasonField
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


class ProtectionForm(DeskForm):
    """Flags that are added to an item, or, without any, the review of those that it has."""

    flags = forms.MultipleChoiceField(
        label=_("Flags to add"),
        choices=[(one, wording.FLAGS[one]) for one in FLAGS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Whom you found in it. Chosen flags are added; none chosen records your review."),
    )
    reason = ReasonField(label=_("Reasons"), help_text=_("What you saw, or why the item is still necessary."))


@desk(Power.TAKE_IN_EVIDENCE, Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE, Power.DRAFT_LETTER)
@require_http_methods(["GET", "POST"])
def review(request: DeskRequest, reference: str) -> HttpResponse:
    """Who is protected in an item: add a flag, or record a review. Whoever sees the letter can."""
    viewer = actor(request)
    flagged = of_item(reference, viewer=viewer)
    form = ProtectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        flags, reason = sorted(form.cleaned_data["flags"]), form.cleaned_data["reason"]
        try:
            if flags:
                flag_item(reference, flags, reason=reason, actor=viewer, at=now())
            else:
                review_item(reference, reason=reason, actor=viewer, at=now())
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            messages.success(request, _now("The flags are added.") if flags else _now("Your review is recorded."))
            return HttpResponseRedirect(reverse("letter", args=[flagged.letter]))
    context = {
        "flagged": flagged,
        "flags": [wording.word(wording.FLAGS, one) for _name, listed in flagged.flags for one in listed],
        "missing": [wording.word(wording.FLAGS, one) for one in flagged.missing],
        "form": form,
        "back": reverse("letter", args=[flagged.letter]),
    }
    return page(request, "custodian/protected.html", context, status=422 if form.errors else 200)


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def erase(request: DeskRequest, reference: str) -> HttpResponse:
    """Go on to sign the erasure of an item that was sealed off."""
    viewer = actor(request)
    shown = read_item(reference, viewer=viewer)
    context = {"item": shown, "told": None, "back": reverse("item", args=[reference])}
    if not shown["sealed_off_at"] or shown["erased_at"]:
        return page(request, "custodian/erase.html", context, status=422)
    prepared = prepare_erasure(reference, actor=viewer, at=now())
    if request.method == "POST":
        return begin(request, prepared)
    return page(request, "custodian/erase.html", context | {"told": prepared.texts[0].body})
