"""What a court may ask of an item, judged from its record against a profile: met, missing, or not known, with what cures it.

* A profile is data (TOML). The general one is packaged; a state keeps its own in its node's folder. It names tests of
  this module and adds whose law asks for it; what its law says where nobody read it is `not_stated`.
* A test reads the record and nothing else. What no record shows (`person`) is never met here: a person answers it.
* Whether a court admits an item is for that court. This lists what it will look for and not find.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from comity.canon import Json, JsonObject
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, OriginMissing
from comity.evidence.events import NOT_STATED, Derived
from comity.evidence.item import Item

GENERAL: Final = "general"
CRITERIA_MAX: Final = 100
PROFILE_BYTES_MAX: Final = 256 * 1024
LEVELS: Final = ("primary_text", "primary_excerpt", "official_secondary", "secondary", "unverified")
"""How far a rule was read, as the law's facts say it."""

_STATE: Final = re.compile(r"[a-z]{2}")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PROFILE: Final = ("schema_version", "state", "name", "as_of", "criteria")
_CRITERION: Final = ("id", "test", "asks", "law", "article", "verification")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ProfileBroken(ComityError):
    """A file is no admissibility profile."""

    code = "evidence.profile_broken"
    sentence = N_("the admissibility profile {profile} is refused: {why}")
    hint = N_("Compare it with the general profile; its format is in docs/spec/admissibility.md.")


class Standing(StrEnum):
    """How a criterion stands."""

    MET = "met"
    MISSING = "missing"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Record:
    """What is known of an item. `authorised`: whether the decision it rests on stands; None where this desk cannot tell.

    `broken`: why its custody does not prove beyond `chain`; empty where all of it does.
    """

    chain: Chain
    authorised: bool | None
    open_flags: frozenset[str]
    broken: str = ""


@dataclass(frozen=True)
class Judged:
    """How something stands, in a sentence with its facts, and what would cure it."""

    standing: Standing
    why: str
    cure: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One thing that a court asks. `asks` is the profile's own sentence; `article` is `not_stated` where nobody read it."""

    id: str
    test: str
    asks: str
    law: str
    article: str
    verification: str


@dataclass(frozen=True)
class Finding:
    """A criterion and how it stands."""

    criterion: Criterion
    judged: Judged


@dataclass(frozen=True)
class Profile:
    """What the courts of a state ask, in order; `state` is empty for the general one."""

    state: str
    name: str
    as_of: str
    criteria: tuple[Criterion, ...]

    def judge(self, record: Record) -> tuple[Finding, ...]:
        """Each criterion with how it stands by the record."""
        return tuple(Finding(one, TESTS[one.test](record)) for one in self.criteria)


def general() -> Profile:
    """The packaged profile."""
    return read_profile((files("comity.evidence") / "profiles" / "general.toml").read_bytes(), name=GENERAL)


def read_profile(data: bytes, *, name: str) -> Profile:
    """The profile in a file; `name` is the file's, `general` or a state's two letters. Raises `ProfileBroken`."""
    if len(data) > PROFILE_BYTES_MAX:
        raise ProfileBroken(profile=name, why=f"it has more than {PROFILE_BYTES_MAX} bytes")
    try:
        document: JsonObject = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as broken:
        raise ProfileBroken(profile=name, why=str(broken)) from broken
    try:
        return _profile(document, name=name)
    except ComityError as refused:
        if isinstance(refused, ProfileBroken):
            raise
        raise ProfileBroken(profile=name, why=str(refused)) from refused


def _profile(document: JsonObject, *, name: str) -> Profile:
    shapes.exactly(document, _PROFILE, field="profile")
    state = "" if document["state"] == GENERAL else str(document["state"])
    if document["schema_version"] != 1:
        raise ProfileBroken(profile=name, why="its schema_version is not 1")
    if (state or GENERAL) != name or (state and not _STATE.fullmatch(state)):
        raise ProfileBroken(profile=name, why=f"its state is {document['state']!r}, and its file is named {name}")
    if not isinstance(document["as_of"], str) or not _DAY.fullmatch(document["as_of"]):
        raise ProfileBroken(profile=name, why="as_of is no day such as 2026-11-23")
    listed = document["criteria"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= CRITERIA_MAX:
        raise ProfileBroken(profile=name, why=f"it needs 1 to {CRITERIA_MAX} criteria")
    criteria = tuple(_criterion(one, place=place, name=name) for place, one in enumerate(listed, start=1))
    if len({one.id for one in criteria}) != len(criteria):
        raise ProfileBroken(profile=name, why="two criteria have one id")
    return Profile(
        state=state, name=shapes.text(document["name"], field="name"), as_of=document["as_of"], criteria=criteria
    )


def _criterion(stated: Json, *, place: int, name: str) -> Criterion:
    read = shapes.exactly(stated, _CRITERION, field=f"criterion {place}")
    texts = {field: shapes.text(read[field], field=f"criterion {place}, {field}") for field in _CRITERION}
    if not _ID.fullmatch(texts["id"]):
        raise ProfileBroken(profile=name, why=f"criterion {place} has the id {texts['id'][:60]!r}")
    if texts["test"] not in TESTS:
        raise ProfileBroken(
            profile=name, why=f"criterion {place} has the test {texts['test'][:40]!r}; there are {', '.join(TESTS)}"
        )
    if texts["verification"] not in LEVELS:
        raise ProfileBroken(profile=name, why=f"criterion {place}: verification is one of {', '.join(LEVELS)}")
    return Criterion(**texts)


# The tests. Each reads the record and says what it finds.


def _begun(record: Record) -> CustodyRecord:
    return record.chain.records[0]


def _records(record: Record, event: CustodyEvent) -> list[CustodyRecord]:
    return [one for one in record.chain.records if one.event is event]


def _origin(record: Record) -> Judged:
    origin = record.chain.origin
    told = [(name, str(origin[name])) for name in ("place", "device", "taken_by")]
    try:
        record.chain.hold_origin()
    except OriginMissing as missing:
        return Judged(Standing.MISSING, str(missing), N_("Record a correction that states the whole origin."))
    if origin["taken_by"] == NOT_STATED:
        return Judged(
            Standing.NOT_KNOWN,
            N_("It comes from {device} at {place}; who collected it there is not recorded."),
            N_("Ask who collected it, and record a correction."),
            tuple(told),
        )
    return Judged(Standing.MET, N_("It comes from {device} at {place}, collected by {taken_by}."), facts=tuple(told))


def _authority(record: Record) -> Judged:
    digest = (("authorisation", str(_begun(record).facts["authorisation"])[:12]),)
    if record.authorised is None:
        return Judged(
            Standing.NOT_KNOWN,
            N_("It names authorisation {authorisation}, which is not known here."),
            N_("Ask the node that took it in for the decision."),
            digest,
        )
    if not record.authorised:
        return Judged(
            Standing.MISSING,
            N_("The authorisation {authorisation} that it rests on has ended."),
            N_("Nothing cures this here: ask the authority that decided, and do not use the item meanwhile."),
            digest,
        )
    return Judged(Standing.MET, N_("It rests on authorisation {authorisation}."), facts=digest)


def _integrity(record: Record) -> Judged:
    thing = record.chain.thing
    if not isinstance(thing, Item):
        seals = (("seals", ", ".join(sorted(record.chain.seals))),)
        if record.chain.seals:
            return Judged(Standing.MET, N_("It lies under the seals {seals}."), facts=seals)
        return Judged(Standing.MISSING, N_("No seal is on it."), N_("Seal it, and record the numbers of the seals."))
    stated = [str(one.facts["sealed_sha256"]) for one in record.chain.records if one.facts.get("sealed_sha256")]
    hashed = (("sha256", thing.sha256[:12]),)
    if len(set(stated)) > 1:
        return Judged(
            Standing.MISSING,
            N_("The sealed file had different hashes at different times."),
            N_("Open both copies and compare the hash of the content with the acquisition."),
        )
    if not stated:
        return Judged(
            Standing.NOT_KNOWN,
            N_("The hash {sha256} was computed while it was sealed; the seal was not read again since."),
            N_("Record a check of the seal."),
            hashed,
        )
    return Judged(
        Standing.MET,
        N_("The hash {sha256} was computed while it was sealed, and the seal was read again and is the same."),
        facts=hashed,
    )


def _custody(record: Record) -> Judged:
    facts = (("records", str(len(record.chain.records))), ("why", record.broken))
    if record.broken:
        return Judged(
            Standing.MISSING,
            N_("Only the first {records} records prove: {why}"),
            N_("Ask who held it for the records; `comity node check` names what was changed here."),
            facts,
        )
    return Judged(Standing.MET, N_("{records} records follow one another without a gap, each signed."), facts=facts)


def _time(record: Record) -> Judged:
    origin = record.chain.origin
    facts = (("time_source", str(origin["time_source"])), ("taken_at", str(origin["taken_at"])))
    if origin["time_source"] == NOT_STATED:
        return Judged(
            Standing.MISSING, N_("By which clock it was collected is not recorded."), N_("Record a correction.")
        )
    if origin["taken_at"] == NOT_STATED:
        return Judged(
            Standing.NOT_KNOWN,
            N_("When it was collected is not recorded; only when it was taken in, by {time_source}."),
            N_("Ask for the moment of collection, and record a correction."),
            facts,
        )
    return Judged(Standing.MET, N_("It was collected at {taken_at}, by {time_source}."), facts=facts)


def _method(record: Record) -> Judged:
    origin = record.chain.origin
    facts = tuple((name, str(origin[name])) for name in ("method", "tool", "tool_version"))
    if missing := [name for name, text in facts if text == NOT_STATED]:
        listed = (("missing", ", ".join(missing)),)
        return Judged(Standing.MISSING, N_("Not recorded: {missing}."), N_("Record a correction."), listed)
    return Judged(Standing.MET, N_("Method: {method}; tool: {tool}, version {tool_version}."), facts=facts)


def _translation(record: Record) -> Judged:
    made = _records(record, CustodyEvent.DERIVATION)
    if any(one.facts["kind"] == Derived.TRANSLATION for one in made):
        return Judged(Standing.MET, N_("A translation was made and is an item of its own."))
    return Judged(
        Standing.NOT_KNOWN,
        N_("Nothing in the record says in which language it is, and no translation was made of it."),
        N_("If the court does not read its language, have it translated and record the translation."),
    )


def _disclosure(record: Record) -> Judged:
    if not _records(record, CustodyEvent.EXPORT):
        return Judged(
            Standing.MISSING,
            N_("It was not exported to anybody yet."),
            N_("Export it to whom the law lets see it, the defence among them."),
        )
    return Judged(
        Standing.NOT_KNOWN,
        N_("It was exported; whether the defence has it is not in the custody record."),
        N_("Compare the list of what was disclosed."),
    )


def _handling(record: Record) -> Judged:
    try:
        record.chain.hold_leave(exporting=True)
    except ComityError as barred:
        return Judged(
            Standing.MISSING,
            N_("A handling code bars it from a court: {why}"),
            N_("Ask the owner, and record the leave."),
            (("why", str(barred)),),
        )
    return Judged(Standing.MET, N_("No handling code bars it from a court."))


def _protected(record: Record) -> Judged:
    flags = (("flags", ", ".join(sorted(record.open_flags))),)
    if record.open_flags:
        return Judged(
            Standing.MISSING,
            N_("It concerns protected persons or content ({flags}), and nobody has reviewed that."),
            N_("Somebody else than who hands it over reviews it."),
            flags,
        )
    return Judged(Standing.MET, N_("No unreviewed flag stands on it."))


def _person(_record: Record) -> Judged:
    return Judged(
        Standing.NOT_KNOWN, N_("No record shows this: a person answers it."), N_("Ask who knows the law of that court.")
    )


TESTS: Final[Mapping[str, Callable[[Record], Judged]]] = MappingProxyType(
    {
        "origin": _origin,
        "authority": _authority,
        "integrity": _integrity,
        "custody": _custody,
        "time_source": _time,
        "method": _method,
        "translation": _translation,
        "disclosure": _disclosure,
        "handling": _handling,
        "protected": _protected,
        "person": _person,
    }
)
"""What a profile may ask for."""
