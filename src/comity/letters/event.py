"""Letter events: one signed step in a letter's life, told to the other side.

An event is a statement signed by the official who took the step and by that official's node. Its facts are fixed per
step: what a refusal must state is not left to the writer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.canon import JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError
from comity.letters.letter import LetterBroken, digest
from comity.letters.life import CROSSING, Step

EVENT: Final = "comity/letter-event/v1"
NOTE_CHARACTERS_MAX: Final = 4000
NOT_STATED: Final = "not_stated"
YEARS: Final = range(2000, 2200)
"""Moments outside cannot be counted on, and no act lies there."""
_NAMES: Final = frozenset({"letter", "step", "node", "by", "at", "facts"})

FACTS: Final[Mapping[Step, frozenset[str]]] = {
    Step.ACKNOWLEDGE: frozenset({"note"}),
    Step.QUERY: frozenset({"note"}),
    Step.ANSWER: frozenset({"note"}),
    Step.PRESERVE: frozenset({"note", "article", "preserved_at", "keep_until_min", "clock"}),
    Step.RECOGNISE: frozenset({"note", "authorisation"}),
    Step.REFUSE: frozenset({"note", "ground", "article"}),
    Step.EXECUTE_PARTLY: frozenset({"note", "outstanding"}),
    Step.EXECUTE: frozenset({"note"}),
    Step.WITHDRAW: frozenset({"note"}),
}
"""What each step must state, and nothing else."""


class EventIncomplete(ComityError):
    """A step does not state what it must."""

    code = "letters.event_incomplete"
    sentence = N_("to {step} a letter must state exactly {expected}; found {found}")


@dataclass(frozen=True)
class Event:
    """One step: which letter (digest), by whom, on which node, when, and what it states."""

    letter: str
    step: Step
    node: str
    by: JsonObject
    at: datetime
    facts: JsonObject

    def as_body(self) -> JsonObject:
        """The event as the body of a statement."""
        return {
            "letter": self.letter,
            "step": self.step.value,
            "node": self.node,
            "by": self.by,
            "at": stamp(self.at),
            "facts": self.facts,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Event":
        """Read `as_body` back; raises `LetterBroken`, `EventIncomplete`, `TextNotAllowed` or `NotAMoment`."""
        match body:
            case {
                "letter": str(letter),
                "step": str(name),
                "node": str(node),
                "by": dict(by),
                "at": at,
                "facts": dict(facts),
                **rest,
            } if not rest:
                digest(letter)
            case _:
                raise LetterBroken(why=f"an event has exactly {', '.join(sorted(_NAMES))}")
        if name not in {step.value for step in CROSSING}:
            raise LetterBroken(why=f"{name[:40]!r} is no step that crosses a border")
        step = Step(name)
        if set(facts) != FACTS[step]:
            raise EventIncomplete(step=name, expected=", ".join(sorted(FACTS[step])), found=", ".join(sorted(facts)))
        stated = {name: plain(fact, field=name, limit=NOTE_CHARACTERS_MAX, lines=True) for name, fact in facts.items()}
        if stated != facts:
            raise LetterBroken(why="a text of the event is not in its normal form")
        _hold_moments(step, stated)
        return cls(letter=letter, step=step, node=node, by=by, at=moment(at), facts=stated)


def _hold_moments(step: Step, facts: JsonObject) -> None:
    """Hold that what a preservation states as moments are moments of our time; raises `NotAMoment` or `LetterBroken`."""
    if step is not Step.PRESERVE:
        return
    stated = [facts["preserved_at"]]
    if facts["keep_until_min"] != NOT_STATED:
        stated.append(facts["keep_until_min"])
    if not all(moment(one).year in YEARS for one in stated):
        raise LetterBroken(why=f"a preservation lies between {YEARS.start} and {YEARS.stop}")
