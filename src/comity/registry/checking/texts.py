"""Signed texts: each has the digest under which it is found, the signatures that it needs, and says what its columns say."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model

from comity.authorities.keys import PublicKey
from comity.authorities.roles import Role
from comity.authorities.statement import Statement, verify
from comity.canon import JsonObject, folded, stamp
from comity.errors import ComityError
from comity.exchange.card import read_card
from comity.ledger.entry import Entry
from comity.letters.letter import Letter, short_form
from comity.registry import post, rows
from comity.registry.act import current
from comity.registry.checking.finding import Difference, differs
from comity.registry.models import (
    AuthorisationRow,
    CompetenceRow,
    CustodyRow,
    DecisionRow,
    DisclosureRow,
    EditionRow,
    EventRow,
    ExhibitRecordRow,
    HandOverRow,
    LapseRow,
    LetterRow,
    OfficialRow,
    PeerRow,
    ReceiptRow,
    ScheduleRow,
    TrainingPolicyRow,
    TrainingRow,
    TransferRow,
    VerdictRow,
)

Told = Callable[[JsonObject], Any]
_BROKEN: Final = (ComityError, KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a text that somebody changed may raise."""


@dataclass(frozen=True)
class Signed:
    """A table of signed texts: how each column is told by the body, and which official and node signed it."""

    model: type[Model]
    columns: Mapping[str, Told]
    by: str = "by"
    digest: str = "digest"


def _own(name: str) -> Told:
    return lambda body: body[name]


def _owns(*names: str) -> dict[str, Told]:
    return {name: _own(name) for name in names}


def _letter(find: Callable[[Letter], Any]) -> Told:
    return lambda body: find(Letter.from_body(body))


def _peer(body: JsonObject) -> str:
    letter = Letter.from_body(body)
    return letter.addressee.node if letter.from_node == current().id else letter.from_node


SIGNED: Final = (
    Signed(
        LetterRow,
        {
            **_owns("reference", "form", "linked", "confidential", "subject", "urgent", "written_at"),
            "drafted_by": lambda body: body["drafted_by"]["official"],
            "outgoing": lambda body: body["from"]["node"] == current().id,
            "peer": _peer,
            "short": lambda body: short_form(body["reference"]),
            "folded": lambda body: folded(body["subject"])[: rows.FOLDED_CHARACTERS_MAX],
            "tlp": _letter(lambda letter: letter.handling.light.value),
        },
        by="drafted_by",
    ),
    Signed(
        AuthorisationRow,
        {
            **_owns("reference", "kind", "decided_at"),
            "official": lambda body: body["by"]["official"],
            "node": lambda body: body["by"]["node"],
        },
    ),
    Signed(EventRow, _owns("step", "node", "at")),
    Signed(LapseRow, _owns("cause", "at")),
    Signed(CustodyRow, _owns("seq", "event")),
    Signed(ExhibitRecordRow, _owns("seq", "event")),
    Signed(OfficialRow, _owns("node", "official", "office", "role", "mandate"), by=""),
    Signed(DecisionRow, {"change": _own("change")}, by=""),
    Signed(TrainingRow, _owns("official", "course")),
    Signed(TrainingPolicyRow, {}),
    Signed(CompetenceRow, _owns("node", "reference", "version", "state", "written_at"), by=""),
    Signed(
        TransferRow,
        {"reference": lambda body: body["facts"]["transfer"], "item": _own("item")},
        digest="",
    ),
    Signed(
        HandOverRow,
        {
            "reference": lambda body: body["facts"]["transfer"],
            "exhibit": _own("item"),
            "receiver": lambda body: body["facts"]["receiver"]["official"],
        },
        digest="",
    ),
    Signed(
        DisclosureRow,
        {
            **_owns("reference", "at"),
            "counsel": lambda body: body["to"]["official"],
            "mandate": lambda body: body["to"]["mandate"],
        },
    ),
    Signed(ScheduleRow, {"version": _own("version"), "from_at": _own("from")}),
    Signed(ReceiptRow, {"message": _own("message")}, by="", digest=""),
)


def differences() -> Iterator[Difference]:
    """Every signed text that is not what its row says, and every hash that is not its content's."""
    keys, officials = _keys()
    for table in SIGNED:
        for row in table.model._default_manager.order_by("pk").iterator():  # noqa: SLF001 - Django's public name
            yield from _row(row, table, keys=keys, officials=officials)
    yield from _hashed()
    yield from _peers()


def digests() -> frozenset[str]:
    """The digest of every text that is held here."""
    found = set()
    for table in SIGNED:
        for data in table.model._default_manager.values_list("statement", flat=True).iterator():  # noqa: SLF001
            try:
                found.add(Statement.from_bytes(bytes(data)).digest)
            except _BROKEN:
                continue  # named where its row is read
    return frozenset(found)


def _row(
    row: Model, table: Signed, *, keys: Mapping[str, PublicKey], officials: Mapping[tuple[str, ...], PublicKey]
) -> Iterator[Difference]:
    try:
        statement = Statement.from_bytes(bytes(row.statement))  # type: ignore[attr-defined]  # each of these has one
    except _BROKEN as broken:
        yield differs(row, "statement", found=broken, recorded="a signed text")
        return
    if table.digest and getattr(row, table.digest) != statement.digest:
        yield differs(row, "digest", found=statement.digest, recorded=getattr(row, table.digest))
    for name, told in table.columns.items():
        try:
            said = told(statement.body)
        except _BROKEN as broken:
            yield differs(row, name, found=broken, recorded="what the signed text says")
            continue
        held = getattr(row, name)
        if (stamp(held) if isinstance(held, datetime) else held) != said:
            yield differs(row, name, found=held, recorded=said)
    yield from _signatures(row, statement, table, keys=keys, officials=officials)


def _signatures(
    row: Model,
    statement: Statement,
    table: Signed,
    *,
    keys: Mapping[str, PublicKey],
    officials: Mapping[tuple[str, ...], PublicKey],
) -> Iterator[Difference]:
    """Each signature verifies with a key that is known here; the official's and the node's are there."""
    for signature in statement.signatures:
        key = keys.get(signature.key)
        try:
            if key is not None:
                verify(statement, type=statement.type, key=key)
        except _BROKEN as broken:
            yield differs(row, "signature", found=broken, recorded=f"a signature by {signature.key}")
        if key is None:
            yield differs(row, "signature", found=f"key {signature.key}, which nobody here has", recorded="a known key")
    signed_by = {signature.key for signature in statement.signatures}
    if not signed_by:
        yield differs(row, "signature", found="none", recorded="a signed text")
    by = statement.body.get(table.by) if table.by else None
    if (
        isinstance(by, dict) and by and by.get("role") != Role.SERVICE
    ):  # what a machine may say alone, its reader decides
        named = (str(by.get("node")), str(by.get("official")), str(by.get("mandate")))
        official = officials.get(named)
        if official is None or official.id not in signed_by:
            yield differs(row, "signature", found="missing", recorded=f"the signature of {named[1]} of {named[0]}")


def _keys() -> tuple[dict[str, PublicKey], dict[tuple[str, ...], PublicKey]]:
    """Every public key that is known here by its id, and those of officials by their name."""
    homes = {own.node: post.home_of(own) for own in [post.own_card(current())]}
    for peer in PeerRow.objects.order_by("pk"):
        try:
            card = read_card(Statement.from_bytes(bytes(peer.card)))
        except _BROKEN:
            continue  # named where its row is read
        homes[peer.node] = post.home_of(card)
    keys = {home.key.id: home.key for home in homes.values()}
    officials: dict[tuple[str, ...], PublicKey] = {}
    for row in OfficialRow.objects.order_by("pk"):
        try:
            entry = homes[row.node].entry(Statement.from_bytes(bytes(row.statement)))
        except _BROKEN:
            continue  # named where its row is read
        keys[entry.credential.id] = entry.credential
        officials[entry.node, entry.official, entry.mandate] = entry.credential
    return keys, officials


def _hashed() -> Iterator[Difference]:
    """What is found by its hash has it."""
    for verdict in VerdictRow.objects.order_by("pk").iterator():
        if (found := hashlib.sha256(bytes(verdict.body)).hexdigest()) != verdict.digest:
            yield differs(verdict, "body", found=found, recorded=verdict.digest)
    for edition in EditionRow.objects.order_by("pk").iterator():
        if (found := hashlib.sha256(bytes(edition.document)).hexdigest()) != edition.hash:
            yield differs(edition, "document", found=found, recorded=edition.hash)
    for receipt in ReceiptRow.objects.order_by("pk").iterator():
        try:
            told = Statement.from_bytes(bytes(receipt.statement)).body["leaf_hash"]
            leaf = Entry.from_bytes(bytes(receipt.entry)).leaf_hash.hex()
        except _BROKEN as broken:
            yield differs(receipt, "entry", found=broken, recorded="the entry that the receipt names")
            continue
        if leaf != told:
            yield differs(receipt, "entry", found=leaf, recorded=told)


def _peers() -> Iterator[Difference]:
    """The card of each peer has the fingerprint that was read aloud when it was admitted."""
    for peer in PeerRow.objects.order_by("pk"):
        try:
            card = read_card(Statement.from_bytes(bytes(peer.card)))
        except _BROKEN as broken:
            yield differs(peer, "card", found=broken, recorded=peer.fingerprint)
            continue
        if (card.node, card.fingerprint) != (peer.node, peer.fingerprint):
            yield differs(peer, "fingerprint", found=card.fingerprint, recorded=peer.fingerprint)
