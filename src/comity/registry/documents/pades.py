"""PAdES over the whole file: one certifying signature, with a time stamp where an authority for time answered.

Whoever signs hands in key and certificate; nothing here knows a node, a clock or a folder.
"""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from comity.registry.documents.stamp import Stamp

FIELD: Final = "Signature"
_CONTAINER_BYTES: Final = 12 * 1024
"""Room for a signature and a time stamp with its certificates."""


def certified(
    pdf: bytes, *, certificate: bytes, key: ec.EllipticCurvePrivateKey, stamp: Stamp | None, at: datetime
) -> bytes:
    """The PDF with a signature over all of it, B-T where `stamp` gives a token and B-B where it does not."""
    packed = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = _Signer(
        signing_cert=asn1_x509.Certificate.load(certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(packed),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    signer.key = key
    if stamp is not None:
        with suppress(_NoTime):
            return _signed(pdf, signer=signer, stamper=_Stamper(stamp), at=at)
    return _signed(pdf, signer=signer, stamper=None, at=at)


def _signed(pdf: bytes, *, signer: "_Signer", stamper: TimeStamper | None, at: datetime) -> bytes:
    wanted = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    # outside the page: PDF/UA asks for a tag on every field that can be seen, PDF/A forbids hiding one
    unseen = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    made = _PdfSigner(wanted, signer=signer, timestamper=stamper, new_field_spec=unseen)
    made.at = at
    out = io.BytesIO()
    # pyHanko begins an event loop of its own; in a thread of its own it never meets one that is running already
    with ThreadPoolExecutor(max_workers=1) as aside:
        context = copy_context()
        source = _Writer(io.BytesIO(pdf))
        aside.submit(context.run, _write, made, source, out).result()
    return out.getvalue()


def _write(made: "_PdfSigner", source: "_Writer", out: io.BytesIO) -> None:
    made.sign_pdf(source, bytes_reserved=2 * _CONTAINER_BYTES, output=out)


class _Writer(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: the dates of a document are those of its record."""

    def _update_meta(self) -> None:
        """Leave the metadata as they were typeset."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        """The name that the file got when it was laid out, and one for this revision, without chance in it."""
        first: generic.PdfObject = prev.trailer["/ID"][0]
        prev.stream.seek(0)
        revision = generic.ByteStringObject(hashlib.sha256(prev.stream.read()).digest()[:16])
        return generic.ArrayObject([first, revision])


class _Signer(SimpleSigner):
    """Signs without randomness (RFC 6979): the same document at the same moment is the same file."""

    key: ec.EllipticCurvePrivateKey

    async def async_sign_raw(self, data: bytes, *_: Any, **__: Any) -> bytes:
        """The signature over SHA-256, which is all that documents are signed with."""
        return self.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


class _PdfSigner(PdfSigner):
    """Signs at the node's moment instead of the machine's."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:  # noqa: FBT001, FBT002 - pyHanko's signature
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self.at
        return session


class _Stamper(TimeStamper):
    """Asks for the token over a signature through what the node keeps for time."""

    def __init__(self, stamp: Stamp) -> None:
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        self._stamp = stamp

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        assert md_algorithm == "sha256", "documents are signed over SHA-256"
        token = self._stamp(message_digest)
        if token is None:
            raise _NoTime
        return cms.ContentInfo.load(token)


class _NoTime(Exception):
    """No authority for time answered; ends the attempt, not the document."""
