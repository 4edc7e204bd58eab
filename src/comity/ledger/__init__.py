"""The ledger: an append-only tree over log entries, its proofs, signed checkpoints and public tiles. No storage.

* `tree` and `proof`: RFC 6962 and 9162 over SHA-256.
* `note`, `checkpoint`, `tile`: the C2SP formats, so that existing monitors and witnesses can read a node's log.
* `cosignature`, `witness`: what witnesses sign, what they are asked and how they decide; `fork`: proof of two histories.
* `entry`: what one act wrote down, and the proof that it stands in a log.

Verifying raises and never answers False. Signing is a function handed in: no private key comes here.
"""

from comity.ledger.checkpoint import Checkpoint, CheckpointBroken, claimed, open_checkpoint
from comity.ledger.consistency import Consistency, ConsistencyBroken
from comity.ledger.cosignature import (
    Cosigned,
    CosignerKey,
    Quorum,
    TooFewWitnesses,
    cosign,
    cosigners,
    lines_by,
    with_lines,
)
from comity.ledger.entry import (
    ENTRY,
    ENTRY_BYTES_MAX,
    Entry,
    Inclusion,
    InclusionBroken,
    LogEntryBroken,
    verify_logged,
)
from comity.ledger.fork import Fork, NotAFork, path_between, verify_fork
from comity.ledger.note import (
    NoteBroken,
    VerifierKey,
    VerifierKeyBroken,
    open_note,
    sign_note,
    signatures_of,
    text_digest,
    text_of,
)
from comity.ledger.proof import (
    NoSuchProof,
    ProofDoesNotMatch,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from comity.ledger.tile import (
    TILE_WIDTH,
    Grown,
    NoSuchTile,
    ReadTile,
    TileBroken,
    TileId,
    grow,
    hash_at,
    hashes_of,
    parse_path,
    root_at,
    tile_path,
)
from comity.ledger.tree import EMPTY_ROOT, HASH_BYTES, SIZE_MAX, HashAt, leaf_hash, node_hash, root
from comity.ledger.witness import (
    SUBMISSION_BYTES_MAX,
    HeldAtAnotherSize,
    HistoriesDiffer,
    Submission,
    SubmissionBroken,
    judge,
)

__all__ = [
    "EMPTY_ROOT",
    "ENTRY",
    "ENTRY_BYTES_MAX",
    "HASH_BYTES",
    "SIZE_MAX",
    "SUBMISSION_BYTES_MAX",
    "TILE_WIDTH",
    "Checkpoint",
    "CheckpointBroken",
    "Consistency",
    "ConsistencyBroken",
    "Cosigned",
    "CosignerKey",
    "Entry",
    "Fork",
    "Grown",
    "HashAt",
    "HeldAtAnotherSize",
    "HistoriesDiffer",
    "Inclusion",
    "InclusionBroken",
    "LogEntryBroken",
    "NoSuchProof",
    "NoSuchTile",
    "NotAFork",
    "NoteBroken",
    "ProofDoesNotMatch",
    "Quorum",
    "ReadTile",
    "Submission",
    "SubmissionBroken",
    "TileBroken",
    "TileId",
    "TooFewWitnesses",
    "VerifierKey",
    "VerifierKeyBroken",
    "claimed",
    "consistency_proof",
    "cosign",
    "cosigners",
    "grow",
    "hash_at",
    "hashes_of",
    "inclusion_proof",
    "judge",
    "leaf_hash",
    "lines_by",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_path",
    "path_between",
    "root",
    "root_at",
    "sign_note",
    "signatures_of",
    "text_digest",
    "text_of",
    "tile_path",
    "verify_consistency",
    "verify_fork",
    "verify_inclusion",
    "verify_logged",
    "with_lines",
]
