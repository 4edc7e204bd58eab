"""Cosignatures (c2sp.org/tlog-cosignature, Ed25519): a witness says until when a log has only been added to.

    — <witness name> <base64 of 4 bytes key id, 8 bytes seconds since 1970, 64 bytes signature>

* What is signed is `cosignature/v1`, a line with the time, and the text of the checkpoint. The time is the witness's own.
* A reader names the witnesses it trusts and how many of them it asks for (`Quorum`). Lines of others are ignored; a line
  under a trusted name and key that does not verify is refused, however many others do.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.errors import N_, ComityError
from comity.ledger.note import NOTE_SIGNATURES_MAX, SIGNATURE_BYTES, NoteBroken, VerifierKey, b64, signatures_of

TIME_BYTES: Final = 8
KEY_HASH_BYTES: Final = 4
SECONDS_MAX: Final = 253_402_300_799
"""The last second of the year 9999: what no calendar can show is no time."""

_LINE: Final = re.compile(rb"\xe2\x80\x94 [^\s+]+ [A-Za-z0-9+/=]+\n")


class TooFewWitnesses(ComityError):
    """A checkpoint lacks the cosignatures that its reader asks for."""

    code = "ledger.too_few_witnesses"
    sentence = N_(
        "checkpoint {origin} is cosigned by {found} of the {known} witnesses that are trusted, needed are {needed}"
    )
    hint = N_("Fetch it again in a minute; if it stays, ask the witnesses what they hold of this log.")


@dataclass(frozen=True)
class CosignerKey(VerifierKey):
    """The public key of a witness under its name; raises `VerifierKeyBroken` for what cannot be one."""

    type_: ClassVar[bytes] = b"\x04"


@dataclass(frozen=True)
class Cosigned:
    """One witness's word: its name, and the moment at which this was the largest tree that it had seen."""

    witness: str
    at: datetime


@dataclass(frozen=True)
class Quorum:
    """Which witnesses a reader trusts, and how many of them must have cosigned; zero asks for none."""

    needed: int
    witnesses: tuple[CosignerKey, ...]

    def __post_init__(self) -> None:
        """Hold that it can be reached, and counts nobody twice."""
        assert 0 <= self.needed <= len(self.witnesses), "a quorum can be reached"
        assert len({one.public for one in self.witnesses}) == len(self.witnesses), "nobody counts twice"

    def hold(self, data: bytes) -> tuple[Cosigned, ...]:
        """Who of the trusted cosigned a checkpoint; raises `TooFewWitnesses`, or `NoteBroken` as `cosigners`."""
        found = cosigners(data, self.witnesses)
        if len(found) < self.needed:
            origin = signatures_of(data)[0].split(b"\n", 1)[0].decode("utf-8")[:80]
            raise TooFewWitnesses(origin=origin, found=len(found), known=len(self.witnesses), needed=self.needed)
        return found


def cosign(text: bytes, *, key: CosignerKey, sign: Callable[[bytes], bytes], at: datetime) -> bytes:
    """The signature line of a witness over the text of a checkpoint, to be added to its note."""
    seconds = int(at.timestamp())
    assert 0 <= seconds <= SECONDS_MAX, "a cosignature has a time"
    signature = sign(_message(text, seconds))
    assert len(signature) == SIGNATURE_BYTES, f"{len(signature)} bytes are no Ed25519 signature"
    return f"— {key.name} {b64(key.key_hash + seconds.to_bytes(TIME_BYTES) + signature)}\n".encode()


def cosigners(data: bytes, keys: Iterable[CosignerKey]) -> tuple[Cosigned, ...]:
    """Who of these witnesses cosigned a note, each at most once, in the order of `keys`.

    Raises `NoteBroken` for what is no note, and where a line under a trusted name and key does not verify.
    """
    text, lines = signatures_of(data)
    found = []
    for key in keys:
        ours = [value for name, value in lines if name == key.name and value.startswith(key.key_hash)]
        if ours:
            found.append(Cosigned(witness=key.name, at=max(_verified(text, value, key=key) for value in ours)))
    return tuple(found)


def with_lines(data: bytes, lines: Iterable[bytes]) -> bytes:
    """A note with further signature lines, each of which stands there once; raises `NoteBroken`."""
    signatures_of(data)
    fresh = []
    for line in lines:
        if not _LINE.fullmatch(line):
            raise NoteBroken(key="a witness", why=f"{line[:60]!r} is no signature line")
        if line not in fresh and line not in data:
            fresh.append(line)
    whole = data + b"".join(fresh)
    if len(signatures_of(whole)[1]) > NOTE_SIGNATURES_MAX:
        raise NoteBroken(key="a witness", why=f"more than {NOTE_SIGNATURES_MAX} signatures")
    return whole


def lines_by(answer: bytes, *, key: CosignerKey, over: bytes) -> bytes:
    """The one line by `key` in a witness's answer that verifies over the note; raises `NoteBroken`.

    Lines by keys that nobody asked for are left out (tlog-witness, "add-checkpoint").
    """
    text, _ = signatures_of(over)
    _, lines = signatures_of(text + b"\n" + answer)
    ours = [value for name, value in lines if name == key.name and value.startswith(key.key_hash)]
    if not ours:
        raise NoteBroken(key=key.name, why="the witness answered without a line of its own")
    newest = max(ours, key=lambda value: _verified(text, value, key=key))
    return f"— {key.name} {b64(newest)}\n".encode()


def _verified(text: bytes, value: bytes, *, key: CosignerKey) -> datetime:
    stamped = value[KEY_HASH_BYTES:]
    if len(stamped) != TIME_BYTES + SIGNATURE_BYTES:
        raise NoteBroken(key=key.name, why=f"{len(stamped)} bytes are no cosignature")
    seconds = int.from_bytes(stamped[:TIME_BYTES])
    if seconds > SECONDS_MAX:
        raise NoteBroken(key=key.name, why="its time is none")
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(stamped[TIME_BYTES:], _message(text, seconds))
    except (InvalidSignature, ValueError) as broken:
        raise NoteBroken(key=key.name, why="the cosignature does not verify") from broken
    return datetime.fromtimestamp(seconds, UTC)


def _message(text: bytes, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n".encode() + text
