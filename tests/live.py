"""A live node on loopback, founded in the way in which a live node is founded: by invitations, with passkeys."""

from pathlib import Path

from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.cli import founding
from comity.registry.act import Node
from comity.registry.gestures import people as gestures
from comity.registry.invitations import Appointment
from comity.registry.queries import people
from keys import OfficialKey
from passkeys import browser, challenge_on, key_for, registration
from stage import free_port

AUTHORITY = "Prosecution service of Utopia"


def unfounded(
    folder: Path, *, id_: str = "ut", kind: str = "live", url: str = "", database: str = "node.sqlite3"
) -> Node:
    """A node without officials."""
    return founding.found(
        folder,
        founding.Spec(
            id=id_,
            kind=kind,
            name="Utopia",
            state="CV",
            host="127.0.0.1",
            port=free_port(),
            url=url,
            database=database,
            responsible="amara",
            zone="UTC",
            clock_start=None,
        ),
    )


def appointment(official: str, role: Role = Role.ADMINISTRATOR) -> Appointment:
    return Appointment(
        official=official, name=official.title(), role=role, office="Administration", authority=AUTHORITY
    )


def invited_founder(node: Node, official: str) -> gestures.Link:
    return gestures.invite_founder(appointment(official), at=node.clock.now())


def enrolled(node: Node, link: gestures.Link, key: OfficialKey) -> bytes:
    """Go through both pages of an enrolment; the last page."""
    client = browser(node)
    page = client.post(f"/enrol/{link.token}", {"password": link.password})
    assert page.status_code == 200, page.content.decode()
    done = client.post(f"/enrol/{link.token}", {"registration": registration(key, challenge_on(page.content))})
    assert done.status_code == 200, done.content.decode()
    return bytes(done.content)


def founded(folder: Path, *, id_: str = "ut", database: str = "node.sqlite3") -> tuple[Node, dict[str, OfficialKey]]:
    """A live node with its two founders, and their keys."""
    node = unfounded(folder, id_=id_, database=database)
    with node.active():
        keys = {one: key_for(node) for one in ("amara", "bento")}
        for official, key in keys.items():
            enrolled(node, invited_founder(node, official), key)
    return node, keys


def entry_of(node: Node, official: str) -> Entry:
    """The running entry of an official."""
    return next(one for one in people.directory(viewer=node.machine("tests")) if one.official == official)
