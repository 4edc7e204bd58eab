"""Names that look like something else are told from names that are what they look like."""

# ruff: noqa: RUF001 - letters that look like others are what this is about

import pytest

from comity.canon import doubts

HONEST = [
    "Ivo Tavares",
    "Élodie Lefèvre-Müller",
    "Søren Kierkegård",
    "Иван Петров",
    "Иван Петров (Ivan Petrov)",
    "Лукʼяненко Олена",
    "Νίκος Παπαδόπουλος",
    "Δημήτρης",
    "山田太郎",
    "山田 タロウ さん",
    "東京Tower事件",
    "김민수 LG사건",
    "محمد علی‌زاده",
    "नरेन्द्र",
    "สมชาย ใจดี",
    "Łukasz Żółć",
    "שרה כהן",
    "Case 2026/114: market.example",
    "قضية ١٢٣",
    "5 µs, 20 °C",
    "",
]
DOUBTED = {
    "Ivо Tavares": "mixed",  # Cyrillic o
    "pаypal.example": "mixed",  # Cyrillic a
    "Αlpha": "mixed",  # Greek capital Alpha
    "Москвa": "mixed",  # Latin a
    "рауреr": "mixed",
    "Ѕоре": "alike",
    "раура": "alike",
    "ΜΟΤΟ": "alike",
    "Case 12٣": "digits",
    "𝐀dmin": "dressed",
    "Ａmara": "dressed",
    "Ad‌min": "joined",
}


@pytest.mark.parametrize("name", HONEST)
def test_a_name_in_the_script_of_its_language_is_not_doubted(name: str):
    assert doubts(name) == ()


@pytest.mark.parametrize("name", DOUBTED)
def test_a_name_that_looks_like_something_else_is_doubted_with_its_reason(name: str):
    assert DOUBTED[name] in {one.why for one in doubts(name)}


def test_one_letter_that_no_latin_one_looks_like_is_enough_to_see_the_script():
    assert doubts("Росса")[0].why == "alike"
    assert doubts("Росса Д") == ()
