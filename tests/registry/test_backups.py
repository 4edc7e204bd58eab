"""A backup brings back every row on either database, opens for nobody alone, and goes on with the same history or not at all."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from comity.cli.story import Stage
from comity.errors import ComityError
from comity.letters.life import Step
from comity.registry import erasures, log, tables, vault
from comity.registry.act import Node
from comity.registry.checking import differences
from comity.registry.jobs import backups, rejoining, restoring, retention, witnesses
from comity.registry.jobs.age_files import DoesNotOpen, NotAnIdentity, decrypted, identities, recipients
from comity.registry.jobs.backups import Backup, BackupRefused
from comity.registry.jobs.rejoining import HistoryLost, HistoryUnproven
from comity.registry.models import CosignatureRow, EntryRow, ItemRow, WitnessedRow
from comity.registry.tables import TablesInUse
from emergencies import later
from keys import LogKey
from registry_acts import append_many
from scenes import opened, recognised, settle, stepped, taken_in
from schedules import DAY, WEEKS, adopt
from stage import staged
from strangers import age
from witnessing import Stranger, witnessed_by


@dataclass
class World:
    stage: Stage
    tables: pyrage.x25519.Identity
    keys: pyrage.x25519.Identity
    kept: Path
    item: str = ""

    @property
    def node(self) -> Node:
        return self.stage.nl

    def backup(self) -> Backup:
        with self.node.active():
            return backups.make(
                self.kept,
                to=recipients([str(self.tables.to_public())]),
                keys_to=recipients([str(self.keys.to_public())]),
                at=self.node.clock.now(),
            )

    def source(self, made: Backup, *lists: Path) -> restoring.Source:
        return restoring.Source(tables=made.tables, keys=made.keys, identities=[self.tables, self.keys], erasures=lists)

    def restored(
        self, made: Backup, folder: Path, *lists: Path, database: str = "restored.sqlite3"
    ) -> restoring.Restored:
        source = self.source(made, *lists)
        return restoring.restore(folder, source, database=database, vault_from=self.node.vault)


BOTH = pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
ONE = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""What does not hang on the engine is tried on one."""


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path, databases=databases, image_bytes=100_000) as stage:
        letter = recognised(stage, opened(stage))
        made = World(stage, pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate(), tmp_path / "kept")
        made.kept.mkdir()
        made.item = taken_in(stage, letter)
        stepped(stage.seat(stage.nl, "liaison"), letter, Step.EXECUTE)
        settle(stage)
        seen(stage)
        yield made


def seen(stage: Stage) -> None:
    """The other node looks at the log, and holds what it saw."""
    with stage.cv.active():
        witnesses.watch(at=stage.cv.clock.now())


def every_row(node: Node) -> dict[str, list[bytes]]:
    with node.active():
        return {table: [piece for _, piece in tables.pieces(table)] for table in tables.named()}


def other_database(request: pytest.FixtureRequest, node: Node) -> str:
    """A database of the other kind than the node's."""
    if node.database.startswith("postgresql:"):
        return "restored.sqlite3"
    return str(request.getfixturevalue("postgres").fresh())


@BOTH
def test_every_row_comes_back_in_the_other_kind_of_database_and_the_node_goes_on(
    world: World, tmp_path: Path, request: pytest.FixtureRequest
):
    made = world.backup()
    before = every_row(world.node)
    newest = before["registry_entryrow"].pop()
    assert b"node.backup" in newest.splitlines()[-1], "the log says that it was made, and for whom"
    found = world.restored(made, tmp_path / "again", database=other_database(request, world.node))
    assert (found.node, found.lacking, found.without_key) == ("nl", (), ())
    world.node.close()
    again = Node.open(tmp_path / "again")
    after = every_row(again)
    told = after.pop("registry_entryrow"), before.pop("registry_entryrow")
    assert b"".join(told[0]) == b"".join([*told[1], *newest.splitlines(keepends=True)[:-1]])
    assert after == before
    with again.active():
        with pytest.raises(log.NotRejoined):
            log.sequence(at=again.clock.now())
        assert not list(differences())
        assert rejoining.rejoin(at=again.clock.now()).sizes["cv"] > 0
        assert vault.held(again.vault, world.item)
        append_many(again, 3)
        log.sequence(at=again.clock.now())
        assert not list(differences()), "new rows are numbered after those that came back"
    again.close()


@ONE
def test_tables_that_are_older_than_what_a_peer_saw_sign_nothing(world: World, tmp_path: Path):
    made = world.backup()
    with world.node.active():
        append_many(world.node, 5)
        log.sequence(at=world.node.clock.now())
    seen(world.stage)
    world.restored(made, tmp_path / "again")
    again = Node.open(tmp_path / "again")
    with again.active():
        for _ in range(2):
            with pytest.raises(HistoryLost, match="cv holds this log"):
                rejoining.rejoin(at=again.clock.now())
        with pytest.raises(log.NotRejoined):
            log.sequence(at=again.clock.now())
    again.close()


@ONE
def test_a_node_waits_for_as_many_as_it_asks_and_for_a_witness_of_another_house(world: World, tmp_path: Path):
    other = Stranger(name="witness.example/w2", key=LogKey.fresh(b"another"))
    with Stranger().serving() as strange, other.serving():
        named = ((strange.url, strange.vkey), (other.url, other.vkey))
        witnessed_by(world.node, needed=2, others=named)
        with world.node.active():
            witnesses.ask(at=world.node.clock.now())
        made = world.backup()
        world.restored(made, tmp_path / "again")
        again = Node.open(tmp_path / "again")
        with again.active():
            assert rejoining.rejoin(at=again.clock.now()).sizes.keys() == {"cv", strange.name, other.name}
            append_many(again, 1)
            log.sequence(at=again.clock.now())
            witnesses.ask(at=again.clock.now())
        world.restored(made, tmp_path / "older")
        older = Node.open(tmp_path / "older")
        with older.active():
            with pytest.raises(HistoryLost, match=strange.name):
                rejoining.rejoin(at=older.clock.now())
            strange.mood = other.mood = "busy"
            with pytest.raises(HistoryUnproven, match=f"silent: {strange.name}, {other.name}"):
                rejoining.rejoin(at=older.clock.now())
            with pytest.raises(log.NotRejoined):
                log.sequence(at=older.clock.now())
    again.close()
    older.close()


@ONE
def test_who_never_saw_the_log_confirms_nothing(world: World, tmp_path: Path):
    with Stranger().serving() as strange:
        witnessed_by(world.node, needed=1, others=((strange.url, strange.vkey),))
        with world.node.active():
            witnesses.ask(at=world.node.clock.now())
        made = world.backup()
        with world.node.active():
            append_many(world.node, 5)
            log.sequence(at=world.node.clock.now())
            witnesses.ask(at=world.node.clock.now())
        with world.stage.cv.active():
            WitnessedRow.objects.all().delete()
        world.restored(made, tmp_path / "again")
        again = Node.open(tmp_path / "again")
        with again.active():
            strange.mood = "busy"
            with pytest.raises(HistoryUnproven, match="never saw it: cv"):
                rejoining.rejoin(at=again.clock.now())
            strange.mood = "honest"
            with pytest.raises(HistoryLost, match=strange.name):
                rejoining.rejoin(at=again.clock.now())
            strange.held.clear()
            with pytest.raises(HistoryUnproven, match=f"never saw it: cv, {strange.name}"):
                rejoining.rejoin(at=again.clock.now())
        again.close()


@ONE
def test_a_log_that_nobody_ever_saw_goes_on(world: World, tmp_path: Path):
    made = world.backup()
    with world.stage.cv.active():
        WitnessedRow.objects.all().delete()
    world.restored(made, tmp_path / "again")
    again = Node.open(tmp_path / "again")
    with again.active():
        CosignatureRow.objects.all().delete()
        found = rejoining.rejoin(at=again.clock.now())
        assert (found.sizes, found.silent, found.unaware) == ({}, (), ("cv",))
    again.close()


@ONE
def test_neither_file_alone_opens_an_item_and_neither_recipient_opens_both(world: World):
    made = world.backup()
    with made.tables.open("rb") as file, pytest.raises(DoesNotOpen):
        list(backups.members(decrypted(file, identities=[world.keys])))
    with made.tables.open("rb") as file:
        held = b"".join(data for _, data in backups.members(decrypted(file, identities=[world.tables])))
    secrets = [path.read_bytes() for path in (world.node.folder / "keys").iterdir()]
    assert all(secret not in held for secret in secrets if secret)
    both = recipients([str(world.tables.to_public())])
    with world.node.active(), pytest.raises(BackupRefused, match="open both"):
        backups.make(world.kept, to=both, keys_to=both, at=world.node.clock.now())
    assert sorted(path.suffix for path in world.kept.iterdir()) == [".age", ".age"]


@BOTH
def test_what_was_erased_after_the_backup_is_not_there_again(world: World, tmp_path: Path):
    adopt(world.stage, WEEKS)
    made = world.backup()
    shutil.copytree(world.node.vault, tmp_path / "vault")
    later(world.stage, 21 * DAY)
    with world.node.active():
        retention.catch_up(at=world.node.clock.now())
        assert ItemRow.objects.get(reference=world.item).erased_at is not None
    newer = world.node.folder / erasures.FILE
    assert [one.item for one in erasures.held(newer)] == [world.item]
    found = restoring.restore(
        tmp_path / "again", world.source(made, newer), database="a.sqlite3", vault_from=tmp_path / "vault"
    )
    assert found.erased_again == 1
    again = Node.open(tmp_path / "again")
    object.__setattr__(again, "clock", world.node.clock)
    with again.active():
        row = ItemRow.objects.get(reference=world.item)
        assert (bytes(row.wrapped_key), row.held) == (b"", False)
        assert not vault.held(again.vault, world.item)
        assert EntryRow.objects.filter(kind="evidence.erasure.again").count() == 1
        assert not list(differences())
        later(world.stage, 2 * DAY)
        months = set(vault.months(again.folder))
        retention.make_final(at=world.node.clock.now())
        assert months.isdisjoint(vault.months(again.folder)), "the key that came back with the backup goes again"
    again.close()


@ONE
def test_a_list_of_erasures_erases_nothing_that_was_not_erased(world: World, tmp_path: Path):
    adopt(world.stage, WEEKS)
    made = world.backup()
    later(world.stage, 21 * DAY)
    with world.node.active():
        retention.catch_up(at=world.node.clock.now())
    genuine = (world.node.folder / erasures.FILE).read_bytes()
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(genuine.replace(b'"ground":"retention"', b'"ground":"retention "'))
    with pytest.raises(Exception, match=r"erasure|signature"):
        world.restored(made, tmp_path / "again", forged)
    forged.write_bytes(b"{}\n")
    with pytest.raises(erasures.ErasuresBroken):
        world.restored(made, tmp_path / "again", forged)
    forged.write_bytes(genuine + genuine[:40])
    assert world.restored(made, tmp_path / "again", forged).erased_again == 1, "a line that broke off counts as none"


@pytest.mark.parametrize("cut", [1, 200, 5000])
@ONE
def test_a_file_that_broke_off_leaves_no_node(world: World, tmp_path: Path, cut: int):
    made = world.backup()
    for path in (made.tables, made.keys):
        whole = path.read_bytes()
        path.write_bytes(whole[:-cut])
        with pytest.raises((DoesNotOpen, BackupRefused)):
            world.restored(made, tmp_path / "again")
        path.write_bytes(whole)
    assert not list(tmp_path.glob("again*"))


@ONE
def test_what_is_not_the_nodes_own_backup_leaves_no_node(world: World, tmp_path: Path):
    made = world.backup()
    with world.stage.cv.active():
        (tmp_path / "cv-kept").mkdir()
        strange = backups.make(
            tmp_path / "cv-kept",
            to=recipients([str(world.tables.to_public())]),
            keys_to=recipients([str(world.keys.to_public())]),
            at=world.stage.cv.clock.now(),
        )
    for tables_, keys, refusal in (
        (strange.tables, made.keys, "carries no signature by key"),
        (made.keys, made.keys, "not the file that holds the tables"),
        (made.tables, made.tables, "not the file that holds the keys"),
    ):
        source = restoring.Source(tables_, keys, [world.tables, world.keys])
        with pytest.raises(ComityError, match=refusal):
            restoring.restore(tmp_path / "again", source, database="mixed.sqlite3")
        assert not list(tmp_path.glob("again*"))
    used = world.source(made)
    if world.node.database.startswith("postgresql:"):
        with pytest.raises(TablesInUse):
            restoring.restore(tmp_path / "again", used)
        assert not list(tmp_path.glob("again*"))
    with pytest.raises(BackupRefused, match="already"):
        world.restored(made, world.node.folder)


def test_a_file_with_no_identity_is_told_without_repeating_it(tmp_path: Path):
    (tmp_path / "key").write_text("AGE-SECRET-KEY-1WRONG\n")
    with pytest.raises(NotAnIdentity) as refused:
        identities(tmp_path / "key")
    assert "WRONG" not in str(refused.value)


if age() is not None:

    @ONE
    def test_stock_age_and_tar_open_a_backup(world: World, tmp_path: Path):
        made, identity = world.backup(), tmp_path / "identity"
        identity.write_text(f"{world.keys}\n")
        plain = subprocess.run([str(age()), "-d", "-i", str(identity), str(made.keys)], capture_output=True, check=True)
        listed = subprocess.run(["tar", "-t"], input=plain.stdout, capture_output=True, check=True).stdout.decode()
        assert "files/node.toml" in listed.splitlines()
        assert listed.splitlines()[-1] == "manifest.json"
