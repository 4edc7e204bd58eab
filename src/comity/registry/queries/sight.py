"""Why can this person see this: everybody in office who sees a letter, a case or an item, and on which grounds.

It is asked by the overseer and by the members of the case, and answered by the grounds of `access` themselves, so that
it cannot say anything else than what holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.canon import JsonObject, stamp
from comity.registry import access
from comity.registry.models import CaseMember, CaseRow, ItemRow, LetterRow
from comity.registry.queries.openings import Opening, openings_of_case, openings_of_letter
from comity.registry.queries.people import directory, sitting


class Thing(StrEnum):
    """What need-to-know is asked of."""

    LETTER = "letter"
    CASE = "case"
    ITEM = "item"


@dataclass(frozen=True)
class Sees:
    """One person who sees it, in which office, and on which grounds; `only_reads`: an emergency is the only one."""

    official: str
    name: str
    office: str
    role: str
    reasons: tuple[str, ...]
    only_reads: bool


@dataclass(frozen=True)
class Sight:
    """A thing and everybody who sees it, with the emergencies in which it was opened."""

    thing: Thing
    name: str
    short: str
    confidential: bool
    tlp: str
    seen_by: tuple[Sees, ...]
    openings: tuple[Opening, ...]

    def as_record(self) -> JsonObject:
        """The answer for machines."""
        return {
            "thing": self.thing.value,
            "name": self.name,
            "confidential": self.confidential,
            "tlp": self.tlp,
            "seen_by": [vars(one) | {"reasons": list(one.reasons)} for one in self.seen_by],
            "openings": [
                {
                    "official": one.official,
                    "reason": one.reason,
                    "opened_at": stamp(one.opened_at),
                    "until": stamp(one.until),
                }
                for one in self.openings
            ],
        }


_TABLES: dict[Thing, tuple[type[CaseRow | LetterRow | ItemRow], str, Callable[[Actor], list[access.Ground]]]] = {
    Thing.LETTER: (LetterRow, "digest", access.of_letters),
    Thing.CASE: (CaseRow, "reference", access.of_cases),
    Thing.ITEM: (ItemRow, "reference", access.of_items),
}


def who_sees(thing: Thing, name: str, *, viewer: Actor, at: datetime) -> Sight:
    """Everybody of this node who sees it now, and why; for its overseer and the members of its case.

    Raises `NoSuchThing` for everybody else, as for what does not exist.
    """
    row = _asked(thing, name, viewer=viewer)
    grounds_of = _TABLES[thing][2]
    seen_by = []
    for entry in _in_office(viewer, at=at):
        reached = access.reaching(row, grounds_of(entry.actor))
        if reached:
            seen_by.append(_sees(entry, reached))
    letter = row if isinstance(row, LetterRow) else row.letter if isinstance(row, ItemRow) else None
    openings = {Thing.LETTER: openings_of_letter, Thing.CASE: openings_of_case}.get(thing)
    return Sight(
        thing=thing,
        name=name,
        short=letter.short if letter is not None and thing is Thing.LETTER else name[:8],
        confidential=letter is not None and letter.confidential,
        tlp=letter.tlp if letter is not None else "",
        seen_by=tuple(sorted(seen_by, key=lambda one: (one.role, one.official))),
        openings=tuple(openings(name, viewer=viewer)) if openings else (),
    )


def _asked(thing: Thing, name: str, *, viewer: Actor) -> CaseRow | LetterRow | ItemRow:
    """The row, for who may ask: the condition is part of the one read."""
    table, column, _grounds = _TABLES[thing]
    found = table._default_manager.filter(**{column: name})  # noqa: SLF001 - Django's public name for it
    if not access.of_the_authority(viewer):
        found = found.none()
    elif Power.OVERSEE not in viewer.powers:
        mine = CaseMember.objects.filter(official=viewer.official).values("case")
        place = {Thing.LETTER: "case__in", Thing.CASE: "pk__in", Thing.ITEM: "letter__case__in"}[thing]
        found = found.filter(**{place: mine})
    row = found.first()
    if row is None:
        raise access.NoSuchThing(what=thing.value, reference=name[:8])
    return row


def _in_office(viewer: Actor, *, at: datetime) -> list[Entry]:
    """Who could open a page now: whose mandate runs."""
    found = []
    for entry in directory(viewer=viewer):
        try:
            found.append(sitting(entry.official, entry.mandate, viewer=viewer, at=at))
        except MandateNotInForce:
            continue
    return found


def _sees(entry: Entry, reached: list[access.Ground]) -> Sees:
    return Sees(
        official=entry.official,
        name=entry.name,
        office=entry.office,
        role=entry.role.value,
        reasons=tuple(one.reason for one in reached),
        only_reads=all(one.reads for one in reached),
    )
