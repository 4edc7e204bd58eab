"""The chain of authorisation: who asked, who decided on what power, what the other side decided, what rests on it.

Each box stands below the box it rests on. Where too many would stand side by side, they stand below one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box as Rectangle
from comity.web.shell.drawing.canvas import Element, Frame, Line, Tone, arrow, block
from comity.web.shell.drawing.lettering import SIZE, Wording, clean, phrase

_ABREAST_MAX: Final = 3
_ACROSS: Final = 20.0
_DOWN: Final = 38.0
_WIDEST: Final = 400.0
_PAD: Final = 14.0
_INDENT: Final = 14.0
_INDENTS_MAX: Final = 5


@dataclass(frozen=True)
class Box:
    """One decision or act. `rests_on` is the key of the box that carries it; a root rests on nothing."""

    key: str
    role: str
    title: str
    lines: tuple[str, ...] = ()
    rests_on: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Chain:
    """All that the picture shows; what carries comes before what rests on it."""

    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class _Placed:
    box: Box
    x: float
    y: float
    width: float
    height: float
    texts: tuple[Element, ...]


def figure(story: Chain, *, name: str, rtl: bool) -> SafeString:
    """The chain of authorisation for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(story, frame=frame), sentences=told(story), name=name, rtl=rtl)


def drawn(story: Chain, *, frame: Frame) -> SafeString:
    """The chain of authorisation as one picture."""
    sentences = told(story)
    if not story.boxes:
        nothing, bottom = block([Wording(sentences[0], tone="draw-muted")], x=0, y=16, width=frame.width)
        return canvas.svg(nothing, frame=frame, height=bottom, title=story.title, sentences=sentences)
    abreast = frame.wide and max(map(len, _layers(story))) <= _ABREAST_MAX
    placed = list(_side_by_side(story, frame) if abreast else _stacked(story, frame))
    where = {one.box.key: one for one in placed}
    elements: list[Element] = []
    for one in placed:
        carrier = where.get(one.box.rests_on)
        if carrier and carrier.y < one.y:
            elements += _joined(carrier, one) if abreast else _hung(carrier, one)
        elements += _framed(one)
    height = max(one.y + one.height for one in placed) + 2
    return canvas.svg(elements, frame=frame, height=height, title=story.title, sentences=sentences)


def told(story: Chain) -> list[str]:
    """The chain of authorisation in sentences: each box, and on what it rests."""
    if not story.boxes:
        return [_("Nothing has been asked or decided yet.")]
    titles = {box.key: phrase(box.title) for box in story.boxes}
    return [sentence for box in story.boxes for sentence in _told_box(box, titles)]


def _told_box(box: Box, titles: dict[str, str]) -> Iterator[str]:
    details = "; ".join(phrase(line) for line in box.lines if clean(line))
    facts = {"role": clean(box.role), "title": phrase(box.title), "details": details}
    yield (_("%(role)s: %(title)s; %(details)s.") if details else _("%(role)s: %(title)s.")) % facts
    if box.rests_on in titles:
        yield _("%(title)s rests on: %(carrier)s.") % {"title": facts["title"], "carrier": titles[box.rests_on]}


def _carriers(story: Chain) -> dict[str, str]:
    """What each box rests on; only what came before it can carry it, so that no circle is drawn."""
    carriers: dict[str, str] = {}
    for box in story.boxes:
        carriers.setdefault(box.key, box.rests_on if box.rests_on in carriers else "")
    return carriers


def _depths(story: Chain) -> dict[str, int]:
    depths: dict[str, int] = {}
    for key, carrier in _carriers(story).items():
        depths[key] = depths.get(carrier, -1) + 1
    return depths


def _layers(story: Chain) -> list[list[Box]]:
    depths = _depths(story)
    return [[box for box in story.boxes if depths[box.key] == depth] for depth in range(max(depths.values()) + 1)]


def _side_by_side(story: Chain, frame: Frame) -> Iterator[_Placed]:
    """Layer below layer, each in the middle; a box alone in its layer stands below what carries it, never wider."""
    y = 2.0
    above: dict[str, _Placed] = {}
    for layer in _layers(story):
        width = min(_WIDEST, (frame.width - 2 - _ACROSS * (len(layer) - 1)) / len(layer))
        x = (frame.width - width * len(layer) - _ACROSS * (len(layer) - 1)) / 2
        if len(layer) == 1 and (carrier := above.get(layer[0].rests_on)):
            width, x = carrier.width, carrier.x
        placed = [
            _place(box, x=x + number * (width + _ACROSS), y=y, width=width, extra=())
            for number, box in enumerate(layer)
        ]
        yield from placed
        above = {one.box.key: one for one in placed}
        y = max(one.y + one.height for one in placed) + _DOWN


def _stacked(story: Chain, frame: Frame) -> Iterator[_Placed]:
    """One below the other, indented by depth; where indents end, a box says in words what carries it."""
    depths = _depths(story)
    titles = {box.key: box.title for box in story.boxes}
    y = 2.0
    for box in _under_one_another(story):
        x = 1 + _INDENT * min(depths[box.key], _INDENTS_MAX)
        deep = depths[box.key] > _INDENTS_MAX
        extra = (_("Rests on: %(carrier)s") % {"carrier": titles[box.rests_on]},) if deep else ()
        placed = _place(box, x=x, y=y, width=min(frame.width - 1 - x, _WIDEST * 1.5), extra=extra)
        yield placed
        y += placed.height + 14


def _under_one_another(story: Chain) -> list[Box]:
    """Each box directly below what carries it and what that carried before."""
    carriers = _carriers(story)
    resting: dict[str, list[Box]] = {}
    for box in story.boxes:
        resting.setdefault(carriers[box.key], []).append(box)
    order: list[Box] = []
    open_boxes = list(reversed(resting.pop("", [])))
    while open_boxes:
        box = open_boxes.pop()
        order.append(box)
        open_boxes += reversed(resting.pop(box.key, []))
    return order


def _place(box: Box, *, x: float, y: float, width: float, extra: tuple[str, ...]) -> _Placed:
    wordings = [
        Wording(box.role, tone="draw-muted", lines_max=2),
        Wording(box.title, size=SIZE + 1, bold=True),
        *(Wording(line) for line in (*box.lines, *extra)),
    ]
    texts, bottom = block(wordings, x=x + _PAD + 2, y=y + 18, width=width - 2 * _PAD - 2)
    return _Placed(box, x, y, width, bottom - y + 2, tuple(texts))


def _framed(one: _Placed) -> list[Element]:
    stripe = Rectangle(one.x, one.y, 5, one.height, one.box.tone, 2)
    return [Rectangle(one.x, one.y, one.width, one.height, "draw-area", 4), stripe, *one.texts]


def _joined(carrier: _Placed, one: _Placed) -> list[Element]:
    """From the middle of the carrier down, across, and down to the box; straight where they stand below one another."""
    start = (carrier.x + carrier.width / 2, carrier.y + carrier.height)
    end = (one.x + one.width / 2, one.y - 2)
    turn = one.y - _DOWN / 2
    return [Line((start, (start[0], turn), (end[0], turn))), *arrow((end[0], turn), end)]


def _hung(carrier: _Placed, one: _Placed) -> list[Element]:
    """Down along the edge of the carrier and into the side of the box."""
    if one.x <= carrier.x:  # as deep as indents go: the box says what carries it
        return []
    x = carrier.x + _INDENT / 2 - 3
    y = one.y + 18
    return [Line(((x, carrier.y + carrier.height), (x, y), (one.x, y)))]
