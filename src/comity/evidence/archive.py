"""The headers of a canonical ZIP: from a member's name, size, CRC-32 and place follows every byte around its content.

    local header, content    for each member, in the order of their names, without a gap
    directory                one central header each, in the same order
    end                      where a figure needs it, ZIP64's end record and locator come first

* Stored, not compressed; no flags, no comments, no dates (1980-01-01), regular files of mode 0644.
* The only extra field is ZIP64's, and only with the figures that do not fit: there is one way to write each header.
* A reader therefore writes each header again and compares: what it does not know, it does not tolerate.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.4 and 4.5.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct, pack
from typing import Final

from comity.errors import N_, ComityError

NAME_CHARACTERS_MAX: Final = 200
HEADER_BYTES_MAX: Final = 30 + NAME_CHARACTERS_MAX + 20
"""The longest local header: fixed part, name, ZIP64's field."""

LOCAL_SIGNATURE: Final = b"PK\x03\x04"
SHORT_MAX: Final = 0xFFFF
LONG_MAX: Final = 0xFFFF_FFFF
"""Figures that mean "see ZIP64" and are therefore never themselves written in the short place."""

_VERSION: Final = 20
_VERSION_ZIP64: Final = 45
_MADE_BY: Final = (3 << 8) | _VERSION_ZIP64  # Unix, so that the mode counts
_DATE: Final = (1 << 5) | 1  # 1 January of the year 0 of DOS
_MODE: Final = 0o100644 << 16
_ZIP64: Final = 1

_LOCAL: Final = Struct("<4s5H3L2H")
_CENTRAL: Final = Struct("<4s6H3L5H2L")
_END: Final = Struct("<4s4H2LH")
_END_ZIP64: Final = Struct("<4sQ2H2L4Q")
_LOCATOR: Final = Struct("<4sLQL")
_SIZES_ZIP64: Final = Struct("<2H2Q")


class BundleBroken(ComityError):
    """A bundle is not, byte for byte, what its format and its manifest say."""

    code = "evidence.bundle_broken"
    sentence = N_("the bundle is broken at byte {offset} ({member}): {why}")
    hint = N_("Ask whoever exported it for the bundle again; do not repair it.")


@dataclass(frozen=True)
class Placed:
    """A member and where its local header begins."""

    name: str
    size: int
    crc32: int
    offset: int

    @property
    def content(self) -> int:
        """Where its content begins."""
        return self.offset + len(local_header(self))

    @property
    def end(self) -> int:
        """Where the next header begins."""
        return self.content + self.size


def local_header(member: Placed) -> bytes:
    """What stands before the content."""
    extra = _zip64(member.size, member.size) if member.size >= LONG_MAX else b""
    size = min(member.size, LONG_MAX)
    name = member.name.encode("ascii")
    fixed = (LOCAL_SIGNATURE, _needed(extra), 0, 0, 0, _DATE, member.crc32, size, size, len(name), len(extra))
    return _LOCAL.pack(*fixed) + name + extra


def central_header(member: Placed) -> bytes:
    """The member's entry in the directory."""
    sizes = (member.size, member.size) if member.size >= LONG_MAX else ()
    extra = _zip64(*sizes, *((member.offset,) if member.offset >= LONG_MAX else ()))
    size, offset = min(member.size, LONG_MAX), min(member.offset, LONG_MAX)
    name = member.name.encode("ascii")
    return (
        _CENTRAL.pack(
            *(b"PK\x01\x02", _MADE_BY, _needed(extra), 0, 0, 0, _DATE, member.crc32, size, size),
            *(len(name), len(extra), 0, 0, 0, _MODE, offset),
        )
        + name
        + extra
    )


def end_records(*, count: int, offset: int, size: int) -> bytes:
    """What stands after a directory of `count` entries, of `size` bytes, that begins at `offset`."""
    short = (min(count, SHORT_MAX), min(size, LONG_MAX), min(offset, LONG_MAX))
    end = _END.pack(b"PK\x05\x06", 0, 0, short[0], *short, 0)
    if count < SHORT_MAX and max(size, offset) < LONG_MAX:
        return end
    body = _END_ZIP64.size - 12  # what follows the length
    long = _END_ZIP64.pack(b"PK\x06\x06", body, _MADE_BY, _VERSION_ZIP64, 0, 0, count, count, size, offset)
    return long + _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1) + end


def read_local(found: bytes, *, offset: int) -> Placed:
    """The member whose local header `found` begins with; raises `BundleBroken` unless it is the one way to write it."""
    if len(found) < _LOCAL.size:
        raise BundleBroken(member="local header", offset=offset, why="the file ends within it")
    *_, crc32, size, _, length, _ = _LOCAL.unpack_from(found)
    start = _LOCAL.size + length
    name = found[_LOCAL.size : start].decode("latin-1")
    if length > NAME_CHARACTERS_MAX or not name.isascii() or not name.isprintable():
        raise BundleBroken(
            member="local header", offset=offset, why=f"a name has at most {NAME_CHARACTERS_MAX} ASCII characters"
        )
    if size == LONG_MAX and len(found) >= start + _SIZES_ZIP64.size:
        _, _, size, _ = _SIZES_ZIP64.unpack_from(found, start)
    member = Placed(name=name, size=size, crc32=crc32, offset=offset)
    hold_same(found, local_header(member), member=name, offset=offset)
    return member


def hold_same(found: bytes, expected: bytes, *, member: str, offset: int) -> None:
    """Hold that what lies at `offset` begins with what is expected there; raises `BundleBroken`."""
    if found[: len(expected)] == expected:
        return
    same = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), len(found))
    raise BundleBroken(member=member, offset=offset + same, why="not the header that belongs there")


def _needed(extra: bytes) -> int:
    return _VERSION_ZIP64 if extra else _VERSION


def archive_bytes(sizes: Mapping[str, int]) -> int:
    """How long the one archive of members with these sizes is: no header's length hangs on a content."""
    offset = directory = 0
    for name in sorted(sizes):
        placed = Placed(name=name, size=sizes[name], crc32=0, offset=offset)
        offset = placed.end
        directory += len(central_header(placed))
    return offset + directory + len(end_records(count=len(sizes), offset=offset, size=directory))


def _zip64(*figures: int) -> bytes:
    return pack(f"<2H{len(figures)}Q", _ZIP64, 8 * len(figures), *figures) if figures else b""
