"""What a witness is asked, and how it decides (c2sp.org/tlog-witness, `add-checkpoint`). No storage, no key.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    comity.example/log/nl
    20852163
    ...

A witness remembers one tree head of each log. `judge` says whether another one may take its place: only a tree that
begins with the remembered one may. Whatever it refuses leaves the memory as it was.
"""

import re
from dataclasses import dataclass
from typing import Final

from comity.canon import NotCanonical
from comity.errors import N_, ComityError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import NOTE_BYTES_MAX, b64, unb64
from comity.ledger.proof import ProofDoesNotMatch, verify_consistency
from comity.ledger.tree import HASH_BYTES

PROOF_LINES_MAX: Final = 63
SUBMISSION_BYTES_MAX: Final = NOTE_BYTES_MAX + PROOF_LINES_MAX * 45 + 30
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,15})")


class SubmissionBroken(ComityError):
    """Bytes are no `add-checkpoint` request."""

    code = "ledger.submission_broken"
    sentence = N_("this is no request to a witness: {why}")


class HeldAtAnotherSize(ComityError):
    """The witness remembers the log at another size than the one that the request starts from."""

    code = "ledger.held_at_another_size"
    sentence = N_("the witness holds log {origin} at size {held}, the request starts from {old}")
    hint = N_("Ask again with a consistency proof from the size that the witness holds.")


class HistoriesDiffer(ComityError):
    """A log signed two different trees of one size."""

    code = "ledger.histories_differ"
    sentence = N_("log {origin} signed two trees of size {size}: {held} and {found}")
    hint = N_("Keep both checkpoints: together they prove it. The overseers of both nodes have to hear of it.")


@dataclass(frozen=True)
class Submission:
    """One request: the size from which the proof starts, the proof, and the signed checkpoint."""

    old: int
    proof: list[bytes]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old}", *(b64(one) for one in self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def from_bytes(cls, data: bytes) -> "Submission":
        """Read `to_bytes` back; raises `SubmissionBroken`. Nothing of the checkpoint is believed yet."""
        if len(data) > SUBMISSION_BYTES_MAX:
            raise SubmissionBroken(why=f"{len(data)} bytes where at most {SUBMISSION_BYTES_MAX} are read")
        head, gap, checkpoint = data.partition(b"\n\n")
        if not gap:
            raise SubmissionBroken(why="expected an old size, a proof, an empty line and a checkpoint")
        try:
            first, *rest = head.decode("ascii").split("\n")
        except UnicodeDecodeError as broken:
            raise SubmissionBroken(why="its proof is not ASCII") from broken
        shape = _OLD.fullmatch(first)
        if shape is None:
            raise SubmissionBroken(why=f"{first[:40]!r} is no old size")
        if len(rest) > PROOF_LINES_MAX:
            raise SubmissionBroken(why=f"{len(rest)} lines of proof where at most {PROOF_LINES_MAX} are read")
        try:
            proof = [unb64(line) for line in rest]
        except NotCanonical as broken:
            raise SubmissionBroken(why=f"a line of the proof is {broken}") from broken
        if any(len(one) != HASH_BYTES for one in proof):
            raise SubmissionBroken(why=f"a line of the proof is no hash of {HASH_BYTES} bytes")
        return cls(old=int(shape[1]), proof=proof, checkpoint=checkpoint)


def judge(submission: Submission, *, head: Checkpoint, held: Checkpoint | None) -> None:
    """Hold that `head`, whose signature was checked, only adds to what is `held` (None: nothing yet).

    Raises `SubmissionBroken` (HTTP 400), `HeldAtAnotherSize` or `HistoriesDiffer` (409), `ProofDoesNotMatch` (422).
    """
    if submission.old > head.size:
        raise SubmissionBroken(why=f"it starts from size {submission.old}, the checkpoint has {head.size}")
    size = held.size if held else 0
    if held is not None and held.size == head.size and held.root != head.root:
        raise HistoriesDiffer(origin=head.origin, size=head.size, held=held.root.hex(), found=head.root.hex())
    if submission.old != size:
        raise HeldAtAnotherSize(origin=head.origin, held=size, old=submission.old)
    if size == 0:
        if submission.proof:
            raise ProofDoesNotMatch(proof="consistency", why="there is none from the empty tree")
        return
    assert held is not None, "a size is held with its root"
    verify_consistency(size1=size, size2=head.size, proof=submission.proof, root1=held.root, root2=head.root)
