"""The shapes of what an evidence record states: each function returns the value or raises `ShapeBroken` naming the field."""

import re
from collections.abc import Collection
from typing import Final

from comity.canon import Json, JsonObject, plain
from comity.errors import N_, ComityError

TEXT_CHARACTERS_MAX: Final = 4000

_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NODE: Final = re.compile(r"[a-z0-9-]{1,40}")


class ShapeBroken(ComityError):
    """A field of an evidence record is not what its format fixes."""

    code = "evidence.shape_broken"
    sentence = N_("{field}: {why}")


def exactly(value: Json, names: Collection[str], *, field: str) -> JsonObject:
    """An object with these names and no other."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise ShapeBroken(field=field, why=f"expected exactly {', '.join(sorted(names))}")
    return value


def reference(value: Json, *, field: str) -> str:
    """A random reference: 32 lower-case hexadecimal characters."""
    return _shaped(value, _REFERENCE, field=field, expected="a reference of 32 hexadecimal characters")


def digest(value: Json, *, field: str) -> str:
    """A SHA-256: 64 lower-case hexadecimal characters."""
    return _shaped(value, _DIGEST, field=field, expected="a digest of 64 hexadecimal characters")


def digest_or_none(value: Json, *, field: str) -> str:
    """A SHA-256, or the empty text where there is none."""
    return "" if value == "" else digest(value, field=field)


def node(value: Json, *, field: str) -> str:
    """A node's id."""
    return _shaped(value, _NODE, field=field, expected="a node's id")


def count(value: Json, *, field: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ShapeBroken(field=field, why=f"{str(value)[:40]!r} is no whole number from 0 to {most}")
    return value


def text(value: Json, *, field: str) -> str:
    """A text for people, in its one normal form; raises `TextNotAllowed` too."""
    if plain(value, field=field, limit=TEXT_CHARACTERS_MAX, lines=True) != value:
        raise ShapeBroken(field=field, why="the text is not in its normal form")
    return str(value)


def _shaped(value: Json, shape: re.Pattern[str], *, field: str, expected: str) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ShapeBroken(field=field, why=f"{str(value)[:40]!r} is not {expected}")
    return value
