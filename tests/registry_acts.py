"""Acts that do nothing but leave an entry, for tests of the log."""

from datetime import datetime

from comity.authorities.roles import Actor
from comity.registry import log
from comity.registry.act import Node, act


@act
def append_one(number: int, *, actor: Actor, at: datetime) -> None:
    """An entry about nothing."""
    log.append(kind="tests.appended", facts={"number": number}, statement="", actor=actor, at=at)


def append_many(node: Node, count: int) -> None:
    """So many entries, each by an act of its own."""
    with node.active():
        for number in range(count):
            append_one(number, actor=node.machine("tests"), at=node.clock.now())
