"""What tells whether a node is well: its tables, its log, its work. Read for `comity doctor`; nothing is changed.

It shows no content of any letter: counts, moments, and the kinds of work that were laid aside.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from comity.authorities.roles import Actor, Power, Role
from comity.errors import N_, ComityError
from comity.ledger import tree
from comity.ledger.tile import TILE_WIDTH
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import EntryRow, TileRow, WorkRow

PATIENCE: Final = timedelta(minutes=1)
"""What is due for longer than this is not being worked on."""

_SYNCHRONOUS: Final = {"0": "off", "1": "normal", "2": "full", "3": "extra"}
_SQLITE: Final = ("PRAGMA quick_check", "PRAGMA journal_mode", "PRAGMA synchronous")
_POSTGRESQL: Final = ("SELECT 'ok'", "SHOW wal_level", "SHOW synchronous_commit")


class TablesUnreadable(ComityError):
    """The database cannot be asked."""

    code = "registry.tables_unreadable"
    sentence = N_("the tables of node {node} cannot be read: {why}")
    hint = N_("Start the database, or restore it from a backup.")


@dataclass(frozen=True)
class Tables:
    """The database: what it says of its own files, how it writes, and the migrations that it lacks."""

    vendor: str
    integrity: str
    journal: str
    synchronous: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """Work and entries that nobody has taken up, and kinds of work that were laid aside with their trouble."""

    overdue: int
    leases_run_out: int
    unsequenced: int
    laid_aside: tuple[str, ...]


def _hold_viewer(viewer: Actor) -> None:
    """Administrators of this node look after it, and so do its own machines."""
    if not access.of_this_node(viewer) or (Power.ADMINISTER not in viewer.powers and viewer.role is not Role.SERVICE):
        raise access.NoSuchThing(what="node", reference=current().id)


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except DatabaseError as broken:
        raise TablesUnreadable(node=current().id, why=str(broken).strip()[:200]) from broken


def tables(*, viewer: Actor) -> Tables:
    """How the database stands; raises `TablesUnreadable`."""
    _hold_viewer(viewer)
    with _asked():
        with connection.cursor() as cursor:
            said = [_only(cursor, text) for text in (_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)]
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Tables(
        vendor=connection.vendor,
        integrity=said[0],
        journal=said[1],
        synchronous=_SYNCHRONOUS.get(said[2], said[2]),
        missing=tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan),
    )


def _only(cursor: CursorWrapper, text: str) -> str:
    cursor.execute(text)
    return "; ".join(str(row[0]) for row in cursor.fetchall())


def newest_entry_at(*, viewer: Actor) -> datetime | None:
    """When the newest entry of the log was written; raises `TablesUnreadable`."""
    _hold_viewer(viewer)
    with _asked():
        return EntryRow.objects.order_by("-at").values_list("at", flat=True).first()


def waiting(*, viewer: Actor, at: datetime) -> Waiting:
    """What waits longer than a worker would let it; raises `TablesUnreadable`."""
    _hold_viewer(viewer)
    late = at - PATIENCE
    with _asked():
        todo = WorkRow.objects.filter(state=WorkRow.OPEN)
        dead = WorkRow.objects.filter(state=WorkRow.DEAD).order_by("id")[:PAGE_ROWS_MAX]
        return Waiting(
            overdue=todo.filter(leased_until=None, due_at__lt=late).count(),
            leases_run_out=todo.filter(leased_until__lt=late).count(),
            unsequenced=EntryRow.objects.filter(index=None, at__lt=late).count(),
            laid_aside=tuple(f"{row.kind} {row.about[:12]}: {row.trouble}" for row in dead),
        )


def log_size(*, viewer: Actor) -> int:
    """The size of the log, whose newest checkpoint verifies and whose tiles all hash to it.

    Raises `LogDisagrees`, `HistoryInDoubt`, `NoteBroken`, `NotInTheLog` or `TablesUnreadable`.
    """
    _hold_viewer(viewer)
    node = current()
    with _asked():
        log.hold_history()
        size, signed = log.newest_checkpoint()
        stored = {(row.level, row.index): bytes(row.hashes) for row in TileRow.objects.all()}
    head = log.open_own(signed, node=node)
    bottom = sorted(index for level, index in stored if level == 0)
    leaves = [one for index in bottom for one in _hashes(stored[0, index])]
    if len(leaves) < size or tree.root(leaves[:size]) != head.root:
        raise log.LogDisagrees(size=size)
    for (level, index), tile in stored.items():
        for place, hash_ in enumerate(_hashes(tile) if level else [], start=index * TILE_WIDTH):
            if tree.root(_hashes(stored.get((level - 1, place), b""))) != hash_:
                raise log.LogDisagrees(size=size)
    return size


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[start : start + tree.HASH_BYTES] for start in range(0, len(tile), tree.HASH_BYTES)]
