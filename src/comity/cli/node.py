"""`comity node`: make a node, serve it, enrol its officials, pair it with another."""

from datetime import datetime
from pathlib import Path

import click

from comity.authorities.roles import Role
from comity.canon import moment, stamp
from comity.cli import founding
from comity.cli.printing import answer, json_option, table, told
from comity.cli.shell import at_desk, at_node, seat
from comity.errors import N_, ComityError
from comity.registry import authenticator, post, schema
from comity.registry.act import KINDS, Node
from comity.registry.gestures import people as enrolling
from comity.registry.invitations import Appointment
from comity.registry.queries.people import directory
from comity.registry.queries.state import state


class SecondAdministratorMissing(ComityError):
    """An enrolment needs two administrators."""

    code = "node.second_administrator_missing"
    sentence = N_("{official} is enrolled by two administrators; only {found} was named")
    hint = N_("Name the second one with --with.")


@click.group()
def node() -> None:
    """Make, serve and pair nodes; enrol officials."""


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
@click.argument("name_of_official")
@click.option("--name", required=True, help="The official's name for people.")
@click.option("--role", type=click.Choice([role.value for role in Role if role is not Role.SERVICE]), required=True)
@click.option("--office", required=True)
@click.option("--authority", required=True)
@click.option("--with", "second", required=True, help="The second administrator who signs.")
@at_desk
def enrol(
    *,
    name_of_official: str,
    name: str,
    role: str,
    office: str,
    authority: str,
    second: str,
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Enrol an official; two administrators sign."""
    with seat(folder, official) as here:
        if second == official:
            raise SecondAdministratorMissing(official=name_of_official, found=official)
        other = authenticator.seated(here.node, second, at=here.node.clock.now())
        appointment = Appointment(
            official=name_of_official, name=name, role=Role(role), office=office, authority=authority
        )
        entry = founding.appoint(here.node, appointment, witnesses=(here.entry, other))
    answer(entry.as_body(), as_json=as_json, text=f"{entry.name} is {entry.role.value} ({entry.office})")


@node.command()
@click.argument("name_of_official")
@click.option("--name", required=True, help="The official's name for people.")
@click.option("--role", type=click.Choice([Role.ADMINISTRATOR.value]), default=Role.ADMINISTRATOR.value)
@click.option("--office", default="Administration", show_default=True)
@click.option("--authority", required=True)
@at_node
def invite(
    *, name_of_official: str, name: str, role: str, office: str, authority: str, folder: Path, as_json: bool
) -> None:
    """Invite a founding administrator of a node that has no official yet; prints a link and a password, once."""
    opened = Node.open(folder)
    appointment = Appointment(official=name_of_official, name=name, role=Role(role), office=office, authority=authority)
    with opened.active():
        link = enrolling.invite_founder(appointment, at=opened.clock.now())
    address = f"{post.own_card(opened).official_origin}/enrol/{link.token}"
    record = {"official": name_of_official, "address": address, "password": link.password}
    lines = (
        f"{name} enrols a passkey at\n  {address}\nwith the password, which is not shown again:\n  {link.password}",
        f"Both are good until {stamp(link.expires_at)}. Hand them over by two different ways.",
    )
    answer(record, as_json=as_json, text="\n".join(lines))


@node.command()
@at_desk
def people(*, folder: Path, official: str, as_json: bool) -> None:
    """List the officials of the node."""
    with seat(folder, official) as here:
        rows = [
            {"official": one.official, "name": one.name, "role": one.role.value, "office": one.office}
            for one in directory(viewer=here.entry.actor)
        ]
    answer(rows, as_json=as_json, text=table(rows, columns=("official", "name", "role", "office"), empty="nobody"))


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
    answer({"node": opened.id}, as_json=as_json, text=f"worker of node {opened.id}")
    work(opened)
