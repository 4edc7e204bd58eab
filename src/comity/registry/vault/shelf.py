"""What the vault needs of a place for sealed items: two places have it, a folder (`local`) and a bucket (`s3`).

* An item is there whole or not at all, and is never written twice.
* A draft is worthless until it is published, and the place itself decides which of two drafts of an item comes first.
* What a killed process left of a draft is swept; a draft that somebody is writing is not.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from comity.errors import N_, ComityError


class AlreadySealed(ComityError):
    """The vault never writes an item twice."""

    code = "vault.already_sealed"
    sentence = N_("the vault holds item {item} already")


class NotInTheVault(ComityError):
    """There is no such sealed item."""

    code = "vault.not_in_the_vault"
    sentence = N_("the vault holds no item {item}")


class Draft(Protocol):
    """A sealed item that is being written."""

    def write(self, data: bytes | memoryview, /) -> None:
        """Write all of it; the buffer is the caller's again afterwards."""

    def room(self, length: int, /) -> memoryview:
        """Where the next bytes can be put without a copy: those of a segment, which ends where a MiB of the item ends."""

    def wrote(self, length: int, /) -> None:
        """So many bytes were put there."""

    def publish(self) -> None:
        """Make it the item, once everything is durable; raises `AlreadySealed`."""


class Shelf(Protocol):
    """A place for sealed items."""

    def held(self, item: str) -> bool:
        """Whether the item is there."""

    def draft(self, item: str) -> AbstractContextManager[Draft]:
        """A new draft; one that is left by an exception leaves nothing."""

    def adopt(self, item: str, file: Path) -> None:
        """Make a finished file of the vault's `drafts` the item, and take the file away; raises `AlreadySealed`."""

    def size(self, item: str) -> int:
        """Its length; raises `NotInTheVault`."""

    def pieces(self, item: str) -> Iterator[bytes]:
        """All of it, in pieces of at most a segment; raises `NotInTheVault`."""

    def range(self, item: str, *, offset: int, length: int) -> bytes:
        """A range of it, shorter at its end; raises `NotInTheVault`."""

    def discard(self, item: str) -> None:
        """Throw it away, if it is there."""

    def sweep(self) -> int:
        """Throw away drafts that nobody writes any more; how many."""
