"""An intake that is killed (SIGKILL) at any touch of a file leaves an item that is whole and recorded, or nothing after a sweep."""

import hashlib
import os
import threading
from datetime import timedelta
from pathlib import Path

from django.db import connection

from comity.cli.story import Stage
from comity.registry import vault
from comity.registry.checking import differences
from comity.registry.clock import Clock
from comity.registry.jobs import unrecorded
from comity.registry.models import ItemRow
from killed import killed_at
from scenes import opened, recognised, taken_in
from stage import staged

TOUCHES_MIN = 12
DAY = timedelta(days=1, hours=1)


def test_an_intake_that_is_killed_anywhere_is_whole_or_leaves_nothing(tmp_path: Path):
    with staged(tmp_path) as stage:
        letter = recognised(stage, opened(stage))
        folder = stage.nl.vault
        number = recorded = 0
        while True:
            stage.nl.close()
            killed = killed_at(number, lambda: taken_in(stage, letter), under=stage.nl.folder)
            recorded += hold_whole_or_nothing(stage, recorded)
            if not killed:
                break
            number += 1
        assert number >= TOUCHES_MIN
        assert recorded > 1, "some were killed when all but the note was done"
        assert not list((folder / "unrecorded").iterdir())


def hold_whole_or_nothing(stage: Stage, before: int) -> int:
    """What a kill left is recorded and whole, or swept once it is a day old; how many more are recorded."""
    folder = stage.nl.vault
    with stage.nl.active():
        rows = {row.reference: row for row in ItemRow.objects.all()}
        for item in on_shelf(folder) - set(rows):
            assert unrecorded.sweep() == 0, "somebody may still be signing"
            assert item in on_shelf(folder)
        aged(folder)
        unrecorded.sweep()
        vault.sweep(folder)
        assert on_shelf(folder) == set(rows)
        assert not list((folder / "drafts").glob("*")) if (folder / "drafts").exists() else True
        for item, row in rows.items():
            key = vault.key_of(bytes(row.wrapped_key), folder=stage.nl.folder, month=row.month, item=item)
            digest = hashlib.sha256(b"".join(vault.read(folder, item, key=key))).hexdigest()
            assert digest == row.record["sha256"]
        assert not list(differences())
    return len(rows) - before


def on_shelf(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "items").glob("*")}


def aged(folder: Path) -> None:
    """The notes become a day older."""
    old = (Clock().now() - DAY).timestamp()
    for path in (folder / "unrecorded").glob("*"):
        os.utime(path, (old, old))


def test_what_is_being_sealed_is_not_swept_however_long_it_takes(tmp_path: Path):
    going, done = threading.Event(), threading.Event()

    def sealing() -> None:
        with vault.unrecorded(tmp_path / "vault", "0f" * 16):
            going.set()
            done.wait(20)

    thread = threading.Thread(target=sealing)
    thread.start()
    assert going.wait(20)
    aged(tmp_path / "vault")
    assert not list(vault.left(tmp_path / "vault", before=Clock().now()))
    done.set()
    thread.join()
    assert not list(vault.left(tmp_path / "vault", before=Clock().now() - DAY)), "its age begins when it is sealed"
    assert list(vault.left(tmp_path / "vault", before=Clock().now() + DAY)) == ["0f" * 16]


def test_what_no_table_names_and_no_note_either_stays(tmp_path: Path):
    """A node that is told of the wrong tables loses no evidence."""
    with staged(tmp_path) as stage:
        item = taken_in(stage, recognised(stage, opened(stage)))
        with stage.nl.active():
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA foreign_keys = OFF")
                cursor.execute("DELETE FROM registry_itemrow")
            aged(stage.nl.vault)
            assert unrecorded.sweep() == 0
            assert vault.held(stage.nl.vault, item)
