"""The seal opens whole, for its item, with its key; or not at all. Tink is the oracle for the format."""

import hashlib
import io
import random
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.evidence.seal import (
    HEADER_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    Header,
    SealBroken,
    cipher,
    key_commitment,
    plain_bytes,
    sealed_size,
    unseal,
)
from streaming_aead import tink_opens, tink_seals

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ITEM, OTHER_ITEM = "0f" * 16, "1e" * 16
HEADER = Header(salt=b"s" * 32, prefix=b"p" * 7)
BORDERS = (0, plain_bytes(0), plain_bytes(0) + plain_bytes(1), plain_bytes(0) + 2 * plain_bytes(1))
SIZES = sorted({max(0, border + step) for border in BORDERS for step in (-TAG_BYTES, -1, 0, 1, HEADER_BYTES)})


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def sealed(plaintext: bytes, *, last_empty: bool = False) -> bytes:
    """The seal written down from its description; `last_empty` adds the empty segment that no writer makes."""
    sealing, source = cipher(KEY, HEADER, item=ITEM), io.BytesIO(plaintext)
    pieces = [source.read(plain_bytes(0))]
    while piece := source.read(plain_bytes(1)):
        pieces.append(piece)
    pieces += [b""] * last_empty
    return HEADER.to_bytes() + b"".join(
        sealing.encrypt(HEADER.nonce(index, last=index == len(pieces) - 1), piece, None)
        for index, piece in enumerate(pieces)
    )


def opened(data: bytes, *, key: bytes = KEY, item: str = ITEM) -> bytes:
    return b"".join(unseal([data], key=key, item=item))


SMALL = sealed(b"small")
FOUR = sealed(bytes_of(BORDERS[3] + 77))


def test_any_flipped_byte_is_refused():
    for place in range(len(SMALL)):
        for mask in (0xFF, *(1 << bit for bit in range(8))):
            with pytest.raises(SealBroken):
                opened(SMALL[:place] + bytes([SMALL[place] ^ mask]) + SMALL[place + 1 :])


@settings(max_examples=30, deadline=None)
@given(place=st.integers(0, len(FOUR) - 1), mask=st.integers(1, 255))
def test_any_flipped_byte_of_many_segments_is_refused(place: int, mask: int):
    broken = bytearray(FOUR)
    broken[place] ^= mask
    with pytest.raises(SealBroken):
        opened(bytes(broken))


@pytest.mark.parametrize("length", [*range(len(SMALL)), 0])
def test_a_seal_cut_short_is_refused(length: int):
    with pytest.raises(SealBroken):
        opened(SMALL[:length])


@pytest.mark.parametrize("segments", [1, 2, 3])
def test_a_seal_cut_at_the_border_of_a_segment_is_refused(segments: int):
    with pytest.raises(SealBroken, match=f"at segment {segments - 1}"):
        opened(FOUR[: segments * SEGMENT_BYTES])


def test_segments_cannot_be_exchanged_repeated_left_out_or_appended():
    first, second, third, last = (FOUR[start * SEGMENT_BYTES : (start + 1) * SEGMENT_BYTES] for start in range(4))
    for order in (
        (first, third, second, last),
        (first, second, second, third, last),
        (first, third, last),
        (first, second, third, last, last),
        (first, second, third, last + b"!"),
    ):
        with pytest.raises(SealBroken):
            opened(b"".join(order))


def test_an_empty_last_segment_is_refused_although_its_tag_holds():
    assert opened(sealed(b"", last_empty=False)) == b""
    for plaintext in (bytes_of(BORDERS[1]), bytes_of(BORDERS[2])):
        with pytest.raises(SealBroken, match="last segment is empty"):
            opened(sealed(plaintext, last_empty=True))


def test_another_items_seal_does_not_open():
    with pytest.raises(SealBroken):
        opened(SMALL, item=OTHER_ITEM)


def test_another_key_does_not_open():
    with pytest.raises(SealBroken):
        opened(SMALL, key=OTHER_KEY)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused(data: bytes):
    for start in (b"", bytes([HEADER_BYTES])):
        with pytest.raises(SealBroken):
            opened(start + data)


def test_a_header_of_another_length_is_refused():
    for data in (b"", HEADER.to_bytes()[:-1], HEADER.to_bytes() + b"!", b"\x29" + HEADER.to_bytes()[1:]):
        with pytest.raises(SealBroken):
            Header.from_bytes(data, item=ITEM)
    assert Header.from_bytes(HEADER.to_bytes(), item=ITEM) == HEADER


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_tink_seals_and_tink_opens_what_we_seal(size: int):
    plaintext = bytes_of(size)
    theirs, ours = tink_seals(plaintext, key=KEY, item=ITEM), sealed(plaintext)
    assert opened(theirs) == plaintext
    assert tink_opens(ours, key=KEY, item=ITEM) == plaintext
    assert len(theirs) == len(ours) == sealed_size(size)


@settings(max_examples=20, deadline=None)
@example(SIZES[1], 1)
@given(st.sampled_from(SIZES), st.integers(100, 3 * SEGMENT_BYTES))
def test_a_seal_opens_however_it_is_cut_into_chunks(size: int, chunk: int):
    plaintext = bytes_of(size)
    data = sealed(plaintext)
    pieces = list(unseal((data[at : at + chunk] for at in range(0, len(data), chunk)), key=KEY, item=ITEM))
    assert b"".join(pieces) == plaintext
    assert all(len(piece) == plain_bytes(index) for index, piece in enumerate(pieces[:-1]))


def test_opening_yields_before_everything_was_read():
    def chunks() -> Iterator[bytes]:
        yield FOUR[: SEGMENT_BYTES + 1]
        raise InterruptedError

    opening = unseal(chunks(), key=KEY, item=ITEM)
    assert next(opening) == bytes_of(BORDERS[3] + 77)[: plain_bytes(0)]
    with pytest.raises(InterruptedError):
        next(opening)


@given(st.integers(0, 2**41))
def test_the_sealed_size_grows_with_every_byte(size: int):
    overhead = sealed_size(size) - size
    assert sealed_size(size + 1) - sealed_size(size) in {1, 1 + TAG_BYTES}
    assert HEADER_BYTES + TAG_BYTES <= overhead <= HEADER_BYTES + TAG_BYTES * (size // plain_bytes(0) + 2)


def test_a_nonce_names_prefix_number_and_whether_it_is_the_last():
    assert HEADER.nonce(1, last=True) == b"p" * 7 + b"\x00\x00\x00\x01\x01"
    assert HEADER.nonce(2**32 - 1, last=False) == b"p" * 7 + b"\xff\xff\xff\xff\x00"


def test_the_commitment_names_one_key():
    assert key_commitment(KEY) == hashlib.sha256(b"comity-item-key-v1\n" + KEY).hexdigest()
    assert key_commitment(KEY) != key_commitment(OTHER_KEY)
