"""The CASE/UCO description of an item: accepted by the field's own tool, held harder by ours, and the same for everybody."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rdflib

from comity.canon import canonical
from comity.evidence.case_uco import description
from comity.evidence.custody import CustodyEvent, CustodyRecord
from comity.evidence.events import HAPPENS_TO, Thing
from comity.evidence.item import Item
from comity.registry.documents.case_shapes import DescriptionBroken, hold_description
from evidence_chains import ITEM, told

HAPPENS = tuple(one for one in CustodyEvent if Thing.ITEM in HAPPENS_TO[one] and one is not CustodyEvent.ACQUISITION)
ORDER = (*(one for one in HAPPENS if one not in {CustodyEvent.TRANSFER, CustodyEvent.DISPOSAL}), CustodyEvent.TRANSFER)


@pytest.fixture(scope="module")
def records() -> list[CustodyRecord]:
    """A chain in which everything happens that can happen to an item."""
    return [one.record for one in told(ITEM, *ORDER)]


def graph(item: Item, records: list[CustodyRecord]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(description(item, records))
    return read


def validated(data: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the field's own tool says; its exit code is what counts."""
    file = folder / "item.jsonld"
    file.write_bytes(data)
    command = [str(Path(sys.executable).with_name("case_validate")), "--built-version", "case-1.4.0", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_case_validate_accepts_a_description_of_everything_that_happens(records: list[CustodyRecord], tmp_path: Path):
    done = validated(description(ITEM, records), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_our_shapes_accept_it_and_its_context_needs_no_network(records: list[CustodyRecord]):
    data = description(ITEM, records)
    hold_description(data)
    assert isinstance(json.loads(data)["@context"], dict)


Fault = Callable[[dict[str, Any]], None]


def things(graph: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [one for one in graph["@graph"] if one["@type"].endswith(type_)]


def content(graph: dict[str, Any]) -> dict[str, Any]:
    facet: dict[str, Any] = things(graph, "ObservableObject")[0]["uco-core:hasFacet"][1]
    return facet


FAULTS: dict[str, Fault] = {
    "a truncated hash": lambda graph: content(graph)["uco-observable:hash"][0]["uco-types:hashValue"].update(
        {"@value": "ab" * 31}
    ),
    "a hash of another method": lambda graph: content(graph)["uco-observable:hash"][0].update(
        {"uco-types:hashMethod": "SHA512"}
    ),
    "content without a hash": lambda graph: content(graph).pop("uco-observable:hash"),
    "content without a size": lambda graph: content(graph).pop("uco-observable:sizeInBytes"),
    "an action of nobody": lambda graph: things(graph, "Action")[1].pop("uco-action:performer"),
    "an action about nothing": lambda graph: things(graph, "Action")[1].pop("uco-action:object"),
    "an end before the start": lambda graph: things(graph, "Action")[1]["uco-action:endTime"].update(
        {"@value": "2020-01-01T00:00:00Z"}
    ),
    "an action without a start": lambda graph: things(graph, "Action")[1].pop("uco-action:startTime"),
    "a transfer to nobody": lambda graph: things(graph, "Action")[-1].pop("uco-action:participant"),
    "taken without a tool": lambda graph: things(graph, "Action")[0].pop("uco-action:instrument"),
    "taken nowhere": lambda graph: things(graph, "Action")[0].pop("uco-action:location"),
    "provenance without a number": lambda graph: things(graph, "ProvenanceRecord")[0].pop(
        "case-investigation:exhibitNumber"
    ),
    "no authorisation": lambda graph: things(graph, "Investigation")[0].pop("case-investigation:relevantAuthorization"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_ontology_lets_pass_our_shapes_find(records: list[CustodyRecord], fault: str):
    broken = graph(ITEM, records)
    FAULTS[fault](broken)
    with pytest.raises(DescriptionBroken):
        hold_description(canonical(broken))


def test_the_faults_pass_the_ontologys_own_shapes(records: list[CustodyRecord], tmp_path: Path):
    """All of them in one description, but for the length of a hash of another method: nobody else finds any."""
    broken = graph(ITEM, records)
    for name, fault in FAULTS.items():
        if name not in {"content without a hash", "a hash of another method"}:
            fault(broken)
    done = validated(canonical(broken), tmp_path)
    assert done.returncode == 0, done.stdout
    with pytest.raises(DescriptionBroken):
        hold_description(canonical(broken))


def test_the_same_custody_gives_the_same_bytes_and_another_one_others(records: list[CustodyRecord]):
    assert description(ITEM, records) == description(ITEM, list(records))
    assert description(ITEM, records[:-1]) != description(ITEM, records)
    assert description(replace(ITEM, sha256="e" * 64), records) != description(ITEM, records)


def test_every_record_is_an_action_that_follows_the_one_before(records: list[CustodyRecord]):
    actions = things(graph(ITEM, records), "InvestigativeAction")
    assert [one["uco-core:name"] for one in actions] == [one.event.value for one in records]
    before = [one.get("case-investigation:wasInformedBy", [{}])[0].get("@id") for one in actions]
    assert before == [None, *(one["@id"] for one in actions[:-1])]


def test_what_is_not_stated_is_left_out_and_not_made_up(records: list[CustodyRecord]):
    first = records[0]
    unknown = dict.fromkeys(first.facts["origin"], "not_stated")
    bare = [replace(first, facts=first.facts | {"origin": unknown})]
    read = graph(ITEM, bare)
    assert things(read, "Tool") == things(read, "Location") == []
    with pytest.raises(DescriptionBroken, match="with a tool"):
        hold_description(canonical(read))


def test_every_id_that_is_named_is_there_once(records: list[CustodyRecord]):
    data = description(ITEM, records)
    read = rdflib.Graph().parse(data=data, format="json-ld")
    named = {one for one in read.objects() if isinstance(one, rdflib.URIRef) and "comity.example/kb/" in one}
    assert named <= set(read.subjects())
    ids = [one["@id"] for one in json.loads(data)["@graph"]]
    assert len(ids) == len(set(ids))
