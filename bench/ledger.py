"""The ledger beside pymerkle's tree in memory and raw hashing: entries added, proofs made and verified, memory.

* Both hash the same entries in the same run, one after the other; each figure is the median of five runs.
* Ours adds in batches as the sequencer does, keeps tiles as a store would, and takes the root after each batch; the
  peer takes it after each entry. Both add to an empty tree.
* "each alone": ours makes every proof from stored tiles, as for one request; the peer keeps its tree and a cache in
  memory. "together": ours keeps what it read too, as for a bundle of many entries.
* "beside raw hashing": the two SHA-256 that each entry needs at least, one for its leaf and one for a node.
* "verified": proofs handed in as bytes, checked against the root; both sides walk the same path.
* Memory is what Python allocated and still holds after the tree was made; the entries themselves are not counted.
* A million entries are added once, not five times: a run takes a minute, and its figure hardly differs.
"""

import gc
import hashlib
import random
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, Final

import pymerkle

from comity.ledger import ReadTile, grow, hash_at, inclusion_proof, leaf_hash, root_at, verify_inclusion

RUNS: Final = 5
BATCH: Final = 256
PROOFS: Final = 200


def rows(*, quick: bool) -> list[dict[str, Any]]:
    """What was measured, as `bench/__main__.py` prints it; `quick` takes small trees only."""
    sizes = {1_000: RUNS, 10_000: RUNS} if quick else {1_000: RUNS, 100_000: RUNS, 1_000_000: 1}
    measured = [row for size, runs in sizes.items() for row in _of_size(size, runs=runs)]
    return [*measured, _memory(10_000 if quick else 100_000)]


def _of_size(size: int, *, runs: int) -> list[dict[str, Any]]:
    entries = [b"%064d" % number for number in range(size)]
    indexes = random.Random(size).choices(range(size), k=PROOFS)
    added, alone, together, verified, peer_added, peer_made, peer_verified, raw = [], [], [], [], [], [], [], []
    for _ in range(runs):
        tiles: dict[tuple[int, int], bytes] = {}
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        added.append(_per_second(partial(_add, tiles, entries), size))
        peer_added.append(_per_second(partial(tree.append_entries, entries), size))
        alone.append(_per_second(partial(_prove_alone, tiles, indexes, size), PROOFS))
        together.append(_per_second(partial(_prove_together, tiles, indexes, size), PROOFS))
        peer_made.append(_per_second(partial(_prove_with_peer, tree, indexes), PROOFS))
        raw.append(_per_second(partial(_hash, entries), size))
        verified.append(_per_second(_verifying(tiles, entries, indexes, size), PROOFS))
        peer_verified.append(_per_second(_verifying_with_peer(tree, indexes), PROOFS))
        assert root_at(_reading(tiles), size) == tree.get_root(), "what is measured must be right"
    return [
        _row(f"{size:,} entries added", "entries/s", ours=added, peer=peer_added),
        _row(f"{size:,} entries beside raw hashing", "entries/s", ours=added, peer=raw, name="SHA-256, twice an entry"),
        _row(f"proofs from {size:,}, each alone", "proofs/s", ours=alone, peer=peer_made),
        _row(f"proofs from {size:,}, together", "proofs/s", ours=together, peer=peer_made),
        _row(f"proofs from {size:,}, verified", "proofs/s", ours=verified, peer=peer_verified),
    ]


def _add(tiles: dict[tuple[int, int], bytes], entries: Sequence[bytes]) -> None:
    for start in range(0, len(entries), BATCH):
        leaves = [leaf_hash(entry) for entry in entries[start : start + BATCH]]
        tiles.update(grow(_reading(tiles), size=start, leaves=leaves).tiles)


def _prove_alone(tiles: dict[tuple[int, int], bytes], indexes: Sequence[int], size: int) -> None:
    for index in indexes:
        inclusion_proof(index=index, size=size, hash_at=hash_at(_reading(tiles), size))


def _prove_together(tiles: dict[tuple[int, int], bytes], indexes: Sequence[int], size: int) -> None:
    reading = hash_at(_reading(tiles), size)
    for index in indexes:
        inclusion_proof(index=index, size=size, hash_at=reading)


def _prove_with_peer(tree: pymerkle.InmemoryTree, indexes: Sequence[int]) -> None:
    for index in indexes:
        tree.prove_inclusion(index + 1)


def _hash(entries: Sequence[bytes]) -> None:
    """The least that a tree has to hash: each entry, and a node for each."""
    for entry in entries:
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        hashlib.sha256(b"\x01" + leaf + leaf).digest()


def _verifying(
    tiles: dict[tuple[int, int], bytes], entries: Sequence[bytes], indexes: Sequence[int], size: int
) -> Callable[[], None]:
    reading, root = hash_at(_reading(tiles), size), root_at(_reading(tiles), size)
    made = [(index, inclusion_proof(index=index, size=size, hash_at=reading)) for index in indexes]

    def verify() -> None:
        for index, proof in made:
            verify_inclusion(leaf_hash(entries[index]), index=index, size=size, proof=proof, root=root)

    return verify


def _verifying_with_peer(tree: pymerkle.InmemoryTree, indexes: Sequence[int]) -> Callable[[], None]:
    root = tree.get_root()
    made = [(tree.get_leaf(index + 1), tree.prove_inclusion(index + 1)) for index in indexes]

    def verify() -> None:
        for leaf, proof in made:
            pymerkle.verify_inclusion(leaf, root, proof)

    return verify


def _memory(size: int) -> dict[str, Any]:
    """Bytes that either side holds for each entry of a tree."""
    entries = [b"%064d" % number for number in range(size)]
    tiles: dict[tuple[int, int], bytes] = {}
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    ours = _held(partial(_add, tiles, entries)) / size
    peer = _held(partial(tree.append_entries, entries)) / size
    assert root_at(_reading(tiles), size) == tree.get_root()
    row = _row(f"memory for {size:,} entries", "bytes/entry", ours=[ours], peer=[peer])
    return row | {"ratio": peer / ours}  # less is better


def _held(work: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def _reading(tiles: dict[tuple[int, int], bytes]) -> ReadTile:
    return lambda level, index: tiles.get((level, index), b"")


def _per_second(work: Callable[[], object], count: int) -> float:
    started = perf_counter()
    work()
    return count / (perf_counter() - started)


def _row(label: str, unit: str, *, ours: Sequence[float], peer: Sequence[float], name: str = "") -> dict[str, Any]:
    return {
        "name": label,
        "ours": median(ours),
        "peer": median(peer),
        "ratio": median(ours) / median(peer),
        "unit": unit,
        "peer_name": name or f"pymerkle {pymerkle.__version__} InmemoryTree",
    }
