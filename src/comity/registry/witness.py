"""This node as a witness: it remembers one tree of each peer's log, and cosigns what only adds to it.

* What is remembered is written, whole, before a cosignature leaves. A crash in between costs the peer one more request; it
  never makes this node vouch for two histories.
* Two requests that race are decided by the table: the one that comes second finds another size there.
"""

from datetime import datetime

from django.db import IntegrityError

from comity.errors import N_, ComityError
from comity.exchange.card import WITNESS_NAME, NodeCard
from comity.ledger import (
    Checkpoint,
    CosignerKey,
    HeldAtAnotherSize,
    NoteBroken,
    Submission,
    VerifierKey,
    claimed,
    cosign,
    judge,
    open_checkpoint,
    with_lines,
)
from comity.registry import keys, log, post
from comity.registry.act import Node, bookkeeping, current
from comity.registry.models import WitnessedRow


class LogUnknown(ComityError):
    """The log is none that this node watches."""

    code = "registry.log_unknown"
    sentence = N_("this node is no witness of log {origin}")
    hint = N_("A node cosigns the logs of nodes that it admitted. Exchange node cards first.")


class CheckpointNotOfThatLog(ComityError):
    """None of the signatures is by a key of the log."""

    code = "registry.checkpoint_not_of_that_log"
    sentence = N_("no key of log {origin} that counts now has signed this checkpoint")
    hint = N_("If the log has a new key, admit the node's new card.")


def own_key(node: Node) -> CosignerKey:
    """The public key with which this node cosigns."""
    public, _ = keys.witness_signer(node.folder)
    return CosignerKey(name=WITNESS_NAME + node.id, public=public)


def card_of(origin: str) -> NodeCard:
    """The card of the peer whose log that is; raises `LogUnknown`."""
    for card in post.peers().values():
        if card.log_origin == origin:
            return card
    raise LogUnknown(origin=origin[:80])


def opened(data: bytes, *, card: NodeCard, at: datetime) -> Checkpoint:
    """The tree head that a peer's log signed with a key that counts at that moment; raises `CheckpointNotOfThatLog`."""
    return opened_with(data, card.log_keys(at=at), origin=card.log_origin)


def opened_with(data: bytes, signers: tuple[VerifierKey, ...], *, origin: str) -> Checkpoint:
    """The tree head that one of these keys signed; raises `CheckpointNotOfThatLog` or `CheckpointBroken`."""
    for key in signers:
        try:
            return open_checkpoint(data, key=key, origin=origin)
        except NoteBroken:
            continue
    raise CheckpointNotOfThatLog(origin=origin)


def held(origin: str) -> WitnessedRow | None:
    """What this node remembers of a log."""
    return WitnessedRow.objects.filter(origin=origin).first()


def head_of(row: WitnessedRow) -> Checkpoint:
    """The remembered tree head."""
    return Checkpoint(origin=row.origin, size=row.size, root=bytes(row.root))


def add_checkpoint(data: bytes, *, at: datetime) -> bytes:
    """Remember a grown tree and return this node's signature line over it.

    Raises `SubmissionBroken`, `NoteBroken` and `CheckpointBroken` (no request), `LogUnknown`, `CheckpointNotOfThatLog`,
    `HeldAtAnotherSize`, `HistoriesDiffer`, `ProofDoesNotMatch`, or `ClockWentBack`; then nothing is remembered.
    """
    submission = Submission.from_bytes(data)
    card = card_of(claimed(submission.checkpoint).origin)
    head = opened(submission.checkpoint, card=card, at=at)
    before = held(card.log_origin)
    judge(submission, head=head, held=head_of(before) if before else None)
    if before is not None:
        log.hold_forward(before.at, at=at)
    line = _line(head, at=at)
    remember(head, note=with_lines(submission.checkpoint, [line]), before=before, at=at)
    return line


class EpochHidesEntries(ComityError):
    """A node lost entries of its log, and names fewer of them than this node holds."""

    code = "registry.epoch_hides_entries"
    sentence = N_(
        "the new log of node {node} names {named} entries of {origin} as the last that anybody held; this node holds {held}"
    )
    hint = N_(
        "Send the node what this node serves at /log/witnessed/{node}: its card has to name it before you admit it."
    )


def follow_epoch(card: NodeCard, *, at: datetime) -> None:
    """Watch the log with which a node goes on after it lost entries, from where the former one ended.

    Raises `EpochHidesEntries` where this node holds more of the former one than the card names.
    """
    for former in card.former_logs:
        kept = held(former.origin)
        if kept is None:
            continue
        ours, known = head_of(kept), former.known
        same = next((one for one in (former.ended, known) if one.size == ours.size), None)
        if ours.size > known.size or (same is not None and same.root != ours.root):
            raise EpochHidesEntries(node=card.node, origin=former.origin, named=known.size, held=ours.size)
    if card.former_logs and held(card.log_origin) is None:
        last = card.former_logs[-1]
        WitnessedRow.objects.create(
            origin=card.log_origin, size=last.ended.size, root=last.ended.root, note=last.end, at=at
        )


def remember(head: Checkpoint, *, note: bytes, before: WitnessedRow | None, at: datetime) -> None:
    """Put a tree in the place of what was read `before`; raises `HeldAtAnotherSize` if something else stands there now."""
    values = {"size": head.size, "root": head.root, "note": note, "at": at}
    try:
        with bookkeeping():
            if before is None:
                WitnessedRow.objects.create(origin=head.origin, **values)
                return
            same = WitnessedRow.objects.filter(origin=head.origin, size=before.size, root=bytes(before.root))
            if same.update(**values) == 1:
                return
    except IntegrityError:
        pass  # another request was the first to name this log
    now = held(head.origin)
    raise HeldAtAnotherSize(origin=head.origin, held=now.size if now else 0, old=before.size if before else 0)


def _line(head: Checkpoint, *, at: datetime) -> bytes:
    node = current()
    _, sign = keys.witness_signer(node.folder)
    return cosign(head.to_text(), key=own_key(node), sign=sign, at=at)
