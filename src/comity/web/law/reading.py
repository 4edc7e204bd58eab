"""An instrument as it is read: its parts in the words of the law's data, its measures article by article, and the sources.

* Whatever the edition says of an instrument stands on its page once; what is common to its measures is not repeated in each.
* Texts of the law stay as they are; codes get their words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse

from comity.canon import Json, JsonObject
from comity.law import Edition
from comity.law.clocks import Deadline
from comity.law.logic import Predicate
from comity.law.parties import RESERVING, Declaration
from comity.law.rules import ISSUER, Contested, Instrument, LawFact, Layer, Measure, Relation, Rendered
from comity.web.law import words
from comity.web.shell import questions
from comity.web.shell.verdicts import Said, Section
from comity.web.shell.wording import word

_TEXTS: Final = ("fact", "rule", "point")
_NOTES: Final = (
    "note",
    "clock_note",
    "calc_warning",
    "key_point",
    "fit_note",
    "model_warning",
    "why_here",
    "time_rule",
)
_NOBODY: Final = "open"
"""Who reads an article so, where the facts do not say."""

_WHOLE: Final = frozenset({"instrument", "common"})
"""Parts whose own parts are the headings."""


@dataclass(frozen=True)
class Text:
    """A text of the law's data: in which part it stands, and where it was read."""

    part: str
    said: Said
    source: str


@dataclass(frozen=True)
class Condition:
    """A condition of a measure, and the facts of a case on which it depends."""

    said: Said
    asks: tuple[tuple[str, str], ...]
    issuer: bool


@dataclass(frozen=True)
class Ways:
    """A contested article with every way to read it; the first is the one that the edition adopted."""

    question: str
    said: Said
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Clock:
    """A deadline, and where it can be computed."""

    who: str
    what: str
    long: str
    case: str
    begins: str
    article: str
    level: str
    counted: str
    condition: str
    url: str


@dataclass(frozen=True)
class Beside:
    """When a measure stands beside other routes, and beside which; nothing named is every route of its kind."""

    said: Said
    to: tuple[tuple[str, str], ...]
    everywhere: bool


@dataclass(frozen=True)
class Article:
    """A measure as it is read."""

    measure: Measure
    title: str
    also: tuple[str, ...]
    reach: str
    answers: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    conditions: tuple[Condition, ...]
    contested: tuple[Ways, ...]
    beside: tuple[Beside, ...]
    spans: tuple[tuple[Said, str], ...]
    recipients: tuple[str, ...]
    sections: tuple[Section, ...]
    clocks: tuple[Clock, ...]
    grounds: tuple[Said, ...]
    read_also: tuple[Said, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """What the instrument is to another one between two states that both bind."""

    effect: str
    to: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    said: Said


@dataclass(frozen=True)
class Source:
    """Where a text was read; `address` is empty where there is none to follow."""

    id: str
    what: str
    address: str
    level: str


@dataclass(frozen=True)
class Declared:
    """A declaration of a state."""

    of: Declaration
    label: str
    tone: str

    @property
    def numbered(self) -> bool:
        """Whether it names an article; some say only that none is stated."""
        return self.of.articles[0][:1].isdigit()


def texts(instrument: Instrument, edition: Edition) -> tuple[Text, ...]:
    """What the edition says of the instrument as a whole, in its own order."""
    about = _about(instrument, edition)
    source = about.get("instrument", {}).get("source", "")
    level = edition.document["vocabulary"]["sources"].get(source, {}).get("level", "unverified")
    found: list[Text] = []
    for part, value in about.items():
        inner = value.items() if part in _WHOLE and isinstance(value, dict) else [(part, value)]
        for name, one in inner:
            found.extend(_texts(one, part=name, level=level, source=source))
    return tuple(found)


def sections(found: Iterable[Text], *, but: frozenset[str]) -> tuple[tuple[str, tuple[Said, ...]], ...]:
    """Texts under the headings of their parts, without the parts that stand elsewhere."""
    titled: dict[str, list[Said]] = {}
    for one in found:
        if one.part not in but:
            titled.setdefault(words.spoken(words.PARTS, one.part), []).append(one.said)
    return tuple((title, tuple(listed)) for title, listed in titled.items())


def notes(instrument: Instrument, edition: Edition) -> tuple[str, ...]:
    """Notes of those who wrote the edition."""
    about = _about(instrument, edition)
    return _notes(about.get("instrument", {})) + _notes(about)


def articles(instrument: Instrument, edition: Edition) -> tuple[Article, ...]:
    """Every measure of the instrument, as the law orders them."""
    raw = {one["id"]: one for one in edition.document["instruments"][instrument.id].get("measures", [])}
    return tuple(_article(instrument, one, raw[one.id], edition) for one in instrument.measures.values())


def relations(instrument: Instrument, edition: Edition) -> tuple[Related, ...]:
    """What the instrument is to others."""
    return tuple(_related(one, edition) for one in instrument.relations)


def declarations(instrument: Instrument, iso2: str) -> tuple[Declared, ...]:
    """What a state declared under the instrument, reservations first."""
    found = sorted(instrument.parties.declarations.get(iso2, ()), key=lambda one: one.type not in RESERVING)
    return tuple(Declared(one, word(words.DECLARED, one.type), words.DECLARED_TONES.get(one.type, "")) for one in found)


def sources(instrument: Instrument, edition: Edition, found: Iterable[Text]) -> tuple[Source, ...]:
    """Every source that a text of the instrument names, then those of its party table."""
    cited = [one.source for one in found]
    for measure in instrument.measures.values():
        held = [*measure.not_evaluated, *(fact for fact, _ in measure.grounds)]
        cited += [fact.source for listed in measure.sections.values() for fact in listed]
        cited += [fact.source for fact in held]
    known = edition.document["vocabulary"]["sources"]
    listed = dict.fromkeys(name for one in cited for name in one.split(", ") if name)
    law = [_source(name, known.get(name, {})) for name in listed]
    table = edition.document["instruments"][instrument.id].get("parties", {}).get("sources", {})
    return (*law, *(Source(name, what, what if what.startswith("http") else "", "") for name, what in table.items()))


def _about(instrument: Instrument, edition: Edition) -> JsonObject:
    about: JsonObject = edition.document["instruments"][instrument.id].get("instrument", {})
    return about


def _texts(value: Json, *, part: str, level: str, source: str) -> Iterator[Text]:
    """The texts in a part, each with the level and source that it has or takes from what surrounds it."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, part=part, level=level, source=source)
    if not isinstance(value, dict):
        return
    level = str(value.get("v", value.get("verification", level)))
    cited = value.get("source", source)
    source = ", ".join(cited) if isinstance(cited, list) else str(cited)
    for name in _TEXTS:
        if name in value:
            yield Text(part, Said(value[name], value.get("art", ""), level), source)
    for inner in value.values():
        yield from _texts(inner, part=part, level=level, source=source)


def _notes(held: JsonObject) -> tuple[str, ...]:
    return tuple(held[name] for name in (*_NOTES, "drafting_note", "statistics") if isinstance(held.get(name), str))


def _article(instrument: Instrument, one: Measure, raw: JsonObject, edition: Edition) -> Article:
    spoken = [
        _texts(raw.get(part), part=part, level=one.verification, source="") for part in ("algorithm", "open_points")
    ]
    own = tuple(Said(fact.text, fact.article, fact.verification) for fact in one.own(one.not_evaluated))
    return Article(
        measure=one,
        title=word(words.MEASURES, one.kind),
        also=tuple(word(words.MEASURES, kind) for kind in one.also),
        reach=word(words.REACHES, one.reach),
        answers=tuple((kind, word(words.MEASURES, kind)) for kind in one.answers),
        data=tuple((key if key in edition.categories else "", words.spoken(words.DATA, key)) for key in one.data),
        conditions=tuple(_condition(rendered, edition) for rendered in one.conditions),
        contested=tuple(_ways(contested) for contested in one.contested),
        beside=tuple(_beside(instrument, layer, edition) for layer in instrument.layers if layer.measure == one.id),
        spans=tuple((_said(span.rendered), _days(span.days.from_, span.days.until)) for span in one.spans),
        recipients=tuple(words.spoken(questions.RECIPIENTS, to) for to in one.recipients),
        sections=tuple(_sections(one, edition)),
        clocks=tuple(_clock(instrument.id, one.id, deadline) for deadline in one.deadlines),
        grounds=tuple(_fact(fact, when, edition) for fact, when in one.grounds),
        read_also=own + tuple(text.said for found in spoken for text in found),
        notes=_notes(raw),
    )


def _sections(one: Measure, edition: Edition) -> Iterator[Section]:
    for name, title in questions.SECTIONS.items():
        if own := one.own(one.sections[name]):
            when = {path: rendered.when for path, rendered in one.applications.items()}
            yield Section(str(title), tuple(_fact(fact, when.get(fact.path), edition) for fact in own))


def _fact(fact: LawFact, when: Predicate | None, edition: Edition) -> Said:
    """A fact with the questions on which it depends."""
    asks = _asked(when.facts(), edition) if when else {}
    return Said(fact.text, fact.article, fact.verification, decided_by=tuple(asks.values()))


def _asked(names: Iterable[str], edition: Edition) -> dict[str, str]:
    return {name: edition.facts[name].question for name in sorted(names) if name in edition.facts}


def _beside(instrument: Instrument, layer: Layer, edition: Edition) -> Beside:
    asks = _asked(layer.rendered.asks, edition)
    said = replace(_said(layer.rendered), decided_by=tuple(asks.values()))
    held = instrument.measures
    named = [(f"#{to}", f"{word(words.MEASURES, held[to].kind)} ({held[to].article})") for to in layer.to if to in held]
    return Beside(said, tuple(named), layer.everywhere)


def _said(rendered: Rendered) -> Said:
    return Said(rendered.text, rendered.article, rendered.verification)


def _condition(rendered: Rendered, edition: Edition) -> Condition:
    return Condition(_said(rendered), tuple(_asked(rendered.asks, edition).items()), rendered.role == ISSUER)


def _ways(contested: Contested) -> Ways:
    ways = tuple((way.text, "" if way.by == _NOBODY else way.by) for way in contested.ways)
    return Ways(contested.question, _said(contested.rendered), ways)


def _clock(instrument: str, measure: str, one: Deadline) -> Clock:
    return Clock(
        who=_spaced(one.actor),
        what=_spaced(one.action),
        long=words.long(one.type, one.duration),
        case=word(questions.CASES, one.case) if one.case else "",
        begins=", ".join(_spaced(event) for event in one.starts),
        article=one.article,
        level=one.verification,
        counted=word(words.COUNTED, one.calc) if one.duration else "",
        condition=one.condition,
        url=questions.clock_url(instrument, measure, one.id),
    )


def _related(one: Relation, edition: Edition) -> Related:
    named = []
    for to in one.to:
        instrument, _slash, measure = to.partition("/")
        known = edition.instruments.get(instrument)
        url = questions.measure_url(instrument, measure) if measure else reverse("law-instrument", args=[instrument])
        named.append((url if known else "", known.title if known else to))
    kinds = tuple(word(words.MEASURES, kind) for kind in one.kinds)
    return Related(word(questions.EFFECTS, one.effect), tuple(named), kinds, _said(one.rendered))


def _source(name: str, held: JsonObject) -> Source:
    official = str(held.get("official", ""))
    address = official if official.startswith("http") and " " not in official else ""
    return Source(name, held.get("what", name), address, held.get("level", ""))


def _days(first: object, last: object) -> str:
    return f"{first or '…'} \N{EN DASH} {last or '…'}"


def _spaced(code: str) -> str:
    return code.replace("_", " ")
