"""The people of a node at the command line, under `comity node`: who is in office, enrolling, suspending, revoking, training."""

from datetime import UTC, datetime
from pathlib import Path

import click

from comity.authorities.roles import POWERS, Power, Role
from comity.authorities.standing import Change
from comity.canon import JsonObject, stamp
from comity.cli import desk, founding
from comity.cli.printing import answer, table
from comity.cli.shell import Seat, at_desk, at_node, seat
from comity.errors import N_, ComityError
from comity.registry import authenticator, post
from comity.registry.act import Node
from comity.registry.gestures import mandates as deciding
from comity.registry.gestures import people as enrolling
from comity.registry.invitations import Appointment
from comity.registry.queries import roster

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_ROLES = [role.value for role in Role if role is not Role.SERVICE]


class SecondAdministratorMissing(ComityError):
    """An enrolment, and the end of an administrator's mandate, need two administrators."""

    code = "node.second_administrator_missing"
    sentence = N_("two administrators sign about {official}; only {found} was named")
    hint = N_("Name the second one with --with.")


@click.command()
@click.argument("name_of_official")
@click.option("--name", required=True, help="The official's name for people.")
@click.option("--role", type=click.Choice(_ROLES), required=True)
@click.option("--office", required=True)
@click.option("--authority", required=True)
@click.option("--power", "powers", multiple=True, type=click.Choice([one.value for one in Power]), help="Fewer powers.")
@click.option("--territory", "territory", multiple=True, help="Parts of the state (ISO 3166-2); the whole if left out.")
@click.option("--responsible", default="", help="Who answers for the official; the authority if left out.")
@click.option("--from", "begins", type=_DAY, default=None, help="First day; now if left out.")
@click.option("--until", "ends", type=_DAY, default=None, help="First day after; two years if left out.")
@click.option("--with", "second", required=True, help="The second administrator who signs.")
@at_desk
def enrol(
    *,
    name_of_official: str,
    name: str,
    role: str,
    office: str,
    authority: str,
    powers: tuple[str, ...],
    territory: tuple[str, ...],
    responsible: str,
    begins: datetime | None,
    ends: datetime | None,
    second: str,
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Enrol an official, or give one a second office; two administrators sign."""
    with seat(folder, official) as here:
        other = _second(here, second, about=name_of_official)
        appointment = Appointment(
            official=name_of_official,
            name=name,
            role=Role(role),
            office=office,
            authority=authority,
            powers=frozenset(Power(one) for one in powers),
            territory=territory,
            responsible=responsible,
            begins_at=_moment(begins, here.node),
            ends_at=_moment(ends, here.node),
        )
        entry = founding.appoint(here.node, appointment, witnesses=(here.entry, other.entry))
    answer(entry.as_body(), as_json=as_json, text=f"{entry.name} is {entry.role.value} ({entry.office})")


@click.command()
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


@click.command()
@at_desk
def people(*, folder: Path, official: str, as_json: bool) -> None:
    """List the people of the node with every office that they have or had, and what training they lack."""
    with seat(folder, official) as here:
        found = roster.roster(viewer=here.entry.actor, at=here.node.clock.now())
    rows = [_row(person, office) for person in found for office in person.offices]
    columns = ("official", "name", "role", "office", "mandate", "stands", "until", "lacks")
    shown = [one | {"lacks": ", ".join(one["lacks"])} for one in rows]
    answer(rows, as_json=as_json, text=table(shown, columns=columns, empty="nobody"))


def _decide(change: Change) -> click.Command:
    """One command for each thing that can become of a mandate."""
    said = {
        Change.SUSPEND: "Stop a mandate at once, until it is reinstated; one administrator signs.",
        Change.REINSTATE: "Let a suspended mandate run again; one administrator signs.",
        Change.REVOKE: "End a mandate at once, for good; one administrator signs, two where an administrator goes.",
    }

    @click.command(name=change.value, help=said[change])
    @click.argument("name_of_official")
    @click.option("--mandate", default="", help="Which office, where the official has several.")
    @click.option("--reason", required=True, help="Is signed, and stays on the node.")
    @click.option("--with", "second", default="", help="The second administrator, to end an administrator's mandate.")
    @at_desk
    def command(
        *, name_of_official: str, mandate: str, reason: str, second: str, folder: Path, official: str, as_json: bool
    ) -> None:
        with seat(folder, official) as here:
            at = here.node.clock.now()
            about = mandate or _only(name_of_official, change, here=here)
            other = _second(here, second, about=name_of_official) if second else None
            desk.decide(name_of_official, about, change, reason=reason, seat=here, second=other, at=at)
            person = roster.person(name_of_official, viewer=here.entry.actor, at=here.node.clock.now())
        row = next(_row(person, one) for one in person.offices if one.mandate == about)
        text = f"{person.name}, {row['role']} ({row['office']}): {row['stands'].replace('_', ' ')}"
        answer(row, as_json=as_json, text=text)

    return command


@click.command()
@click.argument("name_of_official")
@click.option("--course", required=True)
@click.option("--held", "held", type=_DAY, required=True, help="The day on which it ended.")
@click.option("--until", "until", type=_DAY, default=None, help="Last day on which it counts; always if left out.")
@at_desk
def train(
    *,
    name_of_official: str,
    course: str,
    held: datetime,
    until: datetime | None,
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Record a course that an official attended; one administrator signs."""
    with seat(folder, official) as here:
        at = here.node.clock.now()
        prepared = deciding.prepare_training(
            name_of_official,
            course,
            held_on=held.date(),
            valid_until=until.date() if until else None,
            actor=here.entry.actor,
            at=at,
        )
        desk.finished(prepared, seat=here, at=at)
    record = prepared.texts[0].body
    answer(record, as_json=as_json, text=f"{name_of_official}: {course}, counts until {record['valid_until']}")


@click.command()
@click.option("--power", "asked", type=(click.Choice([one.value for one in Power]), str), multiple=True)
@click.option("--nothing", is_flag=True, help="No power asks for training any more.")
@at_desk
def require(*, asked: tuple[tuple[str, str], ...], nothing: bool, folder: Path, official: str, as_json: bool) -> None:
    """Show which powers ask for which training, or set all of it: --power authorise "Electronic evidence"."""
    with seat(folder, official) as here:
        at = here.node.clock.now()
        if asked or nothing:
            requires: dict[Power, tuple[str, ...]] = {}
            for power, course in asked:
                requires[Power(power)] = (*requires.get(Power(power), ()), course)
            prepared = deciding.prepare_training_policy(requires, actor=here.entry.actor, at=at)
            desk.finished(prepared, seat=here, at=at)
        policy = roster.training_policy(viewer=here.entry.actor)
    rows = policy.as_body()["requires"] if policy else []
    answer(rows, as_json=as_json, text=table(rows, columns=("power", "course"), empty="no power asks for training"))


def _only(official: str, change: Change, *, here: Seat) -> str:
    """The one office that such a decision can be about; the newest where there are several."""
    person = roster.person(official, viewer=here.entry.actor, at=here.node.clock.now())
    wanted = {roster.Runs.SUSPENDED} if change is Change.REINSTATE else {roster.Runs.IN_FORCE, roster.Runs.NOT_YET}
    fitting = [one for one in person.offices if one.runs in wanted] or list(person.offices)
    return fitting[-1].mandate


def _second(here: Seat, second: str, *, about: str) -> Seat:
    if second.partition("/")[0] == here.entry.official:
        raise SecondAdministratorMissing(official=about, found=here.entry.official)
    return Seat(node=here.node, entry=authenticator.seated(here.node, second, at=here.node.clock.now()))


def _moment(day: datetime | None, node: Node) -> datetime | None:
    """The first moment of a day, where the node stands."""
    return day.replace(tzinfo=node.zone).astimezone(UTC) if day else None


def _row(person: roster.Person, office: roster.Office) -> JsonObject:
    entry = office.entry
    return {
        "official": person.official,
        "name": person.name,
        "role": entry.role.value,
        "office": entry.office,
        "mandate": office.mandate,
        "stands": office.runs.value,
        "from": stamp(entry.from_),
        "until": stamp(entry.until),
        "powers": sorted(power.value for power in entry.powers & POWERS[entry.role]),
        "territory": list(entry.territory),
        "responsible": entry.responsible,
        "appointed_by": list(entry.enrolled_by),
        "lacks": [f"{one.power.value}: {one.course}" for one in office.lacks],
    }


COMMANDS = (enrol, invite, people, *(_decide(change) for change in Change), train, require)
