"""Verifying a bundle, the papers of its case: which PDF files the exporting node signed, and with which certificate.

* The certificate of a year's key is a file of the bundle, as other programs read it; what it counts for is the node's word
  for it, a statement beside it, signed with the key of the node's card.
* Each paper about a letter or thing of the bundle stands in the node's log with the SHA-256 of the whole file: who holds a
  paper compares. The papers themselves are not in the bundle.
* Papers that the other node made carry that node's certificate in themselves.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from comity.canon import moment, stamp
from comity.evidence.member import CERTIFICATE_BYTES_MAX, certificate_member, document_key_member, entry_member
from comity.exchange.document import DocumentKey, DocumentKind, read_document_key
from comity.exchange.verification_ends import SINCE_FORMAT
from comity.exchange.verification_held import Contradiction, Held, Logged

Details = tuple[str, ...]
MADE: Final = "document.make"


def documents(held: Held) -> Details:
    """Every paper of the case that the exporter's log names was signed under a certificate that is here."""
    keys = [_key(held, name) for name in held.under("certificates/") if name.endswith(".json")]
    made = [one for one in held.log if one.entry.kind == MADE and not one.entry.statement]
    said = [_paper(held, one, keys) for one in made]
    if held.manifest.format < SINCE_FORMAT:
        held.checked = False
        return (*said, "a bundle of this older format names no papers")
    return tuple(said) or (f"{held.manifest.node} signed no paper about what is here",)


def _key(held: Held, name: str) -> DocumentKey:
    """The key for which its node vouches, with the certificate as a file beside it; raises what does not hold."""
    statement = held.read_statement(name)
    node = str(statement.body.get("node"))
    card = held.card(node)
    key = read_document_key(statement, by=card.signing_key)
    year = key.from_.year
    if document_key_member(key.node, year=year) != name:
        raise Contradiction(why=f"it is the key of {key.node} for {year}")
    if key.kind != card.kind.value:
        raise Contradiction(why=f"it is the key of a {key.kind} node, and {node} is a {card.kind} node")
    _hold_certificate(key)
    held.member = certificate_member(key.node, year=year)
    if held.bundle.read(held.member, limit=CERTIFICATE_BYTES_MAX) != key.certificate:
        raise Contradiction(why="it is another certificate than the one for which the node vouches")
    return key


def _hold_certificate(key: DocumentKey) -> None:
    """Hold that it certifies the one kind of key that signs papers, by itself, for the whole time; raises `Contradiction`."""
    certificate = x509.load_der_x509_certificate(key.certificate)
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise Contradiction(why="its certificate is of no key on the curve P-256")
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature as broken:
        raise Contradiction(why="its certificate is not signed with its own key") from broken
    if not certificate.not_valid_before_utc <= key.from_ < key.until <= certificate.not_valid_after_utc:
        raise Contradiction(why="its certificate is not valid for all the time in which the key signs")


def _paper(held: Held, logged: Logged, keys: list[DocumentKey]) -> str:
    """One paper in words; raises `Contradiction` where it is about nothing here, or no certificate is."""
    entry = logged.entry
    held.member = entry_member(logged.node, index=logged.index)
    kind, subject, letter = (str(entry.facts[name]) for name in ("document", "subject", "letter"))
    if logged.node != held.manifest.node or letter not in held.letters:
        raise Contradiction(why="it is about a paper on no letter of this bundle")
    if kind == DocumentKind.CUSTODY and subject not in {*held.chains, *held.sources}:
        raise Contradiction(why="it is about a paper on a thing that is not in this bundle")
    at = moment(entry.at)
    key = next((one for one in keys if one.node == logged.node and one.from_ <= at < one.until), None)
    if key is None:
        raise Contradiction(why=f"the certificate under which {logged.node} signed papers at {entry.at} is not here")
    held.use(document_key_member(key.node, year=key.from_.year))
    held.use(certificate_member(key.node, year=key.from_.year))
    held.use(held.member)
    return (
        f"{kind} {subject[:12]} as PDF in {entry.facts['language']!s:.20}, signed {stamp(at)} by node {logged.node} for"
        f" {entry.actor['official']}: SHA-256 {entry.facts['file_sha256']} ({logged.node} log {logged.index})"
    )
