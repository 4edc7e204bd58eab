"""Sealed items in a folder of the node.

An item got its name by a link after fsync: there is no half item, and of two drafts the second does not replace the first.
"""

import fcntl
import mmap
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from comity.evidence.seal import SEGMENT_BYTES
from comity.registry.vault.shelf import AlreadySealed, NotInTheVault

PIECE_BYTES: Final = 8 * SEGMENT_BYTES
"""So much is written at once; another piece is filled meanwhile."""


def drafts(folder: Path) -> Path:
    """Where unfinished items lie, and notes of what is under way in a bucket."""
    return folder / "drafts"


def draft_path(folder: Path, item: str, *, seal: str) -> Path:
    """The file of one seal that is under way; who works on it holds its lock."""
    return drafts(folder) / f"{item}.seal-{seal}"


def arriving(folder: Path, item: str) -> Path:
    """The file of an item that is arriving from another node."""
    return drafts(folder) / f"{item}.incoming"


def path_of(folder: Path, item: str) -> Path:
    """The file of a finished item."""
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return folder / "items" / f"{item}.sealed"


class Folder:
    """A shelf (`Shelf`) in the vault's own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def held(self, item: str) -> bool:
        return path_of(self._folder, item).exists()

    @contextmanager
    def draft(self, item: str) -> Iterator["LocalDraft"]:
        final = self._room_for(item)
        path = draft_path(self._folder, item, seal=secrets.token_hex(4))
        try:
            with path.open("xb", buffering=0) as out, ThreadPoolExecutor(max_workers=1) as second:
                fcntl.flock(out, fcntl.LOCK_EX)  # as long as this process lives, nobody sweeps the draft
                yield LocalDraft(out, path, final, item=item, second=second)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def adopt(self, item: str, file: Path) -> None:
        publish(file, self._room_for(item), item=item)

    def size(self, item: str) -> int:
        try:
            return path_of(self._folder, item).stat().st_size
        except FileNotFoundError as missing:
            raise NotInTheVault(item=item) from missing

    def pieces(self, item: str) -> Iterator[bytes]:
        with self._open(item) as file:
            while piece := file.read(SEGMENT_BYTES):
                yield piece

    def range(self, item: str, *, offset: int, length: int) -> bytes:
        with self._open(item) as file:
            file.seek(offset)
            return file.read(length)

    def discard(self, item: str) -> None:
        path_of(self._folder, item).unlink(missing_ok=True)

    def sweep(self) -> int:
        swept = 0
        for path in left_drafts(self._folder):
            path.unlink(missing_ok=True)
            swept += 1
        return swept

    def _room_for(self, item: str) -> Path:
        final = path_of(self._folder, item)
        drafts(self._folder).mkdir(parents=True, exist_ok=True)
        final.parent.mkdir(parents=True, exist_ok=True)
        return final

    def _open(self, item: str) -> BinaryIO:
        try:
            return path_of(self._folder, item).open("rb")
        except FileNotFoundError as missing:
            raise NotInTheVault(item=item) from missing


class LocalDraft:
    """A file that is being written, a piece at a time, by a second thread, while the next piece is filled.

    Where the file system takes it, pieces go past the page cache (O_DIRECT): copying them into it and having the kernel
    write them out again costs as much of a processor as encrypting them does.
    """

    def __init__(self, out: BinaryIO, path: Path, final: Path, *, item: str, second: ThreadPoolExecutor) -> None:
        self._out, self._path, self._final, self._item = out, path, final, item
        self._second, self._writing = second, [second.submit(_nothing), second.submit(_nothing)]
        self._pieces = [
            memoryview(mmap.mmap(-1, PIECE_BYTES)) for _ in self._writing
        ]  # begins at a page, as O_DIRECT asks
        self._number = self._filled = 0
        self._direct = _set_direct(out, on=True)

    def write(self, data: bytes | memoryview, /) -> None:
        view = memoryview(data)
        while view:
            place = self._number % len(self._pieces)
            taken = view[: PIECE_BYTES - self._filled]
            self._pieces[place][self._filled : self._filled + len(taken)] = taken
            view = view[len(taken) :]
            self.wrote(len(taken))

    def room(self, length: int, /) -> memoryview:
        piece = self._pieces[self._number % len(self._pieces)][self._filled : self._filled + length]
        assert len(piece) == length, "segments end where pieces end"
        return piece

    def wrote(self, length: int, /) -> None:
        self._filled += length
        if self._filled == PIECE_BYTES:
            self._send(self._number % len(self._pieces))

    def publish(self) -> None:
        for writing in self._writing:
            writing.result()
        _set_direct(self._out, on=False)  # the rest is no whole number of blocks
        write_all(self._out, self._pieces[self._number % len(self._pieces)][: self._filled])
        os.fsync(self._out.fileno())
        publish(self._path, self._final, item=self._item)

    def _send(self, place: int) -> None:
        """Have the piece written, and wait until the one before is: it is filled next. Raises OSError for either."""
        self._writing[place] = self._second.submit(self._write, self._pieces[place])
        self._number, self._filled = self._number + 1, 0
        self._writing[self._number % len(self._pieces)].result()

    def _write(self, piece: memoryview) -> None:
        write_all(self._out, piece)
        if not self._direct:  # so that little is left to wait for at the end, and the memory is left to others
            os.fsync(self._out.fileno())
            os.posix_fadvise(self._out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _nothing() -> None:
    """What a piece waits for that was never written."""


def _set_direct(out: BinaryIO, *, on: bool) -> bool:
    """Have the file written past the page cache, or not; whether it is. A file system that has none of it says so."""
    flags = fcntl.fcntl(out, fcntl.F_GETFL)
    try:
        fcntl.fcntl(out, fcntl.F_SETFL, flags | os.O_DIRECT if on else flags & ~os.O_DIRECT)
    except OSError:
        return False
    return on


def write_all(out: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, or raise OSError."""
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]


def publish(draft: Path, final: Path, *, item: str) -> None:
    """Give a finished draft its name, once; raises `AlreadySealed`."""
    try:
        os.link(draft, final)  # unlike rename, link never replaces an item
    except FileExistsError as there:
        raise AlreadySealed(item=item) from there
    draft.unlink()
    settle_names(final.parent)


def settle_names(folder: Path) -> None:
    """Have the disk remember which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def left_drafts(folder: Path) -> Iterator[Path]:
    """Drafts that nobody works on; each one is locked while the caller has it."""
    for draft in drafts(folder).glob("*.seal-*"):
        try:
            with draft.open("rb") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield draft
        except (BlockingIOError, FileNotFoundError):
            continue  # somebody is sealing into it, or it was just finished
