"""Canonical bytes: one value, one byte string (RFC 8785), so that a hash or a signature means one thing.

* `canonical` writes; `parse` reads and refuses everything that `canonical` would not have written.
* Numbers are integers within +-(2**53 - 1): no floats, so no two readers can disagree on one.
* `plain` is the one gate for text that people typed.
* `doubts` says what in a name looks like something else; `harmless` writes a cell that no spreadsheet runs.
* `stamp` and `moment` fix the one spelling of a time: UTC, milliseconds, `2026-11-23T09:00:00.000Z`.
"""

from comity.canon.json import Json, JsonObject, NotCanonical, TooLarge, canonical, parse, parse_object, sha256_hex
from comity.canon.likeness import Doubt, doubts
from comity.canon.text import TextNotAllowed, folded, harmless, plain
from comity.canon.time import NotAMoment, moment, stamp

__all__ = [
    "Doubt",
    "Json",
    "JsonObject",
    "NotAMoment",
    "NotCanonical",
    "TextNotAllowed",
    "TooLarge",
    "canonical",
    "doubts",
    "folded",
    "harmless",
    "moment",
    "parse",
    "parse_object",
    "plain",
    "sha256_hex",
    "stamp",
]
