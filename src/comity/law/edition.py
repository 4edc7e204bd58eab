"""Editions: the whole law as one document with a hash, valid for a span of days.

* The packaged edition is read from the TOML beside this module; a bundle carries an edition as canonical JSON.
* The hash is SHA-256 over the canonical bytes of the document: the same law, the same hash, in any language.
* The document is compiled when it is read; one that does not fit together is refused whole.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, TypeVar

from comity.canon import JsonObject, canonical, parse_object, sha256_hex
from comity.errors import N_, ComityError
from comity.law import encoding
from comity.law.clocks import Deadline
from comity.law.levels import LEVELS
from comity.law.logic import PredicateBroken, looked
from comity.law.question import ValueUnknown
from comity.law.rules import Instrument, RulesBroken

FORMAT: Final = "comity/law-edition/v1"
EDITION_BYTES_MAX: Final = 16 * 1024 * 1024
"""The largest edition that is read."""

FACT_TYPES: Final = ("yes_no", "number", "choice")
Held = TypeVar("Held")

_PARTS: Final = ("instrument", "measures", "parties", "declarations", "conditions")


class EditionBroken(ComityError):
    """Bytes are no edition of the law."""

    code = "law.edition_broken"
    sentence = N_("this is no edition of the law: {why}")


class NoEditionInForce(ComityError):
    """No edition covers the day."""

    code = "law.no_edition_in_force"
    sentence = N_("no edition of the law covers {on}; edition {edition} covers {first} to {last}")
    hint = N_("Ask for a day within the edition, or load the edition of that day.")


@dataclass(frozen=True)
class AskedFact:
    """A fact of a case: what is asked, who can answer, and whether the question itself already says it."""

    id: str
    type: str
    question: str
    answered_by: tuple[str, ...]
    options: tuple[str, ...]
    from_: str


@dataclass(frozen=True, eq=False)
class Edition:
    """The law of a span of days, both included. Make one with `packaged`, `from_bytes` or `from_tree`."""

    id: str
    from_: date
    until: date
    document: JsonObject
    facts: Mapping[str, AskedFact]
    instruments: Mapping[str, Instrument]
    groups: Mapping[str, frozenset[str]]

    @classmethod
    def packaged(cls) -> "Edition":
        """The edition that came with this software."""
        return _packaged()

    @classmethod
    def from_tree(cls, root: Traversable) -> "Edition":
        """The edition in a folder of TOML files; raises `EditionBroken`."""
        return cls.from_document(_document(root))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Edition":
        """Read `to_bytes` back; raises `TooLarge`, `NotCanonical` or `EditionBroken`.

        Bytes that are those of the packaged edition are that edition, compiled already.
        """
        packaged = cls.packaged()
        if len(data) == len(packaged.to_bytes()) and sha256_hex(data) == packaged.hash:
            return packaged
        return cls.from_document(parse_object(data, limit=EDITION_BYTES_MAX))

    @classmethod
    def from_document(cls, document: JsonObject) -> "Edition":
        """Compile a document; raises `EditionBroken`."""
        try:
            return _compiled(document)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as broken:
            # The document comes from outside: whatever part is missing or of another shape, the answer is one refusal.
            raise EditionBroken(why=f"{type(broken).__name__}: {broken}"[:200]) from broken
        except (RulesBroken, PredicateBroken) as broken:
            raise EditionBroken(why=str(broken)) from broken

    def to_bytes(self) -> bytes:
        """The whole edition as canonical JSON."""
        return self._canonical

    @cached_property
    def _canonical(self) -> bytes:
        return canonical(self.document)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hexadecimal) of `to_bytes`: what a verdict cites."""
        return sha256_hex(self.to_bytes())

    @cached_property
    def states(self) -> Mapping[str, str]:
        """ISO 3166-1 alpha-2 to name."""
        states: dict[str, str] = self.document["vocabulary"]["states"]["states"]
        return states

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of measure that can be asked for."""
        return tuple(self.document["vocabulary"]["kinds"]["measure_kinds"])

    @cached_property
    def categories(self) -> Mapping[str, JsonObject]:
        """Categories of data, as each instrument names them."""
        return {one["key"]: one for one in self.document["vocabulary"]["data-categories"]["categories"]}

    @cached_property
    def offences(self) -> Mapping[str, JsonObject]:
        """Categories of offences, mapped to the instruments."""
        return {one["id"]: one for one in self.document["vocabulary"]["offences"]["categories"]}

    @cached_property
    def not_encoded(self) -> tuple[str, ...]:
        """Instruments that are known to exist and whose rules this edition does not hold."""
        listed = self.document["vocabulary"]["catalogue"]["instrument"]
        held = {name for name, one in self.instruments.items() if one.measures or one.subject == "table"}
        return tuple(sorted(one["instrument"] for one in listed if one["instrument"] not in held))

    def covering(self, on: date) -> "Edition":
        """This edition; raises `NoEditionInForce` if the day lies outside."""
        if not self.from_ <= on <= self.until:
            raise NoEditionInForce(on=on, edition=self.id, first=self.from_, last=self.until)
        return self

    def instrument(self, name: str) -> Instrument:
        """One instrument; raises `ValueUnknown`."""
        return _among(self.instruments, name, field="instrument")

    def deadline(self, instrument: str, measure: str, deadline: str) -> Deadline:
        """One deadline by its three ids; raises `ValueUnknown` with those that exist."""
        held = _among(self.instrument(instrument).measures, measure, field="measure")
        return _among({one.id: one for one in held.deadlines}, deadline, field="deadline")


def _among(known: Mapping[str, Held], name: str, *, field: str) -> Held:
    if name not in known:
        raise ValueUnknown(field=field, found=name[:60], allowed=", ".join(sorted(known)) or "none")
    return known[name]


@cache
def _packaged() -> Edition:
    return Edition.from_tree(files("comity.law"))


def _toml(file: Traversable) -> JsonObject:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _document(root: Traversable) -> JsonObject:
    """The TOML files as one document: what stands in a file of one list becomes that list."""
    instruments: JsonObject = {}
    for folder in sorted((root / "instruments").iterdir(), key=lambda one: one.name):
        parts = {part: folder / f"{part}.toml" for part in _PARTS}
        held = {part: _toml(file) for part, file in parts.items() if file.is_file()}
        for part, listed in (("measures", "measure"), ("declarations", "declaration")):
            if part in held:
                held[part] = held[part].get(listed, [])
        if held:
            instruments[folder.name] = held
    vocabulary = {
        file.name.removesuffix(".toml"): _toml(file)
        for file in (root / "vocabulary").iterdir()
        if file.name.endswith(".toml")
    }
    return {
        **_toml(root / "edition.toml"),
        "format": FORMAT,
        "facts": _toml(root / "facts.toml")["fact"],
        "groups": _toml(root / "groups.toml"),
        "vocabulary": vocabulary,
        "instruments": instruments,
    }


def _compiled(document: JsonObject) -> Edition:
    if document["format"] != FORMAT:
        raise EditionBroken(why=f"its format is {document['format']!r}, expected {FORMAT!r}")
    if set(document["vocabulary"]["kinds"]["verification_levels"]) != set(LEVELS):
        raise EditionBroken(why="its verification levels are not ours")
    facts = {
        one["id"]: AskedFact(
            id=one["id"],
            type=one["type"],
            question=one["question"],
            answered_by=tuple(one["answered_by"]),
            options=tuple(one.get("options", [])),
            from_=one["from"],
        )
        for one in document["facts"]
    }
    sources = document["vocabulary"]["sources"]
    held = sorted(document["instruments"].items())
    groups = {name: _members(one, document["instruments"]) for name, one in document["groups"].items()}
    instruments = {name: encoding.instrument(name, one, sources=sources, groups=groups) for name, one in held}
    for one in instruments.values():
        _hold_known(one, facts)
        _hold_dated(one)
    if {fact.type for fact in facts.values()} - set(FACT_TYPES):
        raise EditionBroken(why=f"a fact is of another type than {', '.join(FACT_TYPES)}")
    if any({"yes", "no"} & set(fact.options) for fact in facts.values()):
        raise EditionBroken(why="an option is yes or no, which is how a fact of another type is answered")
    edition = Edition(
        id=document["edition"],
        from_=date.fromisoformat(document["from"]),
        until=date.fromisoformat(document["until"]),
        document=document,
        facts=facts,
        instruments=instruments,
        groups=groups,
    )
    for one in instruments.values():
        _hold_looked_up(one, edition)
    # What is read on demand is read once here, so that a broken vocabulary is refused with the rest.
    assert edition.kinds is not None
    for vocabulary in (edition.states, edition.categories, edition.offences, edition.not_encoded):
        if not all(isinstance(name, str) for name in vocabulary):
            raise EditionBroken(why="a name in the vocabulary is no text")
    return edition


def _hold_looked_up(instrument: Instrument, edition: Edition) -> None:
    """Hold that every predicate looks into an instrument or a group of states that is there."""
    rendered = [one.rendered for one in instrument.layers] + [one.rendered for one in instrument.relations]
    asked = [one.when for one in rendered if one.when]
    asked += [when for measure in instrument.measures.values() for when in measure.predicates()]
    for one in (look for when in asked for look in looked(when)):
        if one.name not in (edition.groups if one.word == "member" else edition.instruments):
            raise EditionBroken(why=f"{instrument.id} looks into {one.name}, which is not there")


def _members(group: JsonObject, instruments: JsonObject) -> frozenset[str]:
    return frozenset(row["iso2"] for row in instruments[group["rows_of"]]["parties"]["party"])


def _hold_dated(instrument: Instrument) -> None:
    """Read every day of the party table once; raises `ValueError` for one that the calendar does not hold."""
    days = [row.get("entry_into_force_date", "") for row in instrument.parties.rows.values()]
    for day in (*days, instrument.parties.table.get("applies_from", "")):
        if len(day) == len("2026-11-23"):
            date.fromisoformat(day)


def _hold_known(instrument: Instrument, facts: Mapping[str, AskedFact]) -> None:
    """Hold that every condition asks for facts of the vocabulary and every level is one of ours."""
    measures = instrument.measures.values()
    rendered = [one for measure in measures for one in measure.conditions]
    rendered += [one.rendered for one in instrument.layers] + [one.rendered for one in instrument.relations]
    asked = [one.when for one in rendered] + [when for measure in measures for when in measure.predicates()]
    strange = {fact for when in asked if when for fact in when.facts()} - facts.keys()
    if strange:
        raise EditionBroken(why=f"{instrument.id} asks for unknown facts: {', '.join(sorted(strange))}")
    levels = {one.verification for one in instrument.measures.values()} | {one.verification for one in rendered}
    if levels - LEVELS.keys():
        raise EditionBroken(why=f"{instrument.id} has unknown levels: {', '.join(sorted(levels - LEVELS.keys()))}")
    for layer in instrument.layers:
        if layer.measure not in instrument.measures:
            raise EditionBroken(why=f"{instrument.id} has a layer of the unknown measure {layer.measure}")
