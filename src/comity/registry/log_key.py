"""Changing the key of this node's log, so that a crash at any point leaves one key that counts.

    keys/log-next appears  ->  announced under the old key  ->  new card  ->  keys/log-next becomes keys/log

The card decides: once it names the next key, the old one is gone with the next step, which whoever comes next completes.
"""

import os
import secrets
from dataclasses import replace
from datetime import datetime

from comity.authorities.statement import Statement, signed
from comity.exchange.card import CARD, FormerLogKey, NodeCard, read_card
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
        public, sign = keys.signer(node.folder)
        statement = signed(Statement(type=CARD, body=fresh.as_body()), key=public, sign=sign)
        card = read_card(statement)  # what a peer would refuse is not handed out
        _put(node, statement.to_bytes())
    log.complete_turn(node)
    return card


def _put(node: Node, card: bytes) -> None:
    """Replace the card, whole or not at all."""
    path = node.folder / log.CARD_FILE
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(card)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
