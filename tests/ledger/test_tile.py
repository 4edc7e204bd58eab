from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.ledger import (
    EMPTY_ROOT,
    SIZE_MAX,
    NoSuchTile,
    ReadTile,
    TileBroken,
    TileId,
    consistency_proof,
    grow,
    hash_at,
    hashes_of,
    inclusion_proof,
    leaf_hash,
    parse_path,
    root,
    root_at,
    tile_path,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]


class Shelf:
    """Stored tiles; holds that a tile only ever grows, as a store of a log must."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads: list[tuple[int, int]] = []

    def read(self, level: int, index: int) -> bytes:
        self.reads.append((level, index))
        return self.tiles.get((level, index), b"")

    def grow(self, *, size: int, leaves: Sequence[bytes]) -> bytes:
        grown = grow(self.read, size=size, leaves=leaves)
        assert grown.size == size + len(leaves)
        for place, hashes in grown.tiles.items():
            before = self.tiles.get(place, b"")
            assert hashes.startswith(before), "a tile was changed"
            assert len(before) < len(hashes) <= 8192, "a tile was written that did not grow"
            self.tiles[place] = hashes
        return grown.root


def filled(size: int) -> Shelf:
    shelf = Shelf()
    shelf.grow(size=0, leaves=LEAVES[:size])
    return shelf


def defined_tiles(size: int) -> dict[tuple[int, int], bytes]:
    """All tiles of a tree by the definition of tlog-tiles: MTH(D[(n*256+i) * 256**l : (n*256+i+1) * 256**l])."""
    tiles, level = {}, 0
    while size >> (8 * level):
        span = 256**level
        hashes = [naive_root(LEAVES[i * span : (i + 1) * span]) for i in range(size // span)]
        for start in range(0, len(hashes), 256):
            tiles[level, start // 256] = b"".join(hashes[start : start + 256])
        level += 1
    return tiles


def naive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/0/-01",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/0/x000/001",
        "tile/0/x1/234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000.p/1000",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000p/1",
        "tile/0/000.p/1\n",
        "tile/0/000\n",
        "tile/0/\u0660\u0660\u0660",
        "tile/\u0660/000",
        "tile/0/../../secrets",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x001/" * 1000 + "001",
        "tile/entries/000",
        "tile/data/000",
        "TILE/0/000",
    ],
)
def test_a_path_that_names_no_tile_is_refused(path: str):
    with pytest.raises(NoSuchTile):
        parse_path(path)


@given(st.text(max_size=80))
def test_hostile_paths_are_refused_by_name(path: str):
    with pytest.raises(NoSuchTile):
        parse_path(path)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(level=0, index=0, width=256), "tile/0/000"),
        (TileId(level=0, index=999, width=1), "tile/0/999.p/1"),
        (TileId(level=0, index=1000, width=256), "tile/0/x001/000"),
        (TileId(level=0, index=1234067, width=256), "tile/0/x001/x234/067"),  # the example of c2sp.org/tlog-tiles
        (TileId(level=63, index=1234, width=255), "tile/63/x001/234.p/255"),
    ],
)
def test_paths_are_spelled_as_the_specification_does(tile: TileId, path: str):
    assert tile_path(tile) == path
    assert parse_path(path) == tile


@given(st.builds(TileId, level=st.integers(0, 63), index=st.integers(0, SIZE_MAX), width=st.integers(1, 256)))
def test_every_tile_is_found_again_by_its_path(tile: TileId):
    assert parse_path(tile_path(tile)) == tile


@pytest.mark.parametrize("stored", [b"", b"x" * 31, b"x" * (32 * 44 - 1)])
def test_a_tile_that_lost_hashes_is_refused(stored: bytes):
    shelf = filled(300)
    shelf.tiles[0, 1] = stored
    with pytest.raises(TileBroken):
        root_at(shelf.read, 300)
    with pytest.raises(TileBroken):
        grow(shelf.read, size=300, leaves=LEAVES[:1])
    with pytest.raises(TileBroken):
        inclusion_proof(index=0, size=300, hash_at=hash_at(shelf.read, 300))


def test_no_wider_tile_is_served_than_is_stored():
    shelf = filled(300)
    assert hashes_of(shelf.read, TileId(level=0, index=1, width=44)) == b"".join(LEAVES[256:300])
    assert hashes_of(shelf.read, TileId(level=0, index=1, width=5)) == b"".join(LEAVES[256:261])
    for tile in (
        TileId(level=0, index=1, width=45),
        TileId(level=0, index=2, width=1),
        TileId(level=1, index=0, width=2),
    ):
        with pytest.raises(TileBroken):
            hashes_of(shelf.read, tile)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
def test_a_tree_at_the_edges_of_tiles_has_the_tiles_and_the_root_of_the_definition(size: int):
    shelf = filled(size)
    assert shelf.tiles == defined_tiles(size)
    assert root_at(shelf.read, size) == root(LEAVES[:size])


def test_the_example_of_the_specification_has_its_tiles():
    # c2sp.org/tlog-tiles, "Partial Tiles": a tree of size 70,000
    shelf = filled(70_000)
    widths = {place: len(hashes) // 32 for place, hashes in shelf.tiles.items()}
    full = [place for place, width in widths.items() if width == 256]
    partial = {place: width for place, width in widths.items() if width < 256}
    assert [sum(level == wanted for level, _ in full) for wanted in (0, 1, 2)] == [273, 1, 0]
    assert partial == {(0, 273): 112, (1, 1): 17, (2, 0): 1}


def test_growing_by_nothing_changes_nothing():
    grown = grow(Shelf().read, size=0, leaves=[])
    assert (grown.tiles, grown.size, grown.root) == ({}, 0, EMPTY_ROOT)
    shelf = filled(300)
    grown = grow(shelf.read, size=300, leaves=[])
    assert (grown.tiles, grown.size, grown.root) == ({}, 300, root(LEAVES[:300]))


def test_growing_reads_the_right_edge_only():
    shelf = filled(66_000)
    shelf.reads.clear()
    shelf.grow(size=66_000, leaves=LEAVES[66_000:66_100])
    assert set(shelf.reads) <= {(0, 257), (1, 1), (2, 0)}


def test_growing_with_what_is_no_hash_is_our_bug():
    with pytest.raises(AssertionError):
        grow(Shelf().read, size=0, leaves=[b"an entry that nobody hashed"])


@given(st.lists(st.integers(0, 700), max_size=8))
def test_batches_of_any_size_give_the_same_tree(batches: list[int]):
    shelf, size = Shelf(), 0
    for batch in batches:
        head = shelf.grow(size=size, leaves=LEAVES[size : size + batch])
        size += batch
        assert head == root_at(shelf.read, size) == root(LEAVES[:size])
    assert shelf.tiles == filled(size).tiles


BIG = filled(70_000)


@settings(max_examples=40)
@given(st.data())
def test_any_proof_for_any_earlier_size_comes_from_the_widest_tiles(data: st.DataObject):
    size2 = data.draw(st.one_of(st.integers(1, 70_000), st.sampled_from([256, 257, 65_535, 65_536, 65_537, 70_000])))
    size1, index = data.draw(st.integers(1, size2)), data.draw(st.integers(0, size2 - 1))
    head1, head2 = root_at(BIG.read, size1), root_at(BIG.read, size2)
    reading = hash_at(BIG.read, size2)
    proof = inclusion_proof(index=index, size=size2, hash_at=reading)
    verify_inclusion(LEAVES[index], index=index, size=size2, proof=proof, root=head2)
    proof = consistency_proof(size1=size1, size2=size2, hash_at=reading)
    verify_consistency(size1=size1, size2=size2, proof=proof, root1=head1, root2=head2)


def test_a_proof_reads_each_tile_once():
    BIG.reads.clear()
    inclusion_proof(index=12_345, size=70_000, hash_at=hash_at(BIG.read, 70_000))
    assert sorted(BIG.reads) == sorted(set(BIG.reads))
    assert len(BIG.reads) <= 5


def test_a_subtree_beyond_the_tree_is_our_bug():
    read: ReadTile = BIG.read
    for level, index in ((0, 300), (1, 150), (8, 1), (3, -1)):
        with pytest.raises(AssertionError):
            hash_at(read, 300)(level, index)
