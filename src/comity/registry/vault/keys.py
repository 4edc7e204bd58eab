"""Item keys: wrapped by the month's key at rest, and re-wrapped to the receiving node when an item is handed over."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.canon import canonical
from comity.errors import N_, ComityError
from comity.exchange.card import ReceiveKey
from comity.exchange.suite import suite_named
from comity.registry import keys

NONCE_BYTES: Final = 12
_DOMAIN: Final = b"comity-item-key-v1\n"


class ItemKeyDoesNotOpen(ComityError):
    """A wrapped item key was changed, or is under another key or for another item."""

    code = "vault.item_key_does_not_open"
    sentence = N_("the key of item {item} does not open: it was changed, or wrapped under another key")


def wrap(key: bytes, *, month_key: bytes, item: str) -> bytes:
    """The item key under the month's key, bound to the item: nonce, then AES-256-GCM."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(month_key).encrypt(nonce, key, _DOMAIN + item.encode("ascii"))


def unwrap(wrapped: bytes, *, month_key: bytes, item: str) -> bytes:
    """The item key again; raises `ItemKeyDoesNotOpen`."""
    nonce, closed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        return AESGCM(month_key).decrypt(nonce, closed, _DOMAIN + item.encode("ascii"))
    except (InvalidTag, ValueError) as broken:
        raise ItemKeyDoesNotOpen(item=item) from broken


def keep(key: bytes, *, folder: Path, month: str, item: str) -> bytes:
    """The item key wrapped by the node's key of `month` (such as `2026-11`)."""
    return wrap(key, month_key=keys.month_key(folder, month=month), item=item)


def key_of(wrapped: bytes, *, folder: Path, month: str, item: str) -> bytes:
    """The item key that was kept; raises `ItemKeyDoesNotOpen` or `KeyFileUnsafe`."""
    return unwrap(wrapped, month_key=keys.month_key(folder, month=month), item=item)


def _info(*, transfer: str, giver: str, receiver: str, item: str) -> bytes:
    return _DOMAIN + canonical({"from": giver, "item": item, "to": receiver, "transfer": transfer})


def rewrap(key: bytes, *, to: ReceiveKey, transfer: str, giver: str, receiver: str, item: str) -> bytes:
    """The item key sealed to the receiving node's key, bound to this one hand-over (HPKE, RFC 9180, base mode)."""
    info = _info(transfer=transfer, giver=giver, receiver=receiver, item=item)
    return suite_named(to.suite).seal(key, public=to.public, info=info)


def unwrap_handed(
    closed: bytes,
    *,
    decrypt: Callable[[bytes, bytes], bytes],
    transfer: str,
    giver: str,
    receiver: str,
    item: str,
) -> bytes:
    """The item key that was handed over; `decrypt(ciphertext, info)` holds the private half.

    Raises `ItemKeyDoesNotOpen`.
    """
    try:
        return decrypt(closed, _info(transfer=transfer, giver=giver, receiver=receiver, item=item))
    except (InvalidTag, ValueError) as broken:
        raise ItemKeyDoesNotOpen(item=item) from broken
