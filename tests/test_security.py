"""docs/security.md names for each control the test that shows it; here: each of them exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)(?:::([a-z0-9_]+))?`")


def test_every_test_that_the_page_names_exists():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = NAMED.findall(page)
    assert len(named) > 40
    for path, name in named:
        assert (ROOT / path).exists(), path
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        if name:
            assert name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}, f"{path}::{name}"


def test_every_control_names_where_it_is_and_a_test_and_the_place_exists():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ") and "tests/" in line]
    assert len(rows) > 25
    for _, where, shown in (row[:3] for row in rows):
        assert NAMED.search(shown), shown
        for place in re.findall(r"`([a-z_]+/[a-z_/.]+)`", where):
            assert (ROOT / "src" / "comity" / place).exists(), place


def test_every_attack_of_the_project_stands_on_the_page_or_in_a_file_of_its_own():
    names = {path.stem for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    wanted = {"replayed_assertion", "signature_for_another_text", "session_fixation", "login_timing", "login_flood"}
    wanted |= {"csv_injection", "malicious_file_names", "algorithm_stripping", "demo_on_live"}
    assert {f"test_{one}" for one in wanted} <= names
