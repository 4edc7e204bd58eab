"""Cipher suites by name, each with the dates between which it may be used.

The receiver's card says which suite belongs to which receive key; the header repeats it, and the header is bound into
the key schedule. There is no negotiation: a name outside this table, or outside its dates, is refused.

HPKE (RFC 9180) in base mode with the KEM MLKEM768-X25519: an envelope that is recorded today stays closed even to
somebody who breaks one of the two key agreements later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from comity.canon import stamp
from comity.errors import N_, ComityError

SUITE: Final = "mlkem768-x25519+hkdf-sha256+aes-256-gcm"
MLKEM768_PUBLIC_BYTES: Final = 1184
X25519_PUBLIC_BYTES: Final = 32


class SuiteUnknown(ComityError):
    """No suite of that name is used here."""

    code = "exchange.suite_unknown"
    sentence = N_("cipher suite {suite} is not used here")


class SuiteNotInForce(ComityError):
    """The suite is known, but not for that day."""

    code = "exchange.suite_not_in_force"
    sentence = N_("cipher suite {suite} is used from {start} until {sunset}, and this is {found}")
    hint = N_("Publish a card with a receive key of a suite in force, and send again.")


class ReceiveKeyBroken(ComityError):
    """The public half of a receive key cannot be used."""

    code = "exchange.receive_key_broken"
    sentence = N_("a receive key for {suite} cannot be used: {why}")


@dataclass(frozen=True)
class Suite:
    """One suite; `sunset` is the first moment at which it is no longer used.

    `hpke` opens with the private half, which the caller keeps. `overhead_bytes` is what sealing adds to a text.
    """

    name: str
    hpke: HpkeSuite
    overhead_bytes: int
    from_: datetime
    sunset: datetime

    def public_key(self, public: bytes) -> MLKEM768X25519PublicKey:
        """The raw ML-KEM-768 key and the raw X25519 key, one after the other; raises `ReceiveKeyBroken`."""
        if len(public) != MLKEM768_PUBLIC_BYTES + X25519_PUBLIC_BYTES:
            raise ReceiveKeyBroken(suite=self.name, why=f"it has {len(public)} bytes")
        try:
            return MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(public[:MLKEM768_PUBLIC_BYTES]),
                X25519PublicKey.from_public_bytes(public[MLKEM768_PUBLIC_BYTES:]),
            )
        except ValueError as broken:
            raise ReceiveKeyBroken(suite=self.name, why=str(broken)) from broken

    def seal(self, plaintext: bytes, *, public: bytes, info: bytes) -> bytes:
        """The text for the holder of the private half, bound to `info`; raises `ReceiveKeyBroken`."""
        key = self.public_key(public)
        try:
            return self.hpke.encrypt(plaintext, key, info)
        except ValueError as broken:  # an X25519 point of low order shows only here
            raise ReceiveKeyBroken(suite=self.name, why=str(broken)) from broken


SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {
        SUITE: Suite(
            name=SUITE,
            hpke=HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
            overhead_bytes=1088 + 32 + 16,
            from_=datetime(2026, 1, 1, tzinfo=UTC),
            sunset=datetime(2036, 1, 1, tzinfo=UTC),
        )
    }
)
"""A suite leaves by its date, not by an edit; a successor is a second row beside it."""


def suite_named(name: str) -> Suite:
    """The suite of that name; raises `SuiteUnknown`."""
    if name not in SUITES:
        raise SuiteUnknown(suite=name[:80])
    return SUITES[name]


def suite_in_force(name: str, *, at: datetime) -> Suite:
    """The suite of that name, to be used at that moment; raises `SuiteUnknown` or `SuiteNotInForce`."""
    suite = suite_named(name)
    if not suite.from_ <= at < suite.sunset:
        raise SuiteNotInForce(suite=name, start=stamp(suite.from_), sunset=stamp(suite.sunset), found=stamp(at))
    return suite
