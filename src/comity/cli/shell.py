"""What every command shares: which node, who sits at the terminal, and how an answer is printed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import django

from comity.cli.printing import json_option

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from comity.authorities.directory import Entry  # noqa: E402
from comity.registry.act import Node  # noqa: E402 - tables can be imported only after setup
from comity.registry.authenticator import seated  # noqa: E402 - as above
from comity.registry.jobs.refusals import REACHING, note_act  # noqa: E402


@dataclass(frozen=True)
class Seat:
    """A node, and the official who sits at it."""

    node: Node
    entry: Entry


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
    """The node of `folder`, active, with `official` at it; raises `NotANode` or `NoSoftwareAuthenticator`.

    An act that reaches beyond the official's power leaves an entry in the log, whatever else it leaves.
    """
    node = Node.open(folder)
    try:
        with node.active():
            entry = seated(node, official, at=node.clock.now())
            try:
                yield Seat(node=node, entry=entry)
            except REACHING as refusal:
                note_act(refusal, official=entry.official, at=node.clock.now())
                raise
    finally:
        node.close()
