"""Draw the world once, at build: from the atlas in node_modules to outlines that a page writes as it finds them.

* The atlas is Natural Earth at 1:50 million as TopoJSON (world-atlas). Arcs are decoded, projected and thinned one by one:
  two states that share a border share it afterwards too.
* The map ends at the 180th meridian; what crosses it is cut there.
* The projection is Equal Earth (Šavrič, Patterson, Jenny 2018): no state looks larger than it is.
* Which shape is whose stands in territories.toml. Land of which it says nothing is drawn as land and nothing else.
* A state may be too small for an outline; its place is the middle of its largest island all the same.
"""

import itertools
import json
import math
import shutil
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
ATLAS: Final = ROOT / "node_modules" / "world-atlas"
TERRITORIES: Final = ROOT / "scripts" / "territories.toml"
BUILT: Final = ROOT / "src" / "comity" / "web" / "law" / "static" / "vendor"

WIDTH: Final = 4000
THINNED: Final = 1.2
"""How far, in units of the map, an outline may leave the atlas."""
ISLAND_MIN: Final = 5
"""An island of a smaller area is left out, unless it is the largest that its owner has."""
PARTS: Final[dict[str, tuple[float, float, float, float]]] = {
    "africa": (-26, -36, 60, 38),
    "north_america": (-128, 5, -52, 60),
    "south_america": (-93, -56, -33, 14),
    "asia": (26, -12, 150, 56),
    "europe": (-25, 34, 46, 71),
}
"""Parts of the world that can be seen closer, in degrees: west, south, east, north. The Pacific lies at both edges."""
SEAM: Final = 12
"""How far, in units of the map, outlines go on beyond the picture of a part."""
DISPUTED: Final[dict[str, tuple[float, float, float, float]]] = {"643": (32, 44, 36.8, 46.3)}
"""Land that the atlas gives to whoever holds it (by ISO number, then as in `PARTS`), and that is drawn as nobody's: Crimea."""
NOT_DRAWN: Final = frozenset({"010"})  # Antarctica, which belongs to nobody

Point = tuple[float, float]
Ring = list[Point]

_A: Final = (1.340264, -0.081106, 0.000893, 0.003796)
_M: Final = math.sqrt(3) / 2


def projected(longitude: float, latitude: float) -> Point:
    """A place in degrees on the plane, by Equal Earth on a globe of radius 1; north is up."""
    theta = math.asin(_M * math.sin(math.radians(latitude)))
    sixth = theta**6
    stretch = 9 * _A[3] * theta**8 + 7 * _A[2] * sixth + 3 * _A[1] * theta**2 + _A[0]
    x = math.radians(longitude) * math.cos(theta) / (_M * stretch)
    return x, theta * (_A[0] + _A[1] * theta**2 + sixth * (_A[2] + _A[3] * theta**2))


SCALE: Final = WIDTH / (2 * projected(180, 0)[0])
TOP: Final = projected(0, 84)[1]
HEIGHT: Final = round((TOP - projected(0, -58)[1]) * SCALE)


def on_map(longitude: float, latitude: float) -> Point:
    """A place in degrees in units of the map, from the upper left corner."""
    x, y = projected(longitude, latitude)
    return WIDTH / 2 + x * SCALE, (TOP - y) * SCALE


def part(west: float, south: float, east: float, north: float) -> list[float]:
    """The upright box on the map, as left, top, width and height, that holds a stretch of the globe."""
    steps = [step / 8 for step in range(9)]
    longitudes = [west + (east - west) * step for step in steps]
    latitudes = [south + (north - south) * step for step in steps]
    spots = [on_map(longitude, latitude) for longitude in longitudes for latitude in latitudes]
    left, top = (min(spot[axis] for spot in spots) for axis in (0, 1))
    right, bottom = (max(spot[axis] for spot in spots) for axis in (0, 1))
    return [round(number) for number in (left, top, right - left, bottom - top)]


def decoded(atlas: dict[str, Any]) -> list[Ring]:
    """Every arc of a TopoJSON file in degrees, thinned; one that crosses the 180th meridian goes on beyond it."""
    scale, shift = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for steps in atlas["arcs"]:
        x = y = 0
        arc: Ring = []
        for step in steps:
            x, y = x + step[0], y + step[1]
            spot = (x * scale[0] + shift[0], y * scale[1] + shift[1])
            arc.append(_beside(spot, arc[-1]) if arc else spot)
        arcs.append(thinned(arc))
    return arcs


def _beside(spot: Point, other: Point) -> Point:
    """The same place, on the turn of the globe on which it lies nearest to the other."""
    return spot[0] - 360 * round((spot[0] - other[0]) / 360), spot[1]


def thinned(line: Ring) -> Ring:
    """A line in degrees with as few of its points as keep it within `THINNED` of itself on the map (Douglas, Peucker)."""
    drawn = [on_map(*spot) for spot in line]
    kept = {0, len(line) - 1}
    stretches = [(0, len(line) - 1)]
    while stretches:
        first, last = stretches.pop()
        inner = range(first + 1, last)
        away, at = max(((_away(drawn[i], drawn[first], drawn[last]), i) for i in inner), default=(0.0, 0))
        if away > THINNED:
            kept.add(at)
            stretches += [(first, at), (at, last)]
    return [line[i] for i in sorted(kept)]


def _away(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from the stretch between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)


def ring(indexes: list[int], arcs: list[Ring]) -> Ring:
    """The arcs of a ring one after the other; a negative index (~i) is arc i the other way round."""
    points: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        for spot in arc[1:] if points else arc:
            points.append(_beside(spot, points[-1]) if points else spot)
    return points


def beyond(points: Ring, *, axis: int, edge: float, inside: int) -> Ring:
    """What of a ring lies on one side of an upright or level line (Sutherland, Hodgman): above it with `inside` 1, else -1."""
    kept: Ring = []
    for a, b in itertools.pairwise([*points, points[0]] if points else []):
        a_in, b_in = ((spot[axis] - edge) * inside >= 0 for spot in (a, b))
        if a_in:
            kept.append(a)
        if a_in is not b_in:
            along = (edge - a[axis]) / (b[axis] - a[axis])
            crossing = [start + (end - start) * along for start, end in zip(a, b, strict=True)]
            crossing[axis] = edge
            kept.append((crossing[0], crossing[1]))
    return kept


def on_the_sheet(points: Ring, *, turn: int) -> Ring:
    """What of a ring in degrees lies between the two edges of the map, on one turn of the globe."""
    turned = [(x + 360 * turn, y) for x, y in points]
    return beyond(beyond(turned, axis=0, edge=-180.0, inside=1), axis=0, edge=180.0, inside=-1)


def within(held: list[list[Ring]], box: list[float]) -> list[list[Ring]]:
    """What of polygons lies in a box, with a seam that is not seen: the cut itself has to stay out of the picture."""
    left, top, width, height = box
    edges = ((0, left, 1), (0, left + width, -1), (1, top, 1), (1, top + height, -1))
    found = []
    for polygon in held:
        cut = polygon
        for axis, edge, inside in edges:
            cut = [beyond(one, axis=axis, edge=edge - inside * SEAM, inside=inside) for one in cut]
        if cut[0]:
            found.append([one for one in cut if one])
    return found


def area(points: Ring) -> float:
    """The area within a ring, in square units of the map."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))) / 2


def middle(points: Ring) -> Point:
    """The centre of a ring; of one without area, the mean of its points."""
    crossed = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    double = sum(cross for _, _, cross in crossed)
    if abs(double) < 1e-6:  # noqa: PLR2004 - a line, not a ring
        return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    x = sum((a[0] + b[0]) * cross for a, b, cross in crossed) / (3 * double)
    y = sum((a[1] + b[1]) * cross for a, b, cross in crossed) / (3 * double)
    return x, y


def polygons(geometry: dict[str, Any], arcs: list[Ring]) -> list[list[Ring]]:
    """The polygons of a country on the map, each as its outline and its holes; cut where the map has its edges."""
    listed = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    found = []
    for polygon in listed:
        rings = [ring(indexes, arcs) for indexes in polygon]
        for turn in (-1, 0, 1):
            cut = [[on_map(*spot) for spot in on_the_sheet(one, turn=turn)] for one in rings]
            if cut[0]:
                found.append([one for one in cut if one])
    return found


def outline(held: list[list[Ring]]) -> str:
    """Polygons as the path of an SVG, in whole units and relative steps; what is too small is left out."""
    largest = max((area(polygon[0]) for polygon in held), default=0.0)
    kept = [polygon for polygon in held if area(polygon[0]) >= min(largest, ISLAND_MIN)]
    return "".join(_path(points) for polygon in kept for points in polygon)


def _path(points: Ring) -> str:
    spots = [(round(x), round(y)) for x, y in points]
    spots = [spot for i, spot in enumerate(spots) if i == 0 or spot != spots[i - 1]]
    if spots[-1] == spots[0]:
        spots.pop()
    if len(spots) < 3:  # noqa: PLR2004 - two points enclose nothing
        return ""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(spots)]
    written = " ".join(f"{x}{y}" if y < 0 else f"{x} {y}" for x, y in steps)
    return f"M{spots[0][0]} {spots[0][1]}l{written.replace(' -', '-')}z"


def place(found: list[list[Ring]], *, region: str) -> dict[str, Any]:
    """What the map says about the owner of these polygons; where it lies is said of the largest of them."""
    main = max((polygon[0] for polygon in found), key=area)
    return {"region": region, "at": [round(number, 1) for number in middle(main)], "area": round(area(main), 1)}


def _lies(polygon: list[Ring], stretch: tuple[float, float, float, float]) -> bool:
    """Whether the middle of a polygon lies in a stretch of the globe."""
    left, top, width, height = part(*stretch)
    x, y = middle(polygon[0])
    return 0 <= x - left <= width and 0 <= y - top <= height


def drawn(held: dict[str, list[list[Ring]]], box: list[float]) -> dict[str, Any]:
    """A part of the world: its box, and what of each owner is seen in it."""
    outlines = {code: outline(within(found, box)) for code, found in sorted(held.items())}
    return {"box": box, "outlines": {code: path for code, path in outlines.items() if path}}


def world(atlas: dict[str, Any], territories: dict[str, list[str]]) -> dict[str, Any]:
    """The map as the page reads it: where everybody lies, and the parts of the world; the owner "" is nobody."""
    arcs = decoded(atlas)
    owners = {mark: code for code, (mark, _region) in territories.items()}
    held: dict[str, list[list[Ring]]] = {}
    for geometry in atlas["objects"]["countries"]["geometries"]:
        mark = geometry.get("id", geometry["properties"]["name"])
        if mark in NOT_DRAWN:
            continue
        for polygon in polygons(geometry, arcs):
            owner = "" if mark in DISPUTED and _lies(polygon, DISPUTED[mark]) else owners.get(mark, "")
            held.setdefault(owner, []).append(polygon)
    boxes = {"world": [0.0, 0.0, WIDTH, HEIGHT]} | {name: part(*degrees) for name, degrees in PARTS.items()}
    return {
        "places": {code: place(found, region=territories[code][1]) for code, found in sorted(held.items()) if code},
        "parts": {name: drawn(held, box) for name, box in boxes.items()},
    }


def build() -> None:
    """The map lies beside the reading room's pages, with the atlas's licence."""
    atlas = json.loads((ATLAS / "countries-50m.json").read_text(encoding="utf-8"))
    territories = tomllib.loads(TERRITORIES.read_text(encoding="utf-8"))
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    written = json.dumps(world(atlas, territories), separators=(",", ":"))
    (BUILT / "world.json").write_text(written, encoding="utf-8")
    shutil.copy(ATLAS / "LICENSE", BUILT / "LICENSE.world-atlas")
