"""A redacted text adds up to the root that was signed, whatever is closed, and nothing else does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import JsonObject, canonical
from comity.errors import ComityError
from comity.evidence.redaction import (
    DEPTH_MAX,
    RedactionBroken,
    as_document,
    fields_of,
    read_redacted,
    redacted,
    root_of,
)

SECRET = b"s" * 32
names = st.text(st.characters(codec="utf-8", categories=["L", "N"], include_characters="/~"), min_size=1, max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
texts = st.dictionaries(names, values, min_size=1, max_size=5)


@given(texts, st.data())
def test_what_stays_open_says_the_same_and_adds_up_to_the_same_root(text: JsonObject, data: st.DataObject):
    fields = fields_of(text, secret=SECRET)
    closed = data.draw(st.sets(st.sampled_from([one.pointer for one in fields])))
    part = redacted(fields, closed=closed)
    document = json.loads(canonical(as_document(part)))
    read = read_redacted(document, root=root_of(fields))
    assert {one.pointer: one.value for one in read if one.is_open} == {
        one.pointer: one.value for one in fields if one.pointer not in closed
    }
    assert {one.pointer for one in read if not one.is_open} == closed
    shown = canonical(document).decode()
    assert not any(one.salt in shown for one in fields if one.pointer in closed), "nobody can guess at what is closed"


def changes(document: JsonObject) -> dict[str, Any]:
    """Every way in which somebody might alter a redacted text."""
    fields = document["fields"]
    closed = next(one for one in fields if "commitment" in one)
    opened = next(one for one in fields if "salt" in one)
    return {
        "another value": [one | {"value": "other"} if one is opened else one for one in fields],
        "another salt": [one | {"salt": "0" * 64} if one is opened else one for one in fields],
        "another pointer": [one | {"pointer": "/zzz"} if one is opened else one for one in fields],
        "another commitment": [one | {"commitment": "0" * 64} if one is closed else one for one in fields],
        "opened as something": [
            {"pointer": one["pointer"], "salt": "0" * 64, "value": "x"} if one is closed else one for one in fields
        ],
        "one less": fields[1:],
        "one more": [*fields, opened | {"pointer": "/zzzz"}],
        "one twice": [*fields, opened],
        "another order": fields[::-1],
        "none": [],
        "no list": "x",
        "an object for a value": [one | {"value": {"a": 1}} if one is opened else one for one in fields],
        "both": [one | {"commitment": "0" * 64} if one is opened else one for one in fields],
        "a salt that is none": [one | {"salt": "x"} if one is opened else one for one in fields],
    }


TEXT: JsonObject = {"reference": "r", "facts": {"names": ["A", "B"], "empty": {}}, "urgent": True}
DOCUMENT = as_document(redacted(fields_of(TEXT, secret=SECRET), closed=["/facts/names"]))


@pytest.mark.parametrize("how", sorted(changes(DOCUMENT)))
def test_an_altered_redacted_text_is_refused(how: str):
    with pytest.raises(ComityError):
        read_redacted({"fields": changes(DOCUMENT)[how]}, root=root_of(fields_of(TEXT, secret=SECRET)))


def test_a_pointer_closes_everything_below_it_and_one_of_nothing_is_refused():
    fields = fields_of(TEXT, secret=SECRET)
    closed = [one.pointer for one in redacted(fields, closed=["/facts"]) if not one.is_open]
    assert closed == ["/facts/empty", "/facts/names/0000", "/facts/names/0001"]
    with pytest.raises(RedactionBroken):
        redacted(fields, closed=["/fact"])


def test_another_secret_gives_another_root_for_the_same_text():
    assert root_of(fields_of(TEXT, secret=SECRET)) != root_of(fields_of(TEXT, secret=b"t" * 32))


def test_a_text_that_is_too_deep_is_refused():
    deep: Any = "x"
    for _ in range(DEPTH_MAX + 1):
        deep = {"a": deep}
    with pytest.raises(RedactionBroken):
        fields_of(deep, secret=SECRET)
