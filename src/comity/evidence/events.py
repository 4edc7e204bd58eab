"""What may happen to an item or an exhibit, what each record states of it, and on which power; nothing else is custody.

* An item is a sealed file; an exhibit is a thing on a shelf. Some events happen to one of them only (`HAPPENS_TO`).
* A return and a disposal end a chain: what is gone is not acted on.
* What of an origin is not known is `not_stated`, and says so. A correction states the whole origin again, with its reason;
  the record that it corrects stays.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.authorisations.scope import Scope
from comity.authorities.roles import Power
from comity.canon import Json, JsonObject, moment
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.exhibit import Exhibit, seal_numbers
from comity.evidence.item import Item
from comity.evidence.marking import Marking, read_leave


class CustodyBroken(ComityError):
    """A chain of custody has a gap, a contradiction, or a record that is not what it must be."""

    code = "evidence.custody_broken"
    sentence = N_("the custody of item {item} is broken at record {seq}: {why}")
    hint = N_("Treat the item as of unknown custody from there on; ask who held it for the record.")


class CustodyEvent(StrEnum):
    """What may happen to an item or an exhibit."""

    ACQUISITION = "acquisition"
    SEIZURE = "seizure"
    CORRECTION = "correction"
    SEALING = "sealing"
    PLACEMENT = "placement"
    ACCESS = "access"
    COPY = "copy"
    DERIVATION = "derivation"
    MARKING = "marking"
    LEAVE = "leave"
    TRANSFER = "transfer"
    HAND_OVER = "hand_over"
    EXPORT = "export"
    RETURN = "return"
    DISPOSAL = "disposal"


class Thing(StrEnum):
    """What a chain is about."""

    ITEM = "item"
    EXHIBIT = "exhibit"


class Derived(StrEnum):
    """What was made of something."""

    EXTRACT = "extract"
    CONVERSION = "conversion"
    TRANSLATION = "translation"
    REDACTION = "redaction"
    IMAGE = "image"
    PHOTOGRAPH = "photograph"


BEGINNINGS: Final[Mapping[CustodyEvent, Thing]] = MappingProxyType(
    {CustodyEvent.ACQUISITION: Thing.ITEM, CustodyEvent.SEIZURE: Thing.EXHIBIT}
)
MOVES: Final = frozenset({CustodyEvent.TRANSFER, CustodyEvent.HAND_OVER})
"""Signed by giver and receiver; from then on the receiver's node holds it."""
ENDS: Final = frozenset({CustodyEvent.RETURN, CustodyEvent.DISPOSAL})

_BOTH: Final = frozenset(Thing)
_ITEMS: Final = frozenset({Thing.ITEM})
_EXHIBITS: Final = frozenset({Thing.EXHIBIT})
HAPPENS_TO: Final[Mapping[CustodyEvent, frozenset[Thing]]] = MappingProxyType(
    dict.fromkeys(CustodyEvent, _BOTH)
    | dict.fromkeys((CustodyEvent.ACQUISITION, CustodyEvent.TRANSFER, CustodyEvent.EXPORT), _ITEMS)
    | dict.fromkeys(
        (CustodyEvent.SEIZURE, CustodyEvent.PLACEMENT, CustodyEvent.HAND_OVER, CustodyEvent.RETURN), _EXHIBITS
    )
)

_MOVED: Final = frozenset({"transfer", "letter", "authorisation", "receiver", "ground", "gate"})
_BEGUN: Final = frozenset({"origin", "letter", "authorisation", "scope", "source"})
FACTS: Final[Mapping[CustodyEvent, frozenset[str]]] = MappingProxyType(
    {
        CustodyEvent.ACQUISITION: _BEGUN | {"item"},
        CustodyEvent.SEIZURE: _BEGUN | {"exhibit", "place", "seals"},
        CustodyEvent.CORRECTION: frozenset({"origin", "reason"}),
        CustodyEvent.SEALING: frozenset({"sealed_sha256", "seals", "broken", "reason"}),
        CustodyEvent.PLACEMENT: frozenset({"place", "reason"}),
        CustodyEvent.ACCESS: frozenset({"reason"}),
        CustodyEvent.COPY: frozenset({"medium", "recipient", "sha256", "reason"}),
        CustodyEvent.DERIVATION: frozenset({"kind", "derived", "sha256", "method", "tool", "tool_version", "reason"}),
        CustodyEvent.MARKING: frozenset({"reliability", "handling", "tags", "reason"}),
        CustodyEvent.LEAVE: frozenset({"codes", "given_by", "document", "reason"}),
        CustodyEvent.TRANSFER: _MOVED | {"sha256", "key_commitment", "sealed_sha256"},
        CustodyEvent.HAND_OVER: _MOVED | {"seals", "place", "reason"},
        CustodyEvent.EXPORT: frozenset({"reason", "letter"}),
        CustodyEvent.RETURN: frozenset({"recipient", "document", "reason"}),
        CustodyEvent.DISPOSAL: frozenset({"method", "law", "article", "witness", "document", "reason"}),
    }
)
"""What each record states, and nothing else."""

POWER: Final[Mapping[CustodyEvent, Power]] = MappingProxyType(
    dict.fromkeys(CustodyEvent, Power.TAKE_IN_EVIDENCE)
    | dict.fromkeys(MOVES, Power.HAND_OVER_EVIDENCE)
    | {CustodyEvent.EXPORT: Power.EXPORT_EVIDENCE}
)
ORIGIN: Final = (
    *("place", "device", "method", "tool", "tool_version", "time_source"),
    *("taken_at", "taken_by"),
)
NOT_STATED: Final = "not_stated"
NEEDED: Final = ("place", "device", "method", "tool", "time_source")
"""What of an origin has to be known before anything is handed over or disclosed."""


def checked(event: CustodyEvent, facts: JsonObject, *, item: str) -> JsonObject:
    """The facts again, each held to its shape; raises what does not hold (`ShapeBroken` where no other error says more)."""
    for name in {"letter", "authorisation"} & set(facts):
        shapes.digest(facts[name], field=name)
    for name in {"reason", "place", "medium", "recipient", "method", "tool", "tool_version"} & set(facts):
        shapes.text(facts[name], field=name)
    _CHECKS[event](facts, item)
    return facts


def _begins(facts: JsonObject, item: str) -> None:
    _origin(facts["origin"])
    Scope.from_record(facts["scope"])
    thing = Item.from_record(facts["item"]) if "item" in facts else Exhibit.from_record(facts["exhibit"])
    if thing.id != item:
        raise CustodyBroken(item=item, seq=0, why="it takes in something else than it is about")
    _source(facts["source"])
    if "seals" in facts:
        seal_numbers(facts["seals"], field="seals")


def _origin(stated: Json) -> None:
    origin = shapes.exactly(stated, ORIGIN, field="origin")
    for name, text in origin.items():
        shapes.text(text, field=name)
    if origin["taken_at"] != NOT_STATED:
        moment(origin["taken_at"])


def _correction(facts: JsonObject, _item: str) -> None:
    _origin(facts["origin"])


def _source(source: Json) -> None:
    """What it was made of: null, or an item or exhibit with the digest of the record that says so."""
    if source is None:
        return
    stated = shapes.exactly(source, ("thing", "reference", "record"), field="source")
    _one_of(stated["thing"], Thing, field="source")
    shapes.reference(stated["reference"], field="source")
    shapes.digest(stated["record"], field="source")


def _sealing(facts: JsonObject, _item: str) -> None:
    shapes.digest_or_none(facts["sealed_sha256"], field="sealed_sha256")
    applied = seal_numbers(facts["seals"], field="seals")
    seal_numbers(facts["broken"], field="broken")
    if bool(facts["sealed_sha256"]) == bool(applied):
        raise shapes.ShapeBroken(field="seals", why="a file has the hash of its seal, a thing has seal numbers")


def _copy(facts: JsonObject, _item: str) -> None:
    shapes.digest_or_none(facts["sha256"], field="sha256")


def _derivation(facts: JsonObject, item: str) -> None:
    _one_of(facts["kind"], Derived, field="kind")
    shapes.digest(facts["sha256"], field="sha256")
    if shapes.reference(facts["derived"], field="derived") == item:
        raise shapes.ShapeBroken(field="derived", why="nothing is made of itself")


def _marking(facts: JsonObject, _item: str) -> None:
    Marking.from_record(facts)


def _leave(facts: JsonObject, _item: str) -> None:
    read_leave(facts)


def _transfer(facts: JsonObject, _item: str) -> None:
    _moves(facts)
    for name in ("sha256", "key_commitment", "sealed_sha256"):
        shapes.digest(facts[name], field=name)


def _hand_over(facts: JsonObject, _item: str) -> None:
    _moves(facts)
    seal_numbers(facts["seals"], field="seals")


def _moves(facts: JsonObject) -> None:
    if not isinstance(facts["receiver"], dict) or not isinstance(facts["gate"], list):
        raise shapes.ShapeBroken(
            field="receiver", why="the receiver is an official's record, the gate a list of reasons"
        )
    if not all(isinstance(one, str) for one in facts["gate"]):
        raise shapes.ShapeBroken(field="gate", why="each reason is a text")
    if facts["ground"] is not None and not isinstance(facts["ground"], dict):
        raise shapes.ShapeBroken(field="ground", why="it is a ground's record, or null")
    shapes.reference(facts["transfer"], field="transfer")


def _return(facts: JsonObject, _item: str) -> None:
    shapes.text(facts["document"], field="document")


def _disposal(facts: JsonObject, _item: str) -> None:
    for name in ("law", "article", "witness", "document"):
        shapes.text(facts[name], field=name)


def _reasoned(_facts: JsonObject, _item: str) -> None:
    """Its texts are all there is."""


def _one_of(value: Json, kinds: type[StrEnum], *, field: str) -> None:
    if not isinstance(value, str) or value not in {one.value for one in kinds}:
        raise shapes.ShapeBroken(field=field, why=f"{str(value)[:40]!r} is none of {', '.join(kinds)}")


_CHECKS: Final[Mapping[CustodyEvent, Callable[[JsonObject, str], None]]] = MappingProxyType(
    {
        CustodyEvent.ACQUISITION: _begins,
        CustodyEvent.SEIZURE: _begins,
        CustodyEvent.CORRECTION: _correction,
        CustodyEvent.SEALING: _sealing,
        CustodyEvent.PLACEMENT: _reasoned,
        CustodyEvent.ACCESS: _reasoned,
        CustodyEvent.COPY: _copy,
        CustodyEvent.DERIVATION: _derivation,
        CustodyEvent.MARKING: _marking,
        CustodyEvent.LEAVE: _leave,
        CustodyEvent.TRANSFER: _transfer,
        CustodyEvent.HAND_OVER: _hand_over,
        CustodyEvent.EXPORT: _reasoned,
        CustodyEvent.RETURN: _return,
        CustodyEvent.DISPOSAL: _disposal,
    }
)
