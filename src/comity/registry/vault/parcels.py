"""Parcels: what goes into an item's bundle beside the sealed item, kept so that it is downloaded as it was signed.

    vault/parcels/<item>.json           the newest signed one
    vault/parcels/<item>.<token>.json   waits for the signature of its manifest; thrown away if nobody signs

* A parcel holds signed texts, cards and proofs: what stands in the tables anyway. No plaintext of evidence, and no key.
* Trusted for nothing: who changes one makes a bundle that `comity verify` refuses.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from comity.authorities.keys import b64, unb64
from comity.canon import canonical, parse_object

PARCEL_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True)
class Parcel:
    """The small members of a bundle, and the measures of the sealed item that is streamed between them."""

    members: Mapping[str, bytes]
    sealed_bytes: int
    sealed_sha256: str
    sealed_crc32: int

    def with_member(self, name: str, content: bytes) -> "Parcel":
        """The parcel with one more member."""
        return replace(self, members={**self.members, name: content})

    def to_bytes(self) -> bytes:
        """The parcel as a file."""
        return canonical(
            {
                "members": {name: b64(content) for name, content in self.members.items()},
                "sealed": {"bytes": self.sealed_bytes, "crc32": self.sealed_crc32, "sha256": self.sealed_sha256},
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Parcel":
        """Read `to_bytes` back."""
        kept = parse_object(data, limit=PARCEL_BYTES_MAX)
        return cls(
            members={name: unb64(content) for name, content in kept["members"].items()},
            sealed_bytes=kept["sealed"]["bytes"],
            sealed_sha256=kept["sealed"]["sha256"],
            sealed_crc32=kept["sealed"]["crc32"],
        )


def lay_by(folder: Path, item: str, parcel: Parcel) -> str:
    """Keep a parcel until its manifest is signed; the token under which it waits."""
    token = secrets.token_hex(16)
    _write(_waiting(folder, item, token), parcel.to_bytes())
    return token


def waiting(folder: Path, item: str, *, token: str) -> Parcel | None:
    """The parcel that waits under this token; None if it was thrown away."""
    return _read(_waiting(folder, item, token))


def settle(folder: Path, item: str, parcel: Parcel, *, token: str) -> None:
    """Keep the signed parcel as the item's newest, in the place of the one that waited."""
    _write(_newest(folder, item), parcel.to_bytes())
    drop(folder, item, token=token)


def drop(folder: Path, item: str, *, token: str) -> None:
    """Throw away a parcel that is not signed."""
    _waiting(folder, item, token).unlink(missing_ok=True)


def clear(folder: Path, item: str) -> None:
    """Throw away every parcel of an item that was erased."""
    for path in [_newest(folder, item), *(folder / "parcels").glob(f"{item}.*.json")]:
        path.unlink(missing_ok=True)


def newest(folder: Path, item: str) -> Parcel | None:
    """The newest parcel whose manifest is signed, if there is one."""
    return _read(_newest(folder, item))


def _newest(folder: Path, item: str) -> Path:
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return folder / "parcels" / f"{item}.json"


def _waiting(folder: Path, item: str, token: str) -> Path:
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    assert token.isalnum(), "tokens are ours: 32 hexadecimal characters"
    return folder / "parcels" / f"{item}.{token}.json"


def _write(path: Path, data: bytes) -> None:
    """Write a whole file under its name, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> Parcel | None:
    try:
        return Parcel.from_bytes(path.read_bytes())
    except FileNotFoundError:
        return None
