"""From a lawful route to a letter: the draft, sending it, and the steps that the issuing side takes afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.authorisations.scope import ScopeBroken
from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.cases.handling import Light
from comity.errors import N_, ComityError
from comity.law import Edition
from comity.law.verdict import NoSuchRoute
from comity.letters import life
from comity.letters.forms import LetterIncomplete, RouteNotLawful, VerdictOfAnother, carried, complete
from comity.letters.letter import Form, Letter, LetterBroken
from comity.letters.life import Side, State, Step
from comity.registry.access import NoSuchThing
from comity.registry.actions import letters as acts
from comity.registry.gestures import Prepared
from comity.registry.gestures.letters import prepare_draft, prepare_step
from comity.registry.queries import cases as reads
from comity.registry.queries import letters as letter_reads
from comity.registry.queries.people import colleague, directory
from comity.registry.queries.readers import Reader, readers_of_draft, readers_of_letter
from comity.registry.queries.texts import Asked
from comity.web.investigator.draft_form import DraftForm, Offered, authorities
from comity.web.investigator.forms import NoteForm
from comity.web.investigator.views import member_of
from comity.web.shell import questions, verdicts, wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin

_URGENT: Final = ("urgent", "emergency")


class NoFormOfLetter(ComityError):
    """A measure is asked for that no form of letter can ask for."""

    code = "investigator.no_form_of_letter"
    sentence = N_("no form of letter asks for {measure}")
    hint = N_("Use the route outside this platform, or ask the law about another measure.")


@dataclass(frozen=True)
class Ground:
    """What a draft stands on: the case, the answer of the law, its lawful route, and what can be chosen."""

    case: JsonObject
    digest: str
    verdict: JsonObject
    route: JsonObject
    offered: Offered


@desk(Power.DRAFT_LETTER)
@require_http_methods(["GET", "POST"])
def draft(request: DeskRequest, reference: str, digest: str) -> HttpResponse:
    """Draft a letter on a lawful route of an answer of the law; its text is signed on the next page."""
    viewer = actor(request)
    ground = _ground(
        member_of(request, reference), digest, wanted=request.GET.get("route", ""), viewer=viewer, at=now()
    )
    typed = request.POST if request.method == "POST" else None
    form = DraftForm(typed, offered=ground.offered, initial=_begin(ground))
    if typed is not None and form.is_valid():
        try:
            return begin(request, _prepared(ground, form, viewer=viewer, at=now()))
        except LetterIncomplete as gaps:
            for gap in str(gaps.facts["gaps"]).split("; "):
                field = "custodian" if "custodian" in gap else None
                form.add_error(field, _("The letter is not complete: %(gap)s") % {"gap": gap})
        except ScopeBroken as broken:
            form.refused(broken, field="data_until" if ground.case["selectors"] else None)
        except (LetterBroken, VerdictOfAnother) as refusal:
            form.refused(refusal)
    context = {
        "case": ground.case,
        "digest": digest,
        "route": verdicts.groups(ground.verdict | {"routes": [ground.route]})[0].routes[0],
        "asked": verdicts.asked(ground.verdict, states=questions.states(Edition.packaged())),
        "title": wording.word(wording.FORMS, ground.offered.form),
        "nodes": ground.offered.nodes,
        "form": form,
        "readers": _readers(ground, form, viewer=viewer),
    }
    return page(request, "investigator/draft.html", context, status=422 if form.errors else 200)


def _readers(ground: Ground, form: DraftForm, *, viewer: Actor) -> list[Reader]:
    """Who will be able to read the letter as it stands in the form; nobody while there is no node to send it to."""
    nodes = [one.node for one in ground.offered.nodes]
    if not nodes:
        return []
    chosen = form["to_node"].value()
    return readers_of_draft(
        ground.case["case"],
        to_node=chosen if chosen in nodes else nodes[0],
        confidential=bool(form["confidential"].value()),
        form=ground.offered.form,
        viewer=viewer,
        light=Light.RED if form["light"].value() == Light.RED else Light.NOT_STATED,
    )


def _prepared(ground: Ground, form: DraftForm, *, viewer: Actor, at: datetime) -> Prepared:
    """The letter's text, complete and carried by its route; raises what is missing."""
    typed = form.cleaned_data
    custodian = typed.get("custodian")
    asked = Asked(
        form=ground.offered.form,
        to_node=typed["to_node"],
        to_authority=typed["authority"],
        verdict=ground.digest,
        route=ground.route["id"],
        subject=typed["subject"],
        facts=typed["facts"],
        purpose=typed["purpose"],
        data_from=typed["data_from"],
        data_until=typed["data_until"],
        linked=typed.get("linked", ""),
        custodian=colleague(custodian, viewer=viewer) if custodian else {},
        urgent=typed["urgent"],
        confidential=typed["confidential"],
        handling=typed["handling"],
    )
    prepared = prepare_draft(ground.case["case"], asked, actor=viewer, at=at)
    # the record asks this again when the letter is signed; asked here, the gaps stand beside what was typed
    letter = Letter.from_body(prepared.texts[0].body)
    complete(letter)
    carried(letter, verdict=ground.verdict)
    return prepared


def _ground(case: JsonObject, digest: str, *, wanted: str, viewer: Actor, at: datetime) -> Ground:
    """What the draft stands on; raises `NoSuchThing`, `NoSuchRoute`, `RouteNotLawful` or `NoFormOfLetter`."""
    if digest not in {one["verdict"] for one in case["verdicts"]}:
        raise NoSuchThing(what="verdict", reference=digest[:8])
    verdict = reads.verdict(digest, viewer=viewer)
    route = _route(verdict, wanted)
    question = verdict["question"]
    form = verdicts.form_of(question["measure"])
    if form is None:
        raise NoFormOfLetter(measure=question["measure"])
    officials = directory(viewer=viewer)
    offered = Offered(
        form=form,
        nodes=[one for one in reads.addressees(viewer=viewer) if one.state == question["requested_state"]],
        authorities=authorities(route),
        letters=[one for one in reads.letters_of(case["case"], viewer=viewer) if one.outgoing],
        custodians=[one for one in officials if Power.TAKE_IN_EVIDENCE in one.powers and one.from_ <= at < one.until],
    )
    return Ground(case=case, digest=digest, verdict=verdict, route=route, offered=offered)


def _begin(ground: Ground) -> dict[str, object]:
    """What a draft begins with: everything that follows from the question and the case."""
    offered = ground.offered
    begins: dict[str, object] = {"urgent": ground.verdict["question"]["urgency"] in _URGENT}
    if len(offered.authorities) == 1:
        begins["named"] = offered.authorities[0]
    if offered.form is Form.PRODUCTION:
        preserved = [one for one in offered.letters if one.state is State.PRESERVED]
        begins["linked"] = preserved[0].digest if preserved else ""
        begins["custodian"] = offered.custodians[0].official if len(offered.custodians) == 1 else ""
    return begins


def _route(verdict: JsonObject, wanted: str) -> JsonObject:
    """The lawful route of that name; raises `NoSuchRoute` or `RouteNotLawful`."""
    routes: list[JsonObject] = verdict["routes"]
    found = next((one for one in routes if one["id"] == wanted), None)
    if found is None:
        raise NoSuchRoute(route=wanted[:120], routes=", ".join(one["id"] for one in routes) or "none")
    if found["status"] != "lawful":
        why = "; ".join(one["text"] for one in found["reasons"] if one["outcome"] != "met")
        raise RouteNotLawful(route=wanted, status=found["status"], on=verdict["on"], why=why)
    return found


@desk(Power.SEND_LETTER)
@require_http_methods(["GET", "POST"])
def send(request: DeskRequest, digest: str) -> HttpResponse:
    """Send an authorised letter: who will read it stands above the button."""
    letter = _letter(request, digest, Step.SEND)
    if request.method == "POST":
        acts.send_letter(digest, actor=actor(request), at=now())
        messages.success(request, _("The letter is in the outbox. The other node's signed receipt follows."))
        return HttpResponseRedirect(reverse("letter", args=[digest]))
    context = {"letter": letter, "readers": readers_of_letter(digest, viewer=actor(request))} | _named(letter)
    return page(request, "investigator/send.html", context)


@desk(Power.DRAFT_LETTER)
@require_http_methods(["GET", "POST"])
def answer(request: DeskRequest, digest: str) -> HttpResponse:
    """Answer what the other side asked back."""
    return _step(request, digest, Step.ANSWER, template="investigator/answer.html")


@desk(Power.DRAFT_LETTER)
@require_http_methods(["GET", "POST"])
def withdraw(request: DeskRequest, digest: str) -> HttpResponse:
    """Withdraw a letter; the other side is told if it knows of the letter."""
    return _step(request, digest, Step.WITHDRAW, template="investigator/withdraw.html")


def _step(request: DeskRequest, digest: str, step: Step, *, template: str) -> HttpResponse:
    """A step with a note, to be signed on the next page; raises `StepOutOfOrder` where the letter has moved on."""
    letter = _letter(request, digest, step)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        note = {"note": form.cleaned_data["note"]}
        return begin(request, prepare_step(digest, step, facts=note, actor=actor(request), at=now()))
    asked = [one["facts"]["note"] for one in letter["events"] if one["step"] == Step.QUERY]
    context = {"letter": letter, "form": form, "question": asked[-1] if asked else ""} | _named(letter)
    return page(request, template, context, status=422 if form.errors else 200)


def _letter(request: DeskRequest, digest: str, step: Step) -> JsonObject:
    """The letter, if the step can follow; raises `NoSuchThing` or what `life.follow` refuses."""
    letter = letter_reads.letter(digest, viewer=actor(request))
    life.follow(
        step,
        state=State(letter["state"]),
        form=Form(letter["form"]),
        side=Side.ISSUING if letter["direction"] == "out" else Side.EXECUTING,
        letter=letter["short"],
    )
    return letter


def _named(letter: JsonObject) -> dict[str, object]:
    """Words for a letter's form and state."""
    return {
        "kind": wording.word(wording.FORMS, letter["form"]),
        "state": wording.word(wording.STATES, letter["state"]),
        "tone": wording.TONES[State(letter["state"])],
    }
