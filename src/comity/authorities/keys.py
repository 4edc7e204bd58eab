"""Public keys and how a signature under each algorithm is checked. Private keys live in the registry only.

The algorithm always comes from the key's record in a trust list or directory, never from the signed message.

* `ed25519+ml-dsa-65`: a node's signature. Both halves must hold; `public` is the two raw keys, one after the other.
* `webauthn-es256`: an official's signature. `public` is the COSE key; `rp_id` and `origin` are pinned by the verifier.
  Key and assertion have one spelling each: a COSE key may name any algorithm, and an assertion holds texts that its
  signature does not cover.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from webauthn import verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException

from comity.canon import JsonObject, NotCanonical, TooLarge, parse_object
from comity.errors import N_, ComityError

NODE: Final = "ed25519+ml-dsa-65"
OFFICIAL: Final = "webauthn-es256"

ED25519_PUBLIC_BYTES: Final = 32
ED25519_SIGNATURE_BYTES: Final = 64
MLDSA65_PUBLIC_BYTES: Final = 1952
ASSERTION_BYTES_MAX: Final = 4096
_COSE_ES256: Final = re.compile(rb"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20.{32}\x22\x58\x20.{32}", re.DOTALL)
"""COSE_Key {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CTAP2 canonical CBOR (RFC 9053, section 7.1.1)."""


class SignatureDoesNotVerify(ComityError):
    """A signature is not one by this key over this text."""

    code = "authorities.signature_does_not_verify"
    sentence = N_("the signature by key {key} does not verify: {why}")
    hint = N_("Treat the document as altered or forged; ask its sender for the original.")


class KeyRecordBroken(ComityError):
    """A record of a public key cannot be used."""

    code = "authorities.key_record_broken"
    sentence = N_("the record of key {key} cannot be used: {why}")


@dataclass(frozen=True)
class PublicKey:
    """A public key under its algorithm; `rp_id` and `origin` only for `webauthn-es256`."""

    algorithm: str
    public: bytes
    rp_id: str = ""
    origin: str = ""

    @property
    def id(self) -> str:
        """The key's name: the first 16 bytes of SHA-256 over algorithm and key, in hexadecimal."""
        return hashlib.sha256(self.algorithm.encode() + b"\0" + self.public).hexdigest()[:32]

    @property
    def fingerprint(self) -> str:
        """The whole SHA-256 in groups of four, to be read aloud and compared."""
        digest = hashlib.sha256(self.algorithm.encode() + b"\0" + self.public).hexdigest()
        return " ".join(digest[start : start + 4] for start in range(0, 64, 4))

    def verify(self, signature: bytes, text: bytes) -> None:
        """Hold that `signature` is this key's over `text`; raises `SignatureDoesNotVerify`."""
        match self.algorithm:
            case "ed25519+ml-dsa-65":
                _verify_hybrid(self, signature, text)
            case "webauthn-es256":
                _verify_assertion(self, signature, text)
            case unknown:
                raise KeyRecordBroken(key=self.id, why=f"unknown algorithm {unknown}")

    def hold_official(self) -> None:
        """Hold that an official can sign with this key; raises `KeyRecordBroken`."""
        if self.algorithm != OFFICIAL or not _COSE_ES256.fullmatch(self.public):
            raise KeyRecordBroken(key=self.id, why=f"it is no {OFFICIAL} key")

    def as_record(self) -> JsonObject:
        """The key as JSON, for trust lists and directories."""
        record = {"algorithm": self.algorithm, "public": b64(self.public)}
        if self.algorithm == OFFICIAL:
            record |= {"rp_id": self.rp_id, "origin": self.origin}
        return record

    @classmethod
    def from_record(cls, record: object) -> "PublicKey":
        """Read `as_record` back; raises `KeyRecordBroken`."""
        if not isinstance(record, dict) or not all(isinstance(value, str) for value in record.values()):
            raise KeyRecordBroken(key="?", why="expected an object of texts")
        names = {"algorithm", "public"} | ({"rp_id", "origin"} if record.get("algorithm") == OFFICIAL else set())
        if set(record) != names:
            raise KeyRecordBroken(key="?", why=f"expected the texts {sorted(names)}, found {sorted(record)}")
        return cls(**{**record, "public": unb64(record["public"])})


def b64(data: bytes) -> str:
    """Bytes as standard base64 text."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: object) -> bytes:
    """Standard base64 text as bytes; raises `NotCanonical` for anything else, also for a second spelling."""
    if not isinstance(text, str):
        raise NotCanonical(why="base64 text was expected")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as broken:
        raise NotCanonical(why=f"not base64: {broken}") from broken
    if b64(data) != text:
        raise NotCanonical(why="base64 with another spelling")
    return data


def _verify_hybrid(key: PublicKey, signature: bytes, text: bytes) -> None:
    if len(key.public) != ED25519_PUBLIC_BYTES + MLDSA65_PUBLIC_BYTES:
        raise KeyRecordBroken(key=key.id, why=f"{len(key.public)} bytes are no {NODE} key")
    classical = Ed25519PublicKey.from_public_bytes(key.public[:ED25519_PUBLIC_BYTES])
    lattice = MLDSA65PublicKey.from_public_bytes(key.public[ED25519_PUBLIC_BYTES:])
    try:
        classical.verify(signature[:ED25519_SIGNATURE_BYTES], text)
        lattice.verify(signature[ED25519_SIGNATURE_BYTES:], text)
    except (InvalidSignature, ValueError) as broken:
        raise SignatureDoesNotVerify(key=key.id, why="not this key's signature over this text") from broken


def _verify_assertion(key: PublicKey, signature: bytes, text: bytes) -> None:
    """A WebAuthn assertion whose challenge is the SHA-256 of the text (W3C WebAuthn, section 7.2)."""
    key.hold_official()
    try:
        assertion = parse_object(signature, limit=ASSERTION_BYTES_MAX)
        _in_one_spelling(assertion)
        verify_authentication_response(
            credential=assertion,
            expected_challenge=hashlib.sha256(text).digest(),
            expected_rp_id=key.rp_id,
            expected_origin=key.origin,
            credential_public_key=key.public,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (NotCanonical, TooLarge) as broken:
        raise SignatureDoesNotVerify(key=key.id, why=f"no assertion: {broken}") from broken
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as broken:
        # py_webauthn and its readers raise all of these on hostile bytes
        raise SignatureDoesNotVerify(key=key.id, why=str(broken)) from broken


def _in_one_spelling(assertion: JsonObject) -> None:
    """Hold that an assertion has no part that could be changed unnoticed; raises `NotCanonical`."""
    match assertion:
        case {
            "id": str(id_),
            "rawId": str(raw_id),
            "type": "public-key",
            "clientExtensionResults": dict(extensions),
            "response": {
                "authenticatorData": str(data),
                "clientDataJSON": str(client),
                "signature": str(value),
                **more,
            },
            **rest,
        } if not (rest or more or extensions):
            texts = (id_, raw_id, data, client, value)
        case _:
            raise NotCanonical(why="an assertion has exactly id, rawId, type, response and empty extension results")
    for text in texts:
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError as broken:
            raise NotCanonical(why=f"not base64url: {broken}") from broken
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
            raise NotCanonical(why="base64url with another spelling")
