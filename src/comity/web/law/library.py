"""The library: every instrument of the edition, how far it is encoded, whom it binds, and what it says, article by article."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.law import Edition
from comity.law.logic import Truth
from comity.law.parties import Standing
from comity.law.rules import Instrument
from comity.registry.access import NoSuchThing
from comity.web.law import reading, standing, words
from comity.web.shell import questions
from comity.web.shell.desk import desk, now, page
from comity.web.shell.forms import DeskForm
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import word

_ELSEWHERE = frozenset({"status"})
"""The part of an instrument that stands at the top of its page."""

UNKNOWN = _("This edition does not know %(value)s. Choose one from the list.")


class StateFilter(DeskForm):
    """Which state an instrument is looked at for."""

    state = forms.ChoiceField(label=_("State"), required=False, error_messages={"invalid_choice": UNKNOWN})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The states of the edition to choose from."""
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All")), *questions.states(Edition.packaged()).items()]  # type: ignore[attr-defined]  # a ChoiceField


class LibraryFilter(StateFilter):
    """Which instruments are looked for."""

    measure = forms.ChoiceField(label=_("Kind of measure"), required=False, error_messages={"invalid_choice": UNKNOWN})
    field_order = ("measure", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The kinds of measure that some instrument knows, by their words."""
        super().__init__(*args, **kwargs)
        kinds = sorted(questions.choices(words.MEASURES, Edition.packaged().kinds), key=lambda one: one[1].casefold())
        self.fields["measure"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]  # a ChoiceField


@dataclass(frozen=True)
class Tag:
    """A code with its word and tone."""

    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class Held:
    """An instrument in the list; `found` are the measures of the kind that was looked for, `stands` the state."""

    of: Instrument
    force: Tag
    encoding: Tag
    bound: int
    open: int
    tabulated: bool
    found: tuple[tuple[str, str, str], ...]
    stands: Standing | None
    stands_as: Tag | None


@desk()
@require_GET
def library(request: DeskRequest) -> HttpResponse:
    """Every instrument, or those of a kind of measure and those that bind a state."""
    edition, today = Edition.packaged(), now().date()
    form = LibraryFilter(request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {"measure": "", "state": ""}
    held = [_held(one, edition, asked, on=today) for one in edition.instruments.values()] if valid else []
    wanted = [one for one in held if _wanted(one, asked)]
    context = {
        "form": form,
        "edition": edition,
        "as_of": edition.document.get("as_of", ""),
        "review": standing.next_review(edition, on=today),
        "today": today,
        "encoded": [one for one in wanted if one.of.measures],
        "known": [one for one in wanted if not one.of.measures],
        "count": len(edition.instruments),
        "measure": word(words.MEASURES, asked["measure"]) if asked["measure"] else "",
        "state": edition.states.get(asked["state"], ""),
        "encodings": [(_encoding_tag(code), says) for code, says in words.ENCODING_SAYS.items()],
    }
    return page(request, "law/library.html", context, status=200 if valid else 422)


@desk()
@require_GET
def instrument(request: DeskRequest, name: str) -> HttpResponse:
    """One instrument, whole."""
    edition, today = Edition.packaged(), now().date()
    if name not in edition.instruments:
        raise NoSuchThing(what="instrument", reference=name[:40])
    one = edition.instrument(name)
    form = StateFilter(request.GET)
    valid = form.is_valid()
    iso2 = form.cleaned_data["state"] if valid else ""
    texts = reading.texts(one, edition)
    about: Mapping[str, str] = edition.document["instruments"][name].get("instrument", {}).get("instrument", {})
    context = {
        "of": one,
        "about": about,
        "table": one.parties.table,
        "reference": one.parties.table.get("reference") or about.get("celex", ""),
        "force": _force(one, on=today),
        "encoding": _encoding(one),
        "says": words.ENCODING_SAYS[standing.encoding(one)],
        "status": [text.said for text in texts if text.part == "status"],
        "parts": reading.sections(texts, but=_ELSEWHERE),
        "notes": reading.notes(one, edition),
        "articles": reading.articles(one, edition),
        "relations": reading.relations(one, edition),
        "sources": reading.sources(one, edition, texts),
        "parties": [
            (party, _stands(party.standing), words.spoken(words.JOINED, party.kind)) for party in _parties(one, today)
        ],
        "counted": _counted(one, on=today),
        "declared": sum(map(len, one.parties.declarations.values())),
        "declaring": sorted((edition.states.get(code, code), code) for code in one.parties.declarations),
        "form": form,
        "asked": _asked(one, edition, iso2, on=today) if iso2 else None,
        "edition": edition,
        "today": today,
    }
    return page(request, "law/instrument.html", context, status=200 if valid else 422)


def _held(one: Instrument, edition: Edition, asked: Mapping[str, str], *, on: date) -> Held:
    counted = standing.counted(one, edition, on=on)
    stands = standing.of_state(one, edition, asked["state"], on=on) if asked["state"] else None
    return Held(
        of=one,
        force=_force(one, on=on),
        encoding=_encoding(one),
        bound=counted[Truth.YES],
        open=counted[Truth.OPEN],
        tabulated=bool(one.parties.rows or one.parties.union),
        found=tuple(_measures_of(one, asked["measure"])),
        stands=stands,
        stands_as=_stands(stands) if stands else None,
    )


def _measures_of(one: Instrument, kind: str) -> list[tuple[str, str, str]]:
    """Address, article and reach of the measures that are, or answer, this kind."""
    return [
        (questions.measure_url(one.id, measure.id), measure.article, word(words.REACHES, measure.reach))
        for measure in one.measures.values()
        if kind in {measure.kind, *measure.also, *measure.answers}
    ]


def _wanted(one: Held, asked: Mapping[str, str]) -> bool:
    """Whether it belongs in the list. What is not encoded may hold any kind of measure, so it is never left out for one."""
    of_kind = not asked["measure"] or bool(one.found) or not one.of.measures
    return of_kind and (one.stands is None or one.stands.truth is not Truth.NO)


def _force(one: Instrument, *, on: date) -> Tag:
    code = standing.force(one, on=on)
    return Tag(code, word(words.FORCES, code), words.FORCE_TONES[code])


def _encoding(one: Instrument) -> Tag:
    return _encoding_tag(standing.encoding(one))


def _encoding_tag(code: str) -> Tag:
    return Tag(code, word(words.ENCODINGS, code), words.ENCODING_TONES[code])


def _stands(one: Standing) -> Tag:
    return Tag(one.truth.name, str(words.STANDINGS[one.truth]), words.STANDING_TONES[one.truth])


def _parties(one: Instrument, today: date) -> tuple[standing.Party, ...]:
    return standing.parties(one, Edition.packaged(), on=today)


def _counted(one: Instrument, *, on: date) -> dict[str, int]:
    found = standing.counted(one, Edition.packaged(), on=on)
    return {
        "bound": found[Truth.YES],
        "open": found[Truth.OPEN],
        "outside": found[Truth.NO],
        "all": sum(found.values()),
    }


def _asked(one: Instrument, edition: Edition, iso2: str, *, on: date) -> dict[str, object]:
    """How one state stands, and what it declared."""
    found = standing.of_state(one, edition, iso2, on=on)
    return {
        "name": edition.states[iso2],
        "standing": found,
        "tag": _stands(found),
        "declarations": reading.declarations(one, iso2),
    }
