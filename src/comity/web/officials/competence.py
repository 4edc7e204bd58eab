"""The directory at the administrators' desk: entries of this node are written, confirmed and withdrawn, each by a signature."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.competence import Competence
from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.gestures.competence import prepare_confirmation, prepare_entry, prepare_withdrawal
from comity.registry.queries import competence
from comity.web.officials.competence_form import CompetenceForm, WithdrawForm, fresh, typed
from comity.web.shell import competences
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


@desk(Power.ADMINISTER)
@require_GET
def entries(request: DeskRequest) -> HttpResponse:
    """The entries of this node, with what each needs, and who was not told of one yet."""
    viewer = actor(request)
    held = competence.directory(viewer=viewer, at=now())
    ours = [competences.listed(one) for one in held.entries if one.ours]
    context = {
        "entries": [one for one in ours if one.entry and not one.entry.withdrawn],
        "withdrawn": [one for one in ours if one.entry and one.entry.withdrawn],
        "untold": sorted({peer for peer, _ in competence.untold(viewer=viewer)}),
        "unreadable": held.unreadable,
    }
    return page(request, "officials/competences.html", context)


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """A new entry."""
    node = current()
    initial = fresh(node=node.id, state=node.state, zone=str(node.zone))
    form = CompetenceForm(request.POST if request.method == "POST" else None, initial=initial)
    return _written(request, form, reference="")


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, reference: str) -> HttpResponse:
    """The next version of an entry."""
    held = _own(request, reference)
    form = CompetenceForm(request.POST if request.method == "POST" else None, initial=typed(held, zone=current().zone))
    return _written(request, form, reference=reference)


@desk(Power.ADMINISTER)
@require_POST
def confirm(request: DeskRequest, reference: str) -> HttpResponse:
    """Confirm an entry as it stands; the next page asks for the signature."""
    return begin(request, prepare_confirmation(reference, actor=actor(request), at=now()))


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def withdraw(request: DeskRequest, reference: str) -> HttpResponse:
    """Withdraw an entry, with a reason that everybody reads."""
    held = _own(request, reference)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            return begin(request, prepare_withdrawal(reference, reason=reason, actor=actor(request), at=now()))
        except ComityError as refusal:
            form.refused(refusal, field="reason")
    context = {"form": form, "held": held}
    return page(request, "officials/competence_withdraw.html", context, status=422 if form.errors else 200)


def _written(request: DeskRequest, form: CompetenceForm, *, reference: str) -> HttpResponse:
    if form.is_valid():
        try:
            prepared = prepare_entry(
                form.described(zone=current().zone), reference=reference, actor=actor(request), at=now()
            )
        except ComityError as refusal:
            form.refused(refusal)
        else:
            return begin(request, prepared)
    context = {"form": form, "new": not reference}
    return page(request, "officials/competence.html", context, status=422 if form.errors else 200)


def _own(request: DeskRequest, reference: str) -> Competence:
    """The newest version of an entry of this node; raises `NoSuchThing`, also for one that cannot be read any more."""
    versions = competence.versions(current().id, reference, viewer=actor(request), at=now())
    if not versions:
        raise NoSuchThing(what="entry", reference=reference[:8])
    return versions[0].held.entry
