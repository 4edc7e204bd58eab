"""Text in a picture: how wide it will be about, where it breaks, how it is shortened, and how moments are written.

A server cannot measure a font. Widths are estimated on the wide side, so that a line may end early but never collides.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SIZE: Final = 14.0
SMALL: Final = 13.0
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[] ")
_BROAD: Final = frozenset("mwMW@%&—…")
_EM: Final = {"narrow": 0.36, "broad": 0.95, "upper": 0.72, "other": 0.59, "foreign": 0.68, "ideograph": 1.05}
_BOLD: Final = 1.07
_SHORT_DAYS: Final = 2
_HOUR: Final = 3600
# What XML cannot hold, and the marks that turn the reading order of what follows: a name must not rewrite its line.
_UNFIT: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]|[\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Wording:
    """A text and how it is set."""

    text: str
    tone: str = "draw-text"
    size: float = SMALL
    bold: bool = False
    lines_max: int = 3


def clean(text: str) -> str:
    """The text on one line, without what XML cannot hold and without marks that turn the reading order."""
    return " ".join(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", text).split())


def phrase(text: str) -> str:
    """The text as part of a sentence, which brings its own period."""
    return clean(text).rstrip(".")


def extent(text: str, *, size: float, bold: bool) -> float:
    """About how wide a line will be, in the units of the picture."""
    return sum(map(_em, text)) * size * (_BOLD if bold else 1.0)


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if character in _NARROW:
        return _EM["narrow"]
    if character in _BROAD:
        return _EM["broad"]
    if unicodedata.east_asian_width(character) in "WF":
        return _EM["ideograph"]
    if not character.isascii():
        return max(_EM["foreign"], _EM["upper"] if character.isupper() else 0.0)
    return _EM["upper"] if character.isupper() else _EM["other"]


def broken(wording: Wording, *, width: float) -> list[str]:
    """The lines of a text, none wider than `width`; the last ends in an ellipsis if there was more. No text, no line."""
    lines: list[str] = []
    line = ""
    for word in clean(wording.text).split():
        longer = f"{line} {word}" if line else word
        if _fits(longer, wording, width):
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, wording, width)
        lines.extend(full)
    lines += [line] if line else []
    if len(lines) <= wording.lines_max:
        return lines
    return [*lines[: wording.lines_max - 1], _shortened(" ".join(lines[wording.lines_max - 1 :]), wording, width)]


def _fits(text: str, wording: Wording, width: float) -> bool:
    return extent(text, size=wording.size, bold=wording.bold) <= width


def _pieces(word: str, wording: Wording, width: float) -> list[str]:
    """A word that is too long for a line, cut where it must be."""
    pieces = [""]
    for character in word:
        if pieces[-1] and not _fits(pieces[-1] + character, wording, width):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _shortened(text: str, wording: Wording, width: float) -> str:
    end = len(text)
    while end and not _fits(text[:end].rstrip() + "…", wording, width):
        end -= 1
    return text[:end].rstrip() + "…"


def moment_text(at: datetime) -> str:
    """A moment as the reader's language writes it, in the node's time zone."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def time_left(until: datetime, *, now: datetime) -> str:
    """How long it is until a limit, or since it passed: hours when it is less than two days, days otherwise."""
    seconds = int((until - now).total_seconds())
    hours = abs(seconds) // _HOUR
    days = hours // 24
    if seconds < 0 and days >= _SHORT_DAYS:
        return ngettext("overdue by %(count)d day", "overdue by %(count)d days", days) % {"count": days}
    if seconds < 0 and not hours:
        return _("overdue by less than an hour")
    if seconds < 0:
        return ngettext("overdue by %(count)d hour", "overdue by %(count)d hours", hours) % {"count": hours}
    if days >= _SHORT_DAYS:
        return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
    if not hours:
        return _("less than an hour left")
    return ngettext("%(count)d hour left", "%(count)d hours left", hours) % {"count": hours}
