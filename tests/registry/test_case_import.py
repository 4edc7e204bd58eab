"""CASE/UCO of another tool: read without asking anybody, believed in nothing, kept byte for byte."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.registry.documents.case_import import CaseUnreadable, NotDescribed, read_case

UCO = "https://ontology.unifiedcyberontology.org/uco/"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CONTEXT = {
    "core": f"{UCO}core/",
    "observable": f"{UCO}observable/",
    "types": f"{UCO}types/",
    "tool": f"{UCO}tool/",
    "kb": "https://lab.example/kb/",
    "lab": "https://lab.example/ontology/",
}
FILE: dict[str, Any] = {
    "@id": "kb:file-1",
    "@type": "observable:File",
    "lab:mood": {"lab:of": "the examiner"},
    "core:hasFacet": [
        {"@type": "observable:FileFacet", "observable:fileName": "disk.img", "observable:sizeInBytes": 4},
        {
            "@type": "observable:ContentDataFacet",
            "observable:hash": {"@type": "types:Hash", "types:hashMethod": "SHA256", "types:hashValue": SHA.upper()},
        },
    ],
}
TOOL = {"@id": "kb:tool-1", "@type": "tool:Tool", "core:name": "Imager", "tool:version": "7.1"}


def case(*graph: Any, context: Any = CONTEXT, **more: Any) -> bytes:
    return json.dumps({"@context": context, "@graph": list(graph), **more}).encode()


def test_files_hashes_and_tools_are_read_and_the_rest_is_left():
    told = read_case(case(FILE, TOOL))
    assert [one.as_record() for one in told.files] == [{"name": "disk.img", "bytes": 4, "sha256": SHA}]
    assert told.tools == ("Imager 7.1",)
    assert told.hold(SHA).name == "disk.img"
    with pytest.raises(NotDescribed, match=SHA):
        told.hold("0" * 64)


@pytest.mark.parametrize("size", ["\u00b2", "4 KiB", "\u0664"])
def test_a_size_in_other_digits_is_not_stated(size: str):
    """Superscript two counts as a digit and is no number: it came up as an error of Python's."""
    name = {"@type": "observable:FileFacet", "observable:fileName": "disk.img", "observable:sizeInBytes": size}
    told = read_case(case({**FILE, "core:hasFacet": [name]}))
    assert [one.bytes for one in told.files] == [None]


DEEP: Any = "x"
for _ in range(70):
    DEEP = {"lab:in": DEEP}

UNREADABLE = {
    "no JSON": b"<rdf>",
    "no file": case(TOOL),
    "a context by address": case(FILE, context="https://lab.example/context.jsonld"),
    "one of several by address": case(FILE, context=[CONTEXT, "https://lab.example/context.jsonld"]),
    "an address in a list within": case(FILE, context=[CONTEXT, [["https://lab.example/context.jsonld"]]]),
    "a file of the machine": case(FILE, context=[["/etc/hostname"]]),
    "an import": case(FILE, context=CONTEXT | {"@import": "https://lab.example/more"}),
    "a context within": case({**FILE, "lab:more": {"@context": "https://lab.example/context.jsonld"}}),
    "too deep": case(FILE, DEEP),
    "bottomless": b"[" * 200_000,
    "too many values": case(FILE, *([1] * 200_001)),
    "too long": b" " * (16 * 1024 * 1024 + 1),
    "nothing": b"{}",
    "a number": b"8",
    "a text": b'"a"',
    "null": b"null",
    "a graph that is none": case(FILE, context=CONTEXT | {"core": 7}),
}


@pytest.mark.parametrize("how", sorted(UNREADABLE))
def test_what_cannot_be_read_alone_is_refused(how: str):
    with pytest.raises(CaseUnreadable):
        read_case(UNREADABLE[how])


@settings(max_examples=60)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.sampled_from(["@id", "kb:x", f"{UCO}core/x"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["@id", "@type", "@value", "@list", "@language", "core:hasFacet", "observable:hash", "x"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_a_hostile_file_is_read_or_refused_and_nothing_else(node: Any):
    with suppress(CaseUnreadable):
        read_case(case(FILE, node))
