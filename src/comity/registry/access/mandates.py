"""That somebody is in office, now: asked again within each act."""

from datetime import datetime

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.authorities.statement import Statement
from comity.registry import post
from comity.registry.act import current
from comity.registry.models import OfficialRow


def require(actor: Actor, power: Power, *, at: datetime) -> Entry:
    """Hold that the actor's mandate on this node runs now and holds the power; the directory entry it stands in.

    Asked again within each act: a mandate that was ended while a page was open ends there.
    Raises `MandateNotInForce` or `PowerMissing`.
    """
    row = OfficialRow.objects.filter(node=current().id, official=actor.official, mandate=actor.mandate).first()
    if row is None or actor.node != current().id:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="this node holds no such mandate")
    if row.ended_at is not None and row.ended_at <= at:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="it was ended")
    home = post.home_of(post.own_card(current()))
    entry = home.entry(Statement.from_bytes(bytes(row.statement)))  # the node's own signature: a changed row ends here
    entry.in_force(at=at)
    if entry.actor != actor:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="the directory says otherwise")
    actor.require(power)
    return entry
