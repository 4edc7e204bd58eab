"""The key of a month is destroyed for good, never the one in use, and a kill at any moment loses no surviving item."""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.registry import keys, vault
from comity.registry.vault.keys import ItemKeyDoesNotOpen, MonthDestroyed
from comity.registry.vault.months import MonthStillUsed
from killed import killed_at

KEY, ERASED, ITEM, OTHER = b"k" * 32, b"e" * 32, "0f" * 16, "1e" * 16
MONTH, NEXT = "2026-11", "2026-11.2"
TOUCHES = 19
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    keys.create(tmp_path)
    return tmp_path


def key_files(node: Path) -> list[str]:
    return sorted(path.name for path in (node / "keys").glob("vault-*"))


def opens(wrapped: bytes, node: Path, *, month: str, item: str = ITEM) -> bytes | None:
    try:
        return vault.key_of(wrapped, folder=node, month=month, item=item)
    except ItemKeyDoesNotOpen:
        return None


def test_the_newest_key_is_never_destroyed(node: Path):
    wrapped = vault.keep(KEY, folder=node, month=MONTH, item=ITEM)
    with pytest.raises(MonthStillUsed, match=MONTH):
        vault.destroy_month(node, MONTH)
    assert opens(wrapped, node, month=MONTH) == KEY


def test_nothing_is_wrapped_or_opened_with_a_key_that_was_destroyed_and_none_is_made_in_its_place(node: Path):
    wrapped = vault.keep(KEY, folder=node, month=MONTH, item=ITEM)
    vault.successor(node, MONTH)
    vault.destroy_month(node, MONTH)
    assert opens(wrapped, node, month=MONTH) is None
    with pytest.raises(MonthDestroyed):
        vault.keep(KEY, folder=node, month=MONTH, item=ITEM)
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.rewrap_kept(wrapped, folder=node, month=MONTH, to_month=NEXT, item=ITEM)
    with pytest.raises(MonthDestroyed), vault.using(node, MONTH):
        pass
    assert key_files(node) == ["vault-2026-11.2", "vault-2026-11.destroyed"]


def test_opening_makes_no_key(node: Path):
    assert opens(vault.wrap(KEY, month_key=bytes(32), item=ITEM), node, month="2025-01") is None
    assert key_files(node) == []


def test_what_was_wrapped_again_opens_with_the_successor_only(node: Path):
    wrapped = vault.keep(KEY, folder=node, month=MONTH, item=ITEM)
    assert vault.successor(node, MONTH) == NEXT
    again = vault.rewrap_kept(wrapped, folder=node, month=MONTH, to_month=NEXT, item=ITEM)
    assert opens(again, node, month=MONTH) is None
    assert opens(again, node, month=NEXT) == KEY
    with pytest.raises(ItemKeyDoesNotOpen):
        vault.rewrap_kept(wrapped, folder=node, month=MONTH, to_month=NEXT, item=OTHER)


def test_items_are_wrapped_with_the_successor_from_the_moment_that_it_is_made(node: Path):
    assert vault.present_month(node, at=AT) == MONTH
    keys.month_key(node, month=MONTH)
    assert vault.present_month(node, at=AT) == MONTH
    assert vault.successor(node, MONTH) == vault.successor(node, MONTH) == NEXT, "called again it makes no third one"
    assert vault.present_month(node, at=AT) == NEXT
    vault.destroy_month(node, MONTH)
    assert vault.successor(node, NEXT) == "2026-11.3"
    keys.month_key(node, month="2026-12")
    vault.destroy_month(node, NEXT)
    vault.destroy_month(node, "2026-11.3")
    assert vault.present_month(node, at=AT) == "2026-11.4", "a name is never used twice"


def test_months_are_in_order_and_a_key_that_was_never_there_is_gone(node: Path):
    for month in ("2026-11.10", "2026-11", "2026-11.9", "2025-12"):
        keys.month_key(node, month=month)
    assert vault.months(node) == ("2025-12", "2026-11", "2026-11.9", "2026-11.10")
    vault.destroy_month(node, "2024-01")
    vault.destroy_month(node, "2025-12")
    vault.destroy_month(node, "2025-12")
    assert vault.months(node) == ("2026-11", "2026-11.9", "2026-11.10")


def test_a_key_is_overwritten_before_it_is_deleted(node: Path):
    keys.month_key(node, month=MONTH)
    os.link(node / "keys" / "vault-2026-11", node / "same")  # a name of the same bytes, that stays
    vault.successor(node, MONTH)
    vault.destroy_month(node, MONTH)
    assert (node / "same").read_bytes() == bytes(32)


@pytest.mark.parametrize("at", range(TOUCHES + 1))
def test_a_kill_at_any_moment_loses_no_surviving_item_and_the_end_is_the_same(node: Path, at: int):
    surviving = vault.keep(KEY, folder=node, month=MONTH, item=ITEM)
    erased = vault.keep(ERASED, folder=node, month=MONTH, item=OTHER)
    record = node / "record"  # what the tables say: month and wrapped key of the survivor

    def renew() -> None:
        if vault.months(node)[0] != MONTH:
            return
        told = record.read_text().split() if record.exists() else [MONTH, surviving.hex()]
        if told[0] == MONTH:
            after = vault.successor(node, MONTH)
            again = vault.rewrap_kept(bytes.fromhex(told[1]), folder=node, month=MONTH, to_month=after, item=ITEM)
            record.with_suffix(".new").write_text(f"{after} {again.hex()}")
            record.with_suffix(".new").rename(record)
        with vault.alone_with(node, MONTH):
            vault.destroy_month(node, MONTH)

    def survivor() -> bytes | None:
        month, wrapped = record.read_text().split() if record.exists() else (MONTH, surviving.hex())
        return opens(bytes.fromhex(wrapped), node, month=month)

    assert killed_at(at, renew, under=node) == (at < TOUCHES), (
        "every moment is tried, and the last number comes after the end"
    )
    assert survivor() == KEY
    renew()
    assert survivor() == KEY
    assert opens(erased, node, month=MONTH, item=OTHER) is None
    assert key_files(node) == ["vault-2026-11.2", "vault-2026-11.destroyed"]


def test_a_key_that_somebody_is_using_is_not_destroyed_before_the_record_stands(node: Path):
    keys.month_key(node, month=MONTH)
    vault.successor(node, MONTH)
    recorded: list[str] = []
    held, seen = threading.Event(), []

    def record() -> None:
        with vault.using(node, MONTH):
            held.set()
            time.sleep(0.1)
            recorded.append("a row that names the old key")

    taking = threading.Thread(target=record)
    taking.start()
    held.wait()
    with vault.alone_with(node, MONTH):
        seen += recorded
    taking.join()
    assert seen == recorded
