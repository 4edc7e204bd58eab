"""Who is competent for a measure in a state or a part of it, at a moment: one pure function over entries and declarations.

* An entry that its state signed, that runs and was confirmed within a year, decides. Nothing else does.
* A stale entry is marked and stays in the answer; so is what was withdrawn, what is not verified, and what covers a part only.
* What a state declared under a treaty is seeded from the law's data. The state did not confirm it here: somebody has to.
* Of what is equally good, the authority whose territory is the one that was asked for comes first, then the lower level:
  what it cannot settle goes to the next higher.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.authorities.competence import TERRITORY, Competence, Level
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError

CONFIRMED_WITHIN: Final = timedelta(days=365)
"""An entry that nobody confirmed for this long is stale."""


class Reliance(StrEnum):
    """How far a source carries: the answer rests on it, somebody has to confirm it first, or it is only shown."""

    DECIDES = "decides"
    TO_CONFIRM = "to_confirm"
    SHOWN = "shown"


class Mark(StrEnum):
    """What a reader must know of a source before relying on it."""

    SEEDED = "seeded"
    UNVERIFIED = "unverified"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    WITHDRAWN = "withdrawn"
    PART = "part"
    OVERLAPS = "overlaps"
    CLOSED = "closed"
    NOT_BOUND = "not_bound"
    ARTICLE_NOT_STATED = "article_not_stated"
    OTHER_ARTICLE = "other_article"


_ONLY_SHOWN: Final = frozenset(
    {
        *(Mark.UNVERIFIED, Mark.WITHDRAWN, Mark.NOT_YET),
        *(Mark.NOT_BOUND, Mark.ARTICLE_NOT_STATED, Mark.OTHER_ARTICLE),
    }
)
_FIRST_CONFIRMED: Final = frozenset({Mark.SEEDED, Mark.UNCONFIRMED, Mark.EXPIRED, Mark.PART})


class TerritoryUnknown(ComityError):
    """A place is written as no state and no part of one, or lies in another state."""

    code = "authorities.territory_unknown"
    sentence = N_("{found} is not {state} and no part of it")
    hint = N_("Write a state as in NL, a part of one as in DE-BY (ISO 3166-2).")


@dataclass(frozen=True)
class Held:
    """An entry as a node holds it; `verified`: every signature on it was checked just now."""

    entry: Competence
    digest: str
    verified: bool


@dataclass(frozen=True)
class Declared:
    """An authority that a state named under an instrument, from the law's data.

    `verification`, `source` and `as_of` say how the row is known; `marks` what keeps it from being relied on.
    """

    state: str
    authority: str
    instrument: str
    article: str
    date: str
    status: str
    verification: str
    source: str
    as_of: str
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True)
class Found:
    """One authority in the answer, with the one source that names it."""

    authority: str
    law: str
    article: str
    reliance: Reliance
    marks: tuple[Mark, ...]
    confirmed: str
    held: Held | None
    declared: Declared | None
    escalates_to: str = ""

    @property
    def level(self) -> Level | None:
        """Where it stands in its state; declarations do not say."""
        return self.held.entry.level if self.held else None

    def as_json(self) -> JsonObject:
        """For machines and letters: authority, basis, reliance, marks, last confirmation and the source."""
        record: JsonObject = {
            "authority": self.authority,
            "reliance": self.reliance.value,
            "marks": [one.value for one in self.marks],
            "law": self.law,
            "article": self.article,
            "confirmed": self.confirmed,
            "escalates_to": self.escalates_to,
        }
        if self.held:
            return record | {"source": "entry", "digest": self.held.digest, "entry": self.held.entry.as_body()}
        assert self.declared is not None, "a source is an entry or a declaration"
        told = {name: getattr(self.declared, name) for name in ("date", "status", "verification", "source", "as_of")}
        return record | {"source": "declaration", "declaration": told}


@dataclass(frozen=True)
class Answer:
    """Who is competent for `measure` in `territory` at `at`: `reliance` is that of the best source; None knows nobody."""

    measure: str
    state: str
    territory: str
    at: datetime
    found: tuple[Found, ...]

    @property
    def reliance(self) -> Reliance | None:
        """How far the whole answer carries."""
        return self.found[0].reliance if self.found else None

    @property
    def first(self) -> Found | None:
        """Whom to turn to; None if nobody is known, or only by sources that carry nothing."""
        return self.found[0] if self.found and self.found[0].reliance is not Reliance.SHOWN else None

    def as_json(self) -> JsonObject:
        """The whole answer."""
        return {
            "measure": self.measure,
            "state": self.state,
            "territory": self.territory,
            "at": stamp(self.at),
            "reliance": self.reliance.value if self.reliance else "unknown",
            "found": [one.as_json() for one in self.found],
        }


def competent(
    measure: str,
    *,
    state: str,
    territory: str,
    held: Sequence[Held],
    declared: Sequence[Declared],
    at: datetime,
) -> Answer:
    """Every source that names somebody for the measure there, the best first; raises `TerritoryUnknown`.

    `held` are the newest versions of all entries, `declared` what the state declared that concerns the measure.
    """
    place = TERRITORY.fullmatch(territory)
    if place is None or place["state"] != state:
        raise TerritoryUnknown(found=territory[:20], state=state[:20])
    entries = [
        _of_entry(one, territory=territory, at=at)
        for one in held
        if one.entry.state == state and measure in one.entry.measures and _covers(one.entry, territory)
    ]
    found = _overlapping(entries) + [_of_declaration(one) for one in declared if one.state == state]
    ordered = sorted(found, key=lambda one: _order(one, territory))
    return Answer(
        measure=measure,
        state=state,
        territory=territory,
        at=at,
        found=tuple(replace(one, escalates_to=_higher(one, ordered)) for one in ordered),
    )


def marks_of(held: Held, *, at: datetime) -> tuple[Mark, ...]:
    """What has to be said of an entry at that moment, whatever is asked for."""
    entry = held.entry
    said = {
        Mark.UNVERIFIED: not held.verified,
        Mark.WITHDRAWN: bool(entry.withdrawn),
        Mark.NOT_YET: at < entry.from_,
        Mark.EXPIRED: at >= entry.until,
        Mark.UNCONFIRMED: at >= entry.confirmed_at + CONFIRMED_WITHIN,
        Mark.CLOSED: not entry.hours.open(at=at),
    }
    return tuple(mark for mark, true in said.items() if true)


def reliance_of(marks: Collection[Mark]) -> Reliance:
    """How far a source with these marks carries."""
    if _ONLY_SHOWN & set(marks):
        return Reliance.SHOWN
    return Reliance.TO_CONFIRM if _FIRST_CONFIRMED & set(marks) else Reliance.DECIDES


def _covers(entry: Competence, territory: str) -> bool:
    """Whether it covers the place, or a part of the state that was asked for as a whole."""
    return territory == entry.state or bool({territory, entry.state} & set(entry.territory))


def _of_entry(held: Held, *, territory: str, at: datetime) -> Found:
    entry = held.entry
    whole = {territory, entry.state} & set(entry.territory)
    marks = (*marks_of(held, at=at), *(() if whole else (Mark.PART,)))
    return Found(
        authority=entry.authority,
        law=entry.law,
        article=entry.article,
        reliance=reliance_of(marks),
        marks=marks,
        confirmed=stamp(entry.confirmed_at),
        held=held,
        declared=None,
    )


def _of_declaration(one: Declared) -> Found:
    marks = (Mark.SEEDED, *sorted(one.marks))
    return Found(
        authority=one.authority,
        law=one.instrument,
        article=one.article,
        reliance=reliance_of(marks),
        marks=marks,
        confirmed="",
        held=None,
        declared=one,
    )


def _overlapping(entries: list[Found]) -> list[Found]:
    """Where two authorities of one level both decide, neither is dropped: they are said to overlap."""
    claims = {(one.level, one.authority) for one in entries if one.reliance is Reliance.DECIDES}
    levels = Counter(level for level, _ in claims)
    return [
        replace(one, marks=(*one.marks, Mark.OVERLAPS))
        if one.reliance is Reliance.DECIDES and levels[one.level] > 1
        else one
        for one in entries
    ]


def _order(one: Found, territory: str) -> tuple[object, ...]:
    elsewhere = one.held is None or territory not in one.held.entry.territory
    rank = one.held.entry.level.rank if one.held else len(Level)
    newest = -one.held.entry.confirmed_at.timestamp() if one.held else 0.0
    return (list(Reliance).index(one.reliance), one.held is None, elsewhere, rank, newest, one.authority, one.article)


def _higher(one: Found, among: Sequence[Found]) -> str:
    """The authority of the next higher level that covers the whole place; empty if none can be turned to."""
    if one.level is None:
        return ""
    higher = [
        (other.level.rank, place, other.authority)
        for place, other in enumerate(among)
        if other.level and other.level.rank > one.level.rank
        if other.reliance is not Reliance.SHOWN and Mark.PART not in other.marks
    ]
    return min(higher)[2] if higher else ""
