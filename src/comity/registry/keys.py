"""The private keys of a node: files of its folder that only this module reads.

* `signing`: Ed25519 seed and ML-DSA-65 seed (64 bytes), the node's signature.
* `log`: Ed25519 seed (32 bytes), checkpoints only, so that a stolen log key signs no letter. `log-next` is there while it changes.
* `witness`: Ed25519 seed (32 bytes), cosignatures of other nodes' checkpoints only.
* `receive-<id>`: X25519 and ML-KEM-768 halves as raw parts; rotates, old ones are destroyed.
* `vault-<month>`: 32 bytes that wrap the item keys of that month. Where a token keeps it, `vault-<month>.token` is its id there,
  and `vault-pin` what opens the token. `vault-<month>.destroyed` says that it was destroyed, and stays.
* `vault-s3`: the secret under which a bucket takes and gives sealed items, where they do not lie in the node's folder.
* `document-<year>`: ECDSA P-256 scalar (32 bytes), signs PDF files of that year; the node vouches for its certificate.
* `web`: 32 bytes that authenticate what the web process hands to browsers (forms, cookies); it signs no record.

Files are written once, mode 0600, in a folder of mode 0700. A node refuses keys that others can read.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from comity.authorities.keys import NODE, PublicKey
from comity.canon import stamp
from comity.errors import N_, ComityError
from comity.exchange.card import ReceiveKey
from comity.exchange.envelope import ReceiveKeyUnknown
from comity.exchange.suite import SUITE

SEED_BYTES: Final = 32
TOKEN_ID_BYTES: Final = 16
MONTH: Final = re.compile(r"(?P<month>\d{4}-\d{2})(?:\.(?P<generation>[2-9]|[1-9]\d+))?")
"""`2026-11`, and `2026-11.2` for the key that came after the first one of that month."""

_ANY: Final = datetime(1, 1, 1, tzinfo=UTC)  # a receive key's name does not depend on its dates


class KeyFileUnsafe(ComityError):
    """A key file is missing, damaged, or readable by others."""

    code = "registry.key_file_unsafe"
    sentence = N_("the key file {path} cannot be used: {why}")
    hint = N_("Restore it from the node's own backup; a node never makes a second key in place of a lost one.")


Sign = Callable[[bytes], bytes]


def create(folder: Path) -> bytes:
    """Make all keys of a new node in `folder`/keys; the public half of its receive key. Never overwrites."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    write_once(keys / "signing", secrets.token_bytes(2 * SEED_BYTES))
    write_once(keys / "log", secrets.token_bytes(SEED_BYTES))
    write_once(keys / "witness", secrets.token_bytes(SEED_BYTES))
    write_once(keys / "web", secrets.token_bytes(SEED_BYTES))
    return add_receive_key(folder)


def add_receive_key(folder: Path) -> bytes:
    """Make a receive key; its public half: ML-KEM-768 (1184 bytes), then X25519 (32 bytes)."""
    seeds = secrets.token_bytes(3 * SEED_BYTES)
    lattice, classical = _receive_parts(seeds)
    public = lattice.public_key().public_bytes_raw() + classical.public_key().public_bytes_raw()
    write_once(folder / "keys" / f"receive-{receive_key_id(public)}", seeds)
    return public


def receive_key_id(public: bytes) -> str:
    """The name by which envelopes call a receive key, derived from its public half."""
    return ReceiveKey(suite=SUITE, public=public, from_=_ANY, until=_ANY).id


def signer(folder: Path) -> tuple[PublicKey, Sign]:
    """The node's signing key as its public record and a function that signs."""
    seeds = _read(folder / "keys" / "signing", size=2 * SEED_BYTES)
    classical = Ed25519PrivateKey.from_private_bytes(seeds[:SEED_BYTES])
    lattice = MLDSA65PrivateKey.from_seed_bytes(seeds[SEED_BYTES:])
    public = classical.public_key().public_bytes_raw() + lattice.public_key().public_bytes_raw()
    return PublicKey(algorithm=NODE, public=public), lambda text: classical.sign(text) + lattice.sign(text)


def log_signer(folder: Path) -> tuple[bytes, Sign]:
    """The log's Ed25519 public key (32 bytes) and a function that signs checkpoints."""
    key = Ed25519PrivateKey.from_private_bytes(_read(folder / "keys" / "log", size=SEED_BYTES))
    return key.public_key().public_bytes_raw(), key.sign


def make_next_log_key(folder: Path) -> None:
    """Make the key with which the log signs next, if there is none yet."""
    with suppress(FileExistsError):
        write_once(folder / "keys" / "log-next", secrets.token_bytes(SEED_BYTES))


def next_log_key(folder: Path) -> bytes | None:
    """The public half of the key with which the log signs next; None where nothing changes."""
    path = folder / "keys" / "log-next"
    if not path.exists():
        return None
    key = Ed25519PrivateKey.from_private_bytes(_read(path, size=SEED_BYTES))
    return key.public_key().public_bytes_raw()


def turn_log_key(folder: Path) -> None:
    """Put the next key of the log in the place of the present one, which is destroyed with that."""
    with suppress(FileNotFoundError):  # another process of this node was faster
        (folder / "keys" / "log-next").replace(folder / "keys" / "log")


def witness_signer(folder: Path) -> tuple[bytes, Sign]:
    """The node's Ed25519 public key as a witness (32 bytes) and a function that cosigns checkpoints of other logs."""
    key = Ed25519PrivateKey.from_private_bytes(_read(folder / "keys" / "witness", size=SEED_BYTES))
    return key.public_key().public_bytes_raw(), key.sign


def receive_key_names(folder: Path) -> set[str]:
    """The names of the receive keys that lie here."""
    return {path.name.removeprefix("receive-") for path in (folder / "keys").glob("receive-*")}


def destroy_receive_key(folder: Path, *, key: str) -> None:
    """Destroy the private half of a receive key, durably: nothing that was sealed to it is opened any more."""
    _overwrite(folder / "keys" / f"receive-{key}")
    _settle(folder / "keys")


def receiver(folder: Path, *, key: str, at: datetime) -> MLKEM768X25519PrivateKey:
    """The private half of a receive key; raises `ReceiveKeyUnknown` when this node does not hold it (any more)."""
    path = folder / "keys" / f"receive-{key}"
    if not re.fullmatch(r"[0-9a-f]{32}", key) or not path.exists():
        raise ReceiveKeyUnknown(key=key[:40], sent_at=stamp(at))
    lattice, classical = _receive_parts(_read(path, size=3 * SEED_BYTES))
    return MLKEM768X25519PrivateKey(lattice, classical)


def month_key(folder: Path, *, month: str) -> bytes:
    """The key that wraps the item keys of a month (`2026-11`), made when the month is first used."""
    path = _of_month(folder, month)
    if not path.exists():
        with suppress(FileExistsError):  # another process of this node was first; its key is the month's key
            write_once(path, secrets.token_bytes(SEED_BYTES))
    return _read(path, size=SEED_BYTES)


def has_month_file(folder: Path, *, month: str) -> bool:
    """Whether the key of a month is a file here."""
    return _of_month(folder, month).exists()


def months(folder: Path) -> tuple[str, ...]:
    """The months whose key lies here or in the token, oldest first; one that is being destroyed is there until it is gone."""
    names = {path.name.removeprefix("vault-").removesuffix(".token") for path in (folder / "keys").glob("vault-*")}
    return tuple(sorted((name for name in names if MONTH.fullmatch(name)), key=order_of_month))


def destroyed_months(folder: Path) -> tuple[str, ...]:
    """The months whose key was destroyed, or is just being destroyed: nothing is wrapped or opened with it."""
    names = {path.name.removeprefix("vault-") for path in (folder / "keys").glob("vault-*.destroyed")}
    return tuple(sorted((name.removesuffix(".destroyed") for name in names), key=order_of_month))


def order_of_month(month: str) -> tuple[str, int]:
    """By month, then by generation."""
    told = MONTH.fullmatch(month)
    assert told is not None, "the names of months are ours"
    return told["month"], int(told["generation"] or 1)


def is_destroyed(folder: Path, *, month: str) -> bool:
    """Whether the key of a month was destroyed, or is just being destroyed."""
    return (folder / "keys" / f"vault-{month}.destroyed").exists()


def mark_destroyed(folder: Path, *, month: str) -> None:
    """From here on nothing is wrapped or opened with the key of a month, also if what follows breaks off."""
    with suppress(FileExistsError):
        write_once(folder / "keys" / f"vault-{month}.destroyed", b"")


def destroy_month_files(folder: Path, *, month: str) -> None:
    """Overwrite and delete what lies here of a month's key, durably."""
    assert is_destroyed(folder, month=month), "a key is marked first, so that no half of it is ever used"
    for path in (_of_month(folder, month), folder / "keys" / f"vault-{month}.token"):
        _overwrite(path)
    _settle(folder / "keys")


def _overwrite(path: Path) -> None:
    """Overwrite and delete a key."""
    with suppress(FileNotFoundError):
        with path.open("r+b", buffering=0) as file:
            file.write(bytes(path.stat().st_size))
            os.fsync(file.fileno())
        path.unlink()


@contextmanager
def month_locked(folder: Path, *, month: str, alone: bool) -> Iterator[None]:
    """Hold a month's key: many may hold it at once, or one alone. FileNotFoundError if it is not here."""
    path = _of_month(folder, month)
    with (path if path.exists() else path.with_name(f"{path.name}.token")).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def _of_month(folder: Path, month: str) -> Path:
    assert MONTH.fullmatch(month), "the names of months are ours"
    return folder / "keys" / f"vault-{month}"


def token_key_id(folder: Path, *, month: str) -> bytes | None:
    """The id of a month's key in the token; None where the token keeps none for that month."""
    path = folder / "keys" / f"vault-{month}.token"
    return _read(path, size=TOKEN_ID_BYTES) if path.exists() else None


def keep_token_key_id(folder: Path, *, month: str, id_: bytes) -> bytes:
    """Keep the id of a month's key in the token, unless one is kept already; the id that counts."""
    path = folder / "keys" / f"vault-{month}.token"
    with suppress(FileExistsError):
        write_once(path, id_)
    return _read(path, size=TOKEN_ID_BYTES)


def token_pin(folder: Path) -> str:
    """The PIN of the token that keeps month keys; written there by the operator."""
    return _safely_read(folder / "keys" / "vault-pin").decode("utf-8", "strict").strip()


def bucket_secret(folder: Path) -> str:
    """The secret for the bucket of sealed items; written there by the operator."""
    return _safely_read(folder / "keys" / "vault-s3").decode("ascii", "strict").strip()


def make_document_key(folder: Path, *, year: int) -> None:
    """Make the key that signs the documents of a year, if there is none yet."""
    made = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    with suppress(FileExistsError):
        write_once(folder / "keys" / f"document-{year}", made.to_bytes(SEED_BYTES, "big"))


def document_key(folder: Path, *, year: int) -> ec.EllipticCurvePrivateKey:
    """The key that signs the documents of a year."""
    secret = _read(folder / "keys" / f"document-{year}", size=SEED_BYTES)
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())


def software_passkey(folder: Path, *, name: str) -> bytes:
    """The private scalar of a software passkey (demo and drill nodes), by the name of its file."""
    return _read(folder / "keys" / name, size=SEED_BYTES)


def web_secret(folder: Path) -> str:
    """The secret of the node's web process, in hexadecimal."""
    return _read(folder / "keys" / "web", size=SEED_BYTES).hex()


def sign_on_secret(folder: Path) -> str:
    """What the provider of single sign-on knows this node by; empty where it gave none. Written there by the operator."""
    path = folder / "keys" / "sign-on"
    if not path.exists():
        return ""
    return _safely_read(path).decode("ascii", "strict").strip()


def _receive_parts(seeds: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    lattice = MLKEM768PrivateKey.from_seed_bytes(seeds[: 2 * SEED_BYTES])
    return lattice, X25519PrivateKey.from_private_bytes(seeds[2 * SEED_BYTES :])


def write_once(path: Path, secret: bytes) -> None:
    """Write a secret to a new file, mode 0600, whole or not at all; raises FileExistsError if it is there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secret)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)  # unlike rename, link never replaces a key that is already there
    finally:
        draft.unlink()
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have the disk remember the names in a folder: a key that a power cut takes away takes its items with it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, *, size: int) -> bytes:
    secret = _safely_read(path)
    if len(secret) != size:
        raise KeyFileUnsafe(path=path, why=f"{len(secret)} bytes where {size} were expected")
    return secret


def _safely_read(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = path.read_bytes()
    except OSError as broken:
        raise KeyFileUnsafe(path=path, why=broken.strerror or "it cannot be read") from broken
    if mode & 0o077:
        raise KeyFileUnsafe(path=path, why=f"its mode is {mode:04o}, others can read it; expected 0600")
    return secret
