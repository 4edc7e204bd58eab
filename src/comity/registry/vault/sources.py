"""What is taken in: a file, a folder as one tar, or a stream. It is read once, and what changes while it is read is refused.

* A file has the size at its end that it had when it was opened, and the same time of change.
* A folder is a tar (POSIX.1-2001, pax) of its files and folders in the order of their names, written as it is sealed: names, times,
  modes and numbers of owners as they are there, no names of owners. Links, sockets and devices are refused: what they lead
  to is not in the folder.
* A stream ends where it ends; nobody can say whether it was whole, and the acquisition says that it was a stream.

No copy is made: what is refused has left nothing but a draft in the vault, which is thrown away with its key.
"""

import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from comity.errors import N_, ComityError
from comity.registry.vault.store import Source

READ_BYTES: Final = 1024 * 1024
FILES_MAX: Final = 1_000_000


class SourceChanged(ComityError):
    """What was taken in changed while it was read."""

    code = "vault.source_changed"
    sentence = N_("{name} changed while it was read: {why}")
    hint = N_("Nothing was kept. Take in a copy, or an image of the medium, that nobody writes to.")


class SourceUnreadable(ComityError):
    """What was to be taken in cannot be read to its end."""

    code = "vault.source_unreadable"
    sentence = N_("{name} cannot be read: {why}")
    hint = N_("Nothing was kept. Take in what can be read, and say in its acquisition what could not.")


class NotTakenIn(ComityError):
    """A folder holds what is neither file nor folder."""

    code = "vault.not_taken_in"
    sentence = N_("{name} is {kind}: what it leads to is not in the folder")
    hint = N_("Nothing was kept. Take in an image of the medium, which has the link as it stands there.")


@contextmanager
def opened(path: Path) -> Iterator[tuple[Source, int | None]]:
    """A file or a folder as a source, with its length; raises `SourceUnreadable` or `NotTakenIn`, later `SourceChanged`."""
    if path.is_dir():
        members = _members(path)
        yield _Pieces(_tarred(path, members)), _tar_bytes(members)
        return
    with _readable(path.name), path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        yield _Pieces(_whole(file, path.name, size=size)), size


class _Pieces:
    """Pieces as a source."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readinto(self, buffer: memoryview, /) -> int | None:
        """As much as there is of the present piece."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        return len(given)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as broken:
        raise SourceUnreadable(name=name, why=broken.strerror or str(broken)) from broken


def _whole(file: BinaryIO, name: str, *, size: int) -> Iterator[bytes]:
    """A file in pieces; raises `SourceChanged` where it is not at its end what it was when it was opened."""
    before, left = os.fstat(file.fileno()), size
    while True:
        with _readable(name):
            piece = file.read(min(READ_BYTES, left) or 1)
        if not piece:
            break
        if len(piece) > left:
            raise SourceChanged(name=name, why=f"it has more than the {size} bytes that it had when it was opened")
        left -= len(piece)
        yield piece
    after = os.fstat(file.fileno())
    if left:
        raise SourceChanged(name=name, why=f"it ended {left} bytes before the {size} that it had when it was opened")
    if after.st_mtime_ns != before.st_mtime_ns:
        raise SourceChanged(name=name, why="somebody wrote to it")


def _members(folder: Path) -> list[Path]:
    """Every file and folder below, in order; raises `NotTakenIn` or `SourceUnreadable`."""
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with _readable(here.name):
            names = sorted(here.iterdir())
        for path in names:
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                waiting.append(path)
            elif not stat.S_ISREG(mode):
                kind = "a link" if stat.S_ISLNK(mode) else "no file"
                raise NotTakenIn(name=path.relative_to(folder).as_posix(), kind=kind)
            found.append(path)
        if len(found) > FILES_MAX:
            raise NotTakenIn(name=folder.name, kind=f"a folder of more than {FILES_MAX} files")
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def _header(folder: Path, path: Path) -> tarfile.TarInfo:
    status = path.lstat()
    told = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
    told.type = tarfile.DIRTYPE if path.is_dir() else tarfile.REGTYPE
    told.size = 0 if path.is_dir() else status.st_size
    told.mode, told.mtime = stat.S_IMODE(status.st_mode), status.st_mtime
    told.uid, told.gid = status.st_uid, status.st_gid
    return told


def _tar_bytes(members: list[Path]) -> int:
    """About how long the tar is: what a bar of progress needs."""
    sizes = (path.lstat().st_size for path in members if not path.is_dir())
    return sum(size + -size % tarfile.BLOCKSIZE for size in sizes) + tarfile.BLOCKSIZE * (len(members) + 2)


def _tarred(folder: Path, members: list[Path]) -> Iterator[bytes]:
    for path in members:
        name = path.relative_to(folder).as_posix()
        with _readable(name):
            told = _header(folder, path)
        yield told.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        if told.isreg():
            with _readable(name), path.open("rb", buffering=0) as file:
                yield from _whole(file, name, size=told.size)
            yield bytes(-told.size % tarfile.BLOCKSIZE)
    if _members(folder) != members:
        raise SourceChanged(name=folder.name, why="files came or went")
    yield bytes(2 * tarfile.BLOCKSIZE)
