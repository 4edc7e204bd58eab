"""Who is bound: what a row may say, and what the tables leave open."""

from datetime import date

import pytest

from comity.law.logic import Truth
from comity.law.parties import Declaration, Parties
from law.cases import EDITION, ON

BUDAPEST = EDITION.instruments["coe-ets185"].parties


def table(**row: str) -> Parties:
    rows = {"AA": {"iso2": "AA", "confidence": "official", **row}} if row else {}
    return Parties(
        table={"completeness": "complete", "status_as_of_source": "in force", "applies_from": "2020-06-01"},
        rows=rows,
        declarations={},
    )


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"kind": "R", "entry_into_force_date": "2026-11-23"}, Truth.YES),
        ({"kind": "R", "entry_into_force_date": "2026-11-24"}, Truth.NO),
        ({"kind": "A", "entry_into_force_date": "2020"}, Truth.YES),
        ({"kind": "A", "entry_into_force_date": "2026-11"}, Truth.OPEN),
        ({"kind": "A", "entry_into_force_date": "2026-12"}, Truth.NO),
        ({"kind": "R(approval)", "entry_into_force_date": "2020-01-01"}, Truth.YES),
        ({"kind": "P"}, Truth.OPEN),
        ({"kind": "bound"}, Truth.YES),
        ({"kind": "S"}, Truth.NO),
        ({"kind": "S?"}, Truth.NO),
        ({"kind": "I"}, Truth.NO),
        ({"kind": "not-bound"}, Truth.NO),
        ({"kind": "U"}, Truth.OPEN),
        ({"kind": "bound-in-part"}, Truth.OPEN),
        ({"kind": "schengen-decision"}, Truth.OPEN),
        ({"kind": "withdrawn"}, Truth.OPEN),
        ({"kind": "R", "entry_into_force_date": "2020-01-01", "confidence": "secondary (press)"}, Truth.OPEN),
        ({"kind": "not-bound", "confidence": "unverified"}, Truth.OPEN),
        ({"kind": "R", "entry_into_force_date": "2020-01-01", "confidence": "computed"}, Truth.YES),
    ],
)
def test_a_row_says_no_more_than_it_may(row: dict[str, str], truth: Truth):
    assert table(**row).standing("AA", name="Aland", on=ON).truth is truth


def test_no_row_closes_only_in_a_complete_table():
    assert table().standing("AA", name="Aland", on=ON).truth is Truth.NO
    partial = Parties(table={"completeness": "partial: 9 of 12"}, rows={}, declarations={})
    assert partial.standing("AA", name="Aland", on=ON).truth is Truth.OPEN


@pytest.mark.parametrize(
    ("state", "truth"),
    [("NL", Truth.NO), ("CV", Truth.NO), ("AT", Truth.YES), ("FR", Truth.OPEN), ("CH", Truth.OPEN), ("CZ", Truth.NO)],
)
def test_the_reservation_of_29_4_is_read_from_the_declarations(state: str, truth: Truth):
    assert BUDAPEST.reserved(state, article="29(4)", on=ON) is truth


def test_a_withdrawn_reservation_still_counts_for_the_days_before():
    assert BUDAPEST.reserved("CZ", article="29(4)", on=date(2019, 7, 4)) is Truth.YES
    assert BUDAPEST.reserved("CZ", article="29(4)", on=date(2019, 7, 5)) is Truth.NO


def test_a_declaration_on_a_whole_article_concerns_its_paragraphs():
    declaration = Declaration.from_row(
        {"iso2": "AA", "article": "2, 29", "type": "reservation", "confidence": "official"}
    )
    assert declaration.concerns("29(4)")
    assert not declaration.concerns("2(b)") or "2" in declaration.articles
    assert not declaration.concerns("291")
