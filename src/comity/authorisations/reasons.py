"""Why a decision is necessary and proportionate, which milder means were weighed, what privileges, on which conditions.

Each reason is a field of its own, each has to say something, and no two say the same: a text that was pasted into every
field gives no reason. What a machine can check of a condition is its code; the text is for people.
"""

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from comity.canon import JsonObject, folded, plain
from comity.errors import N_, ComityError

REASON_CHARACTERS_MAX: Final = 4000
REASON_LETTERS_MIN: Final = 15
REASON_DISTINCT_MIN: Final = 6
"""Fewer letters, or always the same ones, state no reason in any language."""

MEANS_MAX: Final = 20
CONDITIONS_MAX: Final = 20
_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")


class ReasonsEmpty(ComityError):
    """A reason says too little, or the same as another one."""

    code = "authorisations.reasons_empty"
    sentence = N_("the reasons do not carry a decision: {why}")
    hint = N_("Say in each field what holds in this case; a reviewer reads each by itself.")


class ReasonsBroken(ComityError):
    """A record of reasons has another shape."""

    code = "authorisations.reasons_broken"
    sentence = N_("these are no reasons: {why}")


class Privilege(StrEnum):
    """Whose confidences the law protects."""

    LAWYER = "lawyer"
    DOCTOR = "doctor"
    CLERGY = "clergy"
    JOURNALIST = "journalist"


class Check(StrEnum):
    """What a machine holds of a condition. `words` binds people only."""

    WORDS = "words"
    SEALED = "sealed"
    REVIEWED = "reviewed"
    NO_CONTENT = "no_content"
    NO_EXPORT = "no_export"


@dataclass(frozen=True)
class Necessity:
    """Necessity and proportionality, respect by respect (mission H1)."""

    aim: str
    suspicion: str
    link: str
    data: str
    period: str
    seriousness: str

    def as_record(self) -> JsonObject:
        return dict(vars(self))

    @classmethod
    def from_record(cls, record: object) -> "Necessity":
        """Read `as_record` back; raises `ReasonsBroken`, `ReasonsEmpty` or `TextNotAllowed`."""
        wanted = {one.name for one in fields(cls)}
        if not isinstance(record, dict) or set(record) != wanted:
            raise ReasonsBroken(why=f"necessity states exactly {', '.join(sorted(wanted))}")
        return cls(**{name: reason(text, field=name) for name, text in record.items()})


@dataclass(frozen=True)
class Means:
    """A less intrusive means that was considered, and why it is not enough."""

    means: str
    why_not: str

    def as_record(self) -> JsonObject:
        return {"means": self.means, "why_not": self.why_not}


@dataclass(frozen=True)
class Privileges:
    """What was considered about protected confidences; `allowed` names those that the decision reaches all the same."""

    considered: str
    allowed: frozenset[str]

    def as_record(self) -> JsonObject:
        return {"considered": self.considered, "allowed": sorted(self.allowed)}

    @classmethod
    def from_record(cls, record: object) -> "Privileges":
        """Read `as_record` back; raises `ReasonsBroken`, `ReasonsEmpty` or `TextNotAllowed`."""
        match record:
            case {"considered": considered, "allowed": list(allowed), **rest} if not rest:
                pass
            case _:
                raise ReasonsBroken(why="privileges state exactly allowed, considered")
        known = {one.value for one in Privilege}
        if not all(isinstance(one, str) and one in known for one in allowed) or allowed != sorted(set(allowed)):
            raise ReasonsBroken(why=f"the privileges that are allowed are among {', '.join(sorted(known))}, sorted")
        return cls(considered=reason(considered, field="privileges"), allowed=frozenset(allowed))


@dataclass(frozen=True)
class Condition:
    """A condition in words, with what a machine holds of it."""

    check: Check
    text: str

    def as_record(self) -> JsonObject:
        return {"check": self.check.value, "text": self.text}


def read_means(records: object) -> tuple[Means, ...]:
    """The less intrusive means that were considered: at least one; raises as `Necessity.from_record`."""
    if not isinstance(records, list) or not 1 <= len(records) <= MEANS_MAX:
        raise ReasonsBroken(why=f"1 to {MEANS_MAX} less intrusive means were considered")
    read = []
    for one in records:
        if not isinstance(one, dict) or set(one) != {"means", "why_not"}:
            raise ReasonsBroken(why="a less intrusive means states exactly means, why_not")
        means = plain(one["means"], field="means", limit=REASON_CHARACTERS_MAX, lines=True)
        read.append(Means(means=means, why_not=reason(one["why_not"], field="why the means is not enough")))
    return tuple(read)


def read_conditions(records: object) -> tuple[Condition, ...]:
    """The conditions of a decision; raises `ReasonsBroken` or `TextNotAllowed`."""
    if not isinstance(records, list) or len(records) > CONDITIONS_MAX:
        raise ReasonsBroken(why=f"at most {CONDITIONS_MAX} conditions are read")
    read = []
    for one in records:
        known = isinstance(one, dict) and set(one) == {"check", "text"} and one["check"] in list(Check)
        if not known:
            raise ReasonsBroken(why=f"a condition states check (one of {', '.join(Check)}) and text")
        text = plain(one["text"], field="condition", limit=REASON_CHARACTERS_MAX, lines=True)
        read.append(Condition(check=Check(one["check"]), text=text))
    return tuple(read)


def reason(text: object, *, field: str) -> str:
    """A text that states a reason; raises `ReasonsEmpty` or `TextNotAllowed`."""
    stated = plain(text, field=field, limit=REASON_CHARACTERS_MAX, lines=True)
    letters = _letters(stated)
    if len(letters) < REASON_LETTERS_MIN or len(set(letters)) < REASON_DISTINCT_MIN:
        raise ReasonsEmpty(why=f"{field} says too little ({len(letters)} letters, {len(set(letters))} different ones)")
    return stated


def hold_distinct(stated: list[tuple[str, str]]) -> None:
    """Hold that no two fields (name, text) say the same but for case, accents, spaces and signs; raises `ReasonsEmpty`."""
    seen: dict[str, str] = {}
    for name, text in stated:
        before = seen.setdefault(_letters(text), name)
        if before != name:
            raise ReasonsEmpty(why=f"{name} says the same as {before}")


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", folded(text))
