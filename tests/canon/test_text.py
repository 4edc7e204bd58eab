"""Text that people typed: one normal form, no character that hides or deceives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import TextNotAllowed, plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "\u00a0\t\n",
        "a\0b",
        "a\x1bb",
        "a\x7fb",
        "a\u0085b",
        "a\tb",
        "a\r\nb",
        "a\u2028b",
        "a\u2029b",
        "invoice\u202egpj.exe",
        "\u2066hidden\u2069",
        "a\u200fb",
        "a\u061cb",
        "pay\u200bpal",
        "pay\u2060pal",
        "\ufeffpaypal",
        "pay\u00adpal",
        "pay\u180epal",
        "pay\u2063pal",
        "pay\U000e0041pal",
        "pay\u3164pal",
        "pay\u034fpal",
        "\ue000",
        "\uffff",
        "\U0010ffff",
        "\ud800",
    ],
)
def test_a_text_that_hides_something_is_refused(text: str):
    for lines in (False, True):
        with pytest.raises(TextNotAllowed):
            plain(text, field="subject", limit=100, lines=lines)


@pytest.mark.parametrize("value", [None, 1, b"abc", ["a"], {"a": 1}])
def test_what_is_no_text_is_refused(value: object):
    with pytest.raises(TextNotAllowed, match="text was expected"):
        plain(value, field="subject", limit=100)


def test_a_line_feed_is_taken_only_where_lines_are():
    with pytest.raises(TextNotAllowed, match=r"U\+000A at position 1"):
        plain("a\nb", field="subject", limit=100)
    assert plain("a\nb", field="facts", limit=100, lines=True) == "a\nb"


def test_a_text_is_as_long_as_its_limit_and_no_longer():
    assert plain("x" * 100, field="subject", limit=100) == "x" * 100
    with pytest.raises(TextNotAllowed, match="101 characters where at most 100 fit"):
        plain("x" * 101, field="subject", limit=100)


def test_a_long_run_of_marks_is_refused_before_it_costs_anything():
    hostile = "\u0327\u0301" * 2_000_000
    with pytest.raises(TextNotAllowed, match="4000000 characters"):
        plain(hostile, field="subject", limit=200)


@pytest.mark.parametrize(
    "text",
    [
        "Praia, 23 de Novembro",
        "Ελληνικά",
        "می\u200cخواهم",  # noqa: RUF001 - Persian needs the zero-width non-joiner
        "क्\u200dष",  # Devanagari needs the zero-width joiner
        "北京市",
        "Ω ≥ 3, „so“",
        "👩\u200d⚖\ufe0f",
    ],
)
def test_the_languages_of_the_users_are_taken_unchanged(text: str):
    assert plain(text, field="subject", limit=100) == text


def test_two_ways_to_type_a_character_are_one_text():
    assert plain("Sa\u0303o Tome\u0301", field="place", limit=100) == plain(
        "S\u00e3o Tom\u00e9", field="place", limit=100
    )


@given(st.text(max_size=60), st.booleans())
def test_a_text_that_was_taken_is_normal_and_is_taken_again_unchanged(text: str, lines: bool):
    try:
        taken = plain(text, field="subject", limit=50, lines=lines)
    except TextNotAllowed:
        return
    assert taken == taken.strip() == unicodedata.normalize("NFC", taken)
    assert plain(taken, field="subject", limit=50, lines=lines) == taken
