"""The retention schedule: composed by an administrator, signed, in force after its notice."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import moment, stamp
from comity.law import Edition, ValueUnknown
from comity.oversight.retention import OTHER, SCHEDULE, Rule, Schedule, read_schedule
from comity.registry import access
from comity.registry.act import current
from comity.registry.actions import retention as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import retention
from comity.registry.queries.people import known

GESTURE: Final = "retention.adopt"


def prepare_schedule(rules: Sequence[Rule], *, from_: datetime, actor: Actor, at: datetime) -> Prepared:
    """The next version of the schedule; raises `ScheduleBroken`, and `ValueUnknown` for a category the law does not know."""
    access.require(actor, Power.ADMINISTER, at=at)
    categories = (*Edition.packaged().categories, OTHER)
    for rule in rules:
        if rule.category not in categories:
            raise ValueUnknown(field="category", found=rule.category[:60], allowed=", ".join(categories))
    before = retention.newest(viewer=actor)
    schedule = Schedule(
        node=current().id,
        version=before.record.version + 1 if before else 1,
        previous=before.digest if before else "",
        rules=tuple(rules),
        from_=moment(stamp(from_)),
        by=actor.as_record(),
        at=moment(stamp(at)),
    )
    text = Statement(type=SCHEDULE, body=Schedule.from_body(schedule.as_body()).as_body())
    return Prepared(gesture=GESTURE, subject=str(schedule.version), texts=(text,), arguments={})


def _adopt(_prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_schedule(signed[0], known=known({}, viewer=actor))
    acts.adopt_schedule(proven, actor=actor, at=at)
    return Done(kind="schedule", reference=str(proven.record.version))


FINISH: Final[dict[str, Callable[..., Done]]] = {GESTURE: _adopt}
