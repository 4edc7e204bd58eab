"""`comity law clock`: count one deadline, with the proof line by line, or as a file for a calendar. Needs no node."""

from datetime import UTC, datetime

import click

from comity.cli.printing import answer, json_option
from comity.law import clocks
from comity.law.calendar_file import calendar, dated
from comity.law.edition import Edition
from comity.law.places import Place, place
from comity.law.question import ValueUnknown


@click.command()
@click.option("--instrument", required=True)
@click.option("--measure", required=True)
@click.option("--deadline", required=True)
@click.option(
    "--event", "events", multiple=True, required=True, metavar="[NAME=]TIME", help="ISO 8601; may be repeated."
)
@click.option(
    "--place", "typed", required=True, help="Where the act is done: NL, Europe/Berlin, or DE-BY:Europe/Berlin."
)
@click.option("--ics", "as_file", is_flag=True, help="Print an iCalendar file.")
@json_option
def clock(
    *,
    instrument: str,
    measure: str,
    deadline: str,
    events: tuple[str, ...],
    typed: str,
    as_file: bool,
    as_json: bool,
) -> None:
    """Count one deadline, with the proof line by line; a time without offset is the place's own."""
    where = place(typed)
    found = Edition.packaged().deadline(instrument, measure, deadline)
    happened = dict(_event(one, found.starts, where) for one in events)
    reckoned = clocks.reckon(found, events=happened, place=where)
    if as_file:
        # The file of the same question is the same file: it is stamped with the last event, not with the time of asking.
        last = max(moment.astimezone(UTC) for moment in happened.values())
        told = " ".join(f"{name}={moment.isoformat()}" for name, moment in sorted(happened.items()))
        source = f"{instrument}/{measure}.{deadline} {told} {where}"
        click.echo(calendar([dated(found, reckoned, source=source)], stamped_at=last), nl=False)
        return
    record = reckoned.as_json()
    lines = [f"target  {record['target'] or '-'}", f"limit   {record['limit'] or '-'}", *reckoned.proof]
    answer(record, text="\n".join(lines), as_json=as_json)


def _event(typed: str, starts: tuple[str, ...], where: Place) -> tuple[str, datetime]:
    name, stated, time = typed.rpartition("=")
    if not stated:
        if len(starts) != 1:
            raise ValueUnknown(field="event", found="an event without a name", allowed=", ".join(starts))
        name = starts[0]
    if name not in starts:
        raise ValueUnknown(field="event", found=name[:60], allowed=", ".join(starts))
    try:
        at = datetime.fromisoformat(time)
    except ValueError as broken:
        raise ValueUnknown(
            field="time", found=time[:40], allowed="ISO 8601 such as 2026-11-23T09:00 or 2026-11-23T09:00+01:00"
        ) from broken
    return name, at if at.tzinfo else at.replace(tzinfo=where.zone)
