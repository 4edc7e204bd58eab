"""A physical exhibit: a device, a cold wallet, a document; a thing that lies on a shelf under numbered seals.

* It has a number that people say aloud and write on labels, and a reference that nobody guesses.
* What it is never changes; where it lies and under which seals is what its custody says.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canon import Json, JsonObject, plain
from comity.evidence import shapes

NUMBER_CHARACTERS_MAX: Final = 40
SEALS_MAX: Final = 50
_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9./_-]*")
_NAMES: Final = ("id", "number", "kind", "description", "serial")


class ExhibitKind(StrEnum):
    """What kind of thing it is."""

    DEVICE = "device"
    MEDIUM = "medium"
    WALLET = "wallet"
    DOCUMENT = "document"
    CARD = "card"
    OTHER = "other"


@dataclass(frozen=True)
class Exhibit:
    """One thing. `serial` is what the maker wrote on it, empty where there is nothing to read."""

    id: str
    number: str
    kind: ExhibitKind
    description: str
    serial: str

    def as_record(self) -> JsonObject:
        return {**vars(self), "kind": self.kind.value}

    @classmethod
    def from_record(cls, record: Json) -> "Exhibit":
        """Read `as_record` back; raises `ShapeBroken` or `TextNotAllowed`."""
        read = shapes.exactly(record, _NAMES, field="exhibit")
        if read["kind"] not in {kind.value for kind in ExhibitKind}:
            raise shapes.ShapeBroken(
                field="kind", why=f"{str(read['kind'])[:40]!r} is none of {', '.join(ExhibitKind)}"
            )
        if exhibit_number(read["number"]) != read["number"]:
            raise shapes.ShapeBroken(field="number", why="the number is not in its normal form")
        return cls(
            id=shapes.reference(read["id"], field="id"),
            number=str(read["number"]),
            kind=ExhibitKind(read["kind"]),
            description=shapes.text(read["description"], field="description"),
            serial=shapes.text(read["serial"], field="serial") if read["serial"] != "" else "",
        )


def exhibit_number(typed: object) -> str:
    """The number of an exhibit or of a seal as it is kept: capitals and digits; raises `ShapeBroken` or `TextNotAllowed`."""
    return _number(typed, field="number")


def seal_numbers(listed: Json, *, field: str) -> tuple[str, ...]:
    """Seal numbers: each once, in order, at most `SEALS_MAX`; raises `ShapeBroken` or `TextNotAllowed`."""
    if not isinstance(listed, list) or len(listed) > SEALS_MAX:
        raise shapes.ShapeBroken(field=field, why=f"expected a list of at most {SEALS_MAX} seal numbers")
    read = tuple(_number(one, field=field) for one in listed)
    if list(read) != sorted(set(read)) or list(read) != listed:
        raise shapes.ShapeBroken(field=field, why="each seal number once, in order, in its normal form")
    return read


def typed_seals(text: str) -> list[str]:
    """Seal numbers as somebody types them, with commas, blanks or line feeds between; raises as `seal_numbers`."""
    return sorted({_number(one, field="seals") for one in re.split(r"[\s,;]+", text) if one})


def seals_after(applied: Collection[str], *, broken: Collection[str], on: Collection[str]) -> frozenset[str]:
    """The seals on a thing that had `on`; raises `ShapeBroken` for a broken one that was not there or a new one that was."""
    if absent := sorted(set(broken) - set(on)):
        raise shapes.ShapeBroken(field="broken", why=f"{', '.join(absent)} was not on it")
    if there := sorted(set(applied) & set(on)):
        raise shapes.ShapeBroken(field="seals", why=f"{', '.join(there)} is on it already")
    return frozenset(on) - set(broken) | set(applied)


def _number(typed: object, *, field: str) -> str:
    number = plain(typed, field=field, limit=NUMBER_CHARACTERS_MAX).upper()
    if not _NUMBER.fullmatch(number):
        raise shapes.ShapeBroken(
            field=field, why=f"{number!r} is no number: letters A to Z, digits, and . / _ - between"
        )
    return number
