"""From a question to routes: which measures answer it between these two states on this day, with every reason.

* The engine knows no instrument by name: what it does is said by the edition.
* A power that each state has at home answers nobody abroad: it is listed as closed with that reason.
* Where one instrument replaces another between the two states, the other's routes are closed by it.
* Lawful routes first; among equals those that no other prevails over, then the one that promises its answer soonest, then the
  rule that answers fewer kinds of measure.
"""

from datetime import date

from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError
from comity.law.docket import Docket
from comity.law.edition import AskedFact, Edition
from comity.law.logic import Value
from comity.law.question import Question, ValueUnknown
from comity.law.verdict import Verdict


class StateUnknown(ComityError):
    """Two letters that are no state of the vocabulary."""

    code = "law.state_unknown"
    sentence = N_("{found} is no state of this edition")
    hint = N_("One of: {allowed}")


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
    return Verdict(
        edition_id=law.id,
        edition_hash=law.hash,
        on=on,
        question=question,
        routes=tuple(Docket.of(question, law=law, on=on).routes()),
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


def hold_answerable(question: Question, law: Edition) -> None:
    """Hold a question to the vocabulary of an edition; raises as `routes`."""
    for iso2 in (question.requesting_state, question.requested_state):
        if iso2 not in law.states:
            raise StateUnknown(found=iso2[:10], allowed=", ".join(law.states))
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
