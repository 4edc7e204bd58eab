"""Proofs from another node's log: its checkpoint and tiles, fetched over the public addresses and verified here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from comity.canon import moment
from comity.errors import N_, ComityError
from comity.ledger import (
    TILE_WIDTH,
    Checkpoint,
    Entry,
    Inclusion,
    ReadTile,
    TileId,
    hash_at,
    inclusion_proof,
    tile_path,
    verify_logged,
)
from comity.registry import post


class NotLoggedYet(ComityError):
    """A peer promised to log an entry and its log does not hold it (yet)."""

    code = "registry.not_logged_yet"
    sentence = N_("the log of node {peer} does not hold the entry that its receipt of {received} names")
    hint = N_("Ask again when the time promised in the receipt is over; after that, tell both overseers.")


@dataclass(frozen=True)
class Proven:
    """Entries of a peer's log, each with its inclusion under one signed checkpoint."""

    checkpoint: bytes
    entries: tuple[tuple[Entry, Inclusion], ...]


def fetch(peer: str, entries: tuple[Entry, ...]) -> Proven:
    """Prove that a peer's log holds these entries of its own; raises `NotLoggedYet`, `PeerDidNotAnswer` or worse."""
    card = post.peer(peer)
    signed = post.fetch_public("/log/checkpoint", from_=peer)
    key, head = card.opened(signed, at=None)
    tiles = _Tiles(peer, head)
    found = []
    for entry in entries:
        index = _index(peer, entry)
        if index >= head.size:
            raise NotLoggedYet(peer=peer, received=entry.at)
        path = inclusion_proof(index=index, size=head.size, hash_at=hash_at(tiles, head.size))
        inclusion = Inclusion(index=index, size=head.size, proof=path, checkpoint=signed)
        verify_logged(entry, inclusion, key=key, origin=head.origin)
        found.append((entry, inclusion))
    return Proven(checkpoint=signed, entries=tuple(found))


def is_lost(peer: str, entry: Entry) -> bool:
    """Whether a peer's log that ended held this entry and the one that goes on does not: it stands in receipts only."""
    former = post.peer(peer).former_logs
    if not former or moment(entry.at) >= former[-1].keys[-1].until:
        return False
    try:
        _index(peer, entry)
    except NotLoggedYet:
        return True
    return False


def tiles_of(peer: str, head: Checkpoint) -> ReadTile:
    """Reads the tiles of a peer's log at one size over its public addresses, each once."""
    return _Tiles(peer, head)


def ask(peer: str, entries: Sequence[Entry]) -> list[Inclusion | ComityError]:
    """For each entry its place in the peer's log, or why there is none; a peer that does not answer is asked once."""
    answers: list[Inclusion | ComityError] = []
    for entry in entries:
        try:
            answers.append(fetch(peer, (entry,)).entries[0][1])
        except post.PeerDidNotAnswer as silent:
            return answers + [silent] * (len(entries) - len(answers))
        except ComityError as refused:
            answers.append(refused)
    return answers


def _index(peer: str, entry: Entry) -> int:
    try:
        answer = post.fetch_public(f"/log/leaf/{entry.leaf_hash.hex()}", from_=peer)
    except post.PeerRefused as unknown:
        raise NotLoggedYet(peer=peer, received=entry.at) from unknown
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError) as broken:
        raise NotLoggedYet(peer=peer, received=entry.at) from broken
    index = said.get("index") if isinstance(said, dict) else None
    if type(index) is not int or index < 0:
        raise NotLoggedYet(peer=peer, received=entry.at)
    return index


class _Tiles:
    """Reads tiles of one size of a peer's log, each once."""

    def __init__(self, peer: str, head: Checkpoint) -> None:
        self._peer = peer
        self._size = head.size
        self._read: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        if (level, index) not in self._read:
            width = min(TILE_WIDTH, (self._size >> (8 * level)) - index * TILE_WIDTH)
            wanted = TileId(level=level, index=index, width=width)
            self._read[level, index] = post.fetch_public(f"/log/{tile_path(wanted)}", from_=self._peer)
        return self._read[level, index]
