"""Signing a PDF as the node: PAdES, with the year's key, whose certificate the node vouches for in a statement.

* The certificate follows from key, card and year alone: there is nothing to lose but the key file.
* The statement about it is signed once and kept in the node's folder, so that documents of one record do not differ.
* Before and after acts only: nothing here opens a transaction.
* A time stamp makes B-T of B-B. Where no authority for time answers, the document goes without one, and says so when
  it is verified.
"""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from comity.authorities.statement import Statement, signed
from comity.exchange.card import NodeCard
from comity.exchange.document import DOCUMENT_KEY, DocumentKey
from comity.registry import keys
from comity.registry.act import Node
from comity.registry.documents.stamp import Stamp

CERTIFICATE_YEARS: Final = 10
"""How long readers other than ours take the certificate as valid; its key signs for one year of them."""

_DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


def vouched_key(node: Node, *, card: NodeCard, at: datetime) -> Statement:
    """The node's statement about the key that signs documents at that moment, made when the year is first used."""
    path = node.folder / f"document-{at.year}.json"
    if not path.exists():
        keys.make_document_key(node.folder, year=at.year)
        key = keys.document_key(node.folder, year=at.year)
        begins, ends = _year(at.year), _year(at.year + 1)
        named = DocumentKey(
            node=card.node, kind=card.kind.value, certificate=_certificate(key, card, at.year), from_=begins, until=ends
        )
        public, sign = keys.signer(node.folder)
        statement = signed(Statement(type=DOCUMENT_KEY, body=named.as_body()), key=public, sign=sign)
        with suppress(FileExistsError):  # another process of this node was first; its statement counts
            keys.write_once(path, statement.to_bytes())
    return Statement.from_bytes(path.read_bytes())


def _year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def _certificate(key: ec.EllipticCurvePrivateKey, card: NodeCard, year: int) -> bytes:
    """The self-signed certificate of the year's key, in DER: the same each time."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, card.state),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, card.name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{card.node}: documents {year}"),
        ]
    )
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(public.digest).digest()[:15], "big") | 1)
        .not_valid_before(_year(year))
        .not_valid_after(_year(year + CERTIFICATE_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.PrivateKeyUsagePeriod(_year(year), _year(year + 1)), critical=False)
        .add_extension(public, critical=False)
    )
    return built.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(serialization.Encoding.DER)


def sign_pdf(pdf: bytes, *, node: Node, vouched: Statement, stamp: Stamp | None, at: datetime) -> bytes:
    """The PDF with one certifying PAdES signature over all of it; what was typeset stays, byte for byte, before it.

    Raises `KeyFileUnsafe` where the key is not the one for which the node vouches.
    """
    from comity.registry.documents import pades  # takes longer to load than a document to sign

    named = DocumentKey.from_body(vouched.body)
    key = keys.document_key(node.folder, year=named.from_.year)
    certified = x509.load_der_x509_certificate(named.certificate).public_key()
    if certified != key.public_key():
        path = node.folder / "keys" / f"document-{named.from_.year}"
        raise keys.KeyFileUnsafe(path=path, why="it is not the key for which the node vouches")
    return pades.certified(pdf, certificate=named.certificate, key=key, stamp=stamp, at=at)
