"""The canvas: shapes in, one SVG out; mirrored for scripts that run from right to left.

Shapes are laid out as if everything were read from left to right. `svg` alone mirrors, escapes and writes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comity.web.shell.drawing.lettering import Wording, broken, clean

NARROW: Final = 312
WIDE: Final = 720
LEADING: Final = 1.32
_BASELINE: Final = 0.36

Point = tuple[float, float]


class Tone(StrEnum):
    """What a mark says besides being there; its class carries the colour."""

    PLAIN = "draw-mark"
    GOOD = "draw-good"
    WARN = "draw-warn"
    BAD = "draw-bad"
    ACCENT = "draw-accent"
    MUTED = "draw-muted"


@dataclass(frozen=True)
class Frame:
    """For which page a picture is drawn. `name` begins its ids and is unique on the page."""

    name: str
    width: int
    rtl: bool

    @property
    def wide(self) -> bool:
        return self.width > NARROW


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is the middle of its first small letter. `whole` is shown when a pointer rests on it."""

    x: float
    y: float
    text: str
    tone: str
    size: float
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    whole: str = ""

    def written(self, frame: Frame) -> str:
        whole = f"<title>{escape(self.whole)}</title>" if self.whole else ""
        weight = ' font-weight="600"' if self.bold else ""
        return (
            f'<text class="{self.tone}" x="{_x(self.x, frame)}" y="{_n(self.y + self.size * _BASELINE)}"'
            f' font-size="{_n(self.size)}" text-anchor="{self.anchor}"'
            f'{weight} unicode-bidi="plaintext">{whole}{escape(self.text)}</text>'
        )


@dataclass(frozen=True)
class Line:
    """A line through points. One that is `upright`, a tick, moves with the picture but is not mirrored itself."""

    points: tuple[Point, ...]
    tone: str = "draw-line"
    weight: float = 1.5
    dashed: bool = False
    upright: bool = False

    def written(self, frame: Frame) -> str:
        points = self.points
        if self.upright:
            twice = min(x for x, _y in points) + max(x for x, _y in points)
            points = tuple((twice - x if frame.rtl else x, y) for x, y in points)
        dashes = ' stroke-dasharray="3 4"' if self.dashed else ""
        return (
            f'<polyline class="{self.tone}" points="{_points(points, frame)}" fill="none"'
            f' stroke-width="{_n(self.weight)}" stroke-linecap="round" stroke-linejoin="round"{dashes}/>'
        )


@dataclass(frozen=True)
class Shape:
    """A filled figure: arrow head, diamond, triangle."""

    points: tuple[Point, ...]
    tone: str

    def written(self, frame: Frame) -> str:
        return f'<polygon class="{self.tone}" points="{_points(self.points, frame)}"/>'


@dataclass(frozen=True)
class Dot:
    """A round mark."""

    x: float
    y: float
    radius: float
    tone: str
    whole: str = ""

    def written(self, frame: Frame) -> str:
        whole = f"<title>{escape(self.whole)}</title>" if self.whole else ""
        place = f'cx="{_x(self.x, frame)}" cy="{_n(self.y)}" r="{_n(self.radius)}"'
        return f'<circle class="{self.tone}" {place}>{whole}</circle>'


@dataclass(frozen=True)
class Box:
    """A rectangle with soft corners."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    radius: float = 3.0

    def written(self, frame: Frame) -> str:
        left = frame.width - self.x - self.width if frame.rtl else self.x
        return (
            f'<rect class="{self.tone}" x="{_n(left)}" y="{_n(self.y)}" width="{_n(self.width)}"'
            f' height="{_n(self.height)}" rx="{_n(min(self.radius, self.width / 2))}"/>'
        )


Element = Text | Line | Shape | Dot | Box


def _n(number: float) -> str:
    return f"{round(number, 1):g}"


def _x(x: float, frame: Frame) -> str:
    return _n(frame.width - x if frame.rtl else x)


def _points(points: Iterable[Point], frame: Frame) -> str:
    return " ".join(f"{_x(x, frame)},{_n(y)}" for x, y in points)


def block(
    wordings: Iterable[Wording], *, x: float, y: float, width: float, anchor: Literal["start", "end"] = "start"
) -> tuple[list[Element], float]:
    """Texts below one another, the first line's middle at `y`; and where the next line's middle would be."""
    lines: list[Element] = []
    above = 0.0
    for wording in wordings:
        if not (told := broken(wording, width=width)):
            continue
        whole = clean(wording.text) if told[-1].endswith("…") else ""
        for line in told:
            y += (above + wording.size) / 2 * LEADING if lines else 0
            lines.append(Text(x, y, line, wording.tone, wording.size, wording.bold, anchor, whole))
            above = wording.size
    return lines, y + above * LEADING


def arrow(start: Point, end: Point, *, tone: str = "draw-line", weight: float = 1.5) -> list[Element]:
    """A straight line that ends in a head."""
    length = max(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5, 0.1)
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    neck = (end[0] - 8 * along[0], end[1] - 8 * along[1])
    across = (-4 * along[1], 4 * along[0])
    head = (end, (neck[0] + across[0], neck[1] + across[1]), (neck[0] - across[0], neck[1] - across[1]))
    return [Line((start, neck), tone, weight), Shape(head, Tone.MUTED)]


def diamond(x: float, y: float, radius: float, tone: str) -> Shape:
    """A mark that stands out by its shape, not by its colour alone."""
    return Shape(((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)), tone)


def svg(
    elements: Iterable[Element], *, frame: Frame, height: float, title: str, sentences: Sequence[str]
) -> SafeString:
    """The picture, named by its title and described by all its sentences."""
    drawn = "".join(element.written(frame) for element in elements)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="draw {form}" viewBox="0 0 {width} {height}" role="img"'
        ' direction="{direction}" aria-labelledby="{name}-title {name}-desc">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>{drawn}</svg>',
        form="draw-wide" if frame.wide else "draw-narrow",
        width=frame.width,
        height=_n(height),
        direction="rtl" if frame.rtl else "ltr",
        name=frame.name,
        title=clean(title),
        desc=" ".join(sentences),
        drawn=mark_safe(drawn),  # noqa: S308  every element escapes its texts where it writes them
    )


def figure(draw: Callable[[Frame], SafeString], *, sentences: Sequence[str], name: str, rtl: bool) -> SafeString:
    """Both forms of a picture, of which the style sheet shows one, and the same in words."""
    narrow = Frame(name=f"{name}-narrow", width=NARROW, rtl=rtl)
    return format_html(
        '<figure class="draw-figure">{}{}<details><summary>{}</summary><ul>{}</ul></details></figure>',
        draw(narrow),
        draw(replace(narrow, name=f"{name}-wide", width=WIDE)),
        _("The picture in words"),
        format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences)),
    )
