"""How one deadline acts on the clock of another: it extends it, stops it, lets it begin again, or takes its place.

* An extension whose event is the end of another period (`end_of_first_60_days`) is joined to the one deadline of its measure that runs
  so long; nothing has to be written for it.
* Everything else is stated by hand in `conditions.toml`, as `[[joins]]` with the article:
  `deadline = "measure.deadline"`, one of `extends`, `stops`, `restarts`, `replaces` = the clocks that it acts on, `article`, and where
  the event is not the deadline's own: `when` = the events by which it acts, `until` = the events after which a stopped clock goes on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.law.clocks.deadline import EXTENDING, Deadline

_ENDS: Final = re.compile(r"end_of_(first_)?(?P<number>\d{1,4}|[a-z]+)_(?P<unit>hours|days|weeks|months)")
_NUMBERS: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_UNITS: Final = {"hours": ("PT", "H"), "days": ("P", "D"), "weeks": ("P", "W"), "months": ("P", "M")}


class JoinBroken(ComityError):
    """What is written about how clocks act on each other does not fit the deadlines."""

    code = "law.join_broken"
    sentence = N_("the clocks of {deadline} cannot be joined: {why}")


class Effect(StrEnum):
    """What a deadline does to the clock of another."""

    EXTENDS = "extends"
    STOPS = "stops"
    RESTARTS = "restarts"
    REPLACES = "replaces"


@dataclass(frozen=True)
class Join:
    """That `deadline` acts on `clocks`, by the events `when`; a stopped clock goes on after one of `until`, or never."""

    deadline: str
    effect: Effect
    clocks: tuple[str, ...]
    article: str
    when: tuple[str, ...]
    until: tuple[str, ...]


def implied(deadlines: Mapping[str, Deadline]) -> Iterator[Join]:
    """The joins that the deadlines themselves say: an extension goes on where a period of their measure ends."""
    for name, one in deadlines.items():
        named = _ENDS.fullmatch(one.from_event)
        if one.type != EXTENDING or named is None:
            continue
        before, after = _UNITS[named["unit"]]
        duration = f"{before}{_NUMBERS.get(named['number'], named['number'])}{after}"
        measure = name.rpartition(".")[0]
        held = [
            other
            for other, base in deadlines.items()
            if other.rpartition(".")[0] == measure and base.type != EXTENDING and base.duration == duration
        ]
        if len(held) == 1:
            yield Join(name, Effect.EXTENDS, (held[0],), one.article, (one.action,), ())


def stated(entries: Iterable[JsonObject], deadlines: Mapping[str, Deadline]) -> Iterator[Join]:
    """The joins that are written by hand; raises `JoinBroken`."""
    for entry in entries:
        name = str(entry.get("deadline", ""))
        effects = [effect for effect in Effect if effect.value in entry]
        if len(effects) != 1 or not entry.get("article"):
            raise JoinBroken(deadline=name, why=f"expected an article and one of {', '.join(Effect)}")
        clocks = _texts(entry, effects[0].value)
        strange = [one for one in (name, *clocks) if one not in deadlines]
        if strange:
            raise JoinBroken(deadline=name, why=f"there is no deadline {', '.join(strange)}")
        one = deadlines[name]
        when = _texts(entry, "when") or ((one.action,) if one.type == EXTENDING else one.starts)
        yield Join(name, effects[0], clocks, str(entry["article"]), when, _texts(entry, "until"))


def _texts(entry: JsonObject, name: str) -> tuple[str, ...]:
    listed = entry.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise JoinBroken(deadline=str(entry.get("deadline", "")), why=f"{name} is a list of names")
    return tuple(listed)
