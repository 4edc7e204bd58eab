"""The verdict: every route with its reasons, as one JSON document whose bytes are the same whenever it is computed.

* The shape is fixed in `docs/spec/verdict.md`; an empty list says that the law's data state nothing (`not_stated`).
* A verdict stores the edition's hash and the whole question with its facts: that is all a replay needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from comity.canon import JsonObject, canonical, sha256_hex
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline
from comity.law.question import Question
from comity.law.rules import FACETS, LawFact

VERDICT: Final = "comity/verdict/v1"


class NoSuchRoute(ComityError):
    """The verdict holds no route of that id."""

    code = "law.no_such_route"
    sentence = N_("this verdict holds no route {route}")
    hint = N_("Its routes: {routes}")


class Status(StrEnum):
    """What a route is on the facts that are known."""

    LAWFUL = "lawful"
    OPEN = "open"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What a condition came to; `check` is an unverified fact, which neither opens nor closes."""

    MET = "met"
    FAILED = "failed"
    OPEN = "open"
    CHECK = "check"


@dataclass(frozen=True)
class Reason:
    """One condition of a route: what it says, where, how well verified, what it came to, and the facts still open."""

    text: str
    article: str
    verification: str
    outcome: Outcome
    facts: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        return {
            "text": self.text,
            "article": self.article,
            "verification": self.verification,
            "outcome": self.outcome.value,
            "facts": list(self.facts),
        }


@dataclass(frozen=True)
class OpenFact:
    """A fact that nobody has answered yet, and what the route would be on each answer."""

    id: str
    question: str
    answered_by: tuple[str, ...]
    changes: Mapping[str, Status]

    def as_json(self) -> JsonObject:
        return {
            "fact": self.id,
            "question": self.question,
            "answered_by": list(self.answered_by),
            "changes": {answer: status.value for answer, status in self.changes.items()},
        }


@dataclass(frozen=True)
class RefusalGround:
    """A ground of refusal and whether the known facts make it likely, possible or excluded."""

    ground: LawFact
    likelihood: str
    facts: tuple[str, ...]

    def as_json(self) -> JsonObject:
        return {**self.ground.as_json(), "likelihood": self.likelihood, "facts": list(self.facts)}


@dataclass(frozen=True)
class Refusal:
    """The grounds of refusal; `closed_list` is None where the law's data do not say whether there are others."""

    closed_list: bool | None
    grounds: tuple[RefusalGround, ...] = ()

    def as_json(self) -> JsonObject:
        return {"closed_list": self.closed_list, "grounds": [ground.as_json() for ground in self.grounds]}


@dataclass(frozen=True)
class Recipient:
    """A kind of recipient, with the authorities that the requested state has named for it."""

    to: str
    article: str
    named: tuple[JsonObject, ...]

    def as_json(self) -> JsonObject:
        return {"to": self.to, "article": self.article, "named": list(self.named)}


@dataclass(frozen=True)
class Stated:
    """A fact of a section; `applies` is yes, no or may where a condition decides it, None where it always applies."""

    fact: LawFact
    applies: str | None = None
    facts: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        record = self.fact.as_json()
        return record if self.applies is None else {**record, "applies": self.applies, "facts": list(self.facts)}


@dataclass(frozen=True)
class MayIssue:
    """Whether a kind of authority may `issue` alone, only `on_condition` (the facts it `needs`), or not (`no`)."""

    authority: str
    may: str
    needs: tuple[str, ...]

    def as_json(self) -> JsonObject:
        return {"authority": self.authority, "may": self.may, "needs": list(self.needs)}


@dataclass(frozen=True)
class Related:
    """How a route stands to another instrument's, seen from this one: `effect` is one of EFFECTS or its passive."""

    to: str
    effect: str
    reason: Reason

    def as_json(self) -> JsonObject:
        reason = self.reason.as_json()
        return {"to": self.to, "effect": self.effect, **{name: reason[name] for name in reason if name != "facts"}}


@dataclass(frozen=True)
class ReadAs:
    """One way to read a contested article, who reads it so, and what the route is then."""

    id: str
    text: str
    by: str
    status: Status

    def as_json(self) -> JsonObject:
        return {"id": self.id, "text": self.text, "by": self.by, "status": self.status.value}


@dataclass(frozen=True)
class Readings:
    """A contested article with every way to read it; the first is the one that the edition adopted."""

    id: str
    question: str
    article: str
    ways: tuple[ReadAs, ...]

    def as_json(self) -> JsonObject:
        return {
            "id": self.id,
            "question": self.question,
            "article": self.article,
            "ways": [way.as_json() for way in self.ways],
        }


@dataclass(frozen=True)
class Contents:
    """What is said about one measure beside its conditions."""

    sections: Mapping[str, tuple[Stated, ...]]
    recipients: tuple[Recipient, ...]
    refusal: Refusal
    clocks: tuple[Deadline, ...]

    def as_json(self) -> JsonObject:
        return {
            **{name: [stated.as_json() for stated in facts] for name, facts in self.sections.items()},
            "recipient": [one.as_json() for one in self.recipients],
            "refusal_grounds": self.refusal.as_json(),
            "clocks": [clock.as_record() for clock in self.clocks],
        }


NOTHING: Final = Contents(dict.fromkeys(FACETS, ()), (), Refusal(closed_list=None), ())
"""The contents of a closed route: it has reasons, and nothing to carry out."""


@dataclass(frozen=True)
class JoinedLayer:
    """A measure that shapes how the route runs: whether it applies, why, and what it adds."""

    instrument: str
    measure: str
    articles: tuple[str, ...]
    applies: Reason
    contents: Contents
    facts: tuple[LawFact, ...]

    def as_json(self) -> JsonObject:
        return {
            "instrument": self.instrument,
            "measure": self.measure,
            "articles": list(self.articles),
            "applies": self.applies.as_json(),
            "says": [fact.as_json() for fact in self.facts],
            **self.contents.as_json(),
        }


@dataclass(frozen=True)
class Route:
    """One way from the question to an answer, or the reason why there is none here."""

    id: str
    instrument: str
    title: str
    measure: str
    kind: str
    reach: str
    note: str
    articles: tuple[str, ...]
    status: Status
    reasons: tuple[Reason, ...]
    open_facts: tuple[OpenFact, ...] = ()
    contents: Contents = NOTHING
    layers: tuple[JoinedLayer, ...] = ()
    declarations: tuple[JsonObject, ...] = ()
    not_evaluated: tuple[LawFact, ...] = ()
    issuer_matrix: tuple[MayIssue, ...] = ()
    relations: tuple[Related, ...] = ()
    readings: tuple[Readings, ...] = ()
    answer_within: Deadline | None = None
    priority: int = 0
    why_here: str = ""

    @property
    def clocks(self) -> tuple[Deadline, ...]:
        """The deadlines of the measure itself; a layer has its own."""
        return self.contents.clocks

    def as_json(self) -> JsonObject:
        return {
            "id": self.id,
            "instrument": self.instrument,
            "title": self.title,
            "measure": self.measure,
            "kind": self.kind,
            "reach": self.reach,
            "note": self.note,
            "articles": list(self.articles),
            "status": self.status.value,
            "reasons": [reason.as_json() for reason in self.reasons],
            "open_facts": [fact.as_json() for fact in self.open_facts],
            **self.contents.as_json(),
            "issuer_matrix": [one.as_json() for one in self.issuer_matrix],
            "layers": [layer.as_json() for layer in self.layers],
            "relations": [one.as_json() for one in self.relations],
            "readings": [one.as_json() for one in self.readings],
            "declarations": list(self.declarations),
            "not_evaluated": [fact.as_json() for fact in self.not_evaluated],
            "answer_within": self._answer_within(),
            "priority": {"rank": self.priority, "why": self.why_here},
        }

    def _answer_within(self) -> JsonObject | None:
        due = self.answer_within
        if due is None:
            return None
        return {"deadline": due.id, "duration": due.duration, "case": due.case, "article": due.article}


@dataclass(frozen=True)
class Verdict:
    """The answer to one question under one edition on one day."""

    edition_id: str
    edition_hash: str
    on: date
    question: Question
    routes: tuple[Route, ...]
    not_encoded: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """The verdict as `docs/spec/verdict.md` describes it."""
        return {
            "format": VERDICT,
            "edition": {"id": self.edition_id, "hash": self.edition_hash},
            "on": self.on.isoformat(),
            "question": self.question.as_record(),
            "routes": [route.as_json() for route in self.routes],
            "not_encoded": list(self.not_encoded),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON."""
        return sha256_hex(canonical(self.as_json()))

    def route(self, id: str) -> Route:  # noqa: A002 - the word that the format uses
        """The route of that id, whatever its status; raises `NoSuchRoute`."""
        for route in self.routes:
            if route.id == id:
                return route
        raise NoSuchRoute(route=id[:120], routes=", ".join(route.id for route in self.routes) or "none")

    @property
    def lawful(self) -> tuple[Route, ...]:
        return self._with(Status.LAWFUL)

    @property
    def open(self) -> tuple[Route, ...]:
        return self._with(Status.OPEN)

    @property
    def closed(self) -> tuple[Route, ...]:
        return self._with(Status.CLOSED)

    def _with(self, status: Status) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.status is status)
