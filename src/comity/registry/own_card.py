"""What this node hands out as its card, and how that changes, so that a crash at any point leaves keys that count.

    the log's key     keys/log-next appears -> announced under the old key -> new card -> keys/log-next becomes keys/log
    another log       keys/log-next appears -> new card, which names the log that ended -> node.toml -> as above
    receive keys      a key appears -> new card -> peers are told -> keys that no card names any more are destroyed

The card decides: once it names the next key, the old one is gone with the next step, which whoever comes next completes.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from comity.authorities.statement import Statement, signed
from comity.canon import moment, stamp
from comity.exchange.card import CARD, CARD_LIFE, CARD_TAKEN_WITHIN, RECEIVE_KEY_USED, NodeCard, ReceiveKey, read_card
from comity.exchange.former_log import FormerLog, FormerLogKey, origin_of
from comity.exchange.suite import SUITE
from comity.exchange.wire import COURIER_AGE_MAX
from comity.ledger import VerifierKey
from comity.registry import keys, log, post
from comity.registry.act import Node


def next_key(node: Node) -> VerifierKey:
    """The public half of the key that comes next, made if there is none yet."""
    keys.make_next_log_key(node.folder)
    public = keys.next_log_key(node.folder)
    assert public is not None, "it was made a line above"
    return VerifierKey(name=node.log_origin, public=public)


def turn(node: Node, *, at: datetime) -> NodeCard:
    """Hand out a card with the next key, and destroy the old one; what was announced stands under the old key already."""
    card = post.own_card(node)
    new = next_key(node).vkey
    if card.log_key != new:
        begun = card.former_log_keys[-1].until if card.former_log_keys else card.issued_at
        old = FormerLogKey(key=card.log_key, from_=begun, until=at)
        fresh = replace(card, log_key=new, former_log_keys=(*card.former_log_keys, old), issued_at=at)
        card = _handed_out(node, fresh)
    log.complete_turn(node)
    return card


def renew(node: Node, *, at: datetime) -> bool:
    """Hand out a card with a fresh receive key, valid for a year, if the newest one is a month old; whether it was.

    The key before is used by who has no newer card for `CARD_TAKEN_WITHIN` longer, and then destroyed once nothing can be under
    way to it. Of several processes one renews.
    """
    with _alone(node):
        card, now = post.own_card(node), moment(stamp(at))
        newest = max(card.receive_keys, key=lambda one: one.from_)
        due = now >= newest.from_ + RECEIVE_KEY_USED
        if due:
            fresh = ReceiveKey(suite=SUITE, public=keys.add_receive_key(node.folder), from_=now, until=now + CARD_LIFE)
            before = [replace(one, until=min(one.until, now + CARD_TAKEN_WITHIN)) for one in _usable(card, at=now)]
            _handed_out(node, replace(card, receive_keys=(*before, fresh), issued_at=now, expires_at=now + CARD_LIFE))
        return due


def renewed(card: NodeCard) -> bool:
    """Whether a card was handed out because its receive key is fresh, and for nothing else since."""
    return len(card.receive_keys) > 1 and card.issued_at == max(one.from_ for one in card.receive_keys)


def destroy_receive_keys(node: Node, *, at: datetime) -> list[str]:
    """Destroy the receive keys for which nothing can be under way any more; their names."""
    with _alone(node):
        kept = {one.id for one in _usable(post.own_card(node), at=at)}
        gone = sorted(keys.receive_key_names(node.folder) - kept)
        for name in gone:
            keys.destroy_receive_key(node.folder, key=name)
        return gone


def _usable(card: NodeCard, *, at: datetime) -> list[ReceiveKey]:
    return [one for one in card.receive_keys if at < one.until + COURIER_AGE_MAX]


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """No other process of this node changes its card for its own part meanwhile."""
    with (node.folder / ".card-lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def begin_epoch(node: Node, *, end: bytes, seen: bytes, at: datetime) -> NodeCard:
    """Hand out a card with a log of another name and another key; `end` and `seen` as in `FormerLog`. Called again, the same.

    The node has to be opened anew afterwards: `node.toml` tells it the name of its log.
    """
    card = post.own_card(node)
    if not card.former_logs or card.former_logs[-1].end != end:
        keys.make_next_log_key(node.folder)
        public = keys.next_log_key(node.folder)
        assert public is not None, "it was made a line above"
        begun = card.former_log_keys[-1].until if card.former_log_keys else card.issued_at
        used = (*card.former_log_keys, FormerLogKey(key=card.log_key, from_=begun, until=at))
        origin = origin_of(node.id, epoch=len(card.former_logs) + 1)
        fresh = replace(
            card,
            log_origin=origin,
            log_key=VerifierKey(name=origin, public=public).vkey,
            former_log_keys=(),
            former_logs=(*card.former_logs, FormerLog(origin=card.log_origin, keys=used, end=end, seen=seen)),
            issued_at=at,
        )
        card = _handed_out(node, fresh)
    _tell(node, epoch=len(card.former_logs))
    return card


def _handed_out(node: Node, fresh: NodeCard) -> NodeCard:
    public, sign = keys.signer(node.folder)
    statement = signed(Statement(type=CARD, body=fresh.as_body()), key=public, sign=sign)
    card = read_card(statement)  # what a peer would refuse is not handed out
    _put(node.folder / log.CARD_FILE, statement.to_bytes())
    return card


def _tell(node: Node, *, epoch: int) -> None:
    """Have `node.toml` say which of its logs the node writes."""
    path = node.folder / "node.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("log_epoch = ")]
    _put(path, "\n".join([f"log_epoch = {epoch}", *kept, ""]).encode())


def _put(path: Path, data: bytes) -> None:
    """Replace a file, whole or not at all."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
