"""The marked software authenticator: officials' passkeys as files, on demo and drill nodes only.

It emits real WebAuthn assertions, so that every verifier works as it does for a security key. It is marked in each
directory entry (`software_authenticator`), and no setting opens it on a live node.
"""

import base64
import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from comity.authorities.directory import Entry, context_for
from comity.authorities.keys import OFFICIAL, PublicKey
from comity.authorities.roles import MandateNotInForce
from comity.authorities.statement import Statement, signed
from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError
from comity.registry import keys
from comity.registry.act import Node
from comity.registry.models import OfficialRow

SIGNING_TIME: Final = timedelta(minutes=10)
_PRESENT_AND_VERIFIED: Final = 0x05


class NoSoftwareAuthenticator(ComityError):
    """A live node has no software authenticator, and nobody signs for somebody else."""

    code = "registry.no_software_authenticator"
    sentence = N_("{official} cannot sign here: {why}")
    hint = N_("On a live node officials sign at their desk with their own passkey.")


def _refuse_live(node: Node, official: str) -> None:
    if node.kind == "live":
        raise NoSoftwareAuthenticator(official=official, why=f"node {node.id} is live")


def enrol(node: Node, official: str, *, rp_id: str, origin: str) -> PublicKey:
    """Make a software passkey for an official of a demo or drill node; its public half."""
    _refuse_live(node, official)
    private = ec.generate_private_key(ec.SECP256R1())
    raw = private.private_numbers().private_value.to_bytes(32, "big")
    public = PublicKey(algorithm=OFFICIAL, public=_cose(private), rp_id=rp_id, origin=origin)
    keys.write_once(node.folder / "keys" / _file(official, public), raw)
    return public


def _file(official: str, key: PublicKey) -> str:
    """One file for each passkey: a person in two offices has two."""
    return f"official-{official}-{key.id}"


def sign(statement: Statement, *, node: Node, entry: Entry, at: datetime) -> Statement:
    """The statement with the official's signature, bound to office, mandate, a nonce and ten minutes."""
    context = dict(context_for(entry, nonce=secrets.token_hex(16), expires_at=at + SIGNING_TIME))
    return sign_bound(statement, node=node, entry=entry, context=context)


def sign_bound(statement: Statement, *, node: Node, entry: Entry, context: JsonObject) -> Statement:
    """The statement with the official's signature, bound to what was shown beside the text."""
    _refuse_live(node, entry.official)
    raw = keys.software_passkey(node.folder, name=_file(entry.official, entry.credential))
    private = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    return signed(
        statement,
        key=entry.credential,
        sign=lambda text: _assertion(private, entry.credential, text),
        context=context,
    )


def _assertion(private: ec.EllipticCurvePrivateKey, credential: PublicKey, text: bytes) -> bytes:
    """A WebAuthn assertion over the SHA-256 of the text (W3C WebAuthn, section 6.3.3), as canonical JSON."""
    client = {
        "type": "webauthn.get",
        "challenge": _url64(hashlib.sha256(text).digest()),
        "origin": credential.origin,
        "crossOrigin": False,
    }
    client_data = json.dumps(client, separators=(",", ":")).encode()
    rp_hash = hashlib.sha256(credential.rp_id.encode()).digest()
    authenticator_data = rp_hash + bytes([_PRESENT_AND_VERIFIED]) + (0).to_bytes(4, "big")
    covered = authenticator_data + hashlib.sha256(client_data).digest()
    name = _url64(hashlib.sha256(credential.public).digest())
    return canonical(
        {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": _url64(authenticator_data),
                "clientDataJSON": _url64(client_data),
                "signature": _url64(private.sign(covered, ec.ECDSA(hashes.SHA256()))),
            },
        }
    )


def _cose(private: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as COSE_Key (RFC 9053, section 7.1.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return bytes.fromhex("a5010203262001215820") + point[1:33] + bytes.fromhex("225820") + point[33:]


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seated(node: Node, official: str, *, at: datetime) -> Entry:
    """The directory entry of the official who acts at this terminal; never on a live node.

    `official` is a short name, or with a second office the name, a slash and the desk: `bo/judge`. The newest office
    otherwise. Raises `NoSoftwareAuthenticator` or `MandateNotInForce`. The node must be active.
    """
    name, _, role = official.partition("/")
    _refuse_live(node, name)
    rows = OfficialRow.objects.filter(node=node.id, official=name, ended_at=None).order_by("-id")
    row = rows.filter(role=role).first() if role else rows.first()
    if row is None:
        raise NoSoftwareAuthenticator(official=official[:60], why=f"node {node.id} has no such official in office")
    entry = Entry.from_body(Statement.from_bytes(bytes(row.statement)).body)
    if row.suspended_at is not None and row.suspended_at <= at:
        raise MandateNotInForce(official=name, role=entry.role.value, why="it was suspended")
    entry.in_force(at=at)
    return entry
