"""Public keys: which signatures hold, and what hostile bytes are answered with."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.keys import ASSERTION_BYTES_MAX, KeyRecordBroken, PublicKey, SignatureDoesNotVerify, b64, unb64
from comity.canon import JsonObject, NotCanonical, canonical
from comity.errors import ComityError
from keys import NodeKey, OfficialKey

NODE = NodeKey.fresh(b"cv")
OFFICIAL = OfficialKey.fresh(seed=b"judge")
TEXT = b"the text"
ASSERTION = json.loads(OFFICIAL.sign(TEXT))
CLIENT = {"type": "webauthn.get", "origin": OFFICIAL.origin, "crossOrigin": False}


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(client: bytes, *, flags: int = 0x05, rp_id: str = OFFICIAL.rp_id) -> bytes:
    """What a hostile or broken authenticator might sign with the official's own key."""
    authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)
    value = OFFICIAL.private.sign(authenticator + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    response = {"authenticatorData": authenticator, "clientDataJSON": client, "signature": value}
    return canonical({**ASSERTION, "response": {name: url64(part) for name, part in response.items()}})


def client_data(**changed: object) -> bytes:
    return json.dumps({**CLIENT, "challenge": url64(hashlib.sha256(TEXT).digest()), **changed}).encode()


def test_an_assertion_made_by_hand_holds_as_the_keys_own_does():
    OFFICIAL.public.verify(OFFICIAL.sign(TEXT), TEXT)
    OFFICIAL.public.verify(assertion(client_data()), TEXT)


@pytest.mark.parametrize(
    "hostile",
    [
        assertion(client_data(challenge=url64(hashlib.sha256(b"another text").digest()))),
        assertion(client_data(type="webauthn.create")),
        assertion(client_data(origin="http://nl.localhost")),
        assertion(client_data(origin="http://cv.localhost.example")),
        assertion(client_data(), rp_id="nl.localhost"),
        assertion(client_data(), flags=0x01),  # present, not verified
        assertion(client_data(), flags=0x04),  # verified, not present
        assertion(client_data(), flags=0x45),  # claims attested data that is not there
        assertion(b"[" * 2000),
        assertion(b"null"),
        assertion(b"{}"),
        assertion(b"\xff"),
        assertion(client_data(tokenBinding={"status": "no such status"})),
        b"",
        b"{}",
        b"null",
        b"[" * ASSERTION_BYTES_MAX,
        OFFICIAL.sign(TEXT) + b" ",
        b" " * (ASSERTION_BYTES_MAX + 1),
    ],
    ids=range(19),
)
def test_an_assertion_that_says_something_else_is_refused(hostile: bytes):
    with pytest.raises(SignatureDoesNotVerify):
        OFFICIAL.public.verify(hostile, TEXT)


@pytest.mark.parametrize(
    "changed",
    [
        {"more": 1},
        {"clientExtensionResults": {"appid": True}},
        {"type": "password"},
        {"id": ASSERTION["id"] + "="},
        {"id": "é"},
        {"rawId": "AAAA"},
        {"response": {}},
        {"response": None},
        {"response": {**ASSERTION["response"], "userHandle": "AAAA"}},
        {"response": {**ASSERTION["response"], "signature": "AAAA"}},
        {"response": {**ASSERTION["response"], "signature": ASSERTION["response"]["signature"] + "="}},
        {"response": {**ASSERTION["response"], "authenticatorData": "AAAA"}},
    ],
)
def test_an_assertion_of_another_shape_or_spelling_is_refused(changed: JsonObject):
    with pytest.raises(SignatureDoesNotVerify):
        OFFICIAL.public.verify(canonical({**ASSERTION, **changed}), TEXT)


@pytest.mark.parametrize(
    "public",
    [
        b"",
        OFFICIAL.public.public[:-1],
        OFFICIAL.public.public + b"\0",
        # the same point under another algorithm (-35, ES384): the record says ES256, and so does the key
        OFFICIAL.public.public.replace(b"\x03\x26", b"\x03\x38\x22"),
        b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20" + bytes(32),  # an Ed25519 key
    ],
)
def test_a_credential_that_is_no_es256_key_is_refused(public: bytes):
    with pytest.raises(KeyRecordBroken):
        replace(OFFICIAL.public, public=public).verify(OFFICIAL.sign(TEXT), TEXT)


def test_a_point_off_the_curve_verifies_nothing():
    public = OFFICIAL.public.public[:-1] + bytes([OFFICIAL.public.public[-1] ^ 1])
    with pytest.raises(SignatureDoesNotVerify):
        replace(OFFICIAL.public, public=public).verify(OFFICIAL.sign(TEXT), TEXT)


def test_both_halves_of_a_nodes_signature_must_hold():
    mine, other = NODE.sign(TEXT), NodeKey.fresh(b"nl").sign(TEXT)
    NODE.public.verify(mine, TEXT)
    for broken in (mine[:64] + other[64:], other[:64] + mine[64:], mine[:64], mine[64:], mine + b"\0", b""):
        with pytest.raises(SignatureDoesNotVerify):
            NODE.public.verify(broken, TEXT)


def test_a_signature_over_another_text_is_refused():
    for key in (NODE, OFFICIAL):
        with pytest.raises(SignatureDoesNotVerify):
            key.public.verify(key.sign(TEXT), TEXT + b"!")


def test_a_node_key_of_another_length_is_refused():
    for public in (b"", NODE.public.public[:-1], NODE.public.public + b"\0"):
        with pytest.raises(KeyRecordBroken):
            replace(NODE.public, public=public).verify(NODE.sign(TEXT), TEXT)


def test_the_algorithm_is_the_records_and_an_unknown_one_is_refused():
    for algorithm in ("", "none", "ed25519", "ED25519+ML-DSA-65"):
        with pytest.raises(KeyRecordBroken, match="unknown algorithm"):
            PublicKey(algorithm=algorithm, public=NODE.public.public).verify(NODE.sign(TEXT), TEXT)


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "key",
        {},
        {"algorithm": "ed25519+ml-dsa-65"},
        {"algorithm": "ed25519+ml-dsa-65", "public": 1},
        {"algorithm": "ed25519+ml-dsa-65", "public": "AA==", "rp_id": ""},
        {"algorithm": "webauthn-es256", "public": "AA=="},
        {"algorithm": "webauthn-es256", "public": "AA==", "rp_id": "cv.localhost", "origin": None},
        {"algorithm": ["webauthn-es256"], "public": "AA=="},
    ],
)
def test_a_key_record_of_another_shape_is_refused(record: object):
    with pytest.raises(KeyRecordBroken):
        PublicKey.from_record(record)


@pytest.mark.parametrize("key", [NODE.public, OFFICIAL.public])
def test_a_key_record_is_read_back_as_it_was_written(key: PublicKey):
    assert PublicKey.from_record(key.as_record()) == key


def test_a_key_is_named_by_algorithm_and_bytes():
    other_algorithm = PublicKey(algorithm="webauthn-es256", public=NODE.public.public)
    assert len({NODE.public.id, other_algorithm.id, NodeKey.fresh(b"nl").public.id}) == 3
    assert NODE.public.fingerprint.replace(" ", "").startswith(NODE.public.id)
    assert {len(group) for group in NODE.public.fingerprint.split()} == {4}


@given(st.binary(max_size=300))
def test_hostile_bytes_are_answered_with_a_refusal(data: bytes):
    for key in (NODE.public, OFFICIAL.public):
        with pytest.raises(SignatureDoesNotVerify):
            key.verify(data, TEXT)


@given(st.binary(max_size=100))
def test_base64_has_one_spelling(data: bytes):
    assert unb64(b64(data)) == data


@given(st.text("AQw=+/-_ \n", max_size=8))
def test_base64_in_a_second_spelling_is_refused(text: str):
    try:
        data = unb64(text)
    except NotCanonical:
        return
    assert b64(data) == text


def test_a_refusal_names_the_key():
    with pytest.raises(ComityError) as refused:
        NODE.public.verify(b"", TEXT)
    assert refused.value.facts["key"] == NODE.public.id
