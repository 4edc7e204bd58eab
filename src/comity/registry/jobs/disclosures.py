"""The file of a disclosure: what counsel takes away and verifies without us, made from the tables and the same each time.

    disclosure.json              the signed list
    letters/, authorisations/    the texts that are disclosed whole
    redacted/<line>.json         the texts that are disclosed in part
    custody/<thing>/<seq>.json   the custody of each item and exhibit that is disclosed
    existence/<line>.json        where each line stands in the log, proven under the checkpoint that the list names
    nodes/, officials/           who signed: cards and directory entries

The contents of items come apart, each as its bundle or age file: the list says their SHA-256.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical
from comity.evidence import member as names
from comity.evidence.bundle import Member, bundle_pieces
from comity.evidence.disclosure import TEXTS, Disclosure, Kind, Listed, State
from comity.evidence.redaction import as_document, fields_of, redacted
from comity.ledger import claimed
from comity.registry import log, post
from comity.registry.act import current
from comity.registry.actions import disclosures as acts
from comity.registry.gestures.disclosures import text_of
from comity.registry.models import DisclosureRow, ExhibitRow, ItemRow
from comity.registry.queries import disclosures
from comity.registry.queries.people import entry_statements


def take(reference: str, *, actor: Actor, at: datetime) -> bytes:
    """The file of a disclosure; that it was taken, and which bytes, stands in the log. Raises `NoSuchThing`."""
    row, told = disclosures.proven(reference, viewer=actor)
    file = b"".join(_pieces(row, told.record))
    acts.record_taken(reference, sha256=hashlib.sha256(file).hexdigest(), actor=actor, at=at)
    return file


def _pieces(row: DisclosureRow, told: Disclosure) -> Iterator[bytes]:
    statements: dict[str, Statement] = {}
    members = {names.DISCLOSURE: Member.of(bytes(row.statement))}
    for line in told.things:
        members[names.existence_member(line.number)] = Member.of(canonical(_place(line, told)))
        if line.opened is None:
            continue
        if line.outcome is State.REDACTED:
            members[names.redacted_member(line.number)] = Member.of(canonical(_in_part(line, row.secrets)))
        elif line.kind in TEXTS:
            name = names.letter_member if line.kind is Kind.LETTER else names.authorisation_member
            statements[name(line.opened.digest)] = text_of(line.kind, line.opened.digest)
        else:
            statements |= _custody(line.kind, line.opened.reference)
    members |= {name: Member.of(one.to_bytes()) for name, one in statements.items()}
    people = _people([told.by, told.to, *(record for one in statements.values() for record in _named(one.body))])
    viewer = current().machine("disclosure")
    for entry in entry_statements(people, viewer=viewer):
        members[names.official_member(entry.digest)] = Member.of(entry.to_bytes())
    for node in {node for node, _, _ in people} | {current().id}:
        card = post.own_card_statement(current()) if node == current().id else post.card_statement(node)
        members[names.node_member(node)] = Member.of(card.to_bytes())
    return bundle_pieces(members, progress=lambda _bytes: None)


def _place(line: Listed, told: Disclosure) -> JsonObject:
    note = told.checkpoint.encode()
    placed = log.prove(line.index, size=claimed(note).size, signed=note)
    record = placed.inclusion.as_record()
    return {"index": record["index"], "proof": record["proof"]}


def _in_part(line: Listed, secrets: JsonObject) -> JsonObject:
    assert line.opened is not None, "a text that is disclosed in part is opened"
    kept = secrets["texts"][str(line.number)]
    fields = fields_of(text_of(line.kind, line.opened.digest).body, secret=bytes.fromhex(kept["secret"]))
    return as_document(redacted(fields, closed=kept["closed"]))


def _custody(kind: Kind, reference: str) -> dict[str, Statement]:
    thing = (ItemRow if kind is Kind.ITEM else ExhibitRow)._default_manager.get(reference=reference)  # noqa: SLF001
    return {
        names.custody_member(reference, seq=link.seq): Statement.from_bytes(bytes(link.statement))
        for link in thing.custody.order_by("seq")
    }


def _named(body: JsonObject) -> list[JsonObject]:
    found = [
        body[name] for name in ("drafted_by", "by", "evidence_to") if isinstance(body.get(name), dict) and body[name]
    ]
    facts = body.get("facts")
    return found + ([facts["receiver"]] if isinstance(facts, dict) and "receiver" in facts else [])


def _people(records: list[JsonObject]) -> set[tuple[str, str, str]]:
    named = {(str(one["node"]), str(one["official"]), str(one["mandate"])) for one in records}
    return {name for name in named if name[2] != "service"}  # a machine has no entry: its node signs
