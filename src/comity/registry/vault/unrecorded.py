"""Sealed items that no row names yet: a note lies beside them from before they are sealed until the act is done.

    vault/unrecorded/<item>       empty; locked by whoever seals, and as old as the end of that

A process that is killed between the seal and the act leaves a whole ciphertext whose key nobody kept. It is found by its note,
and never by looking for what the tables do not name: a node that is told of the wrong tables must not lose its evidence.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from comity.registry.vault.local import settle_names
from comity.registry.vault.store import clear


@contextmanager
def unrecorded(folder: Path, item: str) -> Iterator[None]:
    """Leave a note, durably, while an item is sealed and until `recorded`; what fails within leaves neither note nor item."""
    path = _note(folder, item)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        settle_names(path.parent)
        try:
            yield
        except BaseException:
            throw_away(folder, item)
            raise
        os.utime(path)


def recorded(folder: Path, item: str) -> None:
    """The act is done: the item is one like others."""
    _note(folder, item).unlink(missing_ok=True)


def throw_away(folder: Path, item: str) -> None:
    """Throw away a sealed item that nobody recorded, and its note last."""
    clear(folder, item)
    recorded(folder, item)


def left(folder: Path, *, before: datetime) -> Iterator[str]:
    """Items whose note is as old as that, by the machine's clock, while nobody seals them."""
    for path in _note(folder, "0").parent.glob("*"):
        try:
            with path.open("rb") as note:
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if datetime.fromtimestamp(os.fstat(note.fileno()).st_mtime, tz=UTC) < before:
                    yield path.name
        except (BlockingIOError, FileNotFoundError):
            continue  # somebody is sealing it, or it was just recorded


def _note(folder: Path, item: str) -> Path:
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return folder / "unrecorded" / item
