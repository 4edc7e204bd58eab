"""Three-valued logic: what is true, what is false, and what is open until somebody answers a fact.

* Kleene's strong logic: `all` is the least of its parts, `any` the greatest, `not` turns round; OPEN lies between.
* So an answer to an open fact never changes what was already decided.
* A predicate is data: `{all = [...]}`, `{any = [...]}`, `{not = ...}`, `{fact, op, value}` with `of = "any" | "every"` for
  facts that have a value for each offence, `{bound = "requesting" | "requested"}`, `{reserved = "29(4)", fact = ...}`, and
  `{listed = "eu-adequacy", kind = "LED", side = "requesting"}` for a row of that kind in a table,
  `{binds = "coe-ets30", side = "requested"}` for another instrument, `{member = "EU", side = "requesting"}` for a union.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from operator import eq, ge, le
from typing import Final, Protocol, TypeAlias

from comity.canon import Json
from comity.errors import N_, ComityError

Value: TypeAlias = bool | int | str
Known: TypeAlias = Value | tuple[Value | None, ...]

DEPTH_MAX: Final = 12
"""Levels of nesting of a predicate."""

PARTS_MAX: Final = 64
"""Parts of one `all` or `any`."""


class PredicateBroken(ComityError):
    """A condition is not written in the language of predicates."""

    code = "law.predicate_broken"
    sentence = N_("{found} is no predicate: {why}")


class Truth(IntEnum):
    """No, open, yes: ordered, so that `min` is "and" and `max` is "or"."""

    NO = 0
    OPEN = 1
    YES = 2


def negation(truth: Truth) -> Truth:
    """Yes for no, no for yes; open stays open."""
    return Truth(Truth.YES - truth)


def truth_of(*, holds: bool) -> Truth:
    """Yes or no."""
    return Truth.YES if holds else Truth.NO


@dataclass(frozen=True)
class Finding:
    """What a predicate came to, and the facts whose answers could still change it (empty when decided)."""

    truth: Truth
    open_facts: frozenset[str] = frozenset()


NO: Final = Finding(Truth.NO)
YES: Final = Finding(Truth.YES)
"""What is decided asks for nothing; these two stand for every such finding."""


class Circumstances(Protocol):
    """What a predicate is judged on."""

    def known(self, fact: str) -> Known | None:
        """The value of a fact; None while nobody has answered it."""

    def bound(self, side: str) -> Truth:
        """Whether the state on that side is bound by the instrument."""

    def reserved(self, article: str) -> Truth:
        """Whether the requested state has reserved that article."""

    def looked_up(self, word: str, name: str, *, side: str, kind: str) -> Truth:
        """What the edition says of the state on that side (see `Looked`)."""


class Predicate(Protocol):
    """A condition that circumstances meet, fail or leave open."""

    def find(self, given: Circumstances) -> Finding: ...

    def facts(self) -> frozenset[str]: ...


_OPERATORS: Final[Mapping[str, Callable[[Value, Json], bool]]] = {
    "is": eq,
    "in": lambda found, wanted: found in wanted,
    ">=": ge,
    "<=": le,
}


def _decided(truth: Truth) -> Finding | None:
    return YES if truth is Truth.YES else NO if truth is Truth.NO else None


@dataclass(frozen=True)
class Leaf:
    """One fact compared with one value; `of` says whether one offence is enough or every one must pass."""

    fact: str
    op: str
    value: Json
    of: str

    def find(self, given: Circumstances) -> Finding:
        known = given.known(self.fact)
        if known is None or known == ():
            return Finding(Truth.OPEN, frozenset({self.fact}))
        if not isinstance(known, tuple):
            return YES if _OPERATORS[self.op](known, self.value) else NO
        each = [Truth.OPEN if value is None else self._holds(value) for value in known]
        truth = max(each) if self.of == "any" else min(each)
        return _decided(truth) or Finding(truth, frozenset({self.fact}))

    def facts(self) -> frozenset[str]:
        return frozenset({self.fact})

    def _holds(self, value: Value) -> Truth:
        return truth_of(holds=_OPERATORS[self.op](value, self.value))


@dataclass(frozen=True)
class Group:
    """`all` or `any` of some predicates."""

    word: str
    parts: tuple[Predicate, ...]

    def find(self, given: Circumstances) -> Finding:
        found = [part.find(given) for part in self.parts]
        truths = [one.truth for one in found]
        truth = min(truths) if self.word == "all" else max(truths)
        if decided := _decided(truth):
            return decided
        return Finding(truth, frozenset().union(*(one.open_facts for one in found)))

    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts() for part in self.parts))


@dataclass(frozen=True)
class Not:
    """The opposite of a predicate."""

    part: Predicate

    def find(self, given: Circumstances) -> Finding:
        found = self.part.find(given)
        return Finding(negation(found.truth), found.open_facts)

    def facts(self) -> frozenset[str]:
        return self.part.facts()


@dataclass(frozen=True)
class Bound:
    """Whether one of the two states is bound by the instrument that the condition belongs to."""

    side: str

    def find(self, given: Circumstances) -> Finding:
        return Finding(given.bound(self.side))

    def facts(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class Reserved:
    """Whether the requested state reserved an article; where the tables leave it open, an answered fact decides."""

    article: str
    fact: str

    def find(self, given: Circumstances) -> Finding:
        truth = given.reserved(self.article)
        if truth is not Truth.OPEN:
            return Finding(truth)
        return Leaf(self.fact, "is", True, "any").find(given)  # noqa: FBT003 - the value that the fact is compared with

    def facts(self) -> frozenset[str]:
        return frozenset({self.fact})


@dataclass(frozen=True)
class Looked:
    """Something that is looked up about the state on one side, in the edition and not in the case.

    `word` says where: a row of `kind` in the table of the instrument `name` (listed), whether it is bound by the
    instrument `name` (binds), or whether it is a member of the union `name` (member).
    """

    word: str
    name: str
    side: str
    kind: str = ""

    def find(self, given: Circumstances) -> Finding:
        truth = given.looked_up(self.word, self.name, side=self.side, kind=self.kind)
        return _decided(truth) or Finding(truth)

    def facts(self) -> frozenset[str]:
        return frozenset()


def looked(predicate: Predicate) -> Iterator[Looked]:
    """What a predicate looks up in the edition."""
    match predicate:
        case Looked():
            yield predicate
        case Group(_, parts):
            for part in parts:
                yield from looked(part)
        case Not(part):
            yield from looked(part)
        case _:
            return


def predicate(value: Json, *, depth: int = 0) -> Predicate:
    """Read a predicate; raises `PredicateBroken` for anything that is not exactly one."""
    if depth > DEPTH_MAX:
        raise PredicateBroken(found="a condition", why=f"nested deeper than {DEPTH_MAX} levels")
    match value:
        case {"all": list(parts), **rest} if parts and len(parts) <= PARTS_MAX and not rest:
            return Group("all", tuple(predicate(part, depth=depth + 1) for part in parts))
        case {"any": list(parts), **rest} if parts and len(parts) <= PARTS_MAX and not rest:
            return Group("any", tuple(predicate(part, depth=depth + 1) for part in parts))
        case {"not": part, **rest} if not rest:
            return Not(predicate(part, depth=depth + 1))
        case _:
            return _leaf_of(value)


def _leaf_of(value: Json) -> Predicate:
    match value:
        case {"bound": "requesting" | "requested" as side, **rest} if not rest:
            return Bound(side)
        case {"reserved": str(article), "fact": str(fact), **rest} if not rest:
            return Reserved(article, fact)
        case {"listed": str(table), "kind": str(kind), "side": "requesting" | "requested" as side, **rest} if not rest:
            return Looked("listed", table, side, kind)
        case {"binds": str(name), "side": "requesting" | "requested" as side, **rest} if not rest:
            return Looked("binds", name, side)
        case {"member": str(name), "side": "requesting" | "requested" as side, **rest} if not rest:
            return Looked("member", name, side)
        case {"fact": str(fact), "op": str(op), "value": wanted, **rest} if op in _OPERATORS and rest.keys() <= {"of"}:
            return _leaf(fact, op, wanted, rest.get("of", "any"))
        case _:
            raise PredicateBroken(
                found=repr(value)[:80],
                why="expected all, any, not, bound, reserved, listed, binds, member or fact, op, value",
            )


def _leaf(fact: str, op: str, wanted: Json, of: Json) -> Leaf:
    fits = {"is": isinstance(wanted, bool | int | str), "in": isinstance(wanted, list)}
    if not fits.get(op, type(wanted) is int) or of not in {"any", "every"}:
        raise PredicateBroken(found=f"{fact} {op} {wanted!r}"[:80], why="the value does not fit the operator")
    return Leaf(fact, op, tuple(wanted) if isinstance(wanted, list) else wanted, of)
