"""The bundle: a ZIP file in which a stranger checks an item and all that was done with it, with public keys and no node.

* One way to write it (`archive`), so every flipped, missing or extra byte is found: around the contents by writing
  the headers again, within them by CRC-32 and SHA-256 on reading.
* The ZIP holds one BagIt bag (`bag`); names here are those of the members within it.
* `bundle.json` is the manifest, a signed statement: it lists every other member with size and SHA-256.
* A member's name follows from what it holds; any other name is refused, and so is every path that leads elsewhere.
* Contents are iterated: an item of many GiB is read twice (measured, then written) and never held in memory.

A bundle proves nothing by itself: the statements in it do, each under keys that the reader trusts already.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence import bag, shapes
from comity.evidence.archive import (
    HEADER_BYTES_MAX,
    LOCAL_SIGNATURE,
    BundleBroken,
    Placed,
    archive_bytes,
    central_header,
    end_records,
    hold_same,
    local_header,
    read_local,
)
from comity.evidence.item import Item
from comity.evidence.member import MANIFEST, MANIFEST_BYTES_MAX, MEMBERS_MAX, bytes_max, is_sealed, sealed_member

BUNDLE: Final = "comity/bundle/v1"
FORMAT: Final = 2
FORMATS: Final = (1, 2)
"""What is read: format 1 brings no ends of decisions and no reviews of its item."""
KINDS: Final = ("live", "drill", "demo")

CHUNK_BYTES: Final = 1024 * 1024
NAME_SHOWN_MAX: Final = 120
TAG_BYTES_MAX: Final = 32 * 1024 * 1024
TAGS_BEFORE: Final = 2
"""Tag files whose names stand before those of the members."""

_MANIFEST_NAMES: Final = ("format", "kind", "node", "made_at", "by", "items", "members")
Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class MemberChanged(ComityError):
    """A member was not the same when it was written as when it was measured."""

    code = "evidence.member_changed"
    sentence = N_("{member} changed while the bundle was written")
    hint = N_("Throw the unfinished bundle away and export again.")


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
    for number, name in enumerate(sorted(members)):
        _hold_member(name, members[name].size, count=number, offset=0)
    parts = {bag.PAYLOAD + name: member for name, member in members.items()}
    tagged = bag.tag_files(
        sizes={name: member.size for name, member in members.items()},
        digests={name: member.sha256 for name, member in members.items()},
    )
    parts |= {name: Member.of(content) for name, content in tagged.items()}
    written: list[Placed] = []
    for name in sorted(parts):
        size, crc32 = parts[name].size, parts[name].crc32
        written.append(Placed(name=name, size=size, crc32=crc32, offset=written[-1].end if written else 0))
        yield local_header(written[-1])
        silent = name in tagged
        yield from _content(parts[name], name=_shown(name), progress=_unheard if silent else progress)
    yield from (header for _, header in _directory(written))


def _content(member: Member, *, name: str, progress: Progress) -> Iterator[bytes]:
    size = crc32 = 0
    for piece in member.open():
        yield piece
        size, crc32 = size + len(piece), zlib.crc32(piece, crc32)
        progress(len(piece))
    if (size, crc32) != (member.size, member.crc32):
        raise MemberChanged(member=name)


def _unheard(_length: int) -> None:
    """Nobody listens to the progress."""


def bundle_bytes(sizes: Mapping[str, int]) -> int:
    """How long the one bundle of members with these sizes is: nothing but a content hangs on a content."""
    tagged = bag.tag_files(sizes=sizes, digests=dict.fromkeys(sizes, "0" * 64))
    return archive_bytes(
        {bag.PAYLOAD + name: size for name, size in sizes.items()}
        | {name: len(content) for name, content in tagged.items()}
    )


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose headers hold; contents are checked as they are read. Only `read_bundle` makes one."""

    _stream: BinaryIO
    _members: Mapping[str, Placed]
    _digests: Mapping[str, str]

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

    def digest(self, name: str) -> str:
        """SHA-256 of a member as the bag lists it; who reads the member to its end has it held."""
        self._member(name)
        return self._digests[name]

    def stream(self, name: str) -> Iterator[bytes]:
        """A member in pieces; raises `BundleBroken` if it is missing, or, after the last piece, if it was altered."""
        member, digest = self._member(name), hashlib.sha256()
        for piece in _pieces(self._stream, member, name=name):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != self._digests[name]:
            raise BundleBroken(member=name, offset=member.content, why="its content was altered (SHA-256)")

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
        part = read_local(found, offset=offset)
        _hold_next(part, read)
        if part.end > total:
            raise BundleBroken(member=_shown(part.name), offset=total, why="the file ends within it")
        read.append(part)
        offset = part.end
    for name, expected in _directory(read):
        hold_same(_at(stream, offset, len(expected)), expected, member=_shown(name), offset=offset)
        offset += len(expected)
    if offset != total:
        raise BundleBroken(member="end", offset=offset, why=f"{total - offset} bytes follow the end")
    members = {_shown(one.name): one for one in read if one.name.startswith(bag.PAYLOAD)}
    digests = _hold_tags(stream, {one.name: one for one in read}, members)
    return Bundle(stream, members, digests)


def _hold_tags(stream: BinaryIO, parts: Mapping[str, Placed], members: Mapping[str, Placed]) -> dict[str, str]:
    """Hold that the tag files are those of a bag of these members; what they say of each. Raises `BundleBroken`."""
    for name in bag.TAG_FILES:
        if name not in parts:
            raise BundleBroken(member=name, offset=0, why="it is missing: a bundle is a BagIt bag")
    found = {name: b"".join(_pieces(stream, parts[name], name=name)) for name in bag.TAG_FILES}
    digests = bag.read_manifest(found[bag.MANIFEST])
    if digests is None or digests.keys() != members.keys():
        place = parts[bag.MANIFEST].content
        raise BundleBroken(member=bag.MANIFEST, offset=place, why="it does not list each member with its SHA-256, once")
    tagged = bag.tag_files(sizes={name: one.size for name, one in members.items()}, digests=digests)
    for name in bag.TAG_FILES:
        if found[name] != tagged[name]:
            raise BundleBroken(member=name, offset=parts[name].content, why="not what a bag of these members says")
    return digests


def _pieces(stream: BinaryIO, part: Placed, *, name: str) -> Iterator[bytes]:
    """The content of a part; raises `BundleBroken` if the file ends within it, or, at its end, if it was altered."""
    crc32, left = 0, part.size
    while left:
        stream.seek(part.end - left)
        piece = stream.read(min(left, CHUNK_BYTES))
        if not piece:
            raise BundleBroken(member=name, offset=part.end - left, why="the file ends within it")
        crc32, left = zlib.crc32(piece, crc32), left - len(piece)
        yield piece
    if crc32 != part.crc32:
        raise BundleBroken(member=name, offset=part.content, why="its content was altered (CRC-32)")


def _shown(name: str) -> str:
    """The name of a member, of a tag file or of a part of the directory, as a refusal says it."""
    return name.removeprefix(bag.PAYLOAD)


def _hold_next(part: Placed, before: list[Placed]) -> None:
    """Hold that a bundle may go on with this part; raises `BundleBroken`."""
    name, count = _shown(part.name), len(before)
    if before and not before[-1].name < part.name:
        raise BundleBroken(member=name, offset=part.offset, why="names stand in order, each once")
    if part.name not in bag.TAG_FILES:
        held = name if part.name.startswith(bag.PAYLOAD) else f"{part.name} outside {bag.PAYLOAD}"
        _hold_member(held, part.size, count=max(0, count - TAGS_BEFORE), offset=part.offset)
    elif part.size > TAG_BYTES_MAX:
        raise BundleBroken(
            member=name, offset=part.offset, why=f"{part.size} bytes where at most {TAG_BYTES_MAX} are read"
        )


def _hold_member(name: str, size: int, *, count: int, offset: int) -> None:
    """Hold that a bundle of `count` members may go on with this one; raises `BundleBroken`."""
    most = bytes_max(name)
    for holds, why in (
        (most is not None, "no member of a bundle is named so"),
        (most is None or size <= most, f"{size} bytes where at most {most} are read"),
        (count < MEMBERS_MAX, f"a bundle has at most {MEMBERS_MAX} members"),
    ):
        if not holds:
            raise BundleBroken(member=name, offset=offset, why=why)


def _directory(members: list[Placed]) -> Iterator[tuple[str, bytes]]:
    """What follows the last content: each header, with the name of what it is about."""
    size = 0
    for member in members:
        header = central_header(member)
        size += len(header)
        yield _shown(member.name), header
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
    format: int = FORMAT

    def as_body(self) -> JsonObject:
        """The manifest as the body of a statement."""
        return {
            "format": self.format,
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
        if type(body["format"]) is not int or body["format"] not in FORMATS:
            raise shapes.ShapeBroken(
                field="format", why=f"this reader knows the formats {' and '.join(map(str, FORMATS))}"
            )
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
            format=body["format"],
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
        for piece in bundle.stream(name):
            progress(len(piece))
        if Listed(bytes=bundle.size(name), sha256=bundle.digest(name)) != manifest.members[name]:
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
    there = {name: one.bytes for name, one in manifest.members.items() if is_sealed(name)}
    if said != there or len(said) != len(manifest.items):
        raise shapes.ShapeBroken(field="items", why="they are not the sealed items among the members, each once")
