"""Commands of the operator: each `comity node ...` that changes a node leaves an entry in its log, under the operator's name.

The entry is written when the command has done its work; of a process that serves, when it begins. It names the account
of the machine (and who became it with sudo), never what was typed: an address of a database can hold a password.
"""

import functools
import os
import pwd
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click

READING: Final = frozenset({"card", "check", "people", "status", "person", "trainings"})
"""Commands that change nothing."""

SERVING: Final = frozenset({"serve", "worker"})
_ABOUT: Final = ("name_of_official", "id_", "card_file", "reference")
_NAME: Final = re.compile(r"[^A-Za-z0-9._@-]")
_NAME_CHARACTERS_MAX: Final = 40


class OperatedGroup(click.Group):
    """A group of which every command that is not listed as reading is noted in the log of the node that it changes."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; one that changes the node is noted from now on."""
        label = name or cmd.name or ""
        if label not in READING and cmd.callback is not None and not is_noted(cmd):
            cmd.callback = _noted(label, cmd.callback)
        super().add_command(cmd, name)


def is_noted(command: click.Command) -> bool:
    """Whether the log hears of this command."""
    return getattr(command.callback, "is_noted", False) is True


def operator() -> str:
    """The account under which this process runs, and who became it."""
    uid, name = os.getuid(), ""
    with suppress(KeyError):
        name = pwd.getpwuid(uid).pw_name
    became = os.environ.get("SUDO_USER", "")
    told = _plain(name or f"uid-{uid}")
    return f"{told} (sudo: {_plain(became)})" if became and became != name else told


def _plain(name: str) -> str:
    return _NAME.sub("-", name)[:_NAME_CHARACTERS_MAX] or "unknown"


def _noted(label: str, callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def doing(*args: Any, **given: Any) -> Any:
        if label in SERVING:
            _note(label, given)
            return callback(*args, **given)
        done = callback(*args, **given)
        _note(label, given)
        return done

    doing.is_noted = True  # type: ignore[attr-defined]  # read by the test that lists the commands
    return doing


def _note(label: str, given: dict[str, Any]) -> None:
    from comity.registry.act import Node
    from comity.registry.actions.operators import note_command

    node = Node.open(given["folder"])
    about = next((given[one] for one in _ABOUT if given.get(one)), "")
    who = operator()
    with node.active():
        note_command(
            f"node {label}",
            operator=who,
            about=(about.name if isinstance(about, Path) else str(about))[:100],
            actor=node.machine(f"operator:{who}"[:60]),
            at=node.clock.now(),
        )
        node.close()
