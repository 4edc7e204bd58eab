"""Software keys for tests: what a node, an official, a log and a mailbox hold in earnest.

Every `fresh` takes a seed, so that a test can have the same key twice; without one the key is random.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from comity.authorities.directory import ENTRY, Entry
from comity.authorities.keys import NODE, OFFICIAL, PublicKey
from comity.authorities.roles import POWERS, Power, Role
from comity.authorities.statement import Statement, signed
from comity.canon import canonical

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
USER_PRESENT_AND_VERIFIED = 0x05
HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _part(seed: bytes, name: str) -> bytes:
    return hashlib.sha256(seed + b"\0" + name.encode()).digest()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class NodeKey:
    """A node's signing key, `ed25519+ml-dsa-65`."""

    classical: Ed25519PrivateKey
    lattice: MLDSA65PrivateKey

    @classmethod
    def fresh(cls, seed: bytes | None = None) -> Self:
        seed = os.urandom(32) if seed is None else seed
        return cls(
            classical=Ed25519PrivateKey.from_private_bytes(_part(seed, "ed25519")),
            lattice=MLDSA65PrivateKey.from_seed_bytes(_part(seed, "ml-dsa-65")),
        )

    @property
    def public(self) -> PublicKey:
        both = self.classical.public_key().public_bytes_raw() + self.lattice.public_key().public_bytes_raw()
        return PublicKey(algorithm=NODE, public=both)

    def sign(self, text: bytes) -> bytes:
        return self.classical.sign(text) + self.lattice.sign(text)


@dataclass(frozen=True)
class OfficialKey:
    """An official's passkey in software: P-256, real WebAuthn assertions, user verified, counter 0."""

    private: ec.EllipticCurvePrivateKey
    rp_id: str
    origin: str

    @classmethod
    def fresh(
        cls, rp_id: str = "cv.localhost", origin: str = "http://cv.localhost", *, seed: bytes | None = None
    ) -> Self:
        seed = os.urandom(32) if seed is None else seed
        scalar = int.from_bytes(_part(seed, "p-256"), "big") % (P256_ORDER - 1) + 1
        return cls(private=ec.derive_private_key(scalar, ec.SECP256R1()), rp_id=rp_id, origin=origin)

    @property
    def public(self) -> PublicKey:
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        # COSE_Key (RFC 9053, 7.1.1) in CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        cose = bytes.fromhex("a5010203262001215820") + point[1:33] + bytes.fromhex("225820") + point[33:]
        return PublicKey(algorithm=OFFICIAL, public=cose, rp_id=self.rp_id, origin=self.origin)

    def sign(self, text: bytes) -> bytes:
        """Canonical JSON of an assertion whose challenge is the SHA-256 of the text."""
        client = {
            "type": "webauthn.get",
            "challenge": _url64(hashlib.sha256(text).digest()),
            "origin": self.origin,
            "crossOrigin": False,
        }
        client_data = json.dumps(client, separators=(",", ":")).encode()
        rp_hash = hashlib.sha256(self.rp_id.encode()).digest()
        authenticator_data = rp_hash + bytes([USER_PRESENT_AND_VERIFIED]) + (0).to_bytes(4, "big")
        covered = authenticator_data + hashlib.sha256(client_data).digest()
        credential = _url64(hashlib.sha256(self.public.public).digest())
        return canonical(
            {
                "id": credential,
                "rawId": credential,
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {
                    "authenticatorData": _url64(authenticator_data),
                    "clientDataJSON": _url64(client_data),
                    "signature": _url64(self.private.sign(covered, ec.ECDSA(hashes.SHA256()))),
                },
            }
        )


@dataclass(frozen=True)
class LogKey:
    """A log's key: plain Ed25519."""

    private: Ed25519PrivateKey

    @classmethod
    def fresh(cls, seed: bytes | None = None) -> Self:
        seed = os.urandom(32) if seed is None else seed
        return cls(private=Ed25519PrivateKey.from_private_bytes(_part(seed, "log")))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)

    def vkey(self, origin: str) -> str:
        """The verifier key of a C2SP signed note (c2sp.org/signed-note): name, key id and key."""
        typed = b"\x01" + self.public
        key_id = hashlib.sha256(origin.encode() + b"\n" + typed).hexdigest()[:8]
        return f"{origin}+{key_id}+{base64.b64encode(typed).decode()}"


@dataclass(frozen=True)
class MailboxKey:
    """A node's receive key: HPKE MLKEM768-X25519; `public` is ML-KEM-768 (1184 bytes), then X25519 (32 bytes)."""

    lattice: MLKEM768PrivateKey
    classical: X25519PrivateKey

    @classmethod
    def fresh(cls, seed: bytes | None = None) -> Self:
        seed = os.urandom(32) if seed is None else seed
        return cls(
            lattice=MLKEM768PrivateKey.from_seed_bytes(_part(seed, "kem-1") + _part(seed, "kem-2")),
            classical=X25519PrivateKey.from_private_bytes(_part(seed, "x25519")),
        )

    @property
    def public(self) -> bytes:
        return self.lattice.public_key().public_bytes_raw() + self.classical.public_key().public_bytes_raw()

    def decrypt(self, ciphertext: bytes, info: bytes) -> bytes:
        return HPKE.decrypt(ciphertext, MLKEM768X25519PrivateKey(self.lattice, self.classical), info)


def entry(
    official_key: OfficialKey,
    node_key: NodeKey,
    *,
    node: str,
    official: str,
    role: Role,
    state: str = "CV",
    name: str = "Ana Exemplo",
    office: str = "",
    authority: str = "",
    mandate: str = "",
    powers: frozenset[Power] | None = None,
    from_: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    until: datetime = datetime(2028, 1, 1, tzinfo=UTC),
    enrolled_by: tuple[str, ...] = (),
    enrollers: tuple[OfficialKey, ...] = (),
    software_authenticator: bool = True,
) -> tuple[Entry, Statement]:
    """A directory entry and its statement, signed by the node and by each of `enrollers`."""
    enrolled = Entry(
        node=node,
        official=official,
        name=name,
        office=office or f"{role.value} of {node}",
        authority=authority or f"authority of {node}",
        state=state,
        role=role,
        mandate=mandate or f"{node}-{official}-2026",
        powers=POWERS[role] if powers is None else powers,
        territory=(state,),
        responsible=f"head of {node}",
        appointed_at=from_,
        from_=from_,
        until=until,
        credential=official_key.public,
        enrolled_by=enrolled_by,
        software_authenticator=software_authenticator,
    )
    statement = signed(Statement(type=ENTRY, body=enrolled.as_body()), key=node_key.public, sign=node_key.sign)
    for enroller in enrollers:
        statement = signed(statement, key=enroller.public, sign=enroller.sign)
    return enrolled, statement
