"""How long evidence is kept: a schedule is adopted, and an item is held beyond its time, with a reason, until a day."""

import secrets
from datetime import datetime

from comity.authorisations.reasons import reason as read_reason
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.oversight.retention import HOLD_MAX, Schedule, ScheduleBroken, succeed
from comity.registry import access, log, rows
from comity.registry.act import act, current
from comity.registry.models import HoldRow, ItemRow, ScheduleRow
from comity.registry.queries import retention


class HoldRefused(ComityError):
    """An item is held for a while, from now on, as long as it is there."""

    code = "retention.hold_refused"
    sentence = N_("item {item} cannot be held so: {why}")


@act
def adopt_schedule(proven: Proven[Schedule], *, actor: Actor, at: datetime) -> None:
    """Keep the next version of this node's schedule; it counts from the day that it names."""
    access.require(actor, Power.ADMINISTER, at=at)
    schedule = proven.record
    rows.hold_signer(actor, schedule.by, step="adopt")
    if schedule.node != current().id:
        raise ScheduleBroken(why=f"it is of node {schedule.node[:40]}")
    succeed(proven, retention.newest(viewer=actor))
    ScheduleRow.objects.create(
        version=schedule.version,
        digest=proven.digest,
        statement=proven.statement.to_bytes(),
        from_at=schedule.from_,
    )
    facts: JsonObject = {"version": schedule.version, "from": stamp(schedule.from_), "rules": len(schedule.rules)}
    log.append(kind="retention.schedule", facts=facts, statement=proven.digest, actor=actor, at=at)


@act
def hold_item(item: str, *, until: datetime, reason: str, actor: Actor, at: datetime) -> str:
    """Keep an item until that day although its time runs out before; the hold's reference."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    row = _item(item, actor=actor)
    if row.erased_at is not None or row.sealed_off_at is not None:
        raise HoldRefused(item=item[:8], why="it was erased, or what it rested on has ended")
    if not at < until <= at + HOLD_MAX:
        raise HoldRefused(item=item[:8], why=f"a hold ends within {HOLD_MAX.days} days; then somebody says again why")
    stated = read_reason(reason, field="reason")
    kept = HoldRow.objects.create(
        reference=secrets.token_hex(16), item=row, until=until, reason=stated, official=actor.official, at=at
    )
    log.append(
        kind="retention.hold",
        facts={"item": item, "hold": kept.reference, "until": stamp(until), "reason": stated},
        statement="",
        actor=actor,
        at=at,
    )
    return kept.reference


@act
def lift_hold(item: str, *, hold: str, reason: str, actor: Actor, at: datetime) -> None:
    """The item's own time counts again; raises `NoSuchThing`."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    row = HoldRow.objects.filter(item=_item(item, actor=actor), reference=hold, lifted_at=None).first()
    if row is None:
        raise access.NoSuchThing(what="hold", reference=hold[:8])
    row.lifted_at = at
    row.save(update_fields=["lifted_at"])
    facts = {"item": item, "hold": hold, "reason": read_reason(reason, field="reason")}
    log.append(kind="retention.lift", facts=facts, statement="", actor=actor, at=at)


def _item(reference: str, *, actor: Actor) -> ItemRow:
    row = rows.item_for_update(reference)
    access.why_item(row, viewer=actor)
    return row
