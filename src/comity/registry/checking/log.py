"""The log: every body hashes to its leaf, the leaves to every signed checkpoint and tile, and what an entry rests on is held."""

from collections import defaultdict
from collections.abc import Generator, Iterator
from typing import Any, Final

from comity.canon import stamp
from comity.errors import ComityError
from comity.ledger import tile
from comity.ledger.entry import Entry
from comity.letters.life import RULES, State, Step
from comity.registry import log
from comity.registry.act import current
from comity.registry.checking.finding import Difference, differs
from comity.registry.models import CheckpointRow, EntryRow, InboxRow, LetterRow, TileRow

_BROKEN: Final = (ComityError, KeyError, TypeError, ValueError, AttributeError)
_HELD: Final = (
    *("letter.draft", "letter.receive", "letter.authorise", "letter.recognise", "letter.acknowledge", "letter.query"),
    *("letter.answer", "letter.preserve", "letter.refuse", "letter.execute", "letter.execute_partly", "letter.lapse"),
    *("evidence.acquisition", "evidence.accept", "evidence.export", "evidence.sealing"),
    *("evidence.access", "evidence.copy", "evidence.derivation", "evidence.marking", "evidence.leave"),
    *("evidence.correction", "evidence.offer", "evidence.key", "evidence.read"),
    *("exhibit.seizure", "exhibit.sealing", "exhibit.placement", "exhibit.access", "exhibit.copy", "exhibit.marking"),
    *("exhibit.leave", "exhibit.derivation", "exhibit.correction", "exhibit.return", "exhibit.disposal"),
    *("exhibit.offer", "exhibit.accept"),
    *("training.recorded", "training.policy", "competence", "competence.published"),
)
"""Kinds of entry whose signed text stays here for ever: one that is gone was taken away."""


def differences(*, digests: frozenset[str]) -> Iterator[Difference]:
    """Everything in the log that is not as it was signed; `digests` are those of the texts that are held here."""
    steps: dict[str, list[str]] = defaultdict(list)
    leaves: list[bytes] = []
    for row in EntryRow.objects.order_by("index", "pk").iterator():
        entry = yield from _entry(row)
        if row.index is not None:
            if row.index != len(leaves):
                yield differs(row, "index", found=row.index, recorded=len(leaves))
            leaves.append(bytes(row.leaf_hash))
        if entry is None:
            continue
        if entry.statement and entry.kind.removesuffix(".received") in _HELD and entry.statement not in digests:
            yield differs(row, "statement", found="no such text is held here", recorded=entry.statement)
        steps[str(entry.facts.get("letter", ""))].append(entry.kind)
    yield from _signed(leaves)
    yield from _letters(steps)
    yield from _inbox()


def _entry(row: EntryRow) -> Generator[Difference, None, Entry | None]:
    """The entry, if its body is one."""
    try:
        entry = Entry.from_bytes(bytes(row.body))
    except _BROKEN as broken:
        yield differs(row, "body", found=broken, recorded="an entry")
        return None
    if entry.leaf_hash != bytes(row.leaf_hash):
        yield differs(row, "body", found=entry.leaf_hash, recorded=bytes(row.leaf_hash))
    told: dict[str, Any] = {
        "kind": entry.kind,
        "statement": entry.statement,
        "official": entry.actor["official"],
        "letter": str(entry.facts.get("letter", "")),
    }
    for name, recorded in told.items():
        if getattr(row, name) != recorded:
            yield differs(row, name, found=getattr(row, name), recorded=recorded)
    if stamp(row.at) != entry.at:
        yield differs(row, "at", found=stamp(row.at), recorded=entry.at)
    return entry


def _signed(leaves: list[bytes]) -> Iterator[Difference]:
    """Every checkpoint is signed by this node's key over the root of these leaves, and the tiles are theirs."""
    tiles: dict[tuple[int, int], bytes] = {}
    if leaves:
        tiles = dict(tile.grow(lambda _level, _index: b"", size=0, leaves=leaves).tiles)
    for row in CheckpointRow.objects.order_by("size"):
        try:
            head = log.open_own(bytes(row.note), node=current())
        except _BROKEN as broken:
            yield differs(row, "note", found=broken, recorded="a checkpoint that this node's log signed")
            continue
        if head.size != row.size:
            yield differs(row, "size", found=row.size, recorded=head.size)
        if head.size > len(leaves):
            yield differs(row, "size", found=f"{len(leaves)} entries", recorded=f"{head.size} entries")
        elif head.size and (root := _root(leaves[: head.size])) != head.root:
            yield differs(row, "root", found=root, recorded=head.root)
    held = {(one.level, one.index): one for one in TileRow.objects.all()}
    for place, hashes in tiles.items():
        found = held.get(place)
        if found is not None and bytes(found.hashes) != hashes:
            yield differs(found, "hashes", found=bytes(found.hashes), recorded=hashes)
        elif found is None and place[0] == 0:
            yield Difference("registry_tilerow", str(place), "row", "missing", "the tile of these leaves")


def _root(leaves: list[bytes]) -> bytes:
    return tile.grow(lambda _level, _index: b"", size=0, leaves=leaves).root


def _letters(steps: dict[str, list[str]]) -> Iterator[Difference]:
    """The state of each letter is where its entries lead."""
    for letter in LetterRow.objects.order_by("pk"):
        state = State.DRAFT if letter.outgoing else State.RECEIVED
        for kind in steps[letter.digest]:
            name = kind.removeprefix("letter.").removesuffix(".received")
            if kind.startswith("letter.") and name in {step.value for step in RULES}:
                rule = RULES[Step(name)]
                state = rule.leads_to if state in rule.after else state
        if letter.state != state.value:
            yield differs(letter, "state", found=letter.state, recorded=state.value)


def _inbox() -> Iterator[Difference]:
    """Each message that took effect is the one that its entry names."""
    for row in InboxRow.objects.select_related("entry").order_by("pk"):
        try:
            facts = Entry.from_bytes(bytes(row.entry.body)).facts
            recorded = (facts["from"], facts["message"], facts["message_digest"])
        except _BROKEN as broken:
            yield differs(row, "entry", found=broken, recorded="the entry of this message")
            continue
        if (row.sender, row.message, row.digest) != recorded:
            yield differs(row, "message", found=(row.sender, row.message, row.digest), recorded=recorded)
