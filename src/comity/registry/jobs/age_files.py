"""age files (age-encryption.org/v1), written and read in pieces and in constant memory: stock `age` opens what is written here."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyrage

from comity.errors import N_, ComityError

RECIPIENTS_MAX: Final = 20
RECIPIENT_CHARACTERS_MAX: Final = 1000
IDENTITY_BYTES_MAX: Final = 64 * 1024
PIECES_AHEAD: Final = 8
PATIENCE_SECONDS: Final = 0.2
READ_BYTES: Final = 256 * 1024


class NotARecipient(ComityError):
    """A text is no public key that age encrypts to."""

    code = "age_files.not_a_recipient"
    sentence = N_("this is no recipient of an age file: {why}")
    hint = N_("A recipient begins with age1, ssh-ed25519 or ssh-rsa. `age-keygen` prints it as the public key.")


class DoesNotOpen(ComityError):
    """An age file is not for these identities, or is not whole."""

    code = "age_files.does_not_open"
    sentence = N_("the age file does not open: {why}")
    hint = N_("Take the identity whose public key it was encrypted to, and a copy of the file that is whole.")


class NotAnIdentity(ComityError):
    """A file holds no secret key of age."""

    code = "age_files.not_an_identity"
    sentence = N_("{file} holds no identity of age")
    hint = N_("`age-keygen` makes such a file; its lines begin with AGE-SECRET-KEY-1.")


@dataclass(frozen=True)
class Recipient:
    """Somebody's public key: as it is recorded, and as age takes it."""

    text: str
    key: Any


def recipients(typed: Iterable[str]) -> tuple[Recipient, ...]:
    """The recipients that were typed, each once; raises `NotARecipient`."""
    read = {one.text: one for one in map(_recipient, typed)}
    if not 0 < len(read) <= RECIPIENTS_MAX:
        raise NotARecipient(why=f"{len(read)} were named, and 1 to {RECIPIENTS_MAX} are taken")
    return tuple(read.values())


def _recipient(typed: str) -> Recipient:
    text = " ".join(typed.split()[:2]) if typed.lstrip().startswith("ssh-") else typed.strip()
    if text.upper().startswith("AGE-SECRET-KEY"):
        raise NotARecipient(why="it is a secret key; keep it secret, and give the public one")
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        if len(text) > RECIPIENT_CHARACTERS_MAX:
            raise NotARecipient(why=f"it has more than {RECIPIENT_CHARACTERS_MAX} characters")
        return Recipient(text=text, key=kind.Recipient.from_str(text))
    except (pyrage.RecipientError, ValueError) as broken:
        raise NotARecipient(why=repr(text[:20])) from broken


def identities(file: Path) -> list[Any]:
    """The secret keys of an identity file; raises `NotAnIdentity`, which repeats nothing of it."""
    try:
        with file.open("rb") as opened:
            lines = opened.read(IDENTITY_BYTES_MAX).decode("utf-8").splitlines()
        found = [pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as broken:
        raise NotAnIdentity(file=file.name) from broken
    if not found:
        raise NotAnIdentity(file=file.name)
    return found


def encrypted(pieces: Iterator[bytes], *, to: tuple[Recipient, ...]) -> Iterator[bytes]:
    """What `pieces` give as an age file, in constant memory; raises what they raise, and then the file has no end."""
    source = _Source(pieces)
    yield from _given(lambda sink: pyrage.encrypt_io(source, sink, [one.key for one in to]), source=source)


def decrypted(file: BinaryIO, *, identities: Iterable[Any]) -> Iterator[bytes]:
    """The content of an age file; raises `DoesNotOpen`: also at its end, where the file has none."""
    source = _Source(iter(lambda: file.read(READ_BYTES), b""))
    try:
        yield from _given(lambda sink: pyrage.decrypt_io(source, sink, list(identities)), source=source)
    except (pyrage.DecryptError, OSError) as broken:
        raise DoesNotOpen(why=str(broken)[:200]) from broken


def _given(work: Callable[["_Sink"], None], *, source: "_Source") -> Iterator[bytes]:
    """What a second thread writes, as it comes."""
    sink = _Sink()

    def run() -> None:
        try:
            work(sink)
        finally:
            sink.put(None)

    with ThreadPoolExecutor(max_workers=1) as second:
        running = second.submit(run)
        try:
            while (piece := sink.pieces.get()) is not None:
                yield piece
        finally:
            sink.left.set()
        if source.failure is not None:
            raise source.failure
        running.result()


class _Source:
    """What age reads from. Its failure is kept: on the way through the library it would lose its kind."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        self.failure: ComityError | OSError | None = None

    def read(self, most: int) -> bytes:
        try:
            while not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._rest = memoryview(piece)
        except (ComityError, OSError) as failure:
            self.failure = failure
            raise OSError(str(failure)) from failure
        given, self._rest = self._rest[:most], self._rest[most:]
        return bytes(given)


class _Sink:
    """What age writes to: a few pieces ahead of whoever takes them, and broken off when nobody does any more."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=PIECES_AHEAD)
        self.left = threading.Event()

    def write(self, piece: bytes) -> int:
        self.put(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def put(self, piece: bytes | None) -> None:
        """Wait for a place; raises OSError when nobody takes any more."""
        while not self.left.is_set():
            try:
                self.pieces.put(piece, timeout=PATIENCE_SECONDS)
            except queue.Full:
                continue
            return
        if piece is not None:
            raise BrokenPipeError("nobody takes the file any more")
