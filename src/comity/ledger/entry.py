"""Log entries: what an act wrote down, whose hash is the leaf, and the proof that it stands in a log.

* An entry is canonical JSON with a salt of 32 random bytes: the leaf in the public tree says nothing about it.
* What `to_bytes` writes, `from_bytes` reads, and nothing else.
* An entry proves nothing alone; `verify_logged` ties it to a checkpoint that the log has signed.
"""

import re
from dataclasses import dataclass
from typing import Final

from comity.canon import JsonObject, NotCanonical, TooLarge, canonical, moment, parse_object
from comity.errors import N_, ComityError
from comity.ledger import tree
from comity.ledger.checkpoint import Checkpoint, claimed, open_checkpoint
from comity.ledger.note import VerifierKey, b64, unb64
from comity.ledger.proof import PROOF_HASHES_MAX, ProofDoesNotMatch, verify_inclusion

ENTRY: Final = "comity/log-entry/v1"

ENTRY_BYTES_MAX: Final = 65_535
"""The largest entry that the entry bundles of tlog-tiles could carry."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
_HEX_32_BYTES: Final = re.compile(r"[0-9a-f]{64}")


class LogEntryBroken(ComityError):
    """Bytes or values are no log entry."""

    code = "ledger.log_entry_broken"
    sentence = N_("this is not a log entry: {why}")


class InclusionBroken(ComityError):
    """A record is no proof that an entry stands in a log."""

    code = "ledger.inclusion_broken"
    sentence = N_("this is not a record of an entry's place in a log: {why}")


@dataclass(frozen=True)
class Entry:
    """What was done (`kind`, `facts`), when, by whom, and the digest of the signed statement it rests on, or empty.

    `salt` is 32 random bytes in hexadecimal. Raises `LogEntryBroken` or `NotAMoment` for what cannot be an entry.
    """

    kind: str
    at: str
    actor: JsonObject
    facts: JsonObject
    statement: str
    salt: str

    def __post_init__(self) -> None:
        """Hold what can be written and read back."""
        if not _KIND.fullmatch(self.kind):
            raise LogEntryBroken(why=f"{self.kind[:60]!r} is no kind")
        if self.statement and not _HEX_32_BYTES.fullmatch(self.statement):
            raise LogEntryBroken(why="statement is neither empty nor a digest")
        if not _HEX_32_BYTES.fullmatch(self.salt):
            raise LogEntryBroken(why="salt is not 32 bytes in lower-case hexadecimal")
        moment(self.at)

    def as_body(self) -> JsonObject:
        """The entry as JSON."""
        return {
            "actor": self.actor,
            "at": self.at,
            "facts": self.facts,
            "kind": self.kind,
            "salt": self.salt,
            "statement": self.statement,
            "type": ENTRY,
        }

    def to_bytes(self) -> bytes:
        """The leaf's bytes; raises `TooLarge`, or `NotCanonical` where the facts are no JSON."""
        data = canonical(self.as_body())
        if len(data) > ENTRY_BYTES_MAX:
            raise TooLarge(found=len(data), limit=ENTRY_BYTES_MAX)
        return data

    @property
    def leaf_hash(self) -> bytes:
        """The hash under which the entry stands in the tree."""
        return tree.leaf_hash(self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Entry":
        """Read `to_bytes` back; raises `TooLarge`, `NotCanonical`, `NotAMoment` or `LogEntryBroken`."""
        match parse_object(data, limit=ENTRY_BYTES_MAX):
            case {
                "actor": dict(actor),
                "at": str(at),
                "facts": dict(facts),
                "kind": str(kind),
                "salt": str(salt),
                "statement": str(statement),
                "type": format_,
                **rest,
            } if format_ == ENTRY and not rest:
                return cls(kind=kind, at=at, actor=actor, facts=facts, statement=statement, salt=salt)
            case _:
                raise LogEntryBroken(why=f"expected exactly actor, at, facts, kind, salt, statement and type {ENTRY}")


@dataclass(frozen=True)
class Inclusion:
    """Where an entry stands: its index in the tree of `size`, the proof, and the signed checkpoint of that size.

    Nothing of it is believed before `verify_logged`.
    """

    index: int
    size: int
    proof: list[bytes]
    checkpoint: bytes

    def as_record(self) -> JsonObject:
        """The place as JSON; the size stands in the checkpoint."""
        return {
            "index": self.index,
            "proof": [b64(one) for one in self.proof],
            "checkpoint": self.checkpoint.decode("utf-8"),
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> "Inclusion":
        """Read `as_record` back; raises `InclusionBroken`, or `NoteBroken` or `CheckpointBroken` as `claimed`."""
        match record:
            case {"index": int(index), "proof": list(proof), "checkpoint": str(checkpoint), **rest} if not rest:
                pass
            case _:
                raise InclusionBroken(why="expected exactly checkpoint, index and proof")
        if len(proof) > PROOF_HASHES_MAX or not all(isinstance(one, str) for one in proof):
            raise InclusionBroken(why=f"expected at most {PROOF_HASHES_MAX} hashes as base64 text")
        try:
            hashes = [unb64(one) for one in proof]
            note = checkpoint.encode("utf-8")
        except (NotCanonical, UnicodeEncodeError) as broken:
            raise InclusionBroken(why=str(broken)) from broken
        return cls(index=index, size=claimed(note).size, proof=hashes, checkpoint=note)


def verify_logged(entry: Entry, inclusion: Inclusion, *, key: VerifierKey, origin: str) -> Checkpoint:
    """Hold that `entry` stands under a checkpoint that `key` signed for the log `origin`; returns the checkpoint.

    Raises `NoteBroken`, `CheckpointBroken` or `ProofDoesNotMatch`.
    """
    head = open_checkpoint(inclusion.checkpoint, key=key, origin=origin)
    if inclusion.size != head.size:
        raise ProofDoesNotMatch(
            proof="inclusion", why=f"it is for size {inclusion.size}, the checkpoint has {head.size}"
        )
    verify_inclusion(entry.leaf_hash, index=inclusion.index, size=head.size, proof=inclusion.proof, root=head.root)
    return head
