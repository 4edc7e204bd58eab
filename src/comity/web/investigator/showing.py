"""What a page of the interview shows: the question with what each answer changes, what was said before, the routes beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, pgettext_lazy
from django.utils.translation import gettext as _

from comity.canon import JsonObject
from comity.law import Edition
from comity.web.investigator import leading
from comity.web.investigator.address import ANSWER, FACT, Interview
from comity.web.investigator.question_form import HEADINGS, WHY, FactForm
from comity.web.shell import questions, verdicts
from comity.web.shell.drawing import ladder
from comity.web.shell.drawing.canvas import NARROW, Frame
from comity.web.shell.wording import Word, word

_MOVED: Final[Mapping[str, Word]] = {
    "lawful": pgettext_lazy("by the last answer", "opened by the last answer"),
    "open": pgettext_lazy("by the last answer", "open again by the last answer"),
    "closed": pgettext_lazy("by the last answer", "closed by the last answer"),
}
_CAME_TO: Final[Mapping[str, Word]] = {**questions.LIKELIHOODS, **questions.APPLIES}


@dataclass(frozen=True)
class BaseQuestion:
    """A step before the law: what is asked, and why."""

    heading: str
    why: str


@dataclass(frozen=True)
class Option:
    """One answer to a fact, and what it would change. `law`: the answer is in the law's words, as the question is."""

    widget: BoundWidget
    law: bool
    effect: leading.Effect | None
    turned: tuple[tuple[str, leading.Turned], ...]

    @property
    def silent(self) -> bool:
        """Whether nothing is different by this answer alone."""
        return self.effect is not None and not (self.effect.moves or self.effect.turned or self.effect.stays)


@dataclass(frozen=True)
class FactQuestion:
    """A fact of the case: its field, who can answer it, the texts that need it, and its answers with what they change.

    `idle`: nothing hangs on it, as things stand.
    """

    heading: str
    field: BoundField
    answered_by: str
    why: list[leading.Why]
    options: tuple[Option, ...]
    idle: bool


@dataclass(frozen=True)
class Row:
    """Something that was said before: the question, the answer, and where it is answered anew. `law`: the question is the law's."""

    term: str
    value: str
    url: str
    law: bool = False


@dataclass(frozen=True)
class Standing:
    """A route in the list beside the question; `moved` says what the last answer did to it, `follow` asks for it alone."""

    place: leading.Place
    url: str
    moved: str
    follow: str


@dataclass(frozen=True)
class Rung:
    """The routes of one status."""

    status: str
    label: str
    tone: str
    routes: tuple[Standing, ...]

    @property
    def moved(self) -> tuple[Standing, ...]:
        """Those that came here by the last answer."""
        return tuple(one for one in self.routes if one.moved)


@dataclass(frozen=True)
class Beside:
    """The routes as they stand: a picture, and the same as a list of links; `moved` is None where no answer came before."""

    picture: SafeString
    rungs: tuple[Rung, ...]
    moved: int | None
    followed: leading.Place | None
    unfollow: str


def base_question(step: str) -> BaseQuestion:
    """What a step before the law asks."""
    return BaseQuestion(str(HEADINGS[step]), str(WHY[step]))


def fact_question(form: FactForm, effects: Mapping[str, leading.Effect], why: list[leading.Why]) -> FactQuestion:
    """A fact as it is asked."""
    field = form[form.name]
    options = tuple(_option(widget, effects) for widget in field) if form.fact.type != "number" else ()
    answered_by = questions.answerers(form.fact.answered_by)
    idle = bool(effects) and not why and all(option.silent for option in options)
    return FactQuestion(form.fact.question, field, answered_by, why, options, idle)


def _option(widget: BoundWidget, effects: Mapping[str, leading.Effect]) -> Option:
    value = str(widget.data["value"])
    effect = effects.get(value)
    turned = tuple((word(_CAME_TO, one.came_to), one) for one in effect.turned) if effect else ()
    return Option(widget, value not in questions.ANSWERS, effect, turned)


def said(interview: Interview, *, edition: Edition, base: str) -> list[Row]:
    """Everything that has been answered, each with the address at which it is answered anew."""
    rows = [
        Row(term, value, interview.at(step).address(base))
        for step, term, value in _base(interview, edition)
        if interview.answered(step)
    ]
    rows += [
        Row(
            edition.facts[name].question,
            word(questions.ANSWERS, answer),
            interview.at(f"{FACT}{name}").address(base),
            law=True,
        )
        for name, answer in interview.facts.items()
    ]
    return rows


def _base(interview: Interview, edition: Edition) -> Iterator[tuple[str, str, str]]:
    who = (word(questions.AUTHORITIES, interview.authority), word(questions.STAGES, interview.stage))
    yield "who", _("Requesting authority"), ", ".join(who)
    yield "whom", _("Asked state"), edition.states.get(interview.to, interview.to)
    yield "what", _("Measure"), word(questions.MEASURES, interview.measure)
    data = verdicts.listed(questions.DATA, interview.data or ()) if interview.data else _("not known")
    yield "data", _("Data"), f"{data}; {word(questions.PURPOSES, interview.purpose)}"
    offences = "; ".join(verdicts.offence(one.as_record()) for one in interview.offences or ())
    yield "offences", _("Offences"), offences or _("not known")
    urgency = word(questions.URGENCIES, interview.urgency)
    yield "pressing", _("Urgency"), "; ".join(filter(None, (urgency, interview.provider)))


def routes(answer: JsonObject, before: JsonObject | None, interview: Interview, *, base: str) -> Beside:
    """The routes of an answer, and what moved since the one before."""
    was = {move.route.id: move.before for move in leading.moves(before, answer)} if before else {}
    moved = {name: status for name, status in was.items() if status}
    places = leading.places(answer)
    drawn = tuple(
        ladder.Route(
            f"{one.title}, {_('Art. %(article)s') % {'article': one.article}}", one.status, moved.get(one.id, "")
        )
        for one in places
    )
    standing = [_standing(one, interview, base=base, moved=one.id in moved) for one in places]
    rungs = tuple(
        Rung(
            status,
            word(questions.STATUSES, status),
            questions.STATUS_TONES[status],
            tuple(one for one in standing if one.place.status == status),
        )
        for status in ladder.RUNGS
    )
    frame = Frame(name="ladder", width=NARROW, rtl=get_language_bidi())
    return Beside(
        ladder.drawn(drawn, frame=frame),
        rungs,
        len(moved) if before else None,
        followed=next((one for one in places if one.id == interview.route), None),
        unfollow=replace(interview.at(""), route="").address(base),
    )


def _standing(place: leading.Place, interview: Interview, *, base: str, moved: bool) -> Standing:
    """One route: its reasons stand on the page of the answer; only an open one is followed."""
    follows = place.status == "open" and place.id != interview.route
    return Standing(
        place,
        url=f"{interview.at(ANSWER).address(base)}#{place.anchor}",
        moved=word(_MOVED, place.status) if moved else "",
        follow=replace(interview.at(""), route=place.id).address(base) if follows else "",
    )
