"""The log as an overseer looks through it: newest first, filtered, a page at a time, and one entry with its proof.

* Lists come from columns; no body is read. What an entry says is its body, shown with the check that it is the one that
  was hashed.
* A page begins beside an index (keyset): it costs the same wherever it lies.
* A day is a range of moments, turned into a range of indexes by one read of an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Max, Min, QuerySet

from comity.authorities.roles import Actor
from comity.canon import JsonObject, NotAMoment, NotCanonical, TooLarge, stamp
from comity.errors import N_, ComityError
from comity.ledger import proof, tree
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.entry import Entry, LogEntryBroken
from comity.ledger.proof import Rung
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import CheckpointRow, EntryRow, LetterRow

ROWS: Final = 50
"""Entries of a page."""

_FIRST_DAY: Final = date(2000, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)
_COLUMNS: Final = ("index", "kind", "official", "letter", "at")


class LogPlaceUnknown(ComityError):
    """An address asks for the log in words that it does not know."""

    code = "registry.log_place_unknown"
    sentence = N_("the log is not listed by {what} {value}")
    hint = N_("Begin at the newest entries and use the filters of the page.")


@dataclass(frozen=True)
class Asked:
    """Which entries; what is empty lets everything pass. `before` and `after` are indexes beside which a page lies."""

    kind: str = ""
    official: str = ""
    letter: str = ""
    day: date | None = None
    before: int | None = None
    after: int | None = None

    def __post_init__(self) -> None:
        """Hold that a page has one place, and that its index can be one."""
        for what, index in (("before", self.before), ("after", self.after)):
            if index is not None and not 0 <= index <= tree.SIZE_MAX:
                raise LogPlaceUnknown(what=what, value=str(index)[:40])
        if self.day is not None and not _FIRST_DAY <= self.day <= _LAST_DAY:
            raise LogPlaceUnknown(what="day", value=self.day.isoformat())
        if self.before is not None and self.after is not None:
            raise LogPlaceUnknown(what="before and after", value=f"{self.before}, {self.after}")


@dataclass(frozen=True)
class Line:
    """One entry of the list; `short` names its letter for people."""

    index: int
    kind: str
    official: str
    letter: str
    short: str
    at: datetime


@dataclass(frozen=True)
class Page:
    """A page, newest first; `newer` and `older` are the indexes beside which the neighbouring pages lie."""

    lines: tuple[Line, ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True)
class Shown:
    """One entry with its exact bytes and the check under the newest checkpoint; `trouble` says why it does not hold."""

    index: int
    body: bytes
    record: JsonObject | None
    leaf: bytes
    rungs: tuple[Rung, ...]
    signed: bytes
    head: Checkpoint | None
    signed_at: datetime
    vkey: str
    letter: str
    short: str
    trouble: ComityError | None


def page(asked: Asked, *, viewer: Actor) -> Page:
    """The page that is asked for; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    found = _found(asked)
    if asked.after is not None:
        rows = list(found.filter(index__gt=asked.after).order_by("index")[: ROWS + 1])
        further = len(rows) > ROWS
        rows = rows[:ROWS][::-1]
        newer, older = further, True
    else:
        limit = {} if asked.before is None else {"index__lt": asked.before}
        rows = list(found.filter(**limit).order_by("-index")[: ROWS + 1])
        newer, older = asked.before is not None, len(rows) > ROWS
        rows = rows[:ROWS]
    lines = _lines(rows)
    return Page(
        lines=lines,
        newer=lines[0].index if lines and newer else None,
        older=lines[-1].index if lines and older else None,
    )


def every(asked: Asked, *, viewer: Actor) -> Iterator[JsonObject]:
    """All the entries of the filter with their bodies, newest first, read page by page."""
    access.why_log(viewer=viewer)
    found = _found(replace(asked, before=None, after=None), "body", "leaf_hash", "statement").order_by("-index")
    rows = list(found[:PAGE_ROWS_MAX])
    while rows:
        for row in rows:
            record, trouble = _read(bytes(row.body))
            yield {
                "index": row.index,
                "at": stamp(row.at),
                "kind": row.kind,
                "official": row.official,
                "letter": row.letter,
                "statement": row.statement,
                "leaf": bytes(row.leaf_hash).hex(),
                "entry": record if trouble is None else None,
            }
        rows = list(found.filter(index__lt=rows[-1].index)[:PAGE_ROWS_MAX])


def kinds(*, viewer: Actor) -> list[str]:
    """The kinds of entries that this log holds."""
    access.why_log(viewer=viewer)
    return list(EntryRow.objects.order_by("kind").values_list("kind", flat=True).distinct())


def officials(*, viewer: Actor) -> list[str]:
    """Who has written entries: officials and machines of this node."""
    access.why_log(viewer=viewer)
    return list(EntryRow.objects.order_by("official").values_list("official", flat=True).distinct())


def entry(index: int, *, viewer: Actor) -> Shown:
    """One entry, checked from its exact bytes up to the newest checkpoint; raises `NoSuchThing`."""
    access.why_log(viewer=viewer)
    newest = CheckpointRow.objects.order_by("-size").first()
    size = newest.size if newest else 0
    row = EntryRow.objects.filter(index=index).first() if index < size else None
    if row is None or newest is None:
        raise access.NoSuchThing(what="log entry", reference=str(index)[:20])
    body = bytes(row.body)
    record, broken = _read(body)
    leaf = tree.leaf_hash(body)
    rungs: list[Rung] = []
    signed = bytes(newest.note)
    head, unsigned = _head(signed)
    trouble = unsigned
    try:
        path = proof.inclusion_proof(index=index, size=size, hash_at=log.hash_at(size))
        rungs = proof.climb(leaf, index=index, size=size, proof=path)
        if head is not None:
            proof.verify_inclusion(leaf, index=index, size=head.size, proof=path, root=head.root)
    except ComityError as differs:
        trouble = differs
    short = LetterRow.objects.filter(digest=row.letter).values_list("short", flat=True).first() if row.letter else None
    return Shown(
        index=index,
        body=body,
        record=record,
        leaf=leaf,
        rungs=tuple(rungs),
        signed=signed,
        head=head,
        signed_at=newest.at,
        vkey=log.signer_of(signed, node=current()).vkey,
        letter=row.letter if short else "",
        short=short or "",
        trouble=trouble or broken,
    )


def _head(signed: bytes) -> tuple[Checkpoint | None, ComityError | None]:
    node = current()
    try:
        return log.open_own(signed, node=node), None
    except ComityError as broken:
        return None, broken


def _read(body: bytes) -> tuple[JsonObject | None, ComityError | None]:
    """What a body says; one that was changed may say nothing any more."""
    try:
        return Entry.from_bytes(body).as_body(), None
    except (LogEntryBroken, NotCanonical, NotAMoment, TooLarge) as broken:
        return None, broken


def _found(asked: Asked, *columns: str) -> QuerySet[EntryRow]:
    """The sequenced entries of the filter, in no order."""
    found = EntryRow.objects.filter(index__isnull=False)
    given = {"kind": asked.kind, "official": asked.official, "letter": asked.letter}
    found = found.filter(**{name: value for name, value in given.items() if value})
    if asked.day is not None:
        first, last = _of_day(asked.day)
        found = found.filter(index__gte=first, index__lte=last, **_within(asked.day))
    return found.only(*_COLUMNS, *columns)


def _within(day: date) -> dict[str, datetime]:
    """A day of the node's place, as moments in UTC."""
    zone = current().zone
    begins = datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
    return {"at__gte": begins, "at__lt": ends}


def _of_day(day: date) -> tuple[int, int]:
    """The lowest and the highest index of a day; an empty range for a day without entries."""
    ends = EntryRow.objects.filter(index__isnull=False, **_within(day)).aggregate(low=Min("index"), high=Max("index"))
    return (0, -1) if ends["low"] is None else (ends["low"], ends["high"])


def _lines(rows: list[EntryRow]) -> tuple[Line, ...]:
    letters = {row.letter for row in rows if row.letter}
    shorts = dict(LetterRow.objects.filter(digest__in=letters).values_list("digest", "short")) if letters else {}
    return tuple(
        Line(
            index=row.index,
            kind=row.kind,
            official=row.official,
            letter=row.letter if row.letter in shorts else "",
            short=shorts.get(row.letter, ""),
            at=row.at,
        )
        for row in rows
        if row.index is not None
    )
