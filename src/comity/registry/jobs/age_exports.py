"""Evidence for a person without a node: a BagIt bag as a tar, in an age file that stock `age`, `tar` and readers of bags open.

    evidence-<item>/bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt
    evidence-<item>/data/item/<name>                the item, in clear: whoever holds the identity reads it
    evidence-<item>/data/custody/<seq>.json         its custody, each record as it was signed
    evidence-<item>/data/README.txt                 what to do with it

* Plaintext lies on no disk: it is unsealed, put in the tar and encrypted piece by piece, while the file is taken.
* It leaves under a recorded export and a fresh access, and the log says for which recipients. Each recipient alone opens it.
* Whole or not at all: where the item is not what its custody says, the age file lacks its end, and nothing opens it.
"""

import hashlib
import queue
import tarfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyrage

from comity.authorities.roles import Actor
from comity.errors import N_, ComityError
from comity.evidence import bag
from comity.evidence.custody import CustodyEvent
from comity.evidence.item import Item
from comity.registry import rows, vault
from comity.registry.act import current
from comity.registry.actions import custody as custody_acts
from comity.registry.jobs.exports import NotExported
from comity.registry.queries.evidence import chain, keeping

RECIPIENTS_MAX: Final = 20
RECIPIENT_CHARACTERS_MAX: Final = 1000
PIECES_AHEAD: Final = 8
PATIENCE_SECONDS: Final = 0.2
_README: Final = """\
This folder is a bag (BagIt 1.0, RFC 8493). Any reader of bags tells whether it is whole.

data/item      the item, as it was when it was taken in
data/custody   what was done with it, each record as it was signed; record 0000 states the SHA-256 of the item

Who signed, and that nothing is missing, is shown by the item's bundle: ask for it where you got this file, and
verify it with `comity verify`, which needs no node and no network.
"""


class NotARecipient(ComityError):
    """A text is no public key that age encrypts to."""

    code = "age_exports.not_a_recipient"
    sentence = N_("this is no recipient of an age file: {why}")
    hint = N_("A recipient begins with age1, ssh-ed25519 or ssh-rsa. `age-keygen` prints it as the public key.")


class NotTheItem(ComityError):
    """What was unsealed is not what custody says."""

    code = "age_exports.not_the_item"
    sentence = N_("what the vault holds of item {item} is not what its custody says; the file was not finished")
    hint = N_("Throw the file away, and have the vault looked at: `comity node check`.")


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


def take(item: str, *, to: tuple[Recipient, ...], actor: Actor, at: datetime) -> Iterator[bytes]:
    """The age file in pieces; that it was taken, and for whom, is logged before the first.

    Raises `NotExported`, `NotOpened`, `SealedOff` or `NoSuchThing`; within, `NotTheItem` or what a broken seal raises.
    """
    kept = keeping(item, viewer=actor)
    if rows.newest_record(item)[1] != CustodyEvent.EXPORT.value:
        raise NotExported(item=item[:8])
    texts = [statement.to_bytes() for statement in chain(item, viewer=actor)[1]]
    custody_acts.record_age_taken(item, recipients=tuple(one.text for one in to), actor=actor, at=at)
    record = Item.from_record(rows.item(item, viewer=actor).record)
    key = vault.key_of(kept.wrapped, folder=current().folder, month=kept.month, item=item)
    plain = _same(vault.read(current().vault, item, key=key), record)
    return encrypted(_bagged(record, texts, plain), to=to)


def _same(pieces: Iterable[bytes], record: Item) -> Iterator[bytes]:
    """The pieces, held at their end to be what custody says; raises `NotTheItem`."""
    digest, total = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        total += len(piece)
        yield piece
    if (digest.hexdigest(), total) != (record.sha256, record.bytes):
        raise NotTheItem(item=record.id[:8])


def _bagged(record: Item, texts: list[bytes], plain: Iterable[bytes]) -> Iterator[bytes]:
    """The bag as a tar, its tag files first."""
    base, content = f"evidence-{record.id[:8]}/", f"item/{record.name}"
    small = {f"custody/{seq:04}.json": text for seq, text in enumerate(texts)} | {"README.txt": _README.encode("ascii")}
    sizes = {name: len(text) for name, text in small.items()} | {content: record.bytes}
    digests = {name: hashlib.sha256(text).hexdigest() for name, text in small.items()} | {content: record.sha256}
    for name, text in bag.tag_files(sizes=sizes, digests=digests).items():
        yield from _tarred(base + name.removeprefix(bag.BASE), len(text), [text])
    for name, text in small.items():
        yield from _tarred(f"{base}data/{name}", len(text), [text])
    yield from _tarred(f"{base}data/{content}", record.bytes, plain)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _tarred(name: str, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    member = tarfile.TarInfo(name)
    member.size = size
    yield member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    yield from pieces
    yield bytes(-size % tarfile.BLOCKSIZE)


def encrypted(pieces: Iterator[bytes], *, to: tuple[Recipient, ...]) -> Iterator[bytes]:
    """What `pieces` give as an age file, in constant memory; raises what they raise, and then the file has no end."""
    source, sink = _Source(pieces), _Sink()

    def encrypt() -> None:
        try:
            pyrage.encrypt_io(source, sink, [one.key for one in to])
        finally:
            sink.put(None)

    with ThreadPoolExecutor(max_workers=1) as second:
        running = second.submit(encrypt)
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
