"""Periods of time as the law states them: hours, or days, weeks, months and years, or working days.

* Written as in ISO 8601: `PT8H`, `P10D`, `P6W`, `P3M`, `P5Y`, `P1Y6M`; a part of a month is `P1.5M`.
* Moving a day by months or years keeps its date; where the month has no such date, it is the month's last day.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Final

MONTHS: Final = 12
MONTH_DAYS: Final = 30
"""What a month counts where only a part of it runs (Regulation 1182/71, Art. 3(2)(d))."""

_HOURS: Final = re.compile(r"PT(?P<hours>\d{1,5})H", re.ASCII)
_DATES: Final = re.compile(
    r"P(?=\d)((?P<years>\d{1,3})Y)?((?P<months>\d{1,4})(?P<part>\.\d{1,3})?M)?((?P<weeks>\d{1,4})W)?((?P<days>\d{1,5})D)?",
    re.ASCII,
)
_NAMES: Final = (("years", "year"), ("months", "month"), ("weeks", "week"), ("days", "day"))


@dataclass(frozen=True, kw_only=True)
class Period:
    """A length of time; `hours` stand alone, and `working` says that its days are working days."""

    hours: int = 0
    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    part_days: int = 0
    working: bool = False

    @classmethod
    def read(cls, duration: str, *, working: bool) -> "Period | None":
        """The period of an ISO 8601 duration; None where it is no period, or no time at all."""
        if hours := _HOURS.fullmatch(duration):
            period = cls(hours=int(hours["hours"]), working=working)
        elif found := _DATES.fullmatch(duration):
            part = ceil(Fraction(found["part"] or 0) * MONTH_DAYS)
            numbers = {name: int(found[name] or 0) for name, _ in _NAMES}
            period = cls(**numbers, part_days=part, working=working)
        else:
            return None
        alone = period == cls(days=period.days, working=True)
        return period if replace(period, working=False) != cls() and (alone or not working) else None

    @property
    def clock(self) -> bool:
        """Whether it is counted in hours."""
        return self.hours > 0

    @property
    def in_days(self) -> bool:
        """Whether it is counted in days alone, without weeks, months or years."""
        return not (self.years or self.months or self.weeks or self.part_days)

    def __str__(self) -> str:
        if self.clock:
            return _many(self.hours, "hour")
        kind = {"day": "working day"} if self.working else {}
        said = [_many(getattr(self, name), kind.get(one, one)) for name, one in _NAMES if getattr(self, name)]
        said += [f"{_many(self.part_days, 'day')} for the part of a month"] if self.part_days else []
        return " and ".join(said)

    def after(self, day: date) -> date:
        """The last day of the period that begins on the day after `day`; raises `OverflowError`."""
        return _by_months(day, self.years * MONTHS + self.months) + timedelta(days=self._days)

    def before(self, day: date) -> date:
        """The first day of the period that runs back from the day before `day`; raises `OverflowError`."""
        return _by_months(day, -(self.years * MONTHS + self.months)) - timedelta(days=self._days)

    @property
    def _days(self) -> int:
        return self.weeks * 7 + self.days + self.part_days


def _by_months(day: date, months: int) -> date:
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _many(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
