"""Public holidays of the place where an act is done: which days are working days, and by whose word.

* A working day is any day but a public holiday, a Saturday and a Sunday (Regulation 1182/71, Art. 2).
* Holidays come from the library `holidays`: those of the whole country, and of a part where the place names one. Half-days and days
  that only banks, schools or one confession keep are no public holidays.
* The library is loaded when the first year is asked for, not before. A country or year that it does not know has weekends only, and
  whoever counts says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final

from comity.law.places import PART, Place
from comity.law.question import ValueUnknown

SATURDAY: Final = 5
YEARS_KEPT_MAX: Final = 2048
"""How many years of calendars stay in memory."""

Year = Mapping[date, str]


@dataclass(frozen=True)
class Calendar:
    """The public holidays of a place: `year` answers a year's days with their names, or None where none are known."""

    source: str
    year: Callable[[int], Year | None]

    def holiday(self, day: date) -> str:
        """The name of the public holiday, or an empty text."""
        return (self.year(day.year) or {}).get(day, "")

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() < SATURDAY and not self.holiday(day)

    def next_working(self, day: date) -> date:
        """The day itself, or the first working day after it."""
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def working_between(self, first: date, last: date) -> int:
        """How many working days lie between two days, both included."""
        return sum(self.works(first + timedelta(days=passed)) for passed in range((last - first).days + 1))

    def unknown(self, first: date, last: date) -> tuple[int, ...]:
        """The years between two days of which no holiday is known."""
        return tuple(year for year in range(first.year, last.year + 1) if self.year(year) is None)


def stated(days: Year, *, source: str) -> Calendar:
    """A calendar of exactly these holidays, such as a list that a state has published."""
    return Calendar(source, lambda year: {day: name for day, name in days.items() if day.year == year})


def calendar_of(place: Place) -> Calendar:
    """The calendar of a place; raises `ValueUnknown` for a part that the state does not have."""
    if not place.state:
        return Calendar("weekends only: no state is known for this place", lambda _: None)
    if place.part and place.part not in (parts := _parts(place.state)):
        named = ", ".join(f"{place.state}-{part}" for part in parts) or place.state
        raise ValueUnknown(field="place", found=f"{place.state}-{place.part}", allowed=named)
    name = f"{place.state}-{place.part}" if place.part else place.state
    return Calendar(
        f"public holidays of {name} as in the library holidays {_version()}",
        lambda year: _year(place.state, place.part, year),
    )


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("holidays")


@lru_cache(maxsize=256)
def _parts(state: str) -> tuple[str, ...]:
    import holidays

    try:
        held = holidays.country_holidays(state).subdivisions
    except RuntimeError:  # as below
        return ()
    return tuple(part for part in held if PART.fullmatch(part))


@lru_cache(maxsize=YEARS_KEPT_MAX)
def _year(state: str, part: str, year: int) -> Year | None:
    """One year; an empty one counts as unknown: so the library answers for years before and after those that it knows."""
    import holidays

    try:
        held = holidays.country_holidays(
            state, subdiv=part or None, years=year, categories=("public",), language="en_US"
        )
    except RuntimeError:  # so the library answers for a country that it does not know
        return None
    return {day: name for day, name in held.items() if day.year == year} or None
