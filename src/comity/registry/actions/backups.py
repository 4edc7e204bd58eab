"""That a backup was made, that tables were brought back, and that the history goes on: each an entry of the log."""

from datetime import datetime
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor
from comity.canon import JsonObject
from comity.evidence.custody import CustodyRecord
from comity.evidence.erasure import Erasure
from comity.registry import keeping, log, rows
from comity.registry.act import act

EPOCH: Final = "log.epoch"


@act
def record_backup(
    *,
    digests: tuple[str, str],
    log_size: int,
    recipients: tuple[tuple[str, ...], tuple[str, ...]],
    actor: Actor,
    at: datetime,
) -> None:
    """Both files of a backup exist, by their hashes, for these recipients."""
    (tables, keys), (to, keys_to) = digests, recipients
    facts: JsonObject = {
        "tables": tables,
        "keys": keys,
        "log_size": log_size,
        "to": list(to),
        "keys_to": list(keys_to),
    }
    log.append(kind="node.backup", facts=facts, statement="", actor=actor, at=at)


@act
def erase_again(proven: Proven[Erasure], *, disposal: Proven[CustodyRecord] | None, actor: Actor, at: datetime) -> None:
    """What was erased after the backup was made is erased in the restored tables too, by the same signed texts."""
    item = rows.item_for_update(proven.record.item)
    if disposal is not None:
        keeping.keep_record(item, disposal.statement, disposal.record)
    keeping.forget_key(item, proven.statement, at=proven.record.at)
    log.append(
        kind="evidence.erasure.again",
        facts={"item": item.reference, "disposal": disposal.digest if disposal else ""},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def record_rejoining(facts: JsonObject, *, actor: Actor, at: datetime) -> None:
    """The restored tables continue the history that others hold; who was asked, and what each holds."""
    log.append(kind="node.rejoined", facts=facts, statement="", actor=actor, at=at)


@act
def begin_epoch(facts: JsonObject, *, actor: Actor, at: datetime) -> None:
    """Entries of this node's log are lost, and a log of another name goes on from what is left; who held how many, and why."""
    log.append(kind=EPOCH, facts=facts, statement="", actor=actor, at=at)
