"""What if the law changed: an amendment beside an edition, and which answers would be different.

    amendment = Amendment.from_document(tomllib.loads(text))
    changed = compare(edition, amendment.applied_to(edition), questions)

* An amendment is data: a list of changes, each at a place of the edition's document. Nothing is changed in the edition itself.
* A place is a list of names; a part of a list is found by `name=value` of one of its fields.
* The amended law is compiled as any edition is: one that does not fit together is refused whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.canon import Json, JsonObject
from comity.errors import N_, ComityError
from comity.law.edition import Edition
from comity.law.pathways import routes
from comity.law.question import Question
from comity.law.verdict import Verdict

CHANGES_MAX: Final = 1_000
PLACE_MAX: Final = 16
OPERATIONS: Final = ("set", "add", "remove")


class AmendmentBroken(ComityError):
    """What was handed in is no amendment, or it does not fit the edition."""

    code = "law.amendment_broken"
    sentence = N_("this is no amendment of the edition: {why}")
    hint = N_("Each change has op (set, add or remove), at (a list of names) and, unless it removes, a value.")


@dataclass(frozen=True)
class Change:
    """One change: `set` replaces what is there, `add` puts something new, `remove` takes away."""

    op: str
    at: tuple[str, ...]
    value: Json = None


@dataclass(frozen=True)
class Amendment:
    """A proposed change of the law: a short name, a title, what it rests on, and its changes in order."""

    id: str
    title: str
    basis: str
    changes: tuple[Change, ...]

    @classmethod
    def from_document(cls, document: object) -> "Amendment":
        """Read an amendment; raises `AmendmentBroken`."""
        match document:
            case {"id": str(id_), "title": str(title), "basis": str(basis), "change": list(listed), **rest} if not rest:
                pass
            case _:
                raise AmendmentBroken(why="expected exactly id, title, basis and a list of changes")
        if not 0 < len(listed) <= CHANGES_MAX or not id_:
            raise AmendmentBroken(why=f"an amendment has an id and 1 to {CHANGES_MAX} changes")
        return cls(id_, title, basis, tuple(_change(one) for one in listed))

    def applied_to(self, edition: Edition) -> Edition:
        """The law as it would be; raises `AmendmentBroken` or `EditionBroken`."""
        document = deepcopy(edition.document)
        document["edition"] = f"{edition.id}+{self.id}"
        for change in self.changes:
            _apply(document, change)
        return Edition.from_document(document)


@dataclass(frozen=True)
class Moved:
    """A route whose status is different; None where there is no such route."""

    route: str
    before: str | None
    after: str | None

    def as_json(self) -> JsonObject:
        return {"route": self.route, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class Difference:
    """A question whose answer is different: routes that moved, and whether the first route is another one."""

    question: Question
    on: date
    moved: tuple[Moved, ...]
    first_before: str | None
    first_after: str | None

    def as_json(self) -> JsonObject:
        return {
            "question": self.question.as_record(),
            "on": self.on.isoformat(),
            "moved": [one.as_json() for one in self.moved],
            "first": {"before": self.first_before, "after": self.first_after},
        }


def compare(edition: Edition, other: Edition, questions: Iterable[tuple[Question, date]]) -> Iterator[Difference]:
    """The questions that the two answer differently, in their order; raises as `routes`."""
    for question, on in questions:
        before, after = (routes(question, on=on, edition=one) for one in (edition, other))
        stood, stands = (_statuses(one) for one in (before, after))
        moved = tuple(
            Moved(name, stood.get(name), stands.get(name))
            for name in sorted(stood.keys() | stands.keys())
            if stood.get(name) != stands.get(name)
        )
        first, then = (_first(one) for one in (before, after))
        if moved or first != then:
            yield Difference(question, on, moved, first, then)


def _statuses(verdict: Verdict) -> Mapping[str, str]:
    return {route.id: route.status.value for route in verdict.routes}


def _first(verdict: Verdict) -> str | None:
    """The route to take: the first that is not closed."""
    return next((route.id for route in (*verdict.lawful, *verdict.open)), None)


def _change(stated: object) -> Change:
    match stated:
        case {"op": "remove", "at": list(at), **rest} if not rest:
            value = None
        case {"op": "set" | "add", "at": list(at), "value": value, **rest} if not rest:
            pass
        case _:
            raise AmendmentBroken(why=f"{str(stated)[:80]} is no change")
    if not 0 < len(at) <= PLACE_MAX or not all(isinstance(name, str) for name in at):
        raise AmendmentBroken(why=f"a place is 1 to {PLACE_MAX} names")
    assert isinstance(stated, dict)
    return Change(stated["op"], tuple(at), value)


def _apply(document: JsonObject, change: Change) -> None:
    place: Json = document
    for name in change.at[:-1]:
        place = _within(place, name, change)
    last = change.at[-1]
    if change.op == "add":
        _add(place, last, change)
    elif change.op == "set":
        _within(place, last, change)
        place[_key(place, last, change)] = change.value
    else:
        _within(place, last, change)
        del place[_key(place, last, change)]


def _add(place: Json, last: str, change: Change) -> None:
    if isinstance(place, dict) and isinstance(place.get(last), list):
        place[last].append(change.value)
    elif isinstance(place, dict) and last not in place:
        place[last] = change.value
    else:
        raise AmendmentBroken(why=f"nothing can be added at {_spelled(change)}")


def _within(place: Json, name: str, change: Change) -> Json:
    try:
        return place[_key(place, name, change)]
    except (KeyError, TypeError) as missing:
        raise AmendmentBroken(why=f"there is no {name} at {_spelled(change)}") from missing


def _key(place: Json, name: str, change: Change) -> str | int:
    """The name itself in a table; in a list the number of the one part whose field has the value."""
    if not isinstance(place, list):
        return name
    field, _, value = name.partition("=")
    found = [number for number, part in enumerate(place) if isinstance(part, dict) and part.get(field) == value]
    if len(found) != 1:
        raise AmendmentBroken(why=f"{len(found)} parts of the list are {name} at {_spelled(change)}, expected one")
    return found[0]


def _spelled(change: Change) -> str:
    return " / ".join(change.at)[:200]
