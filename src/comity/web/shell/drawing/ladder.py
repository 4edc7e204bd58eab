"""The ladder of routes: three rungs, lawful, open and closed; each route a mark on its rung, and what moved since the last answer.

Each rung has a shape of its own, and an arrow leads from where a route stood to where it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box, Dot, Element, Frame, Line, Text, Tone, arrow, diamond
from comity.web.shell.drawing.lettering import SIZE, SMALL, phrase

RUNGS: Final = ("lawful", "open", "closed")
_LABELS: Final = 104.0
_REST: Final = 34.0
_STEP: Final = 13.0
_FIRST: Final = 18.0
_DOWN: Final = 36.0
_RADIUS: Final = 5.0


@dataclass(frozen=True)
class Route:
    """One route: what it is called, on which rung it stands, and on which it stood if it moved."""

    label: str
    status: str
    before: str = ""

    @property
    def moved(self) -> bool:
        """Whether it stood on another rung."""
        return self.before in RUNGS and self.before != self.status


def drawn(routes: tuple[Route, ...], *, frame: Frame) -> SafeString:
    """The ladder as one picture."""
    shown = _shown(routes, room=int((frame.width - _LABELS - _REST) // _STEP))
    elements = list(_rungs(routes, shown, frame))
    for place, route in enumerate(shown):
        elements += _mark(route, x=_LABELS + _STEP * (place + 0.5))
    height = _y(RUNGS[-1]) + _FIRST
    return canvas.svg(elements, frame=frame, height=height, title=_("The routes as they stand"), sentences=told(routes))


def told(routes: tuple[Route, ...]) -> list[str]:
    """The ladder in sentences: how many routes stand on each rung, and which moved."""
    if not routes:
        return [_("There is no route yet.")]
    sentences = [
        _("%(rung)s: %(number)d.") % {"rung": _name(rung), "number": sum(route.status == rung for route in routes)}
        for rung in RUNGS
    ]
    for route in routes:
        if route.moved:
            told_ = {"route": phrase(route.label), "before": _name(route.before), "now": _name(route.status)}
            sentences.append(_("%(route)s: %(before)s before, %(now)s now.") % told_)
    return sentences


def _name(rung: str) -> str:
    return {
        "lawful": pgettext("status of a route", "Lawful"),
        "open": pgettext("status of a route", "Open"),
        "closed": pgettext("status of a route", "Closed"),
    }[rung]


def _shown(routes: tuple[Route, ...], *, room: int) -> list[Route]:
    """The routes that have room, in their order: first those that moved, then by rung; the others are counted."""
    ranked = sorted(routes, key=lambda route: (not route.moved, RUNGS.index(route.status)))
    kept = set(map(id, ranked[: max(room, 1)]))
    return [route for route in routes if id(route) in kept]


def _y(rung: str) -> float:
    return _FIRST + _DOWN * RUNGS.index(rung)


def _rungs(routes: tuple[Route, ...], shown: list[Route], frame: Frame) -> Iterator[Element]:
    """The three lines with their names and numbers, and at their end what had no room."""
    for rung in RUNGS:
        number = sum(route.status == rung for route in routes)
        y = _y(rung)
        yield Line(((_LABELS, y), (frame.width - 2, y)), weight=1)
        yield Text(0, y, f"{number}", "draw-text", SIZE + 2, bold=True)
        yield Text(26, y, _name(rung), "draw-text", SMALL)
        rest = number - sum(route.status == rung for route in shown)
        if rest:
            yield Box(frame.width - _REST, y - 9, _REST, 18, "draw-area", 9)
            yield Text(frame.width - _REST / 2, y, f"+{rest}", "draw-muted", SMALL, anchor="middle")


def _mark(route: Route, *, x: float) -> list[Element]:
    """The mark of a route on its rung; an arrow to it, if it moved."""
    y = _y(route.status)
    tail: list[Element] = []
    if route.moved:
        from_ = _y(route.before)
        away = (_RADIUS + 3) * (1 if y > from_ else -1)
        tail = [Dot(x, from_, 2, Tone.MUTED), *arrow((x, from_), (x, y - away), tone="draw-accent-line", weight=2)]
    marks: dict[str, Element] = {
        "lawful": Dot(x, y, _RADIUS, Tone.GOOD),
        "open": diamond(x, y, _RADIUS + 1, Tone.WARN),
        "closed": Box(x - 4, y - 4, 8, 8, Tone.BAD if route.moved else Tone.MUTED, 1),
    }
    return [*tail, marks[route.status]]
