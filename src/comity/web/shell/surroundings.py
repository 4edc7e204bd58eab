"""What stands around a route of an answer: who may issue it, how it stands to other routes, how it can be read, how soon it answers.

Answers that were recorded before these parts existed do not have them; nothing is shown then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from comity.canon import JsonObject
from comity.web.shell import questions
from comity.web.shell.wording import word


@dataclass(frozen=True)
class MayIssue:
    """Whether a kind of authority may issue the request, and which facts that needs."""

    authority: str
    label: str
    tone: str
    needs: tuple[str, ...]
    asks: bool


@dataclass(frozen=True)
class Related:
    """How a route stands to other instruments': which, what follows for the order, and whether it holds here."""

    to: tuple[str, ...]
    effect: str
    text: str
    article: str
    verification: str
    label: str
    tone: str


@dataclass(frozen=True)
class Way:
    """One way to read a contested article, and what the route is then."""

    text: str
    by: str
    label: str
    tone: str
    adopted: bool


@dataclass(frozen=True)
class Contested:
    """A contested article with its ways; the edition has adopted the first."""

    question: str
    article: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Due:
    """By when the other side owes the result, as the law says it."""

    long: str
    case: str
    article: str


@dataclass(frozen=True)
class Surroundings:
    """All that stands around one route."""

    issuers: tuple[MayIssue, ...]
    related: tuple[Related, ...]
    contested: tuple[Contested, ...]
    due: Due | None


def around(route: JsonObject, *, asking: str, duration: str) -> Surroundings:
    """What a route of a verdict says around itself; `asking` is the kind of authority that asks, `duration` its term in words."""
    due = route.get("answer_within")
    return Surroundings(
        issuers=tuple(_may_issue(one, asking=asking) for one in route.get("issuer_matrix", [])),
        related=tuple(_related(route.get("relations", []))),
        contested=tuple(_contested(one) for one in route.get("readings", [])),
        due=Due(duration, word(questions.CASES, due["case"]), due["article"]) if due else None,
    )


def _may_issue(one: JsonObject, *, asking: str) -> MayIssue:
    return MayIssue(
        authority=word(questions.AUTHORITIES, one["authority"]),
        label=word(questions.MAY_ISSUE, one["may"]),
        tone=questions.MAY_ISSUE_TONES[one["may"]],
        needs=tuple(questions.fact(name) for name in one["needs"]),
        asks=one["authority"] == asking,
    )


def _related(listed: list[JsonObject]) -> Iterator[Related]:
    """Each text once, with all the instruments for which it says the same."""
    found: dict[tuple[str, str, str], list[JsonObject]] = {}
    for one in listed:
        found.setdefault((one["effect"], one["text"], one["outcome"]), []).append(one)
    for (effect, text, outcome), same in found.items():
        applies = questions.LAYERS[outcome]
        yield Related(
            to=tuple(dict.fromkeys(questions.instrument(one["to"]) for one in same)),
            effect=word(questions.EFFECTS, effect),
            text=text,
            article=same[0]["article"],
            verification=same[0]["verification"],
            label=word(questions.APPLIES, applies),
            tone=questions.APPLIES_TONES[applies],
        )


def _contested(one: JsonObject) -> Contested:
    ways = tuple(
        Way(
            text=way["text"],
            by="" if way["by"] == "open" else way["by"],
            label=word(questions.STATUSES, way["status"]),
            tone=questions.STATUS_TONES[way["status"]],
            adopted=place == 0,
        )
        for place, way in enumerate(one["ways"])
    )
    return Contested(one["question"], one["article"], ways)
