"""Offences as they are typed: an id and two maximum penalties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cases.case import Offence, OffenceNotUsable, offence


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ":",
        "::",
        ":8:12",
        "drugs:",
        "drugs:8",
        "drugs:8:12:1",
        "drugs:-1:12",
        "drugs:8.5:12",
        "drugs:100:12",
        "drugs:eight:12",
        "drugs:\u0668:12",  # an Arabic-Indic eight
        "drugs:²:12",
        "drugs: 8:12",
        "drugs:" + "9" * 5000 + ":1",
        "Drugs:8:12",
        "dru gs:8:12",
        "drugs\0:8:12",
        "d" * 61,
    ],
)
def test_what_is_no_offence_is_refused(typed: str):
    with pytest.raises(OffenceNotUsable):
        offence(typed)


def test_unknown_and_no_offence_are_told_apart():
    assert offence("drugs") == offence("drugs::") == Offence("drugs", None, None)
    assert offence("drugs:8:0") == Offence("drugs", 8, 0)
    assert offence("drugs::12") == Offence("drugs", None, 12)


YEARS = st.none() | st.integers(0, 99)


@given(st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True), YEARS, YEARS)
def test_an_offence_is_read_as_it_was_typed_and_recorded(name: str, issuing: int | None, executing: int | None):
    typed = ":".join([name, *("" if years is None else str(years) for years in (issuing, executing))])
    assert offence(typed) == Offence(name, issuing, executing)
    assert Offence.from_record(offence(typed).as_record()) == offence(typed)
