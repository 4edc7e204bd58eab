"""How every command prints: one JSON document for machines, or text for people."""

import json
from collections.abc import Iterator
from typing import Any

import click

from comity.canon import JsonObject

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def answer(record: JsonObject | list[JsonObject], *, as_json: bool, text: str) -> None:
    """Print the record for machines or the text for people."""
    click.echo(json.dumps(record, indent=2, ensure_ascii=False) if as_json else text)


def table(rows: list[JsonObject], *, columns: tuple[str, ...], empty: str) -> str:
    """Rows as an aligned table with a head, or a sentence when there are none."""
    if not rows:
        return empty
    cells = [[name.replace("_", " ") for name in columns]]
    cells += [[str(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def told(record: JsonObject) -> str:
    """A record as lines `name: value`, nested ones indented."""
    return "\n".join(_lines(record, indent=0))


def _lines(value: Any, *, indent: int) -> Iterator[str]:
    pad = "  " * indent
    for name, inner in value.items():
        label = str(name).replace("_", " ")
        if isinstance(inner, dict) and inner:
            yield f"{pad}{label}:"
            yield from _lines(inner, indent=indent + 1)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield f"{pad}{label}:"
            for one in inner:
                yield from _lines(one, indent=indent + 1)
                yield ""
        else:
            said = ", ".join(map(str, inner)) if isinstance(inner, list) else inner
            yield f"{pad}{label}: {said}"
