"""Write a bundle: record the export, gather what proves the item, sign the manifest, write the file.

The file appears whole or not at all. The item stays sealed in it; its key goes to a file of its own, if anywhere.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from comity.cli import desk
from comity.cli.shell import Seat
from comity.errors import N_, ComityError
from comity.evidence.bundle import Member, write_bundle
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Thing
from comity.evidence.member import MANIFEST
from comity.registry import vault
from comity.registry.actions.custody import record_key_taken
from comity.registry.jobs import age_exports, age_files
from comity.registry.jobs.bundles import gather
from comity.registry.queries.evidence import keeping


class FileTaken(ComityError):
    """An export never overwrites."""

    code = "evidence.file_taken"
    sentence = N_("{file} exists already")
    hint = N_("Name another file.")


def export(
    item: str,
    bundle: Path,
    *,
    reason: str,
    key_file: Path | None,
    progress: Callable[[int], None],
    seat: Seat,
) -> None:
    """Export an item into the new file `bundle`; raises `FileTaken`, `NotLoggedYet`, or what `gather` raises."""
    for file in (bundle, key_file):
        if file is not None and file.exists():
            raise FileTaken(file=file)
    if key_file is not None:  # recorded before the export, so that the bundle holds it
        at = seat.node.clock.now()
        desk.record(Thing.ITEM, item, CustodyEvent.ACCESS, facts={"reason": reason}, seat=seat, at=at)
    desk.sign_export(item, reason=reason, seat=seat, at=seat.node.clock.now())
    at = seat.node.clock.now()
    gathered = gather(item, viewer=seat.entry.actor, progress=_unheard, at=at)
    manifest = desk.signed(gathered.manifest, seat=seat, at=at)
    members = {**gathered.members, MANIFEST: Member.of(manifest.to_bytes())}
    with _whole(bundle) as out:
        write_bundle(members, out, progress=progress)
    if key_file is not None:
        _write_key(item, key_file, seat=seat)


def export_age(
    item: str, file: Path, *, reason: str, recipients: Iterable[str], progress: Callable[[int], None], seat: Seat
) -> list[str]:
    """Export an item's content into the new age file `file`; for whom. Raises `FileTaken`, `NotARecipient`, or as `take`."""
    to = age_files.recipients(recipients)
    if file.exists():
        raise FileTaken(file=file)
    at = seat.node.clock.now()
    desk.record(Thing.ITEM, item, CustodyEvent.ACCESS, facts={"reason": reason}, seat=seat, at=at)
    desk.sign_export(item, reason=reason, seat=seat, at=seat.node.clock.now())
    pieces = age_exports.take(item, to=to, actor=seat.entry.actor, at=seat.node.clock.now())
    with _whole(file) as out:
        for piece in pieces:
            out.write(piece)
            progress(len(piece))
    return [one.text for one in to]


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """A new file to write, which appears whole or not at all."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _write_key(item: str, file: Path, *, seat: Seat) -> None:
    kept = keeping(item, viewer=seat.entry.actor)
    record_key_taken(item, actor=seat.entry.actor, at=seat.node.clock.now())
    key = vault.key_of(kept.wrapped, folder=seat.node.folder, month=kept.month, item=item)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(key.hex().encode() + b"\n")


def _unheard(_length: int) -> None:
    """Nobody listens to the progress."""
