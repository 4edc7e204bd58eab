"""People at the administrators' desk: one person with every office, what is decided on a mandate, and training.

And the page that everybody has on himself: what I may do, since when, by whose appointment, and what I signed.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.roles import Power
from comity.authorities.standing import Change, signatures_needed
from comity.errors import ComityError
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.actions import mandates as acts
from comity.registry.gestures import mandates as deciding
from comity.registry.queries import roster
from comity.registry.queries.roster import Office, Person, Runs
from comity.web.officials import words
from comity.web.officials.forms import DecisionForm, RequirementsForm, TrainingForm
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin
from comity.web.shell.telling import rows

_CHANGES = {
    Runs.IN_FORCE: (Change.SUSPEND, Change.REVOKE),
    Runs.NOT_YET: (Change.SUSPEND, Change.REVOKE),
    Runs.SUSPENDED: (Change.REINSTATE, Change.REVOKE),
    Runs.RUN_OUT: (Change.REVOKE,),
    Runs.ENDED: (),
}


@desk(Power.ADMINISTER)
@require_GET
def person(request: DeskRequest, official: str) -> HttpResponse:
    """One person: offices and how they stand, training, what stands open, and what happened."""
    me = actor(request)
    found = roster.person(official, viewer=me, at=now())
    context = _told(request, found) | {
        "own": official == me.official,
        "open": roster.standing_open(official, viewer=me),
        "waiting": [one for one in roster.open_decisions(viewer=me) if one.decision.official == official],
    }
    return page(request, "officials/person.html", context)


@desk()
@require_GET
def profile(request: DeskRequest) -> HttpResponse:
    """What I may do, since when, who appointed me, my training, what I signed, and what colleagues left open."""
    me = actor(request)
    context = _told(request, roster.person(me.official, viewer=me, at=now())) | {
        "mandate": me.mandate,
        "signed": [
            {"of": one, "powers": [words.POWERS.get(power, power) for power in one.powers]}
            for one in roster.signatures(viewer=me)
        ],
        "left": [
            {"of": one, "state": wording.word(wording.STATES, one.state)}
            for one in roster.left_open(viewer=me, at=now())
        ],
    }
    return page(request, "officials/profile.html", context)


def suspend(request: DeskRequest, official: str, mandate: str) -> HttpResponse:
    """Suspend a mandate."""
    return _change(request, official, mandate, change=Change.SUSPEND)


def reinstate(request: DeskRequest, official: str, mandate: str) -> HttpResponse:
    """Reinstate a mandate."""
    return _change(request, official, mandate, change=Change.REINSTATE)


def end(request: DeskRequest, official: str, mandate: str) -> HttpResponse:
    """End a mandate for good."""
    return _change(request, official, mandate, change=Change.REVOKE)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def _change(request: DeskRequest, official: str, mandate: str, *, change: Change) -> HttpResponse:
    """The reason, and who signs after; then the text that is signed."""
    me = actor(request)
    found = roster.person(official, viewer=me, at=now())
    office = next((one for one in found.offices if one.mandate == mandate and change in _CHANGES[one.runs]), None)
    if office is None:
        raise NoSuchThing(what="mandate", reference=mandate[:40])
    two = signatures_needed(change, role=office.entry.role) > 1
    others = deciding.seconds(official, actor=me, at=now()) if two else None
    form = DecisionForm(request.POST if request.method == "POST" else None, others=others)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            prepared = deciding.prepare_decision(
                official,
                mandate,
                change,
                reason=typed["reason"],
                second=typed.get("second", ""),
                actor=me,
                at=now(),
            )
        except ComityError as refusal:
            form.refused(refusal)
        else:
            return begin(request, prepared)
    context = {
        "form": form,
        "person": found,
        "office": _office(office),
        "title": words.DECIDE_TITLES[change] % {"name": found.name},
        "lead": words.DECIDE_LEADS[change],
        "danger": change is not Change.REINSTATE,
        "two": two,
        "alone": two and not others,
        "open": roster.standing_open(official, viewer=me),
    }
    return page(request, "officials/change.html", context, status=422 if form.errors else 200)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def decision(request: DeskRequest, reference: str) -> HttpResponse:
    """A decision that waits for its second signature, and the way to it."""
    me = actor(request)
    waiting = roster.open_decision(reference, viewer=me)
    mine = waiting.second == me.official
    if request.method == "POST" and mine:
        return begin(request, deciding.prepare_second_decision(reference, actor=me, at=now()))
    found = roster.person(waiting.decision.official, viewer=me, at=now())
    context = {
        "waiting": waiting,
        "mine": mine,
        "person": found,
        "title": words.DECIDE_TITLES[waiting.decision.change] % {"name": found.name},
        "rows": rows(waiting.statement.body),
    }
    return page(request, "officials/decision.html", context)


@desk(Power.ADMINISTER)
@require_POST
def drop(request: DeskRequest, reference: str) -> HttpResponse:
    """Throw a decision away that waits for its second signature."""
    waiting = roster.open_decision(reference, viewer=actor(request))
    acts.drop_decision(reference, actor=actor(request), at=now())
    messages.success(request, _("The decision is thrown away; the mandate stands as before."))
    return HttpResponseRedirect(reverse("person", args=[waiting.decision.official]))


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def train(request: DeskRequest, official: str) -> HttpResponse:
    """Record a course that an official attended."""
    me = actor(request)
    found = roster.person(official, viewer=me, at=now())
    form = TrainingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return begin(request, deciding.prepare_training(official, **form.cleaned_data, actor=me, at=now()))
        except ComityError as refusal:
            form.refused(refusal)
    context = {"form": form, "person": found, "courses": _courses(request)}
    return page(request, "officials/train.html", context, status=422 if form.errors else 200)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def trainings(request: DeskRequest) -> HttpResponse:
    """What powers ask for, who lacks it, and the way to change it."""
    me = actor(request)
    policy = roster.training_policy(viewer=me)
    form = RequirementsForm(request.POST if request.method == "POST" else None, policy=policy)
    if form.is_valid():
        try:
            return begin(request, deciding.prepare_training_policy(form.requires(), actor=me, at=now()))
        except ComityError as refusal:
            form.refused(refusal)
    lacking = [
        {"person": one, "office": _office(office)}
        for one in roster.roster(viewer=me, at=now())
        for office in one.in_force
        if office.lacks
    ]
    context = {"form": form, "policy": policy, "lacking": lacking}
    return page(request, "officials/trainings.html", context, status=422 if form.errors else 200)


def _told(request: DeskRequest, found: Person) -> dict[str, Any]:
    """A person as both pages show it."""
    me = actor(request)
    return {
        "person": found,
        "offices": [_office(one) for one in found.offices],
        "history": [
            {
                "of": one,
                "word": words.HAPPENED[one.what],
                "tone": words.HAPPENED_TONES[one.what],
            }
            for one in roster.history(found.official, viewer=me)
        ],
        "trainings": [
            {"of": one, "why": one.why_not(on=now().astimezone(current().zone).date())}
            for one in roster.trainings(found.official, viewer=me)
        ],
    }


def _office(office: Office) -> dict[str, Any]:
    """An office in words, and what can be decided on its mandate."""
    return {
        "of": office,
        "desk_name": wording.word(wording.ROLES, office.entry.role),
        "state": wording.word(words.RUNS, office.runs),
        "tone": words.TONES[office.runs],
        "powers": [words.POWERS.get(power, power.value) for power in sorted(office.entry.powers)],
        "lacks": [{"power": words.POWERS.get(one.power, one.power.value), "of": one} for one in office.lacks],
        "changes": [{"code": change.value, "word": words.DECIDE[change]} for change in _CHANGES[office.runs]],
    }


def _courses(request: DeskRequest) -> list[str]:
    """The courses that powers ask for, to choose from."""
    policy = roster.training_policy(viewer=actor(request))
    return sorted({course for listed in policy.requires.values() for course in listed}) if policy else []
