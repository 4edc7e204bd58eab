"""`comity retention`: how long this node keeps evidence, what is due, and what is held beyond its time."""

import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

import click

from comity.canon import JsonObject
from comity.cli import desk
from comity.cli.printing import answer, table, told
from comity.cli.shell import at_desk, at_node, seat
from comity.errors import N_, ComityError
from comity.oversight.retention import NOTICE, Rule
from comity.registry.act import Node
from comity.registry.actions import retention as acts
from comity.registry.gestures.retention import prepare_schedule
from comity.registry.queries import retention as reads

SCHEDULE_BYTES_MAX: Final = 256 * 1024
_DAY: Final = click.DateTime(formats=["%Y-%m-%d"])


class RetentionFileBroken(ComityError):
    """A file holds no rules for a retention schedule."""

    code = "retention.file_broken"
    sentence = N_("{file} cannot be read: {why}")
    hint = N_("Its form stands in docs/spec/retention-schedule.md.")


@click.group()
def retention() -> None:
    """How long evidence is kept: the published schedule, what is due, what is held."""


@retention.command()
@at_node
def show(*, folder: Path, as_json: bool) -> None:
    """Show what the node publishes: its rules, and how much was erased."""
    node = Node.open(folder)
    try:
        with node.active():
            record = reads.published(viewer=node.machine("retention"), at=node.clock.now())
    finally:
        node.close()
    answer(record, as_json=as_json, text=_published(record))


def _published(record: JsonObject) -> str:
    parts = []
    for one in record["schedules"]:
        state = "in force" if one["in_force"] else "to come"
        columns = ("category", "after", "period_days", "law", "article")
        parts.append(
            f"version {one['version']}, {state}, from {one['from']}\n{table(one['rules'], columns=columns, empty='no rule')}"
        )
    if not parts:
        parts.append("no schedule: no period is stated, and nothing is erased by itself")
    erased = record["erased"]
    parts.append(
        f"erased: {erased['erased']}, of which final: {erased['final']}; held beyond their time: {record['held']}"
    )
    return "\n\n".join(parts)


@retention.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from", "from_", type=_DAY, help=f"The first day; at least {NOTICE.days} days from now, which is the default."
)
@at_desk
def adopt(*, file: Path, from_: datetime | None, folder: Path, official: str, as_json: bool) -> None:
    """Sign the rules in FILE (TOML) as the node's next schedule."""
    rules = _rules(file)
    with seat(folder, official) as here:
        at = here.node.clock.now()
        begins = datetime.combine(from_, time(), tzinfo=here.node.zone).astimezone(UTC) if from_ else at + NOTICE
        prepared = prepare_schedule(rules, from_=begins, actor=here.entry.actor, at=at)
        version = desk.finished(prepared, seat=here, at=at)
        digest = prepared.texts[0].digest
    record = {"version": int(version), "schedule": digest, "from": prepared.texts[0].body["from"]}
    answer(record, as_json=as_json, text=told(record))


def _rules(file: Path) -> list[Rule]:
    """The rules of a file; raises `RetentionFileBroken` or `ScheduleBroken`."""
    try:
        with file.open("rb") as opened:
            data = opened.read(SCHEDULE_BYTES_MAX + 1)
        if len(data) > SCHEDULE_BYTES_MAX:
            raise RetentionFileBroken(file=file.name, why=f"it has more than {SCHEDULE_BYTES_MAX} bytes")
        read = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        raise RetentionFileBroken(file=file.name, why=str(broken)) from broken
    if set(read) != {"rules"} or not isinstance(read["rules"], list):
        raise RetentionFileBroken(file=file.name, why="expected [[rules]] and nothing else")
    return [Rule.from_record(one) for one in read["rules"]]


@retention.command(name="due")
@click.option("--days", type=click.IntRange(0, 36_525), default=30, show_default=True, help="How far ahead.")
@at_desk
def due(*, days: int, folder: Path, official: str, as_json: bool) -> None:
    """List the items that you see whose time runs out soon."""
    with seat(folder, official) as here:
        found = reads.ending(within=timedelta(days=days), viewer=here.entry.actor, at=here.node.clock.now())
    columns = ("item", "letter", "name", "at", "category", "days", "held_until")
    answer({"items": found}, as_json=as_json, text=table(found, columns=columns, empty="nothing"))


@retention.command(name="item")
@click.argument("item")
@at_desk
def item_(*, item: str, folder: Path, official: str, as_json: bool) -> None:
    """Say when the time of ITEM runs out, and who held it."""
    with seat(folder, official) as here:
        record = reads.of_item(item, viewer=here.entry.actor)
    answer(record, as_json=as_json, text=told(record))


@retention.command()
@click.argument("item")
@click.option("--until", type=_DAY, required=True, help="The first day on which it may be erased again.")
@click.option("--reason", required=True)
@at_desk
def hold(*, item: str, until: datetime, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Keep ITEM beyond its time until a day, with a reason."""
    with seat(folder, official) as here:
        ends = datetime.combine(until, time(), tzinfo=here.node.zone).astimezone(UTC)
        at = here.node.clock.now()
        kept = acts.hold_item(item, until=ends, reason=reason, actor=here.entry.actor, at=at)
    answer({"item": item, "hold": kept}, as_json=as_json, text=f"held: {kept}")


@retention.command()
@click.argument("item")
@click.argument("hold")
@click.option("--reason", required=True)
@at_desk
def lift(*, item: str, hold: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """End a HOLD of ITEM: its own time counts again."""
    with seat(folder, official) as here:
        acts.lift_hold(item, hold=hold, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"item": item, "lifted": hold}, as_json=as_json, text="lifted")
