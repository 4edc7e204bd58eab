"""The clocks of the week: what is overdue at the edge, seven days from today, and how many come later.

Wide: a column for each day, every letter on its day. Narrow: the days below one another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box, Dot, Element, Frame, Line, Text, Tone, block, diamond
from comity.web.shell.drawing.lettering import SIZE, SMALL, Wording, broken, clean, extent, moment_text, time_left

_DAYS: Final = 7
_OVERDUE: Final = -1
_SPAN: Final = 2.8  # columns that a text may take
_MARK: Final = 14.0


@dataclass(frozen=True)
class Due:
    """A clock: of which letter, what is to be done, and until when."""

    letter: str
    action: str
    due: datetime


@dataclass(frozen=True)
class Week:
    """All that the picture shows; clocks in any order. The two figures count further clocks that are not named."""

    title: str
    dues: tuple[Due, ...]
    now: datetime
    more_overdue: int = 0
    more_later: int = 0

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    def column(self, due: Due) -> int:
        """-1 for overdue, 0 for today, 7 and more for later than this week."""
        return _OVERDUE if due.due < self.now else (timezone.localtime(due.due).date() - self.today).days

    @property
    def shown(self) -> list[Due]:
        """What is overdue or due within the week, the most pressing first."""
        return sorted((due for due in self.dues if self.column(due) < _DAYS), key=lambda due: due.due)

    @property
    def later(self) -> int:
        return len(self.dues) - len(self.shown) + self.more_later

    @property
    def overdue(self) -> int:
        return sum(self.column(due) == _OVERDUE for due in self.dues) + self.more_overdue


@dataclass(frozen=True)
class _Note:
    """A clock's texts, and which part of the width they take."""

    due: Due
    column: int
    start: float
    end: float
    to_the_left: bool
    texts: tuple[Wording, ...]
    height: float


def figure(story: Week, *, name: str, rtl: bool) -> SafeString:
    """The clocks of the week for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(story, frame=frame), sentences=told(story), name=name, rtl=rtl)


def drawn(story: Week, *, frame: Frame) -> SafeString:
    """The clocks of the week as one picture."""
    elements, height = _columns(story, frame) if frame.wide else _list(story, frame)
    return canvas.svg(elements, frame=frame, height=height, title=story.title, sentences=told(story))


def told(story: Week) -> list[str]:
    """The clocks of the week in sentences: every one that is overdue or due, and how many come later."""
    sentences = [_told_due(due, story) for due in story.shown]
    later = [] if not story.later else [_later(story.later)]
    return [*(sentences or [_("No clock runs out in the seven days from today.")]), *later]


def _told_due(due: Due, story: Week) -> str:
    facts = {"letter": clean(due.letter), "action": clean(due.action), "moment": moment_text(due.due)}
    left = {"left": time_left(due.due, now=story.now)}
    return _("%(letter)s: %(action)s, until %(moment)s: %(left)s.") % (facts | left)


def _later(count: int) -> str:
    return ngettext("%(count)d clock runs out later.", "%(count)d clocks run out later.", count) % {"count": count}


def _day(story: Week, column: int, style: str) -> str:
    return date_format(story.today + timedelta(days=column), style)


def _mark(x: float, y: float, column: int) -> Element:
    if column == _OVERDUE:
        return diamond(x, y, 6, Tone.BAD)
    return Dot(x, y, 5, Tone.WARN if column <= 1 else Tone.ACCENT)


def _columns(story: Week, frame: Frame) -> tuple[list[Element], float]:
    """A column for what is overdue, seven for the days, one for the number of what comes later."""
    step = frame.width / (_DAYS + 2)
    top = 52.0
    rows: list[list[_Note]] = []
    for note in (_note(due, story, step) for due in story.shown):
        row = next((row for row in rows if all(_apart(note, other) for other in row)), None)
        if row is None:
            rows.append([note])
        else:
            row.append(note)
    elements = list(_heads(story, step))
    y = top
    for row in rows:
        height = max(note.height for note in row) + 16
        for note in row:
            elements += _noted(note, y=y + 18)
        elements += _between_days(row, step, top=y, bottom=y + height)
        y += height
    if not rows:
        nothing = Wording(_("No clock runs out in the seven days from today."), tone="draw-muted")
        written, bottom = block([nothing], x=step + 6, y=y + 20, width=step * _DAYS - 12)
        elements += written
        y = bottom + 6
    return [*elements, Line(((0, y), (frame.width, y)), weight=1)], y + 2


def _between_days(row: list[_Note], step: float, *, top: float, bottom: float) -> Iterator[Line]:
    """The lines between the days, where no text lies across them."""
    for number in range(1, _DAYS + 2):
        x = number * step
        if all(x < note.start - 2 or x > note.end + 2 for note in row):
            yield Line(((x, top + 2), (x, bottom - 2)), weight=0.5)


def _heads(story: Week, step: float) -> Iterator[Element]:
    """The names of the columns; today's is set apart."""
    overdue = story.overdue
    yield Box(step + 0.5, 0.5, step - 1, 48, "draw-area", 4)
    heads = [(_("Overdue"), str(overdue)), (_("Today"), _day(story, 0, "D j"))]
    heads += [(_day(story, column, "D"), _day(story, column, "j")) for column in range(1, _DAYS)]
    heads.append((_("Later"), str(story.later)))
    for number, (name, figure_text) in enumerate(heads):
        tone = Tone.BAD if number == 0 and overdue else "draw-text"
        name_line, _bottom = block([Wording(name, tone=tone, lines_max=1)], x=number * step + 6, y=14, width=step - 10)
        number_line, _bottom = block(
            [Wording(figure_text, tone=tone, size=SIZE + 2, bold=True, lines_max=1)],
            x=number * step + 6,
            y=34,
            width=step - 10,
        )
        yield from (*name_line, *number_line)
    yield Line(((0, 50), (step * (_DAYS + 2), 50)), weight=1)


def _note(due: Due, story: Week, step: float) -> _Note:
    """Texts begin at the day's mark, or end there where the week has no room left."""
    column = story.column(due)
    width = step * _SPAN - _MARK - 12
    texts = (Wording(due.letter, bold=True, lines_max=1), Wording(due.action, tone="draw-muted", lines_max=2))
    lines = [(wording, line) for wording in texts for line in broken(wording, width=width)]
    widest = max((extent(line, size=wording.size, bold=wording.bold) for wording, line in lines), default=0.0)
    start = (column + 1) * step + 6
    end = start + _MARK + widest + 2
    to_the_left = end > step * (_DAYS + 1)
    if to_the_left:
        start, end = (column + 2) * step - 6 - (end - start), (column + 2) * step - 6
    return _Note(due, column, start, end, to_the_left, texts, len(lines) * SMALL * canvas.LEADING)


def _apart(note: _Note, other: _Note) -> bool:
    return note.end + 8 < other.start or other.end + 8 < note.start


def _noted(note: _Note, *, y: float) -> list[Element]:
    width = note.end - note.start - _MARK
    if note.to_the_left:
        written, _bottom = block(note.texts, x=note.end - _MARK, y=y, width=width, anchor="end")
        return [_mark(note.end - 5, y, note.column), *written]
    written, _bottom = block(note.texts, x=note.start + _MARK, y=y, width=width)
    return [_mark(note.start + 5, y, note.column), *written]


def _list(story: Week, frame: Frame) -> tuple[list[Element], float]:
    """The same below one another: overdue, the days, later."""
    nothing = "" if story.shown else _("No clock runs out in the seven days from today.")
    elements, y = block([Wording(nothing)], x=0, y=14, width=frame.width)
    y += 8 if nothing else 0
    for column in range(_OVERDUE, _DAYS):
        dues = [due for due in story.shown if story.column(due) == column]
        if column == _OVERDUE and not dues:
            continue
        elements += _day_head(story, column, dues, y=y, frame=frame)
        y += 26
        for due in dues:
            texts = (Wording(due.letter, bold=True, lines_max=1), Wording(due.action, tone="draw-muted"))
            written, bottom = block(texts, x=24, y=y, width=frame.width - 24)
            elements += [_mark(8, y, column), *written]
            y = bottom + 8
        y += 4 if dues else 0
    later = Wording(_later(story.later) if story.later else _("Nothing runs out later."), tone="draw-muted")
    written, y = block([later], x=0, y=y, width=frame.width)
    return [*elements, *written], y


def _day_head(story: Week, column: int, dues: Sequence[Due], *, y: float, frame: Frame) -> list[Element]:
    names = {_OVERDUE: _("Overdue"), 0: _("Today, %(day)s") % {"day": _day(story, 0, "MONTH_DAY_FORMAT")}}
    name = names.get(column) or _day(story, column, "l j")
    tone = Tone.BAD if column == _OVERDUE else "draw-text" if dues else "draw-muted"
    line = Line(((0, y + 12), (frame.width, y + 12)), weight=0.75)
    lines, _bottom = block(
        [Wording(name, tone=tone, size=SIZE, bold=bool(dues), lines_max=1)], x=0, y=y, width=frame.width - 30
    )
    nothing = [] if dues else [Text(frame.width, y, "\N{EN DASH}", "draw-muted", SMALL, anchor="end")]
    return [*lines, *nothing, line]
