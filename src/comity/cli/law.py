"""`comity law`: ask which lawful routes exist, look up the law, and count a deadline. Needs no node.

Exit codes: 0 answered, also when every route is closed; 1 refused (an unknown value lists the right ones); 2 wrong usage.
"""

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from comity import law as the_law
from comity.canon import JsonObject
from comity.cases.case import offence
from comity.cli.printing import answer, json_option
from comity.errors import N_, ComityError
from comity.law.edition import Edition
from comity.law.places import zones_of
from comity.law.question import Question, ValueUnknown
from comity.law.rules import FACETS
from comity.law.verdict import JoinedLayer, Outcome, Route, Status

WIDTH: Final = 110
VERDICT_BYTES_MAX: Final = 16 * 1024 * 1024
_MARKS: Final = {Outcome.MET: "+", Outcome.FAILED: "-", Outcome.OPEN: "?", Outcome.CHECK: "!"}
_SECTIONS: Final = tuple(section for section in FACETS if section not in {"consultation", "postponement"})
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


class LawInputNotUsable(ComityError):
    """Something that was typed or a file cannot be read as what it should be."""

    code = "cli.law_not_usable"
    sentence = N_("{what} {found} cannot be read: {why}")


@click.group()
def law() -> None:
    """Ask which lawful routes exist, with articles and clocks."""


@law.command()
@click.option("--from", "requesting", required=True, metavar="STATE", help="Requesting state, as CV.")
@click.option("--to", "requested", required=True, metavar="STATE", help="Requested state, as NL.")
@click.option("--measure", required=True, help="Kind of measure; see `comity law definitions`.")
@click.option("--data", multiple=True, help="Category of data; may be repeated.")
@click.option("--offence", "offences", multiple=True, help="id:maximum years in our state:in theirs; may be repeated.")
@click.option("--authority", default="public_prosecutor", show_default=True, help="Who asks.")
@click.option("--stage", default="investigation", show_default=True, help="Stage of the proceedings.")
@click.option("--purpose", default="evidence", show_default=True, help="What the data are for.")
@click.option("--urgency", default="normal", show_default=True, help="normal, urgent or emergency.")
@click.option("--provider", help="Name of the provider, for the record.")
@click.option(
    "--fact", "facts", multiple=True, metavar="ID=ANSWER", help="An answered fact: yes, no, a number, a word."
)
@click.option("--on", "day", required=True, metavar="DATE", help="The day whose law is asked, as 2026-11-23.")
@json_option
def ask(*, requesting: str, requested: str, facts: tuple[str, ...], day: str, as_json: bool, **asked: Any) -> None:
    """Every route between two states, lawful ones first, each with its reasons."""
    question = Question(
        requesting_state=requesting,
        requested_state=requested,
        requesting_authority=asked["authority"],
        stage=asked["stage"],
        measure=asked["measure"],
        data=asked["data"],
        purpose=asked["purpose"],
        offences=tuple(
            (one.id, one.issuing_years_max, one.executing_years_max) for one in map(offence, asked["offences"])
        ),
        urgency=asked["urgency"],
        provider=asked["provider"],
        facts=dict(fact(typed) for typed in facts),
    )
    verdict = the_law.routes(question, on=_day(day))
    answer(verdict.as_json(), text="\n".join(verdict_lines(verdict)), as_json=as_json)


@law.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def replay(*, file: Path, as_json: bool) -> None:
    """Compute a stored verdict again; refused unless it comes out the same byte for byte."""
    data = file.read_bytes()[: VERDICT_BYTES_MAX + 1]
    if len(data) > VERDICT_BYTES_MAX:
        raise LawInputNotUsable(what="file", found=file.name, why=f"more than {VERDICT_BYTES_MAX} bytes")
    try:
        stored = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise LawInputNotUsable(what="file", found=file.name, why="it is no JSON") from broken
    verdict = the_law.replay(stored, Edition.packaged())
    answer({"replays": True, "digest": verdict.digest}, text=f"replays; digest {verdict.digest}", as_json=as_json)


@law.command()
@json_option
def instruments(*, as_json: bool) -> None:
    """The instruments of the edition, and those that it does not encode."""
    edition = Edition.packaged()
    rows = [
        {
            "instrument": one.id,
            "title": one.title,
            "rules": "fully" if one.fully_encoded else "partly" if one.measures else "parties only",
            "in_force": one.parties.in_force,
            "measures": len(one.measures),
        }
        for one in edition.instruments.values()
    ]
    record = {"edition": _edition(edition), "instruments": rows, "not_encoded": list(edition.not_encoded)}
    lines = [f"Edition {edition.id}, {edition.from_} to {edition.until}, {edition.hash}", ""]
    lines += [f"{row['instrument']:18} {row['rules']:13} {row['title']}" for row in rows]
    lines += ["", *_wrapped("not encoded:", ", ".join(edition.not_encoded))]
    answer(record, text="\n".join(lines), as_json=as_json)


@law.command()
@click.argument("name", metavar="ID")
@json_option
def instrument(*, name: str, as_json: bool) -> None:
    """The measures of one instrument with articles, levels and deadlines."""
    held = Edition.packaged().instrument(name)
    lines = [f"{held.id}: {held.title}"]
    for measure in held.measures.values():
        lines += [
            "",
            f"Art. {measure.article}  {measure.id}  ({measure.kind}, {measure.reach}, {measure.verification})",
        ]
        lines += [line for one in measure.conditions for line in _wrapped("  asks", _cited(one.text, one.article))]
        lines += [line for one in measure.deadlines for line in _wrapped("  clock", _clock(one.as_record()))]
    answer({"id": name, **Edition.packaged().document["instruments"][name]}, text="\n".join(lines), as_json=as_json)


@law.command()
@click.argument("name", metavar="ID")
@json_option
def parties(*, name: str, as_json: bool) -> None:
    """Who is bound by one instrument, since when, and how well that is verified."""
    held = Edition.packaged().instrument(name).parties
    rows = [dict(row) for row in held.rows.values()]
    lines = [
        f"{name}: {held.table.get('status_as_of_source', '')}; table {held.table.get('completeness', 'not stated')}"
    ]
    lines += [
        f"{row['iso2']}  {row.get('entry_into_force_date', '-'):10}  {row.get('kind', '-'):9} {row.get('state', '')}"
        f"  [{row.get('confidence', '')}]"
        for row in rows
    ]
    answer({"instrument": name, "table": dict(held.table), "parties": rows}, text="\n".join(lines), as_json=as_json)


@law.command()
@json_option
def definitions(*, as_json: bool) -> None:
    """The one vocabulary: measures, data, offences, authorities, stages and facts."""
    edition = Edition.packaged()
    record: JsonObject = {
        "measures": list(edition.kinds),
        "data": list(edition.categories.values()),
        "offences": list(edition.offences.values()),
        "authorities": list(the_law.AUTHORITIES),
        "stages": list(the_law.STAGES),
        "purposes": list(the_law.PURPOSES),
        "urgencies": list(the_law.URGENCIES),
        "facts": edition.document["facts"],
    }
    names = {name: record[name] for name in ("measures", "authorities", "stages", "purposes", "urgencies")}
    names |= {"data": list(edition.categories), "offences": list(edition.offences)}
    lines = [line for name, listed in names.items() for line in _wrapped(f"{name}:", ", ".join(listed))]
    lines += ["", "facts (--fact ID=ANSWER):"]
    lines += [f"  {fact.id}: {fact.question}" for fact in edition.facts.values() if fact.from_ == "answer"]
    answer(record, text="\n".join(lines), as_json=as_json)


@law.command()
@click.option("--instrument", required=True)
@click.option("--measure", required=True)
@click.option("--deadline", required=True)
@click.option(
    "--event", "events", multiple=True, required=True, metavar="[NAME=]TIME", help="ISO 8601; may be repeated."
)
@click.option("--place", required=True, help="Where the act is done: a state with one time zone, or a zone's name.")
@json_option
def clock(*, instrument: str, measure: str, deadline: str, events: tuple[str, ...], place: str, as_json: bool) -> None:
    """Count one deadline, with the proof line by line; a time without offset is the place's own."""
    zone = _zone(place)
    found = Edition.packaged().deadline(instrument, measure, deadline)
    happened = dict(_event(typed, found.starts, zone) for typed in events)
    reckoned = the_law.clocks.reckon(found, events=happened, place=zone)
    record = reckoned.as_json()
    lines = [f"target  {record['target'] or '-'}", f"limit   {record['limit'] or '-'}", *reckoned.proof]
    answer(record, text="\n".join(lines), as_json=as_json)


def _edition(edition: Edition) -> JsonObject:
    return {"id": edition.id, "hash": edition.hash, "from": str(edition.from_), "until": str(edition.until)}


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as broken:
        raise LawInputNotUsable(what="day", found=typed[:40], why="expected a date such as 2026-11-23") from broken


def fact(typed: str) -> tuple[str, bool | int | str]:
    """An answered fact as it is typed: `id=yes`, `id=no`, `id=4` or `id=word`; raises `LawInputNotUsable`."""
    name, _, answer = typed.partition("=")
    match answer.lower():
        case "yes" | "true":
            return name, True
        case "no" | "false":
            return name, False
        case "":
            raise LawInputNotUsable(what="fact", found=typed[:60], why="expected ID=ANSWER")
        case number if number.isascii() and number.isdigit() and len(number) <= len("9999"):
            return name, int(number)
        case _:
            return name, answer


def _event(typed: str, starts: tuple[str, ...], zone: tzinfo) -> tuple[str, datetime]:
    name, stated, time = typed.rpartition("=")
    if not stated:
        if len(starts) != 1:
            raise ValueUnknown(field="event", found="an event without a name", allowed=", ".join(starts) or "none")
        name = starts[0]
    if name not in starts:
        raise ValueUnknown(field="event", found=name[:60], allowed=", ".join(starts) or "none")
    try:
        at = datetime.fromisoformat(time)
    except ValueError as broken:
        raise LawInputNotUsable(
            what="time", found=time[:40], why="expected ISO 8601 such as 2026-11-23T09:00"
        ) from broken
    return name, at if at.tzinfo else at.replace(tzinfo=zone)


def _zone(place: str) -> ZoneInfo:
    """The time zone of a state that has one, or the zone of that name; raises `ValueUnknown`."""
    if _COUNTRY.fullmatch(place):
        zones = zones_of(place)
        if len(zones) != 1:
            raise ValueUnknown(field="place", found=place, allowed=", ".join(zones) or "states of ISO 3166-1 or zones")
        return ZoneInfo(zones[0])
    try:
        return ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise ValueUnknown(
            field="place", found=place[:60], allowed="a state, or a zone such as Europe/Amsterdam"
        ) from unknown


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
        said_why = "; ".join(_cited(reason.text, reason.article) for reason in failed)
        yield from _wrapped(f"  Art. {', '.join(route.articles)} {route.title}:", said_why)
    yield ""
    yield f"Not encoded in this edition, so neither open nor closed: {len(verdict.not_encoded)} instruments."


def _route_lines(route: Route) -> Iterator[str]:
    yield f"{route.status.value.upper()}  Art. {', '.join(route.articles)} {route.title}"
    yield f"  {route.id}"
    if route.note:
        yield from _wrapped("  note", route.note)
    for reason in route.reasons:
        yield from _wrapped(
            f"  {_MARKS[reason.outcome]}", f"{_cited(reason.text, reason.article)} [{reason.verification}]"
        )
    if route.status is Status.OPEN:
        for asked in route.open_facts:
            changes = ", ".join(f"{answer}: {status.value}" for answer, status in asked.changes.items()) or "decides"
            yield from _wrapped(
                "  missing", f"{asked.id}: {asked.question} ({changes}; {', '.join(asked.answered_by)})"
            )
    yield from _contents_lines(route.as_json())
    for layer in route.layers:
        yield from _layer_lines(layer)
    for fact in route.not_evaluated:
        yield from _wrapped("  read also", _cited(fact.text, fact.article))


def _contents_lines(record: JsonObject) -> Iterator[str]:
    for recipient in record["recipient"]:
        named = "; ".join(one["text"] for one in recipient["named"]) or "nobody named in the edition"
        yield from _wrapped("  to", f"{_words(recipient['to'])} (Art. {recipient['article']}): {named}")
    for section in _SECTIONS:
        for one in record[section]:
            yield from _wrapped(f"  {_words(section)}", _cited(one["text"], one["article"]))
    for deadline in record["clocks"]:
        yield from _wrapped("  clock", _clock(deadline))
    for ground in record["refusal_grounds"]["grounds"]:
        yield from _wrapped("  refusal", f"{ground['likelihood']}: {_cited(ground['text'], ground['article'])}")


def _layer_lines(layer: JoinedLayer) -> Iterator[str]:
    said = {Outcome.MET: "applies", Outcome.FAILED: "does not apply"}.get(layer.applies.outcome, "may apply")
    depends = f"; depends on {', '.join(layer.applies.facts)}" if layer.applies.facts else ""
    text = f"Art. {', '.join(layer.articles)} of {layer.instrument} {said}{depends}: {layer.applies.text}"
    yield from _wrapped("  beside it", text)


def _clock(deadline: JsonObject) -> str:
    figure = deadline["duration"] or "without a figure"
    start = " or ".join(deadline["candidates"]) or deadline["from_event"]
    said = f"{deadline['id']}: {deadline['actor']}, {deadline['action']}, {deadline['type']}, {figure}, from {start}"
    return _cited(_words(said), deadline["article"])


def _cited(text: str, article: str) -> str:
    return f"{text} (Art. {article})" if article else text


def _words(name: str) -> str:
    return name.replace("_", " ")


def _years(years: int | None) -> str:
    return "?" if years is None else str(years)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{label} {text}", WIDTH, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False
    )
