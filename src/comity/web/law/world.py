"""The world as it was drawn at build (scripts/build_world.py): outlines, and dots where an outline would be too small.

* A state is drawn by its outline where that is large enough to be seen and hit, and by a dot where it is not.
* Dots that would cover one another are pushed apart, always in the same way: they stand near the state, not upon it.
* Borders are the atlas's. They say nothing about who is recognised by whom.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Final

from comity.canon import JsonObject

OUTLINE_MIN: Final = 120.0
CLOSER_MIN: Final = 400.0
"""Which states have an outline, by the area of the largest island as it is seen; seen closer, there is room for dots."""
RADIUS: Final = 17.0
_APART: Final = 2 * RADIUS + 5
_PUSHES: Final = 60


@dataclass(frozen=True)
class Place:
    """A state or territory: the subregion (UN M49) it lies in, and the middle and area of its largest island."""

    region: str
    x: float
    y: float
    area: float


@dataclass(frozen=True)
class Part:
    """A part of the world: its upright box, and what is seen in it of whom, by code; "" is land that no code names."""

    left: float
    top: float
    width: float
    height: float
    outlines: Mapping[str, str]

    def holds(self, place: Place) -> bool:
        """Whether the middle of a place lies in it."""
        return 0 <= place.x - self.left <= self.width and 0 <= place.y - self.top <= self.height


@dataclass(frozen=True)
class World:
    """Every place by its code (ISO 3166-1 alpha-2), and the parts that can be seen."""

    places: Mapping[str, Place]
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Seen:
    """How the states of an edition are seen in one part of the world: each code stands in exactly one of the three."""

    name: str
    part: Part
    zoom: float
    outlines: tuple[str, ...]
    dots: Mapping[str, tuple[float, float]]
    beyond: tuple[str, ...]


@cache
def world() -> World:
    """The map that was drawn when the pages were built."""
    file = files("comity.web.law") / "static" / "vendor" / "world.json"
    drawn: JsonObject = json.loads(file.read_text(encoding="utf-8"))
    return World(
        places={
            code: Place(one["region"], one["at"][0], one["at"][1], one["area"]) for code, one in drawn["places"].items()
        },
        parts={name: _part(one) for name, one in drawn["parts"].items()},
    )


def _part(one: JsonObject) -> Part:
    left, top, width, height = one["box"]
    return Part(left, top, width, height, one["outlines"])


@cache
def seen(states: tuple[str, ...], name: str) -> Seen:
    """The states in a part of the world; those that have nothing in it are `beyond`."""
    held = world()
    part = held.parts[name]
    zoom = held.parts["world"].width / part.width
    least = OUTLINE_MIN if name == "world" else CLOSER_MIN
    known = [(code, held.places[code]) for code in states if code in held.places]
    large = {code for code, place in known if place.area * zoom**2 >= least}
    outlines = tuple(code for code, _ in known if code in large and code in part.outlines)
    small = {code: (place.x, place.y) for code, place in known if code not in large and part.holds(place)}
    return Seen(
        name=name,
        part=part,
        zoom=zoom,
        outlines=outlines,
        dots=_apart(small, least=_APART / zoom),
        beyond=tuple(code for code in states if code not in {*outlines, *small}),
    )


def _apart(spots: Mapping[str, tuple[float, float]], *, least: float) -> Mapping[str, tuple[float, float]]:
    """The spots, moved as little as it takes until any two of them are `least` apart."""
    moved = {code: list(spot) for code, spot in spots.items()}
    for _ in range(_PUSHES):
        close = [
            (one, other, gap)
            for one, other in combinations(moved.values(), 2)
            if (gap := math.dist(one, other)) < least
        ]
        if not close:
            break
        for one, other, gap in close:
            # Two on the very same spot are parted sideways.
            along = [(b - a) / gap for a, b in zip(one, other, strict=True)] if gap else [1.0, 0.0]
            push = (least - gap) / 2 + least / 100
            for axis in (0, 1):
                one[axis] -= along[axis] * push
                other[axis] += along[axis] * push
    return {code: (round(spot[0], 1), round(spot[1], 1)) for code, spot in moved.items()}
