"""A node from its backup: into a new folder, whole or not at all; what was erased since stays erased, and nothing is signed yet.

1. Keys and settings, each held to the signed manifest.
2. The tables, in one transaction that ends only when the manifest at the end of the file holds.
3. Erasures that the tables do not know: from the list beside the keys, and from newer copies of it.
4. A mark in the folder: the node neither serves nor signs until it has shown that it goes on with the same history (`rejoining`).

What breaks off leaves a folder whose name ends in `.restoring`, which no command takes for a node.
"""

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from comity.authorities.keys import PublicKey
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, canonical, sha256_hex
from comity.evidence.custody import read_record
from comity.evidence.erasure import read_erasure
from comity.exchange.card import read_card
from comity.registry import erasures, log, schema, tables, vault
from comity.registry.act import Node, bookkeeping, current
from comity.registry.actions import backups as acts
from comity.registry.jobs.age_files import decrypted
from comity.registry.jobs.backups import BACKUP, MANIFEST, BackupRefused, members
from comity.registry.models import ItemRow, TransferRow
from comity.registry.queries.people import known

_PARTS_MAX: Final = 3


@dataclass(frozen=True)
class Restored:
    """What came back. `lacking`: items whose sealed file is not there; `without_key`: items whose month's key is not."""

    node: str
    rows: int
    log_size: int
    erased_again: int
    lacking: tuple[str, ...]
    without_key: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """The two files of a backup, what opens them, and newer lists of erasures."""

    tables: Path
    keys: Path
    identities: Sequence[Any]
    erasures: Sequence[Path] = ()


def restore(folder: Path, source: Source, *, database: str = "", vault_from: Path | None = None) -> Restored:
    """Make the node of a backup in a new folder; `database` names another one than the backup's.

    Raises `BackupRefused`, `DoesNotOpen`, `TablesDiffer`, `TablesInUse` or `ErasuresBroken`, and then there is no node.
    """
    if folder.exists():
        raise BackupRefused(why=f"{folder} is there already")
    draft = folder.with_name(f"{folder.name}.restoring")
    draft.mkdir(parents=True, mode=0o700)
    try:
        key = _files(draft, source)
        if database:
            _name_database(draft, database)
        (draft / "vault").mkdir(mode=0o700)
        if vault_from is not None:
            shutil.copytree(vault_from, draft / "vault", dirs_exist_ok=True)
        node = Node.open(draft)
        try:
            restored = _filled(node, source, key=key)
        finally:
            node.close()
    except BaseException:
        shutil.rmtree(draft)
        raise
    draft.rename(folder)
    return restored


def _filled(node: Node, source: Source, *, key: PublicKey) -> Restored:
    schema.migrate(node)
    with node.active():
        manifest, count = _rows(node, source, key=key)
        (node.folder / log.RESTORED).write_bytes(canonical(manifest.as_json()))
        again = _erase_again(node, source, at=node.clock.now())
        lacking, without_key = _checked(node)
        erasures.note(node)
    return Restored(
        node=node.id,
        rows=count,
        log_size=int(manifest.body["log_size"]),
        erased_again=again,
        lacking=lacking,
        without_key=without_key,
    )


def _opened(path: Path, source: Source) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as file:
        yield from members(decrypted(file, identities=source.identities))


def _files(folder: Path, source: Source) -> PublicKey:
    """Write keys and settings; the key with which the node signs. Raises `BackupRefused`."""
    found: dict[str, bytes] = dict(_opened(source.keys, source))
    manifest = _manifest(found.pop(MANIFEST, b""), holds="keys")
    files = {name.removeprefix("files/"): data for name, data in found.items()}
    card = read_card(Statement.from_bytes(files.get("card.json", b"")))
    verify_all(manifest, type=BACKUP, keys=[card.signing_key])
    told = manifest.body["members"]
    if {name: sha256_hex(data) for name, data in files.items()} != {name: one["sha256"] for name, one in told.items()}:
        raise BackupRefused(why="its files are not those of its manifest")
    for name, data in files.items():
        parts = Path(name).parts
        if len(parts) > _PARTS_MAX or Path(name).is_absolute() or ".." in parts or "\\" in name:
            raise BackupRefused(why=f"{name[:80]} is no place in a node's folder")
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            os.fchmod(file.fileno(), int(told[name]["mode"]) & 0o700)
            file.write(data)
            os.fsync(file.fileno())
    return card.signing_key


def _manifest(data: bytes, *, holds: str) -> Statement:
    if not data:
        raise BackupRefused(why="it has no manifest at its end: it is not whole")
    manifest = Statement.from_bytes(data)
    if manifest.type != BACKUP or manifest.body.get("holds") != holds:
        raise BackupRefused(why=f"it is not the file that holds the {holds}")
    return manifest


def _name_database(folder: Path, database: str) -> None:
    path = folder / "node.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    named = [f"database = {json.dumps(database)}" if line.startswith("database = ") else line for line in lines]
    path.write_text("\n".join(named) + "\n", encoding="utf-8")


def _rows(node: Node, source: Source, *, key: PublicKey) -> tuple[Statement, int]:
    """Fill the empty tables; nothing stays of a file that is not whole, not this node's, or not as it was signed."""
    tables.hold_empty()
    counts: dict[str, int] = defaultdict(int)
    digests: dict[str, Any] = {table: hashlib.sha256() for table in tables.named()}
    manifest: Statement | None = None
    with bookkeeping():
        for name, data in _opened(source.tables, source):
            if name == MANIFEST:
                manifest = _manifest(data, holds="tables")
                continue
            if name.startswith("files/"):
                raise BackupRefused(why="it is not the file that holds the tables")
            table = name.split("/")[1] if name.count("/") else ""
            if table not in digests:
                raise tables.TablesDiffer(table=table[:60], why="this release has no such table")
            counts[table] += tables.fill(table, data)
            digests[table].update(data)
        if manifest is None:
            raise BackupRefused(why="it has no manifest at its end: it is not whole")
        verify_all(manifest, type=BACKUP, keys=[key])
        _hold_told(node, manifest.body, counts, digests)
        tables.count_on(digests)
    return manifest, sum(counts.values())


def _hold_told(node: Node, told: JsonObject, counts: dict[str, int], digests: dict[str, Any]) -> None:
    if (told["node"], told["node_kind"]) != (node.id, node.kind):
        raise BackupRefused(why=f"its tables are of node {str(told['node'])[:40]}, its keys of {node.id}")
    found = {table: {"rows": counts[table], "sha256": one.hexdigest()} for table, one in digests.items()}
    if told["members"] != found:
        raise BackupRefused(why="its rows are not those of its manifest")


def _erase_again(node: Node, source: Source, *, at: datetime) -> int:
    """Apply every erasure that the tables do not know; how many there were."""
    machine, count = node.machine("restore"), 0
    listed = {one.item: one for path in (node.folder / erasures.FILE, *source.erasures) for one in erasures.held(path)}
    for item, one in sorted(listed.items()):
        if not ItemRow.objects.filter(reference=item, erased_at=None).exists():
            continue
        everybody = known({}, viewer=machine)
        disposal = read_record(one.disposal, known=everybody) if one.disposal else None
        acts.erase_again(read_erasure(one.erasure, known=everybody), disposal=disposal, actor=machine, at=at)
        vault.clear(current().vault, item)
        count += 1
    return count


def _checked(node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Items whose sealed file, and items whose month's key did not come back."""
    months = set(vault.months(node.folder))
    lacking, without = [], []
    for item, month in ItemRow.objects.filter(erased_at=None).order_by("pk").values_list("reference", "month"):
        if not vault.held(node.vault, item):
            lacking.append(item)
        if month not in months:
            without.append(item)
    for item, month in TransferRow.objects.exclude(month="").values_list("item", "month"):
        if month not in months:
            without.append(item)
    return tuple(lacking), tuple(sorted(set(without)))
