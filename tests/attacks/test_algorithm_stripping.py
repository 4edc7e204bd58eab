"""Attack: a signature under a weaker algorithm than the one that was agreed, or under none, or with half of it cut off."""

import hashlib
import json
from dataclasses import replace

import cbor2
import pytest

from comity.authorities import passkeys
from comity.authorities.keys import KeyRecordBroken, PublicKey, SignatureDoesNotVerify
from comity.authorities.passkeys import PasskeyAnswerBroken
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, signed, verify
from comity.exchange.suite import SUITES, SuiteNotInForce, SuiteUnknown, suite_in_force
from comity.registry import sign_on
from keys import NodeKey, OfficialKey
from passkeys import registration

TYPE = "comity/letter/v1"
NODE, OTHER, JUDGE = NodeKey.fresh(b"n"), NodeKey.fresh(b"o"), OfficialKey.fresh(seed=b"j")
TEXT = Statement(type=TYPE, body={"a": 1})
BY_NODE = signed(TEXT, key=NODE.public, sign=NODE.sign)


def with_value(value: bytes) -> Statement:
    return replace(BY_NODE, signatures=(replace(BY_NODE.signatures[0], value=value),))


def test_a_node_signs_with_both_algorithms_or_not_at_all():
    whole = BY_NODE.signatures[0].value
    verify(BY_NODE, type=TYPE, key=NODE.public)
    lattice_of_other = OTHER.sign(BY_NODE.text())[64:]
    for cut in (whole[:64], whole[64:], whole[:64] + bytes(len(whole) - 64), bytes(64) + whole[64:], b""):
        with pytest.raises(SignatureDoesNotVerify):
            verify(with_value(cut), type=TYPE, key=NODE.public)
    with pytest.raises(SignatureDoesNotVerify):
        verify(with_value(whole[:64] + lattice_of_other), type=TYPE, key=NODE.public)


def test_a_message_cannot_name_its_algorithm():
    record = BY_NODE.as_json()
    for more in ({"alg": "none"}, {"algorithm": "ed25519"}):
        changed = record | {"signatures": [record["signatures"][0] | more]}
        with pytest.raises(StatementBroken):
            Statement.from_json(changed)
        with pytest.raises(StatementBroken):
            Statement.from_json(record | more)


def test_a_statement_without_a_signature_is_signed_by_nobody():
    with pytest.raises(SignerMissing):
        verify(TEXT, type=TYPE, key=NODE.public)


@pytest.mark.parametrize(
    "algorithm", ["none", "ed25519", "ml-dsa-65", "hs256", "", "webauthn-rs256", "ED25519+ML-DSA-65"]
)
def test_a_key_under_another_algorithm_checks_nothing(algorithm: str):
    key = replace(NODE.public, algorithm=algorithm)
    renamed = replace(BY_NODE, signatures=(replace(BY_NODE.signatures[0], key=key.id),))
    with pytest.raises(KeyRecordBroken):
        verify(renamed, type=TYPE, key=key)


def test_a_nodes_key_is_no_officials_key_and_the_other_way_round():
    for key in (
        PublicKey(algorithm=NODE.public.algorithm, public=JUDGE.public.public),
        replace(JUDGE.public, public=NODE.public.public),
    ):
        with pytest.raises((KeyRecordBroken, SignatureDoesNotVerify)):
            key.verify(BY_NODE.signatures[0].value, BY_NODE.text())


def cose(**changed: object) -> bytes:
    point = JUDGE.private.public_key().public_numbers()
    usual = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    return cbor2.dumps(usual | {int(name.strip("_").replace("m", "-")): value for name, value in changed.items()})


@pytest.mark.parametrize(
    "weaker",
    [
        cose(_3=-257),  # RS256
        cose(_3=-65535),  # RS1: RSA with SHA-1
        cose(_3=-8),  # EdDSA on a P-256 point
        cose(_3=0),
        cose(_m1=2),  # another curve
        cose(_1=1),
        bytes.fromhex("a4010103272006215820") + bytes(32),
        b"\xa0",
    ],
    ids=["RS256", "RS1", "EdDSA", "zero", "P-384", "OKP", "ed25519", "empty"],
)
def test_a_passkey_under_another_algorithm_is_not_enrolled(weaker: bytes):
    text = passkeys.ENROLMENT + b"nonce"
    challenge = passkeys.url64(hashlib.sha256(text).digest())
    made = registration(JUDGE, challenge, cose=weaker)
    with pytest.raises(PasskeyAnswerBroken):
        passkeys.registered(made, text=text, rp_id=JUDGE.rp_id, origin=JUDGE.origin)
    with pytest.raises(KeyRecordBroken):
        replace(JUDGE.public, public=weaker).hold_official()


def test_an_assertion_cannot_bring_its_own_key_or_algorithm():
    text = TEXT.text()
    answer = json.loads(JUDGE.sign(text))
    for more in ({"publicKey": "x"}, {"alg": -257}, {"authenticatorAttachment": "platform"}):
        with pytest.raises(SignatureDoesNotVerify):
            JUDGE.public.verify(json.dumps(answer | more, separators=(",", ":"), sort_keys=True).encode(), text)


def test_no_token_of_single_sign_on_chooses_a_secret_or_no_algorithm():
    """Each way to strip a token is refused in tests/registry/test_sign_on_tokens.py; here: the list has none to choose."""
    assert not {"none", "HS256", "HS384", "HS512"} & set(sign_on.ALGORITHMS)


def test_an_envelope_is_sealed_under_a_suite_in_force_and_no_message_brings_its_own():
    for name, suite in SUITES.items():
        assert suite_in_force(name, at=suite.from_) == suite
        with pytest.raises(SuiteNotInForce):
            suite_in_force(name, at=suite.sunset)
    with pytest.raises(SuiteUnknown):
        suite_in_force("rot13", at=next(iter(SUITES.values())).from_)
