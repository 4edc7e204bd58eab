"""The completeness gate: a letter that lacks something is not sent (mission C2).

Every gap is named at once, each with what it rests on, so that a drafter fills them in one go.
"""

from collections.abc import Mapping
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline
from comity.letters.letter import Form, Letter

MEASURES: Final[Mapping[Form, frozenset[str]]] = {
    Form.PRESERVATION: frozenset({"preservation"}),
    Form.PRODUCTION: frozenset(
        {
            "production_subscriber",
            "production_identification",
            "production_traffic",
            "production_content",
            "search_seizure_stored",
        }
    ),
}
"""The measures, in the law's words, that each form can ask for."""

ACTS: Final[Mapping[Form, frozenset[str]]] = {
    Form.PRESERVATION: frozenset({"preserve"}),
    Form.PRODUCTION: frozenset({"collect", "disclose"}),
}
"""What the executing side is asked to do, as acts of a scope."""


class LetterIncomplete(ComityError):
    """A letter lacks what its form needs."""

    code = "letters.letter_incomplete"
    sentence = N_("the {form} letter {letter} is not complete: {gaps}")
    hint = N_("Complete each of these in the draft; a letter is not sent before that.")


class RouteNotLawful(ComityError):
    """The law's answer does not carry the letter."""

    code = "letters.route_not_lawful"
    sentence = N_("route {route} is {status} on {on}: {why}")
    hint = N_("Ask the law again with the missing facts, or take a route that it calls lawful.")


class VerdictOfAnother(ComityError):
    """The law was asked about something else than the letter says."""

    code = "letters.verdict_of_another"
    sentence = N_("the law was asked with {name} {asked}, and the letter says {written}")
    hint = N_("Ask the law the question that the letter puts, and ground the letter on that answer.")


class NoGroundOfRoute(ComityError):
    """A refusal rests on an article that gives no ground on this route."""

    code = "letters.no_ground_of_route"
    sentence = N_("letter {letter} cannot be refused under Art. {article}; its route can be refused under {allowed}")
    hint = N_("Choose a ground of the route, or handle the letter.")


def complete(letter: Letter) -> None:
    """Hold that the letter has everything its form needs; raises `LetterIncomplete` naming every gap."""
    gaps = []
    if letter.scope.measure not in MEASURES[letter.form]:
        gaps.append(
            f"the measure must be one of {', '.join(sorted(MEASURES[letter.form]))}, not {letter.scope.measure}"
        )
    if letter.scope.acts != ACTS[letter.form]:
        gaps.append(f"the acts asked for must be {', '.join(sorted(ACTS[letter.form]))}")
    if letter.scope.territory != {letter.to_state}:
        gaps.append(f"the territory must be {letter.to_state}, the state that is asked")
    if letter.from_state == letter.to_state:
        gaps.append("it goes to the state that it comes from")
    if not letter.offences:
        gaps.append("no offence is named")
    if letter.form is Form.PRODUCTION and not letter.evidence_to:
        gaps.append("no custodian is named who takes over the evidence")
    if gaps:
        raise LetterIncomplete(form=letter.form.value, letter=letter.short, gaps="; ".join(gaps))


def carried(letter: Letter, *, verdict: JsonObject) -> str:
    """Hold that a recorded verdict carries the letter: same question, and its route is lawful; the route's articles.

    Raises `VerdictOfAnother` or `RouteNotLawful`.
    """
    question = verdict["question"]
    for name, asked, written in (
        ("requesting state", question["requesting_state"], letter.from_state),
        ("requested state", question["requested_state"], letter.to_state),
        ("measure", question["measure"], letter.scope.measure),
        ("offences", _offences(question["offences"]), _offences([one.as_record() for one in letter.offences])),
        ("day", verdict["on"], letter.grounding.on),
        ("edition", verdict["edition"]["hash"], letter.grounding.edition),
    ):
        if asked != written:
            raise VerdictOfAnother(name=name, asked=asked, written=written)
    beyond = letter.scope.data - set(question["data"])
    if beyond:
        raise VerdictOfAnother(name="data", asked=", ".join(question["data"]), written=", ".join(sorted(beyond)))
    route = next((one for one in verdict["routes"] if one["id"] == letter.grounding.route), None)
    if route is None or route["status"] != "lawful":
        raise RouteNotLawful(
            route=letter.grounding.route,
            status=route["status"] if route else "no answer",
            on=letter.grounding.on,
            why="; ".join(_unmet(route)) if route else "the law was not asked about it",
        )
    _hold_whole(route)
    return ", ".join(route["articles"])


def _hold_whole(route: JsonObject) -> None:
    """Hold that a route says all that is read of it later; raises `KeyError` or `TypeError`, and as `Deadline.from_record`.

    Under another edition than ours a verdict cannot be computed again, so its shape is what there is to hold.
    """
    for clock in route["clocks"]:
        Deadline.from_record(clock)
    grounds = [ground for one in (route, *route["layers"]) for ground in one["refusal_grounds"]["grounds"]]
    for record, names in (
        (route, ("id", "title")),
        *((ground, ("article", "text", "likelihood")) for ground in grounds),
        *((reason, ("article", "text", "outcome")) for reason in route["reasons"]),
    ):
        for name in names:
            if not isinstance(record[name], str):
                raise TypeError(name)


def _offences(records: list[JsonObject]) -> str:
    """Offences in one spelling, to be compared and shown."""
    return ", ".join(sorted(":".join(str(figure) for _, figure in sorted(one.items())) for one in records))


def ground_of_route(letter: Letter, *, article: str, verdict: JsonObject) -> None:
    """Hold that a refusal names an article under which the letter's route can be refused; raises `NoGroundOfRoute`.

    Grounds stand with the route and with the measures that join it (Budapest Convention Art. 27 beside Art. 31).
    """
    route = next(one for one in verdict["routes"] if one["id"] == letter.grounding.route)
    sources = [route, *route["layers"]]
    grounds = {ground["article"] for source in sources for ground in source["refusal_grounds"]["grounds"]}
    if article not in grounds:
        allowed = ", ".join(sorted(grounds)) or "no article"
        raise NoGroundOfRoute(letter=letter.short, article=article[:40], allowed=allowed)


def _unmet(route: JsonObject) -> list[str]:
    return [f"{one['text']} ({one['outcome']})" for one in route["reasons"] if one["outcome"] != "met"]
