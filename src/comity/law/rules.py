"""The rules of an instrument as the engine uses them: facts with their levels, measures, and the conditions that render them.

* A condition is a predicate beside the facts that it renders, with their article. `encoding` reads them from an edition.
* What nothing renders is kept and shown as text, marked as not evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline
from comity.law.logic import Predicate
from comity.law.parties import Parties

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

ISSUER: Final = "issuer"
"""The role of a condition that says who may issue and who must validate."""

EFFECTS: Final = ("replaces", "prevails", "without_prejudice")
"""What one instrument may be to another between two states that both bind."""


SUBJECTS: Final = ("cooperation", "data_protection", "table")
"""What an instrument is about; a table is a list that other instruments use, such as a network or decisions on adequacy."""


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


@dataclass(frozen=True, eq=False)
class Rendered:
    """A predicate over facts of the case, and the facts of law that it renders."""

    text: str
    article: str
    verification: str
    paths: tuple[str, ...]
    when: Predicate | None
    role: str = ""

    @cached_property
    def asks(self) -> frozenset[str]:
        """The facts of the case that it asks for."""
        return self.when.facts() if self.when else frozenset()


@dataclass(frozen=True)
class Days:
    """The days on which a rule holds, both included; None is not bounded. `review` is when it must be looked at again."""

    from_: date | None = None
    until: date | None = None
    review: date | None = None


@dataclass(frozen=True)
class Force:
    """Whether and when an instrument is in force by its own words; None where the facts do not say."""

    rendered: Rendered | None
    in_force: bool | None
    days: Days


@dataclass(frozen=True)
class Span:
    """A rule that holds for some days only."""

    rendered: Rendered
    days: Days


@dataclass(frozen=True)
class Layer:
    """A measure that shapes how other routes run, and when it does; `safeguard`: the route needs one that must be shown."""

    measure: str
    rendered: Rendered
    to: tuple[str, ...]
    everywhere: bool
    safeguard: bool


@dataclass(frozen=True)
class Relation:
    """What this instrument is to others (`to`: ids of instruments, or instrument/measure) for some kinds of measure."""

    to: tuple[str, ...]
    effect: str
    kinds: tuple[str, ...]
    rendered: Rendered

    def concerns(self, instrument: str, measure: str) -> bool:
        return instrument in self.to or f"{instrument}/{measure}" in self.to


@dataclass(frozen=True)
class Way:
    """One way to read a contested article: what it says, who reads it so, and its condition."""

    id: str
    text: str
    by: str
    when: Predicate | None


@dataclass(frozen=True)
class Contested:
    """A contested article: the question and every way to read it; the first way is the one that the edition adopted."""

    id: str
    question: str
    rendered: Rendered
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Channel:
    """Under which article a kind of recipient was designated, and which network lists it."""

    to: str
    article: str
    network: str


@dataclass(frozen=True, eq=False)
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
    applications: Mapping[str, Rendered]
    deadlines: tuple[Deadline, ...]
    due: tuple[Deadline, ...]
    closed_list: bool | None
    conditions: tuple[Rendered, ...]
    contested: tuple[Contested, ...]
    spans: tuple[Span, ...]
    grounds: tuple[tuple[LawFact, Predicate | None], ...]
    not_evaluated: tuple[LawFact, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        return tuple(self.article.split(", "))

    def own(self, facts: tuple[LawFact, ...]) -> tuple[LawFact, ...]:
        """Those facts that stand in this measure, without what is common to the instrument."""
        return tuple(fact for fact in facts if fact.path.startswith(f"{self.id}."))

    def predicates(self) -> Iterator[Predicate]:
        """Every predicate of the measure."""
        rendered = [*self.conditions, *self.applications.values()]
        yield from (one.when for one in rendered if one.when)
        yield from (when for _, when in self.grounds if when)
        yield from (way.when for one in self.contested for way in one.ways if way.when)


@dataclass(frozen=True, eq=False)
class Instrument:
    """An instrument: title, force, parties, measures, and what joins them."""

    id: str
    title: str
    fully_encoded: bool
    subject: str
    force: Force
    parties: Parties
    measures: Mapping[str, Measure]
    layers: tuple[Layer, ...]
    relations: tuple[Relation, ...]
    channels: Mapping[str, Channel]
