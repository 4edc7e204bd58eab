"""The states of the edition by name, and by the region (subregion of UN M49) that the drawn world says they lie in."""

from collections.abc import Mapping
from functools import cache

from comity.law import Edition
from comity.web.law.gap_words import REGIONS
from comity.web.law.world import world
from comity.web.shell.wording import word


@cache
def names() -> Mapping[str, str]:
    """Every state of the edition with its name, in the order of the names."""
    return dict(sorted(Edition.packaged().states.items(), key=lambda one: one[1].casefold()))


@cache
def members() -> Mapping[str, tuple[str, ...]]:
    """The states of each region, in the order of the regions; a region without states is left out."""
    places = world().places
    lies = {code: places[code].region if code in places else "" for code in names()}
    found = {region: tuple(code for code in names() if lies[code] == region) for region in REGIONS}
    return {region: codes for region, codes in found.items() if codes}


def choices() -> list[tuple[str, str]]:
    """The regions to choose from; states that lie in none are chosen one by one."""
    return [(region, word(REGIONS, region)) for region in members() if region]


def within(side: str) -> frozenset[str]:
    """The states that a side of a question names: one state, those of a region, or, for "", every state."""
    if not side:
        return frozenset(names())
    return frozenset(members().get(side, (side,)))
