"""The node renews its card month by month, destroys receive keys that are past use, and takes over its peers' new cards."""

from datetime import datetime

from comity.authorities.statement import Statement
from comity.canon import Json
from comity.exchange import trust
from comity.exchange.card import NodeKind, read_card
from comity.exchange.wire import Fields
from comity.registry import own_card, post
from comity.registry.act import current
from comity.registry.actions import cards as acts
from comity.registry.models import EntryRow
from comity.registry.rows import Inbound


def catch_up(*, at: datetime) -> None:
    """Renew the card if its receive key is a month old, tell the peers, and destroy keys that nothing is under way to."""
    node = current()
    machine = node.machine("post")
    own_card.renew(node, at=at)
    card, statement = post.own_card(node), post.own_card_statement(node)
    told = EntryRow.objects.filter(kind=acts.RENEWED, statement=statement.digest)
    if own_card.renewed(card) and not told.exists():  # renewed now, or by a process that was killed before it said so
        acts.tell_card(statement, card, actor=machine, at=at)
    gone = own_card.destroy_receive_keys(node, at=at)
    if gone:
        acts.destroyed_keys(gone, actor=machine, at=at)


def arrived(inbound: Inbound, content: Json, *, at: datetime) -> None:
    """A peer sends its renewed card; raises as `trust.renewed`, and then the card held stays."""
    us = current()
    statement = Statement.from_json(Fields.of(content, record="card", names=("card",)).object("card"))
    previous = post.peer(inbound.sender)
    card = trust.renewed(read_card(statement), own_kind=NodeKind(us.kind), previous=previous, at=at)
    acts.receive_card(inbound, card, statement=statement, actor=us.machine("post"), at=at)
