"""`comity node check`: the node looked over from its raw rows; what differs from what was signed is named."""

import sys
from pathlib import Path

import click

from comity.cli.printing import answer, table
from comity.cli.shell import at_node
from comity.registry.act import Node
from comity.registry.checking import differences


@click.command()
@at_node
def check(*, folder: Path, as_json: bool) -> None:
    """Compare every table with what was signed: columns, chains, hashes, log; exit 1 and name each row that differs."""
    opened = Node.open(folder)
    try:
        with opened.active():
            found = [one.as_record() for one in differences()]
    finally:
        opened.close()
    text = "every text, chain and hash of the node is as it was signed"
    if found:
        text = table(found, columns=("table", "row", "what", "found", "recorded"), empty="")
    answer({"node": opened.id, "differences": found}, as_json=as_json, text=text)
    if found:
        sys.exit(1)
