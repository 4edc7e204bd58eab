"""The seal: Tink's streaming AEAD, AES256-GCM-HKDF with segments of 1 MiB, so that any Tink opens what we sealed.

    header   40 bytes: the byte 40, a salt of 32, a nonce prefix of 7
    segments AES-256-GCM; ciphertext 1 MiB each (the first 40 bytes less, for the header; the last as long as it is)

* One key per item. Each seal derives its own segment key: HKDF-SHA256 over the item key, with the header's salt and the
  item's id as associated data. A ciphertext put under another item does not open.
* A segment's nonce is prefix, number (32 bits) and whether it is the last: none can be moved, left out or added.
* GCM does not bind a ciphertext to one key, so an item also carries a commitment to its key.
* Nothing here makes a key or a salt: randomness comes in. Sealing is the vault's; opening is anybody's who has the key.

Source: Tink, "AES-GCM-HKDF Streaming AEAD" (developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.errors import N_, ComityError

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
PREFIX_BYTES: Final = 7
HEADER_BYTES: Final = 1 + SALT_BYTES + PREFIX_BYTES
TAG_BYTES: Final = 16
SEGMENT_BYTES: Final = 1024 * 1024
"""Ciphertext of one segment, its tag included."""

SEGMENTS_MAX: Final = 2**32

_COMMITMENT: Final = b"comity-item-key-v1\n"


class SealBroken(ComityError):
    """A sealed item does not open: altered, cut short, or not this item's key."""

    code = "evidence.seal_broken"
    sentence = N_("the seal of item {item} is broken at segment {segment}: {why}")
    hint = N_("Do not use what was read of it; fetch the sealed item again from who handed it over.")


@dataclass(frozen=True)
class Header:
    """The 40 bytes before the first segment, fresh for every seal."""

    salt: bytes
    prefix: bytes

    def to_bytes(self) -> bytes:
        return bytes([HEADER_BYTES]) + self.salt + self.prefix

    def nonce(self, segment: int, *, last: bool) -> bytes:
        """The nonce of a segment, counted from 0."""
        return self.prefix + segment.to_bytes(4, "big") + bytes([last])

    @classmethod
    def from_bytes(cls, data: bytes, *, item: str) -> "Header":
        """Read `to_bytes` back; raises `SealBroken`."""
        if len(data) != HEADER_BYTES or data[0] != HEADER_BYTES:
            raise SealBroken(item=item, segment=0, why="it does not begin with a header of 40 bytes")
        return cls(salt=data[1 : 1 + SALT_BYTES], prefix=data[1 + SALT_BYTES :])


def cipher(key: bytes, header: Header, *, item: str) -> AESGCM:
    """The AES-256-GCM of all segments behind this header."""
    assert len(key) == KEY_BYTES
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=header.salt, info=item.encode("ascii"))
    return AESGCM(derive.derive(key))


def plain_bytes(segment: int) -> int:
    """Plaintext of a full segment, counted from 0; the first makes room for the header."""
    return SEGMENT_BYTES - TAG_BYTES - (0 if segment else HEADER_BYTES)


def sealed_size(size: int) -> int:
    """Bytes of the sealed item for so many bytes of plaintext; an empty one has one empty segment."""
    beyond = max(0, size - plain_bytes(0))
    segments = 1 + -(-beyond // plain_bytes(1))
    return HEADER_BYTES + size + segments * TAG_BYTES


def key_commitment(key: bytes) -> str:
    """The hash (hexadecimal) by which custody names an item's key without telling it; keys are random, so it tells nothing."""
    return hashlib.sha256(_COMMITMENT + key).hexdigest()


def unseal(chunks: Iterable[bytes], *, key: bytes, item: str) -> Iterator[bytes]:
    """Open a sealed item, however it is cut into chunks; yields one segment's plaintext after the other.

    Raises `SealBroken`. Each segment is genuine when it is yielded; that none is missing is certain only at the end.
    """
    header: Header | None = None
    for index, (segment, last) in enumerate(_segments(chunks)):
        if header is None:
            header = Header.from_bytes(segment[:HEADER_BYTES], item=item)
            opening = cipher(key, header, item=item)
            segment = segment[HEADER_BYTES:]  # noqa: PLW2901 - the header is no part of the first segment
        if index == SEGMENTS_MAX:
            raise SealBroken(item=item, segment=index, why="it has more segments than the format numbers")
        if len(segment) == TAG_BYTES and index:
            raise SealBroken(item=item, segment=index, why="its last segment is empty")
        try:
            yield opening.decrypt(header.nonce(index, last=last), segment, None)
        except InvalidTag as broken:
            raise SealBroken(item=item, segment=index, why="altered, cut short, or not this item's key") from broken


def _segments(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Segments as they lie in the file (the first with its header), each with whether it is the last."""
    waiting = b""
    for chunk in chunks:
        if not chunk:
            continue
        if len(waiting) == SEGMENT_BYTES:  # only what follows shows that a full segment is not the last
            yield waiting, False
            waiting = b""
        if not waiting and len(chunk) <= SEGMENT_BYTES:
            waiting = bytes(chunk)  # cut as the segments are: nothing is copied
            continue
        joined, start = memoryview(waiting + bytes(chunk)), 0
        while len(joined) - start > SEGMENT_BYTES:
            yield bytes(joined[start : start + SEGMENT_BYTES]), False
            start += SEGMENT_BYTES
        waiting = bytes(joined[start:])
    yield waiting, True
