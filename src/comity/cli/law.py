"""`comity law`: ask which lawful routes exist, look up the law, and count a deadline. Needs no node.

Exit codes: 0 answered, also when every route is closed; 1 refused (an unknown value lists the right ones); 2 wrong usage.
"""

from pathlib import Path
from typing import Any

import click

from comity import law as the_law
from comity.canon import JsonObject
from comity.cases.case import offence
from comity.cli import law_typed
from comity.cli.law_clock import clock
from comity.cli.law_map import gaps, what_if
from comity.cli.law_told import cited, clock_line, verdict_lines, wrapped
from comity.cli.printing import answer, json_option
from comity.law.edition import Edition
from comity.law.question import Question


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
@click.option("--urgent", is_flag=True, help="The same as --urgency urgent.")
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
        urgency="urgent" if asked["urgent"] else asked["urgency"],
        provider=asked["provider"],
        facts=dict(law_typed.fact(typed) for typed in facts),
    )
    verdict = the_law.routes(question, on=law_typed.day(day))
    answer(verdict.as_json(), text="\n".join(verdict_lines(verdict)), as_json=as_json)


@law.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def replay(*, file: Path, as_json: bool) -> None:
    """Compute a stored verdict again; refused unless it comes out the same byte for byte."""
    stored = law_typed.json_file(file)
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
    lines += ["", *wrapped("not encoded:", ", ".join(edition.not_encoded))]
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
        lines += [line for one in measure.conditions for line in wrapped("  asks", cited(one.text, one.article))]
        lines += [
            line
            for one in measure.contested
            for way in one.ways
            for line in wrapped(
                "  contested", cited(f"{one.question} {way.id} ({way.by}): {way.text}", one.rendered.article)
            )
        ]
        lines += [line for one in measure.deadlines for line in wrapped("  clock", clock_line(one.as_record()))]
    for relation in held.relations:
        said = f"{relation.effect.replace('_', ' ')} {', '.join(relation.to)}: {relation.rendered.text}"
        lines += ["", *wrapped("relation", cited(said, relation.rendered.article))]
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
    lines = [line for name, listed in names.items() for line in wrapped(f"{name}:", ", ".join(listed))]
    lines += ["", "facts (--fact ID=ANSWER):"]
    lines += [f"  {fact.id}: {fact.question}" for fact in edition.facts.values() if fact.from_ == "answer"]
    answer(record, text="\n".join(lines), as_json=as_json)


law.add_command(clock)
law.add_command(gaps)
law.add_command(what_if)


def _edition(edition: Edition) -> JsonObject:
    return {"id": edition.id, "hash": edition.hash, "from": str(edition.from_), "until": str(edition.until)}
