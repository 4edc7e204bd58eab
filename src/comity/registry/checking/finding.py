"""What differs, and where."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from comity.canon import JsonObject


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was signed: in which table and row, what it is, and how it is found and was recorded."""

    table: str
    row: str
    what: str
    found: str
    recorded: str

    def as_record(self) -> JsonObject:
        return dict(vars(self))


def differs(row: Model, what: str, *, found: Any, recorded: Any) -> Difference:
    """A difference in a row, found by its key."""
    return Difference(
        table=row._meta.db_table,  # noqa: SLF001 - Django's public name for it
        row=str(row.pk),
        what=what,
        found=_short(found),
        recorded=_short(recorded),
    )


def _short(value: Any) -> str:
    text = bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


_LONG = 200
