"""The reasons of a route: every condition with what it came to, and what each answer to an open fact would change.

* A route is closed when one condition failed, open when none failed and one is open, else lawful.
* A fact that only advises leaves the route open with the point to confirm; an unverified one is shown as "check".
* Only conditions that ask for a fact are judged again when an answer to it is tried.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from comity.law.circumstances import SIDES, Case
from comity.law.edition import AskedFact
from comity.law.levels import Weight, weight
from comity.law.logic import YES, Predicate, Truth, Value
from comity.law.parties import Standing
from comity.law.question import AUTHORITIES
from comity.law.rules import ISSUER, Contested, Days, Instrument, Measure, Rendered
from comity.law.verdict import MayIssue, OpenFact, Outcome, ReadAs, Readings, Reason, Status

OUTCOMES: Final = {Truth.YES: Outcome.MET, Truth.OPEN: Outcome.OPEN, Truth.NO: Outcome.FAILED}
AUTHORITY: Final = "question.requesting_authority"
_MAY: Final = {Truth.YES: "issue", Truth.OPEN: "on_condition", Truth.NO: "no"}
_INDEX: Final = "official index"


@dataclass(frozen=True)
class Weighed:
    """A reason, the facts of the case that it asks for, and how to judge it again."""

    reason: Reason
    asks: frozenset[str] = frozenset()
    judge: Callable[[Case], Reason] | None = None


def weigh(case: Case, measure: Measure, replacing: Iterable[Weighed]) -> tuple[Weighed, ...]:
    """Every condition of a route: in force, both bound, verified, encoded, the data, and what the instrument asks.

    `replacing` are the conditions that other instruments set by taking the route's place.
    """
    return (
        *map(Weighed, _standing(case)),
        *map(Weighed, _span(case, measure)),
        *replacing,
        *(_weighed(case, one, one.when) for one in measure.conditions),
        *(_weighed(case, one.rendered, one.ways[0].when) for one in measure.contested),
    )


def status_of(outcomes: Iterable[Outcome]) -> Status:
    """What a route is when its conditions came to these."""
    found = set(outcomes)
    if Outcome.FAILED in found:
        return Status.CLOSED
    return Status.OPEN if Outcome.OPEN in found else Status.LAWFUL


def judged(case: Case, condition: Rendered, when: Predicate | None) -> Reason:
    """One condition; what only advises is open, what was never verified is to be checked."""
    finding = when.find(case) if when else YES
    settled = _settled(condition, finding.truth)
    if not finding.open_facts:
        return settled
    return replace(settled, facts=tuple(sorted(finding.open_facts)))


@lru_cache(maxsize=16_384)
def _settled(condition: Rendered, truth: Truth) -> Reason:
    """What a condition comes to; the same for every case in which it has that truth."""
    outcome = OUTCOMES[truth]
    if weight(condition.verification) is Weight.SHOWN:
        outcome = Outcome.CHECK
    elif weight(condition.verification) is Weight.ADVISES:
        outcome = Outcome.OPEN
    return Reason(condition.text, condition.article, condition.verification, outcome)


@lru_cache(maxsize=4_096)
def force(instrument: Instrument, on: date) -> Reason:
    """Whether the instrument is in force on the day, by its table, else by its own words."""
    parties, own = instrument.parties, instrument.force
    rendered = own.rendered
    article, verification = (rendered.article, rendered.verification) if rendered else ("", _INDEX)
    in_force = own.in_force if parties.in_force is None else parties.in_force
    status = parties.table.get("status_as_of_source", "")
    if in_force is False:
        text = "; ".join([status or "not in force", *([rendered.text] if rendered else [])])
        return Reason(text, article, verification, Outcome.FAILED)
    stated = parties.table.get("applies_from", "")
    days = replace(own.days, from_=date.fromisoformat(stated)) if stated else own.days
    if kept := _within(days, on):
        return Reason(kept, article, verification, Outcome.FAILED)
    if in_force is None:
        text = f"whether it is in force is not stated: ask the depositary{f' ({status})' if status else ''}"
        return Reason(text, article, verification, Outcome.OPEN)
    # Whether it binds these two states is said by their own dated rows; the index alone never opens a route.
    since = parties.table.get("in_force_since") or days.from_ or "the day is not stated"
    return Reason(f"in force: {since}", article, verification, Outcome.MET)


def _within(days: Days, on: date) -> str:
    """Why the day lies outside; empty when it does not."""
    if days.from_ and on < days.from_:
        return f"applies only from {days.from_}"
    if days.until and on > days.until:
        return f"expired: it held until {days.until}"
    return ""


def _standing(case: Case) -> Iterator[Reason]:
    yield force(case.instrument, case.on)
    question, parties = case.question, case.instrument.parties
    if not parties.between(question.requesting_state, question.requested_state):
        text = f"it stands only between {case.law.states[parties.one_side]} and another state"
        yield Reason(text, "", "complete table", Outcome.FAILED)
    for side, iso2 in zip(SIDES, (question.requesting_state, question.requested_state), strict=True):
        yield _standing_of(case.standings[side], parties.articles.get(iso2, ""))


@lru_cache(maxsize=16_384)
def _standing_of(standing: Standing, article: str) -> Reason:
    return Reason(standing.text, article, standing.verification, OUTCOMES[standing.truth])


def _span(case: Case, measure: Measure) -> Iterator[Reason]:
    if weight(measure.verification) is not Weight.DECIDES:
        shown = weight(measure.verification) is Weight.SHOWN
        said = "was not read: the measure offers no route until it is" if shown else "must be confirmed"
        outcome = Outcome.FAILED if shown else Outcome.OPEN
        yield Reason(f"art. {measure.article} {said}", measure.article, measure.verification, outcome)
    if not case.instrument.fully_encoded:
        text = "this edition encodes the instrument in part: read its other conditions before relying on it"
        yield Reason(text, measure.article, measure.verification, Outcome.OPEN)
    beyond = set(case.question.data) - set(measure.data) if measure.data else set()
    if beyond:
        text = f"{', '.join(sorted(beyond))} is asked for; the measure names {', '.join(measure.data)}: say under which it falls"
        yield Reason(text, measure.article, measure.verification, Outcome.OPEN, ("question.data",))
    for span in measure.spans:
        kept = _within(span.days, case.on)
        text = kept or span.rendered.text
        outcome = Outcome.FAILED if kept else Outcome.MET
        yield Reason(text, span.rendered.article, span.rendered.verification, outcome)


def _weighed(case: Case, condition: Rendered, when: Predicate | None) -> Weighed:
    asks = condition.asks if when is condition.when else when.facts() if when else frozenset()
    return Weighed(judged(case, condition, when), asks, lambda other: judged(other, condition, when))


def open_facts(case: Case, weighed: tuple[Weighed, ...]) -> Iterator[OpenFact]:
    """The facts that keep the route open, and what it would be on each answer."""
    names = {fact for one in weighed if one.reason.outcome is Outcome.OPEN for fact in one.reason.facts}
    for name in sorted(names):
        asked = case.law.facts[name]
        changes = {_spelled(answer): _supposed(case, weighed, name, answer) for answer in _answers(asked)}
        yield OpenFact(name, asked.question, asked.answered_by, changes)


def _supposed(case: Case, weighed: tuple[Weighed, ...], fact: str, answer: Value) -> Status:
    other = case.supposing(fact, answer)
    return status_of(
        one.judge(other).outcome if one.judge and fact in one.asks else one.reason.outcome for one in weighed
    )


def _answers(asked: AskedFact) -> tuple[Value, ...]:
    """The answers that can be tried one by one; a number has too many, and the question's own facts are asked anew."""
    if asked.from_ != "answer":
        return ()
    return {"yes_no": (True, False), "choice": asked.options}.get(asked.type, ())


def _spelled(answer: Value) -> str:
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)


def readings(case: Case, measure: Measure, weighed: tuple[Weighed, ...]) -> Iterator[Readings]:
    """Every contested article of the route with what the route is on each way to read it."""
    plain = len(weighed) - len(measure.contested)
    for number, contested in enumerate(measure.contested, start=plain):
        others = [one.reason.outcome for at, one in enumerate(weighed) if at != number]
        yield Readings(
            contested.id,
            contested.question,
            contested.rendered.article,
            tuple(_read_as(case, contested, others)),
        )


def readings_at_home(case: Case, measure: Measure) -> Iterator[Readings]:
    """The contested articles of a power at home: the adopted way keeps it at home, another may carry it abroad."""
    standing = [one.outcome for one in _standing(case)]
    for contested in measure.contested:
        adopted, *others = _read_as(case, contested, standing)
        ways = (replace(adopted, status=Status.CLOSED), *others)
        yield Readings(contested.id, contested.question, contested.rendered.article, ways)


def _read_as(case: Case, contested: Contested, others: list[Outcome]) -> Iterator[ReadAs]:
    for way in contested.ways:
        reason = judged(case, contested.rendered, way.when)
        yield ReadAs(way.id, way.text, way.by, status_of([*others, reason.outcome]))


def issuers(case: Case, measure: Measure) -> tuple[MayIssue, ...]:
    """Which kind of authority may issue, alone or with a validation; empty where no condition says."""
    asked = [one for one in measure.conditions if one.role == ISSUER and one.when]
    if not asked:
        return ()
    plain = case.without(frozenset().union(*(one.asks for one in asked)) - case.question.given().keys())
    found = []
    for authority in AUTHORITIES:
        tried = plain.supposing(AUTHORITY, authority)
        findings = [one.when.find(tried) for one in asked if one.when]
        truth = min(one.truth for one in findings)
        needs = frozenset().union(*(one.open_facts for one in findings)) if truth is Truth.OPEN else frozenset()
        found.append(MayIssue(authority, _MAY[truth], tuple(sorted(needs))))
    return tuple(found)
