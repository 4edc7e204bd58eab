"""One question before one instrument on one day: what predicates are judged on.

* The facts are those that the question itself says and those that somebody has answered.
* Whether a state is bound is looked up once for each side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from comity.law.edition import Edition
from comity.law.logic import Known, Truth, Value
from comity.law.parties import Standing
from comity.law.question import Question
from comity.law.rules import Instrument

SIDES = ("requesting", "requested")


@dataclass(frozen=True)
class Case:
    """A question before an instrument. Make one with `before`."""

    question: Question
    instrument: Instrument
    law: Edition
    on: date
    facts: Mapping[str, Known] = field(repr=False)
    standings: Mapping[str, Standing] = field(repr=False)

    @classmethod
    def before(
        cls, instrument: Instrument, question: Question, *, law: Edition, on: date, facts: Mapping[str, Known]
    ) -> "Case":
        """The question before the instrument; `facts` is `facts_of` the question, shared by all instruments."""
        states = (question.requesting_state, question.requested_state)
        standings = {
            side: instrument.parties.standing(iso2, name=law.states[iso2], on=on)
            for side, iso2 in zip(SIDES, states, strict=True)
        }
        return cls(question, instrument, law, on, facts, standings)

    def known(self, fact: str) -> Known | None:
        return self.facts.get(fact)

    def bound(self, side: str) -> Truth:
        return self.standings[side].truth

    def reserved(self, article: str) -> Truth:
        return self.instrument.parties.reserved(self.question.requested_state, article=article, on=self.on)

    @property
    def between(self) -> Truth:
        """Whether the instrument stands between the two states: both bound, and such a pair as it is made for."""
        question = self.question
        if not self.instrument.parties.between(question.requesting_state, question.requested_state):
            return Truth.NO
        return min(self.bound(side) for side in SIDES)

    def supposing(self, fact: str, answer: Value) -> "Case":
        """The same case with one more fact answered."""
        return replace(self, facts={**self.facts, fact: answer})

    def without(self, facts: frozenset[str]) -> "Case":
        """The same case with those facts not answered."""
        return replace(self, facts={name: known for name, known in self.facts.items() if name not in facts})


def facts_of(question: Question) -> dict[str, Known]:
    """Everything that is known of the case, by the ids of the edition's vocabulary."""
    return {**question.facts, **question.given()}
