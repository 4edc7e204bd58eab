"""Sealing into the folder and reading out of it."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from comity.errors import N_, ComityError
from comity.evidence.seal import (
    KEY_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    SEGMENT_BYTES,
    Header,
    cipher,
    key_commitment,
    plain_bytes,
    unseal,
)

BUFFERS: Final = 4
"""Segments in flight: one being read, one sealed, the others hashed."""

FLUSH_SEGMENTS: Final = 16
"""After so many segments the disk is told to write what it has, so that little is left to wait for at the end."""

Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class AlreadySealed(ComityError):
    """The vault never writes an item twice."""

    code = "vault.already_sealed"
    sentence = N_("the vault holds item {item} already")


class NotInTheVault(ComityError):
    """There is no such sealed item."""

    code = "vault.not_in_the_vault"
    sentence = N_("the vault holds no item {item}")


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


def items(folder: Path) -> Path:
    """Where finished items lie."""
    return folder / "items"


def drafts(folder: Path) -> Path:
    """Where unfinished ones lie."""
    return folder / "drafts"


def path_of(folder: Path, item: str) -> Path:
    """The file of a finished item."""
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return items(folder) / f"{item}.sealed"


def held(folder: Path, item: str) -> bool:
    """Whether the vault holds the item."""
    return path_of(folder, item).exists()


def seal(source: Source, *, folder: Path, item: str, progress: Progress) -> Sealed:
    """Seal everything that `source` gives, in one pass, under a fresh key; raises `AlreadySealed` or OSError.

    The hash runs in a second thread over the same buffers, and the disk writes in a third. A failure leaves nothing.
    """
    if held(folder, item):
        raise AlreadySealed(item=item)
    drafts(folder).mkdir(parents=True, exist_ok=True)
    items(folder).mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    draft = drafts(folder) / f"{item}.seal-{secrets.token_hex(4)}"
    try:
        with draft.open("xb", buffering=0) as out:
            fcntl.flock(out, fcntl.LOCK_EX)  # as long as this process lives, nobody sweeps the draft
            size, digest = _pour(source, out, key=key, item=item, progress=progress)
            os.fsync(out.fileno())
            sealed_bytes = out.tell()
        publish(draft, path_of(folder, item), item=item)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return Sealed(
        item=item,
        key=key,
        bytes=size,
        sha256=digest,
        key_commitment=key_commitment(key),
        sealed_bytes=sealed_bytes,
    )


def _pour(source: Source, out: BinaryIO, *, key: bytes, item: str, progress: Progress) -> tuple[int, str]:
    """Read, hash and encrypt segment by segment; size and SHA-256 of the plaintext."""
    header = Header(salt=secrets.token_bytes(SALT_BYTES), prefix=secrets.token_bytes(PREFIX_BYTES))
    sealing = cipher(key, header, item=item)
    hashing = hashlib.sha256()
    plain = [memoryview(bytearray(SEGMENT_BYTES)) for _ in range(BUFFERS)]
    hashed: list[Future[None] | None] = [None] * BUFFERS
    closed = memoryview(bytearray(SEGMENT_BYTES))
    write_all(out, header.to_bytes())
    total = segment = 0
    with ThreadPoolExecutor(max_workers=1) as second, ThreadPoolExecutor(max_workers=1) as third:
        flushed = third.submit(_settle, out.fileno())
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
            written = sealing.encrypt_into(nonce, here, None, closed[: length + 16])
            write_all(out, closed[:written])
            if segment % FLUSH_SEGMENTS == 0 and flushed.done():
                flushed.result()  # a failure of the disk shows once only
                flushed = third.submit(_settle, out.fileno())
            total += length
            progress(length)
            if not next_length:
                break
            segment, length = segment + 1, next_length
        flushed.result()
    return total, hashing.hexdigest()


def _settle(descriptor: int) -> None:
    """Have the disk write what it was given, and leave the memory that this took to others."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


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


def write_all(out: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, or raise OSError."""
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]


def publish(draft: Path, final: Path, *, item: str) -> None:
    """Give a finished draft its name, once; raises `AlreadySealed`."""
    try:
        os.link(draft, final)  # unlike rename, link never replaces an item
    except FileExistsError as there:
        raise AlreadySealed(item=item) from there
    draft.unlink()
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(folder: Path, item: str) -> None:
    """Throw away a sealed item that was never recorded: no key of it is kept anywhere."""
    path_of(folder, item).unlink(missing_ok=True)


def clear(folder: Path, item: str) -> None:
    """Throw away the ciphertext of an item, whole or still arriving: its key is gone, or never was here."""
    path_of(folder, item).unlink(missing_ok=True)
    (drafts(folder) / f"{item}.incoming").unlink(missing_ok=True)


def size(folder: Path, item: str) -> int:
    """The length of the sealed item; raises `NotInTheVault`."""
    try:
        return path_of(folder, item).stat().st_size
    except FileNotFoundError as missing:
        raise NotInTheVault(item=item) from missing


def ciphertext(folder: Path, item: str) -> Iterator[bytes]:
    """The sealed item, in pieces; raises `NotInTheVault`."""
    size(folder, item)
    with path_of(folder, item).open("rb") as file:
        while piece := file.read(SEGMENT_BYTES):
            yield piece


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
    size(folder, item)
    with path_of(folder, item).open("rb") as file:
        file.seek(offset)
        return file.read(length)


def sealed_sha256(folder: Path, item: str) -> str:
    """SHA-256 of the ciphertext, computed when it is read for a hand-over or an export."""
    digest = hashlib.sha256()
    for piece in ciphertext(folder, item):
        digest.update(piece)
    return digest.hexdigest()


def sweep(folder: Path) -> int:
    """Throw away what killed seals left; living seals and arriving items stay. How many drafts were thrown away."""
    swept = 0
    for draft in drafts(folder).glob("*.seal-*"):
        try:
            with draft.open("rb") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()
                swept += 1
        except (BlockingIOError, FileNotFoundError):
            continue  # somebody is sealing into it, or it was just finished
    return swept
