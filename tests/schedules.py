"""A retention schedule of the node nl, signed by its administrator."""

from datetime import timedelta

import people
from comity.cli import desk
from comity.cli.story import Stage
from comity.oversight.retention import After, Rule, Schedule
from comity.registry.gestures.retention import prepare_schedule

DAY = timedelta(days=1)
WEEKS = Rule("other", After.LETTER_ENDED, 20, "Node policy", "not_stated", "Time for appeals.")


def adopt(stage: Stage, *rules: Rule, days: float = 14) -> Schedule:
    with stage.nl.active():
        seat, at = people.at(stage.nl, "anna"), stage.nl.clock.now()
        prepared = prepare_schedule(rules, from_=at + days * DAY, actor=seat.entry.actor, at=at)
        desk.finished(prepared, seat=seat, at=at)
        return Schedule.from_body(prepared.texts[0].body)
