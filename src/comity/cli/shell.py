"""What every command shares: which node, who sits at the terminal, and how an answer is printed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import django

from comity.canon import JsonObject

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from comity.authorities.directory import Entry  # noqa: E402
from comity.registry.act import Node  # noqa: E402 - tables can be imported only after setup
from comity.registry.authenticator import seated  # noqa: E402


@dataclass(frozen=True)
class Seat:
    """A node, and the official who sits at it."""

    node: Node
    entry: Entry


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
node_option = click.option(
    "--node",
    "folder",
    envvar="COMITY_NODE",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The node's folder (or COMITY_NODE).",
)
official_option = click.option(
    "--as", "official", required=True, help="Which official acts (demo and drill nodes: software authenticator)."
)


def at_node(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that works on one node without an official."""
    return node_option(json_option(command))


def at_desk(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that an official gives."""
    return node_option(official_option(json_option(command)))


@contextmanager
def seat(folder: Path, official: str) -> Iterator[Seat]:
    """The node of `folder`, active, with `official` at it; raises `NotANode` or `NoSoftwareAuthenticator`."""
    node = Node.open(folder)
    with node.active():
        yield Seat(node=node, entry=seated(node, official, at=node.clock.now()))


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
