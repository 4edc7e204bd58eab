"""The Merkle tree of RFC 6962, section 2.1 (RFC 9162, section 2.1.1, has the same): SHA-256, leaves and nodes apart.

* A leaf is hashed with the prefix 0x00, a node with 0x01, so that no node can pass for a leaf.
* The empty tree has the hash of nothing; it is a value, and no proof starts from it.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

HASH_BYTES: Final = 32

SIZE_MAX: Final = 2**53 - 1
"""Entries that a log may hold: the largest integer that every JSON reader keeps exact (RFC 7493, section 2.2)."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

HashAt: TypeAlias = Callable[[int, int], bytes]
"""`(level, index)` -> hash of the complete subtree over the leaves from `index * 2**level`, `2**level` of them."""


def leaf_hash(data: bytes) -> bytes:
    """The hash under which an entry stands in the tree."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the roots of equal complete subtrees of which the last may be smaller.

    Pairing neighbours level by level and carrying a last odd one upwards gives the tree of the RFC, which splits
    at the largest power of two below the size.
    """
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = pairs(level) + odd
    return level[0]


def pairs(level: Sequence[bytes]) -> list[bytes]:
    """The nodes over neighbouring pairs; a last odd one has no node yet."""
    return [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
