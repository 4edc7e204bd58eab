"""Changes in the raw tables, made and taken back, and what `comity node check` finds of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from comity.registry.act import Node
from comity.registry.checking import Difference, differences

Change = Callable[[Any], Any]


def other(text: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(text, bool):
        return not text
    if isinstance(text, int):
        return text + 1
    raw = bytes(text) if isinstance(text, (bytes, memoryview)) else None
    if raw is not None:
        return raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]
    return ("0" if text[:1] != "0" else "1") + text[1:]


def without_signatures(text: Any) -> bytes:
    read = json.loads(bytes(text))
    return json.dumps(read | {"signatures": []}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def first(table: str, column: str) -> tuple[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id, "{column}" FROM registry_{table} ORDER BY id')
        row = cursor.fetchone()
    assert row, f"{table} is empty: nothing is tried"
    return row[0], row[1]


@contextmanager
def taken_back(node: Node) -> Iterator[None]:
    """Whatever is done to the tables inside is undone."""
    with node.active(), transaction.atomic():  # noqa: TID251 - rolled back
        yield
        transaction.set_rollback(True)


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found_after(node: Node, table: str, column: str, change: Change) -> list[Difference]:
    with taken_back(node):
        pk, held = first(table, column)
        run(f'UPDATE registry_{table} SET "{column}" = %s WHERE id = %s', change(held), pk)
        return [one for one in differences() if one.table == f"registry_{table}" and one.row == str(pk)]
