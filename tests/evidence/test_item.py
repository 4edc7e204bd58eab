"""An item's record in its one form, under a name that is a file name on every desk and a path on none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import TextNotAllowed, canonical
from comity.errors import ComityError
from comity.evidence.item import ITEM_BYTES_MAX, NAME_BYTES_MAX, NAME_CHARACTERS_MAX, Item, NameNotSafe, safe_name
from comity.evidence.seal import sealed_size
from comity.evidence.shapes import ShapeBroken

RECORD = {
    "id": "0f" * 16,
    "name": "image-01.dd",
    "media_type": "application/octet-stream",
    "bytes": 4096,
    "sha256": "ab" * 32,
    "key_commitment": "cd" * 32,
    "sealed_bytes": sealed_size(4096),
}


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/passwd",
        "folder/image.dd",
        "folder\\image.dd",
        "C:image.dd",
        "C:\\image.dd",
        "image.dd:stream",
        "\\\\server\\share",
        "..",
        ".",
        ".hidden",
        "image.",
        "im*ge",
        "im?ge",
        "im<g>e",
        "im|ge",
        'im"ge',
        "CON",
        "nul.txt",
        "NUL .txt",
        "com1",
        "lpt9.tar.gz",
        "com¹",
        "image\uff0fdd",  # full-width solidus
        "image\uff3cdd",
        "\u2025",  # two dots in one
        "\u2024hidden",
        "\u2100image",  # a/c
        "\u6f22" * (NAME_BYTES_MAX // 3 + 1),
    ],
)
def test_what_some_system_takes_for_a_path_a_device_or_a_hidden_file_is_refused(name: str):
    with pytest.raises(NameNotSafe):
        safe_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "image\0.dd",
        "image\n.dd",
        "image\x1b[2J.dd",
        "image\u202egpj.exe",  # right-to-left override
        "image\u2066.dd",
        "image\u200b.dd",
        "image\ud800.dd",
        "image\ufdd0.dd",
        "n" * (NAME_CHARACTERS_MAX + 1),
        None,
        7,
        b"image.dd",
        ["image.dd"],
    ],
)
def test_a_name_that_deceives_or_is_no_text_is_refused(name: object):
    with pytest.raises(TextNotAllowed):
        safe_name(name)


@pytest.mark.parametrize(
    "name", ["image-01.dd", "Fotografia da execução.jpg", "صورة.png", "照片 1.tar.gz", "console.log", "a", "n" * 120]
)
def test_an_ordinary_name_stays_as_it_is(name: str):
    assert safe_name(name) == name


def test_a_name_is_brought_into_its_one_form():
    assert safe_name("  cafe\u0301.jpg ") == "caf\u00e9.jpg"


@given(st.text(max_size=NAME_CHARACTERS_MAX))
def test_a_name_is_refused_or_safe_and_then_its_own_safe_name(typed: str):
    try:
        name = safe_name(typed)
    except ComityError:
        return
    assert safe_name(name) == name
    assert not set(name) & set('/\\:\0\n<>"|?*')
    assert name not in {"", ".", ".."}
    assert len(name.encode()) <= NAME_BYTES_MAX


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0F" * 16},
        {"id": "0f" * 15},
        {"id": 7},
        {"name": " image-01.dd"},
        {"name": "cafe\u0301.jpg"},
        {"media_type": "octet-stream"},
        {"media_type": "text/html\n"},
        {"media_type": "Text/HTML"},
        {"media_type": "text/plain; charset=utf-8"},
        {"media_type": None},
        {"bytes": -1},
        {"bytes": 4095},
        {"bytes": True},
        {"bytes": "4096"},
        {"bytes": ITEM_BYTES_MAX + 1, "sealed_bytes": sealed_size(ITEM_BYTES_MAX + 1)},
        {"sealed_bytes": 4096},
        {"sealed_bytes": str(sealed_size(4096))},
        {"sha256": "AB" * 32},
        {"sha256": ""},
        {"key_commitment": "cd" * 31},
        {"more": 1},
    ],
)
def test_a_record_of_another_shape_is_refused(change: dict[str, Any]):
    with pytest.raises(ShapeBroken):
        Item.from_record(RECORD | change)


@pytest.mark.parametrize("missing", RECORD)
def test_a_record_without_one_of_its_facts_is_refused(missing: str):
    with pytest.raises(ShapeBroken):
        Item.from_record({name: fact for name, fact in RECORD.items() if name != missing})


@pytest.mark.parametrize("value", [None, [], "item", 7])
def test_what_is_no_object_is_no_item(value: object):
    with pytest.raises(ShapeBroken):
        Item.from_record(value)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_hostile_values_raise_refusals_only(value: Any):
    for name in RECORD:
        try:
            assert Item.from_record(RECORD | {name: value}).as_record()[name] == value
        except ComityError:
            continue


@pytest.mark.parametrize("size", [0, 1, ITEM_BYTES_MAX])
def test_a_record_is_read_back_as_it_was_written(size: int):
    record = RECORD | {"bytes": size, "sealed_bytes": sealed_size(size)}
    assert canonical(Item.from_record(record).as_record()) == canonical(record)
