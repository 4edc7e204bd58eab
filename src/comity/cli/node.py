"""`comity node`: make a node, serve it, enrol its officials, pair it with another."""

from datetime import datetime
from pathlib import Path

import click

from comity.authorities.roles import Role
from comity.canon import moment
from comity.cli import founding, keeping, people
from comity.cli.checking import check
from comity.cli.operating import OperatedGroup
from comity.cli.printing import answer, json_option, told
from comity.cli.shell import at_desk, at_node, seat
from comity.registry import log, post, schema
from comity.registry.act import KINDS, Node
from comity.registry.gestures import people as enrolling
from comity.registry.invitations import Appointment
from comity.registry.queries.state import state


@click.group(cls=OperatedGroup)
def node() -> None:
    """Make, serve and pair nodes; their people."""


for one in people.COMMANDS:
    node.add_command(one)
node.add_command(check)
for one in keeping.COMMANDS:
    node.add_command(one)


@node.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--id", "id_", required=True, help="Short name: a-z, 0-9 and -.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="Fixed for ever; live refuses all others.")
@click.option("--state", required=True, help="ISO 3166-1 alpha-2, such as CV.")
@click.option("--name", required=True, help="The node's name for people.")
@click.option("--authority", required=True, help="The authority that runs it.")
@click.option("--responsible", required=True, help="The official who answers for its machines.")
@click.option("--administrator", "administrators", multiple=True, help="Founding administrators (demo, drill): two.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--url", default="", help="Where other nodes reach it (https://...); http on loopback if left out.")
@click.option("--database", default="node.sqlite3", show_default=True, help="File in the folder, or postgresql://...")
@click.option("--zone", default="UTC", show_default=True, help="Where acts are done, for clocks: Europe/Amsterdam.")
@click.option("--clock-start", help="Demo and drill: the moment that its clock shows now (2026-11-23T09:00:00.000Z).")
@json_option
def init(
    *,
    folder: Path,
    id_: str,
    kind: str,
    state: str,
    name: str,
    authority: str,
    responsible: str,
    administrators: tuple[str, ...],
    host: str,
    port: int,
    url: str,
    database: str,
    zone: str,
    clock_start: str | None,
    as_json: bool,
) -> None:
    """Make a node in a new FOLDER and print its fingerprint."""
    start: datetime | None = moment(clock_start) if clock_start else None
    spec = founding.Spec(
        id=id_,
        kind=kind,
        name=name,
        state=state,
        host=host,
        port=port,
        url=url,
        database=database,
        responsible=responsible,
        zone=zone,
        clock_start=start,
    )
    if administrators and kind == "live":
        raise founding.NeedsPasskeys(node=id_)
    made = founding.found(folder, spec)
    if administrators:
        founders = tuple(
            Appointment(
                official=one, name=one.title(), role=Role.ADMINISTRATOR, office="Administration", authority=authority
            )
            for one in administrators
        )
        founding.appoint_founders(made, founders)
    card = post.own_card(made)
    record = {"node": card.node, "kind": str(card.kind), "folder": str(folder), "fingerprint": card.fingerprint}
    text = f"{card.kind} node {card.node} is in {folder}\nfingerprint, to be read aloud:\n  {card.fingerprint}"
    answer(record, as_json=as_json, text=text)


@node.command()
@at_node
def card(*, folder: Path, as_json: bool) -> None:
    """Print the node's card, to be handed to another node."""
    statement = post.own_card_statement(Node.open(folder))
    answer(statement.as_json(), as_json=as_json, text=statement.to_bytes().decode())


@node.command()
@click.argument("card_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fingerprint", required=True, help="As it was read aloud by the other node's people.")
@at_desk
def admit(*, card_file: Path, fingerprint: str, folder: Path, official: str, as_json: bool) -> None:
    """Pair with another node, whose card is CARD_FILE (demo, drill; on a live node: at the administrators' desk)."""
    with seat(folder, official) as here:
        admitted = enrolling.admit(
            card_file.read_bytes(), fingerprint=fingerprint, actor=here.entry.actor, at=here.node.clock.now()
        )
    record = {"peer": admitted.node, "state": admitted.state, "fingerprint": admitted.fingerprint}
    answer(record, as_json=as_json, text=f"node {admitted.node} of {admitted.state} is admitted")


@node.command()
@at_desk
def status(*, folder: Path, official: str, as_json: bool) -> None:
    """Show what waits, what was laid aside and why, and how far the log has come."""
    with seat(folder, official) as here:
        record = state(viewer=here.entry.actor)
    answer(record, as_json=as_json, text=told(record))


@node.command()
@at_node
def migrate(*, folder: Path, as_json: bool) -> None:
    """Bring the tables to the form of the release that is installed; the node must not run."""
    opened = Node.open(folder)
    schema.migrate(opened)
    answer({"node": opened.id}, as_json=as_json, text=f"the tables of node {opened.id} are in their present form")


@node.command()
@at_node
def serve(*, folder: Path, as_json: bool) -> None:
    """Serve the node until Ctrl-C: its web process and its worker."""
    from comity.cli.serving import serve as serve_node

    opened = Node.open(folder)
    log.hold_rejoined(opened)
    answer(
        {"node": opened.id, "url": opened.url}, as_json=as_json, text=f"{opened.kind} node {opened.id}: {opened.url}"
    )
    serve_node(opened)


@node.command()
@at_node
def worker(*, folder: Path, as_json: bool) -> None:
    """Work off what the node has to do, until Ctrl-C (one more worker beside `serve`)."""
    from comity.cli.serving import work

    opened = Node.open(folder)
    log.hold_rejoined(opened)
    answer({"node": opened.id}, as_json=as_json, text=f"worker of node {opened.id}")
    work(opened)
