"""The record inside a signed PDF: one letter, decision, custody or receipt with all that it takes to check it offline.

* A document is printed from signed statements, and carries them: `comity.json`, embedded in the PDF as its data.
* The PDF is signed with a key of its own (ECDSA P-256, which every PDF reader knows). The node vouches for that key with
  its own signature: the statement `comity/document-key/v1` names the certificate and the year in which it signs. So
  whoever holds the node's card needs no other anchor, and a card need not change when the key does.
* The record holds no moment of its making: one record in one language is one text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorities.keys import PublicKey, b64, unb64
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, canonical, parse_object, stamp
from comity.errors import N_, ComityError
from comity.exchange.wire import DIGEST, NODE, Fields

DOCUMENT: Final = "comity/document/v1"
DOCUMENT_KEY: Final = "comity/document-key/v1"
ATTACHMENT: Final = "comity.json"
"""The name of the embedded file."""

RECORD_BYTES_MAX: Final = 4 * 1024 * 1024
PDF_HEADER: Final = b"%PDF-"
PDF_BYTES_MAX: Final = 24 * 1024 * 1024
PAGES_MAX: Final = 500
STATEMENTS_MAX: Final = 2000
OFFICIALS_MAX: Final = 500
CARDS_MAX: Final = 32
CERTIFICATE_BYTES_MAX: Final = 8 * 1024

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_SUBJECT: Final = re.compile(r"[0-9a-f]{32}([0-9a-f]{32})?")
_NAMES: Final = (
    *("format", "document", "subject", "node", "kind", "language", "layout", "key"),
    *("cards", "officials", "statements", "verdict", "entry"),
)


class DocumentKind(StrEnum):
    """What a document is about."""

    LETTER = "letter"
    AUTHORISATION = "authorisation"
    CUSTODY = "custody"
    RECEIPT = "receipt"


class DocumentTooLarge(ComityError):
    """A record does not fit into a document."""

    code = "exchange.document_too_large"
    sentence = N_("the record has {found} {unit}, and a document holds at most {limit}")
    hint = N_("Export a bundle instead: it has no such limit.")


class NotADocument(ComityError):
    """Bytes do not begin as a PDF does, or are more than a document has."""

    code = "exchange.not_a_document"
    sentence = N_("this is no signed document: {why}")


class KeyNotInUse(ComityError):
    """A document was signed before or after the time in which its key signs."""

    code = "exchange.document_key_not_in_use"
    sentence = N_("the key of the document signs from {from_} until {until}, and this is {found}")


@dataclass(frozen=True)
class DocumentKey:
    """The certificate of the key that signs a node's documents, and when it signs; `until` is excluded."""

    node: str
    kind: str
    certificate: bytes
    from_: datetime
    until: datetime

    def as_body(self) -> JsonObject:
        """The body of the statement by which the node vouches for the key."""
        return {
            "node": self.node,
            "kind": self.kind,
            "certificate": b64(self.certificate),
            "from": stamp(self.from_),
            "until": stamp(self.until),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "DocumentKey":
        """Read `as_body` back; raises `RecordBroken`, `NotAMoment` or what `unb64` raises."""
        fields = Fields.of(body, record="document key", names=("node", "kind", "certificate", "from", "until"))
        certificate = unb64(fields.values["certificate"])
        if len(certificate) > CERTIFICATE_BYTES_MAX:
            raise fields.broken(f"its certificate is longer than {CERTIFICATE_BYTES_MAX} bytes")
        return cls(
            node=fields.shaped("node", NODE),
            kind=fields.shaped("kind", re.compile("live|drill|demo")),
            certificate=certificate,
            from_=fields.moment("from"),
            until=fields.moment("until"),
        )

    def in_use(self, *, at: datetime) -> None:
        """Hold that the key signs at that moment; raises `KeyNotInUse`."""
        if not self.from_ <= at < self.until:
            raise KeyNotInUse(from_=stamp(self.from_), until=stamp(self.until), found=stamp(at))


def read_document_key(statement: Statement, *, by: PublicKey) -> DocumentKey:
    """The key for which the node with the signing key `by` vouches; raises as `verify_all` and `from_body`."""
    verify_all(statement, type=DOCUMENT_KEY, keys=[by])
    return DocumentKey.from_body(statement.body)


@dataclass(frozen=True)
class Document:
    """What a PDF carries. `subject`: digest of the letter or decision, name of the item, or message of the receipt.

    `layout` names the software that laid it out, so that whoever has the same can lay it out again and compare.
    `verdict` is the answer of the law that a letter cites, `entry` the log entry that a receipt names; else empty.
    """

    document: DocumentKind
    subject: str
    node: str
    kind: str
    language: str
    layout: str
    key: Statement
    cards: tuple[Statement, ...]
    officials: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    verdict: JsonObject
    entry: JsonObject

    def to_bytes(self) -> bytes:
        """The record as canonical JSON; raises `DocumentTooLarge`."""
        data = canonical(
            {
                "format": DOCUMENT,
                "document": self.document.value,
                "subject": self.subject,
                "node": self.node,
                "kind": self.kind,
                "language": self.language,
                "layout": self.layout,
                "key": self.key.as_json(),
                "cards": _listed(self.cards),
                "officials": _listed(self.officials),
                "statements": _listed(self.statements),
                "verdict": self.verdict,
                "entry": self.entry,
            }
        )
        if len(data) > RECORD_BYTES_MAX:
            raise DocumentTooLarge(found=len(data), unit="bytes", limit=RECORD_BYTES_MAX)
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> "Document":
        """Read `to_bytes` back without believing it.

        Raises `TooLarge`, `NotCanonical`, `RecordBroken` or `StatementBroken`.
        """
        fields = Fields.of(parse_object(data, limit=RECORD_BYTES_MAX), record="document", names=_NAMES)
        if fields.values["format"] != DOCUMENT:
            raise fields.broken(f"its format is {str(fields.values['format'])[:40]!r}, not {DOCUMENT}")
        return cls(
            document=DocumentKind(fields.shaped("document", re.compile("|".join(DocumentKind)))),
            subject=fields.shaped("subject", _SUBJECT),
            node=fields.shaped("node", NODE),
            kind=fields.shaped("kind", re.compile("live|drill|demo")),
            language=fields.shaped("language", _LANGUAGE),
            layout=fields.shaped("layout", DIGEST),
            key=Statement.from_json(fields.object("key")),
            cards=_read(fields.listed("cards", most=CARDS_MAX)),
            officials=_read(fields.listed("officials", most=OFFICIALS_MAX)),
            statements=_read(fields.listed("statements", most=STATEMENTS_MAX)),
            verdict=fields.object("verdict"),
            entry=fields.object("entry"),
        )


def _listed(statements: Iterable[Statement]) -> list[JsonObject]:
    return [one.as_json() for one in statements]


def _read(listed: Iterable[object]) -> tuple[Statement, ...]:
    return tuple(Statement.from_json(one) for one in listed)
