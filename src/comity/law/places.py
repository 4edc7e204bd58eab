"""Where an act is done: the time zones of a state, from the packaged time-zone data."""

from functools import cache
from importlib.resources import files


@cache
def zones_of(state: str) -> tuple[str, ...]:
    """The names of a state's zones (ISO 3166-1 alpha-2); empty for a state that the table does not know."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    return tuple(line.split("\t")[2] for line in table.splitlines() if line.startswith(f"{state}\t"))
