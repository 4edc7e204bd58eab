"""The way from an entry to the root of the log, drawn: at the foot the leaf, at each step the sibling, above the root."""

from collections.abc import Iterator
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.registry.queries.logbook import Shown
from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Box, Dot, Element, Frame, Line, Text, Tone
from comity.web.shell.drawing.lettering import SMALL, extent

_STEP: Final = 58.0
_HEIGHT: Final = 30.0
_HASH: Final = 8
_BOX: Final = {True: 200.0, False: 146.0}


def figure(shown: Shown, *, name: str, rtl: bool) -> SafeString:
    """The path for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(shown, frame=frame), sentences=told(shown), name=name, rtl=rtl)


def told(shown: Shown) -> list[str]:
    """The path in sentences."""
    sentences = [_("The leaf of entry %(index)d is %(hash)s.") % {"index": shown.index, "hash": _short(shown.leaf)}]
    for number, rung in enumerate(shown.rungs, start=1):
        facts = {"number": number, "sibling": _short(rung.sibling), "hash": _short(rung.hash)}
        sentence = (
            _("Step %(number)d: with %(sibling)s on the left it gives %(hash)s.")
            if rung.on_left
            else _("Step %(number)d: with %(sibling)s on the right it gives %(hash)s.")
        )
        sentences.append(sentence % facts)
    if shown.head is None:
        return [*sentences, _("The checkpoint does not open, so there is no root to compare with.")]
    facts = {"root": _short(shown.head.root)}
    holds = _top(shown) == shown.head.root
    end = (
        _("That is the root that the checkpoint signs, %(root)s.")
        if holds
        else _("That is not the root that the checkpoint signs, %(root)s.")
    )
    return [*sentences, end % facts]


def drawn(shown: Shown, *, frame: Frame) -> SafeString:
    """The path as one picture, the root above."""
    return canvas.svg(
        list(_elements(shown, frame)),
        frame=frame,
        height=_STEP * (len(shown.rungs) + 1) + _HEIGHT + 4,
        title=_("From entry %(index)d to the root of the log") % {"index": shown.index},
        sentences=told(shown),
    )


def _elements(shown: Shown, frame: Frame) -> Iterator[Element]:
    holds = shown.head is not None and _top(shown) == shown.head.root
    tone = Tone.GOOD if holds else Tone.BAD
    width = _BOX[frame.wide]
    left, right = frame.width / 2 - width / 2 - 7, frame.width / 2 + width / 2 + 7
    count = len(shown.rungs)
    # the root that is signed stands above all; what the path leads to stands below it
    signed = _short(shown.head.root) if shown.head else _("no checkpoint")
    yield from _framed(frame.width / 2, 2, signed, _("Signed root"), width=_BOX[True], tone=tone)
    yield Line(
        ((frame.width / 2, 2 + _HEIGHT), (frame.width / 2, 2 + _STEP)),
        "draw-line" if holds else "draw-bad-line",
        dashed=not holds,
    )
    x = frame.width / 2
    for level in range(count, -1, -1):
        y = 2 + _STEP * (count - level + 1)
        digest = shown.rungs[level - 1].hash if level else shown.leaf
        if level:
            rung = shown.rungs[level - 1]
            ours, theirs = (right, left) if rung.on_left else (left, right)
            foot = y + _STEP
            yield Line(((ours, foot), (x, y + _HEIGHT)), "draw-accent-line", 2)
            yield Line(((theirs, foot), (x, y + _HEIGHT)), "draw-line", dashed=True)
            yield from _framed(x, y, _short(digest), _step(level, count), width=width, tone=Tone.ACCENT)
            yield from _framed(theirs, foot, _short(rung.sibling), _("Sibling"), width=width, tone=Tone.MUTED)
            x = ours
        else:
            yield from _framed(x, y, _short(digest), _("Leaf"), width=width, tone=Tone.ACCENT)


def _framed(x: float, y: float, digest: str, label: str, *, width: float, tone: Tone) -> Iterator[Element]:
    yield Box(x - width / 2, y, width, _HEIGHT, "draw-area")
    yield Dot(x - width / 2 + 12, y + _HEIGHT / 2, 4, tone)
    named = f"{label} {digest}"
    fits = extent(named, size=SMALL - 1, bold=False) <= width - 28  # a long word leaves the hash alone in the box
    yield Text(x - width / 2 + 22, y + _HEIGHT / 2, named if fits else digest, "draw-text", SMALL - 1, whole=named)


def _step(level: int, count: int) -> str:
    return _("Top") if level == count else _("Step %(number)d") % {"number": level}


def _top(shown: Shown) -> bytes:
    return shown.rungs[-1].hash if shown.rungs else shown.leaf


def _short(digest: bytes) -> str:
    return digest.hex()[:_HASH]
