"""Forks: two checkpoints that one log signed and that cannot both be true. The proof stands on its own.

* Two roots of one size: both notes are the proof.
* A later tree that does not begin with the earlier one: both notes and a path. The path leads to the root of the later
  checkpoint and, on the way, to the root that the earlier tree would have had; the log signed another one. Nobody can
  make such a path for an honest log, for it would be a collision of SHA-256.

A checkpoint that is merely older than one that was seen proves nothing: it may have been fetched late.
"""

import hashlib
from dataclasses import dataclass

from comity.canon import JsonObject, NotCanonical
from comity.errors import N_, ComityError
from comity.ledger.checkpoint import Checkpoint, claimed, open_checkpoint
from comity.ledger.note import VerifierKey, b64, unb64
from comity.ledger.proof import PROOF_HASHES_MAX, consistency_proof, walk
from comity.ledger.tree import HASH_BYTES, HashAt


class NotAFork(ComityError):
    """What was handed in as proof of a fork proves none."""

    code = "ledger.not_a_fork"
    sentence = N_("this does not prove that log {origin} signed two histories: {why}")


@dataclass(frozen=True)
class Fork:
    """Two checkpoints of one log as it signed them, the smaller one first, and the path (empty for one size).

    Nothing of it is believed before `verify_fork`.
    """

    earlier: bytes
    later: bytes
    path: list[bytes]

    @property
    def digest(self) -> str:
        """The name of the proof by its two heads: the same two are found once, whichever path or further signatures are shown.

        Raises `NoteBroken` or `CheckpointBroken`.
        """
        return hashlib.sha256(
            b"\0".join(sorted(claimed(one).to_text() for one in (self.earlier, self.later)))
        ).hexdigest()

    def names(self, head: Checkpoint) -> bool:
        """Whether it is about this head; raises as `digest`."""
        return head in (claimed(self.earlier), claimed(self.later))

    def as_record(self) -> JsonObject:
        """The proof as JSON."""
        return {
            "earlier": self.earlier.decode("utf-8"),
            "later": self.later.decode("utf-8"),
            "path": [b64(one) for one in self.path],
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> "Fork":
        """Read `as_record` back; raises `NotAFork`."""
        match record:
            case {"earlier": str(earlier), "later": str(later), "path": list(path), **rest} if not rest:
                pass
            case _:
                raise NotAFork(origin="?", why="expected exactly earlier, later and path")
        if len(path) > PROOF_HASHES_MAX or not all(isinstance(one, str) for one in path):
            raise NotAFork(origin="?", why=f"its path is no list of at most {PROOF_HASHES_MAX} hashes")
        try:
            return cls(earlier=earlier.encode(), later=later.encode(), path=[unb64(one) for one in path])
        except (NotCanonical, UnicodeEncodeError) as broken:
            raise NotAFork(origin="?", why=str(broken)) from broken


def path_between(size1: int, size2: int, hash_at: HashAt) -> list[bytes]:
    """The path over the later tree from which both roots follow; raises `NoSuchProof`. `size1` is at least 1."""
    path = consistency_proof(size1=size1, size2=size2, hash_at=hash_at)
    if size1 < size2 and size1 & (size1 - 1) == 0:
        path = [hash_at(size1.bit_length() - 1, 0), *path]  # the proof leaves it out: its reader has it already
    return path


def verify_fork(fork: Fork, *, keys: tuple[VerifierKey, ...], origin: str) -> tuple[Checkpoint, Checkpoint]:
    """Hold that the log `origin` signed, with one of `keys` each, two trees that cannot both be its history.

    Returns both heads; raises `NotAFork`, `NoteBroken`, `CheckpointBroken` or `ProofDoesNotMatch`.
    """
    earlier, later = (_opened(one, keys=keys, origin=origin) for one in (fork.earlier, fork.later))
    if earlier.size == later.size:
        if earlier.root == later.root:
            raise NotAFork(origin=origin, why="both checkpoints are of one tree")
        return earlier, later
    if not 0 < earlier.size < later.size:
        raise NotAFork(origin=origin, why="the earlier tree is empty, or larger than the later one")
    if not fork.path or any(len(one) != HASH_BYTES for one in fork.path):
        raise NotAFork(origin=origin, why="trees of two sizes need a path of hashes")
    before, after = walk(earlier.size, later.size, fork.path)
    if after != later.root:
        raise NotAFork(origin=origin, why="its path does not lead to the later root")
    if before == earlier.root:
        raise NotAFork(origin=origin, why="the later tree begins with the earlier one")
    return earlier, later


def _opened(data: bytes, *, keys: tuple[VerifierKey, ...], origin: str) -> Checkpoint:
    """A checkpoint that one of the log's keys signed; raises what the last of them refuses."""
    assert keys, "a log has a key"
    for key in keys[:-1]:
        try:
            return open_checkpoint(data, key=key, origin=origin)
        except ComityError:
            continue
    return open_checkpoint(data, key=keys[-1], origin=origin)
