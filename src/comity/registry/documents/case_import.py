"""CASE/UCO from another tool: what a JSON-LD file says of files, and nothing believed of it.

* Nothing is fetched: a context by address is refused, since whoever serves it could make the file say something else.
* Read are files with their names, lengths and hashes, and the tools that are named. Everything else stays as it is: the file itself is
  kept byte for byte, with every property that nobody here knows.
* What it says is the other tool's word. A hash in it is compared with the one that was computed while the content was sealed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError

CASE_BYTES_MAX: Final = 16 * 1024 * 1024
NODES_MAX: Final = 200_000
DEPTH_MAX: Final = 64
TEXT_MAX: Final = 500
_UCO: Final = "https://ontology.unifiedcyberontology.org/uco/"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class CaseUnreadable(ComityError):
    """A file is no CASE/UCO description that can be read without asking anybody."""

    code = "documents.case_unreadable"
    sentence = N_("the CASE/UCO file cannot be read: {why}")
    hint = N_("Export it from the other tool as JSON-LD with its context inside.")


class NotDescribed(ComityError):
    """The content is not what the description says."""

    code = "documents.not_described"
    sentence = N_("the content has the SHA-256 {found}, and the description says {stated}")
    hint = N_("Nothing was kept. The file was changed since the other tool wrote of it, or it is another one.")


@dataclass(frozen=True)
class Described:
    """One file of the description: its name, its length (None where none is said) and its SHA-256 ("" where none is)."""

    name: str
    bytes: int | None
    sha256: str

    def as_record(self) -> JsonObject:
        return dict(vars(self))


@dataclass(frozen=True)
class Description:
    """What a file says: files, tools, and how many statements there are in all."""

    files: tuple[Described, ...]
    tools: tuple[str, ...]
    statements: int

    def hold(self, sha256: str) -> Described:
        """The file with this hash; raises `NotDescribed` with what is stated instead."""
        for one in self.files:
            if one.sha256 == sha256:
                return one
        stated = ", ".join(one.sha256 for one in self.files if one.sha256) or "none"
        raise NotDescribed(found=sha256, stated=stated[:500])


def read_case(data: bytes) -> Description:
    """What a CASE/UCO file says; raises `CaseUnreadable`."""
    if len(data) > CASE_BYTES_MAX:
        raise CaseUnreadable(why=f"it has more than {CASE_BYTES_MAX} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise CaseUnreadable(why=f"it is no JSON: {str(broken)[:200]}") from broken
    if not isinstance(document, dict | list):
        raise CaseUnreadable(why="it is no JSON-LD: it holds neither an object nor a list")
    if sum(1 for _ in _walked(document, 0)) > NODES_MAX:
        raise CaseUnreadable(why=f"it has more than {NODES_MAX} values")
    return _told(_graph(document))


def _walked(value: Any, depth: int) -> Iterator[Any]:
    """Every value; raises `CaseUnreadable` for what is too deep, or would have to be fetched."""
    if depth > DEPTH_MAX:
        raise CaseUnreadable(why=f"it is deeper than {DEPTH_MAX} levels")
    yield value
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "@import" or (name == "@context" and _by_address(inner)):
                raise CaseUnreadable(why="its context is an address; nothing is fetched")
            yield from _walked(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walked(inner, depth + 1)


def _by_address(context: Any) -> bool:
    listed = context if isinstance(context, list) else [context]
    return any(
        isinstance(one, str | list) for one in listed
    )  # a list within is unfolded by the parser, addresses and all


def _graph(document: Any) -> Any:
    import rdflib  # half a second of libraries, needed where something is imported

    try:
        return rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, rdflib.exceptions.Error) as broken:
        raise CaseUnreadable(why=f"it is no JSON-LD: {str(broken)[:200]}") from broken


def _told(graph: Any) -> Description:
    import rdflib

    core, observable = rdflib.Namespace(f"{_UCO}core/"), rdflib.Namespace(f"{_UCO}observable/")
    types, tool = rdflib.Namespace(f"{_UCO}types/"), rdflib.Namespace(f"{_UCO}tool/")
    files = []
    for thing in sorted(set(graph.subjects(core.hasFacet))):
        facets = set(graph.objects(thing, core.hasFacet))
        names = [*_texts(graph, facets, observable.fileName), *_texts(graph, {thing}, core.name)]
        sizes = _texts(graph, facets, observable.sizeInBytes)
        hashes = {one for facet in facets for one in graph.objects(facet, observable.hash)}
        digests = [one.lower() for one in _texts(graph, hashes, types.hashValue) if _SHA256.fullmatch(one.lower())]
        if digests or sizes or _texts(graph, facets, observable.fileName):
            size = int(sizes[0]) if sizes and sizes[0].isascii() and sizes[0].isdigit() else None
            files.append(Described(name=(names or [""])[0], bytes=size, sha256=(digests or [""])[0]))
    named = sorted(set(graph.subjects(rdflib.RDF.type, tool.Tool)) | set(graph.subjects(tool.version)))
    tools = [" ".join([*_texts(graph, {one}, core.name), *_texts(graph, {one}, tool.version)]) for one in named]
    if not files:
        raise CaseUnreadable(why="it describes no file (uco-observable:FileFacet or ContentDataFacet)")
    return Description(files=tuple(files), tools=tuple(filter(None, tools)), statements=len(graph))


def _texts(graph: Any, subjects: Any, predicate: Any) -> list[str]:
    return sorted(str(one)[:TEXT_MAX] for subject in subjects for one in graph.objects(subject, predicate))
