"""Sealing into the vault and reading out of it, wherever its items lie."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from comity.evidence.seal import (
    KEY_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    Header,
    cipher,
    key_commitment,
    plain_bytes,
    sealed_size,
    unseal,
)
from comity.registry.vault import s3
from comity.registry.vault.local import Folder, arriving
from comity.registry.vault.shelf import AlreadySealed, Draft, Shelf

BUFFERS: Final = 4
"""Segments in flight: one being read, one sealed, the others hashed."""

Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class Source(Protocol):
    """What is read from: a file, a pipe, an upload."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


@dataclass(frozen=True)
class Sealed:
    """A finished seal, with the key that opens it; `bytes` and `sha256` are of the plaintext."""

    item: str
    key: bytes
    bytes: int
    sha256: str
    key_commitment: str
    sealed_bytes: int


def shelf_of(folder: Path) -> Shelf:
    """Where the items of a node lie, whose vault is `folder`: in it, or in the bucket that its `node.toml` names."""
    place = s3.place_of(folder.parent)
    return Folder(folder) if place is None else s3.Bucket(folder, place)


def held(folder: Path, item: str) -> bool:
    """Whether the vault holds the item."""
    return shelf_of(folder).held(item)


def seal(source: Source, *, folder: Path, item: str, progress: Progress) -> Sealed:
    """Seal everything that `source` gives, in one pass, under a fresh key.

    The hash runs in a second thread over the same buffers. A failure leaves nothing. Raises `AlreadySealed`, OSError where
    the disk or the source fails, `BucketUnusable` where the bucket does.
    """
    shelf = shelf_of(folder)
    if shelf.held(item):
        raise AlreadySealed(item=item)
    key = secrets.token_bytes(KEY_BYTES)
    with shelf.draft(item) as draft:
        size, digest = _pour(source, draft, key=key, item=item, progress=progress)
        draft.publish()
    return Sealed(
        item=item,
        key=key,
        bytes=size,
        sha256=digest,
        key_commitment=key_commitment(key),
        sealed_bytes=sealed_size(size),
    )


def _pour(source: Source, out: Draft, *, key: bytes, item: str, progress: Progress) -> tuple[int, str]:
    """Read, hash and encrypt segment by segment; size and SHA-256 of the plaintext."""
    header = Header(salt=secrets.token_bytes(SALT_BYTES), prefix=secrets.token_bytes(PREFIX_BYTES))
    sealing = cipher(key, header, item=item)
    hashing = hashlib.sha256()
    plain = [memoryview(bytearray(SEGMENT_BYTES)) for _ in range(BUFFERS)]
    hashed: list[Future[None] | None] = [None] * BUFFERS
    out.write(header.to_bytes())
    total = segment = 0
    with ThreadPoolExecutor(max_workers=1) as second:
        length = fill(source, plain[0][: plain_bytes(0)])
        while True:
            place = segment % BUFFERS
            here = plain[place][:length]
            hashed[place] = second.submit(hashing.update, here)
            following = (segment + 1) % BUFFERS
            waiting = hashed[following]
            if waiting is not None:
                waiting.result()  # its buffer is read into next
            full = length == plain_bytes(segment)
            next_length = fill(source, plain[following][: plain_bytes(segment + 1)]) if full else 0
            nonce = header.nonce(segment, last=not next_length)
            out.wrote(sealing.encrypt_into(nonce, here, None, out.room(length + TAG_BYTES)))
            total += length
            progress(length)
            if not next_length:
                break
            segment, length = segment + 1, next_length
    return total, hashing.hexdigest()


def fill(source: Source, buffer: memoryview) -> int:
    """Read until the buffer is full or the source ends; how many bytes were read."""
    filled = 0
    while filled < len(buffer):
        count = source.readinto(buffer[filled:])
        if count is None:
            raise BlockingIOError("a source that gives nothing for the moment has not ended")
        if count == 0:
            break
        filled += count
    return filled


def clear(folder: Path, item: str) -> None:
    """Throw away the ciphertext of an item, whole or still arriving: its key is gone, was never recorded, or never was here."""
    shelf_of(folder).discard(item)
    arriving(folder, item).unlink(missing_ok=True)


def size(folder: Path, item: str) -> int:
    """The length of the sealed item; raises `NotInTheVault`."""
    return shelf_of(folder).size(item)


def ciphertext(folder: Path, item: str) -> Iterator[bytes]:
    """The sealed item, in pieces; raises `NotInTheVault`."""
    return shelf_of(folder).pieces(item)


def read(folder: Path, item: str, *, key: bytes) -> Iterator[bytes]:
    """The plaintext, in pieces; raises `SealBroken` or `NotInTheVault`.

    A second thread opens the next piece while the reader works on this one: hashing and opening cost about the same.
    """
    return _ahead(unseal(ciphertext(folder, item), key=key, item=item))


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, each made while the one before is in use."""
    with ThreadPoolExecutor(max_workers=1) as second:
        coming = second.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = second.submit(next, pieces, None)
            yield piece


def read_range(folder: Path, item: str, *, offset: int, length: int) -> bytes:
    """A range of the sealed item (shorter at its end); raises `NotInTheVault`."""
    return shelf_of(folder).range(item, offset=offset, length=length)


def sealed_sha256(folder: Path, item: str) -> str:
    """SHA-256 of the ciphertext, computed when it is read for a hand-over or an export."""
    digest = hashlib.sha256()
    for piece in ciphertext(folder, item):
        digest.update(piece)
    return digest.hexdigest()


def sweep(folder: Path) -> int:
    """Throw away what killed seals left; living seals and arriving items stay. How many drafts were thrown away."""
    return shelf_of(folder).sweep()
