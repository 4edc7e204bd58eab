"""A question before the instruments: what can answer it between the two states, how far each has come, and in which order.

A candidate is a route before it is written out: its reasons and relations are known, so that it can be placed among the
others; the gap map needs no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from math import inf
from re import compile as pattern
from typing import Any, Final

from comity.errors import N_
from comity.law.circumstances import Case, facts_of
from comity.law.clocks import Deadline
from comity.law.contents import applies, contents, declarations, layers
from comity.law.edition import Edition
from comity.law.logic import Truth
from comity.law.question import Question
from comity.law.reasons import Weighed, issuers, open_facts, readings, readings_at_home, status_of, weigh
from comity.law.relations import PASSIVE, REPLACES, being_replaced, between
from comity.law.rules import Instrument, Layer, Measure, Relation
from comity.law.verdict import Outcome, Reason, Related, Route, Status

NOT_BETWEEN_STATES: Final = {
    "domestic": N_("a power that each party must have at home; it never answers a question between states"),
    "condition": N_("sets conditions for an order whose power lies elsewhere; it is no power of its own"),
}
"""The reaches that are listed as closed, with the reason."""

_ORDER: Final = {Status.LAWFUL: 0, Status.OPEN: 1, Status.CLOSED: 2}
_PERIOD: Final = pattern(r"P(?:T(?P<hours>\d+)H|(?P<days>\d+)D|(?P<weeks>\d+)W|(?P<months>\d+)M|(?P<years>\d+)Y)")
_HOURS: Final = {"hours": 1, "days": 24, "weeks": 168, "months": 730, "years": 8766}
"""How long a unit is when two promises are compared; no date is computed from it."""


@dataclass(frozen=True)
class Relevant:
    """The instruments that have to do with one kind of measure: what answers it, what is a power at home, and what joins."""

    instruments: tuple[Instrument, ...]
    answering: tuple[tuple[str, Measure], ...]
    at_home: tuple[tuple[str, Measure], ...]
    relations: tuple[tuple[str, Relation], ...]
    everywhere: tuple[tuple[str, Layer], ...]


@lru_cache(maxsize=256)
def relevant(law: Edition, kind: str) -> Relevant:
    """Looked up once for each edition and kind."""
    measures = [(name, one) for name, held in law.instruments.items() for one in held.measures.values()]
    answering = tuple(one for one in measures if kind in one[1].answers)
    at_home = tuple(
        (name, one)
        for name, one in measures
        if one.reach in NOT_BETWEEN_STATES and kind in {one.kind, *one.also} and kind not in one.answers
    )
    relations = tuple(
        (name, one)
        for name, held in law.instruments.items()
        for one in held.relations
        if not one.kinds or kind in one.kinds
    )
    everywhere = tuple((name, one) for name, held in law.instruments.items() for one in held.layers if one.everywhere)
    names = {name for listed in (answering, at_home, relations, everywhere) for name, _ in listed}
    instruments = tuple(one for name, one in law.instruments.items() if name in names)
    return Relevant(instruments, answering, at_home, relations, everywhere)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A measure that may answer, weighed: `breadth` is how many kinds of measure its rule answers."""

    case: Case
    measure: Measure
    breadth: int
    weighed: tuple[Weighed, ...]
    related: tuple[Related, ...] = ()
    at_home: bool = False

    @cached_property
    def status(self) -> Status:
        """What its conditions came to."""
        return status_of(one.reason.outcome for one in self.weighed)

    @cached_property
    def due(self) -> Deadline | None:
        """The deadline by which the result is due in this urgency, else in the normal case."""
        if self.status is Status.CLOSED:
            return None
        by_case = {one.case: one for one in self.measure.due}
        return by_case.get(self.case.question.urgency) or by_case.get("normal")

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(one.reason for one in self.weighed)

    @property
    def id(self) -> str:
        return f"{self.case.instrument.id}/{self.measure.id}"

    @property
    def prevailed_over(self) -> list[str]:
        """The instruments that prevail over it between the two states."""
        found = (one for one in self.related if one.effect == PASSIVE["prevails"])
        return [one.to for one in found if one.reason.outcome is Outcome.MET]

    @property
    def place(self) -> tuple[int, int, float, int, str]:
        """Where it stands among others: lawful first, not prevailed over, soonest, narrowest."""
        return _ORDER[self.status], len(self.prevailed_over), _hours(self.due), self.breadth, self.id

    def why_here(self) -> str:
        """The reason for its place, in words."""
        parts = [f"{self.status.value} routes stand together"]
        if self.prevailed_over:
            parts.append(f"{', '.join(self.prevailed_over)} prevails over it")
        if self.due and self.due.duration:
            parts.append(f"the answer is due within {self.due.duration} (art. {self.due.article})")
        else:
            parts.append("no figure is stated for the answer")
        kinds = "one kind" if self.breadth == 1 else f"{self.breadth} kinds"
        parts.append(f"its rule answers {kinds} of measure")
        return "; ".join(parts)

    def route(self, *, rank: int, everywhere: tuple[tuple[Case, Layer], ...]) -> Route:
        """The route written out; a closed one has reasons and relations, a power at home its readings, and no more."""
        case, measure = self.case, self.measure
        closed = self.status is Status.CLOSED
        rest = {} if closed else self._rest(everywhere)
        if self.at_home:
            rest["readings"] = tuple(readings_at_home(case, measure))
        return Route(
            id=self.id,
            instrument=case.instrument.id,
            title=case.instrument.title,
            measure=measure.id,
            kind=measure.kind,
            reach=measure.reach,
            note=measure.note,
            articles=measure.articles,
            status=self.status,
            reasons=self.reasons,
            relations=self.related,
            answer_within=self.due,
            priority=rank,
            why_here=self.why_here(),
            **rest,
        )

    def _rest(self, everywhere: tuple[tuple[Case, Layer], ...]) -> dict[str, Any]:
        case, measure = self.case, self.measure
        return {
            "open_facts": tuple(open_facts(case, self.weighed)),
            "contents": contents(case, measure),
            "layers": layers(case, measure, everywhere),
            "declarations": tuple(declarations(case)),
            "not_evaluated": measure.not_evaluated,
            "issuer_matrix": issuers(case, measure),
            "readings": tuple(readings(case, measure, self.weighed)),
        }


def _hours(due: Deadline | None) -> float:
    period = _PERIOD.fullmatch(due.duration) if due else None
    if period is None:
        return inf
    return sum(int(number) * _HOURS[unit] for unit, number in period.groupdict().items() if number)


@dataclass(frozen=True)
class Docket:
    """One question before the instruments of an edition that have to do with it."""

    cases: dict[str, Case]
    of_kind: Relevant

    @classmethod
    def of(cls, question: Question, *, law: Edition, on: date) -> "Docket":
        """Lay the question before the instruments; the edition must know what it asks (`hold_answerable`)."""
        facts, of_kind = facts_of(question), relevant(law, question.measure)
        held = of_kind.instruments
        return cls({one.id: Case.before(one, question, law=law, on=on, facts=facts) for one in held}, of_kind)

    def routes(self) -> Iterator[Route]:
        """Every route, in order."""
        answering = (self.candidate(case, measure) for case, measure in self.answering())
        found = sorted((*answering, *self._at_home()), key=lambda one: one.place)
        return (one.route(rank=rank, everywhere=self.everywhere) for rank, one in enumerate(found, start=1))

    def answering(self) -> Iterator[tuple[Case, Measure]]:
        """The measures that can answer the question, each with its case."""
        return ((self.cases[name], measure) for name, measure in self.of_kind.answering)

    @cached_property
    def everywhere(self) -> tuple[tuple[Case, Layer], ...]:
        """The layers of every instrument that stand beside all routes of this question."""
        found = ((self.cases[name], layer) for name, layer in self.of_kind.everywhere)
        return tuple((case, layer) for case, layer in found if applies(case, layer) is not Truth.NO)

    @cached_property
    def relations(self) -> tuple[tuple[Case, Relation, Reason], ...]:
        """How instruments stand to others between these two states, where they do."""
        found = ((self.cases[name], one) for name, one in self.of_kind.relations)
        weighed = ((case, one, between(case, one)) for case, one in found if case.between is not Truth.NO)
        return tuple(one for one in weighed if one[2].outcome is not Outcome.FAILED)

    def related(self, case: Case, measure: Measure) -> Iterator[Related]:
        """How other instruments stand to this route, and its instrument to them."""
        for other, relation, reason in self.relations:
            if other is case:
                stands = (to for to in relation.to if self._stands(to.partition("/")[0]))
                yield from (Related(to, relation.effect, reason) for to in stands)
            elif relation.concerns(case.instrument.id, measure.id):
                yield Related(other.instrument.id, PASSIVE[relation.effect], reason)

    def _stands(self, instrument: str) -> bool:
        """Whether an instrument has to do with the question and may stand between the two states."""
        return instrument in self.cases and self.cases[instrument].between is not Truth.NO

    def candidate(self, case: Case, measure: Measure) -> Candidate:
        """A measure that answers the question, weighed."""
        replacing = [
            being_replaced(other, relation, reason)
            for other, relation, reason in self.relations
            if relation.effect == REPLACES and other is not case and relation.concerns(case.instrument.id, measure.id)
        ]
        weighed = weigh(case, measure, replacing)
        return Candidate(case, measure, len(measure.answers), weighed, tuple(self.related(case, measure)))

    def _at_home(self) -> Iterator[Candidate]:
        for name, measure in self.of_kind.at_home:
            text = NOT_BETWEEN_STATES[measure.reach]
            reason = Reason(text, measure.article, measure.verification, Outcome.FAILED)
            weighed = (Weighed(reason),)
            yield Candidate(self.cases[name], measure, len(measure.also) + 1, weighed, at_home=True)
