"""What happens next with a case, and what its letters wait for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from comity.canon import JsonObject
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry.queries.cases import Answer
from comity.registry.queries.listing import Line
from comity.web.shell import wording

_MINE: Final = {State.AUTHORISED: "letter-send", State.QUERIED: "letter-answer"}


@dataclass(frozen=True)
class LetterRow:
    """A letter in the list of its case."""

    line: Line
    form: str
    state: str
    tone: str
    due: str
    late: bool


@dataclass(frozen=True)
class Advice:
    """What happens next: a sentence, and what one can do."""

    next: str
    can: str
    acts: list[dict[str, object]]


def row(line: Line, *, at: datetime) -> LetterRow:
    """A letter with its words."""
    return LetterRow(
        line=line,
        form=wording.word(wording.FORMS, line.form),
        state=wording.word(wording.STATES, line.state),
        tone=wording.TONES[line.state],
        due=wording.word(wording.DUES, line.due_what) if line.due_what else "",
        late=line.overdue(at=at),
    )


def for_case(reference: str, answers: list[Answer], letters: list[Line], *, at: datetime) -> Advice:
    """What a case needs from its members now: the letters that wait for us first, then the law."""
    waiting = [one for one in letters if one.outgoing and one.state in _MINE]
    acts = [_act(one, first=place == 0) for place, one in enumerate(waiting[:3])]
    ask = _ask(reference, first=not acts)
    if waiting:
        overdue = any(one.overdue(at=at) for one in waiting)
        can = _("A date has passed: act on these letters first.") if overdue else _("These letters wait for you.")
        return Advice(next="", can=can, acts=[*acts, ask])
    if not answers:
        said = _("Ask the law first: it says on which routes which state can be asked, and what a letter needs.")
        return Advice(next=said, can="", acts=[ask])
    if letters and letters[0].state in {State.DRAFT, State.SENT, State.RECEIVED, State.ACKNOWLEDGED}:
        drafts = letters[0].state is State.DRAFT
        said = _("A judge decides on your draft.") if drafts else _("The other side has your letter and answers.")
        return Advice(next=said, can="", acts=[ask])
    preserved = [one for one in letters if one.state is State.PRESERVED and one.form is Form.PRESERVATION]
    if preserved:
        said = _("The data are preserved for a time. Ask the law about production, and draft the letter that follows.")
        return Advice(next=said, can="", acts=[ask])
    newest = answers[0]
    if newest.lawful:
        url = reverse("verdict", args=[reference, newest.digest])
        draft: dict[str, object] = {"url": url, "label": _("Draft on a lawful route"), "first": True}
        said = _("The newest answer of the law names lawful routes. Draft a letter on one of them.")
        return Advice(next=said, can="", acts=[draft, _ask(reference, first=False)])
    said = _("The newest answer of the law names no lawful route. Answer its open questions, or ask otherwise.")
    url = reverse("verdict", args=[reference, newest.digest])
    look: dict[str, object] = {"url": url, "label": _("Open questions"), "first": True}
    return Advice(next=said, can="", acts=[look, _ask(reference, first=False)])


def for_answer(answer: JsonObject, *, again: str, drafts: bool, member: bool) -> Advice:
    """What follows from an answer of the law, for members of the case; `again` is where its question is taken up again."""
    if not member:
        return Advice(
            next=_("The letter rests on this answer. You read it; it is not changed any more."), can="", acts=[]
        )
    change: dict[str, object] = {"url": again, "label": _("Change the question"), "first": False}
    statuses = {route["status"] for route in answer["routes"]}
    if drafts:
        said = _("Choose a lawful route and draft a letter on it.")
        return Advice(next=said, can="", acts=[{"url": "#lawful", "label": _("Lawful routes"), "first": True}, change])
    if "lawful" in statuses:
        said = _("A route is lawful. There is no form of letter for this measure here yet: take the route outside.")
        return Advice(next=said, can="", acts=[change])
    if "open" in statuses:
        said = _("No route is lawful on what is known. Answer the open questions; each says what it would change.")
        return Advice(next=said, can="", acts=[change])
    said = _("No route is open between these states for this measure. Each says why; another measure may have one.")
    return Advice(next=said, can="", acts=[change])


def _act(letter: Line, *, first: bool) -> dict[str, object]:
    words = {State.AUTHORISED: _("Send letter %(short)s"), State.QUERIED: _("Answer on letter %(short)s")}
    url = reverse(_MINE[letter.state], args=[letter.digest])
    return {"url": url, "label": words[letter.state] % {"short": letter.short}, "first": first}


def _ask(reference: str, *, first: bool) -> dict[str, object]:
    return {"url": reverse("case-ask", args=[reference]), "label": _("Ask the law"), "first": first}
