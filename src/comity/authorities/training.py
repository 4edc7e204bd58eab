"""Training: who was trained in what, until when it counts, and which powers ask for it.

A *training* is a course that one official attended, signed by an administrator. A *training policy* is the node's own
table: which power asks for which courses. The newest of each counts. Whoever holds a power without the training that it
asks for keeps the office, and cannot use the power.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from comity.authorities.roles import Power
from comity.canon import JsonObject, TextNotAllowed, moment, plain, stamp
from comity.errors import N_, ComityError

TRAINING: Final = "comity/training/v1"
POLICY: Final = "comity/training-policy/v1"
COURSE_CHARACTERS_MAX: Final = 100
REQUIREMENTS_MAX: Final = 100
ALWAYS: Final = "not_stated"
"""Until when a course counts that does not say so."""
_TRAINING_NAMES: Final = frozenset({"node", "official", "course", "held_on", "valid_until", "at", "by"})
_POLICY_NAMES: Final = frozenset({"node", "requires", "at", "by"})


class TrainingMissing(ComityError):
    """A power asks for a training that the official does not have, or no longer."""

    code = "authorities.training_missing"
    sentence = N_("{official} may not {power} now: the training “{course}” {why}")
    hint = N_("Attend the course; an administrator records it, and the power can be used from then on.")


class TrainingBroken(ComityError):
    """A record of a training, or the policy, cannot be relied on."""

    code = "authorities.training_broken"
    sentence = N_("this record of training cannot be relied on: {why}")


@dataclass(frozen=True)
class Training:
    """A course that an official attended; `valid_until` is the last day on which it counts, None for always."""

    node: str
    official: str
    course: str
    held_on: date
    valid_until: date | None
    at: datetime
    by: JsonObject

    def as_body(self) -> JsonObject:
        """The training as the body of a statement."""
        return {
            "node": self.node,
            "official": self.official,
            "course": self.course,
            "held_on": self.held_on.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else ALWAYS,
            "at": stamp(self.at),
            "by": self.by,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Training":
        """Read `as_body` back; raises `TrainingBroken`: also for a course in the future, or one that never counted."""
        if set(body) != _TRAINING_NAMES or not isinstance(body["by"], dict):
            raise TrainingBroken(why=f"expected exactly {', '.join(sorted(_TRAINING_NAMES))}")
        held_on = _day(body["held_on"])
        valid_until = None if body["valid_until"] == ALWAYS else _day(body["valid_until"])
        at = moment(body["at"])
        if held_on > at.date():
            raise TrainingBroken(why="a course is recorded when it was held, not before")
        if valid_until is not None and valid_until < held_on:
            raise TrainingBroken(why="it would end before it was held")
        return cls(
            node=_text(body["node"], field="node", limit=40),
            official=_text(body["official"], field="official", limit=60),
            course=_text(body["course"], field="course", limit=COURSE_CHARACTERS_MAX),
            held_on=held_on,
            valid_until=valid_until,
            at=at,
            by=body["by"],
        )

    def why_not(self, *, on: date) -> str:
        """Why it does not count on that day; empty if it does."""
        if self.valid_until is not None and on > self.valid_until:
            return f"counted until {self.valid_until.isoformat()}"
        return ""


@dataclass(frozen=True)
class TrainingPolicy:
    """Which power asks for which courses, on one node."""

    node: str
    requires: Mapping[Power, tuple[str, ...]]
    at: datetime
    by: JsonObject

    def as_body(self) -> JsonObject:
        """The policy as the body of a statement."""
        requires = [
            {"power": power.value, "course": one} for power in sorted(self.requires) for one in self.requires[power]
        ]
        return {"node": self.node, "requires": requires, "at": stamp(self.at), "by": self.by}

    @classmethod
    def from_body(cls, body: JsonObject) -> "TrainingPolicy":
        """Read `as_body` back; raises `TrainingBroken`: also where a power to administer asks for training.

        Who administers records trainings: if that asked for one that everybody lacks, nobody could ever record it.
        """
        if set(body) != _POLICY_NAMES or not isinstance(body["requires"], list) or not isinstance(body["by"], dict):
            raise TrainingBroken(why=f"expected exactly {', '.join(sorted(_POLICY_NAMES))}")
        if len(body["requires"]) > REQUIREMENTS_MAX:
            raise TrainingBroken(why=f"at most {REQUIREMENTS_MAX} requirements")
        found: dict[Power, tuple[str, ...]] = {}
        for one in body["requires"]:
            if not isinstance(one, dict) or set(one) != {"power", "course"}:
                raise TrainingBroken(why="a requirement has exactly power and course")
            try:
                power = Power(one["power"])
            except ValueError as unknown:
                raise TrainingBroken(why=str(unknown)) from unknown
            if power is Power.ADMINISTER:
                raise TrainingBroken(why="who records trainings cannot need one to do so")
            course = _text(one["course"], field="course", limit=COURSE_CHARACTERS_MAX)
            if course in found.get(power, ()):
                raise TrainingBroken(why="each course stands once for a power")
            found[power] = (*found.get(power, ()), course)
        return cls(
            node=_text(body["node"], field="node", limit=40), requires=found, at=moment(body["at"]), by=body["by"]
        )


def hold_trained(
    policy: TrainingPolicy | None, trainings: Iterable[Training], *, power: Power, who: str, on: date
) -> None:
    """Hold that `who` has every training that the power asks for, on that day; raises `TrainingMissing`.

    Of several records of one course the newest counts: it corrects the others.
    """
    newest: dict[str, Training] = {}
    for one in trainings:
        if one.official == who and (one.course not in newest or one.at >= newest[one.course].at):
            newest[one.course] = one
    for course in policy.requires.get(power, ()) if policy else ():
        why = newest[course].why_not(on=on) if course in newest else "is not recorded"
        if why:
            raise TrainingMissing(official=who, power=power.value, course=course, why=why)


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as broken:
        raise TrainingBroken(why=str(broken)) from broken
    if day is None or day.isoformat() != value:
        raise TrainingBroken(why="a day is written as 2026-11-23")
    return day


def _text(value: object, *, field: str, limit: int) -> str:
    try:
        normal = plain(value, field=field, limit=limit)
    except TextNotAllowed as refused:
        raise TrainingBroken(why=str(refused)) from refused
    if normal != value:
        raise TrainingBroken(why=f"{field} is not in its normal form")
    return normal
