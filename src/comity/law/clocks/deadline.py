"""One deadline of the law, as its data state it: who must do what, within which time, from which event.

* The event may be stated, left open (`not_stated`, with or without candidates), or a fixed day that the text names.
* A period may be counted back from its event: then the act is due before the period begins.
"""

import re
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError

NOT_STATED: Final = "not_stated"
KEEPING: Final = frozenset({"hard_min", "auto_expiry"})
EXTENDING: Final = "extension"

_BACKWARDS: Final = "counted back from "
_WITH_EVENT: Final = "period begins with that day"
_CONTINUES: Final = "end_of_"
_FIXED: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\b")


class DeadlineBroken(ComityError):
    """A record is no deadline."""

    code = "law.deadline_broken"
    sentence = N_("this is no deadline: {why}")


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One deadline of a measure, as the law's data state it; an empty text is `not stated`."""

    id: str
    actor: str
    action: str
    case: str
    type: str
    duration: str
    unit: str
    from_event: str
    candidates: tuple[str, ...]
    article: str
    verification: str
    calc: str
    on_expiry: str
    condition: str
    note: str

    def as_record(self) -> JsonObject:
        return {**asdict(self), "candidates": list(self.candidates)}

    @classmethod
    def from_record(cls, record: object) -> "Deadline":
        """Read `as_record` back; raises `DeadlineBroken`."""
        names = {field.name for field in fields(cls)}
        if not isinstance(record, dict) or set(record) != names:
            raise DeadlineBroken(why=f"expected exactly {', '.join(sorted(names))}")
        candidates = record["candidates"]
        if not isinstance(candidates, list) or not all(isinstance(one, str) for one in candidates):
            raise DeadlineBroken(why="candidates is a list of texts")
        if not all(isinstance(value, str) for name, value in record.items() if name != "candidates"):
            raise DeadlineBroken(why="every other part is a text")
        return cls(**{**record, "candidates": tuple(candidates)})

    @property
    def starts(self) -> tuple[str, ...]:
        """The events that may start this clock: the stated one, or each candidate; `not_stated` where the law names none."""
        return (self.candidates or (NOT_STATED,)) if self.open_start else (self.from_event,)

    @property
    def open_start(self) -> bool:
        """Whether the text does not say which event starts the clock."""
        return self.from_event in {NOT_STATED, ""}

    @property
    def backwards(self) -> bool:
        """Whether the period runs back from its event, so that the act is due before it begins."""
        return self.from_event.startswith(_BACKWARDS)

    @property
    def continues(self) -> bool:
        """Whether it begins where another period has run out, so that the day which ended is the day of the event."""
        return self.from_event.startswith(_CONTINUES)

    @property
    def with_event(self) -> bool:
        """Whether the text says that the period begins with the day of its event."""
        return _WITH_EVENT in self.condition

    @property
    def keeps(self) -> bool:
        """Whether it is a duty to keep or a state that lasts, rather than a duty to act."""
        return self.type in KEEPING and not self.backwards

    @property
    def fixed_start(self) -> date | None:
        """The day that the text itself names as the start."""
        day = _FIXED.match(self.from_event)
        try:
            return date.fromisoformat(day[1]) if day else None
        except ValueError:
            return None
