"""What the two states of the demo say of themselves in the directory of competence: invented offices, at their opening."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.competence import Channel, ChannelKind, Hours, Level
from comity.cli import desk
from comity.cli.cast import Place
from comity.cli.shell import Seat
from comity.registry import authenticator
from comity.registry.act import Node
from comity.registry.gestures.competence import Described, prepare_entry

_URGENT: Final = ("preservation", "contact_point_24_7", "emergency_disclosure", "emergency_mla")
_STORED: Final = ("production_subscriber", "production_traffic", "production_content", "search_seizure_stored")
_LANGUAGES: Final = {"cv": ("pt", "fr", "en"), "nl": ("nl", "en", "de")}
_PHONES: Final = {"cv": "+238 000 0000", "nl": "+31 00 000 0000"}
_REGIONS: Final = {"cv": ("CV-SV",), "nl": ("NL-LI", "NL-NB")}


def publish(node: Node, place: Place) -> None:
    """The entries of one node, signed by its first founder: a contact point, a central authority, and a stale regional office."""
    founder, at = place.founders[0], node.clock.now()
    with node.active():
        seat = Seat(node=node, entry=authenticator.seated(node, founder, at=at))
        for described in _entries(place, at=at):
            prepared = prepare_entry(described, reference="", actor=seat.entry.actor, at=at)
            desk.finished(prepared, seat=seat, at=at)


def _entries(place: Place, *, at: datetime) -> tuple[Described, ...]:
    office = Hours(always=False, zone=place.zone, days=(1, 2, 3, 4, 5), opens="08:30", closes="17:00")
    node = Channel(ChannelKind.NODE, place.id)
    contact = Described(
        authority=f"Contact point 24/7 of {place.name}",
        level=Level.NATIONAL,
        measures=_URGENT,
        territory=(place.state,),
        law="coe-ets185",
        article="35",
        hours=Hours(always=True),
        languages=_LANGUAGES[place.id],
        channels=(node, Channel(ChannelKind.PHONE, _PHONES[place.id])),
        forms=("comity/letter/v1",),
        capacity_per_week=None,
        from_=at,
        until=at + timedelta(days=730),
    )
    central = replace(
        contact,
        authority=f"Central authority of {place.name}",
        measures=_STORED,
        article="27(2)",
        hours=office,
        channels=(node, Channel(ChannelKind.COURIER, f"Central authority, {place.authority}")),
        forms=("comity/letter/v1", "Paper, with a translation"),
        capacity_per_week=25,
    )
    regional = replace(
        central,
        authority=f"Regional office of {place.authority}",
        level=Level.REGIONAL,
        territory=_REGIONS[place.id],
        capacity_per_week=8,
        until=at + timedelta(days=60),
    )
    return contact, central, regional
