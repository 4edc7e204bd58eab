"""Changing the key of this node's log, so that a crash at any point leaves one key that counts.

    keys/log-next appears  ->  announced under the old key  ->  new card  ->  keys/log-next becomes keys/log

The card decides, here and where a log of another name begins: once it names the next key, the old one is gone with the next step, which whoever comes next completes.
"""

import os
import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from comity.authorities.statement import Statement, signed
from comity.exchange.card import CARD, NodeCard, read_card
from comity.exchange.former_log import FormerLog, FormerLogKey, origin_of
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
