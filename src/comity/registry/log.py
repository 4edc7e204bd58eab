"""The node's log: acts append unsequenced entries in their transaction; one sequencer gives indexes and signs.

* `append` is called by acts only, once each. The entry's salt is drawn here, so that its leaf says nothing about it.
* `sequence` reads, hashes and signs outside any transaction, then writes indexes, tiles and checkpoint in one. If
  another sequencer was faster, the unique size or index refuses the write, and nothing happened.
* What is public is hashes: checkpoints and tiles. Bodies stay here.
* Nothing is signed on tiles that do not hash to what this log's own key signed, against a clock that went back, or while a
  witness holds a larger tree of this log, signed with its key, than these tables do.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.db import IntegrityError

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import WITNESS_NAME, NodeCard, read_card
from comity.exchange.former_log import FormerLog
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.ledger import checkpoint, note, proof, tile, with_lines
from comity.ledger.entry import Entry, Inclusion
from comity.registry import keys, vouching
from comity.registry.act import Node, bookkeeping, current, note_entry, powers_used
from comity.registry.models import CheckpointRow, CosignatureRow, EntryRow, FindingRow, TileRow

BATCH_ENTRIES_MAX: Final = 4096

CARD_FILE: Final = "card.json"
RESTORED: Final = "restored.json"
WITNESSED_BEHIND_MAX: Final = 200

WITNESS_PATIENCE: Final = timedelta(minutes=1)
"""So far a witnessed checkpoint may lie behind the newest one and still be the one that is served."""


class NotInTheLog(ComityError):
    """No entry with this hash or index stands under a checkpoint of this node."""

    code = "registry.not_in_the_log"
    sentence = N_("{what} does not stand under a checkpoint of this node's log")
    hint = N_("An entry is sequenced within moments of its act; ask again shortly.")


class LogDisagrees(ComityError):
    """The stored tiles no longer hash to the root that was signed."""

    code = "registry.log_disagrees"
    sentence = N_("the tiles of this node's log do not hash to the checkpoint signed at size {size}")
    hint = N_("Nothing more is signed. Restore the tables from a backup, and compare with the checkpoints of peers.")


class ClockWentBack(ComityError):
    """The clock shows a moment before one that this node has signed already."""

    code = "registry.clock_went_back"
    sentence = N_("the clock shows {found}, and this node signed something at {signed} already")
    hint = N_("Set the machine's clock right. Nothing is written or signed until it has caught up.")


class HistoryInDoubt(ComityError):
    """This node's own log was seen with another history than the one in its tables."""

    code = "registry.history_in_doubt"
    sentence = N_("a checkpoint that this log's own key signed does not fit its tables: finding {reference}")
    hint = N_(
        "Nothing more is signed. If older tables were restored, restore the newest ones; otherwise somebody else has the"
        " log's key. An overseer closes the finding when it is explained."
    )


class NotRejoined(ComityError):
    """The tables were brought back from a backup, and nobody has yet confirmed that they are the newest history."""

    code = "registry.not_rejoined"
    sentence = N_("this node was restored, and has not shown yet that it goes on with the history that others hold")
    hint = N_("Give `comity node rejoin`: it asks the nodes and witnesses that saw this log.")


class _Overtaken(Exception):
    """Another sequencer placed one of these entries; ends the transaction."""


def append(*, kind: str, facts: JsonObject, statement: str, actor: Actor, at: datetime) -> EntryRow:
    """Append the one entry of the running act; `statement` is the digest of the signed text it rests on, or empty.

    The entry says who acted, in which office and under which mandate, on which power, and who answers for it.
    """
    _hold_clock(at=at)
    entry = Entry(
        kind=kind,
        at=stamp(at),
        actor=actor.as_record() | _responsibility(actor),
        facts=facts,
        statement=statement,
        salt=secrets.token_hex(32),
    )
    row = EntryRow.objects.create(
        leaf_hash=entry.leaf_hash,
        kind=kind,
        statement=statement,
        official=actor.official,
        letter=str(facts.get("letter", "")),
        body=entry.to_bytes(),
        at=at,
    )
    note_entry(row)
    return row


def _responsibility(actor: Actor) -> JsonObject:
    """On what power the act rests, and under whose responsibility: with who acted, the line of responsibility (B5)."""
    found: JsonObject = {"responsible": actor.responsible} if actor.responsible else {}
    powers = powers_used()
    return found | ({"power": powers} if powers else {})


def verifier(node: Node) -> note.VerifierKey:
    """The public key of this node's checkpoints."""
    public, _ = keys.log_signer(node.folder)
    return note.VerifierKey(name=node.log_origin, public=public)


def hold_forward(signed: datetime, *, at: datetime) -> None:
    """Hold that the clock did not go back behind a moment that was signed; raises `ClockWentBack`.

    A few minutes are left: acts take their moment when they begin, and several processes end in another order.
    """
    if at < signed - CLOCK_SKEW_MAX:
        raise ClockWentBack(found=stamp(at), signed=stamp(signed))


def _hold_clock(*, at: datetime) -> None:
    newest = CheckpointRow.objects.order_by("-size").values_list("at", flat=True).first()
    if newest is not None:
        hold_forward(newest, at=at)


def complete_turn(node: Node) -> None:
    """If the node's card names the next key of the log already, that key is the one that signs from now on."""
    public = keys.next_log_key(node.folder)
    if public is None:
        return
    named = read_card(Statement.from_bytes((node.folder / CARD_FILE).read_bytes())).log_key
    if note.VerifierKey(name=node.log_origin, public=public).vkey == named:
        keys.turn_log_key(node.folder)


def sequence(*, at: datetime) -> int:
    """Give every waiting entry its place and sign the new tree head; how many entries were placed.

    Raises `LogDisagrees`, `NoteBroken`, `ClockWentBack`, `HistoryInDoubt` or `NotRejoined`; then nothing is signed.
    """
    node = current()
    hold_rejoined(node)
    complete_turn(node)
    size = sequenced_size()
    if size and tile.root_at(read_tile, size) != _signed_root(size):
        raise LogDisagrees(size=size)
    fresh = list(EntryRow.objects.filter(index=None).order_by("id").only("id", "leaf_hash")[:BATCH_ENTRIES_MAX])
    if not fresh and CheckpointRow.objects.filter(size=size).exists():
        return 0
    _hold_clock(at=at)
    hold_history()
    grown = tile.grow(read_tile, size=size, leaves=[bytes(row.leaf_hash) for row in fresh])
    public, sign = keys.log_signer(node.folder)
    head = checkpoint.Checkpoint(origin=node.log_origin, size=grown.size, root=grown.root)
    signed = note.sign_note(head.to_text(), key=note.VerifierKey(name=node.log_origin, public=public), sign=sign)
    try:
        with bookkeeping():
            CheckpointRow.objects.create(size=grown.size, note=signed, at=at)
            for place, row in enumerate(fresh, start=size):
                _place(row, place)
            for (level, index), hashes in grown.tiles.items():
                TileRow.objects.update_or_create(level=level, index=index, defaults={"hashes": hashes})
    except (IntegrityError, _Overtaken):
        return 0  # another sequencer placed these entries first; nothing of ours was written
    return len(fresh)


def hold_rejoined(node: Node) -> None:
    """Hold that a restored node has shown that it goes on with the same history; raises `NotRejoined`."""
    if (node.folder / RESTORED).exists():
        raise NotRejoined


def hold_history() -> None:
    """Hold that nobody showed a checkpoint of this log that its tables do not explain.

    Raises `HistoryInDoubt`, or `NotRejoined` on a node that was restored.
    """
    hold_rejoined(current())
    doubt = FindingRow.objects.filter(origin=current().log_origin, settled_at=None).first()
    if doubt is not None:
        raise HistoryInDoubt(reference=doubt.reference[:8])


def _signed_root(size: int) -> bytes:
    """The root that this log's own key signed at that size; a checkpoint that somebody else wrote does not open."""
    signed = bytes(CheckpointRow.objects.get(size=size).note)
    return open_own(signed, node=current()).root


def open_own(signed: bytes, *, node: Node) -> checkpoint.Checkpoint:
    """A checkpoint that a key of this log signed, present or former, or of a log of this node that ended; raises `NoteBroken`."""
    key = signer_of(signed, node=node)
    return checkpoint.open_checkpoint(signed, key=key, origin=key.name)


def signer_of(signed: bytes, *, node: Node) -> note.VerifierKey:
    """Which of this node's keys a checkpoint says it is signed with; the present one if it names none of them."""
    present = verifier(node)
    try:
        lines = note.signatures_of(signed)[1]
    except note.NoteBroken:
        return present  # no note at all: whoever opens it with that key is told so
    named = {(name, value[: len(present.key_hash)]) for name, value in lines}
    if (present.name, present.key_hash) in named:
        return present
    card = own_past(node)
    past = (*card.all_log_keys[1:], *former_keys(card)) if card else ()
    return next((key for key in past if (key.name, key.key_hash) in named), present)


def ended(origin: str, *, node: Node) -> FormerLog | None:
    """The log of this node that ended and had that name."""
    card = own_past(node)
    return card.log_named(origin) if card else None


def former_keys(card: NodeCard) -> tuple[note.VerifierKey, ...]:
    """The keys of logs that ended."""
    return tuple(note.VerifierKey.parse(key.key) for log in card.former_logs for key in log.keys)


def own_past(node: Node) -> NodeCard | None:
    """The node's own card, if the node itself signed it: it names former keys, and logs that ended."""
    path = node.folder / CARD_FILE
    return _own_past(path.read_bytes(), node.folder) if path.exists() else None


@lru_cache(maxsize=64)
def _own_past(card: bytes, folder: Path) -> NodeCard | None:
    read = read_card(Statement.from_bytes(card))
    return read if read.signing_key == keys.signer(folder)[0] else None


def _place(row: EntryRow, index: int) -> None:
    if EntryRow.objects.filter(id=row.id, index=None).update(index=index) != 1:
        raise _Overtaken


def waiting() -> bool:
    """Whether entries wait for their place."""
    return EntryRow.objects.filter(index=None).exists()


def sequenced_size() -> int:
    """How many entries have their place."""
    newest = CheckpointRow.objects.order_by("-size").first()
    return newest.size if newest else 0


def read_tile(level: int, index: int) -> bytes:
    """The widest stored tile, or nothing."""
    row = TileRow.objects.filter(level=level, index=index).first()
    return bytes(row.hashes) if row else b""


def newest_checkpoint() -> tuple[int, bytes]:
    """Size and signed note of the newest checkpoint; raises `NotInTheLog` before the first."""
    newest = CheckpointRow.objects.order_by("-size").first()
    if newest is None:
        raise NotInTheLog(what="nothing")
    return newest.size, cosigned(newest)


def cosigned(row: CheckpointRow) -> bytes:
    """A checkpoint with the signature lines of all witnesses that cosigned it."""
    lines = CosignatureRow.objects.filter(size=row.size).order_by("witness").values_list("line", flat=True)
    return with_lines(bytes(row.note), [bytes(line) for line in lines])


def served_checkpoint() -> bytes:
    """The checkpoint for everybody: the newest one that enough witnesses cosigned, or the newest one if that is older.

    Raises `NotInTheLog` before the first. What is served is signed in any case; who wants witnesses counts them.
    """
    asked = vouching.witnesses(current())
    _, signed = newest_checkpoint()
    if not asked.needed:
        return signed
    names = [*(WITNESS_NAME + one for one in asked.peers), *(one.key.name for one in asked.others)]
    newest, *_ = rows = list(CheckpointRow.objects.order_by("-size")[:WITNESSED_BEHIND_MAX])
    recent = [row for row in rows if newest.at - row.at <= WITNESS_PATIENCE]
    lines = CosignatureRow.objects.filter(size__in=[row.size for row in recent], witness__in=names)
    counted = Counter(lines.values_list("size", flat=True))
    found = next((row for row in recent if counted[row.size] >= asked.needed), None)
    return cosigned(found) if found else signed


@dataclass(frozen=True)
class Placed:
    """An entry with its place and the proof that it stands under a checkpoint."""

    entry: Entry
    inclusion: Inclusion


def prove(index: int, *, size: int, signed: bytes) -> Placed:
    """The entry at `index` with its proof under the checkpoint of `size`; raises `NotInTheLog`."""
    row = EntryRow.objects.filter(index=index).first()
    if row is None or index >= size:
        raise NotInTheLog(what=f"index {index}")
    path = proof.inclusion_proof(index=index, size=size, hash_at=hash_at(size))
    return Placed(
        entry=Entry.from_bytes(bytes(row.body)),
        inclusion=Inclusion(index=index, size=size, proof=path, checkpoint=signed),
    )


def hash_at(size: int) -> Callable[[int, int], bytes]:
    """Hashes of complete subtrees, read from the stored tiles."""
    return tile.hash_at(read_tile, size)


def index_of(leaf_hash: bytes) -> int:
    """The index of the entry with this leaf hash; raises `NotInTheLog`."""
    row = EntryRow.objects.filter(leaf_hash=leaf_hash).exclude(index=None).first()
    if row is None or row.index is None:
        raise NotInTheLog(what=f"leaf {leaf_hash.hex()[:16]}")
    return row.index


def newest_index(*, kind: str, statement: str) -> int | None:
    """Where the newest sequenced entry of this kind about this statement stands; None if there is none yet."""
    found = EntryRow.objects.filter(kind=kind).exclude(index=None).order_by("-index")
    if statement:
        found = found.filter(statement=statement)
    return found.values_list("index", flat=True).first()


def indexes_about(statements: Collection[str]) -> list[int]:
    """The indexes of all sequenced entries that rest on one of these statements."""
    found = EntryRow.objects.filter(statement__in=statements).exclude(index=None).order_by("index")
    return [index for index in found.values_list("index", flat=True) if index is not None]


def indexes_of_thing(thing: str, *, letter: str, kinds: Collection[str]) -> list[int]:
    """The indexes of all sequenced entries of these kinds about an item or exhibit of that letter that rest on no text."""
    found = EntryRow.objects.filter(letter=letter, kind__in=kinds, statement="").exclude(index=None).order_by("index")
    told = ((row.index, Entry.from_bytes(bytes(row.body)).facts) for row in found)
    return [index for index, facts in told if index is not None and facts.get("item") == thing]


def indexes_of_documents(*, letters: Collection[str], things: Collection[str]) -> list[int]:
    """The indexes of all sequenced entries on papers about these letters; on custody, about these things only."""
    found = EntryRow.objects.filter(letter__in=letters, kind="document.make").exclude(index=None).order_by("index")
    told = ((row.index, Entry.from_bytes(bytes(row.body)).facts) for row in found)
    return [
        index
        for index, facts in told
        if index is not None and (facts["document"] != "custody" or facts["subject"] in things)
    ]


def entries_from(index: int, *, limit: int) -> Sequence[EntryRow]:
    """Sequenced entries from `index` on, in order."""
    return list(EntryRow.objects.filter(index__gte=index).order_by("index")[:limit])
