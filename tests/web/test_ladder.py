"""The ladder of routes: whole, strict, in words, and true to what stands and what moved."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.web.shell.drawing import ladder
from comity.web.shell.drawing.canvas import NARROW, WIDE, Frame
from comity.web.shell.drawing.ladder import RUNGS, Route

SVG = "{http://www.w3.org/2000/svg}"
FRAMES = [Frame(name="p", width=width, rtl=rtl) for width in (NARROW, WIDE) for rtl in (False, True)]
ROUTES = st.lists(
    st.builds(Route, st.text(max_size=40), st.sampled_from(RUNGS), st.sampled_from(("", *RUNGS))), max_size=80
)


def elements(picture: ET.Element, tag: str) -> list[ET.Element]:
    return picture.findall(f".//{SVG}{tag}")


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@settings(max_examples=50, deadline=None)
@given(listed=ROUTES)
def test_any_routes_are_drawn_within_the_frame(frame: Frame, listed: list[Route]):
    picture = ET.fromstring(ladder.drawn(tuple(listed), frame=frame))
    for tag, name in (("circle", "cx"), ("text", "x"), ("rect", "x")):
        assert all(0 <= float(one.attrib[name]) <= frame.width for one in elements(picture, tag))
    for shape in (*elements(picture, "polyline"), *elements(picture, "polygon")):
        places = [float(point.partition(",")[0]) for point in shape.attrib["points"].split()]
        assert all(0 <= place <= frame.width for place in places)


@settings(max_examples=50, deadline=None)
@given(listed=ROUTES)
def test_every_rung_says_how_many_routes_stand_on_it_whether_they_have_room_or_not(listed: list[Route]):
    told = ladder.told(tuple(listed))
    if not listed:
        assert told == ["There is no route yet."]
        return
    numbers = [sum(route.status == rung for route in listed) for rung in RUNGS]
    assert told[:3] == [
        f"{name}: {number}." for name, number in zip(("Lawful", "Open", "Closed"), numbers, strict=True)
    ]
    assert len(told) == 3 + sum(route.moved for route in listed)
    picture = ET.fromstring(ladder.drawn(tuple(listed), frame=FRAMES[0]))
    shown = [one.text for one in elements(picture, "text")]
    assert [text for text in shown if text and text.isdigit()] == [str(number) for number in numbers]
    rest = sum(int(str(text)[1:]) for text in shown if str(text).startswith("+"))
    marks = len(elements(picture, "rect")) - sum(str(text).startswith("+") for text in shown)
    marks += sum(float(one.attrib["r"]) > 2 for one in elements(picture, "circle"))
    marks += sum(len(one.attrib["points"].split()) == 4 for one in elements(picture, "polygon"))
    assert marks + rest == len(listed)


def test_what_moved_is_shown_before_anything_else_and_said_with_both_rungs():
    still = tuple(Route(f"Treaty {number}", "closed") for number in range(60))
    moved = (Route("Convention, Art. 29", "lawful", "open"), Route("Protocol, Art. 7", "closed", "open"))
    picture = ET.fromstring(ladder.drawn((*still, *moved), frame=FRAMES[0]))
    assert len([one for one in elements(picture, "polyline") if one.attrib["class"] == "draw-accent-line"]) == 2
    assert ladder.told(moved)[3:] == [
        "Convention, Art. 29: Open before, Lawful now.",
        "Protocol, Art. 7: Open before, Closed now.",
    ]
    assert not Route("Protocol, Art. 7", "open", "open").moved


def test_hostile_names_stay_text():
    hostile = "</text><script>alert('x')</script>&\"\x00\u202egpj.exe"
    picture = ladder.drawn((Route(hostile, "lawful", "open"),), frame=FRAMES[0])
    assert "<script" not in picture
    assert not re.search("[\x00\u202e]", str(ET.fromstring(picture).findtext(f"{SVG}desc")))
