"""The overseer's page about who vouches for the log: witnesses, time stamps, and what other logs showed."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.authorities.roles import Power
from comity.canon import canonical
from comity.errors import ComityError
from comity.registry.actions import witnesses as acts
from comity.registry.queries import witnesses as reads
from comity.web.log.forms import SettleForm
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest


@desk(Power.OVERSEE)
@require_http_methods(["GET", "POST"])
def vouching(request: DeskRequest) -> HttpResponse:
    """How the log is vouched for; a POST closes a finding."""
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            acts.settle_finding(told["finding"], reason=told["reason"], actor=actor(request), at=now())
        except ComityError as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("The finding is closed, and the log says by whom and why."))
            return HttpResponseRedirect(reverse("vouching"))
    found = reads.vouched(viewer=actor(request))
    forms = [(one, _form(one.reference, form)) for one in found.findings if one.settled_at is None]
    context = {
        "found": found,
        "open": forms,
        "settled": [one for one in found.findings if one.settled_at],
        "form": form,
    }
    return page(request, "log/vouching.html", context, status=422 if form.errors else 200)


def _form(reference: str, sent: SettleForm) -> SettleForm:
    """The form of one finding; the one that was sent keeps what was typed."""
    if sent.is_bound and sent.data.get("finding") == reference:
        return sent
    return SettleForm(initial={"finding": reference}, auto_id=f"id_%s_{reference[:8]}")


@desk(Power.OVERSEE)
@require_GET
def findings(request: DeskRequest) -> HttpResponse:
    """Every finding with its proof, as a file."""
    found = [one.as_document() for one in reads.findings(viewer=actor(request))]
    return _file({"findings": found}, name="findings.json")


@desk(Power.OVERSEE)
@require_GET
def time_stamps(request: DeskRequest) -> HttpResponse:
    """The newest time stamps, as a file."""
    found = [one.as_document() for one in reads.time_stamps(viewer=actor(request))]
    return _file({"time_stamps": found}, name="time-stamps.json")


def _file(content: dict[str, object], *, name: str) -> HttpResponse:
    answer = HttpResponse(canonical(content), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
