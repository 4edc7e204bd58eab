"""Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a log, as a signed note.

    comity.example/log/nl
    3
    <base64 of the root>

* Extension lines are refused: a monitor cannot audit them (tlog-checkpoint, "Note text", 4).
* A size has one spelling. An empty log has the root of the empty tree and no other.
"""

import re
from dataclasses import dataclass
from typing import Final

from comity.canon import NotCanonical
from comity.errors import N_, ComityError
from comity.ledger.note import VerifierKey, b64, open_note, text_of, unb64
from comity.ledger.tree import EMPTY_ROOT, HASH_BYTES, SIZE_MAX

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")


class CheckpointBroken(ComityError):
    """A note is no checkpoint of the log that the reader follows."""

    code = "ledger.checkpoint_broken"
    sentence = N_("this is not a checkpoint of the log: {why}")
    hint = N_("Fetch it again from the log; if it stays, keep it and tell the overseer.")


@dataclass(frozen=True)
class Checkpoint:
    """The tree head of the log `origin` at `size` entries; raises `CheckpointBroken` for what cannot be one."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Hold what can be written and read back."""
        if not self.origin or "\n" in self.origin:
            raise CheckpointBroken(why="its origin is not one line")
        if not 0 <= self.size <= SIZE_MAX:
            raise CheckpointBroken(why=f"size {self.size} is no number from 0 to {SIZE_MAX}")
        if len(self.root) != HASH_BYTES:
            raise CheckpointBroken(why=f"its root has {len(self.root)} bytes, expected {HASH_BYTES}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointBroken(why="an empty log has the root of the empty tree")

    def to_text(self) -> bytes:
        """The text that the log signs."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n".encode()

    @classmethod
    def from_text(cls, text: bytes) -> "Checkpoint":
        """Read `to_text` back; raises `CheckpointBroken`. The signature is the note's, see `open_checkpoint`."""
        try:
            lines = text.decode("utf-8").split("\n")
        except UnicodeDecodeError as broken:
            raise CheckpointBroken(why="it is not UTF-8") from broken
        match lines:
            case [origin, size, root, ""]:
                pass
            case _:
                raise CheckpointBroken(why=f"expected 3 lines (origin, size, root), found {len(lines) - 1}")
        if not _SIZE.fullmatch(size):
            raise CheckpointBroken(why=f"{size[:20]!r} is no size")
        try:
            return cls(origin=origin, size=int(size), root=unb64(root))
        except NotCanonical as broken:
            raise CheckpointBroken(why=f"its root is {broken}") from broken


def open_checkpoint(data: bytes, *, key: VerifierKey, origin: str) -> Checkpoint:
    """The tree head that `key` signed for the log `origin`; raises `NoteBroken` or `CheckpointBroken`."""
    head = Checkpoint.from_text(open_note(data, key=key))
    if head.origin != origin:
        raise CheckpointBroken(why=f"it is of {head.origin[:80]}, expected {origin}")
    return head


def claimed(data: bytes) -> Checkpoint:
    """What a checkpoint says before anybody checked its signature; raises `NoteBroken` or `CheckpointBroken`."""
    return Checkpoint.from_text(text_of(data))
