"""Where an act is done: a state of ISO 3166-1 with its time zone, from the packaged time-zone data.

* A state with one zone is named by its code (`NL`), every other by its zone (`Europe/Berlin`); a zone says which state it lies in.
* A part of a state with holidays of its own (ISO 3166-2) is `DE-BY:Europe/Berlin`, or `NL-LI` where there is one zone.
* A zone that belongs to no state (`UTC`) is a place without a calendar of holidays.
"""

import re
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.law.question import ValueUnknown

PART: Final = re.compile(r"[A-Z0-9]{1,3}", re.ASCII)
"""How ISO 3166-2 names a part of a state."""

_STATE: Final = re.compile(
    rf"(?P<state>[A-Z]{{2}})(-(?P<part>{PART.pattern}))?(:(?P<zone>[A-Za-z0-9_+/-]{{1,40}}))?", re.ASCII
)


@dataclass(frozen=True)
class Place:
    """A state (empty where none is known), its part if one was named, and the time that is kept there."""

    state: str
    zone: tzinfo
    part: str = ""

    def __str__(self) -> str:
        named = "-".join(one for one in (self.state, self.part) if one)
        return f"{named}, time of {self.zone}" if named else f"time of {self.zone}"


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    """Each zone of the table with its state."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple((row[2], row[0]) for row in rows)


def zones_of(state: str) -> tuple[str, ...]:
    """The names of a state's zones (ISO 3166-1 alpha-2); empty for a state that the table does not know."""
    return tuple(zone for zone, held in _zones() if held == state)


def state_of(zone: str) -> str:
    """The state in which a zone lies; empty for a zone that belongs to none."""
    return dict(_zones()).get(zone, "")


def in_zone(zone: tzinfo) -> Place:
    """The place that keeps this time: the zone's state, or none."""
    return Place(state_of(zone.key) if isinstance(zone, ZoneInfo) else "", zone)


def place(typed: str) -> Place:
    """A place as people write it (see the module); raises `ValueUnknown` with what can be named instead."""
    named = _STATE.fullmatch(typed)
    if named is None:
        return in_zone(_zone(typed))
    zones = zones_of(named["state"])
    if named["zone"] and named["zone"] in zones:
        return Place(named["state"], ZoneInfo(named["zone"]), named["part"] or "")
    if named["zone"] or len(zones) != 1:
        part = f"{named['state']}-{named['part']}:" if named["part"] else ""
        listed = ", ".join(f"{part}{zone}" for zone in zones) or "states of ISO 3166-1 or zones"
        raise ValueUnknown(field="place", found=typed[:60], allowed=listed)
    return Place(named["state"], ZoneInfo(zones[0]), named["part"] or "")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        # A folder of the time-zone data, such as `Europe`, is no zone and answers with an error of the file system.
        raise ValueUnknown(
            field="place", found=name[:60], allowed="a state, or a zone such as Europe/Amsterdam"
        ) from unknown
