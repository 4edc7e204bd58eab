"""`comity directory`: who is competent for what. Entries of this node are published, those of other nodes read."""

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from comity.authorities.competence import ENTRY_BYTES_MAX, Competence, CompetenceBroken
from comity.authorities.competent import Answer, Mark
from comity.canon import Json, JsonObject, TooLarge, stamp
from comity.cli import desk
from comity.cli.printing import answer, table, told
from comity.cli.shell import Seat, at_desk, seat
from comity.errors import N_, ComityError
from comity.registry.gestures.competence import Described, prepare_confirmation, prepare_entry, prepare_withdrawal
from comity.registry.jobs import competence as jobs
from comity.registry.queries import competence

ANNOUNCEMENTS_BYTES_MAX: Final = 16 * 1024 * 1024
_TYPED: Final = frozenset(
    (
        *("authority", "level", "measures", "territory", "law", "article", "hours", "languages"),
        *("channels", "forms", "capacity_per_week", "from", "until"),
    )
)


class DirectoryFileBroken(ComityError):
    """A file holds no entry of the directory."""

    code = "directory.file_broken"
    sentence = N_("{file} cannot be read: {why}")
    hint = N_("Its form stands in docs/spec/directory-entry.md.")


@click.group()
def directory() -> None:
    """Who is competent for what: publish entries, read those of other nodes, ask."""


@directory.command("list")
@click.option("--state", help="Only entries of this state.")
@at_desk
def list_(*, state: str | None, folder: Path, official: str, as_json: bool) -> None:
    """List every entry of this node and of its peers, with what has to be said of each."""
    with seat(folder, official) as here:
        held = competence.directory(viewer=here.entry.actor, at=here.node.clock.now())
    listed = [one for one in held.entries if state in (None, one.held.entry.state)]
    lines = [
        {
            "node": one.held.entry.node,
            "entry": one.held.entry.reference,
            "version": one.held.entry.version,
            "authority": one.held.entry.authority,
            "territory": ", ".join(one.held.entry.territory),
            "confirmed": f"{one.held.entry.confirmed_at:%Y-%m-%d}",
            "marks": _marks(one.marks),
        }
        for one in listed
    ]
    columns = ("node", "entry", "version", "authority", "territory", "confirmed", "marks")
    text = table(lines, columns=columns, empty="no entry")
    if held.unreadable:
        text += f"\ncannot be read any more: {', '.join(held.unreadable)}"
    record = {"entries": [one.as_json() for one in listed], "unreadable": list(held.unreadable)}
    answer(record, as_json=as_json, text=text)


@directory.command()
@click.argument("reference")
@click.option("--of", "keeper", help="The node that keeps the entry; else this node.")
@click.option("--signed", is_flag=True, help="Print the signed entry as a file for `comity directory import`.")
@at_desk
def show(*, reference: str, keeper: str | None, signed: bool, folder: Path, official: str, as_json: bool) -> None:
    """Show every version of the entry REFERENCE, the newest first."""
    with seat(folder, official) as here:
        node, viewer, at = keeper or here.node.id, here.entry.actor, here.node.clock.now()
        document = competence.announcement_of(node, reference, viewer=viewer) if signed else None
        found = competence.versions(node, reference, viewer=viewer, at=at)
    if document is not None:
        answer(document, as_json=True, text="")
        return
    record = [one.as_json() for one in found]
    answer(record, as_json=as_json, text="\n\n".join(told(one) for one in record))


@directory.command()
@click.option("--measure", required=True, help="Kind of measure; see `comity law definitions`.")
@click.option("--state", required=True, help="The state that is asked (ISO 3166-1).")
@click.option("--territory", default="", help="A part of that state (ISO 3166-2), such as DE-BY.")
@at_desk
def find(*, measure: str, state: str, territory: str, folder: Path, official: str, as_json: bool) -> None:
    """Say who is competent for a measure in a state now, on what basis, and how well that is known."""
    with seat(folder, official) as here:
        found = competence.who_is_competent(
            measure, state=state, territory=territory, viewer=here.entry.actor, at=here.node.clock.now()
        )
    answer(found.as_json(), as_json=as_json, text=_answer(found))


@directory.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--entry", "reference", default="", help="The entry of which this is the next version; else a new one.")
@at_desk
def publish(*, file: Path, reference: str, folder: Path, official: str, as_json: bool) -> None:
    """Sign the entry in FILE (JSON) and send it to every admitted node."""
    typed = _json(file, limit=ENTRY_BYTES_MAX)
    with seat(folder, official) as here:
        at = here.node.clock.now()
        prepared = prepare_entry(
            _described(typed, here=here, at=at), reference=reference, actor=here.entry.actor, at=at
        )
        _published(desk.finished(prepared, seat=here, at=at), here=here, at=at, as_json=as_json)


@directory.command()
@click.argument("reference")
@at_desk
def confirm(*, reference: str, folder: Path, official: str, as_json: bool) -> None:
    """Confirm that the entry REFERENCE of this node still holds: the same text, dated today."""
    with seat(folder, official) as here:
        at = here.node.clock.now()
        prepared = prepare_confirmation(reference, actor=here.entry.actor, at=at)
        _published(desk.finished(prepared, seat=here, at=at), here=here, at=at, as_json=as_json)


@directory.command()
@click.argument("reference")
@click.option("--reason", required=True, help="Why; it is part of the signed text.")
@at_desk
def withdraw(*, reference: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Withdraw the entry REFERENCE of this node; every node that was told of it is told so."""
    with seat(folder, official) as here:
        at = here.node.clock.now()
        prepared = prepare_withdrawal(reference, reason=reason, actor=here.entry.actor, at=at)
        _published(desk.finished(prepared, seat=here, at=at), here=here, at=at, as_json=as_json)


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@at_desk
def import_(*, file: Path, folder: Path, official: str, as_json: bool) -> None:
    """Take in entries that an admitted node carried here in FILE, held against its card as if they had come by post."""
    document = _json(file, limit=ANNOUNCEMENTS_BYTES_MAX)
    with seat(folder, official) as here:
        taken = [
            jobs.import_entry(one, actor=here.entry.actor, at=here.node.clock.now())
            for one in (document if isinstance(document, list) else [document])
        ]
    record = [{"node": one.node, "entry": one.reference, "version": one.version} for one in taken]
    answer(record, as_json=as_json, text=table(record, columns=("node", "entry", "version"), empty="no entry"))


def _published(reference: str, *, here: Seat, at: datetime, as_json: bool) -> None:
    newest = competence.versions(here.node.id, reference, viewer=here.entry.actor, at=at)[0]
    record = newest.as_json()
    text = f"entry {reference}, version {newest.held.entry.version}: {newest.held.entry.authority}"
    answer(record, as_json=as_json, text=text)


def _json(file: Path, *, limit: int) -> Json:
    data = file.read_bytes()[: limit + 1]
    if len(data) > limit:
        raise TooLarge(found=len(data), limit=limit)
    try:
        document: Json = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise DirectoryFileBroken(file=file, why=str(broken)[:200]) from broken
    return document


def _described(typed: Json, *, here: Seat, at: datetime) -> Described:
    """What a file says, read as strictly as an entry."""
    if not isinstance(typed, dict) or set(typed) != _TYPED:
        raise CompetenceBroken(reference="?", why=f"expected exactly {', '.join(sorted(_TYPED))}")
    body: JsonObject = typed | {
        "node": here.node.id,
        "reference": "0" * 32,
        "version": 1,
        "state": here.node.state,
        "confirmed_at": stamp(at),
        "written_at": stamp(at),
        "withdrawn": "",
        "by": here.entry.actor.as_record(),
    }
    read = Competence.from_body(body)
    return Described(**{one.name: getattr(read, one.name) for one in fields(Described)})


def _marks(marks: tuple[Mark, ...]) -> str:
    return ", ".join(one.value.replace("_", " ") for one in marks)


_SAID: Final = {
    "decides": "known: an authority of the state's own directory",
    "to_confirm": "to be confirmed first: no current entry of the state decides",
    "shown": "not known: what is shown is not verified or does not hold",
    "unknown": "not known: no entry and no declaration",
}


def _answer(found: Answer) -> str:
    lines = [f"{found.measure.replace('_', ' ')} in {found.territory}, {found.at:%Y-%m-%d %H:%M} UTC"]
    lines += [_SAID[found.reliance.value if found.reliance else "unknown"]]
    for one in found.found:
        lines += ["", f"{one.authority} [{one.reliance.value.replace('_', ' ')}]", f"  {one.law} art. {one.article}"]
        if one.held:
            lines += [f"  confirmed {one.held.entry.confirmed_at:%Y-%m-%d} by node {one.held.entry.node}"]
            lines += [
                f"  {channel.kind.value.replace('_', ' ')}: {channel.address}" for channel in one.held.entry.channels
            ]
        elif one.declared:
            told_ = one.declared
            lines += [f"  declared {told_.date or 'without a date'}, as of {told_.as_of}: {told_.verification}"]
            lines += [f"  source: {told_.source}"]
        lines += [f"  marks: {_marks(one.marks)}"] if one.marks else []
        lines += [f"  next higher: {one.escalates_to}"] if one.escalates_to else []
    return "\n".join(lines)
