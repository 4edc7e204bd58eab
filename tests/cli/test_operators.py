"""What the operator does to a node from its command line stands in the log, under the account of the machine."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from comity.cli import comity
from comity.cli.operating import READING, is_noted, operator
from comity.ledger import Entry
from comity.registry.act import Node
from comity.registry.models import EntryRow
from stage import free_port


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill node that was made with the command."""
    folder = tmp_path_factory.mktemp("operator") / "dr"
    typed = ["--id", "dr", "--kind", "drill", "--state", "CV", "--name", "Drill", "--authority", "Justice"]
    typed += ["--responsible", "ana", "--administrator", "ana", "--administrator", "bo", "--port", str(free_port())]
    done = CliRunner().invoke(comity, ["node", "init", str(folder), *typed, "--json"])
    assert done.exit_code == 0, done.output
    return folder


def noted(folder: Path) -> list[Entry]:
    """The entries on commands, in order."""
    node = Node.open(folder)
    with node.active():
        rows = EntryRow.objects.filter(kind="node.command").order_by("id")
        found = [Entry.from_bytes(bytes(row.body)) for row in rows]
        node.close()
    return found


def run(*typed: str) -> str:
    done = CliRunner().invoke(comity, ["node", *typed])
    assert done.exit_code == 0, done.output
    return done.output


def test_making_a_node_is_its_first_command_and_names_account_and_who_answers_for_it(made: Path):
    first = noted(made)[0]
    assert first.facts == {"command": "node init", "operator": operator(), "about": "dr"}
    assert first.actor["role"] == "service"
    assert str(first.actor["official"]).startswith("operator:")
    assert "ana" in json.dumps(first.as_body() if hasattr(first, "as_body") else first.actor)


def test_each_command_that_changes_the_node_leaves_an_entry_and_none_that_reads(made: Path):
    before = len(noted(made))
    run("card", "--node", str(made), "--json")
    run("people", "--node", str(made), "--as", "ana", "--json")
    run("status", "--node", str(made), "--as", "ana", "--json")
    assert len(noted(made)) == before
    run("migrate", "--node", str(made))
    enrol = ["--name", "Julia", "--role", "judge", "--office", "Court", "--authority", "Justice", "--with", "bo"]
    run("enrol", "julia", *enrol, "--node", str(made), "--as", "ana")
    new = noted(made)[before:]
    assert [(one.facts["command"], one.facts["about"]) for one in new] == [
        ("node migrate", ""),
        ("node enrol", "julia"),
    ]


def test_a_command_that_was_refused_changed_nothing_and_leaves_nothing(made: Path):
    before = len(noted(made))
    enrol = ["--name", "X", "--role", "judge", "--office", "Court", "--authority", "Justice", "--with", "ana"]
    assert CliRunner().invoke(comity, ["node", "enrol", "x", *enrol, "--node", str(made), "--as", "ana"]).exit_code != 0
    assert len(noted(made)) == before


def test_every_command_of_the_node_is_noted_or_listed_as_reading():
    group = comity.get_command(click.Context(comity), "node")
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        assert is_noted(command) is (name not in READING), name


def test_who_became_another_account_is_named_and_nothing_odd_of_a_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SUDO_USER", "ann\nevil")
    assert operator().endswith("(sudo: ann-evil)")
