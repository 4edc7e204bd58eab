"""Scope: measure, acts, targets, data, time window and territory, compared as sets. Wider in one is wider."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES: Final = frozenset({"measure", "acts", "selectors", "data", "from", "until", "territory"})


class ScopeBroken(ComityError):
    """A record is no scope."""

    code = "authorisations.scope_broken"
    sentence = N_("this is no scope: {why}")


class ScopeWider(ComityError):
    """A scope reaches beyond the one that it must stay within."""

    code = "authorisations.scope_wider"
    sentence = N_("the scope reaches beyond what it rests on: {why}")
    hint = N_("Narrow it, or ask for an authorisation that covers it.")


@dataclass(frozen=True)
class Scope:
    """What may be done, to what, for which time (both days included) and where (ISO 3166-1 alpha-2)."""

    measure: str
    acts: frozenset[str]
    selectors: frozenset[str]
    data: frozenset[str]
    from_: date
    until: date
    territory: frozenset[str]

    def as_record(self) -> JsonObject:
        """The scope as JSON, every set sorted."""
        return {
            "measure": self.measure,
            "acts": sorted(self.acts),
            "selectors": sorted(self.selectors),
            "data": sorted(self.data),
            "from": self.from_.isoformat(),
            "until": self.until.isoformat(),
            "territory": sorted(self.territory),
        }

    @classmethod
    def from_record(cls, record: object) -> "Scope":
        """Read `as_record` back; raises `ScopeBroken`."""
        if not isinstance(record, dict) or set(record) != _NAMES:
            raise ScopeBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        for name in ("acts", "selectors", "data", "territory"):
            listed = record[name]
            if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
                raise ScopeBroken(why=f"{name} is not a list of texts with at least one")
            if listed != sorted(set(listed)):
                raise ScopeBroken(why=f"{name} is not sorted, or holds something twice")
        if not isinstance(record["measure"], str):
            raise ScopeBroken(why="the measure is not a text")
        first, last = _day(record["from"]), _day(record["until"])
        if last < first:
            raise ScopeBroken(why=f"it ends on {last}, before it begins on {first}")
        return cls(
            measure=record["measure"],
            acts=frozenset(record["acts"]),
            selectors=frozenset(record["selectors"]),
            data=frozenset(record["data"]),
            from_=first,
            until=last,
            territory=frozenset(record["territory"]),
        )


def _day(text: object) -> date:
    """A day as `2026-11-23`; Python reads further ISO 8601 spellings, which would give one scope two digests."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ScopeBroken(why=f"{text!r:.40} is not a day such as 2026-11-23")
    try:
        return date.fromisoformat(text)
    except ValueError as no_such_day:
        raise ScopeBroken(why=f"{text} is not a day: {no_such_day}") from no_such_day


def beyond(inner: Scope, outer: Scope) -> tuple[str, ...]:
    """Every respect in which `inner` reaches beyond `outer`, in words; empty if it stays within."""
    found = []
    if inner.measure != outer.measure:
        found.append(f"measure {inner.measure} where {outer.measure} is allowed")
    for name, mine, allowed in (
        ("acts", inner.acts, outer.acts),
        ("targets", inner.selectors, outer.selectors),
        ("data", inner.data, outer.data),
        ("territory", inner.territory, outer.territory),
    ):
        if mine - allowed:
            found.append(f"{name} {', '.join(sorted(mine - allowed))} beyond {', '.join(sorted(allowed))}")
    if inner.from_ < outer.from_:
        found.append(f"data from {inner.from_} where {outer.from_} is the first day")
    if inner.until > outer.until:
        found.append(f"data until {inner.until} where {outer.until} is the last day")
    return tuple(found)


def within(inner: Scope, outer: Scope) -> None:
    """Hold that `inner` stays within `outer` in every respect; raises `ScopeWider` naming each that does not."""
    found = beyond(inner, outer)
    if found:
        raise ScopeWider(why="; ".join(found))
