"""Entries of the directory of competence for tests, and what signs them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.authorities.competence import COMPETENCE, Channel, ChannelKind, Competence, Hours, Level
from comity.authorities.directory import Entry, context_for
from comity.authorities.statement import Statement, signed
from comity.cli import desk
from comity.cli.shell import Seat
from comity.registry.gestures.competence import Described, prepare_entry
from keys import NodeKey, OfficialKey

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
OFFICE_HOURS = Hours(always=False, zone="Europe/Amsterdam", days=(1, 2, 3, 4, 5), opens="08:30", closes="17:00")


def competence(by: Entry, **changed: Any) -> Competence:
    """An entry of the national contact point of the node's state, written and confirmed a month ago."""
    written = AT - timedelta(days=30)
    made = Competence(
        node=by.node,
        reference="c0" * 16,
        version=1,
        state=by.state,
        authority="Landelijk Parket",
        level=Level.NATIONAL,
        measures=("preservation", "production_traffic"),
        territory=(by.state,),
        law="coe-ets185",
        article="27(2)",
        hours=Hours(always=True),
        languages=("nl", "en"),
        channels=(Channel(ChannelKind.NODE, by.node), Channel(ChannelKind.PHONE, "+31 70 000 0000")),
        forms=("comity/letter/v1",),
        capacity_per_week=40,
        from_=written,
        until=written + timedelta(days=730),
        confirmed_at=written,
        written_at=written,
        withdrawn="",
        by=by.actor.as_record(),
    )
    return replace(made, **changed)


def signed_by(made: Competence, official: Entry, *, key: OfficialKey, node: NodeKey) -> Statement:
    """The entry with the official's and the node's signature."""
    context = dict(context_for(official, nonce="0" * 32, expires_at=made.written_at + timedelta(minutes=10)))
    text = Statement(type=COMPETENCE, body=made.as_body())
    by_official = signed(text, key=key.public, sign=key.sign, context=context)
    return signed(by_official, key=node.public, sign=node.sign)


def described(**changed: Any) -> Described:
    """What an administrator of nl types for the contact point."""
    made = Described(
        authority="Landelijk Parket",
        level=Level.NATIONAL,
        measures=("preservation", "production_traffic"),
        territory=("NL",),
        law="coe-ets185",
        article="27(2)",
        hours=Hours(always=True),
        languages=("nl", "en"),
        channels=(Channel(ChannelKind.NODE, "nl"), Channel(ChannelKind.PHONE, "+31 70 000 0000")),
        forms=("comity/letter/v1",),
        capacity_per_week=40,
        from_=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2028, 1, 1, tzinfo=UTC),
    )
    return replace(made, **changed)


def published(seat: Seat, *, reference: str = "", **changed: Any) -> str:
    """An entry, or its next version, that the administrator at that seat publishes; its reference."""
    at = seat.node.clock.now()
    with seat.node.active():
        prepared = prepare_entry(described(**changed), reference=reference, actor=seat.entry.actor, at=at)
        return desk.finished(prepared, seat=seat, at=at)
