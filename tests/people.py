"""People of a node who decide on each other, for tests: seats by name, appointments, and decisions signed at terminals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.authorities.standing import Change
from comity.cli import desk, founding
from comity.cli.shell import Seat
from comity.registry import authenticator
from comity.registry.act import Node
from comity.registry.gestures import mandates
from comity.registry.invitations import Appointment


def at(node: Node, name: str) -> Seat:
    """Somebody at a terminal, by short name, or `name/desk`; the node is active."""
    return Seat(node=node, entry=authenticator.seated(node, name, at=node.clock.now()))


def appointment(official: str, role: Role, **more: object) -> Appointment:
    made = {"name": official.title(), "office": f"Office of {official}", "authority": "Justice"} | more
    return Appointment(official=official, role=role, **made)  # type: ignore[arg-type]  # the fields of an appointment


def appoint(node: Node, one: Appointment, *, by: tuple[str, str] = ("amara", "bento")) -> Entry:
    """Somebody gets an office, signed for by two; the node is active."""
    first, second = (at(node, name).entry for name in by)
    return founding.appoint(node, one, witnesses=(first, second))


def decide(
    node: Node, change: Change, about: Entry, *, by: str = "amara", second: str = "", reason: str = "Why."
) -> None:
    """A decision on a mandate, with every signature; the node is active."""
    beside = at(node, second) if second else None
    desk.decide(
        about.official, about.mandate, change, reason=reason, seat=at(node, by), second=beside, at=node.clock.now()
    )


@contextmanager
def suspended(node: Node, *about: Entry, by: str = "amara", reason: str = "Why.") -> Iterator[None]:
    """While this lasts, these mandates are suspended; the node is active."""
    for one in about:
        decide(node, Change.SUSPEND, one, by=by, reason=reason)
    try:
        yield
    finally:
        for one in about:
            decide(node, Change.REINSTATE, one, by=by)


def proposed(node: Node, about: Entry, *, by: str, second: str) -> str:
    """The end of an administrator's mandate, signed by the first of two; its reference."""
    seat, now = at(node, by), node.clock.now()
    prepared = mandates.prepare_decision(
        about.official, about.mandate, Change.REVOKE, reason="Why.", second=second, actor=seat.entry.actor, at=now
    )
    desk.finished(prepared, seat=seat, at=now)
    return prepared.subject


def seconded(node: Node, reference: str, *, by: str, now: datetime) -> None:
    """The second signature under a decision."""
    seat = at(node, by)
    desk.finished(mandates.prepare_second_decision(reference, actor=seat.entry.actor, at=now), seat=seat, at=now)
