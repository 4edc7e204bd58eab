"""The picture of the world: each state in the look of its answer, a link to what stands between it and the one that looks.

An answer is told by lightness and pattern as well as by colour. Colours come from gaps.css; patterns are sized here,
because they have to look the same whichever part of the world is seen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from comity.law.gaps import GAPS
from comity.web.law.world import RADIUS, Seen

_TILE: Final = 26.0
_SWATCH: Final = (176.0, 88.0)
PATTERNED: Final = frozenset({"open", "without_safeguards", "not_encoded"})
"""Answers that have a pattern; of the other two one is the darkest and one the lightest."""


@dataclass(frozen=True)
class Mark:
    """A state on the map: its answer, where its link leads, and what it says. The one that looks leads nowhere."""

    answer: str
    url: str
    says: str


def picture(marks: Mapping[str, Mark], shown: Seen, *, title: str) -> SafeString:
    """The world with every state of `shown` marked, in the order of `marks`."""
    part, visible = shown.part, {*shown.outlines, *shown.dots}
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="map map-of-{}" viewBox="{} {} {} {}" role="group"'
        ' aria-labelledby="map-title"><title id="map-title">{}</title><defs>{}</defs>'
        '<path class="map-land" d="{}"/>{}</svg>',
        shown.name,
        *(f"{number:g}" for number in (part.left, part.top, part.width, part.height)),
        title,
        mark_safe("".join(_patterns(shown.zoom))),  # noqa: S308  nothing in it comes from outside
        "".join(path for code, path in part.outlines.items() if code not in visible),
        format_html_join("", "{}", ((one,) for one in _states(marks, shown))),
    )


def swatch(answer: str, shown: Seen) -> SafeString:
    """A piece of the look of an answer, for the legend."""
    width, height = (f"{number / shown.zoom:.1f}" for number in _SWATCH)
    return format_html(
        '<svg class="map-swatch" viewBox="0 0 {} {}" aria-hidden="true"><rect class="map-{}" width="{}" height="{}"{}/></svg>',
        *(width, height, answer, width, height, _filled(answer)),
    )


def _filled(answer: str) -> SafeString:
    return format_html(' fill="url(#map-{}-fill)"', answer) if answer in PATTERNED else SafeString()


def _states(marks: Mapping[str, Mark], shown: Seen) -> Iterator[SafeString]:
    """First what has an outline, then the dots, which must not be covered; under a dot stands what there is of an outline."""
    outlines = frozenset(shown.outlines)
    radius = f"{RADIUS / shown.zoom:.2f}"
    for code, mark in marks.items():
        if code in outlines:
            yield _state(mark, format_html('<path d="{}"{}/>', shown.part.outlines[code], _filled(mark.answer)))
    for code, mark in marks.items():
        if code in shown.dots:
            x, y = shown.dots[code]
            fill = _filled(mark.answer)
            under = format_html('<path d="{}"{}/>', shown.part.outlines.get(code, ""), fill)
            dot = format_html('<circle cx="{}" cy="{}" r="{}"{}/>', f"{x:g}", f"{y:g}", radius, fill)
            yield _state(mark, under + dot)


def _state(mark: Mark, shape: SafeString) -> SafeString:
    if not mark.url:
        return format_html('<g class="map-{}"><title>{}</title>{}</g>', mark.answer, mark.says, shape)
    return format_html(
        '<a class="map-{}" href="{}" aria-label="{}"><title>{}</title>{}</a>',
        *(mark.answer, mark.url, mark.says, mark.says, shape),
    )


def _patterns(zoom: float) -> Iterator[str]:
    """The patterns, as large on the screen in every part of the world."""
    size = _TILE / zoom
    dots = "".join(f'<circle cx="{at * size:.2f}" cy="{at * size:.2f}" r="{size / 5:.2f}"/>' for at in (0.25, 0.75))
    marks = {
        "open": f'<path d="M0 0V{size:.2f}"/>',
        "without_safeguards": dots,
        "not_encoded": f'<path d="M0 0H{size:.2f}"/>',
    }
    for answer in GAPS:
        if answer in marks:
            turned = ' patternTransform="rotate(45)"' if answer == "open" else ""
            yield (
                f'<pattern id="map-{answer}-fill" width="{size:.2f}" height="{size:.2f}" patternUnits="userSpaceOnUse"{turned}>'
                f'<rect class="map-{answer}-wash" width="{size:.2f}" height="{size:.2f}"/>'
                f'<g class="map-{answer}-mark" stroke-width="{size * 0.7:.2f}">{marks[answer]}</g></pattern>'
            )
