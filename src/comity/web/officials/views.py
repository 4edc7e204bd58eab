"""The administrators' desk. Inviting is one administrator's, enrolling takes the signatures of two."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.directory import Entry
from comity.authorities.roles import POWERS, Power, Role
from comity.canon import folded
from comity.errors import ComityError
from comity.registry import post
from comity.registry.act import current
from comity.registry.actions import directory as acts
from comity.registry.gestures import people as enrolling
from comity.registry.queries import people, roster
from comity.registry.queries.roster import Runs
from comity.web.officials import words
from comity.web.officials.forms import ComparedForm, InvitationForm, PeopleForm, SecondForm
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

SOON: Final = timedelta(days=60)
"""How long before an administrator's mandate runs out the desk says so."""


@desk(Power.ADMINISTER)
@require_GET
def officials(request: DeskRequest) -> HttpResponse:
    """Who is in office, who was, who is invited, and what waits for this administrator."""
    me = actor(request)
    form = PeopleForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"q": "", "stands": ""}
    everybody = roster.roster(viewer=me, at=now())
    people_asked = [one for one in everybody if _fits(one, stands=asked["stands"], name=folded(asked["q"]))]
    invited = [_invited(one, me.official) for one in people.invited(viewer=me)]
    usable = [one for person in everybody for one in person.in_force if one.entry.role is Role.ADMINISTRATOR]
    soon = [one for one in usable if one.entry.until <= now() + SOON]
    context = {
        "form": form,
        "listed": [_listed(one) for one in people_asked],
        "all": len(everybody),
        "invited": invited,
        "mine": [one for one in invited if one["mine"]],
        "decisions": roster.open_decisions(viewer=me),
        "administrators": len({one.entry.official for one in usable}),
        "soon": soon,
        "me": me.official,
    }
    return page(request, "officials/officials.html", context, status=422 if form.errors else 200)


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
            link = enrolling.invite(form.appointment(zone=current().zone), actor=me, at=now())
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
    context = _invited(one, me.official) | {
        "form": form,
        "others": others,
        "powers": [words.POWERS.get(power, power.value) for power in sorted(one.powers or POWERS[one.role])],
        "second_office": [held for held in roster.roster(viewer=me, at=now()) if held.official == one.official],
        "namesakes": _namesakes(request, one),
    }
    return page(request, "officials/invitation.html", context, status=422 if form and form.errors else 200)


@desk(Power.ADMINISTER)
@require_POST
def withdraw(request: DeskRequest, reference: str) -> HttpResponse:
    """Withdraw an invitation."""
    acts.withdraw_invitation(reference, actor=actor(request), at=now())
    messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return HttpResponseRedirect(reverse("officials"))


def _listed(person: roster.Person) -> dict[str, Any]:
    """A person with the offices in words."""
    offices = [
        {
            "of": one,
            "desk_name": wording.word(wording.ROLES, one.entry.role),
            "state": wording.word(words.RUNS, one.runs),
            "tone": words.TONES[one.runs],
        }
        for one in person.offices
    ]
    return {"person": person, "offices": offices}


def _fits(person: roster.Person, *, stands: str, name: str) -> bool:
    """Whether a person is asked for."""
    if name and name not in folded(f"{person.name} {person.official}"):
        return False
    states = {one.runs for one in person.offices}
    match stands:
        case "in_force":
            return Runs.IN_FORCE in states
        case "suspended":
            return Runs.SUSPENDED in states
        case "ended":
            return not states & {Runs.IN_FORCE, Runs.SUSPENDED, Runs.NOT_YET}
        case "untrained":
            return any(one.lacks for one in person.in_force)
        case _:
            return True


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


def _namesakes(request: DeskRequest, one: people.Invited) -> list[roster.Person]:
    """People of the same name under another short one: one person under two names would be on both sides of an act."""
    name = folded(one.name)
    everybody = roster.roster(viewer=actor(request), at=now())
    return [held for held in everybody if folded(held.name) == name and held.official != one.official]


def _others(request: DeskRequest, one: people.Invited) -> list[Entry]:
    """The administrators in office who can sign beside this one."""
    me = actor(request)
    found = {
        entry.official: entry
        for entry in people.directory(viewer=me)
        if entry.role is Role.ADMINISTRATOR and entry.from_ <= now() < entry.until
    }
    return [entry for official, entry in found.items() if official not in {me.official, one.official}]
