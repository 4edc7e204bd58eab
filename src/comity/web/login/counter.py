"""The administrators' side of further ways in: two of them sign for what an official asked for. They can ask for nothing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.directory import Entry
from comity.authorities.roles import Power, Role
from comity.registry.actions import credentials as acts
from comity.registry.gestures import credentials as gestures
from comity.registry.queries import credentials as queries
from comity.registry.queries import people
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.forms import DeskForm
from comity.web.shell.session import DeskRequest, hold_passkey
from comity.web.shell.signing import begin


class ComparedForm(DeskForm):
    """That what waits was compared with the person; and who signs after, for the first of the two."""

    compared = forms.BooleanField(
        label=gettext_lazy("I compared this with the person, by voice or face to face."),
        error_messages={"required": gettext_lazy("Compare it first: it is what keeps a stranger out.")},
    )

    def __init__(self, *args: Any, others: list[Entry], **kwargs: Any) -> None:
        """`others`: the administrators who can sign as the second one; empty for the second."""
        super().__init__(*args, **kwargs)
        if others:
            self.fields["second"] = forms.ChoiceField(
                label=_("Who signs after you"),
                widget=forms.RadioSelect,
                choices=[(one.official, one.name) for one in others],
            )
            self.order_fields(["second", "compared"])


@desk(Power.ADMINISTER)
@require_GET
def waiting(request: DeskRequest) -> HttpResponse:
    """Every request for a further way in that waits."""
    me = actor(request)
    listed = [{"asked": one, "mine": one.waits_for(me.official)} for one in queries.asked(viewer=me)]
    return page(request, "login/waiting.html", {"waiting": listed})


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def one(request: DeskRequest, reference: str) -> HttpResponse:
    """One request: what is asked for, and the way to this administrator's signature."""
    hold_passkey(request)
    me = actor(request)
    found = queries.asked_one(reference, viewer=me)
    others = _others(request, found) if found.statement is None else []
    form = None
    if found.waits_for(me.official) and (others or found.statement):
        form = ComparedForm(request.POST if request.method == "POST" else None, others=others)
        if form.is_valid():
            if found.statement is None:
                second = form.cleaned_data["second"]
                return begin(request, gestures.prepare_first(reference, second=second, actor=me, at=now()))
            return begin(request, gestures.prepare_second(reference, actor=me, at=now()))
    context = {
        "asked": found,
        "person": people.sitting(found.official, found.mandate, viewer=me, at=now()),
        "fingerprint": found.passkey.key.fingerprint if found.passkey else "",
        "form": form,
    }
    return page(request, "login/way.html", context, status=422 if form and form.errors else 200)


@desk(Power.ADMINISTER)
@require_POST
def withdraw(request: DeskRequest, reference: str) -> HttpResponse:
    """Refuse what an official asked for; the official can ask again."""
    acts.withdraw_credential(reference, actor=actor(request), at=now())
    messages.success(request, _("The request is refused. It opens nothing."))
    return HttpResponseRedirect(reverse("ways-waiting"))


def _others(request: DeskRequest, asked: queries.Asked) -> list[Entry]:
    """The administrators in office who can sign beside this one."""
    me = actor(request)
    found = {
        entry.official: entry
        for entry in people.directory(viewer=me)
        if entry.role is Role.ADMINISTRATOR and entry.from_ <= now() < entry.until
    }
    return [entry for official, entry in found.items() if official not in {me.official, asked.official}]
