"""An item of evidence: its name, its size, the hash of its plaintext, and the commitment to its key.

* `sha256` is the evidential hash: of the plaintext, computed while it was sealed.
* `name` is a file name and never a path: it is safe to write on any desk's disk.
* `sealed_bytes` follows from `bytes`; a record in which it does not is refused.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from comity.canon import Json, JsonObject, plain
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.seal import sealed_size

ITEM_BYTES_MAX: Final = 2**40
NAME_CHARACTERS_MAX: Final = 120
NAME_BYTES_MAX: Final = 240
"""File systems take 255 bytes; a desk may add an ending of its own."""

FACTS: Final = ("name", "media_type", "bytes", "sha256", "key_commitment", "sealed_bytes")

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_SLASHES: Final = frozenset("/\\\u2044\u2215\u2216\u2571\u2572\u29f5\u29f8\u29f9")
"""What is a slash, and what looks like one: fraction, division and set minus, box drawings, solidus operators."""

_FORBIDDEN: Final = frozenset('/\\<>:"|?*\n')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


class NameNotSafe(ComityError):
    """A name cannot stand for a file on every desk."""

    code = "evidence.name_not_safe"
    sentence = N_("{name} is no safe file name: {why}")
    hint = N_("Give the item a plain file name, such as image-01.dd, and state the original path as its origin.")


@dataclass(frozen=True)
class Item:
    """One sealed item, as every record about it describes it."""

    id: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    key_commitment: str
    sealed_bytes: int

    def as_record(self) -> JsonObject:
        return {"id": self.id} | {name: getattr(self, name) for name in FACTS}

    @classmethod
    def from_record(cls, record: Json) -> "Item":
        """Read `as_record` back; raises `ShapeBroken`, `NameNotSafe` or `TextNotAllowed`."""
        shapes.exactly(record, ("id", *FACTS), field="item")
        if safe_name(record["name"]) != record["name"]:
            raise shapes.ShapeBroken(field="name", why="the text is not in its normal form")
        plain_bytes = shapes.count(record["bytes"], field="bytes", most=ITEM_BYTES_MAX)
        if record["sealed_bytes"] != sealed_size(plain_bytes):
            raise shapes.ShapeBroken(
                field="sealed_bytes", why=f"{plain_bytes} bytes are {sealed_size(plain_bytes)} when sealed"
            )
        return cls(
            id=shapes.reference(record["id"], field="id"),
            name=record["name"],
            media_type=media_type(record["media_type"]),
            bytes=plain_bytes,
            sha256=shapes.digest(record["sha256"], field="sha256"),
            key_commitment=shapes.digest(record["key_commitment"], field="key_commitment"),
            sealed_bytes=sealed_size(plain_bytes),
        )


def media_type(typed: object) -> str:
    """A media type such as `application/pdf`, without parameters; raises `ShapeBroken`."""
    if not isinstance(typed, str) or not _MEDIA_TYPE.fullmatch(typed):
        raise shapes.ShapeBroken(field="media_type", why=f"{str(typed)[:40]!r} is no media type")
    return typed


def safe_name(typed: object) -> str:
    """The file name that somebody typed, in NFC; raises `NameNotSafe` or `TextNotAllowed`.

    Refused is what some system would read as a path, a device or a hidden file; a look-alike of a slash too.
    """
    name = plain(typed, field="name", limit=NAME_CHARACTERS_MAX)
    alike = unicodedata.normalize("NFKC", name)
    if found := sorted({*name} & (_FORBIDDEN | _SLASHES) | {*alike} & {"/", "\\"}):
        raise NameNotSafe(name=repr(name), why=f"it contains {' '.join(found)}")
    if name.startswith(".") or alike.startswith("."):
        raise NameNotSafe(name=repr(name), why="it begins with a dot")
    if name.endswith("."):
        raise NameNotSafe(name=repr(name), why="it ends with a dot")
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip()):
        raise NameNotSafe(name=repr(name), why="some systems read it as a device")
    if len(name.encode()) > NAME_BYTES_MAX:
        raise NameNotSafe(name=repr(name[:40]), why=f"it has more than {NAME_BYTES_MAX} bytes in UTF-8")
    return name
