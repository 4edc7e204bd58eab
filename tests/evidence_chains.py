"""Chains of custody of an item and an exhibit, in which anything happens that a test asks for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from comity.authorities.officials import Proven
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, begin_chain, extend, first_text
from comity.evidence.events import FACTS, ORIGIN
from comity.evidence.exhibit import Exhibit, ExhibitKind
from comity.evidence.item import Item
from comity.evidence.seal import sealed_size

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BY: JsonObject = {"official": "ana", "office": "x", "authority": "x", "role": "custodian", "mandate": "m", "node": "cv"}
OTHER: JsonObject = BY | {"official": "cas", "node": "nl"}
ITEM = Item("a" * 32, "note.txt", "text/plain", 8, "b" * 64, "c" * 64, sealed_size(8))
EXHIBIT = Exhibit("d" * 32, "EX-1", ExhibitKind.DEVICE, "A phone", "")
MOVED: JsonObject = {
    "transfer": "e" * 32,
    "letter": "1" * 64,
    "authorisation": "2" * 64,
    "receiver": OTHER,
    "ground": None,
    "gate": [],
}
BEGUN: JsonObject = {
    "origin": dict.fromkeys(ORIGIN, "known") | {"taken_at": "not_stated"},
    "letter": "1" * 64,
    "authorisation": "2" * 64,
    "scope": {
        "measure": "search_seizure_stored",
        "acts": ["collect"],
        "selectors": ["domain:bluelagoon.example"],
        "data": ["content"],
        "from": "2025-11-23",
        "until": "2026-11-23",
        "territory": ["NL"],
    },
    "source": None,
}
DERIVED = {"kind": "image", "derived": "f" * 32, "sha256": "b" * 64, "method": "x", "tool": "x", "tool_version": "1"}
FACTS_OF: dict[CustodyEvent, JsonObject] = {
    CustodyEvent.CORRECTION: {"origin": BEGUN["origin"], "reason": "x"},
    CustodyEvent.SEALING: {"sealed_sha256": "9" * 64, "seals": [], "broken": [], "reason": "x"},
    CustodyEvent.PLACEMENT: {"place": "x", "reason": "x"},
    CustodyEvent.ACCESS: {"reason": "x"},
    CustodyEvent.COPY: {"medium": "x", "recipient": "x", "sha256": "b" * 64, "reason": "x"},
    CustodyEvent.DERIVATION: {**DERIVED, "reason": "x"},
    CustodyEvent.MARKING: {
        "reliability": {"scheme": "admiralty", "source": "B", "content": "2"},
        "handling": {"tlp": "", "codes": ["H1"], "remark": ""},
        "tags": ["object:phone"],
        "reason": "x",
    },
    CustodyEvent.LEAVE: {"codes": ["H1"], "given_by": "x", "document": "x", "reason": "x"},
    CustodyEvent.TRANSFER: {**MOVED, "sha256": "b" * 64, "key_commitment": "c" * 64, "sealed_sha256": "9" * 64},
    CustodyEvent.HAND_OVER: {**MOVED, "seals": ["S-1"], "place": "x", "reason": "x"},
    CustodyEvent.EXPORT: {"reason": "x", "letter": "1" * 64},
    CustodyEvent.RETURN: {"recipient": "x", "document": "x", "reason": "x"},
    CustodyEvent.DISPOSAL: dict.fromkeys(FACTS[CustodyEvent.DISPOSAL], "x"),
}


def proven(text: Statement) -> Proven[CustodyRecord]:
    return Proven(statement=text, record=CustodyRecord.from_body(text.body))


def begun(thing: Item | Exhibit, **more: Any) -> Statement:
    shelf = {"place": "shelf", "seals": ["S-1"]} if isinstance(thing, Exhibit) else {}
    return first_text(thing, by=BY, facts=BEGUN | shelf | more, at=AT)


def facts_of(event: CustodyEvent, thing: Item | Exhibit) -> JsonObject:
    facts = FACTS_OF[event]
    if isinstance(thing, Exhibit):
        facts = facts | ({"sealed_sha256": "", "seals": ["S-2"]} if event is CustodyEvent.SEALING else {})
        facts = facts | ({"sha256": ""} if event is CustodyEvent.COPY else {})
    return facts


def followed(chain: Chain, event: CustodyEvent, **more: Any) -> Statement:
    at = AT + timedelta(minutes=len(chain.records))
    return chain.following(event, by=BY, facts=facts_of(event, chain.thing) | more, at=at)


def told(thing: Item | Exhibit, *events: CustodyEvent) -> list[Proven[CustodyRecord]]:
    records = [proven(begun(thing))]
    for event in events:
        records.append(proven(followed(whole(records), event)))
    return records


def whole(records: list[Proven[CustodyRecord]]) -> Chain:
    chain = begin_chain(records[0])
    for one in records[1:]:
        chain = extend(chain, one)
    return chain
