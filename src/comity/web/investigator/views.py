"""Cases: the list, a new one, and the page of a case with everything that belongs to it."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.authorities.roles import Power
from comity.canon import JsonObject, moment
from comity.cases.case import Case, Offence
from comity.law import Edition
from comity.registry.access import OPENED, NoSuchThing
from comity.registry.actions import cases as acts
from comity.registry.queries import cases as reads
from comity.registry.queries.people import directory
from comity.web.investigator import advice
from comity.web.investigator.forms import CaseForm, MemberForm, OffencesForm, SelectorForm
from comity.web.shell import questions, verdicts, wording
from comity.web.shell.desk import actor, desk, now, page, said
from comity.web.shell.session import DeskRequest


@desk(Power.OPEN_CASE)
@require_GET
def cases(request: DeskRequest) -> HttpResponse:
    """The cases of which one is a member."""
    after = request.GET.get("after", "")
    return page(
        request, "investigator/cases.html", {"listed": reads.page(after=after, viewer=actor(request)), "after": after}
    )


@desk(Power.OPEN_CASE)
@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Open a case. Sent twice, the same form leads to the same case."""
    if request.method == "GET":
        return _new(request, CaseForm(initial={"reference": secrets.token_hex(16)}))
    form = CaseForm(request.POST)
    if not form.is_valid():
        return _new(request, form, status=422)
    typed = form.cleaned_data
    opened = Case(
        reference=typed["reference"],
        title=typed["title"],
        marketplace=typed["marketplace"],
        offences=typed["offences"],
        selectors=typed["selectors"],
    )
    try:
        acts.open_case(opened, actor=actor(request), at=now())
        messages.success(request, _("The case is open. You are its first member."))
    except acts.CaseKnown:
        reads.case(opened.reference, viewer=actor(request))
        messages.info(request, _("This case is open already; it was not opened twice."))
    return HttpResponseRedirect(reverse("case", args=[opened.reference]))


def _new(request: DeskRequest, form: CaseForm, *, status: int = 200) -> HttpResponse:
    if "reference" in form.errors:
        renewed = request.POST.copy()
        renewed["reference"] = secrets.token_hex(16)
        form.data = renewed
    return page(request, "investigator/new.html", {"form": form}, status=status)


@desk(Power.OPEN_CASE)
@require_GET
def case(request: DeskRequest, reference: str) -> HttpResponse:
    """One case."""
    return _case(request, _seen(request, reference))


@desk(Power.OPEN_CASE)
@require_POST
def selector(request: DeskRequest, reference: str) -> HttpResponse:
    """Record one more selector."""
    record = member_of(request, reference)
    form = SelectorForm(request.POST)
    if not form.is_valid():
        return _case(request, record, selector=form)
    try:
        acts.add_selector(reference, form.cleaned_data["selector"], actor=actor(request), at=now())
    except acts.SelectorKnown as known:
        form.refused(known, field="selector")
        return _case(request, record, selector=form)
    messages.success(request, _("The selector is recorded. Letters that are drafted from now on ask for it, too."))
    return HttpResponseRedirect(reverse("case", args=[reference]))


@desk(Power.OPEN_CASE)
@require_POST
def member(request: DeskRequest, reference: str) -> HttpResponse:
    """Let a colleague see the case."""
    record = member_of(request, reference)
    form = MemberForm(request.POST, people=_others(request, record))
    if not form.is_valid():
        return _case(request, record, member=form)
    acts.add_member(reference, form.cleaned_data["official"], actor=actor(request), at=now())
    messages.success(request, _("Your colleague is a member of the case."))
    return HttpResponseRedirect(reverse("case", args=[reference]))


@desk(Power.OPEN_CASE)
@require_POST
def member_gone(request: DeskRequest, reference: str) -> HttpResponse:
    """End a membership, also one's own."""
    record = member_of(request, reference)
    gone = request.POST.get("official", "")
    try:
        acts.remove_member(reference, gone, actor=actor(request), at=now())
    except (acts.LastMember, NoSuchThing) as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(reverse("case", args=[record["case"]]))
    messages.success(request, _("The membership has ended. The case is hidden there from now on."))
    own = gone == actor(request).official
    return HttpResponseRedirect(reverse("cases") if own else reverse("case", args=[reference]))


@desk(Power.OPEN_CASE)
@require_http_methods(["GET", "POST"])
def offences(request: DeskRequest, reference: str) -> HttpResponse:
    """State the offences of the case anew, such as when a penalty has become known."""
    record = member_of(request, reference)
    stands = tuple(Offence.from_record(one) for one in record["offences"])
    form = OffencesForm(request.POST or None, offences=stands)
    if request.method == "POST" and form.is_valid():
        acts.state_offences(reference, form.cleaned_data["offences"], actor=actor(request), at=now())
        messages.success(
            request, _("The offences are stated. Ask the law again: earlier answers rest on the old ones.")
        )
        return HttpResponseRedirect(reverse("case", args=[reference]))
    context = {"form": form, "case": record}
    return page(request, "investigator/offences.html", context, status=422 if form.errors else 200)


def _seen(request: DeskRequest, reference: str) -> JsonObject:
    """The case, for its members and for who opened it in an emergency; raises `NoSuchThing`."""
    record = reads.case(reference, viewer=actor(request))
    return record if record["why_you_see_it"] == OPENED else member_of(request, reference)


def member_of(request: DeskRequest, reference: str) -> JsonObject:
    """The case, for its members; raises `NoSuchThing` for everybody else, overseers too: this desk works, they look."""
    record = reads.case(reference, viewer=actor(request))
    if actor(request).official not in record["members"]:
        raise NoSuchThing(what="case", reference=reference[:8])
    return record


def _case(
    request: DeskRequest, record: JsonObject, *, selector: SelectorForm | None = None, member: MemberForm | None = None
) -> HttpResponse:
    """The page of a case; with a form that was refused, its message and what was typed stay."""
    viewer, reference = actor(request), record["case"]
    answers = reads.answers(reference, viewer=viewer)
    letters = reads.letters_of(reference, viewer=viewer)
    states = questions.states(Edition.packaged())
    people = {one.official: one for one in directory(viewer=viewer)}
    context: dict[str, Any] = {
        "case": record,
        "opened_at": moment(record["opened_at"]),
        "offences": [verdicts.offence(one) for one in record["offences"]],
        "members": [(name, people.get(name)) for name in record["members"]],
        "answers": [
            (one, states.get(one.to_state, one.to_state), wording.word(questions.MEASURES, one.measure))
            for one in answers
        ],
        "letters": [advice.row(one, at=now()) for one in letters],
        "advice": advice.for_case(reference, answers, letters, at=now()),
        "selector_form": selector or SelectorForm(auto_id="selector_%s"),
        "member_form": member or MemberForm(people=_others(request, record), auto_id="member_%s"),
    }
    refused = selector or member
    return page(request, "investigator/case.html", context, status=422 if refused else 200)


def _others(request: DeskRequest, record: JsonObject) -> list[tuple[str, str]]:
    """Officials of this node who are no members of the case, to choose from."""
    at = now()
    return [
        (one.official, f"{one.name}, {one.office}")
        for one in directory(viewer=actor(request))
        if one.official not in record["members"] and one.from_ <= at < one.until
    ]
