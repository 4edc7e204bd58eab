"""The ledger: an append-only tree over log entries, its proofs, signed checkpoints and public tiles. No storage.

* `tree` and `proof`: RFC 6962 and 9162 over SHA-256.
* `note`, `checkpoint`, `tile`: the C2SP formats, so that existing monitors and witnesses can read a node's log.
* `entry`: what one act wrote down, and the proof that it stands in a log.

Verifying raises and never answers False. Signing is a function handed in: no private key comes here.
"""

from comity.ledger.checkpoint import Checkpoint, CheckpointBroken, claimed, open_checkpoint
from comity.ledger.entry import (
    ENTRY,
    ENTRY_BYTES_MAX,
    Entry,
    Inclusion,
    InclusionBroken,
    LogEntryBroken,
    verify_logged,
)
from comity.ledger.note import NoteBroken, VerifierKey, VerifierKeyBroken, open_note, sign_note
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

__all__ = [
    "EMPTY_ROOT",
    "ENTRY",
    "ENTRY_BYTES_MAX",
    "HASH_BYTES",
    "SIZE_MAX",
    "TILE_WIDTH",
    "Checkpoint",
    "CheckpointBroken",
    "Entry",
    "Grown",
    "HashAt",
    "Inclusion",
    "InclusionBroken",
    "LogEntryBroken",
    "NoSuchProof",
    "NoSuchTile",
    "NoteBroken",
    "ProofDoesNotMatch",
    "ReadTile",
    "TileBroken",
    "TileId",
    "VerifierKey",
    "VerifierKeyBroken",
    "claimed",
    "consistency_proof",
    "grow",
    "hash_at",
    "hashes_of",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_path",
    "root",
    "root_at",
    "sign_note",
    "tile_path",
    "verify_consistency",
    "verify_inclusion",
    "verify_logged",
]
