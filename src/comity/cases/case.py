"""A case: title, offences, the marketplace, its selectors."""

import re
from dataclasses import dataclass
from typing import Final

from comity.canon import JsonObject
from comity.cases.selectors import Selector
from comity.errors import N_, ComityError

PENALTY_YEARS_MAX: Final = 99
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_YEARS: Final = re.compile(rf"[0-9]{{1,{len(str(PENALTY_YEARS_MAX))}}}")


class OffenceNotUsable(ComityError):
    """What was typed is no offence."""

    code = "cases.offence_not_usable"
    sentence = N_("{typed} is no offence: expected id:maximum years in our state:in theirs, such as drugs:8:12")


@dataclass(frozen=True, order=True)
class Offence:
    """An offence of the common vocabulary with its maximum penalties in years; None is unknown, 0 no offence there."""

    id: str
    issuing_years_max: int | None
    executing_years_max: int | None

    def as_record(self) -> JsonObject:
        return {"id": self.id, "issuing": self.issuing_years_max, "executing": self.executing_years_max}

    @classmethod
    def from_record(cls, record: JsonObject) -> "Offence":
        """Read `as_record` back; raises `OffenceNotUsable`."""
        match record:
            case {"id": str(name), "issuing": issuing, "executing": executing, **rest} if not rest:
                years = (issuing, executing)
            case _:
                raise OffenceNotUsable(typed=str(record)[:60])
        for figure in years:
            if figure is not None and (type(figure) is not int or not 0 <= figure <= PENALTY_YEARS_MAX):
                raise OffenceNotUsable(typed=str(record)[:60])
        if not _ID.fullmatch(name):
            raise OffenceNotUsable(typed=name[:60])
        return cls(name, issuing, executing)


@dataclass(frozen=True)
class Case:
    """What is investigated. `reference` is random: that a case exists is itself a secret."""

    reference: str
    title: str
    marketplace: str
    offences: tuple[Offence, ...]
    selectors: tuple[Selector, ...]


def offence(typed: str) -> Offence:
    """Read `id:maximum years in the issuing state:in the executing state`; an empty figure is unknown."""
    parts = typed.split(":")
    if not _ID.fullmatch(parts[0]) or len(parts) not in {1, 3}:
        raise OffenceNotUsable(typed=typed[:60])
    issuing, executing = parts[1:] or ("", "")
    return Offence(parts[0], _years(issuing, typed), _years(executing, typed))


def _years(figure: str, typed: str) -> int | None:
    if figure == "":
        return None
    if not _YEARS.fullmatch(figure):
        raise OffenceNotUsable(typed=typed[:60])
    return int(figure)
