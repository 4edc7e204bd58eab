"""The proof of a date: plain lines with their articles, which a person can follow with a calendar in hand."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from comity.canon import JsonObject


@dataclass(frozen=True)
class Step:
    """One step: what it says, the article that it rests on, and the day that it comes to; empty and None where there is none."""

    text: str
    article: str = ""
    day: date | None = None

    @property
    def line(self) -> str:
        return f"{self.text} ({self.article})." if self.article else f"{self.text}."

    def as_json(self) -> JsonObject:
        return {"text": self.text, "article": self.article, "day": self.day.isoformat() if self.day else None}


@dataclass(frozen=True)
class Reading:
    """One way to read a period: which way, the event that started it, when it ends, and how that was found.

    `last` is the last day before anything was rolled over; None for a period in hours.
    """

    way: str
    event: str
    end: datetime
    steps: tuple[Step, ...]
    last: date | None = None

    @property
    def instant(self) -> datetime:
        """The end in UTC: across a change of the clocks only UTC tells the earlier of two moments of one zone."""
        return self.end.astimezone(UTC)


@dataclass(frozen=True)
class Reckoned:
    """The two dates of a deadline and how they were found; both are None where there is nothing to count yet."""

    target: datetime | None
    limit: datetime | None
    steps: tuple[Step, ...]

    @property
    def proof(self) -> tuple[str, ...]:
        """The steps as lines."""
        return tuple(step.line for step in self.steps)

    def as_json(self) -> JsonObject:
        """Dates in ISO 8601 with the offset of the place, or null."""
        return {
            "target": self.target.isoformat() if self.target else None,
            "limit": self.limit.isoformat() if self.limit else None,
            "proof": list(self.proof),
        }


def day_said(day: date) -> str:
    """A day for people: `Monday 2026-12-07`."""
    return f"{day:%A} {day.isoformat()}"


def said(moment: datetime) -> str:
    """A moment for people: midnight is the end of the day before."""
    if moment.time() == time.min and moment.date() > date.min:
        return f"{moment.date() - timedelta(days=1)} 24:00"
    return f"{moment.date()} {moment:%H:%M}"


def end_of(day: date, like: datetime) -> datetime:
    """24:00 of a day, in the time zone of `like`; raises `OverflowError`."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=like.tzinfo)


def start_of(day: date, like: datetime) -> datetime:
    """00:00 of a day, in the time zone of `like`."""
    return datetime.combine(day, time.min, tzinfo=like.tzinfo)
