"""Canonical JSON (RFC 8785), read as strictly as it is written."""

import hashlib
import json
from typing import Any, Final, TypeAlias

import rfc8785

from comity.errors import N_, ComityError

Json: TypeAlias = Any  # what JSON can hold; checked when it is written, not by the type checker
JsonObject: TypeAlias = dict[str, Any]

DEPTH_MAX = 32
"""Levels of nesting that `parse` follows."""

VALUES_MAX: Final = 1_000_000
"""The most values that `parse` unfolds: each takes some 70 bytes in memory, and two in a text. A bundle of 100,000 members
lists 300,000."""

INTEGER_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 7493, section 2.2)."""

DIGITS_MAX = len(str(-INTEGER_MAX))
"""A longer integer is refused before Python spends time on it."""


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
)


class NotCanonical(ComityError):
    """The bytes or the value are not canonical JSON."""

    code = "canon.not_canonical"
    sentence = N_("these bytes are not canonical JSON (RFC 8785): {why}")
    hint = N_("Write them again with the sender's original text; do not re-format a signed document.")


class TooLarge(ComityError):
    """More bytes than the reader accepts."""

    code = "canon.too_large"
    sentence = N_("{found} bytes were handed in where at most {limit} are read")
    hint = N_("Split it, or ask the receiver for its limits.")


def canonical(value: Json) -> bytes:
    """The one byte string of a value: RFC 8785; raises `NotCanonical` for what JSON or Comity cannot hold.

    Where every name is ASCII, the standard library's encoder writes the same bytes many times faster; a property test
    holds the two together. Other names sort by UTF-16 units, which only the library for RFC 8785 does.
    """
    plain_names = _check(value, depth=0)
    try:
        if plain_names:
            return _ENCODER.encode(value).encode("utf-8")
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as refused:
        raise NotCanonical(why=str(refused)) from refused


def parse(data: bytes, *, limit: int) -> Json:
    """Read canonical bytes of at most `limit` bytes; raises `TooLarge` or `NotCanonical`.

    Anything that `canonical` would write differently is refused: white space, duplicate or unsorted names, floats.
    """
    if len(data) > limit:
        raise TooLarge(found=len(data), limit=limit)
    # Each value but the outermost follows a bracket or a comma. Those within texts count as well, so this is never too few.
    if 1 + sum(data.count(mark) for mark in (b"[", b"{", b",")) > VALUES_MAX:
        raise NotCanonical(why=f"more than {VALUES_MAX} values")
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_constant, parse_int=_bounded)
    except (ValueError, RecursionError) as broken:  # text that is no UTF-8 or no JSON is a ValueError
        raise NotCanonical(why=str(broken)) from broken
    if canonical(value) != data:
        raise NotCanonical(why="the same value has another canonical form")
    return value


def parse_object(data: bytes, *, limit: int) -> JsonObject:
    """As `parse`, for a document whose outermost value is an object."""
    value = parse(data, limit=limit)
    if not isinstance(value, dict):
        raise NotCanonical(why=f"an object was expected, found {type(value).__name__}")
    return value


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _check(value: Json, *, depth: int) -> bool:
    """Hold that the value is one of ours; whether all its names are ASCII."""
    if depth > DEPTH_MAX:
        raise NotCanonical(why=f"nested deeper than {DEPTH_MAX} levels")
    plain = (
        str if depth < DEPTH_MAX else None
    )  # most of what we write is text, which is asked only where it lies too deep
    match value:
        case None | bool() | str():
            return True
        case int():
            if abs(value) > INTEGER_MAX:
                raise NotCanonical(why="an integer beyond those that every reader keeps exact (2**53 - 1)")
            return True
        case list() | tuple():
            return all([_check(item, depth=depth + 1) for item in value if type(item) is not plain])  # noqa: C419 - every item is held, also after the first answer
        case dict():
            for name in value:
                if not isinstance(name, str):
                    raise NotCanonical(why=f"the name {name!r} is not text")
            names = "".join(value).isascii()
            return all([_check(item, depth=depth + 1) for item in value.values() if type(item) is not plain]) and names  # noqa: C419 - as above
        case _:
            raise NotCanonical(why=f"{type(value).__name__} is no JSON value here (no floats, no dates)")


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _bounded(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)
