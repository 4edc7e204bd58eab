"""Protected persons behind a target or in an item: privileged, vulnerable, uninvolved. A flag raises conditions (mission H3)."""

from dataclasses import dataclass
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError

PRIVILEGED: Final = frozenset({"lawyer", "doctor", "clergy", "journalist"})
VULNERABLE: Final = frozenset({"minor", "victim"})
UNINVOLVED: Final = frozenset({"uninvolved"})
FLAGS: Final = tuple(sorted(PRIVILEGED | VULNERABLE | UNINVOLVED))


class FlagUnknown(ComityError):
    """A flag that is none, or a list of flags that is not in its one spelling."""

    code = "cases.flag_unknown"
    sentence = N_("{found} are no flags: expected some of {known}, sorted, each once")


@dataclass(frozen=True)
class Protected:
    """A target (`kind:value`) and why whoever stands behind it is protected."""

    selector: str
    flags: frozenset[str]

    def as_record(self) -> JsonObject:
        return {"selector": self.selector, "flags": sorted(self.flags)}


def flags(listed: object) -> frozenset[str]:
    """Read a list of flags, at least one; raises `FlagUnknown`."""
    if (
        not isinstance(listed, list)
        or not listed
        or not all(isinstance(one, str) and one in FLAGS for one in listed)
        or listed != sorted(set(listed))
    ):
        raise FlagUnknown(found=str(listed)[:60], known=", ".join(FLAGS))
    return frozenset(listed)


def privileged(found: frozenset[str]) -> frozenset[str]:
    """Those among the flags that stand for a confidence which the law protects."""
    return found & PRIVILEGED
