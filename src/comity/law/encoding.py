"""From the data of one instrument to its rules: every fact by its path, and the hand-written conditions beside it.

* A fact takes its own level, else that of its part, its measure, or the source of its instrument.
* The article beside a condition must be that of the facts that it renders.
* Names are read in sorted order: canonical JSON keeps no other, and a verdict must come out the same from both.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from comity.canon import Json, JsonObject
from comity.law.clocks import Deadline
from comity.law.levels import weakest
from comity.law.logic import predicate
from comity.law.parties import Declaration, Parties
from comity.law.rules import (
    EFFECTS,
    FACETS,
    GROUNDS,
    ISSUER,
    SUBJECTS,
    Channel,
    Contested,
    Days,
    Force,
    Instrument,
    LawFact,
    Layer,
    Measure,
    Relation,
    Rendered,
    RulesBroken,
    Span,
    Way,
)

EVERY: Final = "*"
NOTE: Final = " - added, not in the brief"
"""What those who collected the facts noted to each other at the end of some titles."""

TABLES: Final = frozenset(
    {"encoded", "subject", "force", "parties", "condition", "ground", "application", "relation", "span"}
    | {"answer", "start", "joins", "standing", "layer", "channel", "reading"}
)
"""What `conditions.toml` may hold."""


def instrument(
    name: str, document: JsonObject, *, sources: Mapping[str, JsonObject], groups: Mapping[str, frozenset[str]]
) -> Instrument:
    """Read one instrument of an edition's document; `groups` are the states of a union by its name.

    Raises `RulesBroken` or `PredicateBroken`.
    """
    return _Reading(name, document, sources, groups).instrument()


class _Reading:
    """The state of reading one instrument."""

    def __init__(
        self,
        name: str,
        document: JsonObject,
        sources: Mapping[str, JsonObject],
        groups: Mapping[str, frozenset[str]],
    ) -> None:
        self.name = name
        self.document = document
        self.groups = groups
        self.about: JsonObject = document.get("instrument", {})
        self.conditions: JsonObject = document.get("conditions", {})
        self.raw: list[JsonObject] = document.get("measures", [])
        self.source = self.about.get("instrument", {}).get("source", "")
        self.level: str = sources.get(self.source, {}).get("level", "unverified")
        self.facts = {fact.path: fact for fact in self._every_fact()}

    def instrument(self) -> Instrument:
        if strange := self.conditions.keys() - TABLES:
            raise RulesBroken(instrument=self.name, why=f"its conditions know no {', '.join(sorted(strange))}")
        force = self._force(self.conditions.get("force", {}))
        table = self.document.get("parties", {}).get("table", {})
        return Instrument(
            id=self.name,
            title=str(self.about.get("instrument", {}).get("title", table.get("full_title", self.name))).removesuffix(
                NOTE
            ),
            fully_encoded=self.conditions.get("encoded", "not") == "fully",
            subject=self._subject(self.conditions.get("subject", SUBJECTS[0])),
            force=force,
            parties=self._parties(force),
            measures={raw["id"]: self._measure(raw) for raw in self.raw},
            layers=tuple(self._layer(one) for one in self.conditions.get("layer", [])),
            relations=tuple(self._relation(one) for one in self.conditions.get("relation", [])),
            channels={
                one["to"]: Channel(to=one["to"], article=one["article"], network=one.get("network", ""))
                for one in self.conditions.get("channel", [])
            },
        )

    def _subject(self, stated: str) -> str:
        if stated not in SUBJECTS:
            raise RulesBroken(instrument=self.name, why=f"its subject is {stated!r}, not one of {', '.join(SUBJECTS)}")
        return stated

    def _force(self, entry: JsonObject) -> Force:
        rendered = self._rendered(entry) if "renders" in entry else None
        in_force = entry.get("in_force")
        if in_force not in {True, False, None}:
            raise RulesBroken(instrument=self.name, why=f"in_force is {in_force!r}, not true or false")
        return Force(rendered, in_force, _days(entry))

    def _parties(self, force: Force) -> Parties:
        table = self.document.get("parties", {})
        declared: dict[str, tuple[Declaration, ...]] = {}
        for row in map(_texts, self.document.get("declarations", [])):
            declared[row["iso2"]] = (*declared.get(row["iso2"], ()), Declaration.from_row(row))
        stated = self.conditions.get("parties", {})
        union, through = stated.get("all_of", stated.get("through", "")), stated.get("through", "")
        if union and union not in self.groups:
            raise RulesBroken(instrument=self.name, why=f"no group of states is called {union}")
        return Parties(
            table=_texts(table.get("table", {})),
            rows={row["iso2"]: row for row in map(_texts, table.get("party", [])) if row["iso2"]},
            declarations=declared,
            kinds={
                (row["iso2"], row.get("kind", "")): row for row in map(_texts, table.get("party", [])) if row["iso2"]
            },
            union=union,
            members=frozenset(self.groups.get(union, ())),
            since=force.days.from_,
            through=through,
            one_side=str(stated.get("one_side", "")),
            articles={
                iso2: self._rendered(one).article for one in self.conditions.get("standing", []) for iso2 in one["iso2"]
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
                if part in {"issuer", "validation", "notification"} and not any(fact.path == path for fact in found):
                    yield from _stated(value, path=path, article=raw["article"], level=level, source=source)
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
        articles = ", ".join(dict.fromkeys(fact.article for fact in cited))
        if entry["article"] != articles:
            raise RulesBroken(
                instrument=self.name, why=f"{entry['renders']} is art. {articles}, not {entry['article']}"
            )
        return cited

    def _rendered(self, entry: JsonObject) -> Rendered:
        cited = self._cited(entry)
        role = entry.get("role", "")
        if role not in {"", ISSUER}:
            raise RulesBroken(instrument=self.name, why=f"a condition has no role {role!r}")
        return Rendered(
            text="; ".join(fact.text for fact in cited),
            article=entry["article"],
            verification=weakest(fact.verification for fact in cited),
            paths=tuple(fact.path for fact in cited),
            when=predicate(entry["when"]) if "when" in entry else None,
            role=role,
        )

    def _layer(self, entry: JsonObject) -> Layer:
        everywhere = bool(entry.get("everywhere", False))
        safeguard = bool(entry.get("safeguard", False))
        return Layer(entry["measure"], self._rendered(entry), tuple(entry["to"]), everywhere, safeguard)

    def _relation(self, entry: JsonObject) -> Relation:
        if entry["effect"] not in EFFECTS:
            raise RulesBroken(instrument=self.name, why=f"a relation has no effect {entry['effect']!r}")
        return Relation(tuple(entry["to"]), entry["effect"], tuple(entry.get("kinds", [])), self._rendered(entry))

    def _contested(self, entry: JsonObject) -> Contested:
        ways = tuple(
            Way(way["id"], way["text"], way["by"], predicate(way["when"]) if "when" in way else None)
            for way in entry["way"]
        )
        if len({way.id for way in ways}) < max(2, len(ways)):
            raise RulesBroken(instrument=self.name, why=f"{entry['id']} needs two ways or more, each with its own id")
        return Contested(entry["id"], entry["question"], self._rendered(entry), ways)

    def _for(self, kind: str, measure: str) -> Iterator[JsonObject]:
        for entry in self.conditions.get(kind, []):
            named = entry["measures"]
            known = {raw["id"] for raw in self.raw} | {EVERY}
            if strange := {*named, *entry.get("except", [])} - known:
                raise RulesBroken(instrument=self.name, why=f"it has no measure {', '.join(sorted(strange))}")
            if measure in named or (EVERY in named and measure not in entry.get("except", [])):
                yield entry

    def _measure(self, raw: JsonObject) -> Measure:
        name = raw["id"]
        conditions = tuple(self._rendered(entry) for entry in self._for("condition", name))
        contested = tuple(self._contested(entry) for entry in self._for("reading", name))
        spans = tuple(Span(self._rendered(entry), _days(entry)) for entry in self._for("span", name))
        applied = [self._rendered(entry) for entry in self._for("application", name)]
        weighed = [self._rendered(entry) for entry in self._for("ground", name)]
        ways = {path: one.when for one in weighed for path in one.paths}
        sections = {section: self._section(name, parts) for section, parts in FACETS.items()}
        refusing = self._under(f"{name}.refusal")
        paths = tuple(f"{name}.refusal.{part}" for part in GROUNDS)
        grounds = tuple(fact for fact in refusing if fact.path == f"{name}.refusal" or fact.path.startswith(paths))
        sections["relation"] += self._under("instrument.relation")
        sections["consultation"] += tuple(fact for fact in refusing if fact not in grounds)
        elsewhere = tuple(self.facts[path] for path in ways if path not in {fact.path for fact in grounds})
        shown = {fact.path for listed in sections.values() for fact in listed}
        applications = self._applications(name, applied, shown=shown)
        used = shown | {fact.path for listed in (refusing, elsewhere) for fact in listed}
        rendered = [*conditions, *(one.rendered for one in contested), *(one.rendered for one in spans)]
        used |= {path for one in rendered for path in one.paths}
        loose = self._under(name, "common", "scope", "instrument.scope_gate")
        deadlines = tuple(self._deadline(raw, deadline) for deadline in raw.get("deadlines", []))
        return Measure(
            **_texts({"id": name, **{part: raw[part] for part in ("kind", "article", "reach")}}),
            also=tuple(raw.get("also", [])),
            verification=str(raw.get("verification", self.level)),
            answers=tuple(raw["answers"]),
            note=str(raw.get("reach_note", "")),
            data=tuple(raw.get("data", [])),
            recipients=tuple(one for one in _listed(raw.get("recipient", [])) if isinstance(one, str)),
            sections=sections,
            applications=applications,
            deadlines=deadlines,
            due=self._due(name, deadlines),
            closed_list=raw.get("refusal", {}).get("closed_list"),
            conditions=conditions,
            contested=contested,
            spans=spans,
            grounds=tuple((fact, ways.get(fact.path)) for fact in (*grounds, *elsewhere)),
            not_evaluated=tuple(fact for fact in loose if fact.path not in used),
        )

    def _applications(self, name: str, applied: list[Rendered], *, shown: set[str]) -> dict[str, Rendered]:
        found = {path: one for one in applied for path in one.paths}
        if away := found.keys() - shown:
            raise RulesBroken(
                instrument=self.name, why=f"{name} shows {', '.join(sorted(away))} in no section, so it cannot apply"
            )
        return found

    def _due(self, name: str, deadlines: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
        named = [one["deadline"] for one in self.conditions.get("answer", []) if one["measure"] == name]
        known = {one.id: one for one in deadlines}
        if strange := set(named) - known.keys():
            raise RulesBroken(instrument=self.name, why=f"{name} has no deadline {', '.join(sorted(strange))}")
        return tuple(known[one] for one in named)

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


def _days(entry: JsonObject) -> Days:
    named = (date.fromisoformat(entry[name]) if name in entry else None for name in ("from", "until", "review"))
    return Days(*named)


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


def _stated(value: Json, *, path: str, article: str, level: str, source: str) -> Iterator[LawFact]:
    """A part that is stated in fields, not in a sentence: the plain fields become the sentence."""
    if not isinstance(value, dict):
        if any(isinstance(one, dict) for one in _listed(value)):
            return
        yield LawFact(path, ", ".join(_said(one) for one in _listed(value)), article, level, source)
        return
    own = {"art", "v", "verification", "source"}
    plain = {name: inner for name, inner in value.items() if not isinstance(inner, dict) and name not in own}
    said = "; ".join(f"{_said(name)}: {_said(inner)}" for name, inner in sorted(plain.items()))
    if said:
        level = str(value.get("v", value.get("verification", level)))
        yield LawFact(path, said, value.get("art", article), level, source)


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
