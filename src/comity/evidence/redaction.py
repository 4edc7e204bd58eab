"""Redaction that can be checked: a text as a tree of its fields, of which some are closed and still counted.

* A field is a JSON pointer (RFC 6901) and a value that holds no others. The fields in the order of their pointers are the
  leaves of a Merkle tree (RFC 6962); its root is signed.
* A leaf holds the pointer and a commitment to the value: SHA-256 over the value and a salt of its own. So a closed field shows
  where it stands and nothing of what it says, also where there are few values to guess from.
* The salts follow from one secret for each text (HMAC-SHA256 over the pointer), which stays on the node.
* Whoever holds the original and the secret computes the root again: nothing was added, left out or said otherwise.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.canon import Json, JsonObject, canonical
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.ledger.tree import leaf_hash
from comity.ledger.tree import root as tree_root

FIELDS_MAX: Final = 20_000
DEPTH_MAX: Final = 40
SECRET_BYTES: Final = 32
_POINTER: Final = re.compile(r"(/([^~/]|~[01])*)*")
_POINTER_CHARACTERS_MAX: Final = 500


class RedactionBroken(ComityError):
    """A redacted text is not one whose fields add up to the root that was signed."""

    code = "evidence.redaction_broken"
    sentence = N_("the redacted text does not hold at {where}: {why}")


@dataclass(frozen=True)
class Field:
    """One field: open with value and salt, or closed (`salt` empty), with its commitment alone."""

    pointer: str
    commitment: str
    salt: str = ""
    value: Json = None

    @property
    def is_open(self) -> bool:
        """Whether its value is told."""
        return bool(self.salt)

    def leaf(self) -> bytes:
        """The hash of its leaf."""
        return leaf_hash(canonical({"pointer": self.pointer, "value": self.commitment}))

    def as_record(self) -> JsonObject:
        """The field as JSON."""
        if self.is_open:
            return {"pointer": self.pointer, "salt": self.salt, "value": self.value}
        return {"pointer": self.pointer, "commitment": self.commitment}


def fields_of(document: JsonObject, *, secret: bytes) -> tuple[Field, ...]:
    """Every field of a text, all of them open; raises `RedactionBroken` for more than `FIELDS_MAX` or `DEPTH_MAX`."""
    assert len(secret) == SECRET_BYTES, "a secret is drawn once for each text"
    found = sorted(_walked(document, "", 0))
    if len(found) > FIELDS_MAX:
        raise RedactionBroken(where="its fields", why=f"{len(found)}, and at most {FIELDS_MAX} are read")
    made = []
    for pointer, value in found:
        salt = hmac.new(secret, pointer.encode(), hashlib.sha256).hexdigest()
        made.append(Field(pointer=pointer, commitment=_commitment(value, salt), salt=salt, value=value))
    return tuple(made)


def _walked(value: Json, pointer: str, depth: int) -> Iterator[tuple[str, Json]]:
    if depth > DEPTH_MAX:
        raise RedactionBroken(where=pointer[:80], why=f"more than {DEPTH_MAX} levels")
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _walked(inner, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", depth + 1)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _walked(inner, f"{pointer}/{place:04}", depth + 1)
    else:
        yield pointer, value


def _commitment(value: Json, salt: str) -> str:
    return hashlib.sha256(canonical({"salt": salt, "value": value})).hexdigest()


def root_of(fields: Iterable[Field]) -> str:
    """The root of the tree over these fields, in hexadecimal."""
    return tree_root([one.leaf() for one in fields]).hex()


def redacted(fields: tuple[Field, ...], *, closed: Iterable[str]) -> tuple[Field, ...]:
    """The same fields, those at and below these pointers closed; raises `RedactionBroken` for a pointer of no field."""
    listed = sorted(set(closed))
    for pointer in listed:
        if not any(_below(one.pointer, pointer) for one in fields):
            raise RedactionBroken(where=pointer[:80], why="the text has no such field")
    return tuple(
        Field(pointer=one.pointer, commitment=one.commitment)
        if any(_below(one.pointer, pointer) for pointer in listed)
        else one
        for one in fields
    )


def _below(pointer: str, above: str) -> bool:
    return pointer == above or pointer.startswith(f"{above}/")


def as_document(fields: tuple[Field, ...]) -> JsonObject:
    """The redacted text as the JSON that is handed out."""
    return {"fields": [one.as_record() for one in fields]}


def read_redacted(document: JsonObject, *, root: str) -> tuple[Field, ...]:
    """The fields of a redacted text, held to the root that was signed; raises `RedactionBroken` or `ShapeBroken`."""
    listed = shapes.exactly(document, ("fields",), field="redacted text")["fields"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= FIELDS_MAX:
        raise RedactionBroken(where="its fields", why=f"expected 1 to {FIELDS_MAX}")
    fields = tuple(_read(one, place) for place, one in enumerate(listed))
    pointers = [one.pointer for one in fields]
    if pointers != sorted(set(pointers)):
        raise RedactionBroken(where="its fields", why="they stand in the order of their pointers, each once")
    if root_of(fields) != root:
        raise RedactionBroken(where="its root", why="the fields do not add up to the root that was signed")
    return fields


def _read(told: Json, place: int) -> Field:
    match told:
        case {"pointer": str(pointer), "commitment": str(commitment), **rest} if not rest:
            salt, value = "", None
            shapes.digest(commitment, field="commitment")
        case {"pointer": str(pointer), "salt": str(salt), "value": value, **rest} if not rest:
            shapes.digest(salt, field="salt")
            if isinstance(value, dict | list) and value:
                raise RedactionBroken(where=f"field {place}", why="a field holds no others")
            commitment = _commitment(value, salt)
        case _:
            raise RedactionBroken(
                where=f"field {place}", why="expected pointer with value and salt, or with commitment"
            )
    if len(pointer) > _POINTER_CHARACTERS_MAX or not _POINTER.fullmatch(pointer):
        raise RedactionBroken(where=f"field {place}", why="its pointer is none (RFC 6901)")
    return Field(pointer=pointer, commitment=commitment, salt=salt, value=value)
