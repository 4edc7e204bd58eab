"""Refusals that an overseer must hear of: somebody reached beyond what the office, the mandate or the law allows."""

from datetime import datetime

from comity.authorities.roles import Actor
from comity.registry import log
from comity.registry.act import act


@act
def record_refused_act(official: str, *, code: str, sentence: str, actor: Actor, at: datetime) -> None:
    """Note that an act of an official of this node was refused; nothing else of it stays."""
    log.append(
        kind="act.refuse",
        facts={"official": official, "code": code, "sentence": sentence[:500]},
        statement="",
        actor=actor,
        at=at,
    )


@act
def record_refused_message(peer: str, *, code: str, sentence: str, actor: Actor, at: datetime) -> None:
    """Note that something a known peer signed was refused; nothing of it stays in the tables of its subject."""
    log.append(
        kind="message.refuse",
        facts={"peer": peer, "code": code, "sentence": sentence[:500]},
        statement="",
        actor=actor,
        at=at,
    )
