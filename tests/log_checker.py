"""What must hold of a log from one step to the next, read from the raw rows with as little of the house as possible.

A `LogChecker` remembers what it saw of a node's log. Whatever comes after has to begin with it: signed notes stay as they
were signed, leaves keep their places, moments only go forward, and what was witnessed only grows.
"""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checker import check_log, checkpoint, mth, snapshot
from comity.registry.act import Node

Row = dict[str, Any]


class LogChecker:
    """Follows the log of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._notes: dict[int, bytes] = {}
        self._leaves: list[bytes] = []
        self._witnessed: dict[str, tuple[int, bytes]] = {}
        self.steps = 0

    def check(self) -> None:
        """Hold the log as it lies there now against itself and against what was seen before."""
        held = snapshot(self._node)
        check_log(self._node, held)
        witnessed, cosigned = held["witnessedrow"], held["cosignaturerow"]
        placed = sorted((row for row in held["entryrow"] if row["index"] is not None), key=lambda row: row["index"])
        leaves = [hashlib.sha256(b"\x00" + row["body"]).digest() for row in placed]
        assert leaves[: len(self._leaves)] == self._leaves, "an entry lost or changed its place"
        signed = sorted(held["checkpointrow"], key=lambda row: row["size"])
        notes = {row["size"]: row["note"] for row in signed}
        assert self._notes.items() <= notes.items(), "a signed checkpoint is gone or another one"
        moments = [row["at"] for row in signed]
        assert moments == sorted(moments), "a larger tree was signed at an earlier moment"
        for size, note in notes.items():
            assert checkpoint(self._node, note) == (size, mth(leaves[:size]))
        for row in cosigned:
            cosignature_covers(row["line"], notes[row["size"]])
        self._hold_witnessed(witnessed)
        self._notes, self._leaves = notes, leaves
        self.steps += 1

    def _hold_witnessed(self, witnessed: list[Row]) -> None:
        now = {row["origin"]: (row["size"], row["root"]) for row in witnessed}
        for origin, (size, root) in self._witnessed.items():
            assert now[origin][0] >= size, "what was witnessed shrank"
            assert now[origin][0] > size or now[origin][1] == root, "two trees of one size were witnessed"
        for row in witnessed:
            origin, size, root = row["note"].decode().split("\n")[:3]
            assert (origin, int(size), base64.b64decode(root)) == (row["origin"], row["size"], row["root"])
        self._witnessed = now


def cosignature_covers(line: bytes, note: bytes, *, public: bytes = b"") -> None:
    """Hold that a witness's line has the shape of C2SP tlog-cosignature, and, with its key, that it signs this note."""
    mark, _, value = line.decode().rstrip("\n").split(" ")
    raw = base64.b64decode(value)
    assert (mark, len(raw)) == ("—", 76)
    if public:
        text = note.split(b"\n\n")[0] + b"\n"
        said = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[4:12], "big")
        Ed25519PublicKey.from_public_bytes(public).verify(raw[12:], said + text)
