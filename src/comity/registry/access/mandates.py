"""Behind every act of an official stands one question: does this mandate run now, hold the power, and have its training."""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from comity.authorities.directory import Entry, Home
from comity.authorities.keys import PublicKey
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.authorities.standing import read_standing
from comity.authorities.statement import Statement, verify
from comity.authorities.training import POLICY, TRAINING, Training, TrainingPolicy, hold_trained
from comity.canon import JsonObject
from comity.registry import post
from comity.registry.act import current, note_power
from comity.registry.models import OfficialRow, TrainingPolicyRow, TrainingRow


def require(actor: Actor, power: Power, *, at: datetime) -> Entry:
    """Hold that the actor's mandate on this node runs now and holds the power; the directory entry it stands in.

    Asked again within each act: a mandate that was suspended or ended while a page was open stops there.
    Raises `MandateNotInForce`, `PowerMissing` or `TrainingMissing`.
    """
    row = OfficialRow.objects.filter(node=current().id, official=actor.official, mandate=actor.mandate).first()
    if row is None or actor.node != current().id:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="this node holds no such mandate")
    entry = running(row, at=at)
    if entry.actor != actor:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="the directory says otherwise")
    actor.require(power)
    _hold_trained(entry, power, at=at)
    note_power(power.value)
    return entry


def running(row: OfficialRow, *, at: datetime) -> Entry:
    """The entry of a mandate of this node that runs at that moment; raises `MandateNotInForce`.

    The columns and the signed standing are asked alike: whoever changes one of them starts nothing again.
    """
    entry = entry_of(row, home=post.home_of(post.own_card(current())))
    for word, moment in (("ended", row.ended_at), ("suspended", row.suspended_at)):
        if moment is not None and moment <= at:
            raise MandateNotInForce(official=row.official, role=row.role, why=f"it was {word}")
    if (entry.official, entry.mandate) != (row.official, row.mandate):
        raise MandateNotInForce(official=row.official, role=row.role, why="the directory says otherwise")
    entry.in_force(at=at)
    return entry


def powers_of_person(actor: Actor, *, at: datetime) -> frozenset[Power]:
    """The powers of all mandates of the actor's person that run on this node at that moment, not of this one alone."""
    powers: set[Power] = set()
    for row in OfficialRow.objects.filter(node=current().id, official=actor.official).order_by("id"):
        with suppress(MandateNotInForce):
            powers |= running(row, at=at).powers
    return frozenset(powers)


def entry_of(row: OfficialRow, *, home: Home) -> Entry:
    """The entry in this row with how its mandate stands, both under the node's own signature: a changed row ends here."""
    return _read(bytes(row.statement), bytes(row.standing), home)


@lru_cache(maxsize=1024)
def _read(statement: bytes, standing: bytes, home: Home) -> Entry:
    """The entry in these very bytes under this very key; the same bytes need no second check."""
    entry = home.entry(Statement.from_bytes(statement))
    if not standing:
        return entry
    whose, stands = read_standing(Statement.from_bytes(standing), node=home.node, node_key=home.key)
    if whose != (entry.node, entry.official, entry.mandate):
        raise MandateNotInForce(official=entry.official, role=entry.role.value, why="the directory says otherwise")
    return entry.standing_as(stands)


def training_policy() -> TrainingPolicy | None:
    """What this node asks of its officials; None while nobody has decided anything."""
    row = TrainingPolicyRow.objects.order_by("-id").first()
    return TrainingPolicy.from_body(_own(bytes(row.statement), POLICY)) if row else None


def trainings_of(official: str) -> list[Training]:
    """What is recorded of an official, in order."""
    rows = TrainingRow.objects.filter(official=official).order_by("id").values_list("statement", flat=True)
    return [Training.from_body(_own(bytes(one), TRAINING)) for one in rows]


def _own(data: bytes, type_: str) -> JsonObject:
    """The body of a statement that this node signed."""
    return _verified(data, type_, post.home_of(post.own_card(current())).key)


@lru_cache(maxsize=1024)
def _verified(data: bytes, type_: str, key: PublicKey) -> JsonObject:
    return verify(Statement.from_bytes(data), type=type_, key=key).body


def _hold_trained(entry: Entry, power: Power, *, at: datetime) -> None:
    policy = training_policy()
    if policy is None or power not in policy.requires:
        return
    on = at.astimezone(current().zone).date()
    hold_trained(policy, trainings_of(entry.official), power=power, who=entry.official, on=on)
