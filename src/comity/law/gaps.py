"""The gap map: for one question, what stands between every ordered pair of states.

    chart = gap_map(on=date(2026, 11, 23), measure="preservation", data=("traffic",))
    chart.gap("CV", "NL").answer        # "lawful"

* States that stand alike before every instrument are judged once, when a pair of them is first asked for: a few thousand pairs
  of kinds of state stand for all.
* A route that rests on a table which does not name the state is no known channel: the answer is `none`, and says what to ask.
* "No channel known" and "not encoded" are different answers: the second names the instruments that bind both states and
  whose rules this edition does not hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeAlias

from comity.canon import JsonObject, canonical, parse_object
from comity.law.circumstances import Case, standing
from comity.law.docket import Candidate, Docket
from comity.law.edition import Edition
from comity.law.logic import Truth
from comity.law.parties import RESERVING, Parties
from comity.law.pathways import hold_answerable
from comity.law.question import Question
from comity.law.rules import SUBJECTS, Measure
from comity.law.verdict import Outcome, Reason, Status

GAPS: Final = ("lawful", "open", "without_safeguards", "not_encoded", "none")
"""Every answer: a lawful route; one that facts leave open; one that lacks a safeguard; none encoded; none known."""

NO_ROW: Final = "no row"
QUESTION_BYTES_MAX: Final = 64 * 1024
_SAID: Final = {
    "none": "no instrument of this edition is known to bind both states for this measure",
    "not_encoded": "an instrument binds both states, and this edition does not hold its rules",
}
Stance: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Gap:
    """What stands between two states: the answer, the best route with its article, why, and the safeguards it lacks."""

    answer: str
    route: str
    instrument: str
    article: str
    why: str
    missing: tuple[Reason, ...] = ()

    def as_json(self) -> JsonObject:
        return {
            "answer": self.answer,
            "route": self.route,
            "instrument": self.instrument,
            "article": self.article,
            "why": self.why,
            "missing": [{"text": one.text, "article": one.article} for one in self.missing],
        }


@dataclass(frozen=True)
class GapMap:
    """The answers for every ordered pair of `states` (ISO 3166-1 alpha-2, in order). Made by `gap_map`."""

    edition_id: str
    edition_hash: str
    on: date
    question: JsonObject
    states: tuple[str, ...]
    names: Mapping[str, str]
    _law: Edition
    _asked: Question
    _kinds: Mapping[str, int]
    _alike: tuple[tuple[str, ...], ...]
    _answers: dict[tuple[int, int], Gap] = field(default_factory=dict, compare=False)

    def gap(self, requesting: str, requested: str) -> Gap:
        """What stands between two different states; raises `KeyError` for any other pair."""
        if requesting == requested:
            raise KeyError(requesting)
        kinds = self._kinds[requesting], self._kinds[requested]
        if kinds not in self._answers:
            one, other = self._alike[kinds[0]][0], self._alike[kinds[1]][-1]
            asked = replace(self._asked, requesting_state=one, requested_state=other)
            self._answers[kinds] = _answer(asked, self._law, self.on)
        return self._answers[kinds]

    def rows(self) -> Iterator[JsonObject]:
        """One row for each ordered pair, in the order of the states."""
        for requesting in self.states:
            for requested in self.states:
                if requesting != requested:
                    yield {"from": requesting, "to": requested, **self.gap(requesting, requested).as_json()}

    def counts(self) -> dict[str, int]:
        """How many ordered pairs have each answer."""
        found = dict.fromkeys(GAPS, 0)
        for requesting in self.states:
            for requested in self.states:
                if requesting != requested:
                    found[self.gap(requesting, requested).answer] += 1
        return found


def gap_map(
    *, on: date, measure: str, data: tuple[str, ...] = (), edition: Edition | None = None, **asked: Any
) -> GapMap:
    """The gap map of one measure; `asked` are further parts of the question, such as `offences` or `facts`.

    Raises as `routes`.
    """
    law = (edition or Edition.packaged()).covering(on)
    first, second = list(law.states)[:2]
    stated = {"requesting_authority": "public_prosecutor", "stage": "investigation", **asked}
    question = Question(requesting_state=first, requested_state=second, measure=measure, data=data, **stated)
    hold_answerable(question, law)
    return _drawn(law, on, canonical(question.as_record()))


@lru_cache(maxsize=16)
def _drawn(law: Edition, on: date, record: bytes) -> GapMap:
    question = Question.from_record(parse_object(record, limit=QUESTION_BYTES_MAX))
    stances: dict[Stance, list[str]] = {}
    for iso2 in law.states:
        stances.setdefault(_stance(law, iso2, measure=question.measure, on=on), []).append(iso2)
    kinds = {iso2: number for number, alike in enumerate(stances.values()) for iso2 in alike}
    asked = {name: part for name, part in question.as_record().items() if name not in _SIDES}
    alike = tuple(map(tuple, stances.values()))
    return GapMap(law.id, law.hash, on, asked, tuple(law.states), law.states, law, question, kinds, alike)


_SIDES: Final = frozenset({"requesting_state", "requested_state"})


def _stance(law: Edition, iso2: str, *, measure: str, on: date) -> Stance:
    """Everything about a state that a status can depend on; states with equal stances get equal answers."""
    parts: list[Any] = []
    for one in law.instruments.values():
        mine = one.parties
        relevant = not one.measures or one.relations or one.layers
        if not relevant and not any(measure in held.answers for held in one.measures.values()):
            continue
        found = standing(mine, iso2, name=law.states[iso2], on=on)
        listed = tuple(sorted(kind for state, kind in mine.kinds if state == iso2))
        reserved = tuple(
            (declared.articles, declared.status, declared.confidence)
            for declared in mine.declarations.get(iso2, ())
            if declared.type in RESERVING
        )
        parts.append((found.truth, found.verification == NO_ROW, listed, reserved, iso2 == mine.one_side))
    return tuple(parts)


def _answer(question: Question, law: Edition, on: date) -> Gap:
    docket = Docket.of(question, law=law, on=on)
    standing_between = ((case, measure) for case, measure in docket.answering() if case.between is not Truth.NO)
    weighed = [docket.candidate(case, measure) for case, measure in standing_between]
    found = [one for one in weighed if one.status is not Status.CLOSED]
    known = [one for one in found if not _unlisted(one.case)]
    if not known:
        return _nothing(law, question, on, unlisted=[one.case.instrument.id for one in found])
    best = min(known, key=lambda one: one.place)
    missing = tuple(_missing(docket, best.measure))
    answer = "without_safeguards" if missing else best.status.value
    article = ", ".join(best.measure.articles)
    return Gap(answer, best.id, best.case.instrument.id, article, _why(best), missing)


def _why(best: Candidate) -> str:
    if best.status is Status.LAWFUL:
        return "every condition is met"
    undecided = [reason for reason in best.reasons if reason.outcome is Outcome.OPEN]
    facts = sorted({fact for reason in undecided for fact in reason.facts})
    if facts:
        return f"open: {', '.join(facts)}"
    articles = [reason.article for reason in undecided if reason.article]
    return (
        f"to be confirmed: art. {', '.join(dict.fromkeys(articles))}" if articles else "to be confirmed: who is bound"
    )


def _unlisted(case: Case) -> bool:
    """Whether a side stands in no row of the table: then it is not known that the instrument is a channel."""
    return any(one.verification == NO_ROW for one in case.standings.values())


def _missing(docket: Docket, measure: Measure) -> Iterator[Reason]:
    """The safeguards that a route lacks: none stated at all, or one that must be shown first."""
    if not any(measure.sections[name] for name in ("safeguards", "use_limits")):
        text = "the edition holds no safeguard and no limit on use for this measure"
        yield Reason(text, measure.article, measure.verification, Outcome.OPEN)
    for theirs, layer in docket.everywhere:
        if layer.safeguard:
            said = layer.rendered
            article = f"{said.article} of {theirs.instrument.id}"
            yield Reason(said.text, article, said.verification, Outcome.OPEN)


def _nothing(law: Edition, question: Question, on: date, *, unlisted: list[str]) -> Gap:
    pair = (question.requesting_state, question.requested_state)
    bound = [
        one.id
        for one in law.instruments.values()
        if not one.measures
        and one.subject == SUBJECTS[0]
        and one.parties.between(*pair)
        and all(_may_bind(one.parties, law, iso2, on) for iso2 in pair)
    ]
    if bound:
        return Gap("not_encoded", "", bound[0], "", f"{_SAID['not_encoded']}: {', '.join(bound)}")
    asks = f"; ask the depositary of {', '.join(dict.fromkeys(unlisted))}" if unlisted else ""
    return Gap("none", "", "", "", f"{_SAID['none']}{asks}")


def _may_bind(parties: Parties, law: Edition, iso2: str, on: date) -> bool:
    found = standing(parties, iso2, name=law.states[iso2], on=on)
    return found.truth is not Truth.NO and found.verification != NO_ROW
