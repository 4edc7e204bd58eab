"""The timetable of a measure: every clock that its events have started, with those of other measures that act on them."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from itertools import chain

from comity.law.clocks import Deadline, Join, Occurrence, Running, implied, run, stated
from comity.law.edition import Edition
from comity.law.places import Place
from comity.law.question import ValueUnknown


def joins_of(edition: Edition, instrument: str) -> tuple[Join, ...]:
    """How the deadlines of an instrument act on each other: what they say themselves, and what is written by hand.

    Raises `ValueUnknown` or `JoinBroken`.
    """
    deadlines = _deadlines(edition, instrument)
    written = edition.document["instruments"][instrument].get("conditions", {}).get("joins", [])
    return tuple(chain(implied(deadlines), stated(written, deadlines)))


def timetable(
    edition: Edition,
    instrument: str,
    measure: str,
    *,
    events: Iterable[Occurrence],
    place: Place | tzinfo,
    places: Mapping[str, Place] | None = None,
) -> tuple[Running, ...]:
    """The clocks of one measure after these events (see `clocks.run`), then those of other measures that act on them.

    Raises `ValueUnknown`, `JoinBroken`, and what `clocks.reckon` raises.
    """
    held = edition.instrument(instrument).measures
    if measure not in held:
        raise ValueUnknown(field="measure", found=measure[:60], allowed=", ".join(sorted(held)) or "none")
    own = {f"{measure}.{one.id}" for one in held[measure].deadlines}
    joins = joins_of(edition, instrument)
    shown = own | {join.deadline for join in joins if own.intersection(join.clocks)}
    deadlines = _deadlines(edition, instrument)
    clocks = run(deadlines, events, place=place, joins=joins, places=places)
    found = [clock for clock in clocks if clock.clock in shown]
    return tuple(sorted(found, key=lambda clock: clock.clock not in own))


def _deadlines(edition: Edition, instrument: str) -> dict[str, Deadline]:
    held = edition.instrument(instrument).measures.values()
    return {f"{measure.id}.{one.id}": one for measure in held for one in measure.deadlines}
