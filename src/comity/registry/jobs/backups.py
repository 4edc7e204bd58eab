"""A backup of a node: what its tables hold in one age file, its keys and settings in another, each for other people to open.

    <node>-<moment>.tables.age    a tar: tables/<table>/<n>.jsonl, then manifest.json
    <node>-<moment>.keys.age      a tar: files/<path>, then manifest.json

* Who has one of them cannot open an item: the tables hold wrapped keys, and what unwraps them lies in the other file. So no
  recipient may open both, and an erasure that is final stays final in every later backup.
* The tables are read as they are at one moment, while the node goes on working. Nothing lies on a disk in clear.
* The vault is not in it: its files never change, and any tool copies them. They are sealed.
* The manifest is signed by the node and stands at the end: a file that broke off has none.
"""

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from comity.authorities.statement import Statement
from comity.canon import JsonObject, sha256_hex, stamp
from comity.errors import N_, ComityError
from comity.registry import erasures, log, post, tables
from comity.registry.act import Node, current, snapshot
from comity.registry.actions import backups as acts
from comity.registry.jobs.age_files import Recipient, encrypted

BACKUP: Final = "comity/backup/v1"
MANIFEST: Final = "manifest.json"
FILE_BYTES_MAX: Final = 4 * 1024 * 1024
_LEFT_OUT: Final = ("vault", log.RESTORED)


class BackupRefused(ComityError):
    """A backup cannot be made so."""

    code = "backups.refused"
    sentence = N_("no backup was made: {why}")


@dataclass(frozen=True)
class Backup:
    """The two files, with what was written into them."""

    tables: Path
    keys: Path
    rows: int
    log_size: int


def make(folder: Path, *, to: tuple[Recipient, ...], keys_to: tuple[Recipient, ...], at: datetime) -> Backup:
    """Write both files into a folder and note it in the log; raises `BackupRefused`. A file that is there has its end."""
    node = current()
    if {one.text for one in to} & {one.text for one in keys_to}:
        raise BackupRefused(why="one recipient would open both files, and with them every item")
    if not folder.is_dir():
        raise BackupRefused(why=f"{folder} is no folder")
    erasures.note(node)
    name = f"{node.id}-{at:%Y%m%dT%H%M%SZ}"
    size, _ = log.newest_checkpoint()
    counted = _Counted()
    paths = folder / f"{name}.tables.age", folder / f"{name}.keys.age"
    digests = (
        _written(paths[0], encrypted(_own(node, _tables(node, counted, at=at)), to=to)),
        _written(paths[1], encrypted(_own(node, _files(node, at=at)), to=keys_to)),
    )
    acts.record_backup(
        digests=digests,
        log_size=size,
        recipients=(tuple(one.text for one in to), tuple(one.text for one in keys_to)),
        actor=node.machine("backup"),
        at=at,
    )
    return Backup(tables=paths[0], keys=paths[1], rows=counted.rows, log_size=counted.log_size)


def _own(node: Node, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, made with a connection of the thread that asks for them: it is not ours."""
    try:
        with node.active():
            yield from pieces
    finally:
        node.close()


@dataclass
class _Counted:
    rows: int = 0
    log_size: int = 0


def _written(path: Path, pieces: Iterator[bytes]) -> str:
    """Write a new file, durably, and give its SHA-256; raises `BackupRefused` where one is there already."""
    draft, digest = path.with_name(f".{path.name}.part"), hashlib.sha256()
    try:
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError as taken:
        raise BackupRefused(why=f"{taken.filename} is there already") from taken
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest()


def _tables(node: Node, counted: _Counted, *, at: datetime) -> Iterator[bytes]:
    """The tar of the tables, as they are at one moment."""
    told: dict[str, JsonObject] = {}
    with snapshot():
        counted.log_size, checkpoint = log.newest_checkpoint()
        for table in tables.named():
            rows, digest = 0, hashlib.sha256()
            for number, (count, piece) in enumerate(tables.pieces(table)):
                rows += count
                digest.update(piece)
                yield from _member(f"tables/{table}/{number:06}.jsonl", piece)
            told[table] = {"rows": rows, "sha256": digest.hexdigest()}
            counted.rows += rows
    body: JsonObject = {
        "holds": "tables",
        "node": node.id,
        "node_kind": node.kind,
        "at": stamp(at),
        "log_size": counted.log_size,
        "checkpoint": checkpoint.decode(),
        "members": told,
    }
    yield from _end(body)


def _files(node: Node, *, at: datetime) -> Iterator[bytes]:
    """The tar of what lies in the node's folder beside vault and tables."""
    told: dict[str, JsonObject] = {}
    for path in sorted(files_of(node)):
        data = path.read_bytes()
        name = path.relative_to(node.folder).as_posix()
        told[name] = {"mode": stat.S_IMODE(path.stat().st_mode), "sha256": sha256_hex(data)}
        yield from _member(f"files/{name}", data)
    yield from _end({"holds": "keys", "node": node.id, "node_kind": node.kind, "at": stamp(at), "members": told})


def files_of(node: Node) -> Iterator[Path]:
    """Keys, settings, cards, profiles and the list of erasures; raises `BackupRefused` for what is too large to be one of them."""
    database = node.folder / node.database
    for path in node.folder.rglob("*"):
        parts = path.relative_to(node.folder).parts
        if parts[0] in _LEFT_OUT or not path.is_file() or path.name.startswith(database.name):
            continue
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BackupRefused(why=f"{path.name} has more than {FILE_BYTES_MAX} bytes; it does not belong there")
        yield path


def _member(name: str, data: bytes) -> Iterator[bytes]:
    told = tarfile.TarInfo(name)
    told.size = len(data)
    yield told.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    yield data
    yield bytes(-len(data) % tarfile.BLOCKSIZE)


def _end(body: JsonObject) -> Iterator[bytes]:
    yield from _member(MANIFEST, post.countersign(Statement(type=BACKUP, body=body)).to_bytes())
    yield bytes(2 * tarfile.BLOCKSIZE)


def members(pieces: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member of such a tar, in order; raises `BackupRefused`. Nothing is written anywhere."""
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Pulled(pieces)), mode="r|", format=tarfile.PAX_FORMAT) as tar:
            for member in tar:
                if not member.isreg() or member.size > FILE_BYTES_MAX:
                    raise BackupRefused(why=f"{member.name[:80]} is no file that a backup holds")
                opened = tar.extractfile(member)
                assert opened is not None, "a regular member has content"
                yield member.name, opened.read()
    except tarfile.TarError as broken:
        raise BackupRefused(why=f"it is not whole: {broken}") from broken


class _Pulled(io.RawIOBase):
    """Pieces as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # any writable buffer
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        return len(given)
