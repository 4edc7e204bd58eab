from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.ledger import (
    EMPTY_ROOT,
    SIZE_MAX,
    HashAt,
    NoSuchProof,
    ProofDoesNotMatch,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

PUBLISHED: Final = [
    leaf_hash(bytes.fromhex(leaf))
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The leaves of Certificate Transparency's test suite; the proofs below are from the same suite (merkle_verifier_test)."""

INCLUSION: Final = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]
CONSISTENCY: Final = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def reading(leaves: list[bytes]) -> HashAt:
    return lambda level, index: root(leaves[index << level : (index + 1) << level])


def naive_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, section 2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < k:
        return [*naive_inclusion(index, leaves[:k]), root(leaves[k:])]
    return [*naive_inclusion(index - k, leaves[k:]), root(leaves[:k])]


def naive_consistency(size: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, section 2.1.4.1, word for word."""
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if size <= k:
        return [*naive_consistency(size, leaves[:k], whole=whole), root(leaves[k:])]
    return [*naive_consistency(size - k, leaves[k:], whole=False), root(leaves[:k])]


def refused_inclusion(**changes: Any) -> None:
    leaves = leaves_of(5)
    sound: dict[str, Any] = {
        "leaf_hash": leaves[2],
        "index": 2,
        "size": 5,
        "proof": inclusion_proof(index=2, size=5, hash_at=reading(leaves)),
        "root": root(leaves),
    }
    verify_inclusion(**sound)
    with pytest.raises(ProofDoesNotMatch):
        verify_inclusion(**sound | changes)


def refused_consistency(**changes: Any) -> None:
    leaves = leaves_of(7)
    sound: dict[str, Any] = {
        "size1": 3,
        "size2": 7,
        "proof": consistency_proof(size1=3, size2=7, hash_at=reading(leaves)),
        "root1": root(leaves[:3]),
        "root2": root(leaves),
    }
    verify_consistency(**sound)
    with pytest.raises(ProofDoesNotMatch):
        verify_consistency(**sound | changes)


NO_NUMBERS: Final[list[Any]] = [-1, True, SIZE_MAX + 1, 2**64, 10**400, 1.0, "2", None]
NO_HASHES: Final[list[Any]] = [b"", b"x" * 31, b"x" * 33, "x" * 32, bytearray(32), None, [0] * 32]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_number_is_refused(number: Any):
    refused_inclusion(index=number)
    refused_inclusion(size=number)
    refused_consistency(size1=number)
    refused_consistency(size2=number)


@pytest.mark.parametrize("value", NO_HASHES)
def test_what_is_no_hash_is_refused(value: Any):
    refused_inclusion(leaf_hash=value)
    refused_inclusion(root=value)
    refused_inclusion(proof=[value] * 3)
    refused_consistency(root1=value)
    refused_consistency(root2=value)
    refused_consistency(proof=[value] * 4)


@pytest.mark.parametrize("proof", [None, "", b"x" * 96, (b"x" * 32,) * 3, {}, [b"x" * 32] * 65, [b"x" * 32] * 10_000])
def test_what_is_no_proof_is_refused(proof: Any):
    refused_inclusion(proof=proof)
    refused_consistency(proof=proof)


def test_true_is_no_number_even_where_one_is_right():
    leaves = leaves_of(2)
    index: Any = True
    with pytest.raises(ProofDoesNotMatch, match="no number"):
        verify_inclusion(leaves[1], index=index, size=2, proof=[leaves[0]], root=root(leaves))


def test_a_proof_longer_than_any_tree_is_refused_before_it_is_read():
    with pytest.raises(ProofDoesNotMatch, match="65 hashes where at most 64"):
        verify_inclusion(EMPTY_ROOT, index=0, size=1, proof=[EMPTY_ROOT] * 65, root=EMPTY_ROOT)


def test_a_leaf_deeper_in_the_tree_does_not_pass_for_the_only_one():
    leaves = leaves_of(4)
    proof = inclusion_proof(index=3, size=4, hash_at=reading(leaves))
    with pytest.raises(ProofDoesNotMatch, match="longer than the tree is high"):
        verify_inclusion(leaves[3], index=0, size=1, proof=proof, root=root(leaves))


def test_the_right_halves_of_two_trees_do_not_pass_for_the_trees():
    leaves = leaves_of(8)
    proof = consistency_proof(size1=7, size2=8, hash_at=reading(leaves))
    with pytest.raises(ProofDoesNotMatch, match="longer than the tree is high"):
        verify_consistency(size1=3, size2=4, proof=proof, root1=root(leaves[:7]), root2=root(leaves))


def test_nothing_is_in_the_empty_tree():
    with pytest.raises(ProofDoesNotMatch, match="not in a tree of 0"):
        verify_inclusion(EMPTY_ROOT, index=0, size=0, proof=[], root=EMPTY_ROOT)


@pytest.mark.parametrize("index", [5, 6, 8, SIZE_MAX])
def test_an_index_beyond_the_tree_is_refused(index: int):
    refused_inclusion(index=index)


def test_a_tree_of_one_is_its_leaf():
    (leaf,) = leaves_of(1)
    verify_inclusion(leaf, index=0, size=1, proof=[], root=leaf)
    with pytest.raises(ProofDoesNotMatch):
        verify_inclusion(leaf, index=0, size=1, proof=[leaf], root=leaf)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_proof_from_the_empty_tree_is_refused(size: int):
    leaves = leaves_of(size)
    for proof in ([], leaves):
        with pytest.raises(ProofDoesNotMatch, match="hold for every tree"):
            verify_consistency(size1=0, size2=size, proof=proof, root1=EMPTY_ROOT, root2=root(leaves))


def test_a_tree_cannot_shrink():
    leaves = leaves_of(7)
    proof = consistency_proof(size1=3, size2=7, hash_at=reading(leaves))
    with pytest.raises(ProofDoesNotMatch, match="cannot shrink"):
        verify_consistency(size1=7, size2=3, proof=proof, root1=root(leaves), root2=root(leaves[:3]))


def test_two_trees_of_one_size_are_one_tree():
    one, other = root(leaves_of(4)), leaf_hash(b"fork")
    verify_consistency(size1=4, size2=4, proof=[], root1=one, root2=one)
    for proof, root2 in (([], other), ([one], one), ([one], other)):
        with pytest.raises(ProofDoesNotMatch):
            verify_consistency(size1=4, size2=4, proof=proof, root1=one, root2=root2)


def test_a_grown_tree_needs_a_proof():
    refused_consistency(proof=[])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_there_is_no_inclusion_proof_outside_the_tree(index: int, size: int):
    with pytest.raises(NoSuchProof):
        inclusion_proof(index=index, size=size, hash_at=reading(leaves_of(3)))


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 3), (-1, 3), (4, 3)])
def test_there_is_no_consistency_proof_outside_the_tree(size1: int, size2: int):
    with pytest.raises(NoSuchProof):
        consistency_proof(size1=size1, size2=size2, hash_at=reading(leaves_of(3)))


@pytest.mark.parametrize(("index", "size", "published"), INCLUSION)
def test_published_inclusion_proofs_are_made_and_verify(index: int, size: int, published: list[str]):
    leaves = PUBLISHED[:size]
    proof = inclusion_proof(index=index, size=size, hash_at=reading(leaves))
    assert [one.hex() for one in proof] == published
    verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root(leaves))


@pytest.mark.parametrize(("size1", "size2", "published"), CONSISTENCY)
def test_published_consistency_proofs_are_made_and_verify(size1: int, size2: int, published: list[str]):
    leaves = PUBLISHED[:size2]
    proof = consistency_proof(size1=size1, size2=size2, hash_at=reading(leaves))
    assert [one.hex() for one in proof] == published
    verify_consistency(size1=size1, size2=size2, proof=proof, root1=root(leaves[:size1]), root2=root(leaves))


def test_every_proof_of_small_trees_is_the_one_of_the_rfc_and_verifies():
    leaves = leaves_of(34)
    for size in range(1, 35):
        tree, head = leaves[:size], root(leaves[:size])
        for index in range(size):
            proof = inclusion_proof(index=index, size=size, hash_at=reading(tree))
            assert proof == naive_inclusion(index, tree)
            verify_inclusion(tree[index], index=index, size=size, proof=proof, root=head)
        for size1 in range(1, size + 1):
            proof = consistency_proof(size1=size1, size2=size, hash_at=reading(tree))
            assert proof == naive_consistency(size1, tree, whole=True)
            verify_consistency(size1=size1, size2=size, proof=proof, root1=root(leaves[:size1]), root2=head)


@pytest.mark.parametrize(("index", "size"), [(0, 2**53 - 1), (2**52, 2**53 - 1), (2**53 - 2, 2**53 - 1), (0, 2**52)])
def test_a_proof_costs_logarithmically_many_hashes(index: int, size: int):
    asked = []

    def hash_at(level: int, number: int) -> bytes:
        asked.append((level, number))
        return leaf_hash(b"%d/%d" % (level, number))

    inclusion_proof(index=index, size=size, hash_at=hash_at)
    assert len(asked) <= 106
    asked.clear()
    assert len(consistency_proof(size1=index + 1, size2=size, hash_at=hash_at)) <= 54
    assert len(asked) <= 106


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def broken_lists(proof: list[bytes], draw: Callable[..., Any]) -> list[bytes]:
    """Another list than `proof`: one hash changed, left out, doubled, added, or two swapped."""
    extra = sha256(draw(st.binary(max_size=4))).digest()
    variants = [[*proof, extra], [extra, *proof]]
    for position, one in enumerate(proof):
        variants += [
            [*proof[:position], flipped(one, draw(st.integers(0, 255))), *proof[position + 1 :]],
            proof[:position] + proof[position + 1 :],
            [*proof[:position], one, *proof[position:]],
        ]
    if len(proof) > 1:
        variants.append([proof[1], proof[0], *proof[2:]])
    changed: list[bytes] = draw(st.sampled_from(variants))
    return changed


@given(st.data())
def test_any_change_of_an_inclusion_proof_is_refused(data: st.DataObject):
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    sound: dict[str, Any] = {
        "leaf_hash": leaves[index],
        "index": index,
        "size": size,
        "proof": inclusion_proof(index=index, size=size, hash_at=reading(leaves)),
        "root": root(leaves),
    }
    verify_inclusion(**sound)
    bit = data.draw(st.integers(0, 255))
    changes: list[dict[str, Any]] = [
        {"leaf_hash": flipped(sound["leaf_hash"], bit)},
        {"root": flipped(sound["root"], bit)},
        {"proof": broken_lists(sound["proof"], data.draw)},
        {"index": data.draw(st.integers(0, 2 * size).filter(lambda other: other != index))},
    ]
    for change in changes:
        with pytest.raises(ProofDoesNotMatch):
            verify_inclusion(**sound | change)


@given(st.data())
def test_an_inclusion_proof_fits_no_other_shape_of_tree(data: st.DataObject):
    """A proof names no size: another size is refused wherever its tree has another shape along the path."""
    size, other = data.draw(st.integers(1, 300)), data.draw(st.integers(0, 600))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = inclusion_proof(index=index, size=size, hash_at=reading(leaves))
    shapes = [sides(index, one) if index < one else None for one in (size, other)]
    assume(shapes[0] != shapes[1])
    with pytest.raises(ProofDoesNotMatch):
        verify_inclusion(leaves[index], index=index, size=other, proof=proof, root=root(leaves))


def sides(index: int, size: int) -> list[str]:
    """On which side each sibling of the path stands, from the leaf up."""
    if size == 1:
        return []
    k = 1 << ((size - 1).bit_length() - 1)
    return [*sides(index, k), "right"] if index < k else [*sides(index - k, size - k), "left"]


@given(st.data())
def test_any_change_of_a_consistency_proof_is_refused(data: st.DataObject):
    size2 = data.draw(st.integers(2, 300))
    size1 = data.draw(st.integers(1, size2 - 1))
    leaves = leaves_of(size2)
    sound: dict[str, Any] = {
        "size1": size1,
        "size2": size2,
        "proof": consistency_proof(size1=size1, size2=size2, hash_at=reading(leaves)),
        "root1": root(leaves[:size1]),
        "root2": root(leaves),
    }
    verify_consistency(**sound)
    bit = data.draw(st.integers(0, 255))
    changes: list[dict[str, Any]] = [
        {"root1": flipped(sound["root1"], bit)},
        {"root2": flipped(sound["root2"], bit)},
        {"root1": sound["root2"], "root2": sound["root1"]},
        {"proof": broken_lists(sound["proof"], data.draw)},
        {"size1": data.draw(st.integers(0, size2).filter(lambda other: other != size1))},
    ]
    for change in changes:
        with pytest.raises(ProofDoesNotMatch):
            verify_consistency(**sound | change)


@given(st.data())
def test_a_log_that_rewrote_history_finds_no_proof(data: st.DataObject):
    size2 = data.draw(st.integers(2, 120))
    size1 = data.draw(st.integers(1, size2 - 1))
    rewritten = data.draw(st.integers(0, size1 - 1))
    honest = leaves_of(size2)
    forked = [*honest]
    forked[rewritten] = leaf_hash(b"another entry")
    for told in (honest, forked):
        proof = consistency_proof(size1=size1, size2=size2, hash_at=reading(told))
        with pytest.raises(ProofDoesNotMatch):
            verify_consistency(size1=size1, size2=size2, proof=proof, root1=root(honest[:size1]), root2=root(forked))
