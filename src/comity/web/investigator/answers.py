"""The page of an answer of the law that is kept with a case: the record, never a fresh computation."""

from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.law import Edition
from comity.registry.access import NoSuchThing
from comity.registry.queries import cases as reads
from comity.web.investigator import address, advice, leading, spelling
from comity.web.investigator.views import member_of
from comity.web.shell import questions, verdicts
from comity.web.shell.desk import actor, desk, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import word


@desk()
@require_GET
def verdict(request: DeskRequest, reference: str, digest: str) -> HttpResponse:
    """An answer of the law: for members of the case with what can be done; for who decides on a letter, to read."""
    viewer = actor(request)
    record = _member(request, reference)
    answer = _of_case(record, digest, viewer=viewer) if record else reads.verdict(digest, viewer=viewer)
    edition = Edition.packaged()
    drafts = record is not None and Power.DRAFT_LETTER in viewer.powers and _drafts(answer)
    interview = address.of_question(answer["question"], edition=edition)
    base = reverse("case-ask", args=[reference])
    context = {
        "case": record,
        "digest": digest,
        "verdict": answer,
        "on": date.fromisoformat(answer["on"]),
        "asked": verdicts.asked(answer, states=questions.states(edition)),
        "facts": _answered(answer),
        "groups": verdicts.groups(answer),
        "open": [
            (one, interview.at(leading.step_of(one.fact, edition=edition)).address(base) if record else "")
            for one in verdicts.open_questions(answer)
            if one.fact in edition.facts
        ],
        "draft_base": reverse("letter-draft", args=[reference, digest]) if drafts else "",
        "advice": advice.for_answer(
            answer, again=interview.at(address.ANSWER).address(base), drafts=drafts, member=record is not None
        ),
    }
    return page(request, "investigator/verdict.html", context)


def _answered(answer: JsonObject) -> list[tuple[str, str]]:
    """The facts that the question answered, each with its question."""
    facts: JsonObject = answer["question"]["facts"]
    return [(questions.fact(name), word(questions.ANSWERS, spelling.spelled(value))) for name, value in facts.items()]


def _member(request: DeskRequest, reference: str) -> JsonObject | None:
    try:
        return member_of(request, reference)
    except NoSuchThing:
        return None


def _drafts(answer: JsonObject) -> bool:
    """Whether a letter can ask for the measure, and some route is lawful."""
    lawful = any(route["status"] == "lawful" for route in answer["routes"])
    return lawful and verdicts.form_of(answer["question"]["measure"]) is not None


def _of_case(record: JsonObject, digest: str, *, viewer: Actor) -> JsonObject:
    """A recorded answer of this very case; raises `NoSuchThing`."""
    if digest not in {one["verdict"] for one in record["verdicts"]}:
        raise NoSuchThing(what="verdict", reference=digest[:8])
    return reads.verdict(digest, viewer=viewer)
