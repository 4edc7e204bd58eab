"""The file of a signed document: its one signature, its embedded record, and the bytes that were laid out before signing.

* A document is what our own layout and signing make: classic cross-reference tables, one revision, one update with the
  signature, and nothing after it. Another shape is refused before it is parsed, compressed streams of objects among them.
* The container of the signature is written again from its parts: what the signature does not cover cannot differ either.
* pyHanko reads the file. The signature itself is held here, in the few lines that one kind of signature takes; no
  certificate is looked up, and the only one that counts is that for which the node vouches.
"""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from comity.errors import N_, ComityError
from comity.exchange.document import ATTACHMENT, PAGES_MAX, RECORD_BYTES_MAX
from comity.ledger.time_stamp import verify_stamp

_TAIL: Final = re.compile(rb"startxref\n([0-9]{1,9})\n%%EOF\n?\Z")
_PREVIOUS: Final = re.compile(rb"/Prev ([0-9]{1,9})\b")
_HEX: Final = re.compile(rb"[0-9A-F]*")
_TAIL_BYTES: Final = 1024
_TABLE: Final = b"xref\n"
_ACTS: Final = ("/OpenAction", "/AA", "/Perms/UR3", "/Collection", "/Requirements")
_TOKEN: Final = "signature_time_stamp_token"  # noqa: S105 - the name of an attribute

PdfBroken = PdfError
"""What pyHanko raises for a file that is not as it must be."""


class NotAsMade(ComityError):
    """A PDF has another shape than the ones that nodes make."""

    code = "exchange.pdf_not_as_made"
    sentence = N_("the file is not as a node makes it: {why}")


class PdfSignatureBroken(ComityError):
    """The signature of a PDF does not hold."""

    code = "exchange.pdf_signature_broken"
    sentence = N_("the signature of the file does not hold: {why}")


@dataclass(frozen=True)
class Given:
    """What a time stamp says, and which authority under a root of the reader's says so; empty where there is no root."""

    at: datetime
    by: str


@dataclass(frozen=True)
class SignedPdf:
    """A file whose shape was held. `typeset`: what was laid out before signing; `record`: the embedded data.

    `ranges` are the bytes that the signature covers, `container` is where it stands itself, `signed_at` what it states.
    """

    data: bytes
    pages: int
    typeset: bytes
    record: bytes
    ranges: tuple[int, int, int, int]
    signed_at: datetime

    @property
    def _container(self) -> bytes:
        _, length, rest, _ = self.ranges
        return bytes.fromhex(self.data[length + 1 : rest - 1].decode("ascii"))

    @property
    def _signer(self) -> cms.SignerInfo:
        signers = cms.ContentInfo.load(self._container)["content"]["signer_infos"]
        if len(signers) != 1:
            raise NotAsMade(why=f"{len(signers)} signers where one is expected")
        return signers[0]

    def hold_signature(self, certificate: bytes) -> None:
        """Hold that the certificate's key signed every byte of the file; raises `PdfSignatureBroken` or `NotAsMade`."""
        signer, named = self._signer, _certificate(certificate)
        made = _made(signer, certificate).dump()
        if self._container != made.ljust(len(self._container), b"\0"):
            raise NotAsMade(why="the container of its signature holds more or other than the signature")
        begin, length, rest, last = self.ranges
        covered = self.data[begin:length] + self.data[rest : rest + last]
        if signer["signed_attrs"].untag().dump() != _attributes(covered, certificate).dump():
            raise PdfSignatureBroken(why="the file was changed after it was signed")
        if not named.not_valid_before_utc <= self.signed_at <= named.not_valid_after_utc:
            raise PdfSignatureBroken(why="its certificate was not valid at that moment")
        key = _key(named)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise PdfSignatureBroken(why="its key is none of ECDSA P-256")
        try:
            key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as broken:
            raise PdfSignatureBroken(why="the key of the certificate did not make it") from broken

    def hold_time(self, roots: Sequence[x509.Certificate]) -> Given | None:
        """The time stamp over the signature; None where there is none. Raises `StampBroken` or `NotAsMade`.

        Without roots of the reader's it is only held that the stamp is about this signature.
        """
        signer = self._signer
        token = _token(signer)
        if token is None:
            return None
        digest = hashlib.sha256(signer["signature"].native).digest()
        told = token["content"]["encap_content_info"]["content"].parsed
        if told["message_imprint"]["hashed_message"].native != digest:
            raise PdfSignatureBroken(why="its time stamp is about something else")
        if not roots:
            return Given(at=told["gen_time"].native, by="")
        _hold_token(token, roots=roots)
        answer = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
        held = verify_stamp(answer, digest=digest, roots=roots)
        return Given(at=held.at, by=held.by)


def read(data: bytes) -> SignedPdf:
    """The parts of a signed document; raises `NotAsMade`, or what pyHanko raises (`PdfBroken`)."""
    size = _hold_tables(data)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    if reader.encrypted or reader.xrefs.total_revisions != 2:  # noqa: PLR2004 - laid out, then signed
        raise NotAsMade(why="it is not one laid-out file and one signature")
    pages = int(reader.root["/Pages"]["/Count"])
    if not 1 <= pages <= PAGES_MAX:
        raise NotAsMade(why=f"it has {pages} pages where at most {PAGES_MAX} are read")
    for why in _acting(reader):
        raise NotAsMade(why=why)
    signature = reader.root["/AcroForm"]["/Fields"][0]["/V"]
    return SignedPdf(
        data=data,
        pages=pages,
        typeset=data[:size],
        record=_record(reader),
        ranges=_ranges(signature, data=data),
        signed_at=generic.parse_pdf_date(str(signature["/M"]), strict=True),
    )


def _ranges(signature: generic.DictionaryObject, *, data: bytes) -> tuple[int, int, int, int]:
    """What the signature covers: all of the file but its own container, which is in its one spelling; raises `NotAsMade`."""
    if signature["/SubFilter"] != "/ETSI.CAdES.detached":
        raise NotAsMade(why="its signature is not of the kind of PAdES")
    begin, length, rest, last = (int(one) for one in signature["/ByteRange"])
    gap = data[length:rest]
    if begin != 0 or not 0 < length < rest or rest + last != len(data) or gap[:1] != b"<" or gap[-1:] != b">":
        raise NotAsMade(why="its signature does not leave out exactly its own container")
    if not _HEX.fullmatch(gap[1:-1]) or len(gap) % 2:
        raise NotAsMade(why="the container of its signature is not in its one spelling")
    if bytes(signature["/Contents"]) != bytes.fromhex(gap[1:-1].decode("ascii")):
        raise NotAsMade(why="its signature stands elsewhere than it says")
    return begin, length, rest, last


def _hold_tables(data: bytes) -> int:
    """Hold that two plain tables say where everything lies; the length of the file before it was signed."""
    tail = _TAIL.search(data, max(0, len(data) - _TAIL_BYTES))
    newest = int(tail.group(1)) if tail else -1
    if not data.startswith(_TABLE, max(newest, 0)) or newest < 0:
        raise NotAsMade(why="its table of objects is not a plain one")
    before = _PREVIOUS.findall(data, newest)
    if len(before) != 1 or not data.startswith(_TABLE, int(before[0])) or b"/XRefStm" in data[newest:]:
        raise NotAsMade(why="it does not name exactly one table before its last")
    first = data[int(before[0]) : newest]
    if b"/Prev" in first.split(b"startxref")[0] or b"/XRefStm" in first:
        raise NotAsMade(why="its first table names another one")
    end = data.find(b"%%EOF", int(before[0]), newest)
    if end < 0:
        raise NotAsMade(why="the file that was laid out does not end")
    return end + len(b"%%EOF")


def _acting(reader: PdfFileReader) -> Iterator[str]:
    """What a document of ours never has: anything that acts, and any field but the signature."""
    root = reader.root
    for name in _ACTS:
        if name in root:
            yield f"it has {name}"
    names = root["/Names"]
    if set(names) - {"/EmbeddedFiles", "/Dests"}:
        yield "it names more than its embedded file"
    form = root["/AcroForm"]
    if len(form["/Fields"]) != 1 or "/XFA" in form:
        yield "it has fields beside the signature"


def _record(reader: PdfFileReader) -> bytes:
    """The one embedded file, whose relation to the pages is that of data; raises `NotAsMade`."""
    listed = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    if len(listed) != 2 or str(listed[0]) != ATTACHMENT:  # noqa: PLR2004 - a name and its file
        raise NotAsMade(why=f"it holds not exactly one embedded file, {ATTACHMENT}")
    described = listed[1]
    associated = [one.get_object() for one in reader.root["/AF"]]
    if described["/AFRelationship"] != "/Data" or len(associated) != 1 or associated[0] != described:
        raise NotAsMade(why="the embedded file is not the data of the document")
    return _unpacked(described["/EF"]["/F"])


def _unpacked(stream: Any) -> bytes:
    """The content of a stream, never more than a record may have; raises `NotAsMade`."""
    if not isinstance(stream, generic.StreamObject):
        raise NotAsMade(why="the embedded file is none")
    packed = stream.encoded_data
    filters = stream.get("/Filter")
    if filters is None:
        content = packed
    elif filters == "/FlateDecode" and "/DecodeParms" not in stream:
        try:
            content = zlib.decompressobj().decompress(packed, RECORD_BYTES_MAX + 1)
        except zlib.error as broken:
            raise NotAsMade(why=f"the embedded file cannot be unpacked: {broken}") from broken
    else:
        raise NotAsMade(why="the embedded file is packed in another way")
    if len(content) > RECORD_BYTES_MAX:
        raise NotAsMade(why=f"the embedded file is longer than {RECORD_BYTES_MAX} bytes")
    return bytes(content)


def _attributes(covered: bytes, certificate: bytes) -> cms.CMSAttributes:
    """What a signature of PAdES B-B signs: the digest of the bytes, and which certificate it goes with."""
    named = asn1_x509.Certificate.load(certificate)
    issuer = [asn1_x509.GeneralName("directory_name", named.issuer)]
    cited = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate).digest(),
            "issuer_serial": {"issuer": issuer, "serial_number": named.serial_number},
        }
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(covered).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [cited]})]}
            ),
        ]
    )


def _made(signer: cms.SignerInfo, certificate: bytes) -> cms.ContentInfo:
    """The container of one signature by the key of this certificate."""
    named = asn1_x509.Certificate.load(certificate)
    parts: dict[str, Any] = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                    {"issuer": named.issuer, "serial_number": named.serial_number}
                )
            }
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "signed_attrs": signer["signed_attrs"],
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": signer["signature"].native,
    }
    token = _token(signer)
    if token is not None:
        parts["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute({"type": _TOKEN, "values": [token]})])
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [named],
                    "signer_infos": [cms.SignerInfo(parts)],
                }
            ),
        }
    )


def _token(signer: cms.SignerInfo) -> cms.ContentInfo | None:
    """The time stamp over a signature, where there is one; raises `NotAsMade` for anything else that is not signed."""
    unsigned = signer["unsigned_attrs"]
    if not len(unsigned):
        return None
    if len(unsigned) != 1 or unsigned[0]["type"].native != _TOKEN or len(unsigned[0]["values"]) != 1:
        raise NotAsMade(why="its signature carries more than a time stamp")
    return unsigned[0]["values"][0]


def _hold_token(token: cms.ContentInfo, *, roots: Sequence[x509.Certificate]) -> None:
    """Hold what its authority's signature leaves open in a time stamp: numbers, names of algorithms, certificates beside it.

    Raises `NotAsMade`.
    """
    content = token["content"]
    signer = content["signer_infos"][0]
    digest = signer["digest_algorithm"]["algorithm"].native
    named = signer["signature_algorithm"]["algorithm"].native
    if (content["version"].native, signer["version"].native) != ("v3", "v1"):
        raise NotAsMade(why="its time stamp is of another version")
    if named not in {f"{digest}_ecdsa", f"{digest}_rsa", "rsassa_pkcs1v15"}:
        raise NotAsMade(why=f"its time stamp names {named} over {digest}")
    carried = [_certificate(one.chosen.dump()) for one in content["certificates"]]
    for one in carried:
        if not any(_issued(one, issuer) for issuer in (*carried, *roots)):
            raise NotAsMade(why="its time stamp carries a certificate that none of yours or its own issued")


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _certificate(data: bytes) -> x509.Certificate:
    """A certificate that somebody else wrote; raises `NotAsMade`."""
    try:
        return x509.load_der_x509_certificate(data)
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as broken:
        raise NotAsMade(why=f"a certificate cannot be read: {broken}"[:200]) from broken


def _key(named: x509.Certificate) -> object:
    """The key of a certificate; raises `NotAsMade`."""
    try:
        return named.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as broken:
        raise NotAsMade(why=f"the key of its certificate cannot be read: {broken}"[:200]) from broken
