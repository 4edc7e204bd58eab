"""Attack: a name that a spreadsheet runs as a formula, in any of the table files that the project writes."""

import ast
import csv
import io
from pathlib import Path

import pytest

from comity.canon import harmless

SOURCE = Path(__file__).parents[2] / "src" / "comity"
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    '=HYPERLINK("http://elsewhere.example")',
]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_cell_that_would_be_a_formula_is_text(text: str):
    assert harmless(text) == f"'{text}"
    written = io.StringIO()
    csv.writer(written).writerow([harmless(text)])
    assert next(csv.reader(io.StringIO(written.getvalue(), newline="")))[0].startswith("'")


@pytest.mark.parametrize("text", ["Ivo", "a=b", "1-2", "", "2026-11-23", "x@y.example", "'quoted'"])
def test_a_cell_that_is_none_stays_as_it_is(text: str):
    assert harmless(text) == text


def test_every_place_that_writes_a_table_file_makes_its_cells_harmless():
    writers = []
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made = [
            one
            for one in ast.walk(tree)
            if isinstance(one, ast.Attribute)
            and one.attr in {"writer", "DictWriter"}
            and ast.unparse(one.value) == "csv"
        ]
        if made:
            writers.append(path.name)
            names = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
            assert "harmless" in names, path
    assert len(writers) >= 4, writers
