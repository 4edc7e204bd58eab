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
from comity.registry.vault import token

NONCE_BYTES: Final = 12
_DOMAIN: Final = b"comity-item-key-v1\n"


class ItemKeyDoesNotOpen(ComityError):
    """A wrapped item key was changed, or is under another key or for another item."""

    code = "vault.item_key_does_not_open"
    sentence = N_("the key of item {item} does not open: it was changed, or wrapped under another key")


class MonthDestroyed(ComityError):
    """The key of a month was destroyed: nothing is wrapped with it."""

    code = "vault.month_destroyed"
    sentence = N_("the key of {month} was destroyed when what it had wrapped was erased for good")
    hint = N_("Nothing was recorded; do it once more, and the present key is used.")


def wrap(key: bytes, *, month_key: bytes, item: str) -> bytes:
    """The item key under the month's key, bound to the item: nonce, then AES-256-GCM."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(month_key).encrypt(nonce, key, _bound(item))


def unwrap(wrapped: bytes, *, month_key: bytes, item: str) -> bytes:
    """The item key again; raises `ItemKeyDoesNotOpen`."""
    nonce, closed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        return AESGCM(month_key).decrypt(nonce, closed, _bound(item))
    except (InvalidTag, ValueError) as broken:
        raise ItemKeyDoesNotOpen(item=item) from broken


def keep(key: bytes, *, folder: Path, month: str, item: str) -> bytes:
    """The item key wrapped by the node's key of `month` (such as `2026-11`): a file, or in a token.

    Raises `MonthDestroyed` or `TokenUnusable`.
    """
    if keys.is_destroyed(folder, month=month):
        raise MonthDestroyed(month=month)
    place = _in_token(folder, month=month)
    if place is None:
        return wrap(key, month_key=keys.month_key(folder, month=month), item=item)
    id_ = token.key_id(folder, month=month) or token.make(folder, place, month=month)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + token.encrypt(folder, place, id_=id_, nonce=nonce, text=key, bound=_bound(item))


def begin(folder: Path, *, month: str) -> None:
    """Make the key of a month if it is not there; raises `TokenUnusable`."""
    place = _in_token(folder, month=month)
    if place is None:
        keys.month_key(folder, month=month)
    elif token.key_id(folder, month=month) is None:
        token.make(folder, place, month=month)


def key_of(wrapped: bytes, *, folder: Path, month: str, item: str) -> bytes:
    """The item key that was kept; raises `ItemKeyDoesNotOpen`, `KeyFileUnsafe` or `TokenUnusable`. It makes no key."""
    if month not in keys.months(folder) or keys.is_destroyed(folder, month=month):
        raise ItemKeyDoesNotOpen(item=item)
    place = _in_token(folder, month=month)
    if place is None:
        return unwrap(wrapped, month_key=keys.month_key(folder, month=month), item=item)
    id_ = token.key_id(folder, month=month)
    if id_ is None:
        raise ItemKeyDoesNotOpen(item=item)
    nonce, closed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        return token.decrypt(folder, place, id_=id_, nonce=nonce, closed=closed, bound=_bound(item))
    except token.DoesNotUnwrap as broken:
        raise ItemKeyDoesNotOpen(item=item) from broken


def rewrap_kept(wrapped: bytes, *, folder: Path, month: str, to_month: str, item: str) -> bytes:
    """A kept item key, wrapped by the key of another month (`successor`); what `key_of` and `keep` raise."""
    return keep(key_of(wrapped, folder=folder, month=month, item=item), folder=folder, month=to_month, item=item)


def _in_token(folder: Path, *, month: str) -> token.Place | None:
    """The token that keeps the key of a month; None where it is a file: a month that began with a file ends with it."""
    if keys.has_month_file(folder, month=month):
        return None
    place = token.place_of(folder)
    if place is None and token.key_id(folder, month=month) is not None:
        raise token.TokenUnusable(label="of node.toml", why=f"the key of {month} is in a token, and none is named")
    return place


def _bound(item: str) -> bytes:
    return _DOMAIN + item.encode("ascii")


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
