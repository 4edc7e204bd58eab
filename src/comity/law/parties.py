"""Who is bound by an instrument on a day, and what they declared.

* Only a dated, official row binds. Signed, invited or absent from a table that is called complete: not a party.
* What the table leaves open (no date, an unread row, a partial table) is open, and the reason says so.
* An act that binds all states of a union (`union`) has no table: the members are bound since the day from which it applies.
  An agreement of the union itself (`through`) binds its members by the union's own row.
* A reservation flag without an article may touch any article that can be reserved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from comity.canon import JsonObject
from comity.law.levels import Weight, row_weight
from comity.law.logic import Truth, truth_of

BINDING: Final = re.compile(r"(R|A|Su|P|bound)(\(.*\))?|S\(definitive\)")
NOT_PARTIES: Final = frozenset({"S", "S?", "I", "not-bound"})
DOUBTFUL: Final = "S?"
"""Signed, and its later status was not checked: not a party in a complete table, open in a partial one."""

RESERVING: Final = frozenset({"reservation", "reservation-flag"})
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH: Final = re.compile(r"\d{4}(-\d\d)?")
_WITHDRAWN: Final = re.compile(r"WITHDRAWN (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, eq=False)
class Standing:
    """Whether a state is bound on a day, why, and how well that is verified."""

    truth: Truth
    text: str
    verification: str


@dataclass(frozen=True)
class Declaration:
    """What a state declared, reserved or designated under an instrument."""

    iso2: str
    articles: tuple[str, ...]
    type: str
    text: str
    date: str
    status: str
    confidence: str

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> "Declaration":
        return cls(
            iso2=row["iso2"],
            articles=tuple(re.split(r", |; ", row.get("article", ""))),
            type=row["type"],
            text=row.get("summary", ""),
            date=row.get("date", ""),
            status=row.get("status", ""),
            confidence=row["confidence"],
        )

    def concerns(self, article: str) -> bool:
        """Whether it names the article or the whole article that a paragraph belongs to."""
        return any(named == article or article.startswith(f"{named}(") for named in self.articles)

    def as_json(self) -> JsonObject:
        return {
            "state": self.iso2,
            "article": ", ".join(self.articles),
            "type": self.type,
            "text": self.text,
            "date": self.date,
            "status": self.status,
            "verification": self.confidence,
        }


@dataclass(frozen=True, eq=False)
class Parties:
    """The party table of an instrument with the declarations made under it.

    `kinds`: its rows by state and kind; `articles`: where the instrument itself says of a state whether it is bound.
    """

    table: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    declarations: Mapping[str, tuple[Declaration, ...]]
    kinds: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    union: str = ""
    members: frozenset[str] = frozenset()
    since: date | None = None
    through: str = ""
    one_side: str = ""
    articles: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_force(self) -> bool | None:
        """What the table says of the instrument; None without a table that says so."""
        said = self.table.get("status_as_of_source", "").lower()
        return True if said.startswith("in force") else False if said.startswith("not ") else None

    @property
    def complete(self) -> bool:
        return self.table.get("completeness", "").startswith(("complete", "parties complete"))

    def between(self, requesting: str, requested: str) -> bool:
        """Whether it can stand between these two: some agreements stand between one state and each of many."""
        return not self.one_side or (requesting == self.one_side) != (requested == self.one_side)

    def standing(self, iso2: str, *, name: str, on: date) -> Standing:
        """Whether the state is bound on that day."""
        if self.union and not self.through:
            return self._member(iso2, name=name, on=on)
        row = self.rows.get(iso2) or self.rows.get(self.through if iso2 in self.members else "")
        if row is None:
            return self._missing(name)
        truth, text = self._read(row, on=on)
        verification = row.get("confidence", "unverified")
        if truth is not Truth.OPEN and row_weight(verification) is not Weight.DECIDES:
            return Standing(Truth.OPEN, f"{name}: {text}; this row needs confirmation", verification)
        return Standing(truth, f"{name}: {text}", verification)

    def _member(self, iso2: str, *, name: str, on: date) -> Standing:
        if iso2 not in self.members:
            return Standing(Truth.NO, f"{name} is no member of {self.union}, whose states it binds", "complete table")
        if self.since is None:
            text = f"{name} is a member of {self.union}, but the day from which the act binds is not known"
            return Standing(Truth.OPEN, text, "no row")
        if on < self.since:
            return Standing(Truth.NO, f"{name}: not yet bound: only from {self.since}", "complete table")
        return Standing(Truth.YES, f"{name}: bound since {self.since} as a member of {self.union}", "complete table")

    def _missing(self, name: str) -> Standing:
        if self.complete:
            text = (
                f"{name} is not bound: it is not in the party table, which is complete ({self.table['completeness']})"
            )
            return Standing(Truth.NO, text, "complete table")
        if not self.table:
            return Standing(Truth.OPEN, f"its parties are not tabulated: ask the depositary about {name}", "no row")
        return Standing(Truth.OPEN, f"{name} is not in the party table, which is partial: ask the depositary", "no row")

    def _read(self, row: Mapping[str, str], *, on: date) -> tuple[Truth, str]:
        kind = row.get("kind", "U")
        if kind == DOUBTFUL and not self.complete:
            return (
                Truth.OPEN,
                f"signed; whether it has since become a party was not checked ({row.get('note', 'no note')})",
            )
        if kind in NOT_PARTIES:
            return Truth.NO, f"not bound ({kind}: {row.get('note', 'no note')})"
        if not BINDING.fullmatch(kind):
            return Truth.OPEN, f"whether it is bound is open ({kind}: {row.get('note', 'no note')})"
        since = row.get("entry_into_force_date", "")
        if not since and kind == "bound":
            since = self.table.get("applies_from", "")
        if _DAY.fullmatch(since):
            bound = date.fromisoformat(since) <= on
            return truth_of(holds=bound), f"bound since {since}" if bound else f"party not yet bound: only from {since}"
        if _MONTH.fullmatch(since) and since != on.isoformat()[: len(since)]:
            bound = since < on.isoformat()
            return truth_of(holds=bound), f"bound since {since}" if bound else f"party not yet bound: only from {since}"
        return Truth.OPEN, f"a party ({kind}), but the day from which it is bound is not known"

    def listed(self, iso2: str, *, kind: str, on: date) -> Truth:
        """Whether the state has a row of that kind, since its day; a row of weak confidence leaves it open."""
        row = self.kinds.get((iso2, kind))
        if row is None:
            return Truth.NO if self.complete else Truth.OPEN
        since = row.get("entry_into_force_date", "")
        if not _DAY.fullmatch(since) or row_weight(row.get("confidence", "")) is not Weight.DECIDES:
            return Truth.OPEN
        return truth_of(holds=date.fromisoformat(since) <= on)

    def reserved(self, iso2: str, *, article: str, on: date) -> Truth:
        """Whether the state has reserved the article on that day."""
        found = Truth.NO
        for declaration in self.declarations.get(iso2, ()):
            if declaration.type not in RESERVING:
                continue
            withdrawn = _WITHDRAWN.match(declaration.status)
            if article in declaration.articles and row_weight(declaration.confidence) is Weight.DECIDES:
                return truth_of(holds=withdrawn is None or on < date.fromisoformat(withdrawn[1]))
            if declaration.concerns(article) or not declaration.articles[0][:1].isdigit():
                found = Truth.OPEN
        return found
