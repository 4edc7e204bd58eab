import base64
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.ledger import NoteBroken, VerifierKey, VerifierKeyBroken, open_note, sign_note
from comity.ledger.note import NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, text_of

# Keys, text and signatures of the reference implementation's tests: golang.org/x/mod, sumdb/note/note_test.go.
PETER: Final = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETER_PRIVATE: Final = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH: Final = VerifierKey.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
TEXT: Final = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER: Final = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
BY_ENOCH: Final = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
).encode()


def sign_as_peter(text: bytes) -> bytes:
    seed = base64.b64decode(PETER_PRIVATE.split("+", 4)[4])[1:]
    return Ed25519PrivateKey.from_private_bytes(seed).sign(text)


def refused(data: bytes, *, because: str, key: VerifierKey = PETER) -> None:
    with pytest.raises(NoteBroken, match=because):
        open_note(data, key=key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT,
        TEXT + b"\n",
        TEXT + BY_PETER,
        TEXT + b"\n" + BY_PETER[:-1],
        b"\x01" + TEXT + b"\n" + BY_PETER,
        b"\xff" + TEXT + b"\n" + BY_PETER,
        TEXT + b"\n" + BY_PETER.replace(b"PeterNeumann", b"Bad Name"),
        TEXT + b"\n" + BY_PETER + b"Unexpected line.\n",
        TEXT + b"\n" + BY_PETER + b"\n",
        TEXT.replace(b"\n", b"\r\n") + b"\n" + BY_PETER,
        b"\n\n" + BY_PETER,
    ],
)
def test_a_malformed_note_is_refused(data: bytes):
    with pytest.raises(NoteBroken):
        open_note(data, key=PETER)


@pytest.mark.parametrize(
    "line",
    [
        "— a+b AAAAAAA=",
        "- a AAAAAAA=",
        "—  AAAAAAA=",
        "— a\u00a0b AAAAAAA=",
        "— a AAAA",
        "— a AAAAAA==",
        "— a AAAAAA",
        "— a *",
    ],
)
def test_a_malformed_signature_of_a_stranger_spoils_the_note(line: str):
    refused(TEXT + b"\n" + BY_PETER + line.encode() + b"\n", because="signature")


def test_a_second_spelling_of_a_signature_is_refused():
    refused(TEXT + b"\n" + BY_PETER.replace(b"nAM=", b"nAN="), because="another spelling")


def test_a_note_by_somebody_else_is_refused():
    refused(TEXT + b"\n" + BY_ENOCH, because="0 signatures")


def test_a_note_signed_twice_by_one_key_is_refused():
    refused(TEXT + b"\n" + BY_PETER * 2, because="2 signatures")


def test_a_key_of_the_same_name_is_not_the_key():
    refused(TEXT + b"\n" + BY_PETER, because="0 signatures", key=VerifierKey(name="PeterNeumann", public=ENOCH.public))


def test_a_signature_under_the_right_id_must_verify():
    forged = PETER.key_hash + sign_as_peter(b"another text\n")
    line = b"\xe2\x80\x94 PeterNeumann " + base64.b64encode(forged) + b"\n"
    refused(TEXT + b"\n" + line, because="does not verify")
    cut = b"\xe2\x80\x94 PeterNeumann " + base64.b64encode(forged[:40]) + b"\n"
    refused(TEXT + b"\n" + cut, because="does not verify")


def test_sizes_and_counts_have_limits():
    refused(b"a" * NOTE_BYTES_MAX + b"\n\n" + BY_PETER, because="bytes where at most")
    refused(TEXT + b"\n" + BY_PETER + BY_ENOCH * NOTE_SIGNATURES_MAX, because="signatures where at most")


def test_a_note_with_sixteen_post_quantum_signatures_is_read():
    witness = b"\xe2\x80\x94 witness.example " + base64.b64encode(b"\x00" * (4 + 4627)) + b"\n"
    assert open_note(TEXT + b"\n" + witness * 15 + BY_PETER, key=PETER) == TEXT


def test_the_published_note_opens():
    assert open_note(TEXT + b"\n" + BY_PETER, key=PETER) == TEXT
    assert open_note(TEXT + b"\n" + BY_ENOCH, key=ENOCH) == TEXT


def test_signing_gives_the_published_note():
    assert sign_note(TEXT, key=PETER, sign=sign_as_peter) == TEXT + b"\n" + BY_PETER


def test_signatures_by_strangers_are_ignored_in_any_order():
    for signatures in (BY_PETER + BY_ENOCH, BY_ENOCH + BY_PETER):
        assert open_note(TEXT + b"\n" + signatures, key=PETER) == TEXT
        assert open_note(TEXT + b"\n" + signatures, key=ENOCH) == TEXT


def test_a_text_may_hold_empty_lines():
    for text in (b"one\n\n\ntwo\n\n", b"\n", b"\n\n"):
        assert open_note(sign_note(text, key=PETER, sign=sign_as_peter), key=PETER) == text


@pytest.mark.parametrize("text", [b"\x00one\n", b"one\r\n", b"one\ttwo\n", b"\x1f\n"])
def test_control_characters_are_refused_even_signed(text: bytes):
    line = b"\xe2\x80\x94 PeterNeumann " + base64.b64encode(PETER.key_hash + sign_as_peter(text)) + b"\n"
    refused(text + b"\n" + line, because="control character")


def test_a_text_can_be_read_before_it_is_believed():
    assert text_of(TEXT + b"\n" + BY_ENOCH) == TEXT


@given(st.integers(0, len(TEXT + b"\n" + BY_PETER) * 8 - 1))
def test_every_flipped_bit_is_found(bit: int):
    note = bytearray(TEXT + b"\n" + BY_PETER)
    note[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NoteBroken):
        open_note(bytes(note), key=PETER)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_by_name(data: bytes):
    for key in (PETER, ENOCH):
        with pytest.raises(NoteBroken):
            open_note(data, key=key)


def test_every_piece_and_every_mangling_of_a_key_is_refused():
    vkey = PETER.vkey
    pieces = [vkey[i:j] for i in range(len(vkey)) for j in range(i, len(vkey) + 1) if (i, j) != (0, len(vkey))]
    manglings = [vkey[:i] + chr(ord(vkey[i]) + 1) + vkey[i + 1 :] for i in range(len(vkey))]
    for bad in pieces + manglings:
        with pytest.raises(VerifierKeyBroken):
            VerifierKey.parse(bad)


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # wrong length, id adjusted
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown type, id adjusted
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.vkey + "\n",
        "a" * 500,
        "",
    ],
)
def test_what_is_no_key_is_refused(vkey: str):
    with pytest.raises(VerifierKeyBroken):
        VerifierKey.parse(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2028b", "é", "\udc80", "a" * 256])
def test_a_name_that_no_note_can_carry_is_refused(name: str):
    with pytest.raises(VerifierKeyBroken):
        VerifierKey(name=name, public=bytes(32))


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(public: bytes):
    with pytest.raises(VerifierKeyBroken):
        VerifierKey(name="log.example", public=public)


def test_a_key_is_the_line_that_it_was_read_from():
    assert PETER.vkey == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert PETER.key_hash.hex() == "c74f20a3"


def test_the_key_of_the_go_checksum_database_is_read():
    # https://go.dev/ref/mod#checksum-database names sum.golang.org; the key stands in cmd/go, modfetch/key.go
    vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert VerifierKey.parse(vkey).vkey == vkey


@pytest.mark.parametrize("text", [b"", b"no line feed", b"\x00\n"])
def test_signing_what_no_note_can_hold_is_our_bug(text: bytes):
    with pytest.raises(AssertionError):
        sign_note(text, key=PETER, sign=sign_as_peter)


def test_refusals_can_be_explained():
    facts: dict[str, Any] = {"key": "log.example", "why": "it is empty"}
    refusal: ComityError = NoteBroken(**facts)
    assert str(refusal) == "this is not a note signed by log.example: it is empty"
