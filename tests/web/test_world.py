"""The drawn world: nobody is missing, areas are true, and what is thinned stays where it was."""

import json
import math
import re
import runpy
from itertools import accumulate, combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.law import Edition
from comity.web.law.world import RADIUS, seen, world

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "build_world.py"))
STATES = tuple(Edition.packaged().states)
PARTS = tuple(world().parts)
SEAM = SCRIPT["SEAM"] + 1


@pytest.mark.parametrize("part", PARTS)
def test_every_state_of_the_edition_is_an_outline_a_dot_or_named_as_lying_beyond(part: str):
    shown = seen(STATES, part)
    assert sorted([*shown.outlines, *shown.dots, *shown.beyond]) == sorted(STATES)


def test_on_the_whole_world_no_state_of_the_edition_lies_beyond():
    assert seen(STATES, "world").beyond == ()


def test_a_state_that_the_atlas_does_not_know_is_named_as_lying_beyond():
    assert seen(("NL", "QQ"), "world").beyond == ("QQ",)


def test_every_state_is_seen_closer_in_some_part_unless_it_lies_in_the_pacific_at_the_edges():
    beyond = set(STATES).intersection(*(seen(STATES, part).beyond for part in PARTS if part != "world"))
    regions = {world().places[code].region for code in beyond}
    assert regions <= {"053", "054", "057", "061"}, sorted(beyond)


@pytest.mark.parametrize("part", PARTS)
def test_no_dot_covers_another(part: str):
    shown = seen(STATES, part)
    radius = RADIUS / shown.zoom
    assert all(math.dist(one, other) >= 2 * radius for one, other in combinations(shown.dots.values(), 2))


def test_every_outline_is_a_path_of_steps_and_of_nothing_else():
    for part in world().parts.values():
        for code, outline in part.outlines.items():
            assert re.fullmatch(r"(M-?\d+ -?\d+l-?\d+( |-)[\d -]*z)+", outline), code


@pytest.mark.parametrize("name", PARTS)
def test_what_is_drawn_ends_at_the_seam_that_is_not_seen(name: str):
    part = world().parts[name]
    for code, outline in part.outlines.items():
        for run in re.findall(r"M([^z]*)z", outline):
            numbers = [int(one) for one in re.findall(r"-?\d+", run)]
            spots = list(zip(accumulate(numbers[::2]), accumulate(numbers[1::2]), strict=True))
            for x, y in spots:
                assert -SEAM <= x - part.left <= part.width + SEAM, code
                assert -SEAM <= y - part.top <= part.height + SEAM, code


@given(st.floats(-170, 170), st.floats(-80, 80))
def test_equal_areas_on_the_globe_are_equal_areas_on_the_map(longitude: float, latitude: float):
    step = 0.1
    corners = [(0, 0), (step, 0), (step, step), (0, step)]
    drawn = SCRIPT["area"]([SCRIPT["projected"](longitude + x, latitude + y) for x, y in corners])
    south, north = math.radians(latitude), math.radians(latitude + step)
    assert drawn == pytest.approx(math.radians(step) * (math.sin(north) - math.sin(south)), rel=1e-3)


@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=2, max_size=30))
def test_a_thinned_line_keeps_its_ends_and_leaves_no_point_behind(line: list[tuple[float, float]]):
    kept = SCRIPT["thinned"](line)
    assert kept[0] == line[0]
    assert kept[-1] == line[-1]
    drawn, on_map = [SCRIPT["on_map"](*spot) for spot in kept], SCRIPT["on_map"]
    for spot in line:
        nearest = min(SCRIPT["_away"](on_map(*spot), a, b) for a, b in pairwise(drawn))
        assert nearest <= SCRIPT["THINNED"] + 1e-9


def test_two_states_share_their_border_whichever_way_it_is_walked():
    border, west_side, east_side = (
        [(0.0, 0.0), (5.0, 5.0), (0.0, 10.0)],
        [(0.0, 10.0), (-9.0, 5.0), (0.0, 0.0)],
        [(0.0, 10.0), (9.0, 5.0), (0.0, 0.0)],
    )
    arcs = [border, west_side, east_side]
    west, east = SCRIPT["ring"]([0, 1], arcs), SCRIPT["ring"]([~0, ~2], arcs)
    assert set(border) <= set(west) & set(east)
    assert SCRIPT["area"](west) == 70
    assert SCRIPT["middle"](west)[0] < 0 < SCRIPT["middle"](east)[0]


def test_what_crosses_the_edge_of_the_map_is_cut_there_and_lies_at_both_edges():
    # 20 degrees of island, of which 15 lie before the 180th meridian; the atlas writes what is beyond it as -175.
    arcs = [
        [(165.0, 0.0), (-175.0, 0.0)],
        [(-175.0, 0.0), (-175.0, 10.0), (165.0, 10.0)],
        [(165.0, 10.0), (165.0, 0.0)],
    ]
    before, beyond = SCRIPT["polygons"]({"type": "Polygon", "arcs": [[0, 1, 2]]}, arcs)[::-1]
    assert SCRIPT["area"](beyond[0]) == pytest.approx(SCRIPT["area"](before[0]) / 3, rel=1e-3)
    assert min(x for x, _ in before[0]) > SCRIPT["WIDTH"] * 0.9
    assert max(x for x, _ in beyond[0]) < SCRIPT["WIDTH"] * 0.1


def test_no_state_reaches_from_one_edge_of_the_map_to_the_other_in_one_stroke():
    for code, outline in world().parts["world"].outlines.items():
        for run in re.findall(r"l([^z]*)z", outline):
            steps = [int(one) for one in re.findall(r"-?\d+", run)]
            assert max(map(abs, steps[::2]), default=0) < SCRIPT["WIDTH"] / 8, code


def test_land_that_is_held_against_the_claim_of_another_is_drawn_as_nobodys():
    atlas = json.loads((SCRIPT["ATLAS"] / "countries-50m.json").read_text("utf-8"))
    territories = SCRIPT["tomllib"].loads(SCRIPT["TERRITORIES"].read_text("utf-8"))
    owner = {mark: code for code, (mark, _) in territories.items()}
    for mark, stretch in SCRIPT["DISPUTED"].items():
        arcs = SCRIPT["decoded"](atlas)
        country = next(one for one in atlas["objects"]["countries"]["geometries"] if one.get("id") == mark)
        taken = [one for one in SCRIPT["polygons"](country, arcs) if SCRIPT["_lies"](one, stretch)]
        assert len(taken) == 1
        outlines = world().parts["world"].outlines
        assert SCRIPT["outline"](taken) in outlines[""]
        assert SCRIPT["outline"](taken) not in outlines[owner[mark]]


def test_the_map_is_the_one_that_the_script_draws_from_the_atlas():
    file = ROOT / "src" / "comity" / "web" / "law" / "static" / "vendor" / "world.json"
    atlas = json.loads((SCRIPT["ATLAS"] / "countries-50m.json").read_text("utf-8"))
    territories = SCRIPT["tomllib"].loads(SCRIPT["TERRITORIES"].read_text("utf-8"))
    assert json.loads(file.read_text("utf-8")) == json.loads(json.dumps(SCRIPT["world"](atlas, territories)))
