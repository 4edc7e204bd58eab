"""An item that arrives in chunks is continued after anything, and believed only when all of it holds."""

import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.evidence.item import Item
from comity.evidence.seal import SEGMENT_BYTES, SealBroken, key_commitment, sealed_size
from comity.registry import vault
from comity.registry.vault.incoming import ContentDiffers, Incoming, NotWholeYet, PartsDoNotJoin

ITEM, OTHER_KEY = "0f" * 16, b"o" * 32
PLAINTEXT = bytes(range(256)) * 6000  # two segments


class Offer(NamedTuple):
    """What the giver has: the record, the ciphertext and the key."""

    item: Item
    data: bytes
    key: bytes


def offer(folder: Path, plaintext: bytes = PLAINTEXT) -> Offer:
    sealed = vault.seal(io.BytesIO(plaintext), folder=folder, item=ITEM, progress=lambda _: None)
    item = Item(
        id=ITEM,
        name="image-01.dd",
        media_type="application/octet-stream",
        bytes=sealed.bytes,
        sha256=sealed.sha256,
        key_commitment=sealed.key_commitment,
        sealed_bytes=sealed.sealed_bytes,
    )
    return Offer(item, b"".join(vault.ciphertext(folder, ITEM)), sealed.key)


@pytest.fixture(name="offered", scope="module")
def _offered(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    return offer(tmp_path_factory.mktemp("giver"))


def drafts(folder: Path) -> list[str]:
    return [path.name for path in (folder / "drafts").iterdir()]


def test_a_gap_an_overlap_nothing_and_too_much_are_refused(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, offered.item)
    incoming.append(offered.data[:100], offset=0)
    for offset, chunk in (
        (101, offered.data[101:200]),  # a gap
        (99, offered.data[99:200]),  # an overlap
        (0, offered.data[:100]),  # the same again
        (-1, b"!"),
        (100, b""),
        (100, offered.data[100:] + b"!"),  # more than the item has
    ):
        with pytest.raises(PartsDoNotJoin, match=r"100 of \d+ bytes"):
            incoming.append(chunk, offset=offset)
    assert incoming.received == 100


def test_a_part_is_not_the_whole(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, offered.item)
    for received in (0, SEGMENT_BYTES, len(offered.data) - 1):
        incoming.append(offered.data[incoming.received : received], offset=incoming.received) if received else None
        with pytest.raises(NotWholeYet):
            incoming.complete(key=offered.key)
    assert not vault.held(tmp_path, ITEM)
    assert incoming.received == len(offered.data) - 1  # what is there stays


@pytest.mark.parametrize("place", [0, 5, 50, SEGMENT_BYTES, -1])
def test_content_that_was_altered_is_thrown_away(tmp_path: Path, offered: Offer, place: int):
    data = bytearray(offered.data)
    data[place] ^= 1
    incoming = Incoming(tmp_path, offered.item)
    incoming.append(bytes(data), offset=0)
    with pytest.raises(SealBroken):
        incoming.complete(key=offered.key)
    assert drafts(tmp_path) == []
    assert incoming.received == 0
    incoming.append(offered.data, offset=0)  # and it can be fetched again
    incoming.complete(key=offered.key)


def test_content_that_opens_and_is_other_than_recorded_is_thrown_away(tmp_path: Path, offered: Offer):
    for told in (replace(offered.item, sha256="00" * 32), replace(offered.item, bytes=offered.item.bytes - 1)):
        incoming = Incoming(tmp_path, told)
        incoming.append(offered.data, offset=0)
        with pytest.raises(ContentDiffers):
            incoming.complete(key=offered.key)
        assert drafts(tmp_path) == []
        assert not vault.held(tmp_path, ITEM)


def test_another_key_than_the_custody_commits_to_is_refused_and_the_copy_stays(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, offered.item)
    incoming.append(offered.data, offset=0)
    with pytest.raises(ContentDiffers, match="commits to"):
        incoming.complete(key=OTHER_KEY)
    assert incoming.received == len(offered.data)


def test_a_key_that_is_committed_to_and_does_not_open_is_refused(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, replace(offered.item, key_commitment=key_commitment(OTHER_KEY)))
    incoming.append(offered.data, offset=0)
    with pytest.raises(SealBroken):
        incoming.complete(key=OTHER_KEY)
    assert not vault.held(tmp_path, ITEM)


def test_an_item_that_we_hold_is_not_taken_for_another_of_the_same_name(tmp_path: Path, offered: Offer):
    """A giver names his items himself, and could name one of ours."""
    ours = offer(tmp_path, b"what we hold")
    incoming = Incoming(tmp_path, offered.item)
    with pytest.raises(SealBroken):
        incoming.complete(key=offered.key)
    assert b"".join(vault.read(tmp_path, ITEM, key=ours.key)) == b"what we hold"


def test_a_longer_copy_of_an_earlier_offer_is_thrown_away(tmp_path: Path, offered: Offer):
    Incoming(tmp_path, offered.item).append(offered.data, offset=0)
    smaller = Incoming(tmp_path, replace(offered.item, bytes=1, sealed_bytes=sealed_size(1)))
    with pytest.raises(ContentDiffers):
        smaller.complete(key=offered.key)
    assert smaller.received == 0


def test_what_was_appended_survives_a_kill(tmp_path: Path, offered: Offer):
    (tmp_path / "chunk").write_bytes(offered.data[:SEGMENT_BYTES])
    code = f"""
import os, pathlib, signal
from comity.evidence.item import Item
from comity.registry.vault import Incoming
folder = pathlib.Path({str(tmp_path)!r})
incoming = Incoming(folder, Item.from_record({offered.item.as_record()!r}))
incoming.append((folder / "chunk").read_bytes(), offset=0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    incoming = Incoming(tmp_path, offered.item)
    assert incoming.received == SEGMENT_BYTES
    assert vault.sweep(tmp_path) == 0
    incoming.append(offered.data[SEGMENT_BYTES:], offset=SEGMENT_BYTES)
    incoming.complete(key=offered.key)
    assert b"".join(vault.read(tmp_path, ITEM, key=offered.key)) == PLAINTEXT


def test_completing_twice_ends_in_the_same_place(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, offered.item)
    incoming.append(offered.data, offset=0)
    for _ in range(2):
        incoming.complete(key=offered.key)
        assert b"".join(vault.ciphertext(tmp_path, ITEM)) == offered.data
        assert drafts(tmp_path) == []
        assert incoming.received == len(offered.data)
    with pytest.raises(PartsDoNotJoin):
        incoming.append(b"!", offset=len(offered.data))


def test_completing_goes_on_where_a_crash_left_both_names(tmp_path: Path, offered: Offer):
    incoming = Incoming(tmp_path, offered.item)
    incoming.append(offered.data, offset=0)
    (tmp_path / "items").mkdir()
    os.link(tmp_path / "drafts" / f"{ITEM}.incoming", tmp_path / "items" / f"{ITEM}.sealed")
    Incoming(tmp_path, offered.item).complete(key=offered.key)
    assert drafts(tmp_path) == []
    assert vault.held(tmp_path, ITEM)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, len(PLAINTEXT)), max_size=8))
def test_an_item_arrives_whole_in_any_chunks(tmp_path_factory: pytest.TempPathFactory, offered: Offer, cuts: list[int]):
    folder = tmp_path_factory.mktemp("receiver")
    places = [0, *sorted(set(cuts)), len(offered.data)]
    for start, end in pairwise(places):
        incoming = Incoming(folder, offered.item)  # as after a restart
        assert incoming.received == start
        incoming.append(offered.data[start:end], offset=start)
    incoming.complete(key=offered.key)
    assert b"".join(vault.read(folder, ITEM, key=offered.key)) == PLAINTEXT
