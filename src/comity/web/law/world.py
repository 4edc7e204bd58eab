"""The world as it is drawn at build time (scripts/build_world.py): outlines, and dots where an outline would be too small.

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
"""The smallest area, in square units of the whole world's picture, that is shown by its outline."""
RADIUS: Final = 17.0
_APART: Final = 2 * RADIUS + 5
_PUSHES: Final = 60


@dataclass(frozen=True)
class Box:
    """An upright part of the map."""

    left: float
    top: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a spot lies within."""
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height

    def meets(self, other: "Box") -> bool:
        """Whether two parts have anything in common."""
        across = self.left <= other.left + other.width and other.left <= self.left + self.width
        return across and self.top <= other.top + other.height and other.top <= self.top + self.height


@dataclass(frozen=True)
class Place:
    """A state or territory: the subregion (UN M49) it lies in, and its outline; `x`, `y` and `box` are its largest island's."""

    region: str
    outline: str
    x: float
    y: float
    box: Box
    area: float


@dataclass(frozen=True)
class World:
    """Every place by its code (ISO 3166-1 alpha-2), land that is no place, and the parts that can be seen closer."""

    parts: Mapping[str, Box]
    land: str
    places: Mapping[str, Place]


@dataclass(frozen=True)
class Seen:
    """How the states of an edition are seen in one part of the world: each code stands in exactly one of the three."""

    box: Box
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
        parts={name: Box(*corners) for name, corners in drawn["parts"].items()},
        land=drawn["land"],
        places={
            code: Place(one["region"], one["outline"], one["at"][0], one["at"][1], Box(*one["box"]), one["area"])
            for code, one in drawn["places"].items()
        },
    )


@cache
def seen(states: tuple[str, ...], part: str) -> Seen:
    """The states in a part of the world; those without a place on it are `beyond`."""
    held = world()
    box = held.parts[part]
    zoom = held.parts["world"].width / box.width
    known = [(code, held.places[code]) for code in states if code in held.places]
    large = {code for code, place in known if place.area * zoom**2 >= OUTLINE_MIN}
    outlines = tuple(code for code, place in known if code in large and place.box.meets(box))
    small = {code: (place.x, place.y) for code, place in known if code not in large and box.holds(place.x, place.y)}
    return Seen(
        box=box,
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
