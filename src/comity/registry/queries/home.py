"""The start page of an official: what waits, until when, and the dates of the coming week. Everything is bounded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from comity.authorities.roles import Actor, Power
from comity.registry import access
from comity.registry.models import ItemRow, LetterRow, OpeningRow, TransferRow, WorkRow
from comity.registry.queries import openings
from comity.registry.queries.duties import Duty, tasks
from comity.registry.queries.listing import Counted, Line

WAITING_MAX: Final = 50
"""Things that the start page names."""

BADGE_MAX: Final = 99
"""How far the navigation counts."""

WEEK: Final = timedelta(days=7)
WEEK_LETTERS_MAX: Final = 30
"""Letters that the picture of the week shows."""

WEEK_LATE_MAX: Final = 8
"""Overdue letters that it shows, the latest first."""


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the viewer.

    `kind` and `key` say what to open: a letter by its digest, an item or a transfer by its reference, a piece of work
    by what it is about. `letter` is the letter that it concerns; None for work.
    """

    duty: Duty
    kind: str
    key: str
    letter: Line | None
    due_at: datetime | None


@dataclass(frozen=True)
class Week:
    """The dates ahead: what is overdue, what falls due within seven days, and how many come later."""

    begins: datetime
    ends: datetime
    overdue: Counted
    late: tuple[Line, ...]
    due: tuple[Line, ...]
    more: bool
    later: Counted


def waiting(*, viewer: Actor, at: datetime) -> list[Waiting]:
    """What waits for the viewer: alarms, urgent letters, then by date; what has no date follows, the oldest first."""
    if not access.of_this_node(viewer):
        return []
    seen = access.visible_letters(viewer=viewer)
    found = [
        Waiting(duty=task.duty, kind="letter", key=one.digest, letter=one, due_at=one.due_at)
        for task in tasks(viewer=viewer)
        for one in _nearest(seen.filter(task.letters))
    ]
    if Power.HAND_OVER_EVIDENCE in viewer.powers:
        items = _items(viewer).select_related("letter").defer("letter__statement").order_by("id")
        found += [_of(Duty.HAND_OVER, "item", one.reference, one.letter) for one in items[:WAITING_MAX]]
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        transfers = _transfers(viewer).select_related("letter").defer("letter__statement").order_by("id")
        found += [_of(Duty.ACCEPT, "transfer", one.reference, one.letter) for one in transfers[:WAITING_MAX]]
        erasing = _sealed_off(viewer).select_related("letter").defer("letter__statement").order_by("id")
        found += [_of(Duty.ERASE, "item", one.reference, one.letter) for one in erasing[:WAITING_MAX]]
    if Power.OVERSEE in viewer.powers:
        overdue = seen.filter(due_at__lt=at).order_by("due_at", "id").defer("statement")
        found += [_of(Duty.OVERDUE, "letter", one.digest, one) for one in overdue[:WAITING_MAX]]
        found += [
            Waiting(Duty.ALARM, "alarm", one.reference, letter=None, due_at=None)
            for one in openings.alarms(viewer=viewer)
        ]
        works = _laid_aside().order_by("lane", "id").values_list("about", flat=True)
        found += [Waiting(Duty.LAID_ASIDE, "work", about, letter=None, due_at=None) for about in works[:WAITING_MAX]]
    return sorted(found, key=_urgency)[:WAITING_MAX]


def counts(*, viewer: Actor, at: datetime) -> dict[Duty, Counted]:
    """How much waits for the viewer, by duty; only what waits is in it."""
    if not access.of_this_node(viewer):
        return {}
    seen = access.visible_letters(viewer=viewer)
    found: dict[Duty, Counted] = {}
    for task in tasks(viewer=viewer):
        waits = Counted.of(seen.filter(task.letters), limit=BADGE_MAX)
        found[task.duty] = found[task.duty] + waits if task.duty in found else waits
    if Power.HAND_OVER_EVIDENCE in viewer.powers:
        found[Duty.HAND_OVER] = Counted.of(_items(viewer), limit=BADGE_MAX)
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        found[Duty.ACCEPT] = Counted.of(_transfers(viewer), limit=BADGE_MAX)
        found[Duty.ERASE] = Counted.of(_sealed_off(viewer), limit=BADGE_MAX)
    if Power.OVERSEE in viewer.powers:
        found[Duty.OVERDUE] = Counted.of(seen.filter(due_at__lt=at), limit=BADGE_MAX)
        found[Duty.ALARM] = Counted.of(OpeningRow.objects.filter(acknowledged_at=None), limit=BADGE_MAX)
        found[Duty.LAID_ASIDE] = Counted.of(_laid_aside(), limit=BADGE_MAX)
    return {duty: number for duty, number in found.items() if number}


def week(*, viewer: Actor, at: datetime) -> Week:
    """The dates of the letters that the viewer sees, from now on."""
    seen = access.visible_letters(viewer=viewer).defer("statement")
    ahead = seen.filter(due_at__gte=at, due_at__lt=at + WEEK).order_by("due_at", "id")
    rows = list(ahead[: WEEK_LETTERS_MAX + 1])
    return Week(
        begins=at,
        ends=at + WEEK,
        overdue=Counted.of(seen.filter(due_at__lt=at), limit=BADGE_MAX),
        late=tuple(Line.of(row) for row in seen.filter(due_at__lt=at).order_by("-due_at", "-id")[:WEEK_LATE_MAX]),
        due=tuple(Line.of(row) for row in rows[:WEEK_LETTERS_MAX]),
        more=len(rows) > WEEK_LETTERS_MAX,
        later=Counted.of(seen.filter(due_at__gte=at + WEEK), limit=BADGE_MAX),
    )


def _nearest(found: QuerySet[LetterRow]) -> list[Line]:
    """The letters with the nearest dates, then the oldest without one: two reads, each along an index."""
    found = found.defer("statement")
    dated = found.filter(due_at__isnull=False).order_by("due_at", "written_at", "id")
    rows = list(dated[:WAITING_MAX])
    if len(rows) < WAITING_MAX:
        rows += found.filter(due_at=None).order_by("written_at", "id")[: WAITING_MAX - len(rows)]
    return [Line.of(row) for row in rows]


def _items(viewer: Actor) -> QuerySet[ItemRow]:
    """Items held here for another node that were not offered to it yet."""
    offered = TransferRow.objects.filter(item=OuterRef("reference"), outgoing=True)
    held = ItemRow.objects.filter(~Exists(offered), held=True, sealed_off_at=None, letter__outgoing=False)
    return held.filter(_of_seen(viewer))


def _sealed_off(viewer: Actor) -> QuerySet[ItemRow]:
    """Items whose decision has ended and that nobody has erased yet."""
    return ItemRow.objects.filter(sealed_off_at__isnull=False, erased_at=None).filter(_of_seen(viewer))


def _transfers(viewer: Actor) -> QuerySet[TransferRow]:
    """Items that came and that nobody has signed for yet."""
    arrived = TransferRow.objects.filter(outgoing=False, state=TransferRow.ARRIVED)
    return arrived.filter(_of_seen(viewer))


def _of_seen(viewer: Actor) -> Exists:
    """That the viewer sees the letter, asked for each row: the list of all such letters would be long."""
    return Exists(access.visible_letters(viewer=viewer).filter(pk=OuterRef("letter_id")))


def _laid_aside() -> QuerySet[WorkRow]:
    return WorkRow.objects.filter(state=WorkRow.DEAD)


def _of(duty: Duty, kind: str, key: str, row: LetterRow) -> Waiting:
    return Waiting(duty=duty, kind=kind, key=key, letter=Line.of(row), due_at=row.due_at)


def _urgency(one: Waiting) -> tuple[bool, bool, bool, float, float]:
    """Alarms, urgent letters, then by date."""
    due = one.due_at.timestamp() if one.due_at else 0.0
    return (
        one.duty is not Duty.ALARM,
        one.letter is None or not one.letter.urgent,
        one.due_at is None,
        due,
        one.letter.written_at.timestamp() if one.letter else 0.0,
    )
