"""The life of a letter: two lanes, what travelled between them, and the clocks that still run.

Time runs downwards to the line of now. Wide: our side's texts stand left of the lanes, the other side's right.
Narrow: both lanes stand at the edge and all texts beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box, Dot, Element, Frame, Line, Tone, arrow, block, diamond
from comity.web.shell.drawing.lettering import SIZE, Wording, clean, moment_text, phrase, time_left

_GAP: Final = 16.0  # between the texts of two events
_STEP: Final = 30.0  # between two marks, at least
_RADIUS: Final = 5.5
_HALO: Final = 10.0  # a line that travels begins and ends this far from its marks


class Lane(StrEnum):
    """On whose side something happened."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Event:
    """Something that happened. `came_from` is the key of the event from which it travelled here."""

    key: str
    lane: Lane
    label: str
    at: datetime
    who: str = ""
    tone: Tone = Tone.PLAIN
    came_from: str = ""
    receipt: bool = False
    on_its_way: bool = False


@dataclass(frozen=True)
class Clock:
    """A time limit that still runs: from when, to which limit, and by when the law wishes it done."""

    label: str
    starts: datetime
    limit: datetime
    target: datetime | None = None


@dataclass(frozen=True)
class Life:
    """All that the picture shows; events in any order."""

    title: str
    ours: str
    theirs: str
    events: tuple[Event, ...]
    clocks: tuple[Clock, ...]
    now: datetime

    @property
    def in_order(self) -> list[Event]:
        return sorted(self.events, key=lambda event: event.at)


@dataclass(frozen=True)
class _Plan:
    """Where lanes and texts stand."""

    lanes: dict[Lane, float]
    texts: dict[Lane, float]
    anchors: dict[Lane, Literal["start", "end"]]
    width: float


def figure(story: Life, *, name: str, rtl: bool) -> SafeString:
    """The life of a letter for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(story, frame=frame), sentences=told(story), name=name, rtl=rtl)


def drawn(story: Life, *, frame: Frame) -> SafeString:
    """The life of a letter as one picture."""
    plan = _plan(frame)
    elements, y = _header(story, plan, frame=frame)
    top = y
    marks, y = _events(story, plan, y=y, frame=frame)
    lanes: list[Element] = [Line(((x, top - 12), (x, y)), weight=2) for x in plan.lanes.values()]
    now, y = _now(story, y=y, frame=frame)
    clocks, y = _clocks(story, y=y, frame=frame)
    shapes = [*elements, *lanes, *marks, *now, *clocks]
    return canvas.svg(shapes, frame=frame, height=y + 8, title=story.title, sentences=told(story))


def told(story: Life) -> list[str]:
    """The life of a letter in sentences: each event, each clock, and the moment of the picture."""
    events = [_told_event(event, story) for event in story.in_order]
    clocks = [_told_clock(clock, story) for clock in story.clocks]
    now = _("On %(moment)s it stands like this.") % {"moment": moment_text(story.now)}
    nothing = [] if events else [_("Nothing has happened to this letter yet.")]
    return [*nothing, *events, *(clocks or [_("No clock is running.")]), now]


def _told_event(event: Event, story: Life) -> str:
    facts = {
        "moment": moment_text(event.at),
        "side": clean(story.ours if event.lane is Lane.OURS else story.theirs),
        "event": phrase(event.label),
        "who": phrase(event.who),
    }
    sentence = _("%(moment)s, %(side)s: %(event)s.") % facts
    if facts["who"]:
        sentence = _("%(moment)s, %(side)s: %(event)s, by %(who)s.") % facts
    return " ".join((sentence, *_travel(event, story)))


def _travel(event: Event, story: Life) -> Iterator[str]:
    origin = next((phrase(other.label) for other in story.events if _crossed(other, event)), "")
    if origin:
        yield _("It came from the other side, from: %(event)s.") % {"event": origin}
    if event.on_its_way:
        yield _("It is on its way and has not arrived yet.")


def _crossed(other: Event, event: Event) -> bool:
    return other.key == event.came_from and other.lane is not event.lane


def _told_clock(clock: Clock, story: Life) -> str:
    facts = {
        "clock": phrase(clock.label),
        "start": moment_text(clock.starts),
        "target": moment_text(clock.target) if clock.target else "",
        "limit": moment_text(clock.limit),
        "left": time_left(clock.limit, now=story.now),
    }
    if clock.target:
        return _("Clock: %(clock)s, from %(start)s, target %(target)s, limit %(limit)s: %(left)s.") % facts
    return _("Clock: %(clock)s, from %(start)s, limit %(limit)s: %(left)s.") % facts


def _plan(frame: Frame) -> _Plan:
    if not frame.wide:
        x = 74.0
        return _Plan(
            {Lane.OURS: 8, Lane.THEIRS: 54}, dict.fromkeys(Lane, x), dict.fromkeys(Lane, "start"), frame.width - x
        )
    left, right = frame.width / 2 - 76, frame.width / 2 + 76
    texts = {Lane.OURS: left - 20, Lane.THEIRS: right + 20}
    return _Plan({Lane.OURS: left, Lane.THEIRS: right}, texts, {Lane.OURS: "end", Lane.THEIRS: "start"}, left - 20)


def _header(story: Life, plan: _Plan, *, frame: Frame) -> tuple[list[Element], float]:
    """The names of both sides, at their lanes."""
    elements: list[Element] = []
    tops = []
    y = 12.0
    for lane, name in ((Lane.OURS, story.ours), (Lane.THEIRS, story.theirs)):
        x, text = plan.lanes[lane], plan.texts[lane]
        wording = Wording(name, size=SIZE, bold=True, lines_max=2)
        lines, bottom = block([wording], x=text, y=y, width=plan.width, anchor=plan.anchors[lane])
        side = -1 if plan.anchors[lane] == "end" else 1
        elements += [Line(((x, y), (text - 6 * side, y)), weight=2), *lines]
        tops.append((x, y, bottom))
        y = y if frame.wide else bottom + 4
    start = max(bottom for *_rest, bottom in tops) + 12
    return [*elements, *(Line(((x, top), (x, start - 12)), weight=2) for x, top, _bottom in tops)], start


def _events(story: Life, plan: _Plan, *, y: float, frame: Frame) -> tuple[list[Element], float]:
    """Marks and texts in time order, and the lines of what travelled; and where the lanes end."""
    free = dict.fromkeys(Lane, y)
    places: dict[str, tuple[float, float]] = {}
    lines: list[Element] = []
    marks: list[Element] = []
    for event in story.in_order:
        at = max(y, free[event.lane])
        place = (plan.lanes[event.lane], at)
        written, bottom = block(
            _wordings(event), x=plan.texts[event.lane], y=at, width=plan.width, anchor=plan.anchors[event.lane]
        )
        lines += _crossing(event, places.get(event.came_from), place, plan)
        marks += [*_mark(event, place), *written]
        places[event.key] = place
        free |= dict.fromkeys([event.lane] if frame.wide else Lane, bottom + _GAP)
        y = at + _STEP
    return [*lines, *marks], max(*free.values(), y)


def _wordings(event: Event) -> list[Wording]:
    return [
        Wording(event.label, bold=not event.receipt),
        Wording(moment_text(event.at), tone="draw-muted"),
        Wording(event.who, tone="draw-muted", lines_max=2),
    ]


def _mark(event: Event, place: tuple[float, float]) -> list[Element]:
    x, y = place
    if event.tone is Tone.BAD:
        return [diamond(x, y, _RADIUS + 2, Tone.BAD)]
    if event.receipt:
        return [Dot(x, y, _RADIUS - 1.5, Tone.MUTED)]
    return [Dot(x, y, _RADIUS, event.tone)]


def _crossing(
    event: Event, origin: tuple[float, float] | None, place: tuple[float, float], plan: _Plan
) -> Iterator[Element]:
    """The line from where it left to where it arrived, or half a line for what is still on its way."""
    if origin and origin[0] != place[0]:
        start, end = _between(origin, place)
        weight = 1.0 if event.receipt else 2.0
        yield from arrow(start, end, weight=weight)
    if event.on_its_way:
        other = plan.lanes[Lane.THEIRS if event.lane is Lane.OURS else Lane.OURS]
        start, end = _between(place, (other, place[1] + 16))
        yield Line((start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)), weight=2, dashed=True)


def _between(
    origin: tuple[float, float], place: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    across, down = place[0] - origin[0], place[1] - origin[1]
    length = (across**2 + down**2) ** 0.5
    step = (across * _HALO / length, down * _HALO / length)
    return (origin[0] + step[0], origin[1] + step[1]), (place[0] - step[0], place[1] - step[1])


def _now(story: Life, *, y: float, frame: Frame) -> tuple[list[Element], float]:
    told_now = Wording(_("Now, %(moment)s") % {"moment": moment_text(story.now)}, bold=True)
    nothing = "" if story.events else _("Nothing has happened to this letter yet.")
    wordings = [told_now, Wording(nothing, tone="draw-muted")]
    written, bottom = block(wordings, x=0, y=y + 16, width=frame.width)
    return [Line(((0, y), (frame.width, y)), "draw-line", 1.5, dashed=True), *written], bottom


def _clocks(story: Life, *, y: float, frame: Frame) -> tuple[list[Element], float]:
    """Every open clock as a bar on one scale: what has passed, what is left to the target and to the limit."""
    if not story.clocks:
        written, bottom = block(
            [Wording(_("No clock is running."), tone="draw-muted")], x=0, y=y + 8, width=frame.width
        )
        return written, bottom
    elements: list[Element] = []
    texts = 252.0 if frame.wide else float(frame.width)
    left, right = (texts + 20 if frame.wide else 8.0), frame.width - 8.0
    scale = _Scale.of(story, left=left, right=right)
    top, y = y - 10, y + 20
    for clock in story.clocks:
        written, bottom = block(_clock_wordings(clock, story), x=0, y=y, width=texts)
        bar = y + 14 if frame.wide else bottom + 12
        elements += [*written, *_bar(clock, story, scale=scale, y=bar)]
        if not frame.wide:
            elements.append(Line(((scale.x(story.now), bar - 14), (scale.x(story.now), bar + 14)), dashed=True))
        y = max(bottom, bar + 18) + _GAP
    if frame.wide:
        elements.append(Line(((scale.x(story.now), top), (scale.x(story.now), y - _GAP)), dashed=True))
    return elements, y - _GAP


def _clock_wordings(clock: Clock, story: Life) -> list[Wording]:
    target = _("Target: %(moment)s") % {"moment": moment_text(clock.target)} if clock.target else ""
    overdue = clock.limit < story.now
    return [
        Wording(clock.label, size=SIZE, bold=True),
        Wording(time_left(clock.limit, now=story.now), tone=Tone.BAD if overdue else "draw-text", bold=overdue),
        Wording(target, tone="draw-muted"),
        Wording(_("Limit: %(moment)s") % {"moment": moment_text(clock.limit)}, tone="draw-muted"),
    ]


@dataclass(frozen=True)
class _Scale:
    """From moments to places on the bars."""

    left: float
    right: float
    first: datetime
    last: datetime

    @classmethod
    def of(cls, story: Life, *, left: float, right: float) -> "_Scale":
        first = min(story.now, *(clock.starts for clock in story.clocks))
        last = max(story.now, *(clock.limit for clock in story.clocks))
        return cls(left, right, first, last)

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first) if self.last > self.first else 0.0
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)


def _bar(clock: Clock, story: Life, *, scale: _Scale, y: float) -> Iterator[Element]:
    start, now, limit = scale.x(clock.starts), scale.x(story.now), scale.x(clock.limit)
    target = scale.x(clock.target) if clock.target else limit
    overdue = clock.limit < story.now
    yield Line(((scale.left, y), (scale.right, y)), weight=1)
    yield _piece(start, min(now, limit), y, height=4, tone=Tone.MUTED)
    if overdue:
        yield _piece(limit, now, y, height=12, tone=Tone.BAD)
    else:
        yield _piece(max(now, start), max(target, now, start), y, height=12, tone=Tone.GOOD)
        yield _piece(max(now, target, start), limit, y, height=12, tone=Tone.WARN)
    if clock.target:
        yield diamond(target, y - 12, 4, Tone.MUTED)
        yield Line(((target, y - 8), (target, y + 8)), weight=1.5)
    yield Line(((limit, y - 11), (limit, y + 11)), "draw-bad-line", 3)


def _piece(start: float, end: float, y: float, *, height: float, tone: str) -> Box:
    return Box(start, y - height / 2, max(end - start, 0.0), height, tone, 2)
