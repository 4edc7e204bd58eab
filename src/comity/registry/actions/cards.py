"""A node's card with a fresh receive key: handed out, and taken over from a peer."""

from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.exchange.card import NodeCard
from comity.registry import log, rows
from comity.registry.act import act
from comity.registry.models import PeerRow

MESSAGE: Final = "card"
RENEWED: Final = "card.renewed"


@act
def tell_card(statement: Statement, card: NodeCard, *, actor: Actor, at: datetime) -> None:
    """The card was renewed: every peer is sent it."""
    facts: JsonObject = {"receive_keys": [one.id for one in card.receive_keys]}
    log.append(kind=RENEWED, facts=facts, statement=statement.digest, actor=actor, at=at)
    for node in PeerRow.objects.order_by("node").values_list("node", flat=True):
        rows.queue(peer=node, subject=MESSAGE, content={"card": statement.as_json()}, letter=None, at=at)


@act
def destroyed_keys(names: list[str], *, actor: Actor, at: datetime) -> None:
    """Receive keys were destroyed: what was sealed to them is opened by nobody any more."""
    log.append(kind="card.keys.destroyed", facts={"receive_keys": list(names)}, statement="", actor=actor, at=at)


@act
def receive_card(inbound: rows.Inbound, card: NodeCard, *, statement: Statement, actor: Actor, at: datetime) -> None:
    """A peer's renewed card takes the place of the one held; a receipt is promised."""
    PeerRow.objects.filter(node=card.node).update(card=statement.to_bytes())
    facts = inbound.facts({"peer": card.node, "receive_keys": [one.id for one in card.receive_keys]})
    entry = log.append(kind="peer.card", facts=facts, statement=statement.digest, actor=actor, at=at)
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=None, at=at), at=at)
