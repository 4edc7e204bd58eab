"""Every ordered pair of states in a list with filters and pages, and the whole map as files.

A file is written while it is read. Cells of a table file never begin with what a spreadsheet takes for a formula.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from comity.canon import JsonObject, harmless
from comity.law.gaps import GapMap
from comity.registry.access import NoSuchThing
from comity.web.law import regions
from comity.web.law.gap_form import GapForm, ListForm
from comity.web.law.gaps import Answer, surroundings
from comity.web.shell.desk import desk, now, page
from comity.web.shell.session import DeskRequest

ROWS: Final = 50
"""How many pairs a page holds."""

_CELLS: Final = ("from", "from_name", "to", "to_name", "answer", "route", "instrument", "article", "why", "missing")


@dataclass(frozen=True)
class Pair:
    """One row of the list."""

    from_name: str
    to_name: str
    url: str
    answer: Answer


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


@desk()
@require_GET
def pairs(request: DeskRequest) -> HttpResponse:
    """The pairs of the filter, fifty to a page."""
    form = ListForm(request.GET, today=now().date())
    if not form.is_valid():
        return page(request, "law/gap_list.html", {"form": form}, status=422)
    asked = form.asked()
    chart = asked.chart()
    found = list(_found(chart, asked["from_state"], asked["to_state"], asked["answer"]))
    number, last = _number(request.GET.get("page", "1")), max(1, -(-len(found) // ROWS))
    if number > last:
        raise NoSuchThing(what="page", reference=str(number))
    names = regions.names()
    context = {
        **surroundings(asked, chart),
        "form": form,
        "narrowed": any(asked[name] for name in ("from_state", "to_state", "answer")),
        "everything": asked.address("law-gaps-list", from_state="", to_state="", answer=""),
        "count": len(found),
        "number": number,
        "last": last,
        "previous_url": asked.address("law-gaps-list", page=str(number - 1)) if number > 1 else "",
        "next_url": asked.address("law-gaps-list", page=str(number + 1)) if number < last else "",
        "rows": [
            Pair(names[one], names[other], asked.beside("law-gap", one, other), Answer.of(chart.gap(one, other)))
            for one, other in found[(number - 1) * ROWS : number * ROWS]
        ],
    }
    return page(request, "law/gap_list.html", context)


@desk()
@require_GET
def as_csv(request: DeskRequest) -> HttpResponse:
    """The whole map as a table, one row for each ordered pair."""
    form = GapForm(request.GET, today=now().date())
    if not form.is_valid():
        return page(request, "law/gap_list.html", {"form": form}, status=422)
    asked = form.asked()
    return _file(_csv(asked.chart()), name=asked.file("csv"), content_type="text/csv; charset=utf-8")


@desk()
@require_GET
def as_json(request: DeskRequest) -> HttpResponse:
    """The whole map for machines: the edition, the day, the question, and a row for each ordered pair."""
    form = GapForm(request.GET, today=now().date())
    if not form.is_valid():
        return page(request, "law/gap_list.html", {"form": form}, status=422)
    asked = form.asked()
    return _file(_json(asked.chart()), name=asked.file("json"), content_type="application/json")


def _number(typed: str) -> int:
    """The number of a page; raises `NoSuchThing` for what is none."""
    if not typed.isascii() or not typed.isdigit() or int(typed[:6]) == 0:
        raise NoSuchThing(what="page", reference=typed[:40])
    return int(typed[:6])


def _found(chart: GapMap, from_state: str, to_state: str, answer: str) -> Iterator[tuple[str, str]]:
    """The ordered pairs of a filter, in the order of the names."""
    asking, asked = regions.within(from_state), regions.within(to_state)
    for one in regions.names():
        if one in asking:
            for other in regions.names():
                if other in asked and one != other and answer in {"", chart.gap(one, other).answer}:
                    yield one, other


def _csv(chart: GapMap) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_CELLS)
    for row in chart.rows():
        missing = "; ".join(f"{one['text']} ({one['article']})" for one in row["missing"])
        named = {"from_name": chart.names[row["from"]], "to_name": chart.names[row["to"]], "missing": missing}
        yield writer.writerow([harmless((row | named)[name]) for name in _CELLS])


def _json(chart: GapMap) -> Iterator[str]:
    edition = {"id": chart.edition_id, "hash": chart.edition_hash}
    head: JsonObject = {"edition": edition, "on": chart.on.isoformat(), "question": chart.question}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    before = "\n"
    for row in chart.rows():
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _file(pieces: Iterable[Any], *, name: str, content_type: str) -> HttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return cast("HttpResponse", answer)  # a streamed answer is one to everything that a view's answer goes through
