"""What goes into a document: the signed texts that its reader is shown, with entries and cards to check each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, parse_object
from comity.errors import N_, ComityError
from comity.exchange.document import DocumentKind
from comity.ledger import Entry
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import DeliveryRow, InboxRow, LetterRow, ReceiptRow
from comity.registry.queries.people import entry_statements

_SENDING = ("warrant", "emergency")


class DraftHasNoPaper(ComityError):
    """A document of a letter that nobody has authorised."""

    code = "documents.draft_has_no_paper"
    sentence = N_("letter {letter} is not authorised: a draft has no effect, and no document")
    hint = N_("A judge decides on the letter first.")


class NoReceiptYet(ComityError):
    """A document of a receipt that has not come."""

    code = "documents.no_receipt_yet"
    sentence = N_("there is no receipt between this node and node {node} for letter {letter}")
    hint = N_("A receipt comes when the other node has the letter; look at its deliveries.")


@dataclass(frozen=True)
class Sheaf:
    """The texts of one document; `letter` is the digest of the letter that it is about."""

    document: DocumentKind
    subject: str
    letter: str
    cards: tuple[Statement, ...]
    officials: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    verdict: JsonObject
    entry: JsonObject


def of_letter(letter: str, *, viewer: Actor) -> Sheaf:
    """A letter with the decisions on it and every step since; raises `NoSuchThing` or `DraftHasNoPaper`."""
    row = rows.letter(letter, viewer=viewer)
    if not row.authorisations.filter(kind__in=_SENDING).exists():
        raise DraftHasNoPaper(letter=row.short)
    decisions = [_text(one.statement) for one in row.authorisations.order_by("id")]
    told: list[tuple[datetime, Statement]] = [(one.at, _text(one.statement)) for one in row.events.order_by("id")]
    told += [(one.at, _text(one.statement)) for one in row.lapses.order_by("id")]
    since = [statement for _, statement in sorted(told, key=lambda one: one[0])]
    return _sheaf(
        DocumentKind.LETTER,
        row.digest,
        row,
        [_text(row.statement), *decisions, *since],
        verdict=parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX),
        viewer=viewer,
    )


def of_authorisation(letter: str, decision: str, *, viewer: Actor) -> Sheaf:
    """One decision with the letter that it is on; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    found = row.authorisations.filter(digest=decision).first()
    if found is None:
        raise access.NoSuchThing(what="authorisation", reference=decision[:8])
    lapses = [_text(one.statement) for one in row.lapses.filter(authorisation=found)]
    texts = [_text(found.statement), _text(row.statement), *lapses]
    return _sheaf(DocumentKind.AUTHORISATION, found.digest, row, texts, verdict={}, viewer=viewer)


def of_custody(item: str, *, viewer: Actor) -> Sheaf:
    """The custody of an item, record by record; raises `NoSuchThing`."""
    row = rows.item(item, viewer=viewer)
    texts = [_text(one.statement) for one in row.custody.order_by("seq")]
    return _sheaf(DocumentKind.CUSTODY, row.reference, row.letter, texts, verdict={}, viewer=viewer)


def of_exhibit(exhibit: str, *, viewer: Actor) -> Sheaf:
    """The custody of a thing on a shelf; raises `NoSuchThing`."""
    row = rows.exhibit(exhibit, viewer=viewer)
    texts = [_text(one.statement) for one in row.custody.order_by("seq")]
    return _sheaf(DocumentKind.CUSTODY, row.reference, row.letter, texts, verdict={}, viewer=viewer)


def of_receipt(letter: str, node: str, *, viewer: Actor) -> Sheaf:
    """The receipt for a letter, of the node that got it, with the log entry that it names; raises `NoSuchThing`, `NoReceiptYet`."""
    row = rows.letter(letter, viewer=viewer)
    found = _given(row) if node == current().id else _got(row, node)
    if found is None:
        raise NoReceiptYet(node=node[:40], letter=row.short)
    statement, entry = found
    message = str(statement.body["message"])
    return _sheaf(DocumentKind.RECEIPT, message, row, [statement], verdict={}, viewer=viewer, entry=entry.as_body())


def receipts_of(letter: str, *, viewer: Actor) -> tuple[str, ...]:
    """The nodes whose receipt for the letter is here; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    asked = [current().id, *row.deliveries.order_by("id").values_list("node", flat=True)]
    return tuple(one for one in asked if (_given(row) if one == current().id else _got(row, one)) is not None)


def _got(row: LetterRow, node: str) -> tuple[Statement, Entry] | None:
    """The receipt that a peer gave for a letter of ours."""
    sent = DeliveryRow.objects.filter(letter=row, node=node).exclude(message="").first()
    receipt = ReceiptRow.objects.filter(message=sent.message).first() if sent else None
    return (_text(receipt.statement), Entry.from_bytes(bytes(receipt.entry))) if receipt else None


def _given(row: LetterRow) -> tuple[Statement, Entry] | None:
    """The receipt that this node gave for a letter that came."""
    came = InboxRow.objects.filter(letter=row, subject="letter").exclude(receipt=None).select_related("entry").first()
    if came is None or came.receipt is None:
        return None
    return _text(came.receipt), Entry.from_bytes(bytes(came.entry.body))


def _sheaf(
    document: DocumentKind,
    subject: str,
    letter: LetterRow,
    texts: list[Statement],
    *,
    verdict: JsonObject,
    viewer: Actor,
    entry: JsonObject | None = None,
) -> Sheaf:
    people = _people(texts)
    officials = entry_statements(people, viewer=viewer) if people else []
    nodes = {current().id, *(node for node, _, _ in people), *_receivers(texts)}
    return Sheaf(
        document=document,
        subject=subject,
        letter=letter.digest,
        cards=tuple(_card(node) for node in sorted(nodes)),
        officials=tuple(officials),
        statements=tuple(texts),
        verdict=verdict,
        entry=entry or {},
    )


def _card(node: str) -> Statement:
    return post.own_card_statement(current()) if node == current().id else post.card_statement(node)


def _text(data: bytes | memoryview) -> Statement:
    return Statement.from_bytes(bytes(data))


def _people(texts: Iterable[Statement]) -> set[tuple[str, str, str]]:
    """Who signed these texts as an official."""
    records: list[JsonObject] = []
    for body in (one.body for one in texts):
        records += [body[name] for name in ("drafted_by", "by") if body.get(name)]
        facts = body.get("facts")
        if isinstance(facts, dict) and isinstance(facts.get("receiver"), dict):
            records.append(facts["receiver"])
    return {(str(one["node"]), str(one["official"]), str(one["mandate"])) for one in records}


def _receivers(texts: Iterable[Statement]) -> set[str]:
    """The nodes that signed receipts, and those that asked and are asked."""
    found = set()
    for one in texts:
        if one.type == "comity/receipt/v1":
            found |= {str(one.body["to"]), str(one.body["from"])}
        found |= {str(delivery["node"]) for delivery in one.body.get("deliveries", [])}
    return found
