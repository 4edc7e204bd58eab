"""A time stamp is what an authority granted for this digest, nonce and policy, under a root that the reader trusts."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import OTHER_POLICY, POLICY, TimeAuthority
from comity.ledger.time_stamp import RootsBroken, StampBroken, stamp_request, trusted_roots, verify_stamp

DIGEST = hashlib.sha256(b"a checkpoint").digest()
NONCE = 2**63 + 17


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def answer(authority: TimeAuthority) -> bytes:
    return authority.answer(stamp_request(DIGEST, nonce=NONCE))


def verified(answer: bytes, authority: TimeAuthority, **changes: Any) -> Any:
    sound: dict[str, Any] = {"digest": DIGEST, "roots": trusted_roots(authority.roots), "nonce": NONCE}
    return verify_stamp(answer, **sound | changes)


def test_openssl_reads_what_we_ask_and_we_read_what_it_answers(authority: TimeAuthority, answer: bytes):
    for nonce in (1, 127, 128, 255, 256, NONCE, 2**64 - 1):
        for policy in ("", POLICY, OTHER_POLICY):
            made = authority.answer(stamp_request(DIGEST, nonce=nonce, policy=policy))
            assert verified(made, authority, nonce=nonce).policy == (policy or POLICY)
    stamped = verified(answer, authority, policies=[POLICY])
    assert abs(stamped.at - datetime.now(UTC)) < timedelta(minutes=1)  # noqa: TID251 - OpenSSL's clock
    assert (stamped.by, stamped.accuracy_seconds) == ("CN=Clock of Utopia", 1)
    assert verified(answer, authority, nonce=None) == stamped


def test_an_authority_that_says_nothing_of_its_accuracy_is_taken_at_its_word(tmp_path: Path):
    terse = TimeAuthority(tmp_path, accuracy="")
    assert verified(terse.answer(stamp_request(DIGEST, nonce=NONCE)), terse).accuracy_seconds is None


def test_what_we_keep_is_what_openssl_verifies(authority: TimeAuthority, answer: bytes, tmp_path: Path):
    (tmp_path / "token").write_bytes(answer)
    command = ["openssl", "ts", "-verify", "-digest", DIGEST.hex(), "-in", str(tmp_path / "token")]
    done = subprocess.run([*command, "-CAfile", str(authority.folder / "root.pem")], capture_output=True, check=False)
    assert b"OK" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"digest": hashlib.sha256(b"another").digest()}, "it is for"),
        ({"nonce": NONCE + 1}, "Nonce mismatch"),
        ({"policies": [OTHER_POLICY]}, "is not one that counts"),
        ({"roots": []}, "at least one root"),
    ],
)
def test_a_stamp_for_something_else_is_refused(
    authority: TimeAuthority, answer: bytes, changes: dict[str, Any], why: str
):
    with pytest.raises(StampBroken, match=why):
        verified(answer, authority, **changes)


def test_a_stamp_under_another_root_is_refused_even_if_it_bears_the_same_name(answer: bytes, tmp_path: Path):
    with pytest.raises(StampBroken, match="certificate"):
        verified(answer, TimeAuthority(tmp_path))


@pytest.mark.parametrize(
    "made",
    [{"usage": ExtendedKeyUsageOID.SERVER_AUTH}, {"days": (-20, -10)}, {"days": (5, 10)}],
    ids=["for servers", "expired", "not yet valid"],
)
def test_a_certificate_that_could_not_stamp_then_does_not_count(tmp_path: Path, made: dict[str, Any]):
    other = TimeAuthority(tmp_path, **made)
    try:
        answer = other.answer(stamp_request(DIGEST, nonce=NONCE))
    except subprocess.CalledProcessError:  # OpenSSL itself refuses to sign with it
        honest = TimeAuthority(tmp_path / "honest")
        for name in ("signer.pem", "key.pem"):
            (other.folder / name).write_bytes((honest.folder / name).read_bytes())
        answer = other.answer(stamp_request(DIGEST, nonce=NONCE))
    with pytest.raises(StampBroken):
        verified(answer, other)


def test_a_refusal_of_the_authority_is_no_stamp(authority: TimeAuthority):
    refused = authority.answer(stamp_request(DIGEST, nonce=NONCE, policy="1.2.3"))
    with pytest.raises(StampBroken, match="status 2"):
        verified(refused, authority)


def test_no_flipped_bit_makes_another_stamp(authority: TimeAuthority, answer: bytes):
    sound = verified(answer, authority)
    kept = 0
    for place in range(0, len(answer), 3):
        changed = bytearray(answer)
        changed[place] ^= 1 << place % 8
        try:
            assert verified(bytes(changed), authority) == sound
            kept += 1  # outside what is signed, such as the version of the envelope
        except StampBroken:
            continue
    assert kept < len(answer) / 30


@pytest.mark.parametrize("data", [b"", b"\x30", b"hello", b"\x30\x03\x02\x01\x00", b"\x00" * 70_000, b"\x30\x80" * 9])
def test_what_is_no_answer_is_refused(authority: TimeAuthority, data: bytes):
    with pytest.raises(StampBroken):
        verified(data, authority)


def test_what_are_no_roots_is_refused():
    with pytest.raises(RootsBroken):
        trusted_roots(b"hello")
