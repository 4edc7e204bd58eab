"""The vocabulary: offences and data side by side between instruments, and every other word of forms, rules and statistics.

Each term has an anchor, so that a form, a rule or a figure can say which word it means.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.canon import Json, JsonObject
from comity.law import AUTHORITIES, PURPOSES, STAGES, URGENCIES, Edition
from comity.law.levels import LEVELS
from comity.web.law import words
from comity.web.shell import questions
from comity.web.shell.desk import desk, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import Word, word

_LISTED: Final[Mapping[str, Word]] = {
    "eu32": _("Union list of 32"),
    "budapest": _("Budapest Convention: offence"),
    "evidence": _("Budapest Convention: electronic evidence"),
    "untoc": _("UNTOC"),
    "uncc": _("UN cybercrime convention"),
    "eevidence_extra": _("e-Evidence, without threshold"),
    "other": _("Others, and notes"),
}

_UNVERIFIED: Final[Mapping[str, str]] = {"uncc": "unverified"}
"""Columns whose numbers nobody has read in the text; the vocabulary says so of the whole column."""

_MARK: Final = " (unverified)"
"""What some entries of such a column repeat."""


@dataclass(frozen=True)
class Term:
    """A word of the vocabulary: its code, what it is called, and what is said about it."""

    code: str
    label: str
    says: str = ""
    more: str = ""


@dataclass(frozen=True)
class Use:
    """A measure of an instrument that answers a kind."""

    url: str
    title: str
    article: str


@dataclass(frozen=True)
class Kind:
    """A kind of measure, with the measures that answer it."""

    code: str
    label: str
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Sense:
    """What one instrument calls a category of data, and what it means by it."""

    url: str
    title: str
    name: str
    article: str
    verification: str
    meaning: str
    examples: str
    note: str


@dataclass(frozen=True)
class Category:
    """A category of data with its sense in each instrument."""

    code: str
    label: str
    senses: tuple[Sense, ...]


@dataclass(frozen=True)
class Offence:
    """A category of offences: under each column what the instrument says of it."""

    code: str
    label: str
    cells: tuple[tuple[str, tuple[str, ...], str], ...]


@desk()
@require_GET
def definitions(request: DeskRequest) -> HttpResponse:
    """Every word, each at its anchor."""
    edition = Edition.packaged()
    vocabulary: JsonObject = edition.document["vocabulary"]
    context = {
        "edition": edition,
        "categories": [_category(one, edition) for one in edition.categories.values()],
        "category_notes": vocabulary["data-categories"].get("modelling_notes", []),
        "columns": [str(one) for one in _LISTED.values()],
        "offences": [_offence(one, vocabulary["offences"]) for one in edition.offences.values()],
        "offence_rules": vocabulary["offences"].get("rules", []),
        "offence_sources": vocabulary["offences"].get("sources_for", {}).values(),
        "kinds": [_kind(code, edition) for code in edition.kinds],
        "lists": [
            ("authority", _now("Requesting authorities"), _terms(questions.AUTHORITIES, AUTHORITIES)),
            ("stage", _now("Stages of the proceedings"), _terms(questions.STAGES, STAGES)),
            ("urgency", _now("Urgencies"), _terms(questions.URGENCIES, URGENCIES)),
            ("purpose", _now("Purposes"), _terms(questions.PURPOSES, PURPOSES)),
            ("reach", _now("Reaches of a measure"), _terms(words.REACHES, words.REACHES)),
        ],
        "levels": list(_levels(vocabulary["kinds"]["verification_levels"])),
        "facts": [_fact(name, edition) for name in edition.facts],
    }
    return page(request, "law/definitions.html", context)


def _terms(known: Mapping[str, Word], codes: Iterable[str]) -> list[Term]:
    return [Term(code, word(known, code)) for code in codes]


def _levels(said: Mapping[str, str]) -> Iterator[Term]:
    for level, weight in LEVELS.items():
        yield Term(level, level.replace("_", " "), said[level], str(words.WEIGHTS[weight]))


def _fact(name: str, edition: Edition) -> Term:
    fact = edition.facts[name]
    answered = ", ".join(word(questions.ANSWERERS, one) for one in fact.answered_by)
    return Term(name, fact.question, answered if fact.from_ == "answer" else _now("said by the question itself"))


def _kind(code: str, edition: Edition) -> Kind:
    uses = [
        Use(questions.measure_url(instrument.id, measure.id), instrument.title, measure.article)
        for instrument in edition.instruments.values()
        for measure in instrument.measures.values()
        if code in measure.answers
    ]
    return Kind(code, word(words.MEASURES, code), tuple(uses))


def _category(one: JsonObject, edition: Edition) -> Category:
    senses = tuple(_sense(name, held, edition) for name, held in one["instruments"].items())
    return Category(one["key"], word(questions.DATA, one["key"]), senses)


def _sense(name: str, held: JsonObject, edition: Edition) -> Sense:
    known = edition.instruments.get(name)
    return Sense(
        url=reverse("law-instrument", args=[name]) if known else "",
        title=known.title if known else name,
        name=held.get("name", ""),
        article=held.get("art", ""),
        verification=held.get("verification", ""),
        meaning=held.get("meaning", ""),
        examples=next((str(text) for part, text in held.items() if part.startswith("examples")), ""),
        note=held.get("note", ""),
    )


def _offence(one: JsonObject, vocabulary: JsonObject) -> Offence:
    union: Mapping[str, str] = vocabulary.get("eu32_list", {})
    budapest = one.get("budapest", {})
    cells: dict[str, list[str]] = {
        "eu32": [_numbered(number, union) for number in one.get("eu32", [])],
        "budapest": _articled(budapest.get("criminalised", [])),
        "evidence": _articled([budapest["evidence"]] if "evidence" in budapest else []),
        "untoc": _articled(one.get("untoc", [])),
        "uncc": _articled(one.get("uncc", [])),
        "eevidence_extra": list(map(str, one.get("eevidence_extra", []))),
        "other": [
            *map(str, one.get("other", [])),
            *(str(one[n]) for n in ("note", "handling", "emergency") if n in one),
        ],
    }
    return Offence(
        code=one["id"],
        label=word(questions.OFFENCES, one["id"]),
        cells=tuple((str(title), tuple(cells[part]), _UNVERIFIED.get(part, "")) for part, title in _LISTED.items()),
    )


def _numbered(number: Json, union: Mapping[str, str]) -> str:
    return f"{number}: {union[str(number)]}" if str(number) in union else str(number)


def _articled(listed: Iterable[Json]) -> list[str]:
    """Entries of an article list; one that begins with its number is said to be an article."""
    bare = [str(one).removesuffix(_MARK) for one in listed]
    return [f"Art. {one}" if one[:1].isdigit() else one for one in bare]
