"""The bundle: a ZIP file in which a stranger checks an item and all that was done with it, with public keys and no node.

* One way to write it (`archive`), so every flipped, missing or extra byte is found: around the contents by writing
  the headers again, within them by CRC-32 on reading and by the manifest's SHA-256.
* `bundle.json` is the manifest, a signed statement: it lists every other member with size and SHA-256.
* A member's name follows from what it holds; any other name is refused, and so is every path that leads elsewhere.
* Contents are iterated: an item of many GiB is read twice (measured, then written) and never held in memory.

A bundle proves nothing by itself: the statements in it do, each under keys that the reader trusts already.
"""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.archive import (
    HEADER_BYTES_MAX,
    LOCAL_SIGNATURE,
    BundleBroken,
    Placed,
    central_header,
    end_records,
    hold_same,
    local_header,
    read_local,
)
from comity.evidence.item import ITEM_BYTES_MAX, Item
from comity.evidence.seal import sealed_size

BUNDLE: Final = "comity/bundle/v1"
FORMAT: Final = 1
KINDS: Final = ("live", "drill", "demo")

MEMBERS_MAX: Final = 100_000
MANIFEST_BYTES_MAX: Final = 32 * 1024 * 1024
JSON_BYTES_MAX: Final = 4 * 1024 * 1024
CHUNK_BYTES: Final = 1024 * 1024
NAME_SHOWN_MAX: Final = 120

MANIFEST: Final = "bundle.json"

_MANIFEST_NAMES: Final = ("format", "kind", "node", "made_at", "by", "items", "members")
_SEALED: Final = re.compile(r"items/([0-9a-f]{32})\.sealed")
_RECORDS: Final = re.compile(
    r"nodes/[a-z0-9-]{1,40}\.json"
    r"|(officials|letters|authorisations|events)/[0-9a-f]{64}\.json"
    r"|receipts/[0-9a-f]{32}\.json"
    r"|custody/[0-9a-f]{32}/[0-9]{4}\.json"
    r"|law/(edition|verdict)-[0-9a-f]{64}\.json"
    r"|log/[a-z0-9-]{1,40}/(checkpoint|(0|[1-9][0-9]{0,15})\.json)"
)

Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class MemberChanged(ComityError):
    """A member was not the same when it was written as when it was measured."""

    code = "evidence.member_changed"
    sentence = N_("{member} changed while the bundle was written")
    hint = N_("Throw the unfinished bundle away and export again.")


def node_member(node: str) -> str:
    """The name under which a node's card lies."""
    return f"nodes/{node}.json"


def official_member(digest: str) -> str:
    """The name of a directory entry, by its digest."""
    return f"officials/{digest}.json"


def letter_member(digest: str) -> str:
    """The name of a letter, by its digest."""
    return f"letters/{digest}.json"


def authorisation_member(digest: str) -> str:
    """The name of an authorisation, by its digest."""
    return f"authorisations/{digest}.json"


def event_member(digest: str) -> str:
    """The name of an event in a letter's life, by its digest."""
    return f"events/{digest}.json"


def receipt_member(message: str) -> str:
    """The name of a receipt, by the message it is for."""
    return f"receipts/{message}.json"


def custody_member(item: str, *, seq: int) -> str:
    """The name of an item's custody record."""
    return f"custody/{item}/{seq:04}.json"


def sealed_member(item: str) -> str:
    """The name of a sealed item."""
    return f"items/{item}.sealed"


def edition_member(hash_: str) -> str:
    """The name of an edition of the law, by its hash."""
    return f"law/edition-{hash_}.json"


def verdict_member(digest: str) -> str:
    """The name of a verdict of the law, by its digest."""
    return f"law/verdict-{digest}.json"


def checkpoint_member(node: str) -> str:
    """The name of a log's checkpoint."""
    return f"log/{node}/checkpoint"


def entry_member(node: str, *, index: int) -> str:
    """The name of a log entry with its proof."""
    return f"log/{node}/{index}.json"


def bytes_max(name: str) -> int | None:
    """The most bytes that a member of this name has; None if no member is named so."""
    if name == MANIFEST:
        return MANIFEST_BYTES_MAX
    if _SEALED.fullmatch(name):
        return sealed_size(ITEM_BYTES_MAX)
    return JSON_BYTES_MAX if _RECORDS.fullmatch(name) else None


@dataclass(frozen=True)
class Member:
    """What goes into a bundle. `open` gives the content in pieces, the same each time."""

    size: int
    sha256: str
    crc32: int
    open: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, data: bytes) -> "Member":
        """A member that is held in memory."""
        return cls(
            size=len(data), sha256=hashlib.sha256(data).hexdigest(), crc32=zlib.crc32(data), open=lambda: (data,)
        )

    @classmethod
    def measured(cls, pieces: Callable[[], Iterable[bytes]], *, progress: Progress) -> "Member":
        """A member too large for memory: read once for its size and hashes, and once more when it is written."""
        size, sha256, crc32 = 0, hashlib.sha256(), 0
        for piece in pieces():
            size, crc32 = size + len(piece), zlib.crc32(piece, crc32)
            sha256.update(piece)
            progress(len(piece))
        return cls(size=size, sha256=sha256.hexdigest(), crc32=crc32, open=pieces)


def write_bundle(members: Mapping[str, Member], out: BinaryIO, *, progress: Progress) -> None:
    """Write the one bundle of these members to a buffered `out`, from where it stands; raises as `bundle_pieces`."""
    out.writelines(bundle_pieces(members, progress=progress))


def bundle_pieces(members: Mapping[str, Member], *, progress: Progress) -> Iterator[bytes]:
    """The one bundle of these members in pieces, none of them large; raises `MemberChanged`.

    Raises `BundleBroken` for more members, or larger ones, than anybody reads. `progress` counts contents.
    """
    written: list[Placed] = []
    for name in sorted(members):
        member = Placed(
            name=name, size=members[name].size, crc32=members[name].crc32, offset=written[-1].end if written else 0
        )
        _hold_next(member, written)
        written.append(member)
        yield local_header(member)
        size = crc32 = 0
        for piece in members[name].open():
            yield piece
            size, crc32 = size + len(piece), zlib.crc32(piece, crc32)
            progress(len(piece))
        if (size, crc32) != (member.size, member.crc32):
            raise MemberChanged(member=name)
    yield from (header for _, header in _directory(written))


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose headers hold; contents are checked as they are read. Only `read_bundle` makes one."""

    _stream: BinaryIO
    _members: Mapping[str, Placed]

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(self._members)

    def size(self, name: str) -> int:
        """Bytes of a member; raises `BundleBroken` if it is missing."""
        return self._member(name).size

    def offset(self, name: str) -> int:
        """Where the content of a member begins in the file; raises `BundleBroken` if it is missing."""
        return self._member(name).content

    def stream(self, name: str) -> Iterator[bytes]:
        """A member in pieces; raises `BundleBroken` if it is missing, or, after the last piece, if it was altered."""
        member = self._member(name)
        crc32, left = 0, member.size
        while left:
            self._stream.seek(member.end - left)
            piece = self._stream.read(min(left, CHUNK_BYTES))
            if not piece:
                raise BundleBroken(member=name, offset=member.end - left, why="the file ends within it")
            crc32, left = zlib.crc32(piece, crc32), left - len(piece)
            yield piece
        if crc32 != member.crc32:
            raise BundleBroken(member=name, offset=member.content, why="its content was altered (CRC-32)")

    def read(self, name: str, *, limit: int) -> bytes:
        """A whole member of at most `limit` bytes; raises `BundleBroken` if it is larger, missing or altered."""
        member = self._member(name)
        if member.size > limit:
            raise BundleBroken(
                member=name, offset=member.offset, why=f"{member.size} bytes where at most {limit} are read"
            )
        return b"".join(self.stream(name))

    def _member(self, name: str) -> Placed:
        if name not in self._members:
            raise BundleBroken(member=repr(name)[:NAME_SHOWN_MAX], offset=0, why="there is no such member")
        return self._members[name]


def read_bundle(stream: BinaryIO) -> Bundle:
    """Open a bundle in a seekable, buffered `stream` and hold every byte that is no content; raises `BundleBroken`."""
    total = stream.seek(0, 2)
    read: list[Placed] = []
    offset = 0
    while (found := _at(stream, offset, HEADER_BYTES_MAX)).startswith(LOCAL_SIGNATURE):
        member = read_local(found, offset=offset)
        _hold_next(member, read)
        if member.end > total:
            raise BundleBroken(member=member.name, offset=total, why="the file ends within it")
        read.append(member)
        offset = member.end
    for name, expected in _directory(read):
        hold_same(_at(stream, offset, len(expected)), expected, member=name, offset=offset)
        offset += len(expected)
    if offset != total:
        raise BundleBroken(member="end", offset=offset, why=f"{total - offset} bytes follow the end")
    return Bundle(stream, {member.name: member for member in read})


def _hold_next(member: Placed, before: list[Placed]) -> None:
    """Hold that a bundle may go on with this member; raises `BundleBroken`."""
    most = bytes_max(member.name)
    for holds, why in (
        (most is not None, "no member of a bundle is named so"),
        (not before or before[-1].name < member.name, "names stand in order, each once"),
        (most is None or member.size <= most, f"{member.size} bytes where at most {most} are read"),
        (len(before) < MEMBERS_MAX, f"a bundle has at most {MEMBERS_MAX} members"),
    ):
        if not holds:
            raise BundleBroken(member=member.name, offset=member.offset, why=why)


def _directory(members: list[Placed]) -> Iterator[tuple[str, bytes]]:
    """What follows the last content: each header, with the name of what it is about."""
    size = 0
    for member in members:
        header = central_header(member)
        size += len(header)
        yield member.name, header
    yield "end", end_records(count=len(members), offset=members[-1].end if members else 0, size=size)


def _at(stream: BinaryIO, offset: int, length: int) -> bytes:
    stream.seek(offset)
    return stream.read(length)


@dataclass(frozen=True)
class Listed:
    """A member as the manifest lists it."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds, who made it at which node of which kind, and when; `by` is the actor's record."""

    kind: str
    node: str
    made_at: datetime
    by: JsonObject
    items: tuple[Item, ...]
    members: Mapping[str, Listed]

    def as_body(self) -> JsonObject:
        """The manifest as the body of a statement."""
        return {
            "format": FORMAT,
            "kind": self.kind,
            "node": self.node,
            "made_at": stamp(self.made_at),
            "by": self.by,
            "items": [item.as_record() for item in self.items],
            "members": {name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in self.members.items()},
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Manifest":
        """Read `as_body` back; raises `ShapeBroken`, `NotAMoment` and as `Item.from_record`."""
        shapes.exactly(body, _MANIFEST_NAMES, field="manifest")
        if type(body["format"]) is not int or body["format"] != FORMAT:
            raise shapes.ShapeBroken(field="format", why=f"this reader knows format {FORMAT}")
        if body["kind"] not in KINDS:
            raise shapes.ShapeBroken(field="kind", why=f"expected one of {', '.join(KINDS)}")
        node = shapes.node(body["node"], field="node")
        if not isinstance(body["by"], dict) or body["by"].get("node") != node:
            raise shapes.ShapeBroken(field="by", why="expected the record of an official of the bundle's node")
        if not isinstance(body["items"], list):
            raise shapes.ShapeBroken(field="items", why="expected a list")
        manifest = cls(
            kind=body["kind"],
            node=node,
            made_at=moment(body["made_at"]),
            by=body["by"],
            items=tuple(Item.from_record(record) for record in body["items"]),
            members=_listed(body["members"]),
        )
        _hold_items(manifest)
        return manifest


def listed(members: Mapping[str, Member]) -> dict[str, Listed]:
    """Members as a manifest lists them."""
    return {name: Listed(bytes=one.size, sha256=one.sha256) for name, one in members.items()}


def read_manifest(bundle: Bundle) -> Statement:
    """The statement in `bundle.json`, not believed yet; raises `BundleBroken`, or what `Statement.from_bytes` raises."""
    return Statement.from_bytes(bundle.read(MANIFEST, limit=MANIFEST_BYTES_MAX), limit=MANIFEST_BYTES_MAX)


def hold_manifest(bundle: Bundle, manifest: Manifest, *, progress: Progress) -> None:
    """Hold that every listed member is there, whole and unaltered, and nothing else; raises `BundleBroken`."""
    there, said = set(bundle.names) - {MANIFEST}, set(manifest.members)
    for name in sorted(there ^ said):
        raise BundleBroken(
            member=name,
            offset=bundle.offset(name) if name in there else 0,
            why="the manifest does not list it" if name in there else "it is missing",
        )
    for name in sorted(said):
        digest = hashlib.sha256()
        for piece in bundle.stream(name):
            digest.update(piece)
            progress(len(piece))
        if Listed(bytes=bundle.size(name), sha256=digest.hexdigest()) != manifest.members[name]:
            raise BundleBroken(member=name, offset=bundle.offset(name), why="not the content that the manifest lists")


def _listed(members: object) -> dict[str, Listed]:
    if not isinstance(members, dict) or len(members) >= MEMBERS_MAX:
        raise shapes.ShapeBroken(field="members", why=f"expected an object of less than {MEMBERS_MAX} names")
    read = {}
    for name, record in members.items():
        most = None if name == MANIFEST else bytes_max(name)
        if most is None:
            raise shapes.ShapeBroken(field="members", why=f"{name[:60]!r} is no member that a manifest lists")
        shapes.exactly(record, ("bytes", "sha256"), field=name)
        read[name] = Listed(
            bytes=shapes.count(record["bytes"], field=name, most=most),
            sha256=shapes.digest(record["sha256"], field=name),
        )
    return read


def _hold_items(manifest: Manifest) -> None:
    """Hold that each item is there sealed, in its size, and no sealed item without its record; raises `ShapeBroken`."""
    said = {sealed_member(item.id): item.sealed_bytes for item in manifest.items}
    there = {name: one.bytes for name, one in manifest.members.items() if _SEALED.fullmatch(name)}
    if said != there or len(said) != len(manifest.items):
        raise shapes.ShapeBroken(field="items", why="they are not the sealed items among the members, each once")
