"""The administrators' desk. Inviting is one administrator's, enrolling takes the signatures of two."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.directory import Entry
from comity.authorities.roles import Power, Role
from comity.errors import ComityError
from comity.registry import post
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.actions import directory as acts
from comity.registry.gestures import people as enrolling
from comity.registry.queries import people
from comity.web.officials.forms import ComparedForm, EndForm, InvitationForm, SecondForm
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


@desk(Power.ADMINISTER)
@require_GET
def officials(request: DeskRequest) -> HttpResponse:
    """Who is in office, who was, who is invited, and what waits for this administrator."""
    me = actor(request)
    mandates = [_mandate(one) for one in people.mandates(viewer=me)]
    invited = [_invited(one, me.official) for one in people.invited(viewer=me)]
    context = {
        "in_office": [one for one in mandates if one["runs"]],
        "former": [one for one in mandates if not one["runs"]],
        "invited": invited,
        "mine": [one for one in invited if one["mine"]],
        "administrators": sum(one["runs"] and one["person"].role is Role.ADMINISTRATOR for one in mandates),
    }
    return page(request, "officials/officials.html", context)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def invite(request: DeskRequest) -> HttpResponse:
    """Invite somebody; link and password are shown on the answer, and never again."""
    me = actor(request)
    if request.method == "GET":
        return page(request, "officials/invite.html", {"form": InvitationForm(initial={"authority": me.authority})})
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            link = enrolling.invite(form.appointment(), actor=me, at=now())
        except ComityError as refusal:
            form.refused(refusal)
        else:
            origin = post.own_card(current()).official_origin
            context = {
                "link": link,
                "address": f"{origin}{reverse('enrol', args=[link.token])}",
                "name": form.cleaned_data["name"],
            }
            return page(request, "officials/link.html", context)
    return page(request, "officials/invite.html", {"form": form}, status=422)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def invitation(request: DeskRequest, reference: str) -> HttpResponse:
    """One invitation: where it stands, and the way to this administrator's signature."""
    me = actor(request)
    one = people.invitation(reference, viewer=me)
    others = _others(request, one)
    form: SecondForm | ComparedForm | None = None
    if one.waits_for(me.official):
        typed = request.POST if request.method == "POST" else None
        form = SecondForm(typed, others=others) if one.statement is None else ComparedForm(typed)
        if form.is_valid():
            if isinstance(form, SecondForm):
                second = form.cleaned_data["second"]
                return begin(request, enrolling.prepare_enrolment(reference, second=second, actor=me, at=now()))
            return begin(request, enrolling.prepare_second_signature(reference, actor=me, at=now()))
    context = _invited(one, me.official) | {"form": form, "others": others}
    return page(request, "officials/invitation.html", context, status=422 if form and form.errors else 200)


@desk(Power.ADMINISTER)
@require_POST
def withdraw(request: DeskRequest, reference: str) -> HttpResponse:
    """Withdraw an invitation."""
    acts.withdraw_invitation(reference, actor=actor(request), at=now())
    messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return HttpResponseRedirect(reverse("officials"))


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, official: str, mandate: str) -> HttpResponse:
    """End a mandate at once, with a reason."""
    me = actor(request)
    found = [
        one for one in people.mandates(viewer=me) if (one.entry.official, one.entry.mandate) == (official, mandate)
    ]
    if not found or found[0].ended_at is not None:
        raise NoSuchThing(what="mandate", reference=mandate[:40])
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        acts.end_mandate(official, mandate, reason=form.cleaned_data["reason"], actor=me, at=now())
        said = _("The mandate of %(name)s is ended. Open sessions end with the next click.")
        messages.success(request, said % {"name": found[0].entry.name})
        return HttpResponseRedirect(reverse("officials"))
    context = _mandate(found[0]) | {"form": form, "own": official == me.official}
    return page(request, "officials/end.html", context, status=422 if form.errors else 200)


def _mandate(one: people.Mandate) -> dict[str, Any]:
    runs = one.ended_at is None and one.entry.from_ <= now() < one.entry.until
    return {
        "person": one.entry,
        "desk_name": wording.word(wording.ROLES, one.entry.role),
        "runs": runs,
        "ended_at": one.ended_at,
    }


def _invited(one: people.Invited, official: str) -> dict[str, Any]:
    """An invitation with where it stands: `invited`, `late`, `kept` or `proposed`."""
    stands = "proposed" if one.statement else "kept" if one.key else "late" if one.expires_at <= now() else "invited"
    return {
        "invited": one,
        "desk_name": wording.word(wording.ROLES, one.role),
        "stands": stands,
        "mine": one.waits_for(official),
        "signed_by": one.statement.body["enrolled_by"][0] if one.statement else "",
        "second": one.statement.body["enrolled_by"][1] if one.statement else "",
        "fingerprint": one.key.fingerprint if one.key else "",
    }


def _others(request: DeskRequest, one: people.Invited) -> list[Entry]:
    """The administrators in office who can sign beside this one."""
    me = actor(request)
    found = {
        entry.official: entry
        for entry in people.directory(viewer=me)
        if entry.role is Role.ADMINISTRATOR and entry.from_ <= now() < entry.until
    }
    return [entry for official, entry in found.items() if official not in {me.official, one.official}]
