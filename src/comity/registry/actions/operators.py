"""What the operator of a machine does to a node from its command line: no official sits there, so the log says who did."""

from datetime import datetime

from comity.authorities.roles import Actor
from comity.registry import log
from comity.registry.act import act


@act
def note_command(command: str, *, operator: str, about: str, actor: Actor, at: datetime) -> None:
    """Note that the person who is `operator` to this machine gave a command that changes the node, and about whom or what."""
    log.append(
        kind="node.command",
        facts={"command": command, "operator": operator, "about": about},
        statement="",
        actor=actor,
        at=at,
    )
