"""Who stands behind a target of a case: flags that the letters drafted from now on carry."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comity.authorities.roles import Power
from comity.cases.protection import FLAGS
from comity.registry.actions.reviews import flag_selector
from comity.web.investigator.views import member_of
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.forms import DeskForm
from comity.web.shell.session import DeskRequest


class ProtectedForm(DeskForm):
    """The flags of one target."""

    selector = forms.ChoiceField(label=_("Target"), widget=forms.RadioSelect)
    flags = forms.MultipleChoiceField(
        label=_("Whoever stands behind it"),
        choices=[(one, wording.FLAGS[one]) for one in FLAGS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, targets: list[str], **kwargs: Any) -> None:
        """`targets` of the case."""
        super().__init__(*args, **kwargs)
        self.fields["selector"].choices = [(one, one) for one in targets]  # type: ignore[attr-defined]


@desk(Power.OPEN_CASE)
@require_http_methods(["GET", "POST"])
def protect(request: DeskRequest, reference: str) -> HttpResponse:
    """Say that whoever stands behind a target is protected."""
    record = member_of(request, reference)
    form = ProtectedForm(request.POST or None, targets=record["selectors"])
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        flag_selector(reference, typed["selector"], sorted(typed["flags"]), actor=actor(request), at=now())
        messages.success(request, _now("The flags are recorded. Letters that are drafted from now on carry them."))
        return HttpResponseRedirect(reverse("case", args=[reference]))
    context = {
        "case": record,
        "flagged": [
            (one, [wording.word(wording.FLAGS, flag) for flag in listed]) for one, listed in record["protected"].items()
        ],
        "form": form,
        "back": reverse("case", args=[reference]),
    }
    return page(request, "investigator/protected.html", context, status=422 if form.errors else 200)
