"""`comity evidence` and `comity exhibit`: what they answer without changing anything, and what they refuse."""

import json
from typing import Any

from click.testing import CliRunner

from checker import untouched
from comity.cli import comity
from scenes import World


def answered(world: World, *words: str, exit_code: int = 0) -> Any:
    command = [*words, "--node", str(world.stage.nl.folder), "--as", "cas", "--json"]
    with untouched(world.stage.nl):
        done = CliRunner().invoke(comity, command)
    assert done.exit_code == exit_code, done.output
    return json.loads(done.output or "{}")


def test_what_a_court_will_miss_is_told_with_its_cure(world: World):
    told = answered(world, "evidence", "admissibility", world.items["held"])
    assert told["profile"] == "general"
    by_name = {one["criterion"]: one for one in told["criteria"]}
    assert by_name["custody"]["standing"] == "met"
    assert by_name["translation"]["standing"] == "not_known"
    assert by_name["translation"]["cure"]
    assert {one["article"] for one in told["criteria"]} == {"not_stated"}


def test_lists_are_narrowed_by_a_tag(world: World):
    every = answered(world, "evidence", "list")["items"]
    assert every
    assert answered(world, "evidence", "list", "--tag", "object:weapon")["items"] == []
    assert answered(world, "exhibit", "list", "--tag", "object:weapon")["exhibits"] == []


def test_the_vocabulary_is_printed():
    told = json.loads(CliRunner().invoke(comity, ["evidence", "tags", "--json"]).output)
    assert {"object:wallet", "data:traffic", "offence:drugs"} <= set(told["tags"])


def test_a_record_without_its_facts_and_a_code_of_another_scheme_are_refused(world: World):
    item = world.items["held"]
    for words in (
        ("evidence", "record", item, "copy", "--reason", "x"),
        ("evidence", "record", item, "copy", "--reason", "x", "--fact", "colour=red"),
        ("evidence", "mark", item, "--scheme", "europol_4x4", "--code", "D6", "--reason", "x"),
        ("evidence", "mark", item, "--tag", "object:flying_saucer", "--reason", "x"),
        ("evidence", "admissibility", item, "--profile", "zz"),
        ("exhibit", "show", "0" * 32),
    ):
        command = [*words, "--node", str(world.stage.nl.folder), "--as", "cas"]
        with untouched(world.stage.nl):
            done = CliRunner().invoke(comity, command)
        assert done.exit_code == 1, (words, done.output)
