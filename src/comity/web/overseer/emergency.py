"""To open one letter or case past need-to-know in an emergency, and the alarm that it sets off at the overseer's desk."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.registry.access import NoSuchThing
from comity.registry.actions import openings as acts
from comity.registry.queries.openings import named
from comity.web.overseer.forms import EmergencyForm
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.session import DeskRequest


@desk(*acts.HANDLING)
@require_http_methods(["GET", "POST"])
def emergency(request: DeskRequest) -> HttpResponse:
    """Open one thing for an hour; what was opened is shown at once."""
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]
        opening = acts.open_letter if kind == "letter" else acts.open_case_file
        try:
            name = named(kind, form.cleaned_data["name"], viewer=actor(request))
            opening(name, reason=reason, actor=actor(request), at=now())
        except NoSuchThing as missing:
            form.refused(missing, field="name")
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            messages.warning(request, _("Opened for an hour, to read it. The overseer has been alarmed."))
            return HttpResponseRedirect(reverse(kind, args=[name]))
    context = {"form": form, "hours": int(acts.OPEN_FOR.total_seconds() // 3600), "back": reverse("desk")}
    return page(request, "overseer/emergency.html", context, status=422 if form.errors else 200)


@desk(Power.OVERSEE)
@require_POST
def acknowledge(request: DeskRequest, reference: str) -> HttpResponse:
    """The overseer has seen the alarm."""
    acts.acknowledge_opening(reference, actor=actor(request), at=now())
    messages.success(request, _("The alarm is acknowledged, and the log says by whom."))
    return HttpResponseRedirect(reverse("oversight"))
