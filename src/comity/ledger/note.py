"""Signed notes (c2sp.org/signed-note) with Ed25519: the envelope of checkpoints.

    <text, ending in a line feed>
    <empty line>
    — <key name> <base64 of 4 bytes key id and 64 bytes signature>

* A reader names the one key it trusts. Signatures by others (witnesses) are ignored; the one by this key must be
  there exactly once and verify.
* The text is handed out after its signature was checked; `text_of` alone reads without believing.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import NotCanonical
from comity.errors import N_, ComityError

NOTE_BYTES_MAX: Final = 128 * 1024
"""Room for the 16 signatures that the format asks readers to take, post-quantum ones included."""

NOTE_SIGNATURES_MAX: Final = 32
VKEY_CHARACTERS_MAX: Final = 400
NAME_CHARACTERS_MAX: Final = 255
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_ED25519: Final = b"\x01"
_KEY_HASH_BYTES: Final = 4
_NAME: Final = re.compile(r"[!-*,-~]+")  # ASCII without space and plus; the names of strangers may be wider
_VKEY: Final = re.compile(r"(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<public>[A-Za-z0-9+/=]+)")
_SIGNATURE_LINE: Final = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteBroken(ComityError):
    """Bytes are no note signed by the key that the reader trusts."""

    code = "ledger.note_broken"
    sentence = N_("this is not a note signed by {key}: {why}")
    hint = N_("Fetch it again from the log; compare the key with the one in the node's card.")


class VerifierKeyBroken(ComityError):
    """A text or a pair of name and bytes is no key for notes."""

    code = "ledger.verifier_key_broken"
    sentence = N_("this is no Ed25519 verifier key of a signed note: {why}")


@dataclass(frozen=True)
class VerifierKey:
    """The public key of a log or witness under its name; raises `VerifierKeyBroken` for what cannot be one."""

    name: str
    public: bytes
    type_: ClassVar[bytes] = _ED25519

    def __post_init__(self) -> None:
        """Hold what the format asks of a name, and the length of the key."""
        if len(self.name) > NAME_CHARACTERS_MAX or not _NAME.fullmatch(self.name):
            raise VerifierKeyBroken(why=f"{self.name[:60]!r} is no key name")
        if len(self.public) != PUBLIC_BYTES:
            raise VerifierKeyBroken(why=f"{len(self.public)} bytes are no Ed25519 key")

    @property
    def key_hash(self) -> bytes:
        """The key's id: the first 4 bytes of SHA-256 over name, line feed, type and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.type_ + self.public).digest()[:_KEY_HASH_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line of text: `<name>+<id in hexadecimal>+<base64 of type and key>`."""
        return f"{self.name}+{self.key_hash.hex()}+{b64(self.type_ + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read `vkey` back; raises `VerifierKeyBroken`."""
        shape = _VKEY.fullmatch(vkey) if len(vkey) <= VKEY_CHARACTERS_MAX else None
        if shape is None:
            raise VerifierKeyBroken(why="expected <name>+<8 hexadecimal digits>+<base64>")
        try:
            typed = unb64(shape["public"])
        except NotCanonical as broken:
            raise VerifierKeyBroken(why=str(broken)) from broken
        if typed[:1] != cls.type_:
            raise VerifierKeyBroken(why=f"its signature type is not 0x{cls.type_.hex()}")
        key = cls(name=shape["name"], public=typed[1:])
        if key.key_hash.hex() != shape["id"]:
            raise VerifierKeyBroken(why=f"its id is {key.key_hash.hex()}, it says {shape['id']}")
        return key


def sign_note(text: bytes, *, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """The note over `text` with one signature; `sign` makes the Ed25519 signature with the private half of `key`."""
    assert text.endswith(b"\n"), "a note's text ends in a line feed"
    assert not _CONTROL.search(text.decode("utf-8")), "a note's text has no control characters but line feeds"
    signature = sign(text)
    assert len(signature) == SIGNATURE_BYTES, f"{len(signature)} bytes are no Ed25519 signature"
    return text + f"\n— {key.name} {b64(key.key_hash + signature)}\n".encode()


def open_note(data: bytes, *, key: VerifierKey) -> bytes:
    """The text of a note that `key` signed; raises `NoteBroken`."""
    text, lines = _split(data, key=key.name)
    ours = []
    for line in lines:
        name, signature = _signature(line, key=key.name)
        if name == key.name and signature.startswith(key.key_hash):
            ours.append(signature.removeprefix(key.key_hash))
    if len(ours) != 1:
        raise NoteBroken(key=key.name, why=f"it carries {len(ours)} signatures by this key, expected 1")
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(ours[0], text)
    except (InvalidSignature, ValueError) as broken:
        raise NoteBroken(key=key.name, why="the signature does not verify") from broken
    return text


def signatures_of(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text of a note, and name and bytes (key id and signature) of each signature line; nothing is checked.

    Raises `NoteBroken` for what is no note.
    """
    text, lines = _split(data, key="anybody")
    return text, [_signature(line, key="anybody") for line in lines]


def text_of(data: bytes) -> bytes:
    """The text of a note before anybody checked a signature; raises `NoteBroken`."""
    text, _ = _split(data, key="anybody")
    return text


def text_digest(data: bytes) -> str:
    """SHA-256 of the text of a note, which stays the same whoever signs beside the log: what is stamped of a checkpoint."""
    return hashlib.sha256(text_of(data)).hexdigest()


def b64(data: bytes) -> str:
    """Bytes as standard base64 text."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    """Standard base64 text as bytes; raises `NotCanonical` for anything else, also for a second spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as broken:
        raise NotCanonical(why=f"not base64: {broken}") from broken
    if b64(data) != text:
        raise NotCanonical(why="base64 with another spelling")
    return data


def _split(data: bytes, *, key: str) -> tuple[bytes, list[str]]:
    """The text and the signature lines, which stand after the last empty line."""
    if len(data) > NOTE_BYTES_MAX:
        raise NoteBroken(key=key, why=f"{len(data)} bytes where at most {NOTE_BYTES_MAX} are read")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise NoteBroken(key=key, why="it is not UTF-8") from broken
    if _CONTROL.search(note):
        raise NoteBroken(key=key, why="it has a control character")
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise NoteBroken(key=key, why="expected a text, an empty line and signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > NOTE_SIGNATURES_MAX:
        raise NoteBroken(key=key, why=f"{len(lines)} signatures where at most {NOTE_SIGNATURES_MAX} are read")
    return f"{text}\n".encode(), lines


def _signature(line: str, *, key: str) -> tuple[str, bytes]:
    """Name and bytes (key id and signature) of one signature line."""
    shape = _SIGNATURE_LINE.fullmatch(line)
    if shape is None:
        raise NoteBroken(key=key, why=f"{line[:60]!r} is no signature line")
    try:
        signature = unb64(shape["signature"])
    except NotCanonical as broken:
        raise NoteBroken(key=key, why=f"a signature is {broken}") from broken
    if len(signature) <= _KEY_HASH_BYTES:
        raise NoteBroken(key=key, why="a signature is too short")
    return shape["name"], signature
