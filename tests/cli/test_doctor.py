"""What the doctor finds: each fault is named, with what to do, and nothing is changed by looking."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from checker import untouched
from comity.cli.doctor import Finding, State, doctor, examine
from comity.registry import keys, log
from comity.registry.act import Node, bookkeeping
from comity.registry.clock import Clock
from comity.registry.models import CheckpointRow, TileRow, WorkRow
from stage import served, staged
from witnessing import witnessed_by


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node that has just been founded and does not run."""
    with staged(tmp_path, answering=()) as stage:
        with stage.cv.active():
            log.sequence(at=stage.cv.clock.now())
        yield stage.cv


def found(node: Node, name: str) -> Finding:
    """What the doctor says of one thing."""
    return next(one for one in examine(node.folder) if one.name == name)


def wrongs(node: Node) -> list[str]:
    return [one.name for one in examine(node.folder) if one.state is State.WRONG and one.name not in BUILT]


BUILT = {"look", "catalogues"}
"""What `make setup` builds, which is not the subject here."""


def test_a_fresh_node_is_well_and_looking_changes_nothing(node: Node):
    with untouched(node):
        assert wrongs(node) == []
    assert found(node, "port").state is State.WARNING
    assert "comity node serve" in found(node, "port").fix


def test_a_running_node_is_recognised_at_its_port(node: Node):
    with served(node):
        assert found(node, "port").state is State.OK


def test_a_key_that_others_can_read_is_found_and_the_fix_names_the_file(node: Node):
    key = node.folder / "keys" / "log"
    key.chmod(0o644)
    told = found(node, "keys")
    assert told.state is State.WRONG
    assert "0644" in told.found
    assert told.fix == f"chmod 600 {key}"


def test_a_token_that_is_not_there_is_found(node: Node):
    assert "is a file of the node" in found(node, "month keys").found
    with (node.folder / "node.toml").open("a", encoding="utf-8") as out:
        out.write('\n[vault.token]\nmodule = "/nowhere/lib.so"\nlabel = "comity"\n')
    keys.write_once(node.folder / "keys" / "vault-pin", b"0000")
    told = found(node, "month keys")
    assert told.state is State.WRONG
    assert "token comity cannot be used" in told.found


def test_witnesses_that_cannot_be_asked_are_found(node: Node):
    assert found(node, "vouching").found == "0 witnesses are asked, 0 needed; no time stamps"
    witnessed_by(node, "nl", needed=2)
    told = found(node, "vouching")
    assert told.state is State.WRONG
    assert "2 of 1 cannot be reached" in told.found


def test_a_key_of_another_node_is_found_by_the_card(node: Node, tmp_path: Path):
    other = tmp_path / "nl" / "keys" / "signing"
    (node.folder / "keys" / "signing").unlink()
    other.rename(node.folder / "keys" / "signing")
    assert "signing key" in found(node, "card").found


def test_a_missing_key_is_found(node: Node):
    (node.folder / "keys" / "log").unlink()
    assert "keys" in wrongs(node)


@pytest.mark.parametrize("said", [b'{"node": "nl"}', b"<html>", b"[]"])
def test_another_program_at_the_port_is_found(node: Node, said: bytes):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer((node.host, node.port), Other) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            told = found(node, "port")
        finally:
            other.shutdown()
            thread.join()
    assert told.state is State.WRONG
    assert ("nl" in told.found) is (b"nl" in said)


def test_a_migration_that_was_not_applied_is_named(node: Node):
    with node.active(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'registry' AND name LIKE '0001%'")
    told = found(node, "database")
    assert told.state is State.WRONG
    assert "registry.0001" in told.found
    assert "comity node migrate" in told.fix


def test_a_database_that_is_not_there_is_named_and_not_made(node: Node):
    node.close()
    for path in node.folder.glob("node.sqlite3*"):
        path.unlink()
    assert wrongs(node) == ["database"]
    assert not (node.folder / "node.sqlite3").exists()


def test_a_damaged_tile_is_found(node: Node):
    with node.active(), bookkeeping():
        tile = TileRow.objects.get(level=0, index=0)
        tile.hashes = bytes([tile.hashes[0] ^ 1]) + bytes(tile.hashes[1:])
        tile.save()
    assert wrongs(node) == ["log"]


def test_a_checkpoint_that_another_key_signed_is_found(node: Node):
    with node.active(), bookkeeping():
        newest = CheckpointRow.objects.order_by("-size")[0]
        newest.note = bytes(newest.note).replace(b"cv", b"xx")
        newest.save()
    assert wrongs(node) == ["log"]


def test_a_clock_behind_the_log_is_found(node: Node):
    behind = replace(node, clock=Clock(offset=node.clock.offset - timedelta(days=2)))
    told = (behind.folder / "node.toml").read_text()
    seconds = int(node.clock.offset.total_seconds())
    late = told.replace(f"clock_offset_seconds = {seconds}", f"clock_offset_seconds = {seconds - 2 * 86400}")
    (behind.folder / "node.toml").write_text(late)
    assert found(node, "clock").state is State.WRONG


def test_work_that_nobody_does_and_work_that_was_laid_aside_are_told_apart(node: Node):
    before = node.clock.now() - timedelta(hours=1)
    work = {"kind": "deliver", "lane": "peer:nl", "attempts": 1, "due_at": before}
    with node.active(), bookkeeping():
        WorkRow.objects.create(**work, about="one", state=WorkRow.OPEN)
        WorkRow.objects.create(**work, about="two", state=WorkRow.OPEN, leased_by="x", leased_until=before)
    told = found(node, "worker")
    assert told.state is State.WARNING
    assert "1 overdue, 1 left by workers" in told.found
    with node.active(), bookkeeping():
        WorkRow.objects.create(**work, about="three", state=WorkRow.DEAD, trouble="refused")
    assert found(node, "worker").state is State.WRONG


def test_a_folder_without_a_node_is_named(tmp_path: Path):
    told = examine(tmp_path)[-1]
    assert (told.name, told.state) == ("node", State.WRONG)
    assert "comity node init" in told.fix


def test_the_exit_code_says_whether_something_is_wrong(node: Node):
    (node.folder / "keys" / "log").chmod(0o644)
    done = CliRunner().invoke(doctor, ["--node", str(node.folder), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.output)["well"] is False
