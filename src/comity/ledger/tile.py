"""Tiles (c2sp.org/tlog-tiles): the tree as files of up to 256 hashes, from which anybody computes any proof.

* The tile (level, index) holds the roots of complete subtrees of `256**level` leaves, from number `256 * index` on.
* A tile only grows: a wider version begins with the narrower one. Stored is the widest; a narrower one is cut from it.
* Entry bundles are no part of this log: bodies are not public.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from comity.errors import N_, ComityError
from comity.ledger.tree import EMPTY_ROOT, HASH_BYTES, SIZE_MAX, HashAt, pairs, root

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
TILE_LEVEL_MAX: Final = 63
PATH_CHARACTERS_MAX: Final = 60
_PATH: Final = re.compile(
    r"tile/(?P<level>0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?", re.ASCII
)

ReadTile: TypeAlias = Callable[[int, int], bytes]
"""`(level, index)` -> the widest stored tile there, or nothing."""


class NoSuchTile(ComityError):
    """A path names no tile."""

    code = "ledger.no_such_tile"
    sentence = N_("{path} is no path of a tile")
    hint = N_("Tiles have paths such as tile/0/x001/234 or, where partial, tile/0/x001/234.p/5.")


class TileBroken(ComityError):
    """A tile does not hold the hashes that the tree needs."""

    code = "ledger.tile_broken"
    sentence = N_("tile {index} at level {level} holds {found} bytes, needed are {needed}")
    hint = N_("Restore the tile from a copy, or fetch it again; hashes can be compared with a signed checkpoint.")


@dataclass(frozen=True)
class TileId:
    """One tile; `width` is the number of its hashes, 256 where it is full."""

    level: int
    index: int
    width: int

    def __post_init__(self) -> None:
        """Hold that such a tile can be; a path from outside is checked by `parse_path` first."""
        assert 0 <= self.level <= TILE_LEVEL_MAX, f"no tile at level {self.level}"
        assert 0 <= self.index <= SIZE_MAX, f"no tile {self.index}"
        assert 1 <= self.width <= TILE_WIDTH, f"no tile of {self.width} hashes"


def tile_path(tile: TileId) -> str:
    """The path at which a tile is served: `tile/0/x001/234`, a partial one `tile/0/x001/234.p/5`."""
    index, last = divmod(tile.index, 1000)
    path = f"{last:03d}"
    while index:
        index, part = divmod(index, 1000)
        path = f"x{part:03d}/{path}"
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{tile.level}/{path}{partial}"


def parse_path(path: str) -> TileId:
    """Read `tile_path` back; raises `NoSuchTile` for every other spelling."""
    shape = _PATH.fullmatch(path) if len(path) <= PATH_CHARACTERS_MAX else None
    if shape is None:
        raise NoSuchTile(path=path[:PATH_CHARACTERS_MAX])
    level = int(shape["level"])
    index = int(shape["index"].replace("/", "").replace("x", ""))
    width = int(shape["width"] or TILE_WIDTH)
    if level > TILE_LEVEL_MAX or index > SIZE_MAX or width > TILE_WIDTH:
        raise NoSuchTile(path=path)
    tile = TileId(level=level, index=index, width=width)
    if tile_path(tile) != path:  # x000/ in front, or a full tile written as a partial one
        raise NoSuchTile(path=path)
    return tile


def hashes_of(read_tile: ReadTile, tile: TileId) -> bytes:
    """The bytes to serve for `tile`, cut from the widest stored one; raises `TileBroken` where that is narrower."""
    stored = read_tile(tile.level, tile.index)
    needed = tile.width * HASH_BYTES
    if len(stored) < needed:
        raise TileBroken(level=tile.level, index=tile.index, found=len(stored), needed=needed)
    return stored[:needed]


@dataclass(frozen=True)
class Grown:
    """A tree after leaves were added: its size, its root, and the tiles that changed, by (level, index)."""

    tiles: Mapping[tuple[int, int], bytes]
    size: int
    root: bytes


def grow(read_tile: ReadTile, *, size: int, leaves: Sequence[bytes]) -> Grown:
    """Add leaf hashes to a tree of `size`; reads the right edge only. Raises `TileBroken`."""
    assert all(len(leaf) == HASH_BYTES for leaf in leaves), "leaves are handed in as hashes"
    tiles: dict[tuple[int, int], bytes] = {}
    level, before, added = 0, size, list(leaves)
    while added:
        first = before // TILE_WIDTH
        hashes = _edge(read_tile, level, before) + added
        added = []  # what the next level gets: the roots of the tiles that are now full
        for number, start in enumerate(range(0, len(hashes), TILE_WIDTH), start=first):
            held = hashes[start : start + TILE_WIDTH]
            tiles[level, number] = b"".join(held)
            if len(held) == TILE_WIDTH:
                added.append(root(held))
        level, before = level + 1, first

    def read_grown(level: int, index: int) -> bytes:
        return tiles.get((level, index)) or read_tile(level, index)

    return Grown(tiles=tiles, size=size + len(leaves), root=root_at(read_grown, size + len(leaves)))


def root_at(read_tile: ReadTile, size: int) -> bytes:
    """The root of the tree of `size` leaves, read from its right edge; raises `TileBroken`."""
    smaller: list[bytes] = []  # the root of what does not fill a subtree of this level
    level, count = 0, size
    while count:
        row = _edge(read_tile, level, count) + smaller
        smaller = [root(row)] if row else []
        level, count = level + 1, count // TILE_WIDTH
    return smaller[0] if smaller else EMPTY_ROOT


def hash_at(read_tile: ReadTile, size: int) -> HashAt:
    """Hashes of the complete subtrees of a tree of `size` leaves, for proofs; raises `TileBroken` when called.

    Each tile is read and hashed once and then kept: make one for a request, not one for a node's life.
    """

    @cache
    def row(level: int, index: int, height: int) -> list[bytes]:
        """The complete subtrees at `height` above the hashes of a tile."""
        if height:
            return pairs(row(level, index, height - 1))
        width = min((size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH, TILE_WIDTH)
        return _cut(hashes_of(read_tile, TileId(level=level, index=index, width=width)))

    def subtree(level: int, index: int) -> bytes:
        assert 0 <= index < size >> level, f"the tree of {size} has no complete subtree {index} at level {level}"
        tile_level, height = divmod(level, TILE_HEIGHT)
        per_tile = TILE_WIDTH >> height
        return row(tile_level, index // per_tile, height)[index % per_tile]

    return subtree


def _edge(read_tile: ReadTile, level: int, count: int) -> list[bytes]:
    """The hashes of the partial tile at the right end of a level with `count` hashes; none where all are full."""
    index, width = divmod(count, TILE_WIDTH)
    if not width:
        return []
    return _cut(hashes_of(read_tile, TileId(level=level, index=index, width=width)))


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
