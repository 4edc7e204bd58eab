from typing import Final

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.ledger import EMPTY_ROOT, leaf_hash, node_hash, root

LEAVES: Final = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The leaves of the test suite of Certificate Transparency (google/certificate-transparency, merkle_tree_test.cc)."""

ROOTS: Final = [
    bytes.fromhex(one)
    for one in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
"""The roots of the first 0, 1, ... 8 of them, from the same suite (also transparency-dev/merkle, testonly)."""


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word; shares no code with the tree that it checks."""
    from hashlib import sha256

    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_published_trees_have_the_published_roots(size: int):
    assert root([leaf_hash(leaf) for leaf in LEAVES[:size]]) == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing():
    assert root([]) == EMPTY_ROOT == ROOTS[0]


def test_a_leaf_made_of_two_hashes_is_no_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.binary(max_size=8), max_size=80))
def test_every_tree_has_the_root_that_the_rfc_defines(entries: list[bytes]):
    leaves = [leaf_hash(entry) for entry in entries]
    assert root(leaves) == naive_root(leaves)


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=40))
def test_pymerkle_finds_the_same_roots(entries: list[bytes]):
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    peer.append_entries(entries)
    assert peer.get_leaf(1) == leaf_hash(entries[0])
    assert peer.get_root() == root([leaf_hash(entry) for entry in entries])
