"""A browser's part of a passkey, in software: what a page's script sends back, made with the keys of `keys.py`."""

import base64
import hashlib
import json
import re
import struct

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from comity.registry import post
from comity.registry.act import Node
from keys import OfficialKey

USER_PRESENT, USER_VERIFIED, KEY_INCLUDED = 0x01, 0x04, 0x40


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def credential(key: OfficialKey) -> bytes:
    """The name that this key's device gives it."""
    return hashlib.sha256(key.public.public).digest()


def browser(node: Node, *, address: str = "127.0.0.1") -> Client:
    """A browser at the officials' site of a node, which sends what browsers send."""
    host = post.own_card(node).official_origin.removeprefix("http://").removeprefix("https://")
    return Client(enforce_csrf_checks=False, headers={"host": host}, REMOTE_ADDR=address)


def key_for(node: Node, seed: bytes | None = None) -> OfficialKey:
    """A passkey made for the officials' site of a node."""
    card = post.own_card(node)
    return OfficialKey.fresh(card.official_rp_id, card.official_origin, seed=seed)


def challenge_on(page: bytes) -> str:
    """The challenge that stands in a page."""
    found = re.search(rb'data-challenge="([^"]+)"', page)
    assert found, page.decode()[-2000:]
    return found[1].decode()


def _client(kind: str, challenge: str, origin: str) -> bytes:
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(said, separators=(",", ":")).encode()


def _record(key: OfficialKey, response: dict[str, bytes], *, named: bytes | None = None) -> str:
    name = url64(named or credential(key))
    texts = {part: url64(value) for part, value in response.items()}
    return json.dumps(
        {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": texts}
    )


def assertion(
    key: OfficialKey, challenge: str, *, flags: int = USER_PRESENT | USER_VERIFIED, named: bytes | None = None
) -> str:
    """What `navigator.credentials.get` answers to this challenge."""
    client = _client("webauthn.get", challenge, key.origin)
    data = hashlib.sha256(key.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", 0)
    signature = key.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    parts = {"authenticatorData": data, "clientDataJSON": client, "signature": signature}
    return _record(key, parts, named=named)


def registration(
    key: OfficialKey, challenge: str, *, flags: int = USER_PRESENT | USER_VERIFIED, cose: bytes | None = None
) -> str:
    """What `navigator.credentials.create` answers to this challenge."""
    name = credential(key)
    data = (
        hashlib.sha256(key.rp_id.encode()).digest()
        + bytes([flags | KEY_INCLUDED])
        + struct.pack(">I", 0)
        + bytes(16)
        + struct.pack(">H", len(name))
        + name
        + (cose or key.public.public)
    )
    made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    return _record(
        key, {"attestationObject": made, "clientDataJSON": _client("webauthn.create", challenge, key.origin)}
    )
