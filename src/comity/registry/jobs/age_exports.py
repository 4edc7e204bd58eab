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
import tarfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor
from comity.errors import N_, ComityError
from comity.evidence import bag
from comity.evidence.custody import CustodyEvent
from comity.evidence.item import Item
from comity.registry import rows, vault
from comity.registry.act import current
from comity.registry.actions import custody as custody_acts
from comity.registry.jobs.age_files import Recipient, encrypted
from comity.registry.jobs.exports import NotExported
from comity.registry.queries.evidence import chain, keeping

_README: Final = """\
This folder is a bag (BagIt 1.0, RFC 8493). Any reader of bags tells whether it is whole.

data/item      the item, as it was when it was taken in
data/custody   what was done with it, each record as it was signed; record 0000 states the SHA-256 of the item

Who signed, and that nothing is missing, is shown by the item's bundle: ask for it where you got this file, and
verify it with `comity verify`, which needs no node and no network.
"""


class NotTheItem(ComityError):
    """What was unsealed is not what custody says."""

    code = "age_exports.not_the_item"
    sentence = N_("what the vault holds of item {item} is not what its custody says; the file was not finished")
    hint = N_("Throw the file away, and have the vault looked at: `comity node check`.")


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
