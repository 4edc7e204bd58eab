"""One question before one instrument on one day: what predicates are judged on.

* The facts are those that the question itself says and those that somebody has answered.
* Whether a state is bound is looked up once for each side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from comity.law.edition import Edition
from comity.law.logic import Known, Truth, Value, truth_of
from comity.law.parties import Parties, Standing
from comity.law.question import Question
from comity.law.rules import Instrument

SIDES = ("requesting", "requested")


@dataclass(frozen=True)
class Case:
    """A question before an instrument; `between`: whether it stands between the two states. Make one with `before`.

    It does when both are bound, and where it is made for such a pair.
    """

    question: Question
    instrument: Instrument
    law: Edition
    on: date
    facts: Mapping[str, Known] = field(repr=False)
    standings: Mapping[str, Standing] = field(repr=False)
    between: Truth

    @classmethod
    def before(
        cls, instrument: Instrument, question: Question, *, law: Edition, on: date, facts: Mapping[str, Known]
    ) -> "Case":
        """The question before the instrument; `facts` is `facts_of` the question, shared by all instruments."""
        parties, names = instrument.parties, law.states
        one, other = question.requesting_state, question.requested_state
        standings = {
            "requesting": standing(parties, one, name=names[one], on=on),
            "requested": standing(parties, other, name=names[other], on=on),
        }
        both = min(one.truth for one in standings.values())
        between = both if parties.between(question.requesting_state, question.requested_state) else Truth.NO
        return cls(question, instrument, law, on, facts, standings, between)

    def known(self, fact: str) -> Known | None:
        return self.facts.get(fact)

    def bound(self, side: str) -> Truth:
        return self.standings[side].truth

    def reserved(self, article: str) -> Truth:
        return self.instrument.parties.reserved(self.question.requested_state, article=article, on=self.on)

    def looked_up(self, word: str, name: str, *, side: str, kind: str) -> Truth:
        asked = self.question
        iso2 = asked.requesting_state if side == "requesting" else asked.requested_state
        if word == "member":
            return truth_of(holds=iso2 in self.law.groups[name])
        parties = self.law.instrument(name).parties
        if word == "listed":
            return parties.listed(iso2, kind=kind, on=self.on)
        return standing(parties, iso2, name=self.law.states[iso2], on=self.on).truth

    def supposing(self, fact: str, answer: Value) -> "Case":
        """The same case with one more fact answered."""
        return self.knowing({**self.facts, fact: answer})

    def without(self, facts: frozenset[str]) -> "Case":
        """The same case with those facts not answered."""
        return self.knowing({name: known for name, known in self.facts.items() if name not in facts})

    def knowing(self, facts: Mapping[str, Known]) -> "Case":
        """The same case where other things are known."""
        return Case(self.question, self.instrument, self.law, self.on, facts, self.standings, self.between)


@lru_cache(maxsize=32_768)
def standing(parties: Parties, iso2: str, *, name: str, on: date) -> Standing:
    """Whether a state is bound on a day; looked up once for each instrument, state and day."""
    return parties.standing(iso2, name=name, on=on)


def facts_of(question: Question) -> dict[str, Known]:
    """Everything that is known of the case, by the ids of the edition's vocabulary."""
    return {**question.facts, **question.given()}
