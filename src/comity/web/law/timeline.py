"""A deadline as a picture: the events on a line, the days without work that lie between, the target and the limit.

Every mark has a shape of its own; its words stand below the line, so that no text meets another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box, Dot, Element, Frame, Line, Text, Tone, block, diamond
from comity.web.shell.drawing.lettering import SIZE, SMALL, Wording

_EDGE: Final = 14.0
_LINE: Final = 34.0
_LEGEND: Final = 84.0
_GAP: Final = 8.0
_APART: Final = 16.0
_TEXT: Final = 28.0
_MARK: Final = 10.0
_THINNEST: Final = 1.5
"""A day that would be drawn thinner than this is not drawn: the table has it."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """An event that may start the clock, under the letter that it has on the page."""

    letter: str
    at: datetime


@dataclass(frozen=True)
class Rest:
    """A day without work; `holiday` is the name of a public holiday, empty for a weekend."""

    day: date
    holiday: str


@dataclass(frozen=True)
class Story:
    """All that the picture shows. All moments are in the time of the place."""

    title: str
    events: tuple[Event, ...]
    target_label: str
    target: datetime
    limit_label: str
    limit: datetime
    rests: tuple[Rest, ...]

    @property
    def first(self) -> datetime:
        """Where the line begins."""
        return min(self._moments)

    @property
    def last(self) -> datetime:
        """Where the line ends."""
        return max(self._moments)

    @property
    def weekends(self) -> int:
        """How many days of weekends lie on it."""
        return sum(not one.holiday for one in self.rests)

    @property
    def holidays(self) -> int:
        """How many public holidays lie on it."""
        return len(self.rests) - self.weekends

    @property
    def _moments(self) -> list[datetime]:
        return [*(one.at for one in self.events), self.target, self.limit]


def moment(at: datetime) -> str:
    """A moment for people, in its own zone; midnight is the end of the day before."""
    if at.time() == time.min:
        return _("%(day)s, 24:00") % {"day": day(at.date() - _DAY)}
    return _("%(day)s, %(time)s") % {"day": day(at.date()), "time": f"{at:%H:%M}"}


def day(on: date) -> str:
    """A day with its weekday."""
    return f"{date_format(on, 'l')}, {date_format(on, 'DATE_FORMAT')}"


def figure(story: Story, *, name: str, rtl: bool) -> SafeString:
    """The picture for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(story, frame=frame), sentences=told(story), name=name, rtl=rtl)


def told(story: Story) -> list[str]:
    """The picture in sentences."""
    events = [
        _("Event %(letter)s: %(moment)s.") % {"letter": one.letter, "moment": moment(one.at)} for one in story.events
    ]
    ends = [
        f"{label}: {moment(at)}."
        for label, at in ((story.target_label, story.target), (story.limit_label, story.limit))
    ]
    rests = [text for text, _tone, _height in _rests(story)] or [_("No weekend and no public holiday lies between")]
    return [*events, *(f"{one}." for one in rests), *ends]


def drawn(story: Story, *, frame: Frame) -> SafeString:
    """The deadline as one picture."""
    scale = _Scale(story.first, story.last, frame.width)
    elements = [*_days(story, scale), *_axis(story, frame), *_marks(story, scale)]
    legend, height = _legend(story, frame, thin=not scale.shows_days)
    return canvas.svg([*elements, *legend], frame=frame, height=height, title=story.title, sentences=told(story))


@dataclass(frozen=True)
class _Scale:
    """From moments to places on the line."""

    first: datetime
    last: datetime
    width: int

    def x(self, at: datetime) -> float:
        whole = (self.last - self.first).total_seconds() or 1.0
        share = (at - self.first).total_seconds() / whole
        return _EDGE + (self.width - 2 * _EDGE) * min(max(share, 0.0), 1.0)

    @property
    def shows_days(self) -> bool:
        """Whether a day is wide enough to be seen."""
        return (self.width - 2 * _EDGE) * 86400 >= _THINNEST * (self.last - self.first).total_seconds()


def _days(story: Story, scale: _Scale) -> Iterator[Element]:
    """A box for each day without work: low for a weekend, high for a public holiday."""
    if not scale.shows_days:
        return
    for one in story.rests:
        begins = datetime.combine(one.day, time.min, tzinfo=story.first.tzinfo)
        left, right = scale.x(begins), scale.x(begins + _DAY)
        height = 30.0 if one.holiday else 18.0
        yield Box(left, _LINE - height / 2, max(right - left, _THINNEST), height, _tone(one), 1.0)


def _tone(one: Rest) -> str:
    return Tone.WARN if one.holiday else "draw-rest"


def _axis(story: Story, frame: Frame) -> Iterator[Element]:
    yield Line(((_EDGE, _LINE), (frame.width - _EDGE, _LINE)), weight=2)
    for x in (_EDGE, frame.width - _EDGE):
        yield Line(((x, _LINE - 8), (x, _LINE + 8)))
    yield Text(_EDGE, _LINE + 26, _short(story.first), "draw-muted", SMALL)
    if story.first.date() != story.last.date():
        yield Text(frame.width - _EDGE, _LINE + 26, _short(story.last), "draw-muted", SMALL, anchor="end")


def _short(at: datetime) -> str:
    on = at.date() - _DAY if at.time() == time.min else at.date()
    return date_format(on, "SHORT_DATE_FORMAT")


def _marks(story: Story, scale: _Scale) -> Iterator[Element]:
    for one in story.events:
        yield Dot(scale.x(one.at), _LINE, 6, Tone.ACCENT, moment(one.at))
    if len(story.events) > 1:
        for x, letters in _letters(story, scale):
            yield Text(x, _LINE - 20, letters, "draw-text", SMALL, bold=True, anchor="middle")
    limit, target = scale.x(story.limit), scale.x(story.target)
    yield Line(((limit, _LINE - 20), (limit, _LINE + 20)), "draw-bad-line", 3)
    yield diamond(target, _LINE, 7, Tone.GOOD)


def _letters(story: Story, scale: _Scale) -> list[tuple[float, str]]:
    """The letters of the events above their marks; marks too close for two texts share one."""
    found: list[tuple[float, str]] = []
    for one in sorted(story.events, key=lambda event: event.at):
        x = scale.x(one.at)
        if found and x - found[-1][0] < _APART * len(found[-1][1]):
            found[-1] = (found[-1][0], f"{found[-1][1]} {one.letter}")
        else:
            found.append((x, one.letter))
    return found


def _legend(story: Story, frame: Frame, *, thin: bool) -> tuple[list[Element], float]:
    """Each mark with its words, below one another."""
    y = _LEGEND
    elements: list[Element] = []
    for mark, text in _entries(story, thin=thin):
        written, bottom = block([Wording(text, size=SIZE)], x=_TEXT, y=y, width=frame.width - _TEXT)
        elements += [mark(y), *written]
        y = bottom + _GAP
    return elements, y


def _entries(story: Story, *, thin: bool) -> Iterator[tuple[Callable[[float], Element], str]]:
    for one in story.events:
        said = _("Event %(letter)s: %(moment)s") % {"letter": one.letter, "moment": moment(one.at)}
        yield lambda y: Dot(_MARK, y, 6, Tone.ACCENT), said
    yield lambda y: diamond(_MARK, y, 7, Tone.GOOD), f"{story.target_label}: {moment(story.target)}"
    yield (
        lambda y: Line(((_MARK, y - 9), (_MARK, y + 9)), "draw-bad-line", 3),
        f"{story.limit_label}: {moment(story.limit)}",
    )
    for text, tone, height in _rests(story):
        said = _("%(days)s, too narrow to be drawn") % {"days": text} if thin else text
        yield _box(tone, height), said


def _box(tone: str, height: float) -> Callable[[float], Element]:
    return lambda y: Box(_MARK - 6, y - height / 2, 12, height, tone, 1.0)


def _rests(story: Story) -> Iterator[tuple[str, str, float]]:
    """What lies between without work, in words, with the tone and the height of its mark."""
    if story.weekends:
        said = ngettext("%(n)d day of a weekend between", "%(n)d days of weekends between", story.weekends)
        yield said % {"n": story.weekends}, "draw-rest", 12.0
    if story.holidays:
        said = ngettext("%(n)d public holiday between", "%(n)d public holidays between", story.holidays)
        yield said % {"n": story.holidays}, Tone.WARN, 18.0
