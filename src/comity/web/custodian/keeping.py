"""How long an item is kept: when its time runs out, and holding it beyond that with a reason."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.authorities.roles import Power
from comity.canon import JsonObject, moment
from comity.errors import ComityError
from comity.oversight.retention import HOLD_MAX
from comity.registry.act import current
from comity.registry.actions.retention import hold_item, lift_hold
from comity.registry.queries.evidence import item as read_item
from comity.registry.queries.retention import of_item
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.forms import DeskForm, ReasonField
from comity.web.shell.session import DeskRequest


class HoldForm(DeskForm):
    """A day and a reason."""

    until = forms.DateField(
        label=_("Hold it until"),
        help_text=_("At most 400 days ahead; then somebody says again why."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = ReasonField(label=_("Reasons"), help_text=_("Which proceedings still need it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The browser offers the days that are allowed."""
        super().__init__(*args, **kwargs)
        today = now().astimezone(current().zone).date()
        attrs = self.fields["until"].widget.attrs
        attrs["min"], attrs["max"] = (today + timedelta(days=1)).isoformat(), (today + HOLD_MAX).isoformat()


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def keep(request: DeskRequest, reference: str) -> HttpResponse:
    """When the time of an item runs out; a POST holds it."""
    viewer = actor(request)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = datetime.combine(form.cleaned_data["until"], time(), tzinfo=current().zone).astimezone(UTC)
        try:
            hold_item(reference, until=until, reason=form.cleaned_data["reason"], actor=viewer, at=now())
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            messages.success(request, _now("The item is held."))
            return HttpResponseRedirect(reverse("item-keep", args=[reference]))
    shown, told = read_item(reference, viewer=viewer), of_item(reference, viewer=viewer)
    context = {
        "item": shown,
        "due": told["due"] and told["due"] | {"at": moment(told["due"]["at"]), "since": moment(told["due"]["since"])},
        "stated": bool(told["schedule"]),
        "holds": [_hold(one) for one in told["holds"]],
        "form": None if shown["erased_at"] or shown["sealed_off_at"] else form,
        "back": reverse("item", args=[reference]),
    }
    return page(request, "custodian/keep.html", context, status=422 if form.errors else 200)


def _hold(one: JsonObject) -> JsonObject:
    lifted = one["lifted_at"]
    return one | {"until": moment(one["until"]), "at": moment(one["at"]), "lifted_at": moment(lifted) if lifted else ""}


class LiftForm(DeskForm):
    """Why a hold ends before its day."""

    hold = forms.CharField(max_length=32)
    reason = ReasonField(label=_("Reasons"))


@desk(Power.TAKE_IN_EVIDENCE)
@require_POST
def lift(request: DeskRequest, reference: str) -> HttpResponse:
    """End a hold: the item's own time counts again."""
    read_item(reference, viewer=actor(request))
    form = LiftForm(request.POST)
    if form.is_valid():
        lift_hold(
            reference,
            hold=form.cleaned_data["hold"],
            reason=form.cleaned_data["reason"],
            actor=actor(request),
            at=now(),
        )
        messages.success(request, _now("The hold has ended."))
    else:
        messages.error(request, _now("Say why the hold ends."))
    return HttpResponseRedirect(reverse("item-keep", args=[reference]))
