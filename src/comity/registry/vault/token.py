"""Month keys that stay in a PKCS#11 token: made there, used there, never read out.

[vault.token]                                   # left out of node.toml: month keys are files
module = "/usr/lib/softhsm/libsofthsm2.so"      # the library of the token's maker
label = "comity"                                # which token; its PIN lies in keys/vault-pin, mode 0600

* `keys/vault-<month>.token` holds the id of the month's key in the token: no secret, written once, so that two processes
  that need the month's first key at one moment end with the same one.
* What a key in the token wraps has the form that a key file wraps: nonce, then AES-256-GCM, bound to the item.
"""

import secrets
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11.exceptions import EncryptedDataInvalid, EncryptedDataLenRange, GeneralError, NoSuchKey, PKCS11Error

from comity.errors import N_, ComityError
from comity.registry import keys

ID_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
KEY_BITS: Final = 256
TRIES: Final = 2

T = TypeVar("T")


class TokenUnusable(ComityError):
    """The token that keeps the month keys cannot be used."""

    code = "vault.token_unusable"
    sentence = N_("the token {label} cannot be used: {why}")
    hint = N_(
        "See that it is connected, that [vault.token] in node.toml names it, and that keys/vault-pin holds its PIN."
    )


class DoesNotUnwrap(Exception):
    """The token refuses what it was given: changed, or wrapped under another key."""


@dataclass(frozen=True)
class Place:
    """Which token: the library of its maker, and its label."""

    module: str
    label: str


def place_of(folder: Path) -> Place | None:
    """The token of a node; None where month keys are files. Raises `TokenUnusable`."""
    told = tomllib.loads((folder / "node.toml").read_text(encoding="utf-8")) if (folder / "node.toml").exists() else {}
    match told.get("vault", {}).get("token"):
        case None:
            return None
        case {"module": str(module), "label": str(label), **rest} if not rest:
            return Place(module=module, label=label)
    raise TokenUnusable(label="of node.toml", why="expected exactly module and label in [vault.token]")


def key_id(folder: Path, *, month: str) -> bytes | None:
    """The id of the month's key in the token; None where the month has none there."""
    return keys.token_key_id(folder, month=month)


def make(folder: Path, place: Place, *, month: str) -> bytes:
    """The id of the month's key in the token, made if it is not there yet; raises `TokenUnusable`."""
    fresh = secrets.token_bytes(ID_BYTES)

    def generate(session: Any) -> None:
        session.generate_key(
            pkcs11.KeyType.AES,
            KEY_BITS,
            id=fresh,
            label=f"comity-vault-{month}",
            store=True,
            template={
                pkcs11.Attribute.EXTRACTABLE: False,
                pkcs11.Attribute.SENSITIVE: True,
                pkcs11.Attribute.MODIFIABLE: False,
            },
        )

    _ask(folder, place, generate)
    kept = keys.keep_token_key_id(folder, month=month, id_=fresh)
    if kept != fresh:  # another process of this node was first; its key is the month's key
        _ask(folder, place, lambda session: _key(session, fresh).destroy())
    return kept


def destroy(folder: Path, *, month: str) -> None:
    """Destroy the month's key in the token, if it keeps one; raises `TokenUnusable`."""
    id_ = key_id(folder, month=month)
    if id_ is None:
        return
    place = place_of(folder)
    if place is None:
        raise TokenUnusable(label="of node.toml", why=f"the key of {month} is in a token, and none is named")

    def drop(session: Any) -> None:
        with suppress(NoSuchKey):  # an earlier call destroyed it and was killed
            _key(session, id_).destroy()

    _ask(folder, place, drop)


def encrypt(folder: Path, place: Place, *, id_: bytes, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    """AES-256-GCM in the token; raises `TokenUnusable`."""
    sealed: bytes = _ask(folder, place, lambda session: _key(session, id_).encrypt(text, **_gcm(nonce, bound)))
    return sealed


def decrypt(folder: Path, place: Place, *, id_: bytes, nonce: bytes, closed: bytes, bound: bytes) -> bytes:
    """The text again; raises `DoesNotUnwrap` or `TokenUnusable`."""

    def opened(session: Any) -> bytes:
        key = _key(session, id_)
        try:
            text: bytes = key.decrypt(closed, **_gcm(nonce, bound))
        except (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError) as refused:
            # Some tokens say "general error" of a tag that does not fit: one that still encrypts is not broken itself.
            key.encrypt(bound, **_gcm(secrets.token_bytes(NONCE_BYTES), bound))
            raise DoesNotUnwrap from refused
        return text

    if len(nonce) != NONCE_BYTES or len(closed) <= TAG_BYTES:
        raise DoesNotUnwrap
    return _ask(folder, place, opened)


def hold_usable(folder: Path, place: Place) -> None:
    """Hold that the token is there and opens with its PIN; raises `TokenUnusable`."""
    _ask(folder, place, lambda _session: None)


def _gcm(nonce: bytes, bound: bytes) -> dict[str, Any]:
    return {
        "mechanism": pkcs11.Mechanism.AES_GCM,
        "mechanism_param": pkcs11.GCMParams(nonce, bound, TAG_BYTES * 8),
    }


def _key(session: Any, id_: bytes) -> Any:
    return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, id=id_)


_lock: Final = threading.Lock()
_sessions: Final[dict[Place, Any]] = {}
"""One session for each token of this process: a token lets a process log in once."""


def forget() -> None:
    """Give up every session, so that the next use opens a new one."""
    with _lock:
        while _sessions:
            _sessions.popitem()[1].close()


def _ask(folder: Path, place: Place, what: Callable[[Any], T]) -> T:
    """Do something in the token, once more with a new session where the old one was lost; raises `TokenUnusable`."""
    with _lock:
        for left in range(TRIES - 1, -1, -1):
            try:
                with _session(folder, place) as session:
                    return what(session)
            except NoSuchKey as missing:
                raise TokenUnusable(label=place.label, why="the month's key is not in it") from missing
            except (PKCS11Error, RuntimeError) as broken:
                if not left:
                    raise TokenUnusable(label=place.label, why=_said(broken)) from broken
        raise AssertionError("the last try returns or raises")


@contextmanager
def _session(folder: Path, place: Place) -> Iterator[Any]:
    """The session of this process with the token; it is given up when something in it fails."""
    if place not in _sessions:
        token = pkcs11.lib(place.module).get_token(token_label=place.label)
        _sessions[place] = token.open(rw=True, user_pin=keys.token_pin(folder))
    try:
        yield _sessions[place]
    except PKCS11Error:
        _sessions.pop(place).close()
        raise


def _said(broken: Exception) -> str:
    """What went wrong, without what was handed in."""
    return f"{type(broken).__name__} {broken}".strip()[:120]
