"""Handling codes: what whoever gets something may do with it. They stand in the signed text and travel with it.

* The traffic light (FIRST, TLP 2.0) says how far it may go; `H0` to `H3` (the handling codes of Europol) say what it may
  be used for. Nothing stated is nothing restricted beyond need-to-know.
* Two markings together are never weaker than one of them (`Handling.joined`).
* H3 is "other restrictions": it stands with its words, and words stand with H3.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canon import JsonObject, plain
from comity.errors import N_, ComityError

REMARK_CHARACTERS_MAX: Final = 500


class HandlingBroken(ComityError):
    """What was stated is no handling code."""

    code = "cases.handling_broken"
    sentence = N_("these are no handling codes: {why}")


class Light(StrEnum):
    """How far information may go, the widest first."""

    NOT_STATED = ""
    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


class Restriction(StrEnum):
    """What information may be used for.

    H0: to prevent and combat crime; H1: no evidence in court without permission of who gave it; H2: not passed on
    without that permission; H3: what the remark says.
    """

    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"


_ORDER: Final = tuple(Light)


@dataclass(frozen=True)
class Handling:
    """The codes of one letter or item."""

    light: Light = Light.NOT_STATED
    restrictions: frozenset[Restriction] = frozenset()
    remark: str = ""

    def __post_init__(self) -> None:
        """Hold that H3 and its words stand together; raises `HandlingBroken`."""
        if (Restriction.H3 in self.restrictions) != bool(self.remark):
            raise HandlingBroken(why="H3 and a remark stand together or not at all")

    @property
    def stated(self) -> bool:
        """Whether any code is stated."""
        return self != Handling()

    @property
    def asks_permission(self) -> bool:
        """Whether who gave it has to permit that it goes on, or that it is shown to a court."""
        return bool(self.restrictions & {Restriction.H1, Restriction.H2})

    def joined(self, other: "Handling") -> "Handling":
        """Both together: the narrower light, every restriction, both remarks."""
        remarks = dict.fromkeys(one for one in (self.remark, other.remark) if one)
        return Handling(
            light=max(self.light, other.light, key=_ORDER.index),
            restrictions=self.restrictions | other.restrictions,
            remark="; ".join(remarks),
        )

    def as_record(self) -> JsonObject:
        """The codes as they stand in a signed text."""
        return {"tlp": self.light.value, "codes": sorted(self.restrictions), "remark": self.remark}

    @classmethod
    def from_record(cls, record: object) -> "Handling":
        """Read `as_record` back; raises `HandlingBroken` or `TextNotAllowed`."""
        match record:
            case {"tlp": str(light), "codes": list(codes), "remark": str(remark), **rest} if not rest:
                said = remark and plain(remark, field="remark", limit=REMARK_CHARACTERS_MAX)
            case _:
                raise HandlingBroken(why="expected exactly tlp, codes and remark")
        try:
            read = cls(Light(light), frozenset(Restriction(one) for one in codes), said)
        except ValueError as unknown:
            raise HandlingBroken(why=str(unknown)[:100]) from unknown
        if read.as_record() != record:
            raise HandlingBroken(why="each code once, in order")
        return read


NOT_STATED: Final = Handling()
"""No code: need-to-know and nothing else."""
