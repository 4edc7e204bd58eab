"""Vouching for one another's logs: cosigning for peers, asking for cosignatures, and looking for second histories.

* `add_checkpoint` answers a peer's log, `ask` asks this log's witnesses, `watch` looks at each peer's log as everybody sees
  it, and at what other peers hold of it.
* Proof stays: two checkpoints that cannot both be true are kept, stand in this log, and go to the node that signed them.
* A log that shows less than before is reported too, as what it is: seen by this node, and proven to nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError
from django.db.models import Q

from comity.canon import Json, JsonObject, parse_object
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.ledger import (
    Checkpoint,
    CosignerKey,
    Fork,
    HistoriesDiffer,
    NotAFork,
    Submission,
    claimed,
    consistency_proof,
    hash_at,
    lines_by,
    path_between,
    root_at,
    verify_fork,
)
from comity.ledger.proof import walk
from comity.registry import log, post, vouching, witness
from comity.registry.act import bookkeeping, current
from comity.registry.actions import witnesses as acts
from comity.registry.jobs.proofs import tiles_of
from comity.registry.limits import CALL_SECONDS_MAX, FINDING_BYTES_MAX
from comity.registry.models import CosignatureRow, FindingRow, LetterRow, WitnessedRow, WitnessRow
from comity.registry.rows import Inbound

PAUSE_MIN: Final = timedelta(seconds=2)
PAUSE_MAX: Final = timedelta(minutes=10)
CALLS_TO_ASK_MAX: Final = 3
SIZE_DIGITS_MAX: Final = 17
WATCH_SECONDS: Final = 60
OK, CONFLICT = 200, 409


class WitnessRefused(ComityError):
    """A witness did not cosign."""

    code = "registry.witness_refused"
    sentence = N_("witness {witness} did not cosign: {why}")


class PeerQuarantined(ComityError):
    """The sender's log has shown two histories; until an overseer has closed that, only what cannot wait is taken in."""

    code = "registry.peer_quarantined"
    sentence = N_("the log of node {sender} signed two histories, and finding {reference} is open")
    hint = N_(
        "The message stays in the sender's outbox. Overseers of both nodes look at the finding; urgent letters pass."
    )


PASSES: Final = frozenset({"receipt", acts.MESSAGE, "standing", "lapse", "erasure"})
"""What is taken in from a node under quarantine: what ends a delivery, a finding, a mandate, a decision or an item."""

# Answering


def add_checkpoint(data: bytes, *, at: datetime) -> bytes:
    """This node's signature line over a peer's grown log; raises as `witness.add_checkpoint`. Two histories are kept."""
    try:
        return witness.add_checkpoint(data, at=at)
    except HistoriesDiffer:
        submitted = Submission.from_bytes(data).checkpoint
        card = witness.card_of(_origin(submitted))
        kept = witness.held(card.log_origin)
        if kept is not None:
            found = Fork(earlier=bytes(kept.note), later=submitted, path=[])
            _note(found, kind=acts.FORK, card=card, shown=claimed(submitted), at=at)
        raise


def held_note(node: str) -> bytes:
    """What this node holds of a peer's log, with its cosignature if it made one; raises `NoSuchPeer` or `LogUnknown`."""
    card = post.peer(node)
    kept = witness.held(card.log_origin)
    if kept is None:
        raise witness.LogUnknown(origin=card.log_origin)
    return bytes(kept.note)


# Asking


@dataclass(frozen=True)
class Asked:
    """One witness of this node's log: its name and key, the address to submit to, and its node, if it is one."""

    key: CosignerKey
    url: str
    peer: str


def asked() -> Iterator[Asked]:
    """The witnesses that `node.toml` names; a peer that was not admitted yet is left out. Raises `VouchingBroken`."""
    told, cards = vouching.witnesses(current()), post.peers()
    for name in told.peers:
        if name in cards:
            yield Asked(key=cards[name].witness, url=f"{cards[name].url}/log/add-checkpoint", peer=name)
    for one in told.others:
        yield Asked(key=one.key, url=f"{one.url}/add-checkpoint", peer="")


def ask(*, at: datetime) -> int:
    """Ask every witness that is due for its signature under the newest checkpoint; how many gave one."""
    size, signed = log.newest_checkpoint()
    given = 0
    for one in asked():
        if CosignatureRow.objects.filter(size=size, witness=one.key.name).exists() or not _turn(one, at=at):
            continue
        try:
            _ask(one, size=size, signed=signed, at=at)
            given += 1
        except ComityError as refusal:
            _wait(one, trouble=str(refusal), at=at)
    return given


def _ask(one: Asked, *, size: int, signed: bytes, at: datetime) -> None:
    """Submit, and once more from the size that the witness names; raises `WitnessRefused` or what its answer breaks."""
    old = min(WitnessRow.objects.get(name=one.key.name).size, size)
    status, answer = submit(one, old=old, size=size, signed=signed)
    if status == CONFLICT:
        old = size_told(one, answer)
        if old > size:
            _hold_own_history(one, at=at)
            raise WitnessRefused(witness=one.key.name, why=f"it holds this log at size {old}")
        status, answer = submit(one, old=old, size=size, signed=signed)
    if status == CONFLICT:
        _hold_own_history(one, at=at)
    if status != OK:
        raise WitnessRefused(witness=one.key.name, why=f"HTTP {status}: {answer[:100].decode('utf-8', 'replace')}")
    line = lines_by(answer, key=one.key, over=signed)
    with bookkeeping():
        CosignatureRow.objects.get_or_create(size=size, witness=one.key.name, defaults={"line": line, "at": at})
        WitnessRow.objects.filter(name=one.key.name).update(size=size, failures=0, trouble="", next_at=at)


def submit(one: Asked, *, old: int, size: int, signed: bytes) -> tuple[int, bytes]:
    """Submit a checkpoint with the proof from `old`; the status and the body of the answer."""
    proof = consistency_proof(size1=old, size2=size, hash_at=log.hash_at(size)) if 0 < old < size else []
    body = Submission(old=old, proof=proof, checkpoint=signed).to_bytes()
    return post.submit(one.url, body, to=one.key.name, type_="text/plain; charset=utf-8")


def size_told(one: Asked, answer: bytes) -> int:
    """The size that a witness says it holds; raises `WitnessRefused`."""
    told = answer.strip()
    if not told.isdigit() or len(told) > SIZE_DIGITS_MAX:
        raise WitnessRefused(witness=one.key.name, why="it names no size that it holds")
    return int(told)


def _turn(one: Asked, *, at: datetime) -> bool:
    """Whether this worker asks the witness now; the next one waits until this one must have had its answer."""
    with bookkeeping():
        WitnessRow.objects.get_or_create(
            name=one.key.name, defaults={"size": 0, "failures": 0, "next_at": at, "trouble": ""}
        )
        due = WitnessRow.objects.filter(name=one.key.name, next_at__lte=at)
        return due.update(next_at=at + timedelta(seconds=CALLS_TO_ASK_MAX * CALL_SECONDS_MAX)) == 1


def _wait(one: Asked, *, trouble: str, at: datetime) -> None:
    row = WitnessRow.objects.get(name=one.key.name)
    pause = min(PAUSE_MIN * 2 ** min(row.failures, 20), PAUSE_MAX)
    with bookkeeping():
        WitnessRow.objects.filter(name=one.key.name).update(
            failures=row.failures + 1, next_at=at + pause, trouble=trouble[:500]
        )


def _hold_own_history(one: Asked, *, at: datetime) -> None:
    """A witness holds another tree of this log: fetch it, and if this log's key signed it, sign nothing more."""
    if not one.peer:
        return
    signed = post.fetch_public(f"/log/witnessed/{current().id}", from_=one.peer)
    kind = doubted(signed)
    if kind:
        _, newest = log.newest_checkpoint()
        us = current()
        _keep(_ordered(newest, signed), kind=kind, peer="", origin=us.log_origin, shown=claimed(signed), at=at)


def doubted(signed: bytes) -> str:
    """Why a checkpoint that this log's own key signed does not fit its tables: a fork, a rollback, or not at all ("").

    What the card names as lost when a former log ended is not in doubt. Raises `NoteBroken` or `CheckpointBroken` for what
    this log did not sign.
    """
    head = log.open_own(signed, node=current())
    former = log.ended(head.origin, node=current())
    size = former.ended.size if former else log.newest_checkpoint()[0]
    if head.size > size:
        if former is None or head.size > former.known.size:
            return acts.ROLLBACK
        return acts.FORK if head.size == former.known.size and head.root != former.known.root else ""
    return "" if root_at(log.read_tile, head.size) == head.root else acts.FORK


# Watching


def watch(*, at: datetime) -> None:
    """Look at each peer's log: as everybody sees it, and as another peer holds it; raises nothing that a peer causes.

    With each minute it is another peer who is asked what it holds, so that nodes that are many do not ask all of all.
    """
    cards = post.peers()
    turn = int(at.timestamp()) // WATCH_SECONDS
    for name, card in cards.items():
        others = [one for one in cards if one != name]
        held_by = [(others[turn % len(others)], f"/log/witnessed/{name}")] if others else []
        for source, path in [(name, "/log/checkpoint"), *held_by]:
            try:
                compare(post.fetch_public(path, from_=source), card=card, own_word=source == name, at=at)
            except ComityError:
                continue  # a peer that does not answer, or holds nothing yet; what it did wrong was noted in `compare`


def compare(signed: bytes, *, card: NodeCard, own_word: bool = False, at: datetime) -> str:
    """Hold a checkpoint of a peer's log against what this node holds: what was found, or "" if both can be true.

    After an overseer closed a finding about what is held, the log is believed again: as it shows itself (`own_word`) then, once.
    Raises `CheckpointNotOfThatLog`, what the peer's tiles break, and `PeerDidNotAnswer`.
    """
    head = witness.opened_with(signed, card.all_log_keys, origin=card.log_origin)
    kept = witness.held(card.log_origin)
    if kept is None:
        if head.size and _leads(card, head):
            witness.remember(head, note=signed, before=None, at=at)
        return ""
    before = witness.head_of(kept)
    if own_word and _believed_again(kept, before) and (before == head or _leads(card, head)):
        witness.remember(head, note=bytes(kept.note) if before == head else signed, before=kept, at=at)
        return ""
    if before == head or not before.size or not head.size:
        return ""
    found = _differ(card, before, head, kept=bytes(kept.note), signed=signed)
    if found is not None:
        return _note(found[1], kind=found[0], card=card, shown=head, at=at)
    if head.size > before.size:
        witness.remember(head, note=signed, before=kept, at=at)
    return ""


def _differ(
    card: NodeCard, before: Checkpoint, head: Checkpoint, *, kept: bytes, signed: bytes
) -> tuple[str, Fork] | None:
    """What two checkpoints of one log prove against it, or None if the larger tree only adds to the smaller one."""
    if before.size == head.size:
        return acts.FORK, Fork(earlier=kept, later=signed, path=[])
    small, large = sorted((before, head), key=lambda one: one.size)
    notes = (kept, signed) if small == before else (signed, kept)
    try:
        path = path_between(small.size, large.size, hash_at(tiles_of(card.node, large), large.size))
    except ComityError:
        if large == head:
            raise  # its newest tiles cannot be read: asked again, and proven by nothing
        return acts.ROLLBACK, Fork(earlier=notes[0], later=notes[1], path=[])
    first, last = walk(small.size, large.size, path)
    if last != large.root:
        if large == head:
            raise NotAFork(origin=card.log_origin, why="its tiles do not lead to its checkpoint")
        return acts.ROLLBACK, Fork(earlier=notes[0], later=notes[1], path=[])
    if first != small.root:
        return acts.FORK, Fork(earlier=notes[0], later=notes[1], path=path)
    return None


def _leads(card: NodeCard, head: Checkpoint) -> bool:
    return root_at(tiles_of(card.node, head), head.size) == head.root


# Findings


def hold_not_quarantined(sender: str, *, subject: str, content: JsonObject) -> None:
    """Hold that a message may be taken in from this node now; raises `PeerQuarantined`. Only proof puts a node there."""
    if subject in PASSES:
        return
    origin = post.peer(sender).log_origin
    proven = FindingRow.objects.filter(origin=origin, proven=True, settled_at=None).first()
    if proven is not None and not _urgent(sender, content):
        raise PeerQuarantined(sender=sender, reference=proven.reference[:8])


def _urgent(sender: str, content: JsonObject) -> bool:
    """Whether a message brings an urgent letter, or is about one that came or went."""
    match content:
        case {"letter": {"body": {"urgent": True}}}:
            return True
        case (
            {"event": {"body": {"letter": str(digest)}}}
            | {"validation": {"body": {"letter": str(digest)}}}
            | {"transfer": {"body": {"facts": {"letter": str(digest)}}}}
        ):
            return LetterRow.objects.filter(digest=digest[:64], peer=sender, urgent=True).exists()
    return False


def arrived(inbound: Inbound, kind: Json, finding: Json, *, at: datetime) -> None:
    """A peer shows two checkpoints: about this node's own log, or proof about the log of another node.

    Raises `NotAFork` where they prove nothing, or, about the own log, where both fit its tables.
    """
    found = Fork.from_record(finding if isinstance(finding, dict) else {})
    origin, us = _origin(found.later), current()
    if origin == us.log_origin or log.ended(origin, node=us):
        kinds = [doubted(one) for one in (found.earlier, found.later)]
        said = acts.FORK if acts.FORK in kinds else next((one for one in kinds if one), "")
        if not said:
            raise NotAFork(origin=origin, why="both checkpoints fit the tables of this log")
    elif kind == acts.FORK:
        verify_fork(found, keys=witness.card_of(origin).all_log_keys, origin=origin)
        said = acts.FORK
    else:
        raise NotAFork(origin=origin, why="what is said about the log of another node has to be proven")
    acts.receive_finding(
        inbound, found, kind=said, origin=origin, closed=_closed(found, origin), actor=us.machine("witness"), at=at
    )


def _closed(found: Fork, origin: str) -> str:
    """The digest of a finding about this node's own log that an overseer closed, if it names all that is in doubt now."""
    if origin != current().log_origin:
        return ""
    doubts = [claimed(one) for one in (found.earlier, found.later) if doubted(one)]
    return next((one.digest for _, one in _settled(origin) if all(one.names(head) for head in doubts)), "")


def _note(found: Fork, *, kind: str, card: NodeCard, shown: Checkpoint, at: datetime) -> str:
    """Keep a finding about a peer's log once; a fork is verified as a stranger would before it is called proven.

    Where the log does not begin with what a former one ended with, the two names prove no fork: it shows less than it did.
    """
    if kind == acts.FORK and claimed(found.earlier).origin != card.log_origin:
        kind = acts.ROLLBACK
    if kind == acts.FORK:
        verify_fork(found, keys=card.all_log_keys, origin=card.log_origin)
    _keep(found, kind=kind, peer=card.node, origin=card.log_origin, shown=shown, at=at)
    return kind


def _keep(found: Fork, *, kind: str, peer: str, origin: str, shown: Checkpoint, at: datetime) -> None:
    """Keep what was `shown`, unless as much is held against that log already, or an overseer has closed what it shows."""
    held = FindingRow.objects.filter(origin=origin, settled_at=None)
    if held.filter(Q(proven=True) | Q(kind=kind)).exists() or any(one.names(shown) for _, one in _settled(origin)):
        return
    try:
        acts.record_finding(found, kind=kind, peer=peer, origin=origin, actor=current().machine("witness"), at=at)
    except IntegrityError:
        return  # another thread was the first to see the same two heads


def _settled(origin: str) -> Iterator[tuple[datetime, Fork]]:
    """What overseers have closed about a log, and when."""
    for row in FindingRow.objects.filter(origin=origin).exclude(settled_at=None):
        assert row.settled_at is not None, "the others are excluded"
        yield row.settled_at, Fork.from_record(parse_object(bytes(row.record), limit=FINDING_BYTES_MAX))


def _believed_again(kept: WitnessedRow, before: Checkpoint) -> bool:
    """Whether an overseer closed every finding about what is held of a log, and it was not looked at since."""
    if FindingRow.objects.filter(origin=kept.origin, settled_at=None).exists():
        return False
    return any(settled > kept.at and one.names(before) for settled, one in _settled(kept.origin))


def _ordered(one: bytes, other: bytes) -> Fork:
    sizes = [log.open_own(each, node=current()).size for each in (one, other)]
    earlier, later = (one, other) if sizes[0] <= sizes[1] else (other, one)
    return Fork(earlier=earlier, later=later, path=[])


def _origin(checkpoint: bytes) -> str:
    return checkpoint.split(b"\n", 1)[0].decode("utf-8", "replace")[:255]
