"""Time stamps (RFC 3161): an authority outside the node says that a digest existed at a moment.

* What is kept is the whole answer (`TimeStampResp`, DER), so that `openssl ts -verify` reads it too.
* An answer counts if it was granted for this very digest, nonce and one of the policies asked for, by exactly one signer
  whose certificate is for time stamping, and was valid at the moment of the stamp under a root that the reader trusts.
* Reader and node need not agree on roots: whoever verifies brings their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from rfc3161_client import Accuracy, TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

from comity.errors import N_, ComityError

REQUEST_TYPE: Final = "application/timestamp-query"
STAMP_BYTES_MAX: Final = 64 * 1024
NONCE_BITS: Final = 64
DIGEST_BYTES: Final = 32
_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_GRANTED: Final = 0
# what parsers below say of bytes that are no certificate, no signature or no time
_UNREADABLE: Final = (
    *(VerificationError, ValueError, KeyError, TypeError, OverflowError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.ExtensionNotFound, x509.DuplicateExtension),
)
# AlgorithmIdentifier of SHA-256: SEQUENCE { OID 2.16.840.1.101.3.4.2.1, NULL }
_ALGORITHM: Final = bytes.fromhex("300d06096086480165030402010500")
_SHORT: Final = 128  # from here on a length takes more than one byte
_INTEGER, _BOOLEAN, _OCTETS, _OID, _SEQUENCE = 0x02, 0x01, 0x04, 0x06, 0x30


class StampBroken(ComityError):
    """An answer is no time stamp that its reader can rely on."""

    code = "ledger.stamp_broken"
    sentence = N_("this is no time stamp of {digest}: {why}")
    hint = N_("Ask the authority again, and compare its certificates with those that you trust.")


class RootsBroken(ComityError):
    """A text holds no certificates that a time stamp could be held against."""

    code = "ledger.roots_broken"
    sentence = N_("these are no root certificates in PEM: {why}")


@dataclass(frozen=True)
class Stamped:
    """What an authority says: the moment, under which policy, its number, who signed, and how exact it claims to be."""

    at: datetime
    policy: str
    serial: int
    by: str
    accuracy_seconds: int | None


def stamp_request(digest: bytes, *, nonce: int, policy: str = "") -> bytes:
    """The request for a stamp of a SHA-256 digest (RFC 3161, section 2.4.1), in DER; the answer brings its certificates."""
    assert len(digest) == DIGEST_BYTES, "a digest is SHA-256"
    assert 0 < nonce < 1 << NONCE_BITS, "a nonce has 64 bits"
    imprint = _der(_SEQUENCE, _ALGORITHM + _der(_OCTETS, digest))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1)  # a leading zero bit: it is not negative
    asked = _der(_OID, _oid(policy)) if policy else b""
    return _der(_SEQUENCE, _der(_INTEGER, b"\x01") + imprint + asked + _der(_INTEGER, number) + _der(_BOOLEAN, b"\xff"))


def trusted_roots(pem: bytes) -> list[x509.Certificate]:
    """Root certificates from PEM; raises `RootsBroken`."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as broken:
        raise RootsBroken(why=str(broken)[:200]) from broken


def claimed_stamp(answer: bytes, *, digest: bytes) -> datetime:
    """The moment that an answer claims for `digest`, whoever signed it: proof of nothing yet. Raises `StampBroken`."""
    return _moment(_for(answer, digest=digest))


def verify_stamp(
    answer: bytes,
    *,
    digest: bytes,
    roots: Iterable[x509.Certificate],
    policies: Iterable[str] = (),
    nonce: int | None = None,
) -> Stamped:
    """Hold that an authority under one of `roots` stamped `digest`; raises `StampBroken`.

    `policies` empty: any. `nonce` None: the reader did not ask for the stamp himself.
    """
    name = digest.hex()[:16]
    read = _for(answer, digest=digest)
    told = read.tst_info
    listed = set(policies)
    if listed and told.policy.dotted_string not in listed:
        raise StampBroken(digest=name, why=f"its policy {told.policy.dotted_string} is not one that counts")
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        signer = _signer(read, name=name)
        builder.build().verify(read, digest)
    except _UNREADABLE as broken:
        raise StampBroken(digest=name, why=str(broken)[:200]) from broken
    accuracy = cast(Accuracy | None, told.accuracy)  # the library's own types forget that it may be left out
    return Stamped(
        at=_moment(read),
        policy=told.policy.dotted_string,
        serial=told.serial_number,
        by=signer.subject.rfc4514_string()[:200],
        accuracy_seconds=accuracy.seconds if accuracy is not None else None,
    )


def _for(answer: bytes, *, digest: bytes) -> TimeStampResponse:
    """The answer, granted and for this digest."""
    name = digest.hex()[:16]
    read = _read(answer, name=name)
    told = read.tst_info.message_imprint
    if told.hash_algorithm != _SHA256 or told.message != digest:
        raise StampBroken(digest=name, why=f"it is for {told.message.hex()[:16]}")
    return read


def _moment(read: TimeStampResponse) -> datetime:
    said = read.tst_info.gen_time
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)


def _read(answer: bytes, *, name: str) -> TimeStampResponse:
    if len(answer) > STAMP_BYTES_MAX:
        raise StampBroken(digest=name, why=f"{len(answer)} bytes where at most {STAMP_BYTES_MAX} are read")
    try:
        read = decode_timestamp_response(answer)
        if read.status != _GRANTED:
            raise StampBroken(digest=name, why=f"the authority answered with status {read.status}")
        read.tst_info  # noqa: B018 - it is parsed when it is asked for
    except _UNREADABLE as broken:
        raise StampBroken(digest=name, why=str(broken)[:200]) from broken
    return read


def _signer(read: TimeStampResponse, *, name: str) -> x509.Certificate:
    """The certificate of the one signer."""
    infos = list(read.signed_data.signer_infos)
    if len(infos) != 1:
        raise StampBroken(digest=name, why=f"{len(infos)} signers, expected one")
    for der in read.signed_data.certificates:
        one = x509.load_der_x509_certificate(der)
        if one.issuer == infos[0].issuer and one.serial_number == infos[0].serial_number:
            return one
    raise StampBroken(digest=name, why="the certificate of its signer did not come along")


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < _SHORT, "a request is short"
    return bytes([tag, len(content)]) + content


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = b""
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        encoded += bytes(digits[::-1])
    return encoded
