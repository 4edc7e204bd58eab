"""The people of the demo beside their letters: what their powers ask for, and the courses that they attended."""

from datetime import timedelta
from typing import Final

from comity.authorities.roles import Power, Role
from comity.cli import cast, desk
from comity.cli.shell import Seat
from comity.registry.act import Node
from comity.registry.gestures import mandates

EVIDENCE: Final = "Electronic evidence across borders (synthetic)"
URGENT: Final = "Emergency requests (synthetic)"
REQUIRES: Final = {
    Power.AUTHORISE: (EVIDENCE,),
    Power.RECOGNISE: (EVIDENCE,),
    Power.EXPORT_EVIDENCE: (EVIDENCE,),
    Power.ISSUE_EMERGENCY: (URGENT,),
}
ATTENDED: Final = {Role.JUDGE: EVIDENCE, Role.CUSTODIAN: EVIDENCE, Role.INVESTIGATOR: URGENT}
MISSED: Final = frozenset({"rui", "femke"})
"""Who did not attend, so that the desks show what is missing."""
COUNTS: Final = timedelta(days=2 * 365)


def train(node: Node, place: cast.Place) -> None:
    """Record who attended what, then let powers ask for it."""
    first, _ = cast.administrators(node, place)
    seat = Seat(node=node, entry=first)
    with node.active():
        at = node.clock.now()
        for role, official, _name, _office in place.people:
            if role in ATTENDED and official not in MISSED:
                held = at.date()
                prepared = mandates.prepare_training(
                    official, ATTENDED[role], held_on=held, valid_until=held + COUNTS, actor=first.actor, at=at
                )
                desk.finished(prepared, seat=seat, at=at)
        desk.finished(mandates.prepare_training_policy(REQUIRES, actor=first.actor, at=at), seat=seat, at=at)
