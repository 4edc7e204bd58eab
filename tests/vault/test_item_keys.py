"""An item's key opens for the month and the item that it was wrapped for, and for the one hand-over it was made for."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.card import ReceiveKey
from comity.exchange.suite import SUITE, ReceiveKeyBroken, SuiteUnknown, suite_named
from comity.registry import keys, vault
from comity.registry.keys import KeyFileUnsafe
from comity.registry.vault.keys import ItemKeyDoesNotOpen

KEY, MONTH_KEY, OTHER_KEY = b"k" * 32, b"m" * 32, b"o" * 32
ITEM, OTHER_ITEM, TRANSFER = "0f" * 16, "1e" * 16, "2d" * 16
WRAPPED = vault.wrap(KEY, month_key=MONTH_KEY, item=ITEM)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HAND_OVER = {"transfer": TRANSFER, "giver": "cv", "receiver": "nl", "item": ITEM}


@pytest.fixture(name="node", scope="module")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    keys.create(folder)
    return folder


@pytest.fixture(name="receive", scope="module")
def _receive(node: Path) -> ReceiveKey:
    public = keys.add_receive_key(node)
    return ReceiveKey(
        suite=SUITE, public=public, from_=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)
    )


def handed(node: Path, receive: ReceiveKey, closed: bytes, **bound: str) -> bytes:
    """The key, opened with what the receiving node's folder holds."""
    return vault.unwrap_handed(
        closed,
        decrypt=lambda text, info: suite_named(SUITE).hpke.decrypt(
            text, keys.receiver(node, key=receive.id, at=NOON), info
        ),
        **{**HAND_OVER, **bound},
    )


def test_any_flipped_byte_of_a_wrapped_key_is_refused():
    for place in range(len(WRAPPED)):
        with pytest.raises(ItemKeyDoesNotOpen):
            vault.unwrap(
                WRAPPED[:place] + bytes([WRAPPED[place] ^ 1]) + WRAPPED[place + 1 :], month_key=MONTH_KEY, item=ITEM
            )


def test_a_wrapped_key_opens_for_no_other_item_and_no_other_month():
    with pytest.raises(ItemKeyDoesNotOpen, match=OTHER_ITEM):
        vault.unwrap(WRAPPED, month_key=MONTH_KEY, item=OTHER_ITEM)
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.unwrap(WRAPPED, month_key=OTHER_KEY, item=ITEM)


@given(st.binary(max_size=80))
def test_hostile_bytes_are_no_wrapped_key(data: bytes):
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.unwrap(data, month_key=MONTH_KEY, item=ITEM)


def test_a_kept_key_opens_with_the_key_of_its_month_only(node: Path):
    wrapped = vault.keep(KEY, folder=node, month="2026-11", item=ITEM)
    assert KEY not in wrapped
    assert vault.key_of(wrapped, folder=node, month="2026-11", item=ITEM) == KEY
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.key_of(wrapped, folder=node, month="2026-12", item=ITEM)


def test_a_key_is_lost_for_good_when_the_key_of_its_month_is_destroyed(node: Path):
    wrapped = vault.keep(KEY, folder=node, month="2026-10", item=ITEM)
    (node / "keys" / "vault-2026-10").unlink()
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.key_of(wrapped, folder=node, month="2026-10", item=ITEM)


def test_a_months_key_that_others_can_read_is_not_used(node: Path):
    wrapped = vault.keep(KEY, folder=node, month="2026-09", item=ITEM)
    (node / "keys" / "vault-2026-09").chmod(0o644)
    with pytest.raises(KeyFileUnsafe):
        vault.key_of(wrapped, folder=node, month="2026-09", item=ITEM)


@pytest.mark.parametrize(
    "other", [{"transfer": OTHER_ITEM}, {"giver": "nl"}, {"receiver": "cv"}, {"receiver": "fr"}, {"item": OTHER_ITEM}]
)
def test_a_handed_key_opens_for_its_own_hand_over_only(node: Path, receive: ReceiveKey, other: dict[str, str]):
    closed = vault.rewrap(KEY, to=receive, **HAND_OVER)
    with pytest.raises(ItemKeyDoesNotOpen):
        handed(node, receive, closed, **other)
    assert handed(node, receive, closed) == KEY


def test_a_handed_key_opens_with_the_receivers_key_only(node: Path, receive: ReceiveKey):
    closed = vault.rewrap(KEY, to=receive, **HAND_OVER)
    other = replace(receive, public=keys.add_receive_key(node))
    with pytest.raises(ItemKeyDoesNotOpen):
        handed(node, other, closed)


@pytest.mark.parametrize("place", [0, 700, 1100, 1130, -1])
def test_an_altered_handed_key_is_refused(node: Path, receive: ReceiveKey, place: int):
    closed = bytearray(vault.rewrap(KEY, to=receive, **HAND_OVER))
    closed[place] ^= 1
    with pytest.raises(ItemKeyDoesNotOpen):
        handed(node, receive, bytes(closed))


@given(data=st.binary(max_size=60))
def test_hostile_bytes_are_no_handed_key(node: Path, receive: ReceiveKey, data: bytes):
    with pytest.raises(ItemKeyDoesNotOpen):
        handed(node, receive, data)


def test_a_key_is_not_handed_to_a_receive_key_that_is_none(receive: ReceiveKey):
    with pytest.raises(SuiteUnknown):
        vault.rewrap(KEY, to=replace(receive, suite="rot13"), **HAND_OVER)
    for public in (b"", receive.public[:-1], bytes(len(receive.public))):
        with pytest.raises(ReceiveKeyBroken):
            vault.rewrap(KEY, to=replace(receive, public=public), **HAND_OVER)


def test_a_key_is_wrapped_anew_each_time():
    again = vault.wrap(KEY, month_key=MONTH_KEY, item=ITEM)
    assert again != WRAPPED
    assert vault.unwrap(again, month_key=MONTH_KEY, item=ITEM) == KEY
