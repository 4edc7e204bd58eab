"""`comity node check` names the table, the row and what differs, whatever somebody changes in the raw database."""

import json

import pytest
from click.testing import CliRunner

from comity.cli.node import node as commands
from comity.registry.checking import differences
from raw_changes import CHANGES, other_hash
from scenes import World
from tampering import first, found_after, run, taken_back


@pytest.mark.parametrize("table", sorted({table for table, _, _ in CHANGES}))
def test_a_change_in_the_raw_table_is_named_with_its_row(world: World, table: str):
    for name, column, change in CHANGES:
        if name == table:
            assert found_after(world.stage.cv, table, column, change), (
                f"{table}.{column} was changed, and nobody saw it"
            )


@pytest.mark.parametrize("table", ["custodyrow", "eventrow", "transferrow"])
def test_a_row_that_was_taken_away_is_missed(world: World, table: str):
    with taken_back(world.stage.cv):
        pk, _ = first(table, "id")
        run(f"DELETE FROM registry_{table} WHERE id = %s", pk)
        assert differences()


def test_an_entry_of_the_log_that_was_taken_away_is_missed(world: World):
    with taken_back(world.stage.cv):
        run("DELETE FROM registry_inboxrow WHERE id = (SELECT max(id) FROM registry_inboxrow)")
        run(
            "DELETE FROM registry_entryrow WHERE id = (SELECT min(id) FROM registry_entryrow"
            " WHERE id NOT IN (SELECT entry_id FROM registry_inboxrow))"
        )
        assert {"registry_checkpointrow", "registry_entryrow"} <= {one.table for one in differences()}


def test_a_sealed_file_that_is_gone_or_cut_is_named(world: World):
    node, item = world.stage.cv, world.items["accepted"]
    file = node.vault / "items" / f"{item}.sealed"
    kept = file.read_bytes()
    file.chmod(0o600)
    try:
        file.write_bytes(kept[:-1])
        with node.active():
            assert [one.what for one in differences()] == ["sealed file"]
    finally:
        file.write_bytes(kept)
    with node.active():
        assert differences() == []


def test_the_command_says_that_all_is_well_or_names_what_is_not(world: World):
    node = world.stage.cv
    fine = CliRunner().invoke(commands, ["check", "--node", str(node.folder), "--json"])
    assert (fine.exit_code, json.loads(fine.output)["differences"]) == (0, [])
    with node.active():
        pk, held = first("itemrow", "record")
        run("UPDATE registry_itemrow SET record = %s WHERE id = %s", other_hash(held), pk)
    try:
        named = CliRunner().invoke(commands, ["check", "--node", str(node.folder), "--json"])
    finally:
        with node.active():
            back = held if isinstance(held, str) else json.dumps(held)
            run("UPDATE registry_itemrow SET record = %s WHERE id = %s", back, pk)
    assert named.exit_code == 1
    told = json.loads(named.output)["differences"]
    assert [(one["table"], one["row"], one["what"]) for one in told] == [("registry_itemrow", str(pk), "record")]
    assert "0" * 64 in told[0]["found"]
