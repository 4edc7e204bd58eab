"""The log changes its key: announced under the old one, in use under the new one, and taken over from a peer."""

from datetime import datetime

from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.exchange.card import NodeCard
from comity.exchange.log_key import ANNOUNCED
from comity.registry import access, log, rows
from comity.registry.act import act
from comity.registry.models import PeerRow

MESSAGE = "log-key"


@act
def announce_key(facts: JsonObject, *, actor: Actor, at: datetime) -> None:
    """Say in the log, while the old key still signs, which key comes next."""
    access.require(actor, Power.ADMINISTER, at=at)
    log.append(kind=ANNOUNCED, facts=facts, statement="", actor=actor, at=at)


@act
def use_key(card: Statement, *, content: JsonObject, actor: Actor, at: datetime) -> None:
    """The new key signs from now on; every peer is told, with the proof that the old key agreed."""
    access.require(actor, Power.ADMINISTER, at=at)
    log.append(kind="log.key.use", facts={"card": card.digest}, statement=card.digest, actor=actor, at=at)
    for node in PeerRow.objects.order_by("node").values_list("node", flat=True):
        rows.queue(peer=node, subject=MESSAGE, content=content, letter=None, at=at)


@act
def receive_key(inbound: rows.Inbound, card: NodeCard, *, statement: Statement, actor: Actor, at: datetime) -> None:
    """A peer's card with its log's new key takes the place of the one held; a receipt is promised."""
    PeerRow.objects.filter(node=card.node).update(card=statement.to_bytes())
    facts = inbound.facts({"peer": card.node, "log_key": card.log_key})
    entry = log.append(kind="peer.log_key", facts=facts, statement=statement.digest, actor=actor, at=at)
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=None, at=at), at=at)
