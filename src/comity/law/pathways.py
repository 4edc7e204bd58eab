"""From a question to routes: which measures answer it between these two states on this day, with every reason.

* The engine knows no instrument by name: what it does is said by the edition.
* A route is closed when one condition failed, open when none failed and one is open, else lawful.
* A fact that only advises leaves the route open with the point to confirm; an unverified one is shown as "check".
* A power that each state has at home answers nobody abroad: it is listed as closed with that reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError
from comity.law.edition import AskedFact, Edition
from comity.law.levels import Weight, weight
from comity.law.logic import Finding, Known, Predicate, Truth, Value
from comity.law.parties import Standing
from comity.law.question import Question, ValueUnknown
from comity.law.rules import Channel, Instrument, LawFact, Layer, Measure, Rendered
from comity.law.verdict import (
    NOTHING,
    Contents,
    JoinedLayer,
    OpenFact,
    Outcome,
    Reason,
    Recipient,
    Refusal,
    RefusalGround,
    Route,
    Status,
    Verdict,
)

NOT_BETWEEN_STATES: Final = {
    "domestic": N_("a power that each party must have at home; it never answers a question between states"),
    "condition": N_("sets conditions for an order whose power lies elsewhere; it is no power of its own"),
}
"""The reaches that are listed as closed, with the reason."""

_OUTCOMES: Final = {Truth.YES: Outcome.MET, Truth.OPEN: Outcome.OPEN, Truth.NO: Outcome.FAILED}
_LIKELIHOODS: Final = {Truth.YES: "likely", Truth.OPEN: "possible", Truth.NO: "excluded"}
_ORDER: Final = {Status.LAWFUL: 0, Status.OPEN: 1, Status.CLOSED: 2}
_SIDES: Final = ("requesting", "requested")


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
    _hold_answerable(question, law)
    cases = {name: _Case(question, instrument, law, on) for name, instrument in law.instruments.items()}
    everywhere = [(case, layer) for case in cases.values() for layer in case.instrument.layers if layer.everywhere]
    found = [route for case in cases.values() for route in _of_instrument(case, everywhere)]
    found.sort(key=lambda pair: (_ORDER[pair[0].status], pair[1], pair[0].id))
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
class _Case:
    """One question before one instrument on one day: what predicates are judged on."""

    question: Question
    instrument: Instrument
    law: Edition
    on: date
    facts: Mapping[str, Known] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.standings:
            return
        states = {"requesting": self.question.requesting_state, "requested": self.question.requested_state}
        parties, names = self.instrument.parties, self.law.states
        standings = {side: parties.standing(iso2, name=names[iso2], on=self.on) for side, iso2 in states.items()}
        object.__setattr__(self, "facts", {**self.question.facts, **self.question.given()})
        object.__setattr__(self, "standings", standings)

    def known(self, fact: str) -> Known | None:
        return self.facts.get(fact)

    def bound(self, side: str) -> Truth:
        return self.standings[side].truth

    def reserved(self, article: str) -> Truth:
        return self.instrument.parties.reserved(self.question.requested_state, article=article, on=self.on)

    def supposing(self, fact: str, answer: Value) -> "_Case":
        """The same case with one more fact answered."""
        return replace(self, facts={**self.facts, fact: answer})


def _of_instrument(case: _Case, everywhere: list[tuple[_Case, Layer]]) -> Iterator[tuple[Route, int]]:
    asked = case.question.measure
    for measure in case.instrument.measures.values():
        if asked in measure.answers:
            yield _route(case, measure, everywhere), len(measure.answers)
        elif measure.reach in NOT_BETWEEN_STATES and asked in {measure.kind, *measure.also}:
            reason = Reason(NOT_BETWEEN_STATES[measure.reach], measure.article, measure.verification, Outcome.FAILED)
            yield _bare(case, measure, Status.CLOSED, (reason,)), len(measure.also) + 1


def _bare(case: _Case, measure: Measure, status: Status, reasons: tuple[Reason, ...]) -> Route:
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
    )


def _route(case: _Case, measure: Measure, everywhere: list[tuple[_Case, Layer]]) -> Route:
    reasons = tuple(_reasons(case, measure))
    status = _status(reasons)
    route = _bare(case, measure, status, reasons)
    if status is Status.CLOSED:
        return route
    mine = [(case, layer) for layer in case.instrument.layers if measure.id in layer.to]
    return replace(
        route,
        open_facts=tuple(_open_facts(case, measure, reasons)),
        contents=_contents(case, measure),
        layers=tuple(
            _joined(theirs, layer, route=measure) for theirs, layer in (*mine, *everywhere) if _shown(theirs, layer)
        ),
        declarations=tuple(_declarations(case)),
        not_evaluated=measure.not_evaluated,
    )


def _status(reasons: tuple[Reason, ...]) -> Status:
    outcomes = {reason.outcome for reason in reasons}
    if Outcome.FAILED in outcomes:
        return Status.CLOSED
    return Status.OPEN if Outcome.OPEN in outcomes else Status.LAWFUL


def _reasons(case: _Case, measure: Measure) -> Iterator[Reason]:
    """The conditions of a route: in force, both bound, verified, encoded, the data, and what the instrument asks."""
    yield _force(case)
    for side in _SIDES:
        standing = case.standings[side]
        yield Reason(standing.text, "", standing.verification, _OUTCOMES[standing.truth])
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
    for condition in measure.conditions:
        yield _judged(case, condition)


def _force(case: _Case) -> Reason:
    table, rendered = case.instrument.parties.table, case.instrument.force
    article, verification = (rendered.article, rendered.verification) if rendered else ("", "official index")
    if not case.instrument.parties.in_force:
        text = "; ".join([table.get("status_as_of_source", "not in force"), *([rendered.text] if rendered else [])])
        return Reason(text, article, verification, Outcome.FAILED)
    since = table.get("applies_from", "")
    if since and date.fromisoformat(since) > case.on:
        return Reason(f"applies only from {since}", article, verification, Outcome.FAILED)
    # Whether it binds these two states is said by their own dated rows; the index alone never opens a route.
    return Reason(
        f"in force: {table.get('in_force_since', 'the day is not stated')}", article, verification, Outcome.MET
    )


def _judged(case: _Case, condition: Rendered) -> Reason:
    finding = condition.when.find(case) if condition.when else Finding(Truth.YES)
    outcome = _OUTCOMES[finding.truth]
    if weight(condition.verification) is Weight.SHOWN:
        outcome = Outcome.CHECK
    elif weight(condition.verification) is Weight.ADVISES:
        outcome = Outcome.OPEN
    facts = tuple(sorted(finding.open_facts))
    return Reason(condition.text, condition.article, condition.verification, outcome, facts)


def _open_facts(case: _Case, measure: Measure, reasons: tuple[Reason, ...]) -> Iterator[OpenFact]:
    for name in sorted({fact for reason in reasons if reason.outcome is Outcome.OPEN for fact in reason.facts}):
        asked = case.law.facts[name]
        changes = {
            _spelled(answer): _status(tuple(_reasons(case.supposing(name, answer), measure)))
            for answer in _answers(asked)
        }
        yield OpenFact(name, asked.question, asked.answered_by, changes)


def _answers(asked: AskedFact) -> tuple[Value, ...]:
    """The answers that can be tried one by one; a number has too many, and the question's own facts are asked anew."""
    if asked.from_ != "answer":
        return ()
    return {"yes_no": (True, False), "choice": asked.options}.get(asked.type, ())


def _spelled(answer: Value) -> str:
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)


def _contents(case: _Case, measure: Measure) -> Contents:
    return Contents(
        sections=measure.sections,
        recipients=tuple(_recipient(case, measure, to) for to in measure.recipients),
        refusal=Refusal(measure.closed_list, tuple(_ground(case, fact, when) for fact, when in measure.grounds)),
        clocks=measure.deadlines,
    )


def _ground(case: _Case, fact: LawFact, when: Predicate | None) -> RefusalGround:
    finding = when.find(case) if when else Finding(Truth.OPEN)
    # Only what was read may exclude a ground or make it likely.
    decides = weight(fact.verification) is Weight.DECIDES
    return RefusalGround(
        fact, _LIKELIHOODS[finding.truth if decides else Truth.OPEN], tuple(sorted(finding.open_facts))
    )


def _recipient(case: _Case, measure: Measure, to: str) -> Recipient:
    channel = case.instrument.channels.get(to)
    if channel is None:
        return Recipient(to, measure.article, ())
    return Recipient(to, channel.article, tuple(_named(case, channel)))


def _named(case: _Case, channel: Channel) -> Iterator[JsonObject]:
    requested = case.question.requested_state
    for declaration in case.instrument.parties.declarations.get(requested, ()):
        if declaration.type == "authority" and declaration.concerns(channel.article):
            yield declaration.as_json()
    network = case.law.instruments.get(channel.network)
    row = network.parties.rows.get(requested) if network else None
    if row:
        yield {
            "state": requested,
            "article": channel.article,
            "type": "network",
            "text": row.get("note", ""),
            "date": row.get("as_of", ""),
            "status": row["kind"],
            "verification": row["confidence"],
        }


def _shown(case: _Case, layer: Layer) -> bool:
    """A layer that does not apply is shown where it belongs to the instrument, and left out everywhere else."""
    return not layer.everywhere or _applies(case, layer) is not Truth.NO


def _applies(case: _Case, layer: Layer) -> Truth:
    return layer.rendered.when.find(case).truth if layer.rendered.when else Truth.YES


def _joined(case: _Case, layer: Layer, *, route: Measure) -> JoinedLayer:
    measure = case.instrument.measures[layer.measure]
    itself = measure.id == route.id
    applies = _judged(case, layer.rendered)
    empty = itself or applies.outcome is Outcome.FAILED
    if empty:
        return JoinedLayer(case.instrument.id, measure.id, measure.articles, applies, NOTHING, ())
    contents = _contents(case, measure)
    own = {section: measure.own(facts) for section, facts in contents.sections.items()}
    said = measure.own(measure.not_evaluated)
    return JoinedLayer(case.instrument.id, measure.id, measure.articles, applies, replace(contents, sections=own), said)


def _declarations(case: _Case) -> Iterator[JsonObject]:
    """What both states declared under the instrument; designated authorities stand with the recipients."""
    for iso2 in (case.question.requesting_state, case.question.requested_state):
        for declaration in case.instrument.parties.declarations.get(iso2, ()):
            if declaration.type != "authority":
                yield declaration.as_json()


def _why_here(route: Route, breadth: int) -> str:
    kinds = "one kind of measure" if breadth == 1 else f"{breadth} kinds of measure"
    return f"{route.status.value} routes stand together; the rule that answers fewer kinds comes first, this one answers {kinds}"


def _hold_answerable(question: Question, law: Edition) -> None:
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
