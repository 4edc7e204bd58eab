"""Which letters a list is asked for: filters, order and place, read from an address and written into one.

Everything that names a list stands in its address, so that a list can be kept, sent and gone back to. What an address
says comes from outside: a value that no list takes is refused.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from comity.canon import NotAMoment, NotCanonical, TooLarge, canonical, moment, parse_object, plain, stamp
from comity.errors import N_, ComityError
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry.limits import PAGE_ROWS_MAX

ROWS: Final = 50
"""Rows of a page, unless it is asked for otherwise."""

LAST: Final = "last"
"""The cursor of the last page, which is read backwards."""

_TEXT_CHARACTERS_MAX: Final = 200
_PEER_CHARACTERS_MAX: Final = 40
_CURSOR_BYTES_MAX: Final = 400
_ID_MAX: Final = 2**63 - 1
_SHORT: Final = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
_YES: Final = "yes"


class NotListed(ComityError):
    """A list is asked for in words that it does not know."""

    code = "registry.listing_unknown"
    sentence = N_("a list of letters knows no {what} {value}")
    hint = N_("Choose from the filters of the list.")


class CursorBroken(ComityError):
    """A place in a list is none of this list's."""

    code = "registry.listing_cursor_broken"
    sentence = N_("the address names no place in this list")
    hint = N_("Begin at the first page.")


class Direction(StrEnum):
    """Whose letters: those that came, those that go out, or both."""

    ANY = "any"
    IN = "in"
    OUT = "out"


class Sort(StrEnum):
    """By what a list can be put in order."""

    WRITTEN = "written_at"
    DUE = "due_at"
    SHORT = "short"
    STATE = "state"


ORDERS: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.WRITTEN: ("written_at", "id"),
    Sort.DUE: ("due_at", "id"),
    Sort.SHORT: ("short", "id"),
    Sort.STATE: ("state", "written_at", "id"),
}
"""The columns of each order. Each has its index, and ends with `id`, so that no two rows share a place."""


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the row with this key, or before it (`backward`). Without a key: at the very end."""

    key: tuple[Any, ...] | None
    backward: bool

    def written(self, sort: Sort) -> str:
        """The place as the cursor of an address."""
        if self.key is None:
            return LAST if self.backward else ""
        key = [stamp(value) if isinstance(value, datetime) else value for value in self.key]
        said = canonical({"backward": self.backward, "key": key, "sort": sort.value})
        return base64.urlsafe_b64encode(said).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str, *, sort: Sort) -> "Place":
        """Read `written` back; raises `CursorBroken`."""
        if cursor in {"", LAST}:
            return cls(key=None, backward=cursor == LAST)
        try:
            said = parse_object(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), limit=_CURSOR_BYTES_MAX)
            key = tuple(_KEYS[column](value) for column, value in zip(ORDERS[sort], said["key"], strict=True))
            place = cls(key=key, backward=said["backward"] is True)
        except (binascii.Error, NotCanonical, TooLarge, NotAMoment, ValueError, TypeError, KeyError) as broken:
            raise CursorBroken from broken
        if place.written(sort) != cursor:  # another sort, another spelling, or something besides
            raise CursorBroken
        return place


@dataclass(frozen=True)
class Wanted:
    """A list of letters. Empty filters let everything pass; `mine`: what waits for the viewer."""

    direction: Direction = Direction.ANY
    states: frozenset[State] = frozenset()
    forms: frozenset[Form] = frozenset()
    peer: str = ""
    urgent: bool = False
    overdue: bool = False
    mine: bool = False
    text: str = ""
    sort: Sort = Sort.WRITTEN
    descending: bool = True
    cursor: str = ""
    size: int = ROWS

    @property
    def place(self) -> Place:
        """Where the page begins; raises `CursorBroken`."""
        return Place.read(self.cursor, sort=self.sort)

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return replace(self, sort=Sort.WRITTEN, descending=True, cursor="", size=ROWS) != Wanted()

    @classmethod
    def read(cls, query: Mapping[str, Sequence[str]]) -> "Wanted":
        """Read an address; raises `NotListed`, `CursorBroken` or `TextNotAllowed`. Names of others are left alone."""
        given = {name: [value for value in values if value.strip()] for name, values in query.items()}
        order = _one(given, "sort") or f"-{Sort.WRITTEN.value}"
        wanted = cls(
            direction=_known(Direction, _one(given, "direction") or Direction.ANY.value, what="direction"),
            states=frozenset(_known(State, value, what="state") for value in given.get("state", [])),
            forms=frozenset(_known(Form, value, what="form") for value in given.get("form", [])),
            peer=_text(given, "peer", limit=_PEER_CHARACTERS_MAX),
            urgent=_flag(given, "urgent"),
            overdue=_flag(given, "overdue"),
            mine=_flag(given, "mine"),
            text=_text(given, "text", limit=_TEXT_CHARACTERS_MAX),
            sort=_known(Sort, order.removeprefix("-"), what="order"),
            descending=order.startswith("-"),
            cursor=_one(given, "cursor"),
            size=_size(_one(given, "size") or str(ROWS)),
        )
        Place.read(wanted.cursor, sort=wanted.sort)
        return wanted

    def as_query(self) -> list[tuple[str, str]]:
        """The address of this list, without what is usual; `read` reads it back."""
        order = ("-" if self.descending else "") + self.sort.value
        said = [
            ("direction", "" if self.direction is Direction.ANY else self.direction.value),
            *(("state", state.value) for state in State if state in self.states),
            *(("form", form.value) for form in Form if form in self.forms),
            ("peer", self.peer),
            ("urgent", _YES if self.urgent else ""),
            ("overdue", _YES if self.overdue else ""),
            ("mine", _YES if self.mine else ""),
            ("text", self.text),
            ("sort", "" if order == f"-{Sort.WRITTEN.value}" else order),
            ("size", "" if self.size == ROWS else str(self.size)),
            ("cursor", self.cursor),
        ]
        return [(name, value) for name, value in said if value]


Known = TypeVar("Known", bound=StrEnum)


def _known(kind: type[Known], value: str, *, what: str) -> Known:
    try:
        return kind(value)
    except ValueError:
        raise NotListed(what=what, value=value[:40]) from None


def _one(given: Mapping[str, list[str]], name: str) -> str:
    values = given.get(name, [])
    return values[-1] if values else ""


def _flag(given: Mapping[str, list[str]], name: str) -> bool:
    value = _one(given, name)
    if value not in {"", _YES}:
        raise NotListed(what=name, value=value[:40])
    return value == _YES


def _text(given: Mapping[str, list[str]], name: str, *, limit: int) -> str:
    value = _one(given, name)
    return plain(value, field=name, limit=limit) if value else ""


def _size(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", value) or int(value) > PAGE_ROWS_MAX:
        raise NotListed(what="size", value=value[:40])
    return int(value)


def _short(value: object) -> str:
    if not isinstance(value, str) or not _SHORT.fullmatch(value):
        raise ValueError(value)
    return value


def _id(value: object) -> int:
    if type(value) is not int or not 0 < value <= _ID_MAX:
        raise ValueError(value)
    return value


def _state(value: object) -> str:
    return State(str(value)).value


_KEYS: Final[Mapping[str, Callable[[object], object]]] = {
    "written_at": moment,
    "due_at": moment,
    "short": _short,
    "state": _state,
    "id": _id,
}
"""How each column of a key is read from a cursor."""
