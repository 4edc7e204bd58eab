"""The rules of one instrument, read once: its facts with their levels, its measures, and the conditions that render them.

* A fact takes its own level, else that of its part, its measure, or the source of its instrument.
* A condition is a predicate beside the facts that it renders; the article is written next to it and must be theirs.
* Names are read in sorted order: canonical JSON keeps no other, and a verdict must come out the same from both.
* What nothing renders is kept and shown as text, marked as not evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.canon import Json, JsonObject
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline
from comity.law.levels import weakest
from comity.law.logic import Predicate, predicate
from comity.law.parties import Declaration, Parties

FACETS: Final[Mapping[str, tuple[str, ...]]] = {
    "issuers": ("issuer",),
    "validation": ("validation",),
    "delivery": ("recipient",),
    "notification": ("notification",),
    "form": ("content_of_request", "content_of_order", "form_language"),
    "consultation": ("consultation",),
    "postponement": ("postponement",),
    "confidentiality": ("confidentiality", "user_notice"),
    "use_limits": ("use_limits",),
    "safeguards": ("safeguards", "data_protection"),
    "remedies": ("remedies",),
    "costs": ("costs",),
    "relation": ("subsidiarity", "replaces"),
}
"""The sections of a route and the parts of the law's data that fill them."""

GROUNDS: Final = ("fact", "grounds", "production_grounds", "preservation_grounds")
"""The parts of `refusal` that are grounds; its other parts say how to refuse."""

EVERY: Final = "*"


class RulesBroken(ComityError):
    """An instrument's rules do not fit together."""

    code = "law.rules_broken"
    sentence = N_("the rules of {instrument} do not fit together: {why}")


@dataclass(frozen=True)
class LawFact:
    """One fact of an instrument, in own words, with its article, level and source."""

    path: str
    text: str
    article: str
    verification: str
    source: str

    def as_json(self) -> JsonObject:
        return {"text": self.text, "article": self.article, "verification": self.verification, "source": self.source}


@dataclass(frozen=True)
class Rendered:
    """A predicate over facts of the case, and the facts of law that it renders."""

    text: str
    article: str
    verification: str
    paths: tuple[str, ...]
    when: Predicate | None


@dataclass(frozen=True)
class Layer:
    """A measure that shapes how other routes run, and when it does."""

    measure: str
    rendered: Rendered
    to: tuple[str, ...]
    everywhere: bool


@dataclass(frozen=True)
class Channel:
    """Under which article a kind of recipient was designated, and which network lists it."""

    to: str
    article: str
    network: str


@dataclass(frozen=True)
class Measure:
    """One measure of an instrument with everything that is said about it."""

    id: str
    kind: str
    also: tuple[str, ...]
    article: str
    verification: str
    reach: str
    answers: tuple[str, ...]
    note: str
    data: tuple[str, ...]
    recipients: tuple[str, ...]
    sections: Mapping[str, tuple[LawFact, ...]]
    deadlines: tuple[Deadline, ...]
    closed_list: bool | None
    conditions: tuple[Rendered, ...]
    grounds: tuple[tuple[LawFact, Predicate | None], ...]
    not_evaluated: tuple[LawFact, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        return tuple(self.article.split(", "))

    def own(self, facts: tuple[LawFact, ...]) -> tuple[LawFact, ...]:
        """Those facts that stand in this measure, without what is common to the instrument."""
        return tuple(fact for fact in facts if fact.path.startswith(f"{self.id}."))


@dataclass(frozen=True)
class Instrument:
    """An instrument: title, force, parties, measures, and what joins them."""

    id: str
    title: str
    fully_encoded: bool
    force: Rendered | None
    parties: Parties
    measures: Mapping[str, Measure]
    layers: tuple[Layer, ...]
    channels: Mapping[str, Channel]


def instrument(name: str, document: JsonObject, *, sources: Mapping[str, JsonObject]) -> Instrument:
    """Read one instrument of an edition's document; raises `RulesBroken` or `PredicateBroken`."""
    return _Reading(name, document, sources).instrument()


class _Reading:
    """The state of reading one instrument: every fact by its path, and the hand-written conditions."""

    def __init__(self, name: str, document: JsonObject, sources: Mapping[str, JsonObject]) -> None:
        self.name = name
        self.document = document
        self.about: JsonObject = document.get("instrument", {})
        self.conditions: JsonObject = document.get("conditions", {})
        self.raw: list[JsonObject] = document.get("measures", [])
        self.source = self.about.get("instrument", {}).get("source", "")
        self.level: str = sources.get(self.source, {}).get("level", "unverified")
        self.facts = {fact.path: fact for fact in self._every_fact()}

    def instrument(self) -> Instrument:
        encoded = self.conditions.get("encoded", "not")
        force = self.conditions.get("force")
        table = self.document.get("parties", {})
        declared: dict[str, tuple[Declaration, ...]] = {}
        for row in map(_texts, self.document.get("declarations", [])):
            declared[row["iso2"]] = (*declared.get(row["iso2"], ()), Declaration.from_row(row))
        return Instrument(
            id=self.name,
            title=self.about.get("instrument", {}).get("title", table.get("table", {}).get("full_title", self.name)),
            fully_encoded=encoded == "fully",
            force=self._rendered(force) if force else None,
            parties=Parties(
                table=_texts(table.get("table", {})),
                rows={row["iso2"]: row for row in map(_texts, table.get("party", [])) if row["iso2"]},
                declarations=declared,
            ),
            measures={raw["id"]: self._measure(raw) for raw in self.raw},
            layers=tuple(self._layer(one) for one in self.conditions.get("layer", [])),
            channels={
                one["to"]: Channel(to=one["to"], article=one["article"], network=one.get("network", ""))
                for one in self.conditions.get("channel", [])
            },
        )

    def _every_fact(self) -> Iterator[LawFact]:
        for part, value in sorted(self.about.items()):
            yield from _facts(value, path=part, article="", level=self.level, source=self.source)
        for raw in self.raw:
            level, source = str(raw.get("verification", self.level)), str(raw.get("source", self.source))
            for part, value in sorted(raw.items()):
                path = f"{raw['id']}.{part}"
                found = tuple(_facts(value, path=path, article=raw["article"], level=level, source=source))
                if not found and part in {"issuer", "validation", "notification"}:
                    found = (_stated(value, path=path, article=raw["article"], level=level, source=source),)
                yield from found

    def _under(self, *paths: str) -> tuple[LawFact, ...]:
        return tuple(
            fact
            for path in paths
            for fact in self.facts.values()
            if fact.path == path or fact.path.startswith(f"{path}.")
        )

    def _cited(self, entry: JsonObject) -> tuple[LawFact, ...]:
        missing = [path for path in entry["renders"] if path not in self.facts]
        if missing:
            raise RulesBroken(instrument=self.name, why=f"no fact at {', '.join(missing)}")
        cited = tuple(self.facts[path] for path in entry["renders"])
        articles = _articles(cited)
        if entry["article"] != articles:
            raise RulesBroken(
                instrument=self.name, why=f"{entry['renders']} is art. {articles}, not {entry['article']}"
            )
        return cited

    def _rendered(self, entry: JsonObject) -> Rendered:
        cited = self._cited(entry)
        return Rendered(
            text="; ".join(fact.text for fact in cited),
            article=entry["article"],
            verification=weakest(fact.verification for fact in cited),
            paths=tuple(fact.path for fact in cited),
            when=predicate(entry["when"]) if "when" in entry else None,
        )

    def _layer(self, entry: JsonObject) -> Layer:
        everywhere = bool(entry.get("everywhere", False))
        return Layer(entry["measure"], self._rendered(entry), tuple(entry["to"]), everywhere)

    def _for(self, kind: str, measure: str) -> Iterator[JsonObject]:
        for entry in self.conditions.get(kind, []):
            named = entry["measures"]
            if measure in named or (EVERY in named and measure not in entry.get("except", [])):
                yield entry

    def _measure(self, raw: JsonObject) -> Measure:
        name = raw["id"]
        conditions = tuple(self._rendered(entry) for entry in self._for("condition", name))
        weighed = [self._rendered(entry) for entry in self._for("ground", name)]
        ways = {path: one.when for one in weighed for path in one.paths}
        sections = {section: self._section(name, parts) for section, parts in FACETS.items()}
        refusing = self._under(f"{name}.refusal")
        paths = tuple(f"{name}.refusal.{part}" for part in GROUNDS)
        grounds = tuple(fact for fact in refusing if fact.path == f"{name}.refusal" or fact.path.startswith(paths))
        sections["relation"] += self._under("instrument.relation")
        sections["consultation"] += tuple(fact for fact in refusing if fact not in grounds)
        elsewhere = tuple(self.facts[path] for path in ways if path not in {fact.path for fact in grounds})
        used = {fact.path for listed in (*sections.values(), refusing, elsewhere) for fact in listed}
        used |= {path for condition in conditions for path in condition.paths}
        loose = self._under(name, "common", "scope", "instrument.scope_gate")
        return Measure(
            **_texts({"id": name, **{part: raw[part] for part in ("kind", "article", "reach")}}),
            also=tuple(raw.get("also", [])),
            verification=str(raw.get("verification", self.level)),
            answers=tuple(raw["answers"]),
            note=str(raw.get("reach_note", "")),
            data=tuple(raw.get("data", [])),
            recipients=tuple(one for one in _listed(raw.get("recipient", [])) if isinstance(one, str)),
            sections=sections,
            deadlines=tuple(self._deadline(raw, deadline) for deadline in raw.get("deadlines", [])),
            closed_list=raw.get("refusal", {}).get("closed_list"),
            conditions=conditions,
            grounds=tuple((fact, ways.get(fact.path)) for fact in (*grounds, *elsewhere)),
            not_evaluated=tuple(fact for fact in loose if fact.path not in used),
        )

    def _section(self, measure: str, parts: tuple[str, ...]) -> tuple[LawFact, ...]:
        return self._under(*(f"{root}.{part}" for root in (measure, "common") for part in parts))

    def _deadline(self, raw: JsonObject, stated: JsonObject) -> Deadline:
        names = ("actor", "action", "case", "type", "duration", "unit", "from_event", "calc", "on_expiry", "condition")
        starts = [one for one in self.conditions.get("start", []) if one["deadline"] == f"{raw['id']}.{stated['id']}"]
        return Deadline(
            id=stated["id"],
            article=stated["art"],
            verification=str(stated.get("v", raw.get("verification", self.level))),
            note=stated.get("from_event_note", ""),
            candidates=tuple(starts[0]["candidates"]) if starts else (),
            **_texts({name: stated.get(name, "") for name in names}),
        )


def _facts(value: Json, *, path: str, article: str, level: str, source: str) -> Iterator[LawFact]:
    match value:
        case dict():
            level = str(value.get("v", value.get("verification", level)))
            cited = value.get("source", source)
            source = ", ".join(cited) if isinstance(cited, list) else cited
            if "fact" in value:
                yield LawFact(
                    path,
                    **_texts({"text": value["fact"], "article": value.get("art", article)}),
                    verification=level,
                    source=source,
                )
            for part, inner in sorted(value.items()):
                yield from _facts(inner, path=f"{path}.{part}", article=article, level=level, source=source)
        case list():
            for number, inner in enumerate(value):
                yield from _facts(inner, path=f"{path}.{number}", article=article, level=level, source=source)
        case _:
            return


def _stated(value: Json, *, path: str, article: str, level: str, source: str) -> LawFact:
    """A part that is stated in fields, not in a sentence: the fields become the sentence."""
    if not isinstance(value, dict):
        return LawFact(path, ", ".join(_said(one) for one in _listed(value)), article, level, source)
    said = "; ".join(f"{_said(name)}: {_said(inner)}" for name, inner in sorted(value.items()) if name != "art")
    return LawFact(path, said, value.get("art", article), level, source)


def _said(value: Json) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_said(one) for one in value)
        case _:
            return str(value).replace("_", " ")


def _texts(row: JsonObject) -> dict[str, str]:
    """The row; raises `TypeError` for a cell that is no text."""
    for name, cell in row.items():
        if not isinstance(cell, str):
            raise TypeError(f"{name} is {type(cell).__name__}, not text")
    return row


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _articles(facts: tuple[LawFact, ...]) -> str:
    return ", ".join(dict.fromkeys(fact.article for fact in facts))
