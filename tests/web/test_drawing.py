"""Pictures: well formed, strict, complete in words, without overlap, and mirrored where people read from the right."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.web.shell.drawing import authority, custody, life, week
from comity.web.shell.drawing.canvas import NARROW, WIDE, Frame, Tone
from comity.web.shell.drawing.lettering import SMALL, Wording, broken, clean, extent, time_left

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
HOSTILE = "</text><script>alert('x')</script>&\"\x00\x1b\u202egpj.exe\ud800"
CLASSES = {
    *("draw", "draw-wide", "draw-narrow", "draw-line", "draw-bad-line", "draw-area", "draw-seal", "draw-text"),
    *(tone.value for tone in Tone),
}
ATTRIBUTES = {
    *("class", "x", "y", "cx", "cy", "r", "rx", "width", "height", "points", "fill", "id", "viewBox", "role"),
    *("direction", "aria-labelledby", "font-size", "font-weight", "text-anchor", "unicode-bidi"),
    *("stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray"),
}
FRAMES = [Frame(name="p", width=width, rtl=rtl) for width in (NARROW, WIDE) for rtl in (False, True)]
TEXTS = st.one_of(
    st.sampled_from(
        ["", "Den Haag", HOSTILE, "W" * 90, "國際司法互助請求書" * 5, "طلب المساعدة القضائية المتبادلة", "a b " * 40]
    ),
    st.text(max_size=60),
)
MOMENTS = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + timedelta(hours=hours))


@dataclass(frozen=True)
class Kind:
    """A kind of picture, drawn from any story of its kind."""

    module: Any
    stories: st.SearchStrategy[Any]


@st.composite
def lives(draw: st.DrawFn) -> life.Life:
    events = tuple(
        life.Event(
            key=str(number),
            lane=draw(st.sampled_from(life.Lane)),
            label=draw(TEXTS),
            at=draw(MOMENTS),
            who=draw(TEXTS),
            tone=draw(st.sampled_from(Tone)),
            came_from=str(draw(st.integers(0, 12))),
            receipt=draw(st.booleans()),
            on_its_way=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 10)))
    )
    clock = st.builds(life.Clock, TEXTS, MOMENTS, MOMENTS, st.none() | MOMENTS)
    clocks = tuple(draw(st.lists(clock, max_size=4)))
    return life.Life(draw(TEXTS), draw(TEXTS), draw(TEXTS), events, clocks, NOW)


@st.composite
def custodies(draw: st.DrawFn) -> custody.Custody:
    keys = [str(number) for number in range(draw(st.integers(1, 9)))]
    seals = st.lists(st.builds(custody.Seal, TEXTS, st.booleans()), max_size=4).map(tuple)
    record = st.builds(
        custody.Record,
        kind=st.sampled_from(custody.Kind),
        holder=st.sampled_from(keys),
        label=TEXTS,
        at=MOMENTS,
        who=TEXTS,
        receiver=st.sampled_from(keys),
        seals=seals,
    )
    custodians = tuple(custody.Custodian(key, draw(TEXTS)) for key in keys)
    return custody.Custody(draw(TEXTS), custodians, tuple(draw(st.lists(record, max_size=8))), NOW)


@st.composite
def chains(draw: st.DrawFn) -> authority.Chain:
    boxes = tuple(
        authority.Box(
            key=str(number),
            role=draw(TEXTS),
            title=draw(TEXTS),
            lines=tuple(draw(st.lists(TEXTS, max_size=3))),
            rests_on=draw(st.sampled_from(["", "unknown", *map(str, range(12))])),
            tone=draw(st.sampled_from(Tone)),
        )
        for number in range(draw(st.integers(0, 12)))
    )
    return authority.Chain(draw(TEXTS), boxes)


WEEKS = st.builds(
    week.Week, TEXTS, st.lists(st.builds(week.Due, TEXTS, TEXTS, MOMENTS), max_size=14).map(tuple), st.just(NOW)
)
KINDS = {
    "life": Kind(life, lives()),
    "custody": Kind(custody, custodies()),
    "authority": Kind(authority, chains()),
    "week": Kind(week, WEEKS),
}
EMPTY: dict[str, Any] = {
    "life": life.Life("Life", "Paris", "Den Haag", (), (), NOW),
    "custody": custody.Custody("Custody", (), (), NOW),
    "authority": authority.Chain("Authority", ()),
    "week": week.Week("Week", (), NOW),
}
SEALS = tuple(
    custody.Seal(who, given) for who, given in (("giver", True), ("its node", True), ("taker", True), ("theirs", False))
)


def crowd(size: int) -> dict[str, Any]:
    """A story of each kind with so many entries, each with a word of its own."""
    at = [NOW + timedelta(hours=number - 3) for number in range(size)]
    lanes = [life.Lane.OURS, life.Lane.THEIRS]
    events = [
        life.Event(str(n), lanes[n % 2], f"label{n}x", at[n], f"who{n}x", came_from=str(n - 1)) for n in range(size)
    ]
    clocks = [life.Clock(f"clock{n}x", NOW - timedelta(days=3), at[n]) for n in range(size)]
    kinds = list(custody.Kind)
    records = [
        custody.Record(kinds[n % 4], f"holder{n}x", f"label{n}x", at[n], f"who{n}x", f"taker{n}x", SEALS)
        for n in range(size)
    ]
    boxes = [authority.Box(str(n), f"role{n}x", f"title{n}x", (f"line{n}x",), str(n // 3)) for n in range(size)]
    dues = [week.Due(f"letter{n}x", f"action{n}x", at[n]) for n in range(size)]
    return {
        "life": life.Life("Life", "Paris", "Den Haag", tuple(events), tuple(clocks), NOW),
        "custody": custody.Custody("Custody", (), tuple(records), NOW),
        "authority": authority.Chain("Authority", tuple(boxes)),
        "week": week.Week("Week", tuple(dues), NOW),
    }


WORDS = {
    "life": ("label", "who", "clock"),
    "custody": ("label", "who", "holder"),
    "authority": ("role", "title", "line"),
    "week": ("letter", "action"),
}


def bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def drawn(name: str, story: Any, frame: Frame) -> ET.Element:
    return ET.fromstring(KINDS[name].module.drawn(story, frame=frame))


def elements(picture: ET.Element, tag: str) -> list[ET.Element]:
    return [element for element in picture.iter() if bare(element.tag) == tag]


def line_of(text: ET.Element) -> str:
    """What a text shows; its title is shown to a pointer only."""
    return (text.text or "") + "".join(child.tail or "" for child in text)


@dataclass(frozen=True)
class Area:
    """Where a line of text lies."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def of(cls, text: ET.Element, *, rtl: bool) -> "Area":
        size, x, y = (float(text.attrib[name]) for name in ("font-size", "x", "y"))
        wide = extent(line_of(text), size=size, bold="font-weight" in text.attrib)
        leftwards = (text.attrib["text-anchor"] == "end") is not rtl
        return cls(
            line_of(text), x - wide if leftwards else x, x if leftwards else x + wide, y - 0.75 * size, y + 0.2 * size
        )

    def overlaps(self, other: "Area") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0.5 and min(self.bottom, other.bottom) > max(self.top, other.top)


def check(picture: ET.Element, frame: Frame) -> None:
    """Everything that holds for each picture."""
    used = {bare(element.tag) for element in picture.iter()}
    assert used <= {"svg", "title", "desc", "text", "polyline", "polygon", "circle", "rect"}
    assert {name for element in picture.iter() for name in element.attrib} <= ATTRIBUTES
    assert {name for element in picture.iter() for name in element.attrib.get("class", "").split()} <= CLASSES
    assert picture.attrib["role"] == "img"
    named = {element.attrib["id"]: element for element in picture if "id" in element.attrib}
    assert picture.attrib["aria-labelledby"].split() == list(named)
    assert [bare(element.tag) for element in named.values()] == ["title", "desc"]
    areas = [Area.of(text, rtl=frame.rtl) for text in elements(picture, "text")]
    height = float(picture.attrib["viewBox"].split()[3])
    for area in areas:
        assert -0.5 <= area.left <= area.right <= frame.width + 0.5, area
        assert 0 <= area.top < area.bottom <= height, area
    for area, other in combinations(areas, 2):
        assert not area.overlaps(other), (area, other)
    assert all(float(text.attrib["font-size"]) >= 13 for text in elements(picture, "text"))


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_any_story_is_drawn_whole_strict_and_without_overlap(name: str, frame: Frame):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(story=KINDS[name].stories)
    def holds(story: Any) -> None:
        check(drawn(name, story, frame), frame)

    holds()


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("size", [1, 2, 40])
@pytest.mark.parametrize("name", KINDS)
def test_one_two_and_forty_entries_are_drawn_whole(name: str, size: int, frame: Frame):
    check(drawn(name, crowd(size)[name], frame), frame)


@pytest.mark.parametrize("name", KINDS)
def test_every_entry_is_in_the_picture_and_in_its_words(name: str):
    story = crowd(20)[name]
    told = " ".join(KINDS[name].module.told(story))
    for frame in FRAMES:
        picture = drawn(name, story, frame)
        assert elements(picture, "desc")[0].text == told
        shown = " ".join(map(line_of, elements(picture, "text")))
        for word in (f"{stem}{number}x" for stem in WORDS[name] for number in range(20)):
            assert word in told
            assert word in shown


@pytest.mark.parametrize("frame", FRAMES, ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_nothing_to_show_is_a_sentence_in_a_whole_picture(name: str, frame: Frame):
    picture = drawn(name, EMPTY[name], frame)
    check(picture, frame)
    sentence = KINDS[name].module.told(EMPTY[name])[0]
    shown = " ".join(map(line_of, elements(picture, "text")))
    assert sentence.endswith(".")
    assert sentence in shown
    assert elements(picture, "desc")[0].text


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_is_mirrored_for_readers_from_right_to_left(name: str):
    story = crowd(6)[name]
    for width in (NARROW, WIDE):
        plain, mirrored = (drawn(name, story, Frame(name="p", width=width, rtl=rtl)) for rtl in (False, True))
        assert (plain.attrib["direction"], mirrored.attrib["direction"]) == ("ltr", "rtl")
        for tag, place in (("text", "x"), ("circle", "cx")):
            for one, other in zip(elements(plain, tag), elements(mirrored, tag), strict=True):
                assert float(one.attrib[place]) + float(other.attrib[place]) == pytest.approx(width, abs=0.2)
        for one, other in zip(elements(plain, "rect"), elements(mirrored, "rect"), strict=True):
            wide = float(one.attrib["width"])
            assert float(one.attrib["x"]) + float(other.attrib["x"]) + wide == pytest.approx(width, abs=0.2)


def test_a_tick_is_not_mirrored():
    record = custody.Record(custody.Kind.TRANSFER, "here", "Offered", NOW, "", "there", SEALS)
    story = custody.Custody("", (), (record,), NOW)
    for frame in FRAMES:
        ticks = [
            line for line in elements(drawn("custody", story, frame), "polyline") if line.get("class") == "draw-seal"
        ]
        assert len(ticks) == 3
        for tick in ticks:
            places = [float(point.partition(",")[0]) for point in tick.attrib["points"].split()]
            assert places == sorted(places)


def hostile() -> dict[str, Any]:
    record = custody.Record(
        custody.Kind.TRANSFER, HOSTILE, HOSTILE, NOW, HOSTILE, HOSTILE, (custody.Seal(HOSTILE, given=True),)
    )
    event = life.Event("1", life.Lane.OURS, HOSTILE, NOW, HOSTILE)
    box = authority.Box(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,))
    return {
        "life": life.Life(HOSTILE, HOSTILE, HOSTILE, (event,), (life.Clock(HOSTILE, NOW, NOW),), NOW),
        "custody": custody.Custody(HOSTILE, (), (record,), NOW),
        "authority": authority.Chain(HOSTILE, (box,)),
        "week": week.Week(HOSTILE, (week.Due(HOSTILE, HOSTILE, NOW),), NOW),
    }


@pytest.mark.parametrize("name", KINDS)
def test_hostile_text_stays_text(name: str):
    figure = KINDS[name].module.figure(hostile()[name], name="p", rtl=False)
    assert "<script" not in figure
    assert "style=" not in figure
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", figure)
    assert "&lt;script&gt;" in figure
    figure.encode("utf-8")
    ET.fromstring(figure)


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_holds_both_forms_and_the_same_in_words(name: str):
    story = crowd(5)[name]
    figure = ET.fromstring(KINDS[name].module.figure(story, name="p", rtl=False))
    ids = [element.attrib["id"] for element in figure.iter() if "id" in element.attrib]
    assert ids == ["p-narrow-title", "p-narrow-desc", "p-wide-title", "p-wide-desc"]
    assert [element.text for element in elements(figure, "li")] == KINDS[name].module.told(story)


def test_a_transfer_shows_its_seals_and_moves_the_item_only_when_all_are_given():
    story = crowd(2)["custody"]
    record = custody.Record(custody.Kind.TRANSFER, "here", "Offered", NOW, "", "there", SEALS)
    moved = custody.Record(custody.Kind.TRANSFER, "here", "Offered", NOW, "", "there", SEALS[:3])
    for one, holder, count in ((record, "here", "3 of 4"), (moved, "there", "3 of 3")):
        told = custody.told(custody.Custody(story.title, (), (one,), NOW))
        assert f"held by {holder}." in told[-1]
        assert count in told[0]
    assert "Not signed yet: theirs." in custody.told(custody.Custody("", (), (record,), NOW))[0]
    picture = drawn("custody", custody.Custody("", (), (record,), NOW), FRAMES[0])
    titles = [title.text for title in elements(picture, "title")[1:]]
    assert titles == ["Signed: giver.", "Signed: its node.", "Signed: taker.", "Not signed yet: theirs."]


def test_what_is_overdue_is_marked_by_shape_and_by_words():
    late = life.Life("", "", "", (), (life.Clock("Answer", NOW - timedelta(days=9), NOW - timedelta(days=3)),), NOW)
    assert "overdue by 3 days" in life.told(late)[1]
    overdue = drawn("week", week.Week("", (week.Due("A", "b", NOW - timedelta(hours=1)),), NOW), FRAMES[0])
    assert [mark.attrib["class"] for mark in elements(overdue, "polygon")] == [Tone.BAD]


def test_what_comes_after_the_week_is_counted_and_not_listed():
    dues = tuple(week.Due(f"L{days}", "x", NOW + timedelta(days=days)) for days in (0, 6, 7, 30))
    told = week.told(week.Week("", dues, NOW))
    assert [sentence.partition(":")[0] for sentence in told[:-1]] == ["L0", "L6"]
    assert told[-1] == "2 clocks run out later."


def test_no_box_is_wider_than_the_only_box_it_rests_on():
    boxes = tuple(authority.Box(str(n), "r", "t", (), str(n - 1)) for n in range(5))
    picture = drawn("authority", authority.Chain("", boxes), FRAMES[2])
    widths = [float(box.attrib["width"]) for box in elements(picture, "rect") if box.attrib["class"] == "draw-area"]
    assert len(widths) == 5
    assert all(lower <= upper for upper, lower in pairwise(widths))


@given(text=TEXTS, width=st.floats(40, 400), lines_max=st.integers(1, 4))
def test_lines_fit_and_say_all_or_end_in_an_ellipsis(text: str, width: float, lines_max: int):
    lines = broken(Wording(text, lines_max=lines_max), width=width)
    assert len(lines) <= lines_max
    assert all(extent(line, size=SMALL, bold=False) <= width for line in lines)
    whole = "".join(clean(text).split())
    said = "".join("".join(lines).split())
    assert said == whole or (said.endswith("…") and whole.startswith(said[:-1]))


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (timedelta(days=9), "9 days left"),
        (timedelta(hours=47), "47 hours left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(minutes=5), "less than an hour left"),
        (-timedelta(minutes=5), "overdue by less than an hour"),
        (-timedelta(hours=30), "overdue by 30 hours"),
        (-timedelta(days=2), "overdue by 2 days"),
    ],
)
def test_the_time_left_is_said_in_hours_or_days(until: timedelta, told: str):
    with translation.override("en"):
        assert time_left(NOW + until, now=NOW) == told
