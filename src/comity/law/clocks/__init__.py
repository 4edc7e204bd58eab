"""Clocks: from a deadline of the law and the events of a letter to a day or an hour, with a proof that a person can follow.

* `reckon` counts one deadline; `run` follows all clocks of a measure through its events: start, stop, restart, extension, and a clock
  of its own for every addressee.
* Holidays are loaded only when a date in days is counted. Nothing here reads a clock.
"""

from comity.law.clocks.deadline import EXTENDING, KEEPING, NOT_STATED, Deadline, DeadlineBroken
from comity.law.clocks.joins import Effect, Join, JoinBroken, implied, stated
from comity.law.clocks.proof import Reckoned, Step
from comity.law.clocks.reckoning import RULES, SILENT, BeyondTheCalendar, CountingNotEncoded, reckon
from comity.law.clocks.running import ClockState, Occurrence, Running, run

__all__ = [
    "EXTENDING",
    "KEEPING",
    "NOT_STATED",
    "RULES",
    "SILENT",
    "BeyondTheCalendar",
    "ClockState",
    "CountingNotEncoded",
    "Deadline",
    "DeadlineBroken",
    "Effect",
    "Join",
    "JoinBroken",
    "Occurrence",
    "Reckoned",
    "Running",
    "Step",
    "implied",
    "reckon",
    "run",
    "stated",
]
