"""Erasing: an item's key is destroyed, and everybody who had it is told.

What came of a decision that has ended is erased by its custodian; what a retention schedule lets nobody keep longer, by the node.
"""

from datetime import datetime

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power, Role
from comity.authorities.statement import Statement
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.evidence.custody import CustodyRecord
from comity.evidence.erasure import Erasure
from comity.oversight.retention import Schedule, hold_due
from comity.registry import access, decisions, introductions, keeping, log, rows
from comity.registry.act import act
from comity.registry.models import ItemRow, LapseRow
from comity.registry.queries import retention
from comity.registry.queries.people import entries_of


class NothingToErase(ComityError):
    """An item is erased once, and only where what it rested on has ended."""

    code = "registry.nothing_to_erase"
    sentence = N_("item {item} is not to be erased: {why}")


@act
def erase_item(proven: Proven[Erasure], *, disposal: Proven[CustodyRecord] | None, actor: Actor, at: datetime) -> None:
    """Destroy the key of an item that was sealed off, by the text that ended its decision; tell the other nodes.

    Every wrapping of the key in the tables goes. What the key still lies in is said in `docs/trust.md`. Where the item is
    held here, its custody ends with the record of its disposal, which names the erasure.
    """
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    erasure = proven.record
    rows.hold_signer(actor, erasure.by, step="erase")
    item = rows.item_for_update(erasure.item)
    access.why_item(item, viewer=actor)
    if item.sealed_off_at is None or item.erased_at is not None:
        raise NothingToErase(item=erasure.item[:8], why="it is not sealed off, or it was erased already")
    ended = LapseRow.objects.filter(digest=erasure.ended_by, letter=item.letter).first()
    if ended is None or (erasure.letter, erasure.sha256) != (item.letter.digest, item.record["sha256"]):
        raise NothingToErase(item=erasure.item[:8], why="no ended decision of its letter is named")
    told = Statement.from_bytes(bytes(ended.statement)).body
    if (erasure.ground, erasure.article) != (told["cause"], told["article"]):
        raise NothingToErase(item=erasure.item[:8], why="ground and article are not those of the ended decision")
    _erase(item, proven, disposal, at=at)
    _tell(item, proven, disposal, officials=entries_of([erasure.by], viewer=actor), actor=actor, at=at)


@act
def erase_by_schedule(
    proven: Proven[Erasure],
    *,
    schedule: Proven[Schedule],
    disposal: Proven[CustodyRecord] | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Destroy the key of an item because its time has run out by the schedule in force; tell the other nodes.

    Raises `NotDue` or `NothingToErase`: what is held, or no longer due, stays.
    """
    erasure = proven.record
    item = rows.item_for_update(erasure.item)
    counting = retention.in_force(viewer=actor, at=at)
    if counting is None or counting.digest != schedule.digest:
        raise NothingToErase(item=erasure.item[:8], why="another schedule is in force")
    if item.erased_at is not None or (erasure.letter, erasure.sha256) != (item.letter.digest, item.record["sha256"]):
        raise NothingToErase(item=erasure.item[:8], why="it was erased already, or is another one")
    found = retention.running(item, schedule.record, viewer=actor)
    hold_due(erasure, schedule, found.due if found else None)
    if found is not None and found.at > at:
        raise NothingToErase(item=erasure.item[:8], why=f"it is held until {stamp(found.at)}")
    _erase(item, proven, disposal, at=at)
    _tell(item, proven, disposal, officials=[], actor=actor, at=at)


@act
def record_final(month: str, *, actor: Actor, at: datetime) -> None:
    """The key that wrapped what was erased is destroyed: unrecoverable here from now on."""
    waiting = ItemRow.objects.filter(erased_month=month, final_at=None).order_by("pk")
    items = list(waiting.values_list("reference", flat=True))
    waiting.update(final_at=at)
    log.append(kind="evidence.erasure.final", facts={"month": month, "items": items}, statement="", actor=actor, at=at)


def _erase(item: ItemRow, proven: Proven[Erasure], disposal: Proven[CustodyRecord] | None, *, at: datetime) -> None:
    """End the custody where it is held here, and empty every wrapping of its key."""
    erasure = proven.record
    if disposal is None and item.held:
        raise NothingToErase(item=erasure.item[:8], why="it is held here, and no record of its disposal came with it")
    if disposal is not None:
        told_of = disposal.record
        by_machine = not erasure.by and told_of.by["role"] == Role.SERVICE
        same = told_of.by == erasure.by or by_machine
        if not same or (told_of.item, told_of.facts["document"]) != (item.reference, proven.digest):
            raise NothingToErase(item=erasure.item[:8], why="the record of its disposal is not of this erasure")
        rows.hold_newest(item, previous=told_of.previous)
        keeping.keep_record(item, disposal.statement, told_of)
    keeping.forget_key(item, proven.statement, at=at)


def _tell(
    item: ItemRow,
    proven: Proven[Erasure],
    disposal: Proven[CustodyRecord] | None,
    *,
    officials: list[JsonObject],
    actor: Actor,
    at: datetime,
) -> None:
    """Tell everybody who had it, and the log."""
    content: JsonObject = {"erasure": proven.statement.as_json(), "officials": officials}
    nodes = decisions.told_of(item.letter)
    for node in nodes:
        rows.queue(peer=node, subject="erasure", content=content, letter=item.letter, at=at)
    log.append(
        kind="evidence.erasure",
        facts=_facts(proven.record) | {"told": nodes, "disposal": disposal.digest if disposal else ""},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def receive_erasure(
    inbound: rows.Inbound,
    proven: Proven[Erasure],
    *,
    people: tuple[introductions.Introduced, ...],
    actor: Actor,
    at: datetime,
) -> None:
    """Take in that the other side erased its copy of an item."""
    row = rows.letter_with(inbound.sender, digest=proven.record.letter)
    if ItemRow.objects.filter(reference=proven.record.item).exclude(letter=row).exists():
        raise access.NoSuchThing(what="item", reference=proven.record.item[:8])
    introductions.introduce(people)
    entry = log.append(
        kind="evidence.erasure.received",
        facts=inbound.facts(_facts(proven.record)),
        statement=proven.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=row, at=at), at=at)


def _facts(erasure: Erasure) -> JsonObject:
    return {
        "item": erasure.item,
        "sha256": erasure.sha256,
        "letter": erasure.letter,
        "ended_by": erasure.ended_by,
        "ground": erasure.ground,
        "article": erasure.article,
    }
