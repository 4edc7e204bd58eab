"""A node whose newest entries are lost goes on in a log of another name, chained to the last that anybody held.

It never signs again under the old name: what it would sign there would be a second history. The new log begins with the
entries that are left, and says first which checkpoint of the old one was the newest; peers watch it once their people
admit the card that says the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from comity.authorities.keys import b64
from comity.canon import JsonObject
from comity.canon.text import plain
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.ledger import claimed
from comity.registry import log, own_card, post
from comity.registry.act import current
from comity.registry.actions import backups as acts
from comity.registry.actions import witnesses as findings
from comity.registry.jobs import rejoining, witnesses

REASON_CHARACTERS_MAX: Final = 1000


class NotRestored(ComityError):
    """The node was not restored from a backup."""

    code = "epochs.not_restored"
    sentence = N_("this node was not restored: its log goes on as it is")


class NothingLost(ComityError):
    """Nobody holds more of the log than the restored tables."""

    code = "epochs.nothing_lost"
    sentence = N_("nobody who answered holds more of this log than the {size} entries of the restored tables")
    hint = N_("Go on with it: `comity node rejoin`.")


class CheckpointNotShown(ComityError):
    """Somebody holds more of the log than any checkpoint that is at hand."""

    code = "epochs.checkpoint_not_shown"
    sentence = N_("{holder} holds this log at size {held}, and no checkpoint of that size is at hand")
    hint = N_("Hand it in with --seen: any copy of it will do, as this log signed it.")


def begin(*, shown: Sequence[bytes], at: datetime) -> NodeCard:
    """Name a log that goes on, in the node's card; the node has to be opened anew, and `complete` comes next.

    `shown`: checkpoints of this log that people bring. Called again after a crash, it changes nothing more. Raises
    `NotRestored`, `NothingLost`, `CheckpointNotShown`, `HistoryLost` for another history, and `HistoryUnproven`.
    """
    node = current()
    if not (node.folder / log.RESTORED).exists():
        raise NotRestored
    size, end = log.newest_checkpoint()
    card = post.own_card(node)
    if rejoining.half_begun():
        return own_card.begin_epoch(node, end=card.former_logs[-1].end, seen=card.former_logs[-1].seen, at=at)
    found = rejoining.asked()
    brought = [
        rejoining.Holding(holder="--seen", size=claimed(one).size, kind=witnesses.doubted(one), note=one)
        for one in shown
    ]
    for one in (*found.held, *brought):
        if one.kind == findings.FORK:
            raise rejoining.HistoryLost(holder=one.holder, held=one.size, size=size, kind=one.kind)
    found.hold_enough()
    seen = max((*found.held, *brought), key=lambda one: (one.size, bool(one.note)), default=None)
    if seen is None or seen.size <= size:
        raise NothingLost(size=size)
    if not seen.note:
        raise CheckpointNotShown(holder=seen.holder, held=seen.size)
    return own_card.begin_epoch(node, end=end, seen=seen.note, at=at)


def complete(*, reason: str, at: datetime) -> NodeCard:
    """Write into the log that goes on why it begins, and sign it."""
    node = current()
    card = post.own_card(node)
    if rejoining.half_begun():
        former = card.former_logs[-1]
        facts: JsonObject = {
            "former": former.origin,
            "log": card.log_origin,
            "begins_with": former.ended.size,
            "lost_after": former.known.size,
            "seen": b64(former.seen),
            "reason": plain(reason, field="reason", limit=REASON_CHARACTERS_MAX),
        }
        acts.begin_epoch(facts, actor=node.machine("restore"), at=at)
    rejoining.go_on(at=at)
    return card
