from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import NotAMoment, NotCanonical, TooLarge, canonical
from comity.errors import ComityError
from comity.ledger import (
    ENTRY_BYTES_MAX,
    Checkpoint,
    CheckpointBroken,
    Entry,
    Inclusion,
    InclusionBroken,
    LogEntryBroken,
    NoteBroken,
    ProofDoesNotMatch,
    VerifierKey,
    grow,
    hash_at,
    inclusion_proof,
    leaf_hash,
    sign_note,
    verify_logged,
)
from keys import LogKey

ORIGIN: Final = "comity.example/log/nl"
PRIVATE: Final = LogKey.fresh(b"entry")
KEY: Final = VerifierKey(name=ORIGIN, public=PRIVATE.public)


def entry_number(number: int) -> Entry:
    return Entry(
        kind="letter.sent",
        at="2026-11-23T09:00:00.000Z",
        actor={"official": "o-1", "office": "liaison desk"},
        facts={"letter": f"{number:032x}"},
        statement="ab" * 32,
        salt=f"{number:064x}",
    )


def logged(index: int, *, size: int, origin: str = ORIGIN) -> tuple[Entry, Inclusion]:
    entries = [entry_number(number) for number in range(size)]
    grown = grow(lambda _level, _index: b"", size=0, leaves=[entry.leaf_hash for entry in entries])
    reading = hash_at(lambda level, number: grown.tiles[level, number], size)
    head = Checkpoint(origin=origin, size=size, root=grown.root)
    return entries[index], Inclusion(
        index=index,
        size=size,
        proof=inclusion_proof(index=index, size=size, hash_at=reading),
        checkpoint=sign_note(head.to_text(), key=KEY, sign=PRIVATE.sign),
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"kind": ""}, LogEntryBroken),
        ({"kind": "Letter"}, LogEntryBroken),
        ({"kind": "letter sent"}, LogEntryBroken),
        ({"kind": "letter\n"}, LogEntryBroken),
        ({"kind": "a" * 61}, LogEntryBroken),
        ({"at": "2026-11-23"}, NotAMoment),
        ({"at": "2026-02-30T09:00:00.000Z"}, NotAMoment),
        ({"statement": "ab"}, LogEntryBroken),
        ({"statement": "AB" * 32}, LogEntryBroken),
        ({"salt": ""}, LogEntryBroken),
        ({"salt": "0" * 63}, LogEntryBroken),
        ({"salt": "0" * 64 + "\n"}, LogEntryBroken),
        ({"type": "comity/log-entry/v2"}, LogEntryBroken),
        ({"actor": "somebody"}, LogEntryBroken),
        ({"facts": []}, LogEntryBroken),
        ({"salt": 0}, LogEntryBroken),
        ({"note": "one field more"}, LogEntryBroken),
    ],
)
def test_a_body_that_is_no_entry_is_refused(change: dict[str, Any], refusal: type[ComityError]):
    with pytest.raises(refusal):
        Entry.from_bytes(canonical(entry_number(1).as_body() | change))


@pytest.mark.parametrize("name", ["actor", "at", "facts", "kind", "salt", "statement", "type"])
def test_a_body_that_lacks_a_field_is_refused(name: str):
    body = entry_number(1).as_body()
    del body[name]
    with pytest.raises(LogEntryBroken):
        Entry.from_bytes(canonical(body))


@pytest.mark.parametrize("data", [b"", b"{}x", b"[]", b"\xff", entry_number(1).to_bytes() + b"\n", b'{"a": 1}'])
def test_bytes_that_are_not_canonical_are_refused(data: bytes):
    with pytest.raises(NotCanonical):
        Entry.from_bytes(data)


def test_an_entry_too_large_to_be_read_cannot_be_written():
    large = replace(entry_number(1), facts={"text": "x" * ENTRY_BYTES_MAX})
    with pytest.raises(TooLarge):
        large.to_bytes()
    with pytest.raises(TooLarge):
        Entry.from_bytes(canonical(large.as_body()))


def test_facts_that_are_no_json_are_refused():
    with pytest.raises(NotCanonical):
        replace(entry_number(1), facts={"share": 0.5}).to_bytes()


def test_the_leaf_is_the_hash_of_the_bytes():
    entry = entry_number(1)
    assert entry.leaf_hash == leaf_hash(entry.to_bytes())
    assert replace(entry, salt="f" * 64).leaf_hash != entry.leaf_hash


JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", max_size=5), JSON, max_size=4), st.sampled_from(["", "0" * 64]))
def test_every_entry_is_read_as_it_was_written(facts: dict[str, Any], statement: str):
    entry = replace(entry_number(7), facts=facts, statement=statement)
    assert Entry.from_bytes(entry.to_bytes()) == entry


@pytest.mark.parametrize(
    ("index", "size"), [(0, 1), (0, 2), (1, 2), (2, 3), (4, 5), (255, 256), (256, 257), (300, 700)]
)
def test_an_entry_in_the_log_is_verified(index: int, size: int):
    entry, inclusion = logged(index, size=size)
    head = verify_logged(entry, inclusion, key=KEY, origin=ORIGIN)
    assert (head.origin, head.size) == (ORIGIN, size)
    assert Inclusion.from_record(inclusion.as_record()) == inclusion


def test_another_entry_is_not_in_the_log():
    entry, inclusion = logged(2, size=5)
    changed = replace(entry, facts={"letter": "another"})
    with pytest.raises(ProofDoesNotMatch):
        verify_logged(changed, inclusion, key=KEY, origin=ORIGIN)


def test_an_entry_at_another_place_is_refused():
    entry, inclusion = logged(2, size=5)
    places: list[Any] = [0, 1, 3, 4, 5, -1, True, 2**60]
    for index in places:
        with pytest.raises(ProofDoesNotMatch):
            verify_logged(entry, replace(inclusion, index=index), key=KEY, origin=ORIGIN)


def test_a_place_in_a_tree_of_another_size_is_refused():
    entry, inclusion = logged(2, size=5)
    with pytest.raises(ProofDoesNotMatch):
        verify_logged(entry, replace(inclusion, size=6), key=KEY, origin=ORIGIN)


def test_a_checkpoint_of_another_log_or_key_is_refused():
    entry, inclusion = logged(2, size=5)
    with pytest.raises(CheckpointBroken):
        verify_logged(entry, inclusion, key=KEY, origin="comity.example/log/cv")
    stranger = VerifierKey(name=ORIGIN, public=LogKey.fresh(b"stranger").public)
    with pytest.raises(NoteBroken):
        verify_logged(entry, inclusion, key=stranger, origin=ORIGIN)


def test_a_checkpoint_signed_for_another_origin_is_refused():
    entry, inclusion = logged(2, size=5, origin="comity.example/log/cv")
    with pytest.raises(CheckpointBroken):
        verify_logged(entry, inclusion, key=KEY, origin=ORIGIN)


@pytest.mark.parametrize(
    "change",
    [
        {"index": "2"},
        {"index": None},
        {"proof": "AAAA"},
        {"proof": [1]},
        {"proof": ["A"]},
        {"proof": ["é"]},
        {"proof": ["AAAA"] * 65},
        {"checkpoint": None},
        {"checkpoint": "\ud800"},
        {"size": 5},
    ],
)
def test_what_is_no_record_of_a_place_is_refused(change: dict[str, Any]):
    _, inclusion = logged(2, size=5)
    with pytest.raises(InclusionBroken):
        Inclusion.from_record(inclusion.as_record() | change)


def test_a_record_with_a_broken_checkpoint_is_refused():
    _, inclusion = logged(2, size=5)
    with pytest.raises(NoteBroken):
        Inclusion.from_record(inclusion.as_record() | {"checkpoint": "no note"})


def test_a_short_hash_in_a_record_is_refused_when_it_is_verified():
    entry, inclusion = logged(2, size=5)
    record = inclusion.as_record()
    record["proof"][0] = "AAAA"
    with pytest.raises(ProofDoesNotMatch):
        verify_logged(entry, Inclusion.from_record(record), key=KEY, origin=ORIGIN)
