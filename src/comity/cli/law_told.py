"""What the law says, as lines for people at a terminal."""

import textwrap
from collections.abc import Iterator
from typing import Final

from comity import law as the_law
from comity.canon import JsonObject
from comity.law.rules import FACETS
from comity.law.verdict import JoinedLayer, Outcome, Route, Status

WIDTH: Final = 110
_MARKS: Final = {Outcome.MET: "+", Outcome.FAILED: "-", Outcome.OPEN: "?", Outcome.CHECK: "!"}
_SECTIONS: Final = tuple(section for section in FACETS if section not in {"consultation", "postponement"})
_APPLIES: Final = {"yes": " (applies)", "no": " (does not apply)", "may": " (may apply)"}


def verdict_lines(verdict: the_law.Verdict) -> Iterator[str]:
    """A verdict as lines for people: the routes first, each with its reasons, then what was rejected and why."""
    asked = verdict.question
    yield f"{_words(asked.measure)}: {asked.requesting_state} asks {asked.requested_state}, law of {verdict.on}"
    said = [_words(asked.requesting_authority), _words(asked.stage), *map(_words, asked.data)]
    said += [f"{name} {_years(issuing)}/{_years(executing)}" for name, issuing, executing in asked.offences]
    yield f"{', '.join(said)}; edition {verdict.edition_id} {verdict.edition_hash[:16]}"
    if not verdict.lawful:
        yield "No route is lawful on what is known." if verdict.open else "No route is open: no channel is known here."
    for route in (*verdict.lawful, *verdict.open):
        yield ""
        yield from _route_lines(route)
    if verdict.closed:
        yield ""
        yield "CLOSED"
    for route in verdict.closed:
        failed = [reason for reason in route.reasons if reason.outcome is Outcome.FAILED]
        said_why = "; ".join(cited(reason.text, reason.article) for reason in failed)
        yield from wrapped(f"  Art. {', '.join(route.articles)} {route.title}:", said_why)
    yield ""
    yield f"Not encoded in this edition, so neither open nor closed: {len(verdict.not_encoded)} instruments."


def _route_lines(route: Route) -> Iterator[str]:
    yield f"{route.status.value.upper()}  Art. {', '.join(route.articles)} {route.title}"
    yield f"  {route.id}"
    yield from wrapped("  order", route.why_here)
    if route.note:
        yield from wrapped("  note", route.note)
    for reason in route.reasons:
        yield from wrapped(
            f"  {_MARKS[reason.outcome]}", f"{cited(reason.text, reason.article)} [{reason.verification}]"
        )
    if route.status is Status.OPEN:
        for asked in route.open_facts:
            changes = ", ".join(f"{answer}: {status.value}" for answer, status in asked.changes.items()) or "decides"
            yield from wrapped("  missing", f"{asked.id}: {asked.question} ({changes}; {', '.join(asked.answered_by)})")
    yield from _contents_lines(route.as_json())
    yield from _standing_lines(route)
    for layer in route.layers:
        yield from _layer_lines(layer)
    for fact in route.not_evaluated:
        yield from wrapped("  read also", cited(fact.text, fact.article))


def _standing_lines(route: Route) -> Iterator[str]:
    """Who may issue it, how it stands to other instruments, and what is contested."""
    for may in route.issuer_matrix:
        needs = f" ({', '.join(may.needs)})" if may.needs else ""
        yield from wrapped("  issuer", f"{_words(may.authority)}: {_words(may.may)}{needs}")
    for related in route.relations:
        said = f"{_words(related.effect)} {related.to}: {related.reason.text}"
        yield from wrapped("  relation", cited(said, related.reason.article))
    for contested in route.readings:
        for way in contested.ways:
            said = f"{contested.question} {way.id} ({way.by}), the route is {way.status.value}: {way.text}"
            yield from wrapped("  contested", cited(said, contested.article))


def _contents_lines(record: JsonObject) -> Iterator[str]:
    for recipient in record["recipient"]:
        named = "; ".join(one["text"] for one in recipient["named"]) or "nobody named in the edition"
        yield from wrapped("  to", f"{_words(recipient['to'])} (Art. {recipient['article']}): {named}")
    for section in _SECTIONS:
        for one in record[section]:
            said = f"{one['text']}{_APPLIES.get(one.get('applies'), '')}"
            yield from wrapped(f"  {_words(section)}", cited(said, one["article"]))
    for deadline in record["clocks"]:
        yield from wrapped("  clock", clock_line(deadline))
    for ground in record["refusal_grounds"]["grounds"]:
        yield from wrapped("  refusal", f"{ground['likelihood']}: {cited(ground['text'], ground['article'])}")


def _layer_lines(layer: JoinedLayer) -> Iterator[str]:
    said = {Outcome.MET: "applies", Outcome.FAILED: "does not apply"}.get(layer.applies.outcome, "may apply")
    depends = f"; depends on {', '.join(layer.applies.facts)}" if layer.applies.facts else ""
    text = f"Art. {', '.join(layer.articles)} of {layer.instrument} {said}{depends}: {layer.applies.text}"
    yield from wrapped("  beside it", text)


def clock_line(deadline: JsonObject) -> str:
    """A deadline in one line."""
    figure = deadline["duration"] or "without a figure"
    start = " or ".join(deadline["candidates"]) or deadline["from_event"]
    said = f"{deadline['id']}: {deadline['actor']}, {deadline['action']}, {deadline['type']}, {figure}, from {start}"
    return cited(_words(said), deadline["article"])


def cited(text: str, article: str) -> str:
    """A text with its article, where it has one."""
    return f"{text} (Art. {article})" if article else text


def _words(name: str) -> str:
    return name.replace("_", " ")


def _years(years: int | None) -> str:
    return "?" if years is None else str(years)


def wrapped(label: str, text: str) -> list[str]:
    """A labelled text in lines that fit the terminal."""
    return textwrap.wrap(
        f"{label} {text}", WIDTH, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False
    )
