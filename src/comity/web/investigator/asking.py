"""The interview: an official is led question by question, sees the routes open and close, and keeps the answer with a case.

* The whole state is in the address; nothing is kept before somebody keeps it.
* One page asks one question, or shows the answer as it stands; a question that decides no route any more is not asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.cases.case import Offence, OffenceNotUsable
from comity.law import (
    Edition,
    FactNotAnswerable,
    QuestionBroken,
    SameState,
    StateUnknown,
    ValueUnknown,
    routes,
)
from comity.registry.act import current
from comity.registry.actions import cases as acts
from comity.registry.queries import cases as reads
from comity.web.investigator import address, leading, showing, spelling
from comity.web.investigator.address import ANSWER, BASE, FACT, Interview
from comity.web.investigator.keep_form import KeepForm
from comity.web.investigator.question_form import ANSWERS, Around, FactForm, OffencesAsked, StepForm, form_of
from comity.web.investigator.views import member_of
from comity.web.shell import questions, verdicts
from comity.web.shell.desk import actor, desk, now, page, said
from comity.web.shell.session import DeskRequest

_ROW: Final = re.compile(r"(?:offence|here|there)_[0-9]{1,3}")
_NAMES: Final = {
    "who": ("authority", "stage"),
    "whom": ("to",),
    "what": ("measure",),
    "data": ("data", "categories", "purpose"),
    "offences": (),
    "pressing": ("urgency", "provider"),
}
"""The parameters that each step before the law asks for anew."""

_WRONG_VALUES: Final = (
    address.AddressBroken,
    FactNotAnswerable,
    OffenceNotUsable,
    QuestionBroken,
    SameState,
    StateUnknown,
    ValueUnknown,
)
"""What an address is refused with."""


@dataclass(frozen=True)
class Sitting:
    """Where an interview takes place: for which case, if any, under which edition, on which day."""

    case: JsonObject | None
    edition: Edition
    own_state: str
    on: date

    @property
    def base(self) -> str:
        """The address without the state."""
        return reverse("case-ask", args=[self.case["case"]]) if self.case else reverse("ask")

    @property
    def offences(self) -> tuple[Offence, ...]:
        """What the case says already."""
        return tuple(Offence.from_record(one) for one in self.case["offences"]) if self.case else ()

    def read(self, given: QueryDict) -> Interview:
        """The interview in the parameters; the offences of the case stand in it from the beginning. Raises as `address.read`."""
        interview = address.read(given, own_state=self.own_state, edition=self.edition)
        if interview.offences is None and self.offences:
            return replace(interview, offences=self.offences)
        return interview

    def ask(self, interview: Interview) -> JsonObject:
        """The law's answer to what is known; nothing is kept."""
        question = interview.question(own_state=self.own_state, edition=self.edition)
        return routes(question, on=self.on, edition=self.edition).as_json()


@desk(Power.OPEN_CASE)
@require_GET
def ask(request: DeskRequest, reference: str = "") -> HttpResponse:
    """One state of the interview, for a case or without one: the next question, or the answer as it stands."""
    case = member_of(request, reference) if reference else None
    sitting = Sitting(case, Edition.packaged(), current().state, now().date())
    try:
        return _taken(request, sitting) if ANSWERS in request.GET else _looked_at(request, sitting)
    except _WRONG_VALUES as wrong:
        return page(
            request,
            "shell/refused.html",
            {"sentence": said(wrong), "code": wrong.code, "back": sitting.base},
            status=422,
        )


def _looked_at(request: DeskRequest, sitting: Sitting) -> HttpResponse:
    """The state in the address, as it stands."""
    interview = sitting.read(request.GET)
    answer = sitting.ask(interview) if interview.askable else None
    step = _step(interview, answer, sitting.edition)
    if answer is not None and step == ANSWER:
        return _standing(request, sitting, interview, answer)
    form = form_of(step, None, interview=interview, around=_around(sitting, viewer=actor(request)))
    return _question(request, sitting, step, form, answer)


def _taken(request: DeskRequest, sitting: Sitting) -> HttpResponse:
    """Take the answer of one step, and go on to where it leads; a wrong one is shown again with what is wrong."""
    step = request.GET[ANSWERS]
    kept = request.GET.copy()
    for name in list(kept):
        if name in {ANSWERS, step, *_NAMES.get(step, ())} or (step == "offences" and _ROW.fullmatch(name)):
            del kept[name]
    kept["step"] = step
    interview = replace(sitting.read(kept), step="")
    if step == ANSWER:
        raise address.AddressBroken(why="it answers what was not asked")
    form = form_of(step, request.GET, interview=interview, around=_around(sitting, viewer=actor(request)))
    if form.is_valid():
        return HttpResponseRedirect(replace(form.answered(), last=step).address(sitting.base))
    answer = sitting.ask(interview) if interview.askable else None
    return _question(request, sitting, step, form, answer, status=422)


def _step(interview: Interview, answer: JsonObject | None, edition: Edition) -> str:
    """What is looked at: what the address says, else the next step before the law, else the fact that decides the most."""
    if interview.step and (interview.step != ANSWER or interview.askable):
        return interview.step
    unasked = next((step for step in BASE if not interview.answered(step)), "")
    if unasked or answer is None:
        return unasked
    return next(iter(_left(interview, answer, edition)), ANSWER)


def _left(interview: Interview, answer: JsonObject, edition: Edition) -> list[str]:
    """The steps at which a decisive fact is asked that has not been asked yet, in their order."""
    return [
        f"{FACT}{name}"
        for name in leading.decisive(answer, edition=edition, only=interview.route)
        if edition.facts[name].from_ == "answer" and name not in interview.facts
    ]


def _question(
    request: DeskRequest,
    sitting: Sitting,
    step: str,
    form: StepForm | OffencesAsked,
    answer: JsonObject | None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of one question, with the routes as they stand beside it."""
    interview = form.interview
    own = (step, *_NAMES.get(step, ()), "last", "step")
    context = {
        **_shown(sitting, interview, answer),
        "step": step,
        "form": form,
        "kept": [(name, value) for name, value in interview.pairs() if name not in own],
        "asked": _asked(sitting, interview, step, form),
        "left": len(_left(interview, answer, sitting.edition)) if answer else 0,
        "answer_url": interview.at(ANSWER).address(sitting.base) if answer else "",
    }
    return page(request, "investigator/interview.html", context, status=status)


def _asked(
    sitting: Sitting, interview: Interview, step: str, form: StepForm | OffencesAsked
) -> showing.BaseQuestion | showing.FactQuestion:
    """The question of a step: why it is asked, who can answer it, what each answer changes."""
    if not isinstance(form, FactForm):
        return showing.base_question(step)
    fact = form.fact
    others = {name: said for name, said in interview.facts.items() if name != fact.id}
    if not interview.askable:
        return showing.fact_question(form, {}, [])
    before = sitting.ask(replace(interview, facts=others))
    effects = {
        said: leading.effect(before, sitting.ask(replace(interview, facts={**others, fact.id: said})), fact=fact.id)
        for said in (*spelling.options(fact), spelling.UNKNOWN)
    }
    return showing.fact_question(form, effects, leading.why(before, fact.id))


def _standing(
    request: DeskRequest,
    sitting: Sitting,
    interview: Interview,
    answer: JsonObject,
    *,
    keep: KeepForm | None = None,
) -> HttpResponse:
    """The answer as it stands, whole; it can be kept with a case."""
    edition = sitting.edition
    decisive = leading.decisive(answer, edition=edition)
    context = {
        **_shown(sitting, interview, answer),
        "verdict": answer,
        "groups": verdicts.groups(answer),
        "open": _places(sitting, interview, decisive),
        "further": _places(sitting, interview, leading.further(answer)),
        "keep": keep or KeepForm(cases=_cases(sitting, viewer=actor(request))),
        "kept": [(name, value) for name, value in interview.pairs() if name not in {"route", "last", "step"}],
        "on": sitting.on,
    }
    return page(request, "investigator/standing.html", context, status=422 if keep else 200)


def _shown(sitting: Sitting, interview: Interview, answer: JsonObject | None) -> dict[str, object]:
    """What every page of the interview shows: the case, what has been answered, the routes, and the link to this state."""
    before = interview.without_last() if answer else None
    was = sitting.ask(before) if before and before.askable else None
    return {
        "case": sitting.case,
        "said": showing.said(interview, edition=sitting.edition, base=sitting.base),
        "routes": showing.routes(answer, was, interview, base=sitting.base) if answer else None,
        "here": replace(interview, last="").address(sitting.base),
        "anew": sitting.base,
    }


def _places(sitting: Sitting, interview: Interview, facts: Iterable[str]) -> list[tuple[str, str]]:
    """Questions that are open, each with the address at which it is answered."""
    return [
        (
            questions.fact(fact),
            interview.at(leading.step_of(fact, edition=sitting.edition)).address(sitting.base),
        )
        for fact in facts
    ]


@desk(Power.OPEN_CASE)
@require_POST
def keep(request: DeskRequest) -> HttpResponse:
    """Keep the law's answer with a case, and go to it; offences that the case does not name are stated for it on wish."""
    typed = request.POST.copy()
    taken = {name: typed.pop(name, [""])[-1] for name in ("case", "in", "restate", "csrfmiddlewaretoken")}
    within = member_of(request, taken["in"]) if taken["in"] else None
    sitting = Sitting(within, Edition.packaged(), current().state, now().date())
    interview = sitting.read(typed)
    if not interview.askable:
        raise address.AddressBroken(why="it does not say who asks whom for what")
    answer = sitting.ask(interview)
    form = KeepForm(taken, cases=_cases(sitting, viewer=actor(request)))
    if not form.is_valid():
        return _standing(request, sitting, interview, answer, keep=form)
    case = member_of(request, form.cleaned_data["case"])
    form.hold(interview, offences=tuple(Offence.from_record(one) for one in case["offences"]))
    if form.errors:
        return _standing(request, sitting, interview, answer, keep=form)
    if form.others:
        acts.state_offences(case["case"], interview.offences or (), actor=actor(request), at=now())
    digest = acts.record_verdict(
        case["case"], verdict=answer, edition=sitting.edition, on=sitting.on, actor=actor(request), at=now()
    )
    messages.success(request, _("The answer is kept with the case."))
    return HttpResponseRedirect(reverse("verdict", args=[case["case"], digest]))


def _cases(sitting: Sitting, *, viewer: Actor) -> list[tuple[str, str]]:
    """The cases with which an answer can be kept: the one for which it was asked, else all of the viewer's."""
    if sitting.case:
        return [(sitting.case["case"], sitting.case["title"])]
    return [(one["case"], one["title"]) for one in reads.cases(viewer=viewer)]


def _around(sitting: Sitting, *, viewer: Actor) -> Around:
    connected = frozenset(one.state for one in reads.addressees(viewer=viewer))
    return Around(sitting.edition, sitting.own_state, connected)
