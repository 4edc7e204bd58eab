"""Which question comes next, why it is asked, and what each answer would change: read from answers of the law alone.

* First the facts that decide whether a route is lawful: the one that decides the most routes comes first.
* Then, on wish, those that decide which grounds of refusal are likely and which rules apply on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.canon import JsonObject
from comity.law import Edition
from comity.web.investigator import address
from comity.web.shell import questions

OWN: Final = "requesting authority"
"""Who asks, as facts name whoever can answer them."""

_STEPS: Final = {
    "question.requesting_authority": "who",
    "question.stage": "who",
    "question.measure": "what",
    "question.data": "data",
    "question.purpose": "data",
    "question.urgency": "pressing",
    "question.provider": "pressing",
}
"""The steps before the law at which its own facts are answered; what is not here is answered with the offences."""


@dataclass(frozen=True)
class Place:
    """A route as a list names it; `anchor` is its place on a page with all reasons."""

    id: str
    title: str
    article: str
    status: str
    anchor: str


@dataclass(frozen=True)
class Move:
    """A route that stands otherwise than before; `before` is empty for one that was not there."""

    route: Place
    before: str


@dataclass(frozen=True)
class Turned:
    """A ground of refusal or a rule that counts otherwise than before: its text, and what it came to (likely, yes ...)."""

    text: str
    article: str
    came_to: str


@dataclass(frozen=True)
class Effect:
    """What an answer changes, and the routes that stay open although they hang on it."""

    moves: tuple[Move, ...]
    turned: tuple[Turned, ...]
    stays: tuple[Place, ...]


@dataclass(frozen=True)
class Why:
    """A text of the law that needs a fact, and the routes on which it counts."""

    text: str
    article: str
    verification: str
    routes: tuple[Place, ...]


def places(answer: JsonObject) -> tuple[Place, ...]:
    """Every route of an answer, in its order."""
    return tuple(_place(route) for route in answer["routes"])


def _place(route: JsonObject) -> Place:
    return Place(
        id=route["id"],
        title=route["title"],
        article=", ".join(route["articles"]),
        status=route["status"],
        anchor=questions.anchor(route["priority"]["rank"]),
    )


def moves(before: JsonObject, after: JsonObject) -> tuple[Move, ...]:
    """The routes of the later answer whose status is another one than in the earlier."""
    was = {route["id"]: route["status"] for route in before["routes"]}
    return tuple(Move(place, was.get(place.id, "")) for place in places(after) if was.get(place.id, "") != place.status)


def effect(before: JsonObject, after: JsonObject, *, fact: str) -> Effect:
    """What lies between two answers of which the later knows one fact more."""
    hang = {route["id"] for route in _living(before) if fact in _of_conditions(route)}
    stays = tuple(one for one in places(after) if one.id in hang and one.status == "open")
    was = dict(_weighed(before))
    turned = {
        (text, article): came_to
        for (route, text, article), came_to in _weighed(after)
        if was.get((route, text, article), came_to) != came_to
    }
    return Effect(
        moves(before, after), tuple(Turned(text, article, came) for (text, article), came in turned.items()), stays
    )


def decisive(answer: JsonObject, *, edition: Edition, only: str = "") -> list[str]:
    """The open facts on which a route hangs that is not closed (`only` names a single one), the one that decides the most first.

    Of two that decide as many, the one that the asking authority can answer itself comes first.
    """
    decides: dict[str, int] = {}
    needed: dict[str, int] = {}
    for route in _living(answer):
        for one in route["open_facts"] if only in {"", route["id"]} else ():
            fact = one["fact"]
            needed[fact] = needed.get(fact, 0) + 1
            decides[fact] = decides.get(fact, 0) + any(status != route["status"] for status in one["changes"].values())
    order = {fact: place for place, fact in enumerate(edition.facts)}
    theirs = {fact for fact in needed if OWN not in edition.facts[fact].answered_by}
    return sorted(needed, key=lambda fact: (-decides[fact], fact in theirs, -needed[fact], order[fact]))


def further(answer: JsonObject) -> list[str]:
    """The open facts that decide no route, but which grounds of refusal are likely and which rules apply on the way."""
    conditions = {fact for route in _living(answer) for fact in _of_conditions(route)}
    found = [fact for route in _living(answer) for text, _ in _weighing(route) for fact in text.get("facts", [])]
    return [fact for fact in dict.fromkeys(found) if fact not in conditions]


def step_of(fact: str, *, edition: Edition) -> str:
    """Where a fact is answered."""
    if edition.facts[fact].from_ == "answer":
        return f"{address.FACT}{fact}"
    return _STEPS.get(fact, "offences")


def why(answer: JsonObject, fact: str) -> list[Why]:
    """The texts that need a fact, each once, with the routes that are not closed and hang on it."""
    found: dict[tuple[str, str, str], dict[str, Place]] = {}
    for route in _living(answer):
        texts = [one for one in route["reasons"] if one["outcome"] == "open"]
        texts += [text for text, _ in _weighing(route)]
        for one in texts:
            if fact in one.get("facts", []):
                key = (one["text"], one["article"], one["verification"])
                found.setdefault(key, {})[route["id"]] = _place(route)
    return [Why(*key, tuple(routes.values())) for key, routes in found.items()]


def _living(answer: JsonObject) -> Iterator[JsonObject]:
    return (route for route in answer["routes"] if route["status"] != "closed")


def _of_conditions(route: JsonObject) -> set[str]:
    return {one["fact"] for one in route["open_facts"]}


def _weighing(route: JsonObject) -> Iterator[tuple[JsonObject, str]]:
    """Every ground of refusal and rule of a route and what stands beside it that circumstances decide, and what it came to."""
    for layer in route["layers"]:
        yield layer["applies"], questions.LAYERS[layer["applies"]["outcome"]]
    for source in (route, *route["layers"]):
        for ground in source["refusal_grounds"]["grounds"]:
            yield ground, ground["likelihood"]
        for name in questions.SECTIONS:
            for text in source[name]:
                if "applies" in text:
                    yield text, text["applies"]


def _weighed(answer: JsonObject) -> Iterator[tuple[tuple[str, str, str], str]]:
    for route in _living(answer):
        for text, came_to in _weighing(route):
            yield (route["id"], text["text"], text["article"]), came_to
