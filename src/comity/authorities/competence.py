"""Entries of the directory of competence: which authority answers for which measures, where, when, and how it is reached.

* Each node keeps and signs the entries of its own state: signed by an administrator of the node, and by the node.
* An entry is one competence of one authority, so that each can be dated, confirmed and withdrawn on its own.
* A newer version replaces an older one; an older one is refused, and so is a second text of the same number.
* A withdrawal is a version, too: it says why, and stays.
* An entry says when it was last confirmed. Whether that is too long ago is `competent`'s question.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import Json, JsonObject, TextNotAllowed, moment, plain, stamp
from comity.canon.json import INTEGER_MAX
from comity.errors import N_, ComityError

COMPETENCE: Final = "comity/competence-entry/v1"
ENTRY_BYTES_MAX: Final = 64 * 1024
LIFE_MAX: Final = timedelta(days=5 * 366)
"""No entry runs longer than this: authorities are renamed, merged and moved."""

CAPACITY_MAX: Final = 100_000
AUTHORITY_CHARACTERS_MAX: Final = 200
LAW_CHARACTERS_MAX: Final = 200
ARTICLE_CHARACTERS_MAX: Final = 100
FORM_CHARACTERS_MAX: Final = 100
ADDRESS_CHARACTERS_MAX: Final = 300
REASON_CHARACTERS_MAX: Final = 500
LISTED_MAX: Final = {"measures": 100, "territory": 100, "languages": 20, "channels": 12, "forms": 20, "days": 7}

_NODE: Final = re.compile(r"[a-z0-9-]{1,40}")
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_STATE: Final = re.compile(r"[A-Z]{2}")
_MEASURE: Final = re.compile(r"[a-z0-9_]{1,60}")
TERRITORY: Final = re.compile(r"(?P<state>[A-Z]{2})(-[A-Z0-9]{1,3})?", re.ASCII)
"""A state (ISO 3166-1 alpha-2) or one of its subdivisions (ISO 3166-2)."""
LANGUAGE: Final = re.compile(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3})){0,3}", re.ASCII
)
"""A language tag in its usual spelling: language, script, region, variants (BCP 47, RFC 5646, section 2.1)."""
_PHONE: Final = re.compile(r"\+[0-9]( ?[0-9]){5,14}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+/-]{1,40}", re.ASCII)
_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)

T = TypeVar("T", bound=StrEnum)


class Level(StrEnum):
    """Where in its state an authority stands; what one cannot settle goes to the next higher."""

    LOCAL = "local"
    REGIONAL = "regional"
    NATIONAL = "national"

    @property
    def rank(self) -> int:
        """The higher, the larger."""
        return list(Level).index(self)


class ChannelKind(StrEnum):
    """How an authority is reached."""

    NODE = "node"
    SECURE_MAIL = "secure_mail"
    COURIER = "courier"
    PHONE = "phone"


class CompetenceBroken(ComityError):
    """A text is no entry of the directory of competence."""

    code = "authorities.competence_broken"
    sentence = N_("entry {reference} of the directory of competence cannot be read: {why}")


class CompetenceOlder(ComityError):
    """An entry is older than the one that is held."""

    code = "authorities.competence_older"
    sentence = N_("version {found} of entry {reference} is not newer than version {held}, which is held")
    hint = N_("Read the entry that is held; a change is signed as its next version.")


class CompetenceForked(ComityError):
    """Two texts of one entry bear the same number."""

    code = "authorities.competence_forked"
    sentence = N_("there are two texts of version {version} of entry {reference}")
    hint = N_("The first stays. Its node signed both: ask its people which one holds.")


@dataclass(frozen=True)
class Hours:
    """When somebody answers: always, or on some days (1 is Monday) between two times of a zone."""

    always: bool
    zone: str = ""
    days: tuple[int, ...] = ()
    opens: str = ""
    closes: str = ""

    def open(self, *, at: datetime) -> bool:
        """Whether somebody answers at that moment; the minute at which it closes is no longer one."""
        if self.always:
            return True
        there = at.astimezone(ZoneInfo(self.zone))
        return there.isoweekday() in self.days and self.opens <= f"{there:%H:%M}" < self.closes

    def as_record(self) -> JsonObject:
        """The hours as JSON."""
        if self.always:
            return {"always": True}
        return {
            "always": False,
            "zone": self.zone,
            "days": list(self.days),
            "opens": self.opens,
            "closes": self.closes,
        }


@dataclass(frozen=True)
class Channel:
    """One way to reach an authority; a phone is that of the contact point."""

    kind: ChannelKind
    address: str


@dataclass(frozen=True)
class Competence:
    """One version of one entry. `until` is the first moment at which it no longer holds; `withdrawn` says why, or is empty."""

    node: str
    reference: str
    version: int
    state: str
    authority: str
    level: Level
    measures: tuple[str, ...]
    territory: tuple[str, ...]
    law: str
    article: str
    hours: Hours
    languages: tuple[str, ...]
    channels: tuple[Channel, ...]
    forms: tuple[str, ...]
    capacity_per_week: int | None
    from_: datetime
    until: datetime
    confirmed_at: datetime
    written_at: datetime
    withdrawn: str
    by: JsonObject

    def as_body(self) -> JsonObject:
        """The entry as the body of a statement."""
        return {
            "node": self.node,
            "reference": self.reference,
            "version": self.version,
            "state": self.state,
            "authority": self.authority,
            "level": self.level.value,
            "measures": list(self.measures),
            "territory": list(self.territory),
            "law": self.law,
            "article": self.article,
            "hours": self.hours.as_record(),
            "languages": list(self.languages),
            "channels": [{"kind": one.kind.value, "address": one.address} for one in self.channels],
            "forms": list(self.forms),
            "capacity_per_week": self.capacity_per_week,
            "from": stamp(self.from_),
            "until": stamp(self.until),
            "confirmed_at": stamp(self.confirmed_at),
            "written_at": stamp(self.written_at),
            "withdrawn": self.withdrawn,
            "by": self.by,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Competence":
        """Read `as_body` back; raises `CompetenceBroken` or `NotAMoment`."""
        read = _Read(str(body.get("reference"))[:32], body)
        read.hold_names(_NAMES)
        by = body["by"]
        if not isinstance(by, dict):
            raise read.broken("by is no object")
        entry = cls(
            node=read.shaped("node", _NODE),
            reference=read.shaped("reference", _REFERENCE),
            version=read.number("version", most=INTEGER_MAX),
            state=read.shaped("state", _STATE),
            authority=read.words("authority", limit=AUTHORITY_CHARACTERS_MAX),
            level=read.one_of("level", Level),
            measures=read.each("measures", least=1, shape=_MEASURE),
            territory=read.each("territory", least=1, shape=TERRITORY),
            law=read.words("law", limit=LAW_CHARACTERS_MAX),
            article=read.words("article", limit=ARTICLE_CHARACTERS_MAX),
            hours=_hours(read),
            languages=read.each("languages", least=1, shape=LANGUAGE),
            channels=_channels(read),
            forms=_forms(read),
            capacity_per_week=read.capacity(),
            from_=moment(body["from"]),
            until=moment(body["until"]),
            confirmed_at=moment(body["confirmed_at"]),
            written_at=moment(body["written_at"]),
            withdrawn="" if body["withdrawn"] == "" else read.words("withdrawn", limit=REASON_CHARACTERS_MAX),
            by=by,
        )
        _hold_together(entry, read)
        return entry


_NAMES: Final = frozenset(
    (
        *("node", "reference", "version", "state", "authority", "level", "measures", "territory", "law", "article"),
        *("hours", "languages", "channels", "forms", "capacity_per_week"),
        *("from", "until", "confirmed_at", "written_at", "withdrawn", "by"),
    )
)


def read_competence(statement: Statement, *, known: Officials) -> Proven[Competence]:
    """The entry, signed by an administrator of its node and by the node, and by nobody else.

    Raises `CompetenceBroken`, `OfficialUnknown`, `NotThisOfficial`, `PowerMissing`, and as `verify_official`.
    """
    entry = Competence.from_body(statement.body)
    official, home = known.who(entry.by, what="directory entry")
    verify_official(statement, type=COMPETENCE, entry=official, at=entry.written_at)
    verify_all(statement, type=COMPETENCE, keys=(official.credential, home.key))
    official.actor.require(Power.ADMINISTER)
    if (official.node, official.state) != (entry.node, entry.state):
        raise NotThisOfficial(
            what="directory entry",
            named=f"node {entry.node} of {entry.state}",
            signed=f"{official.official} of node {official.node} of {official.state}",
        )
    return Proven(statement=statement, record=entry)


@dataclass(frozen=True)
class Version:
    """Which version of an entry is held: its number, when it was written, the digest of its text."""

    number: int
    written_at: datetime
    digest: str


def succeeds(new: Proven[Competence], held: Version | None) -> bool:
    """Whether `new` replaces what is held; False if it is the very same text.

    Raises `CompetenceOlder` or `CompetenceForked`.
    """
    if held is None or new.digest == held.digest:
        return held is None
    after, name = new.record, new.record.reference[:8]
    if after.version == held.number:
        raise CompetenceForked(reference=name, version=after.version)
    if after.version < held.number or after.written_at < held.written_at:
        raise CompetenceOlder(reference=name, found=after.version, held=held.number)
    return True


@dataclass(frozen=True)
class _Read:
    """The fields of an entry; each method reads one or raises `CompetenceBroken` naming it."""

    reference: str
    values: JsonObject

    def broken(self, why: str) -> CompetenceBroken:
        return CompetenceBroken(reference=self.reference, why=why)

    def hold_names(self, names: frozenset[str]) -> None:
        if set(self.values) != names:
            raise self.broken(f"expected exactly {', '.join(sorted(names))}")

    def shaped(self, name: str, shape: re.Pattern[str]) -> str:
        value = self.values[name]
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise self.broken(f"{name} {str(value)[:40]!r} is not written as it has to be")
        return value

    def words(self, name: str, *, limit: int) -> str:
        return self.normal(self.values[name], name=name, limit=limit)

    def normal(self, value: Json, *, name: str, limit: int) -> str:
        try:
            normal = plain(value, field=name, limit=limit)
        except TextNotAllowed as refused:
            raise self.broken(str(refused)) from refused
        if normal != value:
            raise self.broken(f"{name} is not in its normal form")
        return normal

    def number(self, name: str, *, most: int) -> int:
        value = self.values[name]
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.broken(f"{name} {str(value)[:40]!r} is no whole number from 1 to {most}")
        return value

    def capacity(self) -> int | None:
        if self.values["capacity_per_week"] is None:
            return None
        return self.number("capacity_per_week", most=CAPACITY_MAX)

    def one_of(self, name: str, kinds: type[T]) -> T:
        try:
            return kinds(self.values[name])
        except ValueError as unknown:
            raise self.broken(str(unknown)) from unknown

    def listed(self, name: str, *, least: int) -> list[Json]:
        value = self.values[name]
        if not isinstance(value, list) or not least <= len(value) <= LISTED_MAX[name]:
            raise self.broken(f"{name} is no list of {least} to {LISTED_MAX[name]}")
        return value

    def each(self, name: str, *, least: int, shape: re.Pattern[str]) -> tuple[str, ...]:
        found = tuple(one for one in self.listed(name, least=least) if isinstance(one, str) and shape.fullmatch(one))
        if len(found) != len(self.values[name]) or len(set(found)) != len(found):
            raise self.broken(f"{name} holds what is not written as it has to be, or something twice")
        return found


def _hours(read: _Read) -> Hours:
    record = read.values["hours"]
    if record == {"always": True} and record["always"] is True:
        return Hours(always=True)
    if not isinstance(record, dict) or set(record) != {"always", "zone", "days", "opens", "closes"}:
        raise read.broken("hours are always, or a zone with days, opens and closes")
    told = _Read(read.reference, record)
    days = told.listed("days", least=1)
    if record["always"] is not False or any(not isinstance(day, int) or isinstance(day, bool) for day in days):
        raise read.broken("hours that are not always have days from 1 to 7")
    if sorted(set(days)) != days or not set(days) <= set(range(1, 8)):
        raise read.broken("days are numbers from 1 (Monday) to 7, in order, each once")
    opens, closes = told.shaped("opens", _HOUR), told.shaped("closes", _HOUR)
    if opens >= closes:
        raise read.broken("it closes before it opens")
    return Hours(always=False, zone=_zone(told), days=tuple(days), opens=opens, closes=closes)


def _zone(told: _Read) -> str:
    zone = told.shaped("zone", _ZONE)
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:  # a folder of the time-zone data is no zone
        raise told.broken(f"{zone!r} is no time zone") from unknown


def _channels(read: _Read) -> tuple[Channel, ...]:
    found = []
    for one in read.listed("channels", least=1):
        if not isinstance(one, dict) or set(one) != {"kind", "address"}:
            raise read.broken("a channel has exactly kind and address")
        told = _Read(read.reference, one)
        kind = told.one_of("kind", ChannelKind)
        address = told.words("address", limit=ADDRESS_CHARACTERS_MAX)
        shape = {ChannelKind.NODE: _NODE, ChannelKind.PHONE: _PHONE}.get(kind)
        if shape and not shape.fullmatch(address):
            raise read.broken(f"{address[:40]!r} is no {kind.value}")
        found.append(Channel(kind=kind, address=address))
    if len(set(found)) != len(found):
        raise read.broken("a channel is named twice")
    return tuple(found)


def _forms(read: _Read) -> tuple[str, ...]:
    listed = read.listed("forms", least=1)
    found = tuple(read.normal(one, name="forms", limit=FORM_CHARACTERS_MAX) for one in listed)
    if len(set(found)) != len(found):
        raise read.broken("a form is named twice")
    return found


def _hold_together(entry: Competence, read: _Read) -> None:
    """What one field says of another."""
    if any(not place.startswith(entry.state) for place in entry.territory):
        raise read.broken(f"its territory lies outside {entry.state}")
    if not entry.from_ < entry.until <= entry.from_ + LIFE_MAX:
        raise read.broken(f"it ends before it begins, or later than {LIFE_MAX.days} days after")
    if entry.confirmed_at > entry.written_at:
        raise read.broken("it was confirmed after it was written")
