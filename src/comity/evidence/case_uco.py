"""CASE/UCO: an item and its custody as a JSON-LD description that other tools of the field read.

* It says nothing that custody does not say, and custody is what is signed: whoever has the records writes the same bytes.
* Ids are made of the item and of what they stand for (UUID version 5): the same item has the same ids everywhere.
* Where the ontology has a property it is used; what it has none for stands in words in `uco-core:description`.

Source: CASE 1.4.0 and UCO 1.4.0 (ontology.caseontology.org, ontology.unifiedcyberontology.org).
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from comity.canon import JsonObject, canonical, stamp
from comity.evidence.custody import CustodyRecord
from comity.evidence.events import NOT_STATED, CustodyEvent
from comity.evidence.item import Item

_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://comity.example/case-uco/v1")
_UCO: Final = "https://ontology.unifiedcyberontology.org/uco/"
CONTEXT: Final = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "kb": "https://comity.example/kb/",
    "uco-action": f"{_UCO}action/",
    "uco-core": f"{_UCO}core/",
    "uco-identity": f"{_UCO}identity/",
    "uco-location": f"{_UCO}location/",
    "uco-observable": f"{_UCO}observable/",
    "uco-tool": f"{_UCO}tool/",
    "uco-types": f"{_UCO}types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LEFT_OUT: Final = frozenset({"item", "scope", "origin", "source", "receiver", "gate", "ground"})
"""What of a record stands elsewhere in the description, or is no fact about the item."""


def description(item: Item, records: Sequence[CustodyRecord]) -> bytes:
    """The description of an item whose custody is `records`, from the first on, as canonical JSON."""
    return canonical({"@context": CONTEXT, "@graph": list(_graph(item, records))})


def _graph(item: Item, records: Sequence[CustodyRecord]) -> Iterator[JsonObject]:
    first = records[0]
    people = {_person_id(one): one for record in records for one in _people(record)}
    decided = sorted({str(one.facts["authorisation"]) for one in records if one.facts.get("authorisation")})
    yield {
        **_thing(_id(item, "investigation"), "case-investigation:Investigation"),
        "uco-core:name": f"Letter {str(first.facts['letter'])[:16]}",
        "case-investigation:relevantAuthorization": [_ref(_id(item, "authorisation", one)) for one in decided],
        "uco-core:object": [_ref(_item_id(item)), *(_ref(_action_id(one)) for one in records)],
    }
    for one in decided:
        yield {
            **_thing(_id(item, "authorisation", one), "case-investigation:Authorization"),
            "case-investigation:authorizationIdentifier": one,
            "case-investigation:authorizationType": "recognition",
        }
    yield _observable(item, records)
    yield {
        **_thing(_id(item, "provenance"), "case-investigation:ProvenanceRecord"),
        "uco-core:description": f"Item {item.id}, as it was taken in",
        "case-investigation:exhibitNumber": item.id,
        "uco-core:object": [_ref(_item_id(item))],
    }
    yield from _origin(item, _stated(records))
    for name, by in sorted(people.items()):
        yield {
            **_thing(name, "uco-identity:Person"),
            "uco-core:name": str(by["official"]),
            "uco-core:description": f"{by['office']}, {by['authority']}, node {by['node']}",
        }
    for record in records:
        yield _action(item, record, origin=_stated(records))


def _stated(records: Sequence[CustodyRecord]) -> JsonObject:
    """The origin as it stands after every correction."""
    origin: JsonObject = [one.facts["origin"] for one in records if one.facts.get("origin")][-1]
    return origin


def _observable(item: Item, records: Iterable[CustodyRecord]) -> JsonObject:
    tags = sorted({str(tag) for one in records if one.event is CustodyEvent.MARKING for tag in one.facts["tags"]})
    found = {
        **_thing(_item_id(item), "uco-observable:ObservableObject"),
        "uco-core:hasFacet": [
            {
                **_thing(_id(item, "file"), "uco-observable:FileFacet"),
                "uco-observable:fileName": item.name,
                "uco-observable:sizeInBytes": _integer(item.bytes),
            },
            {
                **_thing(_id(item, "content"), "uco-observable:ContentDataFacet"),
                "uco-observable:hash": [_hash(item)],
                "uco-observable:mimeType": item.media_type,
                "uco-observable:sizeInBytes": _integer(item.bytes),
            },
        ],
    }
    return found | ({"uco-core:tag": tags} if tags else {})


def _origin(item: Item, origin: JsonObject) -> Iterator[JsonObject]:
    """The tool and the place of the acquisition, as far as they are stated."""
    if origin["tool"] != NOT_STATED:
        tool = {**_thing(_id(item, "tool"), "uco-tool:Tool"), "uco-core:name": origin["tool"]}
        yield tool | ({"uco-tool:version": origin["tool_version"]} if origin["tool_version"] != NOT_STATED else {})
    if origin["place"] != NOT_STATED:
        yield {**_thing(_id(item, "place"), "uco-location:Location"), "uco-core:name": origin["place"]}


def _action(item: Item, record: CustodyRecord, *, origin: JsonObject) -> JsonObject:
    by, others = _people(record)[0], _people(record)[1:]
    found: JsonObject = {
        **_thing(_action_id(record), "case-investigation:InvestigativeAction"),
        "uco-core:name": record.event.value,
        "uco-core:description": _in_words(record),
        "uco-action:performer": _ref(_person_id(by)),
        "uco-action:object": [_ref(_item_id(item))],
        "uco-action:startTime": _moment(stamp(record.at)),
        "uco-action:endTime": _moment(stamp(record.at)),
    }
    if others:
        found["uco-action:participant"] = [_ref(_person_id(one)) for one in others]
    if record.seq:
        found["case-investigation:wasInformedBy"] = [_ref(_id(item, "action", str(record.seq - 1)))]
        return found
    found["uco-action:result"] = [_ref(_id(item, "provenance"))]
    if origin["tool"] != NOT_STATED:
        found["uco-action:instrument"] = [_ref(_id(item, "tool"))]
    if origin["place"] != NOT_STATED:
        found["uco-action:location"] = [_ref(_id(item, "place"))]
    return found


def _people(record: CustodyRecord) -> list[JsonObject]:
    """Who signed a record: first who acted, then who received."""
    return [record.by, *([record.facts["receiver"]] if record.facts.get("receiver") else [])]


def _in_words(record: CustodyRecord) -> str:
    """The facts of a record, `name: value`, and where the origin is stated, that too."""
    facts = {name: fact for name, fact in record.facts.items() if name not in _LEFT_OUT and fact}
    facts |= record.facts.get("origin") or {}
    ground = record.facts.get("ground")
    if isinstance(ground, dict):
        facts["ground"] = ground.get("kind")
    said = [f"{name}: {fact if isinstance(fact, str) else canonical(fact).decode()}" for name, fact in facts.items()]
    return "; ".join(sorted(said)) or "no further fact is stated"


def _hash(item: Item) -> JsonObject:
    return {
        **_thing(_id(item, "hash"), "uco-types:Hash"),
        "uco-types:hashMethod": "SHA256",
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": item.sha256},
    }


def _thing(id_: str, type_: str) -> JsonObject:
    return {"@id": id_, "@type": type_}


def _ref(id_: str) -> JsonObject:
    return {"@id": id_}


def _integer(number: int) -> JsonObject:
    return {"@type": "xsd:integer", "@value": str(number)}


def _moment(at: str) -> JsonObject:
    return {"@type": "xsd:dateTime", "@value": at}


def _id(item: Item, *what: str) -> str:
    return f"kb:{what[0]}-{uuid.uuid5(_SPACE, '/'.join((item.id, *what)))}"


def _item_id(item: Item) -> str:
    return _id(item, "item")


def _action_id(record: CustodyRecord) -> str:
    return f"kb:action-{uuid.uuid5(_SPACE, '/'.join((record.item, 'action', str(record.seq))))}"


def _person_id(by: JsonObject) -> str:
    return f"kb:person-{uuid.uuid5(_SPACE, '/'.join(str(by[name]) for name in ('node', 'official', 'mandate')))}"
