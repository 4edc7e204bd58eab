"""pymerkle, an implementation of its own, makes the same inclusion paths."""

import pymerkle
from hypothesis import given
from hypothesis import strategies as st

from comity.ledger import HashAt, inclusion_proof, leaf_hash, root


def reading(leaves: list[bytes]) -> HashAt:
    return lambda level, index: root(leaves[index << level : (index + 1) << level])


@given(st.data())
def test_pymerkle_makes_the_same_paths(data: st.DataObject):
    size = data.draw(st.integers(1, 60))
    index = data.draw(st.integers(0, size - 1))
    entries = [b"%d" % number for number in range(size)]
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    peer.append_entries(entries)
    # pymerkle counts from one and puts the leaf itself in front
    assert peer.prove_inclusion(index + 1).path == [
        leaf_hash(entries[index]),
        *inclusion_proof(index=index, size=size, hash_at=reading([leaf_hash(entry) for entry in entries])),
    ]
