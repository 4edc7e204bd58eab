"""Clocks: from a deadline of the law and the events of a letter to a day or an hour, with a proof that a person can follow.

* A duty to act: the target is the earlier reading, the limit the later. A duty to keep (`hard_min`, `auto_expiry`): the holder's
  target is the later reading, the requester's alarm (`limit`) the earlier.
* Where the text does not say which event starts the clock, each candidate that has happened is computed.
* A treaty without a rule on counting is read twice: the day of the event is not counted, and it is counted. No roll-over is
  applied, because none is stated.
* A period in days ends at 24:00 at the place where the act is done, which is 00:00 of the following day.
* Nothing here reads a clock.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError

NOT_STATED: Final = "not_stated"
KEEPING: Final = frozenset({"hard_min", "auto_expiry"})
SILENT: Final = "treaty_silent"
_PERIOD: Final = re.compile(r"P(?P<days>\d{1,4})D|PT(?P<hours>\d{1,5})H")


class DeadlineBroken(ComityError):
    """A record is no deadline."""

    code = "law.deadline_broken"
    sentence = N_("this is no deadline: {why}")


class CountingNotEncoded(ComityError):
    """The edition holds no rule to count this period."""

    code = "law.counting_not_encoded"
    sentence = N_(
        "{deadline} ({duration}, {calc}) cannot be counted: this edition encodes days and hours of treaties only"
    )
    hint = N_("Count it by hand under article {article} and record the date with its reasons.")


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One deadline of a measure, as the law's data state it; an empty text is `not stated`."""

    id: str
    actor: str
    action: str
    case: str
    type: str
    duration: str
    unit: str
    from_event: str
    candidates: tuple[str, ...]
    article: str
    verification: str
    calc: str
    on_expiry: str
    condition: str
    note: str

    def as_record(self) -> JsonObject:
        return {**asdict(self), "candidates": list(self.candidates)}

    @classmethod
    def from_record(cls, record: object) -> "Deadline":
        """Read `as_record` back; raises `DeadlineBroken`."""
        names = {field.name for field in fields(cls)}
        if not isinstance(record, dict) or set(record) != names:
            raise DeadlineBroken(why=f"expected exactly {', '.join(sorted(names))}")
        candidates = record["candidates"]
        if not isinstance(candidates, list) or not all(isinstance(one, str) for one in candidates):
            raise DeadlineBroken(why="candidates is a list of texts")
        if not all(isinstance(value, str) for name, value in record.items() if name != "candidates"):
            raise DeadlineBroken(why="every other part is a text")
        return cls(**{**record, "candidates": tuple(candidates)})

    @property
    def starts(self) -> tuple[str, ...]:
        """The events that may start this clock: the stated one, or each candidate."""
        return self.candidates if self.from_event == NOT_STATED else (self.from_event,)


@dataclass(frozen=True)
class Reckoned:
    """The two dates of a deadline (see the module's rules) and how they were found, line by line."""

    target: datetime | None
    limit: datetime | None
    proof: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """Dates in ISO 8601 with the offset of the place, or null."""
        return {
            "target": self.target.isoformat() if self.target else None,
            "limit": self.limit.isoformat() if self.limit else None,
            "proof": list(self.proof),
        }


def reckon(deadline: Deadline, *, events: Mapping[str, datetime], place: tzinfo) -> Reckoned:
    """Count a deadline from the events that have happened, in the time of the place where the act is done.

    `events` maps the names in `deadline.starts` to moments with a zone. Without a figure or a start event both dates are
    None and the proof says why. Raises `CountingNotEncoded`.
    """
    proof = [f"Art. {deadline.article}: {deadline.actor} {deadline.action}".replace("_", " ")]
    if not deadline.duration:
        return Reckoned(
            None, None, (*proof, f"No figure is stated ({deadline.type}): act without delay.".replace("_", " "))
        )
    happened = [event for event in deadline.starts if event in events]
    if not happened:
        waits = " or ".join(deadline.starts) or NOT_STATED
        return Reckoned(None, None, (*proof, f"The clock of {deadline.duration} waits for: {waits}."))
    if deadline.from_event == NOT_STATED:
        proof.append(f"The text does not say what starts it; computed from: {', '.join(happened)}.")
    ends: list[datetime] = []
    for event in happened:
        for end, line in _readings(deadline, start=events[event].astimezone(place), event=event):
            ends.append(end)
            proof.append(line)
    # Across a change of the clocks only UTC tells the earlier of two moments of one zone.
    earlier, later = min(ends, key=_instant), max(ends, key=_instant)
    if deadline.type in KEEPING:
        proof.append(f"A duty to keep: hold until {_said(later)}; the requester's alarm is {_said(earlier)}.")
        return Reckoned(target=later, limit=earlier, proof=tuple(proof))
    proof.append(f"A duty to act: aim for {_said(earlier)}; the outer limit is {_said(later)}.")
    return Reckoned(target=earlier, limit=later, proof=tuple(proof))


def _readings(deadline: Deadline, *, start: datetime, event: str) -> tuple[tuple[datetime, str], ...]:
    period = _PERIOD.fullmatch(deadline.duration)
    if period is None or deadline.calc != SILENT:
        raise CountingNotEncoded(
            deadline=deadline.id, duration=deadline.duration, calc=deadline.calc, article=deadline.article
        )
    if period["hours"]:
        end = (start.astimezone(UTC) + timedelta(hours=int(period["hours"]))).astimezone(start.tzinfo)
        return ((end, f"{event} {_said(start)} + {deadline.duration}, counted from the minute: {_said(end)}."),)
    days = int(period["days"])
    return tuple(
        (end, f"{event} {_said(start)} + {deadline.duration}, {how}: {_said(end)}.")
        for counted, how in ((days, "the day of the event not counted"), (days - 1, "the day of the event counted"))
        for end in (_midnight_after(start, days=counted),)
    )


def _midnight_after(start: datetime, *, days: int) -> datetime:
    return datetime.combine(start.date() + timedelta(days=days + 1), time.min, tzinfo=start.tzinfo)


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _said(moment: datetime) -> str:
    """A moment for people: midnight is the end of the day before."""
    if moment.time() == time.min:
        return f"{moment.date() - timedelta(days=1)} 24:00"
    return moment.strftime("%Y-%m-%d %H:%M")
