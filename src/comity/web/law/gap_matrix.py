"""The gap map as a matrix: regions against regions at first, then the states of one region against those of another.

A region's cell says how many of its pairs have a route, in per cent; its ground is darker the more there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.law.gaps import GAPS, GapMap
from comity.registry.access import NoSuchThing
from comity.web.law import gap_words, regions
from comity.web.law.gap_form import Asked, GapForm
from comity.web.law.gaps import surroundings
from comity.web.shell.desk import desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import word

ROUTES: Final = frozenset({"lawful", "open", "without_safeguards"})
"""Answers that say that there is a route."""

_STEPS: Final = (1, 25, 75, 100)


@dataclass(frozen=True)
class Cell:
    """A cell: what it shows, its look, what it says, and where it leads. A cell without address says that there is nothing."""

    text: str
    look: str
    says: str
    url: str


@dataclass(frozen=True)
class Line:
    """A row with its heading."""

    name: str
    url: str
    cells: tuple[Cell, ...]


@desk()
@require_GET
def matrix(request: DeskRequest) -> HttpResponse:
    """Regions against regions, or states against states."""
    rows, columns = (request.GET.get(name, "") for name in ("rows", "columns"))
    if not {rows, columns} <= {"", *(region for region, _name in regions.choices())}:
        raise NoSuchThing(what="region", reference=f"{rows} {columns}"[:40])
    form = GapForm(request.GET, today=now().date())
    if not form.is_valid():
        return page(request, "law/gap_matrix.html", {"form": form}, status=422)
    asked = form.asked()
    chart = asked.chart()
    context = {**surroundings(asked, chart), "form": form, "overview": asked.beside("law-gaps-matrix")}
    if rows or columns:
        context |= _states(chart, asked, rows or columns, columns or rows)
    else:
        context |= _regions(chart, asked)
    return page(request, "law/gap_matrix.html", context)


def _regions(chart: GapMap, asked: Asked) -> dict[str, Any]:
    members = regions.members()
    heads = [(word(gap_words.REGIONS, region), asked.beside("law-gaps-matrix", columns=region)) for region in members]
    lines = [
        Line(
            name=word(gap_words.REGIONS, one),
            url=asked.beside("law-gaps-matrix", rows=one),
            cells=tuple(_region_cell(chart, asked, one, other) for other in members),
        )
        for one in members
    ]
    return {"of_regions": True, "heads": heads, "lines": lines, "counts": _counted(chart.counts())}


def _region_cell(chart: GapMap, asked: Asked, one: str, other: str) -> Cell:
    members = regions.members()
    found = Counter(chart.gap(a, b).answer for a in members[one] for b in members[other] if a != b)
    pairs, routed = found.total(), sum(found[answer] for answer in ROUTES)
    if not pairs:
        return Cell("", "empty", _("no pairs"), "")
    share = round(100 * routed / pairs)
    # A single pair is not rounded away: "0" and "100" mean none and all.
    share = min(99, max(1, share)) if 0 < routed < pairs else share
    says = _(
        "%(one)s asks %(other)s: %(routed)s of %(pairs)s pairs have a route, %(lacking)s of them lack safeguards"
    ) % {
        "one": word(gap_words.REGIONS, one),
        "other": word(gap_words.REGIONS, other),
        "routed": routed,
        "pairs": pairs,
        "lacking": found["without_safeguards"],
    }
    url = asked.beside("law-gaps-matrix", rows=one, columns=other) if one and other else ""
    return Cell(str(share), f"step-{sum(share >= step for step in _STEPS)}", says, url)


def _states(chart: GapMap, asked: Asked, rows: str, columns: str) -> dict[str, Any]:
    names, members = regions.names(), regions.members()
    found: Counter[str] = Counter()
    lines = []
    for one in members[rows]:
        cells = tuple(_state_cell(chart, asked, one, other, names) for other in members[columns])
        found.update(chart.gap(one, other).answer for other in members[columns] if one != other)
        lines.append(Line(names[one], asked.beside("law-gaps", state=one, direction="out"), cells))
    return {
        "of_regions": False,
        "heads": [(names[code], asked.beside("law-gaps", state=code, direction="in")) for code in members[columns]],
        "lines": lines,
        "counts": _counted(found),
        "kept": (("rows", rows), ("columns", columns)),
        "asking": word(gap_words.REGIONS, rows),
        "asked": word(gap_words.REGIONS, columns),
        "turned": asked.beside("law-gaps-matrix", rows=columns, columns=rows) if rows != columns else "",
        "listed": asked.beside("law-gaps-list", from_state=rows, to_state=columns),
    }


def _state_cell(chart: GapMap, asked: Asked, one: str, other: str, names: Mapping[str, str]) -> Cell:
    if one == other:
        return Cell("", "empty", "", "")
    answer = chart.gap(one, other).answer
    says = _("%(one)s asks %(other)s: %(answer)s") % {
        "one": names[one],
        "other": names[other],
        "answer": word(gap_words.ANSWERS, answer),
    }
    return Cell(gap_words.SIGNS[answer], answer, says, asked.beside("law-gap", one, other))


def _counted(found: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    """How many pairs have each answer."""
    return [
        {
            "answer": answer,
            "label": word(gap_words.ANSWERS, answer),
            "meaning": word(gap_words.MEANINGS, answer),
            "sign": gap_words.SIGNS[answer],
            "count": found.get(answer, 0),
        }
        for answer in GAPS
    ]
