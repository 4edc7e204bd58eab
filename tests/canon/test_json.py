"""Canonical JSON: what is written can be read, what was not written so is refused."""

import enum
import json
from random import Random
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import NotCanonical, TooLarge, canonical, parse, parse_object, sha256_hex
from comity.canon.json import DEPTH_MAX, INTEGER_MAX

LIMIT = 100_000

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


class Colour(enum.StrEnum):
    RED = "red"


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"{}\n",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b"[1,]",
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"1e400",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b'"\\u0061"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\x01"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b"1" * 17,
        nested(DEPTH_MAX + 2),
        nested(20_000),
        b'{"a":' * 20_000,
        b"'a'",
        b"undefined",
    ],
)
def test_bytes_that_canonical_would_not_write_are_refused(data: bytes):
    with pytest.raises(NotCanonical):
        parse(data, limit=LIMIT)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1: "a"},
        {"a": {None: 1}},
        {"a"},
        object(),
        "\ud800",
        {"\udfff": 1},
        [[1.5]],
    ],
)
def test_values_without_a_canonical_form_are_refused(value: object):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_an_integer_too_long_to_print_is_refused_as_any_other():
    with pytest.raises(NotCanonical):
        canonical(10**5000)


def test_a_value_that_holds_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(NotCanonical, match="nested deeper"):
        canonical(value)


def test_one_byte_too_many_is_refused_before_it_is_read():
    with pytest.raises(TooLarge) as refused:
        parse(b"no json", limit=6)
    assert refused.value.facts == {"found": 7, "limit": 6}
    assert parse(b"[1,2,3]", limit=7) == [1, 2, 3]


@pytest.mark.parametrize("data", [b"[]", b"null", b'"a"', b"1"])
def test_an_object_is_asked_for_and_nothing_else_is_taken(data: bytes):
    with pytest.raises(NotCanonical, match="an object was expected"):
        parse_object(data, limit=LIMIT)
    assert parse_object(b"{}", limit=LIMIT) == {}


def test_the_deepest_nesting_that_is_written_is_read():
    deepest = nested(DEPTH_MAX + 1)
    assert canonical(parse(deepest, limit=LIMIT)) == deepest


def test_numbers_at_the_edge_keep_every_digit():
    for edge in (INTEGER_MAX, -INTEGER_MAX):
        assert parse(canonical(edge), limit=LIMIT) == edge


def test_names_are_sorted_by_utf16_as_in_the_example_of_rfc_8785_section_3_2_3():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == expected


def test_strings_are_escaped_as_in_the_example_of_rfc_8785_section_3_2_2():
    # the member "string" of the RFC's sample, and what section 3.2.2.2 makes of it
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    assert canonical(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


def test_a_tuple_and_a_word_of_an_enumeration_are_written_as_list_and_text():
    assert canonical((1, 2)) == b"[1,2]"
    assert canonical({"colour": Colour.RED}) == b'{"colour":"red"}'


def test_true_is_not_one():
    assert canonical([True, 1]) == b"[true,1]"


@given(VALUE)
def test_what_is_written_is_read_back_the_same(value: object):
    assert parse(canonical(value), limit=LIMIT) == value


@given(st.dictionaries(TEXT, VALUE, max_size=6), st.randoms())
def test_the_order_in_which_names_were_put_in_makes_no_difference(value: dict[str, object], random: Random):
    names = list(value)
    random.shuffle(names)
    assert canonical({name: value[name] for name in names}) == canonical(value)


@given(VALUE, st.data())
def test_bytes_with_one_changed_are_another_value_or_none(value: object, data: st.DataObject):
    written = bytearray(canonical(value))
    position = data.draw(st.integers(0, len(written) - 1))
    written[position] ^= data.draw(st.integers(1, 255))
    try:
        read = parse(bytes(written), limit=LIMIT)
    except NotCanonical:
        return
    assert canonical(read) == bytes(written) != canonical(value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_exactly_or_refused(data: bytes):
    try:
        value = parse(data, limit=LIMIT)
    except NotCanonical:
        return
    assert canonical(value) == data


def test_sha256_is_written_in_lower_case_hexadecimal():
    # FIPS 180-4, example "abc"
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(VALUE)
def test_the_fast_way_writes_the_same_bytes_as_the_library_for_rfc_8785(value: Any):
    assert canonical(value) == rfc8785.dumps(value)
