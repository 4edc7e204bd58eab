"""The gap map from one state's view: the world, the same in groups, and what stands between two states.

Nothing is recorded: a map is computed from the edition that the node holds, for the question that the address asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.law import Edition, Question, routes
from comity.law.gaps import GAPS, Gap, GapMap
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.web.law import gap_words, regions, words
from comity.web.law.gap_form import Asked, GapForm, ViewForm
from comity.web.law.map_picture import Mark, picture, swatch
from comity.web.law.world import Seen, seen
from comity.web.shell import questions, verdicts
from comity.web.shell.desk import desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import word

_NAME: Final = re.compile(r"[a-z][a-z0-9_.]*")
HERE: Final = "here"
"""The look of the state from which the world is seen."""


@dataclass(frozen=True)
class Answer:
    """What stands between two states, in the words of the desk."""

    code: str
    label: str
    tone: str
    sign: str
    instrument: str
    route: str
    article: str
    why: str
    asks: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, gap: Gap) -> "Answer":
        """An answer of the law; facts that it leaves open are told as the questions that they are."""
        known = Edition.packaged().instruments.get(gap.instrument)
        asks = tuple(questions.fact(name) for name in _NAME.findall(gap.why) if name in Edition.packaged().facts)
        return cls(
            code=gap.answer,
            label=word(gap_words.ANSWERS, gap.answer),
            tone=gap_words.TONES[gap.answer],
            sign=gap_words.SIGNS[gap.answer],
            instrument=gap.instrument if known else "",
            route=known.title if known else gap.instrument,
            article=gap.article,
            why="" if asks or gap.missing or gap.answer == "lawful" else gap.why,
            asks=asks,
            missing=tuple((one.text, one.article) for one in gap.missing),
        )


@dataclass(frozen=True)
class Other:
    """Another state, and where it is told what stands between it and the one that looks."""

    code: str
    name: str
    url: str
    answer: str


@dataclass(frozen=True)
class Group:
    """The states of one answer, with its look on the map; `table` is where they stand with routes and reasons."""

    code: str
    label: str
    meaning: str
    look: SafeString
    others: tuple[Other, ...]
    table: str


@desk()
@require_GET
def world_view(request: DeskRequest) -> HttpResponse:
    """The world as one state sees it, drawn and in groups."""
    form = ViewForm(request.GET, today=now().date(), own_state=current().state)
    if not form.is_valid():
        return page(request, "law/gaps.html", {"form": form}, status=422)
    asked = form.asked()
    chart = asked.chart()
    shown = seen(chart.states, asked["part"])
    others = list(_others(chart, asked))
    state = regions.names()[asked["state"]]
    side = "from_state" if asked["direction"] == "out" else "to_state"
    context = {
        **surroundings(asked, chart),
        "form": form,
        "state": state,
        "outgoing": asked["direction"] == "out",
        "picture": picture(_marks(others, asked), shown, title=_title(asked, state)),
        "groups": [_group(answer, others, asked, shown) for answer in GAPS],
        "beyond": [one for one in others if one.code in shown.beyond],
        "whole_world": asked["part"] == "world",
        "table": asked.beside("law-gaps-list", **{side: asked["state"]}),
        "turned": asked.address("law-gaps", direction="in" if asked["direction"] == "out" else "out"),
    }
    return page(request, "law/gaps.html", context)


@desk()
@require_GET
def pair(request: DeskRequest, from_state: str, to_state: str) -> HttpResponse:
    """What stands between two states in both directions, with every route that was considered."""
    names = regions.names()
    if from_state == to_state or not {from_state, to_state} <= names.keys():
        raise NoSuchThing(what="pair of states", reference=f"{from_state}-{to_state}"[:40])
    form = GapForm(request.GET, today=now().date())
    if not form.is_valid():
        return page(
            request,
            "law/gap_pair.html",
            {"form": form, "from_state": names[from_state], "to_state": names[to_state]},
            status=422,
        )
    asked = form.asked()
    chart = asked.chart()
    context = {
        **surroundings(asked, chart),
        "form": form,
        "from_state": names[from_state],
        "to_state": names[to_state],
        "ways": [_way(chart, asked, *sides) for sides in ((from_state, to_state), (to_state, from_state))],
    }
    return page(request, "law/gap_pair.html", context)


def surroundings(asked: Asked, chart: GapMap) -> dict[str, Any]:
    """What every page of the gap map shows: what was asked, of which edition, and the ways to the other pages."""
    measure, data = word(words.MEASURES, asked.measure), word(questions.DATA, asked.data)
    return {
        "edition": chart.edition_id,
        "on": chart.on,
        "subject": f"{measure}: {data}" if asked.data else measure,
        "to_world": asked.beside("law-gaps"),
        "to_matrix": asked.beside("law-gaps-matrix"),
        "to_list": asked.beside("law-gaps-list"),
        "to_csv": asked.beside("law-gaps-csv"),
        "to_json": asked.beside("law-gaps-json"),
    }


def _others(chart: GapMap, asked: Asked) -> Iterator[Other]:
    """Every other state, in the order of the names."""
    state = asked["state"]
    for code, name in regions.names().items():
        if code != state:
            sides = (state, code) if asked["direction"] == "out" else (code, state)
            yield Other(code, name, asked.beside("law-gap", *sides), chart.gap(*sides).answer)


def _marks(others: list[Other], asked: Asked) -> dict[str, Mark]:
    marks = {
        one.code: Mark(one.answer, one.url, f"{one.name}: {word(gap_words.ANSWERS, one.answer)}") for one in others
    }
    return marks | {asked["state"]: Mark(HERE, "", regions.names()[asked["state"]])}


def _group(answer: str, others: list[Other], asked: Asked, shown: Seen) -> Group:
    side = "from_state" if asked["direction"] == "out" else "to_state"
    return Group(
        code=answer,
        label=word(gap_words.ANSWERS, answer),
        meaning=word(gap_words.MEANINGS, answer),
        look=swatch(answer, shown),
        others=tuple(one for one in others if one.answer == answer),
        table=asked.beside("law-gaps-list", **{side: asked["state"], "answer": answer}),
    )


def _title(asked: Asked, state: str) -> str:
    sentence = (
        _("The world as %(state)s asks it") if asked["direction"] == "out" else _("The world as it asks %(state)s")
    )
    return sentence % {"state": state}


def _way(chart: GapMap, asked: Asked, from_state: str, to_state: str) -> dict[str, Any]:
    """One direction between two states."""
    names = regions.names()
    sides = {"requesting_state": from_state, "requested_state": to_state}
    verdict = routes(Question.from_record({**chart.question, **sides}), on=chart.on)
    return {
        "from": names[from_state],
        "to": names[to_state],
        "answer": Answer.of(chart.gap(from_state, to_state)),
        "meaning": word(gap_words.MEANINGS, chart.gap(from_state, to_state).answer),
        "groups": verdicts.groups(verdict.as_json()),
        "map": asked.beside("law-gaps", state=from_state, direction="out"),
    }
