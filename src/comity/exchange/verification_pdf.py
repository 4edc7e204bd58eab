"""Verifying a signed PDF: what somebody without a node can check, with the file and the card of the node that made it.

* The file is one certified revision and nothing after it; every byte of the signature's own container is written again
  and compared, so that no byte of the file is left that nobody looks at.
* The signing key is vouched for by the node, in the file; the node's key is the one that the reader compared.
* Then each signed text in the file is checked as in a bundle, and, where the software for it is at hand, the paper is laid
  out again from these texts: what people read is what was signed.
* No clock, no file, no network. Certificates are never looked up.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509

from comity.authorities.directory import Home
from comity.authorities.officials import Officials, officials
from comity.authorities.standing import STANDING
from comity.authorities.statement import Statement
from comity.canon import stamp
from comity.errors import ComityError
from comity.exchange import pdf_file
from comity.exchange import verification_paper as texts
from comity.exchange.card import CardNotInForce, NodeCard, NodeKind, read_card
from comity.exchange.document import (
    PDF_BYTES_MAX,
    PDF_HEADER,
    Document,
    DocumentKey,
    DocumentKind,
    NotADocument,
    read_document_key,
)
from comity.exchange.pdf_file import PdfBroken, SignedPdf
from comity.exchange.trust import FingerprintDiffers
from comity.exchange.verification import DoesNotVerify, Result, Step
from comity.exchange.verification_held import Contradiction
from comity.exchange.wire import CLOCK_SKEW_MAX

Details = tuple[str, ...]
LayOut = Callable[[Document], bytes | None]
"""Lays a record out again; None where this software's layout is another than the one that the record names."""


@dataclass(frozen=True)
class Pinned:
    """What the reader brings: fingerprints by node, and the root certificates of authorities for time."""

    fingerprints: Mapping[str, str]
    time_roots: tuple[x509.Certificate, ...]


@dataclass
class Held:
    """One PDF being verified, filled step by step."""

    data: bytes
    pinned: Pinned
    lay_out: LayOut | None
    where: str = "the file"
    checked: bool = True
    file: SignedPdf = field(init=False)
    document: Document = field(init=False)
    key: DocumentKey = field(init=False)
    signed_at: datetime = field(init=False)
    cards: dict[str, NodeCard] = field(default_factory=dict)
    known: Officials = field(init=False)

    def card(self, node: str) -> NodeCard:
        """The card of a node that has a part in the document; raises `Contradiction`."""
        if node not in self.cards:
            raise Contradiction(why=f"the card of node {node[:40]} is not in the file")
        return self.cards[node]


def _file(held: Held) -> Details:
    held.file = pdf_file.read(held.data)
    return (
        f"{len(held.data)} bytes, {held.file.pages} pages, one revision and the signature over all of it",
        "nothing in it acts by itself: no script, no action, no form beside the signature",
    )


def _data(held: Held) -> Details:
    held.where = "comity.json"
    held.document = Document.from_bytes(held.file.record)
    document = held.document
    return (
        f"the signed texts of a {document.document.value}, {document.subject}",
        f"printed by node {document.node} in the language {document.language}",
        f"{len(document.statements)} texts, {len(document.officials)} entries, {len(document.cards)} cards",
    )


def _cards(held: Held) -> Details:
    held.where = "the node cards"
    for statement in held.document.cards:
        card = read_card(statement)
        if card.kind.value != held.document.kind:
            raise Contradiction(why=f"node {card.node} is a {card.kind} node, and the paper is {held.document.kind}")
        if card.node in held.cards:
            raise Contradiction(why=f"two cards of node {card.node}")
        held.cards[card.node] = card
    held.card(held.document.node)
    return tuple(f"{one.node}: {one.name}, state {one.state}, {one.kind} node" for one in held.cards.values())


def _fingerprints(held: Held) -> Details:
    said = []
    for node, card in held.cards.items():
        held.where = f"the card of node {node}"
        pinned = held.pinned.fingerprints.get(node)
        if pinned is None:
            # the maker's key is what all rests on; another node's speaks for its own signatures only
            held.checked = False
            said.append(f"{node}: not compared, read it aloud with that node: {card.fingerprint}")
        elif "".join(pinned.split()).lower() != "".join(card.fingerprint.split()):
            raise FingerprintDiffers(node=node, found=card.fingerprint, pinned=pinned[:100])
        else:
            said.append(f"{node}: as you brought it: {card.fingerprint}")
    return tuple(said)


def _key(held: Held) -> Details:
    held.where = "the document key"
    document = held.document
    held.key = read_document_key(document.key, by=held.card(document.node).signing_key)
    if (held.key.node, held.key.kind) != (document.node, document.kind):
        raise Contradiction(why=f"it is the key of {held.key.node} ({held.key.kind})")
    return (
        f"node {document.node} vouches for it: it signs from {stamp(held.key.from_)} until {stamp(held.key.until)}",
    )


def _signature(held: Held) -> Details:
    held.where = "the signature"
    held.file.hold_signature(held.key.certificate)
    held.signed_at = held.file.signed_at
    held.key.in_use(at=held.signed_at)
    card = held.card(held.document.node)
    if not card.issued_at <= held.signed_at < card.expires_at:
        raise CardNotInForce(
            node=card.node, issued=stamp(card.issued_at), expires=stamp(card.expires_at), found=stamp(held.signed_at)
        )
    return (f"every byte of the file is signed, {stamp(held.signed_at)} by the node's clock",)


def _time(held: Held) -> Details:
    held.where = "the time stamp"
    given = held.file.hold_time(held.pinned.time_roots)
    if given is None:
        held.checked = False
        return ("no time stamp: that moment is the node's word",)
    if held.document.kind == NodeKind.LIVE and held.signed_at > given.at + CLOCK_SKEW_MAX:
        raise Contradiction(why=f"it was stamped at {stamp(given.at)}, before it says that it was signed")
    if not given.by:
        held.checked = False
        return (f"stamped {stamp(given.at)}, not held: you brought no root certificate of an authority for time",)
    return (f"the signature was there at {stamp(given.at)}, says {given.by}",)


def _directory(held: Held) -> Details:
    held.where = "the directory entries"
    entries: dict[str, list[Statement]] = {node: [] for node in held.cards}
    for statement in held.document.officials:
        node = str(statement.body.get("node"))
        held.card(node)
        entries[node].append(statement)
    homes = {
        node: Home(node=node, key=card.signing_key, rp_id=card.official_rp_id, origin=card.official_origin)
        for node, card in held.cards.items()
    }
    held.known = officials(entries, homes=homes)
    listed = list(held.known.entries.values())
    standings = [one for one in held.document.officials if one.type == STANDING]
    if len(listed) + len(standings) != len(held.document.officials):
        raise Contradiction(why="two entries stand for one mandate")
    for entry in listed:
        if entry.state != held.cards[entry.node].state:
            raise Contradiction(why=f"{entry.official} is an official of {entry.state}, at a node of another state")
        if entry.software_authenticator and held.document.kind == NodeKind.LIVE:
            raise Contradiction(why=f"{entry.official} signs with a software authenticator, on a live node")
    return (
        f"{len(listed)} officials, each vouched for by the node and two administrators, founders by the node alone",
    )


def _texts(held: Held) -> Details:
    held.where = f"the {held.document.document.value}"
    return texts.hold(held.document, cards=held.cards, known=held.known)


def _nothing_else(held: Held) -> Details:
    held.where = "comity.json"
    texts.hold_needed(held.document, cards=held.cards, known=held.known)
    return ("each entry and card was needed by a text above",)


def _paper(held: Held) -> Details:
    held.where = "the pages"
    made = None if held.lay_out is None else held.lay_out(held.document)
    if made is None:
        held.checked = False
        why = "no software for it here" if held.lay_out is None else "the paper was made by another version"
        return (f"not laid out again, {why}: rely on what the texts above say, not on the pages",)
    if held.file.typeset != made:
        raise Contradiction(why="laid out again from its texts, the paper is another")
    return ("laid out again from its texts: the same, byte for byte",)


@dataclass(frozen=True)
class _Check:
    step: str
    standard: str
    run: Callable[[Held], Details]


_NODE: Final = "RFC 8032 Ed25519 and FIPS 204 ML-DSA-65, both"
_TEXTS: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.LETTER: "letter, decisions and steps",
    DocumentKind.AUTHORISATION: "decision and letter",
    DocumentKind.CUSTODY: "custody",
    DocumentKind.RECEIPT: "receipt",
}

_BEFORE: Final = (
    _Check("file", "ISO 32000-1, one revision and one signature", _file),
    _Check("data", "ISO 19005-3 (PDF/A-3), embedded file; RFC 8785 JSON", _data),
    _Check("node cards", f"{_NODE}; RFC 8785 JSON", _cards),
    _Check("fingerprints", "SHA-256 of the node's key, compared by people", _fingerprints),
    _Check("document key", _NODE, _key),
    _Check("signature", "ETSI EN 319 142-1 (PAdES); RFC 5652 CMS; FIPS 186-5 ECDSA P-256", _signature),
    _Check("time", "RFC 3161", _time),
    _Check("directory", f"W3C WebAuthn (ES256); {_NODE}", _directory),
)
_AFTER: Final = (
    _Check("nothing else", "every part was needed by a step above", _nothing_else),
    _Check("paper", "the pages, made again from the signed texts", _paper),
)


class PdfVerification:
    """One reading of a PDF; what it says of itself (`kind`, `node`, `fingerprints`) is empty until that was read."""

    def __init__(self, data: bytes, *, pinned: Pinned, lay_out: LayOut | None) -> None:
        """`lay_out` makes the pages again, or is None where the software for that is not at hand."""
        self._held = Held(data=data, pinned=pinned, lay_out=lay_out)

    @property
    def kind(self) -> str:
        """Whether it is of live, drill or demo nodes."""
        return next((card.kind.value for card in self._held.cards.values()), "")

    @property
    def node(self) -> str:
        """The node that made it."""
        return self._held.document.node if self._held.cards else ""

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of each node's key."""
        return {node: card.fingerprint for node, card in self._held.cards.items()}

    def steps(self) -> Iterator[Step]:
        """Every step that holds, or lacks something of the reader's; raises `NotADocument` or `DoesNotVerify`."""
        if not self._held.data.startswith(PDF_HEADER):
            raise NotADocument(why="it does not begin as a PDF file")
        if len(self._held.data) > PDF_BYTES_MAX:
            raise NotADocument(why=f"it is longer than {PDF_BYTES_MAX} bytes")
        for check in _BEFORE:
            yield self._step(check)
        words = _TEXTS[self._held.document.document]
        yield self._step(_Check(words, f"W3C WebAuthn (ES256); {_NODE}; RFC 8785 JSON", _texts))
        for check in _AFTER:
            yield self._step(check)

    def _step(self, check: _Check) -> Step:
        self._held.where, self._held.checked = "the file", True
        details = _run(check, self._held)
        result = Result.HOLDS if self._held.checked else Result.NOT_CHECKED
        return Step(step=check.step, standard=check.standard, result=result, details=details)


def _run(check: _Check, held: Held) -> Details:
    try:
        return check.run(held)
    except ComityError as refusal:
        raise _fails(check, held, str(refusal)) from refusal
    except (
        PdfBroken,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        IndexError,
        ArithmeticError,
        RecursionError,
    ) as broken:
        # Everything in the file comes from outside: whatever part has another shape, the answer is one refusal.
        raise _fails(check, held, f"{type(broken).__name__}: {broken}"[:200]) from broken


def _fails(check: _Check, held: Held, why: str) -> DoesNotVerify:
    return DoesNotVerify(step=check.step, standard=check.standard, member=held.where, why=why)
