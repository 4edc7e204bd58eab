"""Custody: who had an item or an exhibit, since when, on what ground; a chain of signed records, each citing the one before.

* The first record is the acquisition of an item or the seizure of an exhibit: where it comes from, by which method, on which
  authorisation; of an item, its hashes.
* Every record is signed by the acting official and that official's node; a disposal by a retention schedule by the node alone. A transfer of an item and a hand-over of an exhibit
  are one record with the signatures of giver and receiver and of their nodes. Until all are there it has not happened.
* Only the node that holds the thing acts on it; a transfer moves it. After a return or a disposal nobody acts on it.
* Hashes never change: a transfer repeats them, and the ciphertext's hash is stated when it is read.
* What each event states is fixed in `events`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import verify_official
from comity.authorities.officials import Officials, Proven
from comity.authorities.roles import Power, Role
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence.erasure import RETENTION
from comity.evidence.events import (
    BEGINNINGS,
    ENDS,
    FACTS,
    HAPPENS_TO,
    MOVES,
    NEEDED,
    NOT_STATED,
    POWER,
    Thing,
    checked,
)
from comity.evidence.events import CustodyBroken as CustodyBroken  # noqa: PLC0414 - part of what this module offers
from comity.evidence.events import CustodyEvent as CustodyEvent  # noqa: PLC0414 - as above
from comity.evidence.exhibit import Exhibit, seal_numbers, seals_after
from comity.evidence.item import Item
from comity.evidence.marking import LeaveMissing, Marking, Said, asks_leave, read_leave
from comity.evidence.shapes import ShapeBroken

CUSTODY: Final = "comity/custody/v1"
RECORDS_MAX: Final = 10_000
CLOCKS_DIFFER_MAX: Final = timedelta(minutes=5)
_NAMES: Final = frozenset({"item", "seq", "event", "previous", "at", "node", "by", "facts"})


class OriginMissing(ComityError):
    """Nothing is handed over or disclosed as long as nobody recorded where it comes from."""

    code = "evidence.origin_missing"
    sentence = N_("the origin of item {item} is not recorded in full: {missing} not stated")
    hint = N_("Record a correction that states the whole origin, with its reason.")


@dataclass(frozen=True)
class CustodyRecord:
    """One link. `previous` is the digest of the record before, empty for the first; `node` holds the item and acts."""

    item: str
    seq: int
    event: CustodyEvent
    previous: str
    at: datetime
    node: str
    by: JsonObject
    facts: JsonObject

    def as_body(self) -> JsonObject:
        """The record as the body of a statement."""
        return {
            "item": self.item,
            "seq": self.seq,
            "event": self.event.value,
            "previous": self.previous,
            "at": stamp(self.at),
            "node": self.node,
            "by": self.by,
            "facts": self.facts,
        }

    def logged(self) -> JsonObject:
        """What a log says of the record beside what it is about."""
        about = {"item", "exhibit", "letter", "authorisation"}
        return {name: fact for name, fact in self.facts.items() if name not in about}

    @classmethod
    def from_body(cls, body: JsonObject) -> "CustodyRecord":
        """Read `as_body` back; raises `CustodyBroken`, `NotAMoment`, and as `Item`, `Scope` and `plain`."""
        if set(body) != _NAMES:
            raise CustodyBroken(item="?", seq="?", why=f"expected exactly {', '.join(sorted(_NAMES))}")
        item, seq = str(body["item"])[:40], body["seq"]
        if type(seq) is not int or not 0 <= seq < RECORDS_MAX:
            raise CustodyBroken(item=item, seq="?", why="its number is none")
        if not isinstance(body["event"], str) or body["event"] not in {event.value for event in CustodyEvent}:
            raise CustodyBroken(item=item, seq=seq, why=f"{str(body['event'])[:40]!r} is no event of custody")
        event, facts = CustodyEvent(body["event"]), body["facts"]
        if not isinstance(facts, dict) or set(facts) != FACTS[event] or not isinstance(body["by"], dict):
            raise CustodyBroken(item=item, seq=seq, why=f"it must state exactly {', '.join(sorted(FACTS[event]))}")
        return cls(
            item=item,
            seq=seq,
            event=event,
            previous=str(body["previous"]),
            at=moment(body["at"]),
            node=str(body["node"]),
            by=body["by"],
            facts=_checked(event, facts, item=item, seq=seq),
        )


def _checked(event: CustodyEvent, facts: JsonObject, *, item: str, seq: int) -> JsonObject:
    """The facts again, each held to its shape."""
    if event in BEGINNINGS and not facts["authorisation"]:
        raise CustodyBroken(item=item, seq=seq, why="no authorisation is named: without one nothing is taken in")
    return checked(event, facts, item=item)


def acquired(record: CustodyRecord) -> Item | Exhibit:
    """What a first record brought in."""
    assert record.event in BEGINNINGS, "only the first record names the whole thing"
    if BEGINNINGS[record.event] is Thing.ITEM:
        return Item.from_record(record.facts["item"])
    return Exhibit.from_record(record.facts["exhibit"])


@dataclass(frozen=True)
class Chain:
    """A proven chain: the thing, its records in order, and the node that holds it after the last."""

    thing: Item | Exhibit
    records: tuple[CustodyRecord, ...]
    holder: str
    last: str
    seals: frozenset[str] = frozenset()

    @property
    def item(self) -> Item:
        """The item; raises `CustodyBroken` where the chain is an exhibit's."""
        if not isinstance(self.thing, Item):
            raise CustodyBroken(item=self.thing.id, seq=0, why="it is a thing on a shelf, where a file was expected")
        return self.thing

    @property
    def exhibit(self) -> Exhibit:
        """The exhibit; raises `CustodyBroken` where the chain is an item's."""
        if not isinstance(self.thing, Exhibit):
            raise CustodyBroken(item=self.thing.id, seq=0, why="it is a file, where a thing on a shelf was expected")
        return self.thing

    @property
    def kind(self) -> Thing:
        """What the chain is about."""
        return Thing.ITEM if isinstance(self.thing, Item) else Thing.EXHIBIT

    @property
    def said(self) -> tuple[Said, ...]:
        """The markings and leaves in order."""
        found: list[Said] = []
        for one in self.records:
            if one.event is CustodyEvent.MARKING:
                found.append(Said(one.node, Marking.from_record(one.facts)))
            elif one.event is CustodyEvent.LEAVE:
                found.append(Said(one.node, read_leave(one.facts)))
        return tuple(found)

    @property
    def origin(self) -> JsonObject:
        """Where it comes from, as it was recorded last."""
        stated = [one.facts["origin"] for one in self.records if "origin" in one.facts]
        origin: JsonObject = stated[-1]
        return origin

    @property
    def ended(self) -> bool:
        """Whether it was returned or disposed of."""
        return self.records[-1].event in ENDS

    def hold_origin(self) -> None:
        """Hold that what has to be known of its origin is recorded; raises `OriginMissing`."""
        if missing := [name for name in NEEDED if self.origin[name] == NOT_STATED]:
            raise OriginMissing(item=self.thing.id[:8], missing=", ".join(missing))

    def hold_leave(self, *, exporting: bool) -> None:
        """Hold that no handling code bars the holder from this; raises `LeaveMissing`."""
        for asked in asks_leave(self.said, by=self.holder, exporting=exporting):
            raise LeaveMissing(item=self.thing.id[:8], codes=", ".join(sorted(asked.codes)), owner=asked.owner)

    def following(self, event: CustodyEvent, *, by: JsonObject, facts: JsonObject, at: datetime) -> Statement:
        """The unsigned text of the next record; raises as `from_body` and `CustodyBroken`."""
        record = CustodyRecord(
            item=self.thing.id,
            seq=len(self.records),
            event=event,
            previous=self.last,
            at=moment(stamp(at)),
            node=str(by.get("node")),
            by=by,
            facts=facts,
        )
        _hold_follows(record, self)
        return Statement(type=CUSTODY, body=CustodyRecord.from_body(record.as_body()).as_body())


def first_text(thing: Item | Exhibit, *, by: JsonObject, facts: JsonObject, at: datetime) -> Statement:
    """The unsigned text of an acquisition or a seizure; raises as `from_body`."""
    kind = Thing.ITEM if isinstance(thing, Item) else Thing.EXHIBIT
    record = CustodyRecord(
        item=thing.id,
        seq=0,
        event=next(event for event, begun in BEGINNINGS.items() if begun is kind),
        previous="",
        at=moment(stamp(at)),
        node=str(by.get("node")),
        by=by,
        facts={**facts, kind.value: thing.as_record()},
    )
    return Statement(type=CUSTODY, body=CustodyRecord.from_body(record.as_body()).as_body())


def read_record(statement: Statement, *, known: Officials) -> Proven[CustodyRecord]:
    """One record with all the signatures it needs, and no others; raises what does not hold."""
    return _read(statement, known=known, with_receiver=True)


def read_offer(statement: Statement, *, known: Officials) -> Proven[CustodyRecord]:
    """A transfer or hand-over that the giver signed and the receiver has yet to sign; raises what does not hold."""
    proven = _read(statement, known=known, with_receiver=False)
    if proven.record.event not in MOVES:
        raise CustodyBroken(item=proven.record.item, seq=proven.record.seq, why="only a transfer is offered")
    return proven


def _read(statement: Statement, *, known: Officials, with_receiver: bool) -> Proven[CustodyRecord]:
    record = CustodyRecord.from_body(statement.body)
    if record.event is CustodyEvent.DISPOSAL and record.by.get("role") == Role.SERVICE:
        return _by_schedule(statement, record, known=known)
    signers = [known.who(record.by, what="custody record")]
    times = [record.at]
    if signers[0][0].node != record.node:
        raise CustodyBroken(item=record.item, seq=record.seq, why=f"{record.node} acts through another node's official")
    signers[0][0].actor.require(POWER[record.event])
    if record.event in MOVES and with_receiver:
        receiver = known.who(record.facts["receiver"], what="custody record")
        if all(record.facts["receiver"].get(name) == record.by.get(name) for name in ("node", "official")):
            raise CustodyBroken(item=record.item, seq=record.seq, why="nobody hands over to himself")
        receiver[0].actor.require(Power.TAKE_IN_EVIDENCE)
        signers.append(receiver)
        # the record's time is the giver's; the receiver's mandate is judged with what two clocks may differ
        times.append(max(record.at, min(receiver[0].from_, record.at + CLOCKS_DIFFER_MAX)))
    keys = []
    for (entry, home), at in zip(signers, times, strict=True):
        verify_official(statement, type=CUSTODY, entry=entry, at=at)
        keys += [one for one in (entry.credential, home.key) if one not in keys]  # two of one node: its key signs once
    verify_all(statement, type=CUSTODY, keys=keys)
    return Proven(statement=statement, record=record)


def _by_schedule(statement: Statement, record: CustodyRecord, *, known: Officials) -> Proven[CustodyRecord]:
    """A disposal that the node records by itself, because the time ran out for which it may keep the thing."""
    home = known.homes.get(record.node)
    if home is None or record.by.get("node") != record.node or record.facts["law"] != RETENTION:
        raise CustodyBroken(item=record.item, seq=record.seq, why="a machine disposes by its own node's schedule only")
    verify_all(statement, type=CUSTODY, keys=[home.key])
    return Proven(statement=statement, record=record)


def begin_chain(proven: Proven[CustodyRecord]) -> Chain:
    """The chain that an acquisition or a seizure begins; raises `CustodyBroken`."""
    record = proven.record
    if record.event not in BEGINNINGS or record.seq != 0 or record.previous:
        raise CustodyBroken(item=record.item, seq=record.seq, why="a chain begins with the taking in, number 0")
    seals = frozenset(seal_numbers(record.facts.get("seals", []), field="seals"))
    return Chain(thing=acquired(record), records=(record,), holder=record.node, last=proven.digest, seals=seals)


def extend(chain: Chain, proven: Proven[CustodyRecord]) -> Chain:
    """The chain with one more record; raises `CustodyBroken`."""
    record = proven.record
    seals = _hold_follows(record, chain)
    holder = str(record.facts["receiver"]["node"]) if record.event in MOVES else chain.holder
    return Chain(thing=chain.thing, records=(*chain.records, record), holder=holder, last=proven.digest, seals=seals)


def read_chain(statements: Sequence[Statement], *, known: Officials) -> Chain:
    """The whole custody of one item or exhibit; raises the first thing that does not hold, with the record's number."""
    if not 1 <= len(statements) <= RECORDS_MAX:
        raise CustodyBroken(item="?", seq=0, why=f"1 to {RECORDS_MAX} records are read, found {len(statements)}")
    chain = begin_chain(read_record(statements[0], known=known))
    for statement in statements[1:]:
        chain = extend(chain, read_record(statement, known=known))
    return chain


def _hold_follows(record: CustodyRecord, chain: Chain) -> frozenset[str]:
    """Hold that the record is the next one of the chain; the seals that are on the thing after it."""
    before = chain.records[-1]
    for holds, why in (
        (record.item == chain.thing.id, f"it is of item {record.item}"),
        (record.seq == len(chain.records), f"number {len(chain.records)} was expected"),
        (record.previous == chain.last, "it does not cite the record before it"),
        (record.event not in BEGINNINGS, "an item is acquired once"),
        (
            chain.kind in HAPPENS_TO[record.event],
            f"{record.event.value} is nothing that happens to an {chain.kind.value}",
        ),
        (before.event not in ENDS, f"the chain ended with its {before.event.value}"),
        (record.node == chain.holder, f"{chain.holder} holds the item, and {record.node} acts"),
        (record.at >= before.at, f"it is dated {stamp(record.at)}, before {stamp(before.at)}"),
    ):
        if not holds:
            raise CustodyBroken(item=chain.thing.id, seq=record.seq, why=why)
    try:
        return _HELD[record.event](record, chain) if record.event in _HELD else chain.seals
    except ShapeBroken as broken:
        raise CustodyBroken(item=chain.thing.id, seq=record.seq, why=str(broken)) from broken


def _hashes_again(record: CustodyRecord, chain: Chain) -> frozenset[str]:
    if (record.facts["sha256"], record.facts["key_commitment"]) != (chain.item.sha256, chain.item.key_commitment):
        raise ShapeBroken(field="sha256", why="it states other hashes than the acquisition")
    return chain.seals


def _copied(record: CustodyRecord, chain: Chain) -> frozenset[str]:
    """A copy of a file is that file; of a thing no hash is known."""
    expected = chain.thing.sha256 if isinstance(chain.thing, Item) else ""
    if record.facts["sha256"] != expected:
        raise ShapeBroken(field="sha256", why="it states another hash than the acquisition")
    return chain.seals


def _resealed(record: CustodyRecord, chain: Chain) -> frozenset[str]:
    facts = record.facts
    if bool(facts["sealed_sha256"]) != (chain.kind is Thing.ITEM):
        raise ShapeBroken(field="sealed_sha256", why="a file has the hash of its seal, and a thing has none")
    return seals_after(facts["seals"], broken=facts["broken"], on=chain.seals)


def _seals_seen(record: CustodyRecord, chain: Chain) -> frozenset[str]:
    if frozenset(record.facts["seals"]) != chain.seals:
        raise ShapeBroken(
            field="seals", why=f"it goes with other seals than {', '.join(sorted(chain.seals)) or 'none'}"
        )
    return chain.seals


_HELD: Final = {
    CustodyEvent.TRANSFER: _hashes_again,
    CustodyEvent.COPY: _copied,
    CustodyEvent.SEALING: _resealed,
    CustodyEvent.HAND_OVER: _seals_seen,
}
"""What a record has to share with the chain before it."""
