"""An item on its way in from another node: ciphertext in chunks, continued after any interruption, believed at the end."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from comity.errors import N_, ComityError
from comity.evidence.item import Item
from comity.evidence.seal import SEGMENT_BYTES, SealBroken, key_commitment, unseal
from comity.registry.vault.local import arriving, drafts, write_all
from comity.registry.vault.store import shelf_of


class PartsDoNotJoin(ComityError):
    """A chunk does not begin where the last one ended."""

    code = "vault.parts_do_not_join"
    sentence = N_("a chunk of item {item} begins at {offset}, and {received} of {total} bytes have arrived")


class NotWholeYet(ComityError):
    """Only a part of the item has arrived."""

    code = "vault.not_whole_yet"
    sentence = N_("{received} of {total} bytes of item {item} have arrived")


class ContentDiffers(ComityError):
    """What arrived is not what the custody record says."""

    code = "vault.content_differs"
    sentence = N_("what arrived is not item {item}: {why}")
    hint = N_("The copy was thrown away. Ask the giver to hand the item over again.")


class Incoming:
    """One item that is arriving. Its partial file in the vault's folder is the only memory of how far it came."""

    def __init__(self, folder: Path, item: Item) -> None:
        drafts(folder).mkdir(parents=True, exist_ok=True)
        self._shelf = shelf_of(folder)
        self._item = item
        self._draft = arriving(folder, item.id)

    @property
    def received(self) -> int:
        """How many bytes of the ciphertext lie here."""
        if self._draft.exists():
            return self._draft.stat().st_size
        return self._item.sealed_bytes if self._shelf.held(self._item.id) else 0

    def append(self, chunk: bytes, *, offset: int) -> None:
        """Add the next chunk, durably; raises `PartsDoNotJoin`."""
        received, total = self.received, self._item.sealed_bytes
        if offset != received or not chunk or received + len(chunk) > total:
            raise PartsDoNotJoin(item=self._item.id, offset=offset, received=received, total=total)
        with self._draft.open("ab", buffering=0) as out:
            write_all(out, chunk)
            os.fsync(out.fileno())

    def complete(self, *, key: bytes) -> None:
        """Hold that the whole item arrived, opens with `key` and is what its record says; then it is in the vault.

        Raises `NotWholeYet`; `ContentDiffers` or `SealBroken`, and throws the copy away. Called again after a crash, it
        ends in the same place.
        """
        if key_commitment(key) != self._item.key_commitment:
            raise ContentDiffers(item=self._item.id, why="the key is not the one that the custody record commits to")
        if self.received < self._item.sealed_bytes:
            raise NotWholeYet(item=self._item.id, received=self.received, total=self._item.sealed_bytes)
        # By an earlier call, or because a giver names an item that we hold: that stays.
        there = self._shelf.held(self._item.id)
        try:
            self._hold_content(self._shelf.pieces(self._item.id) if there else _pieces(self._draft), key)
        except (SealBroken, ContentDiffers):
            self._draft.unlink(missing_ok=True)
            raise
        if there:
            self._draft.unlink(missing_ok=True)
        else:
            self._shelf.adopt(self._item.id, self._draft)

    def _hold_content(self, pieces: Iterator[bytes], key: bytes) -> None:
        digest, total = hashlib.sha256(), 0
        for piece in unseal(pieces, key=key, item=self._item.id):
            digest.update(piece)
            total += len(piece)
        if (digest.hexdigest(), total) != (self._item.sha256, self._item.bytes):
            raise ContentDiffers(
                item=self._item.id, why=f"SHA-256 {digest.hexdigest()} over {total} bytes, recorded {self._item.sha256}"
            )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(SEGMENT_BYTES):
            yield piece
