"""What is said about an item or exhibit in its custody: how reliable it is, how it may be handled, what it is about.

* The newest marking of a node counts for that node. Those of several nodes count together, and the narrower wins
  (`Handling.joined`): nobody loosens by a marking of his own what another node has put on it.
* The codes have an effect (`asks_leave`). A leave is the owner's permission as it was recorded after the marking: who
  gave it and where it is written. Whether that paper is genuine is for who reads it; here it is asked that it is named.

| code | put on by this node | put on by another node |
|---|---|---|
| H1 | no export without a leave | no export without a leave |
| H2, H3, TLP:AMBER+STRICT, TLP:RED | this node decides whom it gives it to | neither hand-over nor export without a leave |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.canon import Json, JsonObject
from comity.cases.handling import Handling, Light, Restriction
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.reliability import Reliability
from comity.evidence.tags import read_tags

LIGHT: Final = "TLP"
CODES: Final = (*(one.value for one in Restriction if one is not Restriction.H0), LIGHT)
"""What a leave can be for."""
_NARROW: Final = frozenset({Light.AMBER_STRICT, Light.RED})
_PASSED_ON: Final = frozenset({Restriction.H2, Restriction.H3})


class LeaveMissing(ComityError):
    """A handling code bars this step until its owner's permission is recorded."""

    code = "evidence.leave_missing"
    sentence = N_("item {item} is marked {codes} by {owner}, and no leave of the owner for that is recorded")
    hint = N_("Ask who put the code on it, and record the leave with who gave it and where it is written.")


@dataclass(frozen=True)
class Marking:
    """One marking. Nothing stated about reliability is None; no handling code restricts nothing."""

    reliability: Reliability | None
    handling: Handling
    tags: tuple[str, ...]
    reason: str

    def as_record(self) -> JsonObject:
        return {
            "reliability": self.reliability.as_record() if self.reliability else None,
            "handling": self.handling.as_record(),
            "tags": list(self.tags),
            "reason": self.reason,
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> "Marking":
        """Read `as_record` back; raises `ReliabilityBroken`, `HandlingBroken`, `TagUnknown` or `ShapeBroken`."""
        return cls(
            reliability=Reliability.from_record(record["reliability"]),
            handling=Handling.from_record(record["handling"]),
            tags=read_tags(record["tags"]),
            reason=shapes.text(record["reason"], field="reason"),
        )


@dataclass(frozen=True)
class Leave:
    """The owner's permission as it was recorded."""

    codes: frozenset[str]
    given_by: str
    document: str
    reason: str


def read_leave(record: JsonObject) -> Leave:
    """A leave as it stands in a custody record; raises `ShapeBroken` or `TextNotAllowed`."""
    codes: Json = record["codes"]
    if not isinstance(codes, list) or not codes or codes != sorted(set(map(str, codes))) or not set(codes) <= {*CODES}:
        raise shapes.ShapeBroken(field="codes", why=f"expected some of {', '.join(CODES)}, each once, in order")
    given_by, document, reason = (shapes.text(record[name], field=name) for name in ("given_by", "document", "reason"))
    return Leave(codes=frozenset(map(str, codes)), given_by=given_by, document=document, reason=reason)


@dataclass(frozen=True)
class Said:
    """A marking or a leave in the order of the chain, and the node that recorded it."""

    node: str
    what: Marking | Leave


@dataclass(frozen=True)
class Asked:
    """Codes for which a step needs a leave, and whose they are."""

    owner: str
    codes: frozenset[str]


def standing_markings(said: Iterable[Said]) -> dict[str, tuple[Marking, frozenset[str]]]:
    """By node its newest marking, with the codes for which a leave was recorded after it."""
    found: dict[str, tuple[Marking, frozenset[str]]] = {}
    for one in said:
        if isinstance(one.what, Marking):
            found[one.node] = (one.what, frozenset())
        else:
            found = {node: (marking, codes | one.what.codes) for node, (marking, codes) in found.items()}
    return found


def asks_leave(said: Iterable[Said], *, by: str, exporting: bool) -> list[Asked]:
    """The codes that bar node `by` from handing over or exporting, as long as no leave for them is recorded."""
    barred = []
    for owner, (marking, given) in standing_markings(said).items():
        codes = {one.value for one in marking.handling.restrictions if _bars(one, own=owner == by, exporting=exporting)}
        if owner != by and marking.handling.light in _NARROW:
            codes.add(LIGHT)
        if codes - given:
            barred.append(Asked(owner=owner, codes=frozenset(codes - given)))
    return barred


def _bars(code: Restriction, *, own: bool, exporting: bool) -> bool:
    return (code is Restriction.H1 and exporting) or (code in _PASSED_ON and not own)


def joined(said: Iterable[Said]) -> Handling:
    """All handling codes that stand, together."""
    handling = Handling()
    for marking, _ in standing_markings(said).values():
        handling = handling.joined(marking.handling)
    return handling
