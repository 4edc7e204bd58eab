"""Changing the key of the log from its announcement to the peers' cards, and taking over a peer's new key."""

from datetime import datetime

from comity.authorities.roles import Actor
from comity.canon import Json
from comity.exchange.card import NodeCard, NodeKind
from comity.exchange.log_key import ANNOUNCED, NewLogKey, announcement, follow
from comity.ledger import Entry
from comity.registry import log, own_card, post
from comity.registry.act import current
from comity.registry.actions import log_keys as acts
from comity.registry.models import EntryRow
from comity.registry.rows import Inbound


def rotate(*, actor: Actor, at: datetime) -> NodeCard:
    """Give the log a new key; the node's new card. Called again after a crash, it goes on where it stopped.

    Raises `MandateNotInForce` or `PowerMissing`, and as `log.sequence`.
    """
    node = current()
    new, old = own_card.next_key(node), log.verifier(node)
    facts = announcement(old, new)
    index = _announced(facts)
    if index is None:
        acts.announce_key(facts, actor=actor, at=at)
        while index is None:
            log.sequence(at=at)
            index = _announced(facts)
    size, signed = log.newest_checkpoint()
    placed = log.prove(index, size=size, signed=signed)
    card = own_card.turn(node, at=at)
    statement = post.own_card_statement(node)
    told = NewLogKey(card=statement, entry=placed.entry, inclusion=placed.inclusion)
    acts.use_key(statement, content=told.as_content(), actor=actor, at=at)
    log.sequence(at=at)
    return card


def arrived(inbound: Inbound, content: Json, *, at: datetime) -> None:
    """A peer's log has a new key; raises as `follow`, and then the card held stays."""
    us = current()
    told = NewLogKey.from_content(content)
    card = follow(told, previous=post.peer(inbound.sender), own_kind=NodeKind(us.kind), at=at)
    acts.receive_key(inbound, card, statement=told.card, actor=us.machine("post"), at=at)


def _announced(facts: dict[str, Json]) -> int | None:
    """Where the log announces this very change, once it has its place."""
    rows = EntryRow.objects.filter(kind=ANNOUNCED).exclude(index=None).order_by("-index")[:20]
    found = (row.index for row in rows if Entry.from_bytes(bytes(row.body)).facts == facts)
    return next(found, None)
