"""The formats that come from strangers, each with the one function that reads it.

A harness returns or raises a `ComityError`: that is the invariant. Whatever else is raised is a finding, as is an input that takes
more time or memory than `fuzz.__main__` allows.
"""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from comity.authorisations.authorisation import Authorisation
from comity.authorities.directory import Entry as Official
from comity.canon import JsonObject, canonical
from comity.evidence.bundle import Manifest
from comity.evidence.custody import CustodyRecord
from comity.exchange.card import NodeCard
from comity.exchange.receipt import Receipt
from comity.exchange.verification import Verification
from comity.exchange.verification_text import TextVerification
from comity.ledger import Consistency, Entry, Inclusion
from comity.letters.event import Event
from comity.letters.letter import Letter
from comity.registry.documents.case_import import read_case

Cards = dict[str, NodeCard]
Harness = Callable[[bytes, Cards], None]


def _bundle(data: bytes, _cards: Cards) -> None:
    for _ in Verification(io.BytesIO(data), pinned={}, key=None, progress=lambda _: None).steps():
        continue


def _text(data: bytes, cards: Cards) -> None:
    for _ in TextVerification(data, cards=cards).steps():
        continue


def _case(data: bytes, _cards: Cards) -> None:
    read_case(data)


def _read(data: bytes) -> JsonObject:
    """The object in these bytes in its canonical spelling, so that a changed byte is not refused for its place; else nothing."""
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _body(data: bytes, _cards: Cards, *, read: Callable[[JsonObject], object]) -> None:
    """The body of a statement, as somebody who holds a key may sign it."""
    body = _read(data).get("body")
    if isinstance(body, dict):
        canonical(body)
        read(body)


def _proof(data: bytes, _cards: Cards) -> None:
    found = _read(data)
    if isinstance(found.get("entry"), dict) and isinstance(found.get("inclusion"), dict):
        Entry.from_bytes(canonical(found["entry"]))
        Inclusion.from_record(found["inclusion"])


def _consistency(data: bytes, _cards: Cards) -> None:
    found = _read(data)
    canonical(found)
    Consistency.from_record(found)


FORMATS: Final[dict[str, Harness]] = {
    "bundle": _bundle,
    "text": _text,
    "proof": _proof,
    "consistency": _consistency,
    "case": _case,
    "manifest": partial(_body, read=Manifest.from_body),
    "letter": partial(_body, read=Letter.from_body),
    "authorisation": partial(_body, read=Authorisation.from_body),
    "event": partial(_body, read=Event.from_body),
    "receipt": partial(_body, read=Receipt.from_body),
    "custody": partial(_body, read=CustodyRecord.from_body),
    "card": partial(_body, read=NodeCard.from_body),
    "official": partial(_body, read=Official.from_body),
}
