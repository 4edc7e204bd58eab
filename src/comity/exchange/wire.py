"""Shapes and limits of everything that another node sends: one reader for the fields of a record.

* A record has exactly the fields that are named; one more or one fewer is refused.
* Every text has a shape or a length, every number a range.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.canon import Json, JsonObject, moment, plain
from comity.canon.json import INTEGER_MAX
from comity.errors import N_, ComityError

CLOCK_SKEW_MAX: Final = timedelta(minutes=5)
"""How far another node's clock may run ahead of ours."""

COURIER_AGE_MAX: Final = timedelta(days=90)
"""How old an envelope may be when it arrives; receive keys are kept this long after senders stop using them."""

NODE: Final = re.compile(r"[a-z0-9-]{1,40}")
REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class RecordBroken(ComityError):
    """A record from another node lacks the shape that its format fixes."""

    code = "exchange.record_broken"
    sentence = N_("the {record} cannot be read: {why}")
    hint = N_("Ask the other node to send it again in the format of its specification page.")


@dataclass(frozen=True)
class Fields:
    """The fields of one record; each method reads one or raises `RecordBroken` naming it."""

    record: str
    values: JsonObject

    @classmethod
    def of(cls, values: Json, *, record: str, names: Iterable[str]) -> "Fields":
        """Hold that `values` is an object with exactly these names."""
        wanted = set(names)
        if not isinstance(values, dict) or set(values) != wanted:
            raise RecordBroken(record=record, why=f"expected exactly {', '.join(sorted(wanted))}")
        return cls(record=record, values=values)

    def shaped(self, name: str, shape: re.Pattern[str]) -> str:
        """A text of that shape."""
        value = self.values[name]
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise self.broken(f"{name} {str(value)[:40]!r} does not have the shape {shape.pattern}")
        return value

    def words(self, name: str, *, limit: int) -> str:
        """A text for people in its one normal form; raises `TextNotAllowed` too."""
        value = self.values[name]
        if plain(value, field=name, limit=limit, lines=True) != value:
            raise self.broken(f"{name} is not in normal form")
        return str(value)

    def number(self, name: str, *, least: int, most: int = INTEGER_MAX) -> int:
        """A whole number from `least` to `most`."""
        value = self.values[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.broken(f"{name} {str(value)[:40]!r} is no whole number from {least} to {most}")
        return value

    def moment(self, name: str) -> datetime:
        """A moment; raises `NotAMoment`."""
        return moment(self.values[name])

    def object(self, name: str) -> JsonObject:
        """A JSON object."""
        value = self.values[name]
        if not isinstance(value, dict):
            raise self.broken(f"{name} is no object")
        return value

    def listed(self, name: str, *, most: int) -> list[Json]:
        """A list of at most `most` values."""
        value = self.values[name]
        if not isinstance(value, list) or len(value) > most:
            raise self.broken(f"{name} is no list of at most {most}")
        return value

    def broken(self, why: str) -> RecordBroken:
        """The refusal of this record for a reason of the caller's."""
        return RecordBroken(record=self.record, why=why)
