"""Proofs over the tree: an entry is in it (inclusion), and a later tree only added to an earlier one (consistency).

* Making follows RFC 9162, sections 2.1.3.1 and 2.1.4.1, and asks for O(log n) hashes of complete subtrees.
* Verifying follows sections 2.1.3.2 and 2.1.4.2. It raises and never answers False.
* Verifiers differ at the edges, so they are decided here: nothing is in the empty tree; a proof from the empty tree
  is refused, because it would hold for every tree; two trees of one size need an empty proof and equal roots.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Final

from comity.errors import N_, ComityError
from comity.ledger.tree import HASH_BYTES, SIZE_MAX, HashAt, node_hash

PROOF_HASHES_MAX: Final = 64
"""A longer proof is refused before it is read; a tree of `SIZE_MAX` leaves needs 54."""


class ProofDoesNotMatch(ComityError):
    """A proof does not show what it was handed in for."""

    code = "ledger.proof_does_not_match"
    sentence = N_("the {proof} proof does not match: {why}")
    hint = N_("Ask the log for the proof again; if it still does not match, keep both and tell the overseer.")


class NoSuchProof(ComityError):
    """There is no proof for these numbers."""

    code = "ledger.no_such_proof"
    sentence = N_("there is no {proof} proof {what}")


@dataclass(frozen=True)
class Rung:
    """One step from a leaf to the root: the sibling, on which side it stands, and the hash of both together."""

    sibling: bytes
    on_left: bool
    hash: bytes


def climb(leaf_hash: bytes, *, index: int, size: int, proof: list[bytes]) -> list[Rung]:
    """Every step of an inclusion proof from the leaf upwards; to which root it leads is the reader's to compare.

    Raises `ProofDoesNotMatch` if it is not as long as the tree is high.
    """
    node, last, found = index, size - 1, leaf_hash
    rungs = []
    for sibling in proof:
        if last == 0:
            raise ProofDoesNotMatch(proof="inclusion", why="it is longer than the tree is high")
        on_left = bool(node & 1) or node == last
        found = node_hash(sibling, found) if on_left else node_hash(found, sibling)
        rungs.append(Rung(sibling=sibling, on_left=on_left, hash=found))
        if on_left:
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofDoesNotMatch(proof="inclusion", why="it is shorter than the tree is high")
    return rungs


def verify_inclusion(leaf_hash: bytes, *, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Hold that the leaf stands at `index` in the tree of `size` leaves with this root; raises `ProofDoesNotMatch`."""
    kind = "inclusion"
    _number(index, "index", kind)
    _number(size, "size", kind)
    _hash(leaf_hash, "the leaf", kind)
    _hash(root, "the root", kind)
    _hashes(proof, kind)
    if index >= size:
        raise ProofDoesNotMatch(proof=kind, why=f"index {index} is not in a tree of {size}")
    rungs = climb(leaf_hash, index=index, size=size, proof=proof)
    found = rungs[-1].hash if rungs else leaf_hash
    if found != root:
        raise ProofDoesNotMatch(proof=kind, why=f"it leads to {found.hex()}, the root is {root.hex()}")


def verify_consistency(*, size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes) -> None:
    """Hold that the tree of `size2` begins with all leaves of the tree of `size1`; raises `ProofDoesNotMatch`.

    `size1` is at least 1: whoever follows a log starts with its first checkpoint that is not empty.
    """
    kind = "consistency"
    _number(size1, "size1", kind)
    _number(size2, "size2", kind)
    _hash(root1, "the earlier root", kind)
    _hash(root2, "the later root", kind)
    _hashes(proof, kind)
    if size1 == 0:
        raise ProofDoesNotMatch(proof=kind, why="from an empty tree it would hold for every tree")
    if size1 > size2:
        raise ProofDoesNotMatch(proof=kind, why=f"the tree cannot shrink from {size1} to {size2}")
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofDoesNotMatch(proof=kind, why="two trees of one size need an empty proof and equal roots")
        return
    if not proof:
        raise ProofDoesNotMatch(proof=kind, why="it is empty")
    if size1 & (size1 - 1) == 0:
        proof = [root1, *proof]  # the earlier tree is one complete subtree: its root starts the walk
    earlier, later = walk(size1, size2, proof)
    if earlier != root1:
        raise ProofDoesNotMatch(proof=kind, why="it does not lead to the earlier root")
    if later != root2:
        raise ProofDoesNotMatch(proof=kind, why="it does not lead to the later root")


def walk(size1: int, size2: int, proof: list[bytes]) -> tuple[bytes, bytes]:
    """The two roots to which the path of a consistency proof leads: the root of the earlier tree, and of the later.

    `proof` begins with the subtree that ends where the earlier tree ends, also where that is the whole earlier tree.
    Raises `ProofDoesNotMatch` if it is not as long as the tree is high.
    """
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    earlier = later = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise ProofDoesNotMatch(proof="consistency", why="it is longer than the tree is high")
        if node & 1 or node == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            later = node_hash(later, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofDoesNotMatch(proof="consistency", why="it is shorter than the tree is high")
    return earlier, later


def inclusion_proof(*, index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The proof that the leaf at `index` is in the tree of `size` leaves; raises `NoSuchProof`."""
    if not 0 <= index < size:
        raise NoSuchProof(proof="inclusion", what=f"of index {index} in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(_subtree(middle, end, hash_at))
            end = middle
        else:
            path.append(_subtree(start, middle, hash_at))
            start = middle
    return path[::-1]


def consistency_proof(*, size1: int, size2: int, hash_at: HashAt) -> list[bytes]:
    """The proof that the tree of `size2` begins with the tree of `size1`; raises `NoSuchProof`."""
    if not 0 < size1 <= size2:
        raise NoSuchProof(proof="consistency", what=f"from a tree of {size1} to a tree of {size2}")
    path = []
    start, end = 0, size2
    while end != size1:
        middle = _middle(start, end)
        if size1 <= middle:
            path.append(_subtree(middle, end, hash_at))
            end = middle
        else:
            path.append(_subtree(start, middle, hash_at))
            start = middle
    if start > 0:  # otherwise the last subtree is the whole earlier tree, whose root the verifier has
        path.append(_subtree(start, end, hash_at))
    return path[::-1]


def _middle(start: int, end: int) -> int:
    """Where the tree over `start` to `end` splits: after the largest power of two below its size."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _subtree(start: int, end: int, hash_at: HashAt) -> bytes:
    """The root over the leaves from `start` to `end`, from the complete subtrees of which it is made."""
    complete = []
    while start < end:
        level = (end - start).bit_length() - 1
        complete.append(hash_at(level, start >> level))
        start += 1 << level
    return reduce(lambda right, left: node_hash(left, right), reversed(complete))


def _number(value: object, name: str, kind: str) -> None:
    # `type(...) is int`: True is an int to Python, and no number to anybody else
    if type(value) is not int or not 0 <= value <= SIZE_MAX:
        raise ProofDoesNotMatch(proof=kind, why=f"{name} is no number from 0 to {SIZE_MAX}")


def _hash(value: object, name: str, kind: str) -> None:
    if type(value) is not bytes or len(value) != HASH_BYTES:
        raise ProofDoesNotMatch(proof=kind, why=f"{name} is no hash of {HASH_BYTES} bytes")


def _hashes(value: object, kind: str) -> None:
    if type(value) is not list:
        raise ProofDoesNotMatch(proof=kind, why="it is no list of hashes")
    if len(value) > PROOF_HASHES_MAX:
        raise ProofDoesNotMatch(proof=kind, why=f"{len(value)} hashes where at most {PROOF_HASHES_MAX} are read")
    for position, one in enumerate(value):
        _hash(one, f"its part {position}", kind)
