"""Custody of items: what happens to one where it lies. Each record is signed; each reading of the content rests on one."""

from datetime import datetime, timedelta
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, extend
from comity.evidence.tags import hold_known
from comity.law import Edition
from comity.registry import access, decisions, keeping, log, rows
from comity.registry.act import act
from comity.registry.queries.custody import READING

RECORDED: Final = frozenset(
    {
        CustodyEvent.CORRECTION,
        CustodyEvent.SEALING,
        CustodyEvent.ACCESS,
        CustodyEvent.COPY,
        CustodyEvent.DERIVATION,
        CustodyEvent.MARKING,
        CustodyEvent.LEAVE,
    }
)
"""What this act records; taking in, handing over, exporting and erasing have acts of their own."""


class NotOpened(ComityError):
    """The content is read only under an access of one's own, recorded a short time before."""

    code = "registry.not_opened"
    sentence = N_("{official} recorded no access to item {item} within the last {minutes} minutes")
    hint = N_("Record the access with its reason first; then read.")


class NotRecordedHere(ComityError):
    """An event of custody has an act of its own."""

    code = "registry.not_recorded_here"
    sentence = N_("{event} is not recorded by hand")


@act
def record(proven: Proven[CustodyRecord], *, chain: Chain, actor: Actor, at: datetime) -> None:
    """Record what happened to an item; `chain` is its custody before."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    told = proven.record
    rows.hold_signer(actor, told.by, step="record custody")
    if told.event not in RECORDED:
        raise NotRecordedHere(event=told.event.value)
    item = rows.item_for_update(told.item)
    access.why_item(item, viewer=actor)
    decisions.hold_open(item)
    keeping.hold_settled(item)
    rows.hold_newest(item, previous=told.previous)
    after = extend(chain, proven)
    if told.event is CustodyEvent.MARKING:
        hold_known(told.facts["tags"], edition=Edition.packaged())
    keeping.keep_record(item, proven.statement, told)
    keeping.keep_tags(item.reference, after)
    log.append(
        kind=f"evidence.{told.event.value}",
        facts={"item": told.item, "letter": item.letter.digest} | told.logged(),
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def record_key_taken(item: str, *, actor: Actor, at: datetime) -> None:
    """Record that an exporting official was handed the key that opens an item, under the access that says why."""
    access.require(actor, Power.EXPORT_EVIDENCE, at=at)
    _record_reading(item, kind="evidence.key", actor=actor, at=at)


@act
def record_read(item: str, *, actor: Actor, at: datetime) -> None:
    """Record that an official was handed the content of an item, under the access that says why."""
    access.require(actor, Power.TAKE_IN_EVIDENCE, at=at)
    _record_reading(item, kind="evidence.read", actor=actor, at=at)


@act
def record_age_taken(item: str, *, recipients: tuple[str, ...], actor: Actor, at: datetime) -> None:
    """Record that the content of an exported item was taken in a file that these recipients of age open."""
    access.require(actor, Power.EXPORT_EVIDENCE, at=at)
    _record_reading(item, kind="evidence.age", actor=actor, at=at, more={"recipients": list(recipients)})


def _record_reading(item: str, *, kind: str, actor: Actor, at: datetime, more: JsonObject | None = None) -> None:
    row = rows.item_for_update(item)
    access.why_item(row, viewer=actor)
    decisions.hold_open(row)
    begun = CustodyRecord.from_body(Statement.from_bytes(bytes(row.custody.get(seq=0).statement)).body)
    decisions.hold_authority(begun, row, act=f"to read item {item[:8]}", at=at)
    decisions.hold_item_reviewed(row, acting=actor.official)
    newest = row.custody.filter(event=CustodyEvent.ACCESS.value).order_by("-seq").first()
    opened = CustodyRecord.from_body(Statement.from_bytes(bytes(newest.statement)).body) if newest else None
    if opened is None or opened.by != actor.as_record() or not opened.at <= at <= opened.at + READING:
        minutes = READING // timedelta(minutes=1)
        raise NotOpened(official=actor.official, item=item[:8], minutes=minutes)
    assert newest is not None, "it was read"
    log.append(
        kind=kind,
        facts={"item": item, "letter": row.letter.digest, "reason": opened.facts["reason"]} | (more or {}),
        statement=newest.digest,
        actor=actor,
        at=at,
    )
