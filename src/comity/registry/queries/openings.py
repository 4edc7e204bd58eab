"""What was opened in an emergency: shown on the thing itself, and on the overseer's desk until it was acknowledged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from comity.authorities.roles import Actor
from comity.registry import access
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import CaseRow, LetterRow, OpeningRow

NAME_CHARACTERS_MAX: Final = 64


@dataclass(frozen=True)
class Opening:
    """One emergency. `kind` and `name` say what was opened; `short` names it for people."""

    reference: str
    kind: str
    name: str
    short: str
    official: str
    office: str
    reason: str
    opened_at: datetime
    until: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str

    @classmethod
    def of(cls, row: OpeningRow) -> "Opening":
        """The opening of a row."""
        about = row.letter or row.case
        assert about is not None, "a constraint of the table"
        letter = isinstance(about, LetterRow)
        return cls(
            reference=row.reference,
            kind="letter" if letter else "case",
            name=about.digest if isinstance(about, LetterRow) else about.reference,
            short=about.short if isinstance(about, LetterRow) else about.reference[:8],
            official=row.official,
            office=row.office,
            reason=row.reason,
            opened_at=row.opened_at,
            until=row.until,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
        )


def openings_of_letter(digest: str, *, viewer: Actor) -> list[Opening]:
    """Who opened a letter in an emergency, the newest first; nothing for who does not see the letter."""
    seen = access.visible_letters(viewer=viewer).filter(digest=digest).values("pk")
    return _read(Q(letter__in=seen))


def openings_of_case(reference: str, *, viewer: Actor) -> list[Opening]:
    """Who opened a case in an emergency, the newest first; nothing for who does not see the case."""
    return _read(Q(case__in=access.visible_cases(viewer=viewer).filter(reference=reference).values("pk")))


def alarms(*, viewer: Actor) -> list[Opening]:
    """Emergencies that no overseer has acknowledged yet; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    return _read(Q(acknowledged_at=None))


def named(kind: str, typed: str, *, viewer: Actor) -> str:
    """The full name of a letter or case that somebody means to open; raises `NoSuchThing`.

    It is asked only on the way to opening: by its whole name, or a letter by the short form that is read aloud.
    """
    name = typed.strip()[:NAME_CHARACTERS_MAX]
    if access.of_this_node(viewer):
        if kind == "letter":
            row = LetterRow.objects.filter(Q(short=name.upper()) | Q(digest=name.lower())).first()
            if row is not None:
                return row.digest
        elif CaseRow.objects.filter(reference=name.lower()).exists():
            return name.lower()
    raise access.NoSuchThing(what=kind, reference=name[:8])


def _read(which: Q) -> list[Opening]:
    found = OpeningRow.objects.filter(which).select_related("letter", "case").defer("letter__statement")
    return [Opening.of(row) for row in found.order_by("-id")[:PAGE_ROWS_MAX]]
