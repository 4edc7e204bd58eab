"""`comity law gaps` and `comity law what-if`: many questions at once."""

import csv
import sys
from pathlib import Path
from typing import Any, Final

import click

from comity.canon import JsonObject, harmless
from comity.cases.case import offence
from comity.cli import law_typed
from comity.cli.law_told import wrapped
from comity.cli.printing import answer, json_option
from comity.law.edition import Edition
from comity.law.gaps import GapMap, gap_map
from comity.law.question import ValueUnknown
from comity.law.whatif import Amendment, Difference, compare

COLUMNS: Final = ("from", "to", "answer", "route", "instrument", "article", "why", "missing")


@click.command()
@click.option("--measure", required=True, help="Kind of measure; see `comity law definitions`.")
@click.option("--data", multiple=True, help="Category of data; may be repeated.")
@click.option("--offence", "offences", multiple=True, help="id:maximum years in the one state:in the other.")
@click.option(
    "--fact", "facts", multiple=True, metavar="ID=ANSWER", help="An answered fact: yes, no, a number, a word."
)
@click.option("--from", "requesting", metavar="STATE", help="Only what this state can ask.")
@click.option("--to", "requested", metavar="STATE", help="Only what this state can be asked.")
@click.option("--on", "day", metavar="DATE", help="The day whose law is asked; else the day of the edition's facts.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
def gaps(*, requesting: str | None, requested: str | None, as_csv: bool, as_json: bool, **asked: Any) -> None:
    """What stands between every ordered pair of states: a route, none known, none encoded, or one without safeguards."""
    edition = Edition.packaged()
    chart = gap_map(
        on=law_typed.day(asked["day"] or edition.document["as_of"]),
        measure=asked["measure"],
        data=asked["data"],
        offences=tuple(
            (one.id, one.issuing_years_max, one.executing_years_max) for one in map(offence, asked["offences"])
        ),
        facts=dict(law_typed.fact(typed) for typed in asked["facts"]),
    )
    for state in (requesting, requested):
        if state is not None and state not in chart.states:
            raise ValueUnknown(field="state", found=state[:10], allowed=", ".join(chart.states))
    rows = [
        row
        for row in chart.rows()
        if (requesting is None or row["from"] == requesting) and (requested is None or row["to"] == requested)
    ]
    if as_csv:
        _print_csv(rows)
    else:
        answer(rows, text="\n".join(_gap_lines(chart, rows)), as_json=as_json)


def _print_csv(rows: list[JsonObject]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        missing = "; ".join(f"{one['text']} ({one['article']})" for one in row["missing"])
        writer.writerow([harmless(one) for one in (*(row[name] for name in COLUMNS[:-1]), missing)])


def _gap_lines(chart: GapMap, rows: list[JsonObject]) -> list[str]:
    asked = chart.question
    lines = [f"{asked['measure'].replace('_', ' ')}, law of {chart.on}, edition {chart.edition_id}: {len(rows)} pairs"]
    counted: dict[str, int] = {}
    for row in rows:
        counted[row["answer"]] = counted.get(row["answer"], 0) + 1
    lines += [f"  {number:6} {name.replace('_', ' ')}" for name, number in sorted(counted.items())]
    if len(rows) <= len(chart.states):
        lines += [""]
        for row in rows:
            best = f"{row['route']} (art. {row['article']}): " if row["route"] else ""
            said = f"{row['answer'].replace('_', ' ')}: {best}{row['why']}"
            lines += wrapped(f"{row['from']} to {row['to']}", said)
    else:
        lines += ["", "Use --from or --to for the pairs of one state, --json or --csv for all of them."]
    return lines


@click.command("what-if")
@click.argument("amendment", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--questions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="A JSON list of verdicts or of questions with a day, or worked cases in TOML.",
)
@json_option
def what_if(*, amendment: Path, questions: Path, as_json: bool) -> None:
    """Which answers would change under an amendment; the edition itself stays as it is."""
    edition = Edition.packaged()
    proposed = Amendment.from_document(law_typed.toml_file(amendment))
    amended = proposed.applied_to(edition)
    asked = law_typed.questions_file(questions)
    changed = list(compare(edition, amended, asked))
    record = {
        "amendment": {"id": proposed.id, "title": proposed.title, "basis": proposed.basis},
        "edition": {"id": edition.id, "hash": edition.hash},
        "amended": {"id": amended.id, "hash": amended.hash},
        "questions": len(asked),
        "changed": [one.as_json() for one in changed],
    }
    answer(record, text="\n".join(_changed_lines(record, changed)), as_json=as_json)


def _changed_lines(record: JsonObject, changed: list[Difference]) -> list[str]:
    lines = [f"{record['amendment']['title']}: {len(changed)} of {record['questions']} answers would change"]
    for one in changed:
        asked = one.question
        lines += [
            "",
            f"{asked.measure.replace('_', ' ')}: {asked.requesting_state} asks {asked.requested_state}, {one.on}",
        ]
        lines += [
            line
            for moved in one.moved
            for line in wrapped(f"  {moved.route}:", f"{moved.before or 'no route'} -> {moved.after or 'no route'}")
        ]
        if one.first_before != one.first_after:
            lines += wrapped("  first route:", f"{one.first_before or 'none'} -> {one.first_after or 'none'}")
    return lines
