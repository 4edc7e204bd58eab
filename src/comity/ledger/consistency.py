"""That a log only added to what it was: two signed checkpoints of it, and the path between them, as one record.

    {"consistency": {"earlier": "<note>", "later": "<note>", "proof": ["<base64>", ...]}}

Source: RFC 9162, section 2.1.4; the notes are C2SP checkpoints.
"""

from collections.abc import Callable
from dataclasses import dataclass

from comity.canon import Json, JsonObject, NotCanonical
from comity.errors import N_, ComityError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import b64, unb64
from comity.ledger.proof import PROOF_HASHES_MAX, verify_consistency


class ConsistencyBroken(ComityError):
    """A record is no proof that a log only grew."""

    code = "ledger.consistency_broken"
    sentence = N_("this is no proof that a log only grew: {why}")


@dataclass(frozen=True)
class Consistency:
    """Two checkpoints of one log, with the signatures that they came with; nothing is believed before `verify`."""

    earlier: bytes
    later: bytes
    path: list[bytes]

    def as_record(self) -> JsonObject:
        """The proof as JSON."""
        told = {
            "earlier": self.earlier.decode(),
            "later": self.later.decode(),
            "proof": [b64(one) for one in self.path],
        }
        return {"consistency": told}

    @classmethod
    def from_record(cls, record: Json) -> "Consistency":
        """Read `as_record` back; raises `ConsistencyBroken`."""
        match record:
            case {
                "consistency": {"earlier": str(earlier), "later": str(later), "proof": list(path), **more},
                **rest,
            } if not (more or rest):
                pass
            case _:
                raise ConsistencyBroken(why="expected exactly earlier, later and proof")
        if len(path) > PROOF_HASHES_MAX:
            raise ConsistencyBroken(why=f"{len(path)} hashes, and a proof has at most {PROOF_HASHES_MAX}")
        try:
            return cls(earlier=earlier.encode(), later=later.encode(), path=[unb64(one) for one in path])
        except (NotCanonical, UnicodeEncodeError) as broken:
            raise ConsistencyBroken(why=str(broken)) from broken

    def verify(self, *, opened: Callable[[bytes], Checkpoint]) -> tuple[Checkpoint, Checkpoint]:
        """Both tree heads, the later of which begins with the earlier; `opened` reads a checkpoint under the log's keys.

        Raises what `opened` raises, or `ProofDoesNotMatch`.
        """
        first, last = opened(self.earlier), opened(self.later)
        verify_consistency(size1=first.size, size2=last.size, proof=self.path, root1=first.root, root2=last.root)
        return first, last
