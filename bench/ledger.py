"""The ledger beside pymerkle's tree in memory: entries added and inclusion proofs made, per second.

* Both hash the same entries in the same run, one after the other; each figure is the median of five runs.
* Ours adds in batches as the sequencer does, keeps tiles as a store would, and takes the root after each batch; the
  peer takes it after each entry. Both add to an empty tree.
* "each alone": ours makes every proof from stored tiles, as for one request; the peer keeps its tree and a cache in
  memory. "together": ours keeps what it read too, as for a bundle of many entries.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, Final

import pymerkle

from comity.ledger import ReadTile, grow, hash_at, inclusion_proof, leaf_hash, root_at

RUNS: Final = 5
BATCH: Final = 256
PROOFS: Final = 200


def rows(*, quick: bool) -> list[dict[str, Any]]:
    """What was measured, as `bench/__main__.py` prints it; `quick` takes a tenth of the larger tree."""
    return [row for size in (1_000, 10_000 if quick else 100_000) for row in _of_size(size)]


def _of_size(size: int) -> list[dict[str, Any]]:
    entries = [b"%064d" % number for number in range(size)]
    indexes = random.Random(size).choices(range(size), k=PROOFS)
    added, alone, together, peer_added, peer_made = [], [], [], [], []
    for _ in range(RUNS):
        tiles: dict[tuple[int, int], bytes] = {}
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        added.append(_per_second(partial(_add, tiles, entries), size))
        peer_added.append(_per_second(partial(tree.append_entries, entries), size))
        alone.append(_per_second(partial(_prove_alone, tiles, indexes, size), PROOFS))
        together.append(_per_second(partial(_prove_together, tiles, indexes, size), PROOFS))
        peer_made.append(_per_second(partial(_prove_with_peer, tree, indexes), PROOFS))
        assert root_at(_reading(tiles), size) == tree.get_root(), "what is measured must be right"
    return [
        _row(f"{size:,} entries added", "entries/s", ours=added, peer=peer_added),
        _row(f"proofs from {size:,}, each alone", "proofs/s", ours=alone, peer=peer_made),
        _row(f"proofs from {size:,}, together", "proofs/s", ours=together, peer=peer_made),
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


def _reading(tiles: dict[tuple[int, int], bytes]) -> ReadTile:
    return lambda level, index: tiles.get((level, index), b"")


def _per_second(work: Callable[[], object], count: int) -> float:
    started = perf_counter()
    work()
    return count / (perf_counter() - started)


def _row(name: str, unit: str, *, ours: Sequence[float], peer: Sequence[float]) -> dict[str, Any]:
    return {
        "name": name,
        "ours": median(ours),
        "peer": median(peer),
        "ratio": median(ours) / median(peer),
        "unit": unit,
        "peer_name": f"pymerkle {pymerkle.__version__} InmemoryTree",
    }
