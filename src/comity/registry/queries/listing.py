"""Lists of letters, flat: a page costs the same wherever it lies, whatever the node holds.

* Rows come from columns; no statement is read. A page is one query for its rows, and at most one bounded count.
* A page begins after the key of the row before it (keyset): no OFFSET, which reads everything that it skips.
* The last page is the first one of the opposite order, read backwards.
* Need-to-know is part of the query (`access.visible_letters`): what one may not see is neither listed nor counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from comity.authorities.roles import Actor
from comity.canon import JsonObject, folded, stamp
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry import access
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import LetterRow, PeerRow
from comity.registry.queries.duties import tasks
from comity.registry.queries.wanted import ORDERS, Direction, Place, Sort, Wanted

COUNTED_MAX: Final = 1000
"""How far a list counts its letters."""

_COLUMNS: Final = (
    "id",
    "digest",
    "short",
    "outgoing",
    "peer",
    "form",
    "state",
    "subject",
    "urgent",
    "confidential",
    "tlp",
    "due_at",
    "due_what",
    "written_at",
)


@dataclass(frozen=True)
class Line:
    """One letter of a list."""

    id: int
    digest: str
    short: str
    outgoing: bool
    peer: str
    form: Form
    state: State
    subject: str
    urgent: bool
    confidential: bool
    tlp: str
    due_at: datetime | None
    due_what: str
    written_at: datetime

    @classmethod
    def of(cls, row: LetterRow) -> "Line":
        """The line of a row."""
        return cls(
            **{name: getattr(row, name) for name in _COLUMNS} | {"form": Form(row.form), "state": State(row.state)}
        )

    def overdue(self, *, at: datetime) -> bool:
        """Whether the next date of the letter has passed."""
        return self.due_at is not None and self.due_at < at

    def as_record(self) -> JsonObject:
        """The line for machines."""
        return {
            "letter": self.digest,
            "short": self.short,
            "direction": (Direction.OUT if self.outgoing else Direction.IN).value,
            "peer": self.peer,
            "form": self.form.value,
            "state": self.state.value,
            "subject": self.subject,
            "urgent": self.urgent,
            "confidential": self.confidential,
            "tlp": self.tlp,
            "due_at": stamp(self.due_at) if self.due_at else "",
            "due_what": self.due_what,
            "written_at": stamp(self.written_at),
        }


@dataclass(frozen=True)
class Counted:
    """How many there are, as far as was counted; `more`: at least one more than `number`."""

    number: int
    more: bool = False

    @classmethod
    def of(cls, found: QuerySet[Any], *, limit: int) -> "Counted":
        """Count rows, and stop at the limit."""
        number = found.order_by()[: limit + 1].count()
        return cls(min(number, limit), more=number > limit)

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)

    def __bool__(self) -> bool:
        return self.number > 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.number + other.number, self.more or other.more)


@dataclass(frozen=True)
class Page:
    """A page of a list. `previous` and `next` are cursors, empty where the list ends; `count` is of the whole list."""

    wanted: Wanted
    lines: tuple[Line, ...]
    previous: str
    next: str
    count: Counted


def letters(wanted: Wanted, *, viewer: Actor, at: datetime) -> Page:
    """The page that is wanted; raises `CursorBroken`."""
    found = _found(wanted, viewer=viewer, at=at)
    place = wanted.place
    lines, further = _read(found, wanted, place)
    before, after = (further, place.key is not None) if place.backward else (place.key is not None, further)
    if lines:
        previous = Place(_key(lines[0], wanted.sort), backward=True).written(wanted.sort) if before else ""
        following = Place(_key(lines[-1], wanted.sort), backward=False).written(wanted.sort) if after else ""
    else:  # beyond an end that moved since the address was written
        previous, following = (Place(None, backward=True).written(wanted.sort) if wanted.cursor else "", "")
    whole = place.key is None and not further
    count = Counted(len(lines)) if whole else Counted.of(found, limit=COUNTED_MAX)
    return Page(wanted=wanted, lines=lines, previous=previous, next=following, count=count)


def every(wanted: Wanted, *, viewer: Actor, at: datetime) -> Iterator[Line]:
    """All the letters of the list from its beginning, read page by page."""
    wanted = replace(wanted, size=PAGE_ROWS_MAX, cursor="")
    found = _found(wanted, viewer=viewer, at=at)
    place = Place(None, backward=False)
    while True:
        lines, further = _read(found, wanted, place)
        yield from lines
        if not further:
            return
        place = Place(_key(lines[-1], wanted.sort), backward=False)


def peers(*, viewer: Actor) -> list[str]:
    """The nodes with which this node exchanges letters, to choose from."""
    return sorted(PeerRow.objects.values_list("node", flat=True)) if access.of_this_node(viewer) else []


def _found(wanted: Wanted, *, viewer: Actor, at: datetime) -> QuerySet[LetterRow]:
    """The letters of the list that the viewer sees, in no order."""
    found = access.visible_letters(viewer=viewer).filter(_asked(wanted), _dated(wanted, at=at))
    if wanted.text:
        found = found.filter(Q(folded__contains=folded(wanted.text)) | Q(short__startswith=wanted.text.upper()))
    if wanted.mine:
        waiting = [task.letters for task in tasks(viewer=viewer)]
        found = found.filter(reduce(or_, waiting)) if waiting else found.none()
    return found


def _asked(wanted: Wanted) -> Q:
    """The filters that compare a column with what is wanted."""
    asked = Q()
    if wanted.direction is not Direction.ANY:
        asked &= Q(outgoing=wanted.direction is Direction.OUT)
    if len(wanted.states) == 1:
        asked &= Q(state__in=wanted.states)
    elif wanted.states:
        # Said by the states that are left out: several values of an index are no order, and SQLite would sort them all.
        asked &= ~Q(state__in=[state for state in State if state not in wanted.states])
    if wanted.forms:
        asked &= Q(form__in=wanted.forms)
    if wanted.peer:
        asked &= Q(peer=wanted.peer)
    if wanted.urgent:
        asked &= Q(urgent=True)
    return asked


def _dated(wanted: Wanted, *, at: datetime) -> Q:
    """A list in the order of the due dates holds only letters that have one."""
    if wanted.overdue:
        return Q(due_at__lt=at)
    return Q(due_at__isnull=False) if wanted.sort is Sort.DUE else Q()


def _read(found: QuerySet[LetterRow], wanted: Wanted, place: Place) -> tuple[tuple[Line, ...], bool]:
    """The lines of one page in the order of the list, and whether there are more in the direction of reading."""
    columns = ORDERS[wanted.sort]
    descending = wanted.descending is not place.backward
    if place.key is not None:
        beyond = TupleLessThan if descending else TupleGreaterThan
        found = found.filter(beyond(Tuple(*map(F, columns)), place.key))
    order = [F(column).desc() if descending else F(column).asc() for column in columns]
    read = [Line.of(row) for row in found.order_by(*order).only(*_COLUMNS)[: wanted.size + 1]]
    lines = read[: wanted.size]
    return tuple(reversed(lines) if place.backward else lines), len(read) > wanted.size


def _key(line: Line, sort: Sort) -> tuple[Any, ...]:
    return tuple(getattr(line, column) for column in ORDERS[sort])
