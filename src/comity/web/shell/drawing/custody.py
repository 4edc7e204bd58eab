"""The custody of an item: one lane per custodian, a thick line where the item lies, and every record in order.

A transfer has happened when all its seals are given; until then the item stays where it is and the line is dashed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.web.shell.drawing import canvas
from comity.web.shell.drawing.canvas import Dot, Element, Frame, Line, Tone, arrow, block, diamond
from comity.web.shell.drawing.lettering import SIZE, SMALL, Wording, clean, moment_text, phrase

_GAP: Final = 18.0
_LANES_MAX: Final = 110.0  # the lanes share this much of the width
_LANE: Final = 24.0
_MOMENTS: Final = 190.0  # the column of the moments on a wide page
_SEAL: Final = 20.0


class Kind(StrEnum):
    """What a record says was done."""

    ACQUISITION = "acquisition"
    SEIZURE = "seizure"
    CORRECTION = "correction"
    SEALING = "sealing"
    PLACEMENT = "placement"
    ACCESS = "access"
    COPY = "copy"
    DERIVATION = "derivation"
    MARKING = "marking"
    LEAVE = "leave"
    TRANSFER = "transfer"
    HAND_OVER = "hand_over"
    EXPORT = "export"
    RETURN = "return"
    DISPOSAL = "disposal"


MOVES: Final = frozenset({Kind.TRANSFER, Kind.HAND_OVER})
_QUIET: Final = frozenset({Kind.ACCESS, Kind.PLACEMENT})


@dataclass(frozen=True)
class Custodian:
    """A node or an office that holds the item, or will."""

    key: str
    name: str


@dataclass(frozen=True)
class Seal:
    """A signature that a transfer needs, and whether it is there."""

    who: str
    given: bool


@dataclass(frozen=True)
class Record:
    """One link of the chain. `holder` and `receiver` are keys of custodians."""

    kind: Kind
    holder: str
    label: str
    at: datetime
    who: str = ""
    receiver: str = ""
    seals: tuple[Seal, ...] = ()

    @property
    def moved(self) -> bool:
        return self.kind in MOVES and bool(self.seals) and all(seal.given for seal in self.seals)


@dataclass(frozen=True)
class Custody:
    """All that the picture shows; records in the order of the chain."""

    title: str
    custodians: tuple[Custodian, ...]
    records: tuple[Record, ...]
    now: datetime

    def name(self, key: str) -> str:
        return next((clean(custodian.name) for custodian in self.custodians if custodian.key == key), clean(key))

    @property
    def keys(self) -> list[str]:
        """Everyone whom a record names, those with a name first."""
        named = [custodian.key for custodian in self.custodians]
        met = [key for record in self.records for key in (record.holder, record.receiver) if key]
        return list(dict.fromkeys([*named, *met]))


@dataclass(frozen=True)
class _Plan:
    lanes: dict[str, float]
    texts: float
    width: float


def figure(story: Custody, *, name: str, rtl: bool) -> SafeString:
    """The custody of an item for every page width, and in words."""
    return canvas.figure(lambda frame: drawn(story, frame=frame), sentences=told(story), name=name, rtl=rtl)


def drawn(story: Custody, *, frame: Frame) -> SafeString:
    """The custody of an item as one picture."""
    plan = _plan(story, frame)
    names, y, tops = _names(story, plan)
    marks, places, y = _records(story, plan, y=y, frame=frame)
    lanes = [Line(((plan.lanes[key], top), (plan.lanes[key], y)), weight=1) for key, top in tops.items()]
    told_now = Wording(_("Now, %(moment)s") % {"moment": moment_text(story.now)}, bold=True)
    now, bottom = block([told_now], x=0, y=y + 16, width=frame.width)
    line = Line(((0, y), (frame.width, y)), dashed=True)
    elements: list[Element] = [*names, *lanes, *_held(story, plan, places, end=y), *marks, line, *now]
    return canvas.svg(elements, frame=frame, height=bottom, title=story.title, sentences=told(story))


def told(story: Custody) -> list[str]:
    """The custody of an item in sentences: each record, and who holds it now."""
    if not story.records:
        return [_("Nobody has taken this item into custody yet.")]
    sentences = [sentence for record in story.records for sentence in _told_record(record, story)]
    facts = {"holder": story.name(_holder(story)), "moment": moment_text(story.now)}
    return [*sentences, _("On %(moment)s the item is held by %(holder)s.") % facts]


def _holder(story: Custody) -> str:
    last = story.records[-1]
    return last.receiver if last.moved else last.holder


def _told_record(record: Record, story: Custody) -> list[str]:
    facts = {
        "moment": moment_text(record.at),
        "record": phrase(record.label),
        "holder": story.name(record.holder),
        "receiver": story.name(record.receiver),
        "who": phrase(record.who),
    }
    sentence = _("%(moment)s, at %(holder)s: %(record)s.") % facts
    if facts["who"]:
        sentence = _("%(moment)s, at %(holder)s: %(record)s, by %(who)s.") % facts
    if record.kind not in MOVES:
        return [sentence]
    whither = (
        _("It went from %(holder)s to %(receiver)s.")
        if record.moved
        else _("It is to go from %(holder)s to %(receiver)s.")
    )
    return [" ".join((sentence, whither % facts, _count(record), *(_told_seal(seal) for seal in record.seals)))]


def _told_seal(seal: Seal) -> str:
    sentence = _("Signed: %(who)s.") if seal.given else _("Not signed yet: %(who)s.")
    return sentence % {"who": phrase(seal.who)}


def _count(record: Record) -> str:
    facts = {"given": sum(seal.given for seal in record.seals), "needed": len(record.seals)}
    return _("Signatures: %(given)d of %(needed)d.") % facts


def _plan(story: Custody, frame: Frame) -> _Plan:
    left = _MOMENTS + 24 if frame.wide else 8.0
    step = min(_LANE, _LANES_MAX / max(len(story.keys) - 1, 1))
    lanes = {key: left + number * step for number, key in enumerate(story.keys)}
    texts = max(lanes.values(), default=left) + 24
    return _Plan(lanes, texts, frame.width - texts)


def _names(story: Custody, plan: _Plan) -> tuple[list[Element], float, dict[str, float]]:
    """The names above one another, each with a leader to its lane; no leader crosses a lane."""
    elements: list[Element] = []
    tops: dict[str, float] = {}
    y = 12.0
    for key, x in plan.lanes.items():
        lines, bottom = block(
            [Wording(story.name(key), bold=True, size=SIZE, lines_max=2)], x=plan.texts, y=y, width=plan.width
        )
        elements += [Line(((x, y), (plan.texts - 6, y)), weight=1), *lines]
        tops[key] = y
        y = max(bottom, y + SIZE) + 4
    return elements, y + 14, tops


def _records(story: Custody, plan: _Plan, *, y: float, frame: Frame) -> tuple[list[Element], list[float], float]:
    """Marks and texts of all records; and at which heights they stand."""
    elements: list[Element] = []
    places: list[float] = []
    for record in story.records:
        texts, bottom = block(_wordings(record, story, frame=frame), x=plan.texts, y=y, width=plan.width)
        seals, bottom = _seals(record, plan, y=bottom)
        elements += [*_mark(record, plan, y=y), *texts, *seals]
        if frame.wide:
            moment = Wording(moment_text(record.at), tone="draw-muted", lines_max=2)
            written, low = block([moment], x=_MOMENTS, y=y, width=_MOMENTS, anchor="end")
            elements += written
            bottom = max(bottom, low)
        places.append(y)
        y = bottom + _GAP
    if not story.records:
        nothing = Wording(_("Nobody has taken this item into custody yet."), tone="draw-muted")
        elements, bottom = block([nothing], x=plan.texts if plan.lanes else 0, y=y, width=plan.width)
        y = bottom + _GAP
    return elements, places, y


def _wordings(record: Record, story: Custody, *, frame: Frame) -> list[Wording]:
    muted = Wording("", tone="draw-muted", lines_max=2)
    way = _("%(holder)s to %(receiver)s") % {
        "holder": story.name(record.holder),
        "receiver": story.name(record.receiver),
    }
    return [
        Wording(record.label, bold=record.kind not in _QUIET),
        replace(muted, text=way if record.kind in MOVES else story.name(record.holder)),
        replace(muted, text=record.who),
        replace(muted, text="" if frame.wide else moment_text(record.at)),
    ]


def _mark(record: Record, plan: _Plan, *, y: float) -> list[Element]:
    x = plan.lanes[record.holder]
    if record.kind in MOVES:
        return _crossing(record, plan, y=y)
    match record.kind:
        case Kind.ACQUISITION | Kind.SEIZURE:
            return [Dot(x, y, 7, Tone.ACCENT)]
        case Kind.EXPORT | Kind.COPY:
            return [diamond(x, y, 7, Tone.WARN)]
        case Kind.RETURN | Kind.DISPOSAL:
            return [diamond(x, y, 7, Tone.MUTED)]
        case Kind.SEALING:
            return [Dot(x, y, 5.5, Tone.GOOD)]
        case _:
            return [Dot(x, y, 4, Tone.PLAIN)]


def _crossing(record: Record, plan: _Plan, *, y: float) -> list[Element]:
    """From lane to lane: an arrow if the item moved, a dashed line if it is only to move."""
    x = plan.lanes[record.holder]
    other = plan.lanes.get(record.receiver, x)
    side = 1 if other >= x else -1
    if other == x:  # within one node: it changes hands, and stays
        return [Dot(x, y, 5.5, Tone.GOOD if record.moved else Tone.MUTED)]
    if record.moved:
        return [
            *arrow((x + 7 * side, y), (other - 6 * side, y), weight=2),
            Dot(x, y, 5.5, Tone.GOOD),
            Dot(other, y, 5.5, Tone.GOOD),
        ]
    return [
        Line(((x + 8 * side, y), (other, y)), weight=2, dashed=True),
        Dot(x, y, 5.5, Tone.MUTED),
        Dot(other, y, 5, "draw-area"),
        Dot(other, y, 5, "draw-line"),
    ]


def _seals(record: Record, plan: _Plan, *, y: float) -> tuple[list[Element], float]:
    """One small seal for each signature: full if it is there, hollow if not, and how many of how many."""
    if not record.seals:
        return [], y
    y += 3
    elements: list[Element] = []
    for number, seal in enumerate(record.seals):
        x = plan.texts + 8 + number * _SEAL
        elements.append(Dot(x, y, 7 if seal.given else 6.5, Tone.GOOD if seal.given else "draw-line", _told_seal(seal)))
        if seal.given:
            tick = ((x - 3, y), (x - 1, y + 2.5), (x + 3.5, y - 2.5))
            elements.append(Line(tick, "draw-seal", 1.8, upright=True))
    left = len(record.seals) * _SEAL + 4
    count = Wording(_count(record), tone="draw-muted", size=SMALL, lines_max=2)
    written, bottom = block([count], x=plan.texts + left, y=y, width=plan.width - left)
    missing = [Wording(_told_seal(seal), tone="draw-muted", lines_max=2) for seal in record.seals if not seal.given]
    waiting, end = block(missing, x=plan.texts, y=max(bottom, y + _SEAL), width=plan.width)
    return [*elements, *written, *waiting], end


def _held(story: Custody, plan: _Plan, places: list[float], *, end: float) -> list[Line]:
    """The thick line of who had the item from when to when."""
    lines = []
    for number, (record, y) in enumerate(zip(story.records, places, strict=True)):
        following = places[number + 1] if number + 1 < len(places) else end
        holder = record.receiver if record.moved else record.holder
        lines.append(Line(((plan.lanes[holder], y), (plan.lanes[holder], following)), "draw-line", 5))
    return lines
