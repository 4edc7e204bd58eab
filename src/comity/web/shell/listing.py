"""A list of letters as a page, a table file and a stream: filters, columns that sort, and places to turn to.

All state stands in the address. Cells of a table file never begin with what a spreadsheet takes for a formula.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.canon import harmless
from comity.registry.queries.listing import Line, Page
from comity.registry.queries.wanted import LAST, Direction, Sort, Wanted
from comity.web.shell import wording
from comity.web.shell.forms import DeskForm, PlainField

_CELLS: Final = (
    "short",
    "direction",
    "peer",
    "form",
    "state",
    "subject",
    "urgent",
    "confidential",
    "tlp",
    "due_at",
    "due_what",
    "written_at",
    "letter",
)
_FIRST_DESCENDING: Final = frozenset({Sort.WRITTEN})
_COLUMNS: Final[tuple[tuple[str | Promise, Sort | None], ...]] = (
    (_("Letter"), Sort.SHORT),
    (_("Subject"), None),
    (_("Other side"), None),
    (_("Form"), None),
    (_("State"), Sort.STATE),
    (_("Next date"), Sort.DUE),
    (_("Written"), Sort.WRITTEN),
)
_DIRECTIONS: Final = (
    ("", _("In and out")),
    (Direction.IN.value, pgettext_lazy("letters", "Incoming")),
    (Direction.OUT.value, pgettext_lazy("letters", "Outgoing")),
)


class LetterFilter(DeskForm):
    """What is asked of a list; the address is read by `Wanted.read`, this form only shows it."""

    text = PlainField(label=_("Subject or short form"), required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=_DIRECTIONS, required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    form = forms.ChoiceField(label=_("Form"), required=False)
    peer = forms.ChoiceField(label=_("Other side"), required=False)
    mine = forms.BooleanField(label=_("Waits for me"), required=False)
    overdue = forms.BooleanField(label=_("Overdue"), required=False)
    urgent = forms.BooleanField(label=_("Urgent"), required=False)

    def __init__(self, wanted: Wanted, *, peers: Iterable[str]) -> None:
        """Shows `wanted`; `peers` to choose from."""
        shown: dict[str, object] = {"text": wanted.text, "direction": dict(wanted.as_query()).get("direction", "")}
        shown |= {"state": next(iter(sorted(wanted.states)), ""), "form": next(iter(sorted(wanted.forms)), "")}
        shown |= {"peer": wanted.peer, "mine": wanted.mine, "overdue": wanted.overdue, "urgent": wanted.urgent}
        super().__init__(initial=shown)
        for name in ("mine", "overdue", "urgent"):
            self.fields[name].widget = forms.CheckboxInput(attrs={"value": "yes"})
        choices = {
            "state": wording.STATES.items(),
            "form": wording.FORMS.items(),
            "peer": ((one, one) for one in peers),
        }
        for name, known in choices.items():
            self.fields[name].choices = [("", _("All")), *known]  # type: ignore[attr-defined]  # a ChoiceField


@dataclass(frozen=True)
class Head:
    """The head of a column: where it leads to be sorted by it, and how it is sorted now (an `aria-sort` value)."""

    label: str | Promise
    url: str
    sorted: str


@dataclass(frozen=True)
class Row:
    """A letter in the words of the desk."""

    line: Line
    form: str
    state: str
    tone: str
    due: str
    late: bool


def shown(page: Page, *, peers: Iterable[str], path: str, at: datetime) -> dict[str, Any]:
    """What the templates of a list need."""
    wanted = page.wanted
    kept = [(name, value) for name, value in wanted.as_query() if name in {"sort", "size"}]
    return {
        "filter": LetterFilter(wanted, peers=peers),
        "kept": kept,
        "narrowed": wanted.narrowed,
        "all_url": path,
        "heads": [_head(label, sort, wanted, path) for label, sort in _COLUMNS],
        "rows": [_row(line, at=at) for line in page.lines],
        "count": page.count,
        "first_url": address(path, wanted, cursor="") if page.previous else "",
        "previous_url": address(path, wanted, cursor=page.previous) if page.previous else "",
        "next_url": address(path, wanted, cursor=page.next) if page.next else "",
        "last_url": address(path, wanted, cursor=LAST) if page.next else "",
        "query": address("", wanted, cursor=""),
    }


def address(path: str, wanted: Wanted, **changes: Any) -> str:
    """The address of the list with these changes."""
    query = urlencode(replace(wanted, **changes).as_query())
    return f"{path}?{query}" if query else path


def csv_file(lines: Iterable[Line], *, name: str) -> HttpResponse:
    """The lines as a table file, written while it is read."""
    return _attached(_csv(lines), name=name, content_type="text/csv; charset=utf-8")


def json_file(lines: Iterable[Line], *, name: str) -> HttpResponse:
    """The lines as one JSON list, written while it is read."""
    return _attached(_json(lines), name=name, content_type="application/json")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterable[Line]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_CELLS)
    for line in lines:
        record = line.as_record()
        yield writer.writerow([harmless(record[name]) for name in _CELLS])


def _json(lines: Iterable[Line]) -> Iterator[str]:
    before = "["
    for line in lines:
        yield before + json.dumps(line.as_record(), ensure_ascii=False)
        before = ",\n"
    yield "]\n" if before != "[" else "[]\n"


def _attached(pieces: Iterator[str], *, name: str, content_type: str) -> HttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return cast("HttpResponse", answer)  # a streamed answer is one to everything that a view's answer goes through


def _head(label: str | Promise, sort: Sort | None, wanted: Wanted, path: str) -> Head:
    if sort is None:
        return Head(label, url="", sorted="")
    if sort is not wanted.sort:
        url = address(path, wanted, cursor="", sort=sort, descending=sort in _FIRST_DESCENDING)
        return Head(label, url=url, sorted="")
    url = address(path, wanted, cursor="", descending=not wanted.descending)
    return Head(label, url=url, sorted="descending" if wanted.descending else "ascending")


def _row(line: Line, *, at: datetime) -> Row:
    return Row(
        line=line,
        form=wording.word(wording.FORMS, line.form),
        state=wording.word(wording.STATES, line.state),
        tone=wording.TONES[line.state],
        due=wording.word(wording.DUES, line.due_what) if line.due_what else "",
        late=line.overdue(at=at),
    )
