"""What a route holds beside its conditions: sections, recipients, grounds of refusal, clocks, and the layers that join it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from comity.canon import JsonObject
from comity.law.circumstances import Case
from comity.law.levels import Weight, weight
from comity.law.logic import Finding, Predicate, Truth
from comity.law.reasons import judged
from comity.law.rules import Channel, LawFact, Layer, Measure
from comity.law.verdict import NOTHING, Contents, JoinedLayer, Outcome, Recipient, Refusal, RefusalGround, Stated

_LIKELIHOODS: Final = {Truth.YES: "likely", Truth.OPEN: "possible", Truth.NO: "excluded"}
_APPLIES: Final = {Truth.YES: "yes", Truth.OPEN: "may", Truth.NO: "no"}


def contents(case: Case, measure: Measure) -> Contents:
    """What the measure says, with what the facts of the case make of it."""
    return Contents(
        sections=_sections(case, measure),
        recipients=tuple(_recipient(case, measure, to) for to in measure.recipients),
        refusal=Refusal(measure.closed_list, tuple(_ground(case, fact, when) for fact, when in measure.grounds)),
        clocks=measure.deadlines,
    )


@lru_cache(maxsize=4_096)
def _plain(measure: Measure) -> dict[str, tuple[Stated, ...]]:
    """The sections of a measure with nothing said about whether they apply."""
    return {name: tuple(map(Stated, facts)) for name, facts in measure.sections.items()}


def _sections(case: Case, measure: Measure) -> dict[str, tuple[Stated, ...]]:
    plain = _plain(measure)
    if not measure.applications:
        return plain
    return {name: tuple(_stated(case, measure, one.fact) for one in stated) for name, stated in plain.items()}


def _stated(case: Case, measure: Measure, fact: LawFact) -> Stated:
    rendered = measure.applications.get(fact.path)
    if rendered is None or rendered.when is None:
        return Stated(fact)
    finding = rendered.when.find(case)
    decides = weight(fact.verification) is Weight.DECIDES
    return Stated(fact, _APPLIES[finding.truth if decides else Truth.OPEN], tuple(sorted(finding.open_facts)))


def _ground(case: Case, fact: LawFact, when: Predicate | None) -> RefusalGround:
    finding = when.find(case) if when else Finding(Truth.OPEN)
    # Only what was read may exclude a ground or make it likely.
    decides = weight(fact.verification) is Weight.DECIDES
    return RefusalGround(
        fact, _LIKELIHOODS[finding.truth if decides else Truth.OPEN], tuple(sorted(finding.open_facts))
    )


def _recipient(case: Case, measure: Measure, to: str) -> Recipient:
    channel = case.instrument.channels.get(to)
    if channel is None:
        return Recipient(to, measure.article, ())
    return Recipient(to, channel.article, tuple(_named(case, channel)))


def _named(case: Case, channel: Channel) -> Iterator[JsonObject]:
    requested = case.question.requested_state
    for declaration in case.instrument.parties.declarations.get(requested, ()):
        if declaration.type == "authority" and declaration.concerns(channel.article):
            yield declaration.as_json()
    network = case.law.instruments.get(channel.network)
    row = network.parties.rows.get(requested) if network else None
    if row:
        yield {
            "state": requested,
            "article": channel.article,
            "type": "network",
            "text": row.get("note", ""),
            "date": row.get("as_of", ""),
            "status": row["kind"],
            "verification": row["confidence"],
        }


def layers(case: Case, measure: Measure, everywhere: Iterable[tuple[Case, Layer]]) -> tuple[JoinedLayer, ...]:
    """The layers of the instrument that name the measure, and those of others that stand beside every route.

    A layer that does not apply is shown where it belongs to the instrument; of the others only those that may apply.
    """
    mine = [(case, layer) for layer in case.instrument.layers if measure.id in layer.to]
    return tuple(_joined(theirs, layer, route=measure) for theirs, layer in (*mine, *everywhere))


def applies(case: Case, layer: Layer) -> Truth:
    """Whether the layer applies."""
    return layer.rendered.when.find(case).truth if layer.rendered.when else Truth.YES


def _joined(case: Case, layer: Layer, *, route: Measure) -> JoinedLayer:
    measure = case.instrument.measures[layer.measure]
    itself = measure.id == route.id
    found = judged(case, layer.rendered, layer.rendered.when)
    if itself or found.outcome is Outcome.FAILED:
        return JoinedLayer(case.instrument.id, measure.id, measure.articles, found, NOTHING, ())
    held = contents(case, measure)
    prefix = f"{measure.id}."
    own = {
        name: tuple(one for one in stated if one.fact.path.startswith(prefix)) for name, stated in held.sections.items()
    }
    said = measure.own(measure.not_evaluated)
    return JoinedLayer(case.instrument.id, measure.id, measure.articles, found, replace(held, sections=own), said)


def declarations(case: Case) -> Iterator[JsonObject]:
    """What both states declared under the instrument; designated authorities stand with the recipients."""
    for iso2 in (case.question.requesting_state, case.question.requested_state):
        for declaration in case.instrument.parties.declarations.get(iso2, ()):
            if declaration.type != "authority":
                yield declaration.as_json()
