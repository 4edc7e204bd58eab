"""The route finder: the question of a case to the law, the answer with its reasons, and the questions that are still open.

Each asking is recorded with the edition that answered; the answer page shows the record, never a fresh computation.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.forms import BoundField
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.law import (
    Edition,
    NoEditionInForce,
    Question,
    QuestionBroken,
    SameState,
    StateUnknown,
    ValueUnknown,
    routes,
)
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.actions import cases as acts
from comity.registry.queries import cases as reads
from comity.web.investigator import advice
from comity.web.investigator.question_form import AskForm, initial
from comity.web.investigator.views import member_of
from comity.web.shell import questions, verdicts
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest

_AT_FIELD: Final[dict[type[ComityError], str | None]] = {
    StateUnknown: "to_state",
    SameState: "to_state",
    ValueUnknown: None,
    QuestionBroken: None,
    NoEditionInForce: None,
}


@desk(Power.OPEN_CASE)
@require_http_methods(["GET", "POST"])
def ask(request: DeskRequest, reference: str) -> HttpResponse:
    """Ask the law for a case, with the facts that are known, and go to the answer."""
    record = member_of(request, reference)
    if request.method == "GET":
        return _form(request, record, _blank(request, record))
    form = AskForm(request.POST, own_state=current().state, connected=_connected(actor(request)))
    if not form.is_valid():
        return _form(request, record, form, status=422)
    try:
        question = form.question(own_state=current().state, offences=record["offences"])
        digest = _asked(request, reference, question)
    except tuple(_AT_FIELD) as refusal:
        form.refused(refusal, field=_AT_FIELD[type(refusal)])
        return _form(request, record, form, status=422)
    return HttpResponseRedirect(reverse("verdict", args=[reference, digest]))


def _asked(request: DeskRequest, reference: str, question: Question) -> str:
    """Ask, and keep the answer with the case; its digest."""
    edition, at = Edition.packaged(), now()
    answer = routes(question, on=at.date(), edition=edition)
    return acts.record_verdict(
        reference, verdict=answer.as_json(), edition=edition, on=answer.on, actor=actor(request), at=at
    )


def _blank(request: DeskRequest, record: JsonObject) -> AskForm:
    """A form to begin with; `from` names an earlier answer of this case, whose question it takes over."""
    earlier = request.GET.get("from", "")
    begin: dict[str, Any] = {"requesting_authority": "judge", "stage": "investigation"}
    if earlier:
        begin = initial(_of_case(record, earlier, viewer=actor(request))["question"])
    return AskForm(initial=begin, own_state=current().state, connected=_connected(actor(request)))


def _form(request: DeskRequest, record: JsonObject, form: AskForm, *, status: int = 200) -> HttpResponse:
    names = {field.name for field in form.facts()}
    context = {
        "case": record,
        "form": form,
        "main": [field for field in form if field.name not in names],
        "facts": form.facts(),
        "facts_open": form.answered() > 0 or bool(names & set(form.errors)),
        "offences": [verdicts.offence(one) for one in record["offences"]],
        "edition": Edition.packaged(),
    }
    return page(request, "investigator/ask.html", context, status=status)


@desk()
@require_GET
def verdict(request: DeskRequest, reference: str, digest: str) -> HttpResponse:
    """An answer of the law: for members of the case with what can be done; for who decides on a letter, to read."""
    viewer = actor(request)
    record = _member(request, reference)
    answer = _of_case(record, digest, viewer=viewer) if record else reads.verdict(digest, viewer=viewer)
    edition = Edition.packaged()
    open_facts = verdicts.open_facts(answer) if record else {}
    form = _interview(answer, open_facts, viewer=viewer)
    drafts = record is not None and Power.DRAFT_LETTER in viewer.powers and _drafts(answer)
    context = {
        "case": record,
        "reference": reference,
        "digest": digest,
        "verdict": answer,
        "on": date.fromisoformat(answer["on"]),
        "asked": verdicts.asked(answer, states=questions.states(edition)),
        "facts": _answered(answer, edition),
        "groups": verdicts.groups(answer),
        "form": form,
        "interview": [Asked.of(form.fact(name), found) for name, found in open_facts.items() if name in form.guided],
        "of_case": [found[0][1].question for name, found in open_facts.items() if name not in form.guided],
        "drafts": drafts,
        "advice": advice.for_answer(reference, digest, answer, drafts=drafts, member=record is not None),
    }
    return page(request, "investigator/verdict.html", context)


@dataclass(frozen=True)
class Change:
    """What one answer would make of one route."""

    answer: str
    status: str
    route: str
    anchor: str


@dataclass(frozen=True)
class Asked:
    """An open question with its field, who can answer it, and what each answer would change."""

    field: BoundField
    answered_by: str
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, field: BoundField, found: list[tuple[verdicts.Route, verdicts.Open]]) -> "Asked":
        """The question as it stands on one or more routes."""
        changes = [
            Change(answer, status, route.title, route.anchor) for route, one in found for answer, status in one.changes
        ]
        return cls(field, found[0][1].answered_by, tuple(changes))


def _answered(answer: JsonObject, edition: Edition) -> list[tuple[str, str]]:
    """The facts that the question answered, each with its question."""
    words = {True: _("yes"), False: _("no")}
    facts: JsonObject = answer["question"]["facts"]
    asked = {name: one.question for name, one in edition.facts.items()}
    return [(asked.get(name, name), words.get(value, str(value))) for name, value in facts.items()]


def _member(request: DeskRequest, reference: str) -> JsonObject | None:
    try:
        return member_of(request, reference)
    except NoSuchThing:
        return None


def _interview(answer: JsonObject, open_facts: dict[str, Any], *, viewer: Actor) -> AskForm:
    """The question again, with what nobody has answered yet to be answered, and everything else kept."""
    answerable = {fact.id for fact in Edition.packaged().facts.values() if fact.from_ == "answer"}
    return AskForm(
        initial=initial(answer["question"]),
        own_state=answer["question"]["requesting_state"],
        connected=_connected(viewer),
        guided=open_facts.keys() & answerable,
    )


def _drafts(answer: JsonObject) -> bool:
    """Whether a letter can ask for the measure, and some route is lawful."""
    lawful = any(route["status"] == "lawful" for route in answer["routes"])
    return lawful and verdicts.form_of(answer["question"]["measure"]) is not None


def _of_case(record: JsonObject, digest: str, *, viewer: Actor) -> JsonObject:
    """A recorded answer of this very case; raises `NoSuchThing`."""
    if digest not in {one["verdict"] for one in record["verdicts"]}:
        raise NoSuchThing(what="verdict", reference=digest[:8])
    return reads.verdict(digest, viewer=viewer)


def _connected(viewer: Actor) -> frozenset[str]:
    return frozenset(one.state for one in reads.addressees(viewer=viewer))
