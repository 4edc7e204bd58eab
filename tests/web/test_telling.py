"""What is shown of a text is the whole text."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from comity.canon import JsonObject
from comity.web.shell import telling

NAMES = st.sampled_from([*telling.LABELS, "something_new", "x"])
VALUES = st.recursive(
    st.text("abcxyz", min_size=1, max_size=9) | st.integers(0, 99) | st.booleans(),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=12,
)


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif not isinstance(value, bool):
        yield str(value)


def shown(rows: tuple[telling.Row, ...]) -> Iterator[str]:
    for row in rows:
        yield row.value
        yield from shown(row.rows)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_every_value_of_a_text_is_shown(record: JsonObject):
    told = " | ".join(shown(telling.rows(record)))
    assert all(value in told for value in leaves(record))
    assert len(telling.rows(record)) == len(record)


def test_what_a_reader_looks_for_comes_first():
    record = {"case": "c", "written_at": "now", "subject": "Server", "urgent": True}
    assert [row.label for row in telling.rows(record)] == ["Subject", "Urgent", "Case", "Written at"]


def test_a_code_keeps_its_spelling_beside_the_word():
    assert telling.rows({"step": "query"})[0].value == "Asked back (query)"
