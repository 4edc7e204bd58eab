"""A file shows that a log only grew, under its own key, or is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comity.canon import JsonObject
from comity.errors import ComityError
from comity.ledger import (
    Checkpoint,
    Consistency,
    VerifierKey,
    consistency_proof,
    grow,
    hash_at,
    leaf_hash,
    open_checkpoint,
    sign_note,
)
from keys import LogKey

ORIGIN = "comity.example/log/cv"
KEY = LogKey.fresh(b"log")
LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]
VERIFIER = VerifierKey(name=ORIGIN, public=KEY.public)


def note(size: int, *, leaves: list[bytes] = LEAVES, key: LogKey = KEY, origin: str = ORIGIN) -> bytes:
    head = Checkpoint(origin=origin, size=size, root=grow(lambda _l, _i: b"", size=0, leaves=leaves[:size]).root)
    return sign_note(head.to_text(), key=VerifierKey(name=origin, public=key.public), sign=key.sign)


def path(size1: int, size2: int) -> list[bytes]:
    tiles = dict(grow(lambda _l, _i: b"", size=0, leaves=LEAVES[:size2]).tiles)
    return consistency_proof(size1=size1, size2=size2, hash_at=hash_at(lambda *place: tiles.get(place, b""), size2))


def verify(record: JsonObject) -> tuple[int, int]:
    read = Consistency.from_record(json.loads(json.dumps(record)))
    first, last = read.verify(opened=lambda one: open_checkpoint(one, key=VERIFIER, origin=ORIGIN))
    return first.size, last.size


PROOF = Consistency(note(77), note(300), path(77, 300)).as_record()


@pytest.mark.parametrize(("size1", "size2"), [(1, 1), (1, 2), (64, 300), (77, 300), (256, 257), (300, 300)])
def test_a_log_that_only_grew_is_shown_to(size1: int, size2: int):
    proof = path(size1, size2) if size1 < size2 else []
    assert verify(Consistency(note(size1), note(size2), proof).as_record()) == (size1, size2)


def changed(**parts: Any) -> JsonObject:
    return {"consistency": PROOF["consistency"] | parts}


OTHER = [leaf_hash(b"another first"), *LEAVES[1:]]
REFUSED: dict[str, Callable[[], JsonObject]] = {
    "the two swapped": lambda: changed(earlier=PROOF["consistency"]["later"], later=PROOF["consistency"]["earlier"]),
    "another beginning": lambda: changed(earlier=note(77, leaves=OTHER).decode()),
    "another end": lambda: changed(later=note(300, leaves=OTHER).decode()),
    "an empty tree": lambda: changed(earlier=note(0).decode()),
    "another key": lambda: changed(later=note(300, key=LogKey.fresh(b"thief")).decode()),
    "another log": lambda: changed(later=note(300, origin="comity.example/log/nl").decode()),
    "one hash less": lambda: changed(proof=PROOF["consistency"]["proof"][:-1]),
    "one hash more": lambda: changed(proof=PROOF["consistency"]["proof"] * 2),
    "too many hashes": lambda: changed(proof=["AAAA"] * 65),
    "no hashes": lambda: changed(proof=[]),
    "no base64": lambda: changed(proof=["*"]),
    "something else": lambda: changed(more=1),
    "nothing": dict,
}


@pytest.mark.parametrize("how", sorted(REFUSED))
def test_everything_else_is_refused(how: str):
    with pytest.raises(ComityError):
        verify(REFUSED[how]())
