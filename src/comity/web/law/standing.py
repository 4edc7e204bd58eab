"""How an instrument stands on a day: whether it is in force, how far it is encoded, which states it binds, what is due."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.law import Edition
from comity.law.logic import Truth
from comity.law.parties import Standing
from comity.law.rules import Instrument

_SOFT: Final = "non-binding"


@dataclass(frozen=True)
class Party:
    """A state in the party table of an instrument, or a member of the union whose states it binds."""

    iso2: str
    name: str
    kind: str
    since: str
    confidence: str
    standing: Standing


@dataclass(frozen=True)
class Review:
    """A day by which a rule must be looked at again."""

    on: date
    instrument: str


def force(instrument: Instrument, *, on: date) -> str:
    """Whether it is in force on that day: yes, no, open where the edition does not say, or soft where it binds nobody."""
    if instrument.parties.table.get("kind") == _SOFT:
        return "soft"
    said = (instrument.force.in_force, instrument.parties.in_force)
    days, applies = instrument.force.days, instrument.parties.table.get("applies_from", "")
    early = (days.from_ is not None and on < days.from_) or bool(applies and on < date.fromisoformat(applies))
    if False in said or early or (days.until is not None and on > days.until):
        return "no"
    return "yes" if True in said or days.from_ is not None else "open"


def encoding(instrument: Instrument) -> str:
    """How far its rules stand in the edition: fully, partly, text, or not."""
    if not instrument.measures:
        return "not"
    if instrument.fully_encoded:
        return "fully"
    evaluated = any(one.conditions or any(one.predicates()) for one in instrument.measures.values())
    return "partly" if evaluated else "text"


def parties(instrument: Instrument, edition: Edition, *, on: date) -> tuple[Party, ...]:
    """Every state that the party table or the union names, in the order of their names."""
    listed = instrument.parties.rows.keys() | instrument.parties.members
    found = (_party(instrument, edition, iso2, on=on) for iso2 in listed)
    return tuple(sorted(found, key=lambda one: _spelled(one.name)))


def counted(instrument: Instrument, edition: Edition, *, on: date) -> dict[Truth, int]:
    """How many states are bound, open, not bound."""
    found = [one.standing.truth for one in parties(instrument, edition, on=on)]
    return {truth: found.count(truth) for truth in Truth}


def of_state(instrument: Instrument, edition: Edition, iso2: str, *, on: date) -> Standing:
    """How one state stands under it."""
    return instrument.parties.standing(iso2, name=edition.states[iso2], on=on)


def next_review(edition: Edition, *, on: date) -> Review | None:
    """The first day on or after `on` by which a rule must be looked at again; None if no rule names one."""
    return min((one for one in _reviews(edition) if one.on >= on), key=lambda one: one.on, default=None)


def _reviews(edition: Edition) -> Iterator[Review]:
    for instrument in edition.instruments.values():
        spans = [instrument.force.days, *(span.days for one in instrument.measures.values() for span in one.spans)]
        yield from (Review(days.review, instrument.id) for days in spans if days.review)


def _party(instrument: Instrument, edition: Edition, iso2: str, *, on: date) -> Party:
    row = instrument.parties.rows.get(iso2, {})
    name = edition.states.get(iso2, row.get("state", iso2))
    standing = instrument.parties.standing(iso2, name=name, on=on)
    since = instrument.parties.since.isoformat() if instrument.parties.union and instrument.parties.since else ""
    return Party(
        iso2=iso2,
        name=name,
        kind="bound" if instrument.parties.union and standing.truth is Truth.YES else row.get("kind", ""),
        since=since or row.get("entry_into_force_date", ""),
        confidence=standing.verification,
        standing=standing,
    )


def _spelled(name: str) -> str:
    """A name as it is looked up: without accents, and whatever its capitals."""
    letters = (one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))
    return "".join(letters).casefold()
