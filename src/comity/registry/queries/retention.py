"""How long what this node keeps is kept: its schedules, when each item's time runs out, and what was erased so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from comity.authorities.officials import Officials, Proven
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, stamp
from comity.evidence.erasure import RETENTION
from comity.letters.life import State
from comity.oversight.retention import Due, Schedule, due, read_schedule
from comity.registry import access, rows
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import EventRow, HoldRow, ItemRow, ScheduleRow, TransferRow
from comity.registry.queries.people import known

ENDED: Final = (State.EXECUTED, State.REFUSED, State.WITHDRAWN)
SMALL_COUNT: Final = 5
"""Below it no figure is published, so that nobody reads one case out of the statistics."""


def schedules(*, viewer: Actor) -> list[Proven[Schedule]]:
    """Every version, the newest first, each proven; raises what does not hold."""
    everybody = known({}, viewer=viewer)
    return [_proven(row, everybody) for row in ScheduleRow.objects.order_by("-version")]


def newest(*, viewer: Actor) -> Proven[Schedule] | None:
    """The newest version, in force or not yet; None where the node has none."""
    row = ScheduleRow.objects.order_by("-version").first()
    return _proven(row, known({}, viewer=viewer)) if row else None


def in_force(*, viewer: Actor, at: datetime) -> Proven[Schedule] | None:
    """The version that counts at that moment; None where the node has none, or none has begun."""
    row = ScheduleRow.objects.filter(from_at__lte=at).order_by("-version").first()
    return _proven(row, known({}, viewer=viewer)) if row else None


def _proven(row: ScheduleRow, everybody: Officials) -> Proven[Schedule]:
    return read_schedule(Statement.from_bytes(bytes(row.statement)), known=everybody)


@dataclass(frozen=True)
class Running:
    """An item whose time runs: until when, by which rule, and until when it is held beyond that."""

    item: ItemRow
    due: Due
    held_until: datetime | None

    @property
    def at(self) -> datetime:
        """When it is erased."""
        return max(self.due.at, self.held_until) if self.held_until else self.due.at


def running(item: ItemRow, schedule: Schedule, *, viewer: Actor) -> Running | None:
    """When the time of one item runs out; None while none runs."""
    assert access.of_this_node(viewer), "whoever sees an item was asked before; a machine of this node sees each"
    data = rows.letter_of(item.letter).scope.data
    found = due(schedule, data=data, ended_at=_ended_at(item), handed_over_at=_handed_over_at(item))
    if found is None:
        return None
    held = HoldRow.objects.filter(item=item, lifted_at=None).order_by("-until").first()
    return Running(item=item, due=found, held_until=held.until if held else None)


def _ended_at(item: ItemRow) -> datetime | None:
    if item.letter.state not in [one.value for one in ENDED]:
        return None
    last: datetime | None = (
        EventRow.objects.filter(letter=item.letter).order_by("-at").values_list("at", flat=True).first()
    )
    return last


def _handed_over_at(item: ItemRow) -> datetime | None:
    given = TransferRow.objects.filter(item=item.reference, outgoing=True, state=TransferRow.ACCEPTED).first()
    return moment(Statement.from_bytes(bytes(given.statement)).body["at"]) if given else None


def _candidates() -> QuerySet[ItemRow]:
    """Items whose time can run: not erased, not on their way, of a letter that ended or handed over."""
    moving = TransferRow.objects.filter(item=OuterRef("reference"), outgoing=True)
    ended = Q(letter__state__in=[one.value for one in ENDED])
    over = Q(Exists(moving.filter(state=TransferRow.ACCEPTED)))
    found = ItemRow.objects.filter(erased_at=None).filter(ended | over)
    return found.exclude(Exists(moving.filter(state=TransferRow.OFFERED))).select_related("letter").order_by("pk")


def ending(*, within: timedelta, viewer: Actor, at: datetime) -> list[JsonObject]:
    """What this viewer sees of items whose time runs out soon, the next one first; by the schedule in force or to come."""
    schedule = newest(viewer=viewer)
    if schedule is None:
        return []
    seen = _candidates().filter(pk__in=access.visible_items(viewer=viewer))
    found = [one for one in _each(seen, schedule.record, viewer=viewer) if one.at <= at + within]
    return [_told(one) for one in sorted(found, key=lambda one: (one.at, one.item.pk))[:PAGE_ROWS_MAX]]


def of_item(reference: str, *, viewer: Actor) -> JsonObject:
    """When the time of one item runs out, and every hold of it; raises `NoSuchThing`."""
    item, schedule = rows.item(reference, viewer=viewer), newest(viewer=viewer)
    found = running(item, schedule.record, viewer=viewer) if schedule and item.erased_at is None else None
    holds = HoldRow.objects.filter(item=item).order_by("-pk")
    return {
        "item": reference,
        "due": _told(found) if found else None,
        "schedule": schedule.digest if schedule else "",
        "holds": [_hold(one) for one in holds],
        "erased_at": stamp(item.erased_at) if item.erased_at else "",
        "final_at": stamp(item.final_at) if item.final_at else "",
    }


def _hold(row: HoldRow) -> JsonObject:
    return {
        "hold": row.reference,
        "until": stamp(row.until),
        "reason": row.reason,
        "official": row.official,
        "at": stamp(row.at),
        "lifted_at": stamp(row.lifted_at) if row.lifted_at else "",
    }


def due_now(schedule: Schedule, *, viewer: Actor, at: datetime) -> Iterator[Running]:
    """Items whose time has run out."""
    return (one for one in _each(_candidates(), schedule, viewer=viewer) if one.at <= at)


def _each(items: QuerySet[ItemRow], schedule: Schedule, *, viewer: Actor) -> Iterator[Running]:
    for item in items.iterator(chunk_size=500):
        found = running(item, schedule, viewer=viewer)
        if found is not None:
            yield found


def _told(one: Running) -> JsonObject:
    return {
        "item": one.item.reference,
        "letter": one.item.letter.short,
        "name": str(one.item.record["name"]),
        "at": stamp(one.at),
        "category": one.due.rule.category,
        "after": one.due.rule.after.value,
        "since": stamp(one.due.since),
        "days": one.due.rule.period_days,
        "held_until": stamp(one.held_until) if one.held_until else "",
    }


def published(*, viewer: Actor, at: datetime) -> JsonObject:
    """What everybody may read: the rules in force and to come, and how much was erased; small counts are not told."""
    assert access.of_this_node(viewer), "a node publishes its own schedule"
    everybody = known({}, viewer=viewer)
    held = list(ScheduleRow.objects.order_by("-version"))
    begun = [row for row in held if row.from_at <= at]
    shown = [*(row for row in held if row.from_at > at), *begun[:1]]
    erased = ItemRow.objects.exclude(erased_at=None).aggregate(
        erased=Count("pk"), final=Count("pk", filter=Q(erased_month="") | ~Q(final_at=None))
    )
    return {
        "node": viewer.node,
        "ground": RETENTION,
        "schedules": [_published(_proven(row, everybody), in_force=row in begun) for row in shown],
        "erased": {name: _small(int(count)) for name, count in erased.items()},
        "held": _small(HoldRow.objects.filter(lifted_at=None, until__gt=at).values("item").distinct().count()),
    }


def _small(count: int) -> str:
    return str(count) if not count or count >= SMALL_COUNT else f"<{SMALL_COUNT}"


def _published(schedule: Proven[Schedule], *, in_force: bool) -> JsonObject:
    read = schedule.record
    return {
        "version": read.version,
        "in_force": in_force,
        "from": stamp(read.from_),
        "signed_at": stamp(read.at),
        "digest": schedule.digest,
        "rules": [one.as_record() for one in read.rules],
        "statement": schedule.statement.as_json(),
    }
