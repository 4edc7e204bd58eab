"""Directory entries: which official holds which office, under which mandate, with which key.

A node keeps and signs the entries of its own officials and hands them out with what they sign, so that a receiver
(or a stranger with a bundle) can check person, office and text without asking anybody.

An entry is signed by the node and by the two officials who enrolled the credential; the founding administrators,
who have nobody before them, are signed by the node alone and say so (`enrolled_by` is empty).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from comity.authorities.keys import OFFICIAL, PublicKey
from comity.authorities.roles import POWERS, Actor, MandateNotInForce, Power, Role
from comity.authorities.standing import Standing
from comity.authorities.statement import Statement, Verified, verify
from comity.canon import JsonObject, TextNotAllowed, moment, plain, stamp
from comity.errors import N_, ComityError

ENTRY: Final = "comity/directory-entry/v1"
ENROLLERS: Final = 2
ENROLLERS_MAX: Final = 8
TERRITORIES_MAX: Final = 64
_PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
"""A state (ISO 3166-1) or a part of one (ISO 3166-2)."""
TEXTS: Final = {
    "node": 40,
    "official": 60,
    "name": 200,
    "office": 100,
    "authority": 200,
    "state": 2,
    "mandate": 64,
    "responsible": 200,
}
"""The texts of an entry, and how many characters each has at most."""
_NAMES: Final = frozenset(
    {
        "node",
        "official",
        "name",
        "office",
        "authority",
        "state",
        "role",
        "mandate",
        "powers",
        "territory",
        "responsible",
        "appointed_at",
        "from",
        "until",
        "credential",
        "enrolled_by",
        "software_authenticator",
    }
)


class EntryBroken(ComityError):
    """A directory entry cannot be relied on."""

    code = "authorities.entry_broken"
    sentence = N_("the directory entry of {official} cannot be relied on: {why}")


class BeyondTerritory(ComityError):
    """A mandate reaches a part of the state only, and the act more than that."""

    code = "authorities.beyond_territory"
    sentence = N_("the mandate of {official} reaches {reaches}, and this is about {asked}")
    hint = N_("Ask an official whose mandate reaches the whole of it.")


@dataclass(frozen=True)
class Entry:
    """One official in one office: the mandate. `until` is the first moment at which it no longer runs.

    `territory`: where in the state it reaches, the whole state or parts of it. `responsible`: under whose
    responsibility the official acts. `standing` is no part of the entry: it says what became of the mandate since.
    """

    node: str
    official: str
    name: str
    office: str
    authority: str
    state: str
    role: Role
    mandate: str
    powers: frozenset[Power]
    territory: tuple[str, ...]
    responsible: str
    appointed_at: datetime
    from_: datetime
    until: datetime
    credential: PublicKey
    enrolled_by: tuple[str, ...]
    software_authenticator: bool
    standing: Standing = field(default=Standing(), compare=False)

    @property
    def person(self) -> tuple[str, str]:
        """Who this is, whatever the office: several mandates of one person are one person."""
        return self.node, self.official

    @property
    def actor(self) -> Actor:
        """The official as an actor."""
        return Actor(
            official=self.official,
            office=self.office,
            authority=self.authority,
            role=self.role,
            mandate=self.mandate,
            node=self.node,
            powers=self.powers,
            responsible=self.responsible,
        )

    def in_force(self, *, at: datetime) -> None:
        """Hold that the mandate runs at that moment, neither suspended nor revoked; raises `MandateNotInForce`."""
        if not self.from_ <= at < self.until:
            why = f"it runs from {stamp(self.from_)} until {stamp(self.until)}, and this is {stamp(at)}"
            raise MandateNotInForce(official=self.official, role=self.role.value, why=why)
        stopped = self.standing.stopped(at=at)
        if stopped:
            raise MandateNotInForce(official=self.official, role=self.role.value, why=stopped)

    def standing_as(self, standing: Standing) -> "Entry":
        """The same entry, with what became of its mandate."""
        return replace(self, standing=standing)

    def reach(self, territory: Collection[str]) -> frozenset[str]:
        """The part of a territory in which this mandate may act: of its own state what it names, of others all.

        What is asked of another state is that state's to limit, by the mandates of its own officials.
        """
        return frozenset(place for place in territory if not self._own(place) or self._within(place))

    def hold_reach(self, territory: Collection[str]) -> None:
        """Hold that the mandate reaches all of a territory; raises `BeyondTerritory`."""
        beyond = sorted(set(territory) - self.reach(territory))
        if beyond:
            reaches = ", ".join(self.territory)
            raise BeyondTerritory(official=self.official, reaches=reaches, asked=", ".join(beyond)[:100])

    def _own(self, place: str) -> bool:
        return place.partition("-")[0] == self.state

    def _within(self, place: str) -> bool:
        return place in self.territory or place.partition("-")[0] in self.territory

    def as_body(self) -> JsonObject:
        """The entry as the body of a statement."""
        return {
            "node": self.node,
            "official": self.official,
            "name": self.name,
            "office": self.office,
            "authority": self.authority,
            "state": self.state,
            "role": self.role.value,
            "mandate": self.mandate,
            "powers": sorted(power.value for power in self.powers),
            "territory": list(self.territory),
            "responsible": self.responsible,
            "appointed_at": stamp(self.appointed_at),
            "from": stamp(self.from_),
            "until": stamp(self.until),
            "credential": self.credential.as_record(),
            "enrolled_by": list(self.enrolled_by),
            "software_authenticator": self.software_authenticator,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Entry":
        """Read `as_body` back; raises `EntryBroken`."""
        official = str(body.get("official"))[:60]
        if set(body) != _NAMES:
            raise EntryBroken(official=official, why=f"expected exactly {', '.join(sorted(_NAMES))}")
        _hold_lists(body, official=official)
        try:
            role = Role(body["role"])
            powers = frozenset(Power(power) for power in body["powers"])
        except ValueError as unknown:
            raise EntryBroken(official=official, why=str(unknown)) from unknown
        if not powers <= POWERS[role]:
            raise EntryBroken(official=official, why=f"a {role.value} cannot hold {sorted(powers - POWERS[role])}")
        credential = PublicKey.from_record(body["credential"])
        if credential.algorithm != OFFICIAL:
            raise EntryBroken(official=official, why=f"officials sign with {OFFICIAL}")
        _hold_texts(body, official=official)
        _hold_territory(body, official=official)
        if not isinstance(body["software_authenticator"], bool):
            raise EntryBroken(official=official, why="software_authenticator is true or false")
        appointed_at, from_, until = (moment(body[name]) for name in ("appointed_at", "from", "until"))
        if not appointed_at <= from_ < until:
            raise EntryBroken(official=official, why="a mandate begins when it is given or later, and ends after that")
        return cls(
            **{name: body[name] for name in TEXTS},
            role=role,
            powers=powers,
            territory=tuple(body["territory"]),
            appointed_at=appointed_at,
            from_=from_,
            until=until,
            credential=credential,
            enrolled_by=tuple(body["enrolled_by"]),
            software_authenticator=body["software_authenticator"],
        )


def _hold_lists(body: JsonObject, *, official: str) -> None:
    for name in ("powers", "enrolled_by", "territory"):
        listed = body[name]
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise EntryBroken(official=official, why=f"{name} is not a list of texts")
    if len(body["enrolled_by"]) > ENROLLERS_MAX or len(set(body["enrolled_by"])) != len(body["enrolled_by"]):
        raise EntryBroken(official=official, why=f"at most {ENROLLERS_MAX} officials enrol, each named once")


def _hold_territory(body: JsonObject, *, official: str) -> None:
    places = body["territory"]
    if not 0 < len(places) <= TERRITORIES_MAX or places != sorted(set(places)):
        raise EntryBroken(official=official, why=f"a mandate names 1 to {TERRITORIES_MAX} places, in order, each once")
    if not all(_PLACE.fullmatch(place) and place.partition("-")[0] == body["state"] for place in places):
        raise EntryBroken(official=official, why=f"a mandate reaches {body['state']} or parts of it, and nowhere else")


def _hold_texts(body: JsonObject, *, official: str) -> None:
    for name, limit in TEXTS.items():
        try:
            normal = plain(body[name], field=name, limit=limit)
        except TextNotAllowed as refused:
            raise EntryBroken(official=official, why=str(refused)) from refused
        if normal != body[name]:
            raise EntryBroken(official=official, why=f"{name} is not in its normal form")


def read_entry(statement: Statement, *, node: str, node_key: PublicKey, rp_id: str, origin: str) -> Entry:
    """The entry that `node` signed for one of its officials; raises `EntryBroken` or what `verify` raises.

    `rp_id` and `origin` are the ones pinned in the node's card: a credential made for another site is refused.
    """
    entry = Entry.from_body(verify(statement, type=ENTRY, key=node_key).body)
    if entry.node != node:
        raise EntryBroken(official=entry.official, why=f"it is for node {entry.node}, signed by {node}")
    if (entry.credential.rp_id, entry.credential.origin) != (rp_id, origin):
        raise EntryBroken(official=entry.official, why=f"its credential is for {entry.credential.origin}, not {origin}")
    return entry


def verify_official(statement: Statement, *, type: str, entry: Entry, at: datetime) -> Verified:  # noqa: A002
    """Hold that the official of `entry` signed this text, in that office, under that mandate, in time.

    `at` is the moment at which the text was signed according to the record that cites it.
    Raises what `verify` raises, `EntryBroken` (another office) or `MandateNotInForce`.
    """
    entry.in_force(at=at)
    verified = verify(statement, type=type, key=entry.credential)
    bound = {"office": entry.office, "mandate": entry.mandate}
    found = {name: verified.context.get(name) for name in bound}
    if found != bound:
        raise EntryBroken(official=entry.official, why=f"signed as {found}, enrolled as {bound}")
    if at > moment(verified.context.get("expires_at")):
        raise EntryBroken(official=entry.official, why="the signature was used after its time had run out")
    return verified


def context_for(entry: Entry, *, nonce: str, expires_at: datetime) -> Mapping[str, str]:
    """What an official's signature is bound to besides the text."""
    return {"office": entry.office, "mandate": entry.mandate, "nonce": nonce, "expires_at": stamp(expires_at)}


@dataclass(frozen=True)
class Home:
    """Where officials come from: a node, the key it signs with, and the site their credentials are made for."""

    node: str
    key: PublicKey
    rp_id: str
    origin: str

    def entry(self, statement: Statement) -> Entry:
        """The entry that this node signed; raises as `read_entry`."""
        return _entry_of(self, statement.to_bytes())


@lru_cache(maxsize=1024)
def _entry_of(home: Home, data: bytes) -> Entry:
    """The entry in these very bytes under this very key; the same bytes need no second check."""
    statement = Statement.from_bytes(data)
    return read_entry(statement, node=home.node, node_key=home.key, rp_id=home.rp_id, origin=home.origin)
