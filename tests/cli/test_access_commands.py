"""The access matrix and the grounds at the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import comity
from comity.registry.access import pages
from scenes import World


def run(*words: str) -> Any:
    return CliRunner().invoke(comity, [*words, "--json"])


def test_the_matrix_is_printed_whole_without_any_node():
    found = json.loads(run("access", "matrix").output)
    assert {one["name"] for one in found if one["kind"] == "page"} == pages.PAGES.keys()
    assert {one["role"] for one in found} >= {"nobody", "judge", "administrator"}
    asked = {"role": "custodian", "name": "letter", "relation": "foreign case, confidential letter"}
    assert [one["answer"] for one in found if asked.items() <= one.items()] == ["hidden"]


@pytest.mark.parametrize("official", ["otto", "ivo"])
def test_who_may_ask_is_told_who_sees_a_letter(world: World, official: str):
    node, letter = str(world.stage.cv.folder), world.letters["draft"]
    told = json.loads(run("access", "why", "letter", letter, "--node", node, "--as", official).output)
    assert "ivo" in {one["official"] for one in told["seen_by"]}


def test_who_may_not_ask_is_told_that_there_is_none(world: World):
    node = str(world.stage.cv.folder)
    for name in (world.case, "0" * 32):
        refused = run("access", "why", "case", name, "--node", node, "--as", "julia")
        assert getattr(refused.exception, "code", None) == "registry.no_such_thing"
