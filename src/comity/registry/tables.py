"""Every row of a node as JSON lines, and back again: one form for both databases, so that a backup of one opens in the other."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

from comity.errors import N_, ComityError

PIECE_BYTES: Final = 1024 * 1024
ROWS_AT_ONCE: Final = 500


class TablesDiffer(ComityError):
    """Rows do not fit the tables of this release."""

    code = "tables.differ"
    sentence = N_("table {table} cannot be filled: {why}")
    hint = N_("Restore with the release that made the backup, then bring the tables to the present form.")


class TablesInUse(ComityError):
    """Rows are brought back into empty tables only."""

    code = "tables.in_use"
    sentence = N_("the database holds {count} rows in {table} already")
    hint = N_("Name an empty database. Nothing was changed.")


def named() -> dict[str, type[models.Model]]:
    """Every table of the registry by its name."""
    return {one._meta.db_table: one for one in apps.get_app_config("registry").get_models()}  # noqa: SLF001 - Django's public name


def pieces(table: str) -> Iterator[tuple[int, bytes]]:
    """The rows of a table in order, as pieces of whole lines: how many rows, and their bytes."""
    count, size, lines = 0, 0, []
    for row in named()[table]._default_manager.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):  # noqa: SLF001
        line = _line(row)
        lines.append(line)
        count, size = count + 1, size + len(line)
        if size >= PIECE_BYTES:
            yield count, b"".join(lines)
            count, size, lines = 0, 0, []
    if lines:
        yield count, b"".join(lines)


def _line(row: models.Model) -> bytes:
    told = {field.attname: _told(field, getattr(row, field.attname)) for field in row._meta.concrete_fields}  # noqa: SLF001
    # sorted: PostgreSQL keeps JSON in an order of its own
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _told(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, date) else value


def hold_empty() -> None:
    """Hold that no table has a row; raises `TablesInUse`."""
    for table, model in named().items():
        count = model._default_manager.count()  # noqa: SLF001
        if count:
            raise TablesInUse(count=count, table=table)


def fill(table: str, piece: bytes) -> int:
    """Bring back the rows of one piece; how many they were. Raises `TablesDiffer`. Within one transaction with all others."""
    model = named().get(table)
    if model is None:
        raise TablesDiffer(table=table[:60], why="this release has no such table")
    made = [_row(model, line) for line in piece.splitlines()]
    for start in range(0, len(made), ROWS_AT_ONCE):
        model._default_manager.bulk_create(made[start : start + ROWS_AT_ONCE])  # noqa: SLF001
    return len(made)


def _row(model: type[models.Model], line: bytes) -> models.Model:
    meta = model._meta  # noqa: SLF001
    fields = {field.attname: field for field in meta.concrete_fields}
    try:
        told = json.loads(line)
        if not isinstance(told, dict) or set(told) != set(fields):
            raise TablesDiffer(table=meta.db_table, why=f"its columns are {', '.join(sorted(fields))}"[:300])
        return model(**{name: _value(fields[name], value) for name, value in told.items()})
    except (ValueError, TypeError) as broken:
        raise TablesDiffer(table=meta.db_table, why=str(broken)[:200]) from broken


def _value(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value, validate=True)
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(field, models.DateField) else value


def count_on(filled: Iterable[str]) -> None:
    """Have new rows numbered after those that were brought back."""
    listed = [named()[table] for table in filled]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), listed):
            cursor.execute(sql)
