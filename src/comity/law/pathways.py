"""From a question to routes: which measures answer it between these two states on this day, with every reason.

* The engine knows no instrument by name: what it does is said by the edition.
* A power that each state has at home answers nobody abroad: it is listed as closed with that reason.
* Where one instrument replaces another between the two states, the other's routes are closed by it.
* Lawful routes first; among equals those that no other prevails over, then the one that promises its answer soonest, then the
  rule that answers fewer kinds of measure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from math import inf
from typing import Final

from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError
from comity.law.circumstances import Case, facts_of
from comity.law.clocks import Deadline
from comity.law.contents import applies, contents, declarations, layers
from comity.law.edition import AskedFact, Edition
from comity.law.logic import Truth, Value
from comity.law.question import Question, ValueUnknown
from comity.law.reasons import (
    Weighed,
    issuers,
    open_facts,
    readings,
    readings_at_home,
    status_of,
    weigh,
)
from comity.law.relations import PASSIVE, REPLACES, being_replaced, between
from comity.law.rules import Instrument, Layer, Measure, Relation
from comity.law.verdict import Outcome, Reason, Related, Route, Status, Verdict

NOT_BETWEEN_STATES: Final = {
    "domestic": N_("a power that each party must have at home; it never answers a question between states"),
    "condition": N_("sets conditions for an order whose power lies elsewhere; it is no power of its own"),
}
"""The reaches that are listed as closed, with the reason."""

_ORDER: Final = {Status.LAWFUL: 0, Status.OPEN: 1, Status.CLOSED: 2}
_PERIOD: Final = re.compile(r"P(?:T(?P<hours>\d+)H|(?P<days>\d+)D|(?P<weeks>\d+)W|(?P<months>\d+)M|(?P<years>\d+)Y)")
_HOURS: Final = {"hours": 1, "days": 24, "weeks": 168, "months": 730, "years": 8766}
"""How long a unit is when two promises are compared; no date is computed from it."""


class StateUnknown(ComityError):
    """Two letters that are no state of the vocabulary."""

    code = "law.state_unknown"
    sentence = N_("{found} is no state of this edition")
    hint = N_("Use ISO 3166-1 alpha-2, as CV or NL.")


class SameState(ComityError):
    """A question from a state to itself."""

    code = "law.same_state"
    sentence = N_("{state} asks itself: the law between states has nothing to say")
    hint = N_("Ask the domestic law.")


class FactNotAnswerable(ComityError):
    """An answer does not fit the fact."""

    code = "law.fact_not_answerable"
    sentence = N_("the fact {fact} cannot be answered with {found}: {why}")


class VerdictDoesNotReplay(ComityError):
    """The verdict is not what this edition answers to its question."""

    code = "law.verdict_does_not_replay"
    sentence = N_("the verdict does not replay: {why}")
    hint = N_("Do not rely on it; ask the question again under the edition of its day.")


def routes(question: Question, *, on: date, edition: Edition | None = None) -> Verdict:
    """Every route for the question on that day; `edition` None is the packaged one.

    Raises `NoEditionInForce`, `StateUnknown`, `SameState`, `ValueUnknown` or `FactNotAnswerable`.
    """
    law = (edition or Edition.packaged()).covering(on)
    hold_answerable(question, law)
    found = sorted(Docket.of(question, law=law, on=on).routes(), key=place)
    return Verdict(
        edition_id=law.id,
        edition_hash=law.hash,
        on=on,
        question=question,
        routes=tuple(
            replace(route, priority=rank, why_here=_why_here(route, breadth))
            for rank, (route, breadth) in enumerate(found, start=1)
        ),
        not_encoded=law.not_encoded,
    )


def replay(verdict_json: JsonObject, edition: Edition) -> Verdict:
    """Compute a stored verdict again under its edition; raises `VerdictDoesNotReplay` unless it is the same byte for byte."""
    match verdict_json:
        case {"edition": {"hash": str(cited)}, "on": str(day), "question": dict(record)}:
            pass
        case _:
            raise VerdictDoesNotReplay(why="it has no edition, day and question")
    if cited != edition.hash:
        raise VerdictDoesNotReplay(why=f"it cites edition {cited[:16]}, this is edition {edition.hash[:16]}")
    try:
        verdict = routes(Question.from_record(record), on=date.fromisoformat(day), edition=edition)
        stored = canonical(verdict_json)
    except ValueError as no_day:
        raise VerdictDoesNotReplay(why=f"{day[:20]} is no day") from no_day
    except ComityError as refused:
        raise VerdictDoesNotReplay(why=str(refused)) from refused
    if stored != canonical(verdict.as_json()):
        raise VerdictDoesNotReplay(why=f"it says otherwise than the law: {_first_difference(verdict_json, verdict)}")
    return verdict


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


@dataclass(frozen=True)
class Docket:
    """One question before the instruments of an edition that have to do with it."""

    cases: dict[str, Case]
    of_kind: Relevant

    @classmethod
    def of(cls, question: Question, *, law: Edition, on: date) -> "Docket":
        """Lay the question before the instruments; the question must be answerable (`hold_answerable`)."""
        facts, of_kind = facts_of(question), relevant(law, question.measure)
        held = of_kind.instruments
        return cls({one.id: Case.before(one, question, law=law, on=on, facts=facts) for one in held}, of_kind)

    def routes(self) -> Iterator[tuple[Route, int]]:
        """Each route with how many kinds of measure its rule answers."""
        for case, measure in self.answering():
            yield self._route(case, measure), len(measure.answers)
        for name, measure in self.of_kind.at_home:
            reason = Reason(NOT_BETWEEN_STATES[measure.reach], measure.article, measure.verification, Outcome.FAILED)
            route = _bare(self.cases[name], measure, Status.CLOSED, (reason,))
            contested = tuple(readings_at_home(self.cases[name], measure))
            yield replace(route, readings=contested), len(measure.also) + 1

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

    def _route(self, case: Case, measure: Measure) -> Route:
        weighed, route = self._weighed(case, measure)
        if route.status is Status.CLOSED:
            return route
        return replace(
            route,
            open_facts=tuple(open_facts(case, weighed)),
            contents=contents(case, measure),
            layers=layers(case, measure, self.everywhere),
            declarations=tuple(declarations(case)),
            not_evaluated=measure.not_evaluated,
            issuer_matrix=issuers(case, measure),
            readings=tuple(readings(case, measure, weighed)),
        )

    def bare(self, case: Case, measure: Measure) -> Route:
        """The route with its reasons and relations, without what it holds beside them."""
        return self._weighed(case, measure)[1]

    def _weighed(self, case: Case, measure: Measure) -> tuple[tuple[Weighed, ...], Route]:
        related = tuple(self.related(case, measure))
        replacing = [
            being_replaced(other, relation, reason)
            for other, relation, reason in self.relations
            if relation.effect == REPLACES and other is not case and relation.concerns(case.instrument.id, measure.id)
        ]
        weighed = weigh(case, measure, replacing)
        reasons = tuple(one.reason for one in weighed)
        return weighed, _bare(case, measure, status_of(one.outcome for one in reasons), reasons, related)


def _bare(
    case: Case, measure: Measure, status: Status, reasons: tuple[Reason, ...], related: tuple[Related, ...] = ()
) -> Route:
    return Route(
        id=f"{case.instrument.id}/{measure.id}",
        instrument=case.instrument.id,
        title=case.instrument.title,
        measure=measure.id,
        kind=measure.kind,
        reach=measure.reach,
        note=measure.note,
        articles=measure.articles,
        status=status,
        reasons=reasons,
        relations=related,
        answer_within=None if status is Status.CLOSED else _due(case, measure),
    )


def _due(case: Case, measure: Measure) -> Deadline | None:
    """The deadline by which the result is due in this urgency, else in the normal case."""
    by_case = {one.case: one for one in measure.due}
    return by_case.get(case.question.urgency) or by_case.get("normal")


def place(found: tuple[Route, int]) -> tuple[int, int, float, int, str]:
    """Where a route stands among others (see the module's rules); `found` is the route and how many kinds it answers."""
    route, breadth = found
    return _ORDER[route.status], len(_prevailed(route)), _hours(route.answer_within), breadth, route.id


def _prevailed(route: Route) -> list[str]:
    return [
        one.to for one in route.relations if one.effect == "prevailed_over_by" and one.reason.outcome is Outcome.MET
    ]


def _hours(due: Deadline | None) -> float:
    period = _PERIOD.fullmatch(due.duration) if due else None
    if period is None:
        return inf
    return sum(int(number) * _HOURS[unit] for unit, number in period.groupdict().items() if number)


def _why_here(route: Route, breadth: int) -> str:
    due, prevailed = route.answer_within, _prevailed(route)
    parts = [f"{route.status.value} routes stand together"]
    if prevailed:
        parts.append(f"{', '.join(prevailed)} prevails over it")
    if due and due.duration:
        parts.append(f"the answer is due within {due.duration} (art. {due.article})")
    else:
        parts.append("no figure is stated for the answer")
    parts.append(f"its rule answers {'one kind' if breadth == 1 else f'{breadth} kinds'} of measure")
    return "; ".join(parts)


def hold_answerable(question: Question, law: Edition) -> None:
    """Hold a question to the vocabulary of an edition; raises as `routes`."""
    for iso2 in (question.requesting_state, question.requested_state):
        if iso2 not in law.states:
            raise StateUnknown(found=iso2[:10])
    if question.requesting_state == question.requested_state:
        raise SameState(state=question.requested_state)
    _hold_among("measure", (question.measure,), law.kinds)
    _hold_among("data", question.data, tuple(law.categories))
    _hold_among("offence", tuple(offence for offence, _, _ in question.offences), tuple(law.offences))
    answerable = {name: fact for name, fact in law.facts.items() if fact.from_ == "answer"}
    _hold_among("fact", tuple(question.facts), tuple(answerable))
    for name, answer in question.facts.items():
        _hold_answer(answerable[name], answer)


def _hold_among(name: str, found: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    for one in found:
        if one not in allowed:
            raise ValueUnknown(field=name, found=one[:60], allowed=", ".join(allowed))


def _hold_answer(fact: AskedFact, answer: Value) -> None:
    fits = {
        "yes_no": isinstance(answer, bool),
        "number": type(answer) is int,
        "choice": answer in fact.options,
    }[fact.type]
    if not fits:
        wanted = ", ".join(fact.options) or {"yes_no": "yes or no", "number": "a whole number"}.get(fact.type, "")
        raise FactNotAnswerable(fact=fact.id, found=repr(answer)[:40], why=f"expected {wanted}")


def _first_difference(stored: JsonObject, verdict: Verdict) -> str:
    computed = verdict.as_json()
    return next((name for name in computed if stored.get(name) != computed[name]), "an unknown field")
