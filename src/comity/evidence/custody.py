"""Custody: who had an item, since when, on what ground; a chain of signed records, each citing the one before.

* The first record is the acquisition: where the item comes from, by which method, on which authorisation, and its hashes.
* Every record is signed by the acting official and that official's node. A transfer is one record with four
  signatures: giver and giver's node, receiver and receiver's node. Until all four are there it has not happened.
* Only the node that holds the item acts on it; a transfer moves it.
* Hashes never change: a transfer repeats them, and the ciphertext's hash is stated when it is read for the hand-over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.authorisations.scope import Scope
from comity.authorities.directory import verify_official
from comity.authorities.officials import Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, moment, stamp
from comity.errors import N_, ComityError
from comity.evidence import shapes
from comity.evidence.item import Item

CUSTODY: Final = "comity/custody/v1"
RECORDS_MAX: Final = 10_000
CLOCKS_DIFFER_MAX: Final = timedelta(minutes=5)
_NAMES: Final = frozenset({"item", "seq", "event", "previous", "at", "node", "by", "facts"})
_ORIGIN: Final = frozenset({"place", "device", "method", "tool", "tool_version", "time_source"})


class CustodyBroken(ComityError):
    """A chain of custody has a gap, a contradiction, or a record that is not what it must be."""

    code = "evidence.custody_broken"
    sentence = N_("the custody of item {item} is broken at record {seq}: {why}")
    hint = N_("Treat the item as of unknown custody from there on; ask who held it for the record.")


class CustodyEvent(StrEnum):
    """What may happen to an item."""

    ACQUISITION = "acquisition"
    ACCESS = "access"
    TRANSFER = "transfer"
    EXPORT = "export"


FACTS: Final[Mapping[CustodyEvent, frozenset[str]]] = {
    CustodyEvent.ACQUISITION: frozenset({"item", "origin", "letter", "authorisation", "scope"}),
    CustodyEvent.ACCESS: frozenset({"reason"}),
    CustodyEvent.TRANSFER: frozenset(
        {
            "transfer",
            "letter",
            "authorisation",
            "receiver",
            "ground",
            "gate",
            "sha256",
            "key_commitment",
            "sealed_sha256",
        }
    ),
    CustodyEvent.EXPORT: frozenset({"reason", "letter"}),
}
"""What each record states, and nothing else."""

_POWER: Final = {
    CustodyEvent.ACQUISITION: Power.TAKE_IN_EVIDENCE,
    CustodyEvent.ACCESS: Power.TAKE_IN_EVIDENCE,
    CustodyEvent.TRANSFER: Power.HAND_OVER_EVIDENCE,
    CustodyEvent.EXPORT: Power.EXPORT_EVIDENCE,
}


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
            facts=_facts(event, facts, item=item, seq=seq),
        )


def _facts(event: CustodyEvent, facts: JsonObject, *, item: str, seq: int) -> JsonObject:
    """The facts again, each held to its shape."""
    if event is CustodyEvent.ACQUISITION:
        origin = facts["origin"]
        if not isinstance(origin, dict) or set(origin) != _ORIGIN:
            raise CustodyBroken(item=item, seq=seq, why=f"the origin states exactly {', '.join(sorted(_ORIGIN))}")
        for name, text in origin.items():
            shapes.text(text, field=name)
        Scope.from_record(facts["scope"])
        if Item.from_record(facts["item"]).id != item:
            raise CustodyBroken(item=item, seq=seq, why="it acquires another item")
        if not facts["authorisation"]:
            raise CustodyBroken(item=item, seq=seq, why="no authorisation is named: without one nothing is taken in")
    elif event in {CustodyEvent.ACCESS, CustodyEvent.EXPORT}:
        shapes.text(facts["reason"], field="reason")
    elif not isinstance(facts["receiver"], dict) or not isinstance(facts["gate"], list):
        raise CustodyBroken(item=item, seq=seq, why="the receiver is an official's record, the gate a list of reasons")
    else:
        shapes.reference(facts["transfer"], field="transfer")
    for name in {"letter", "authorisation"} & set(facts):
        shapes.digest(facts[name], field=name)
    return facts


def acquired(record: CustodyRecord) -> Item:
    """The item that an acquisition brought in."""
    assert record.event is CustodyEvent.ACQUISITION, "only the first record names the whole item"
    return Item.from_record(record.facts["item"])


@dataclass(frozen=True)
class Chain:
    """A proven chain: the item, its records in order, and the node that holds it after the last."""

    item: Item
    records: tuple[CustodyRecord, ...]
    holder: str
    last: str

    def following(self, event: CustodyEvent, *, by: JsonObject, facts: JsonObject, at: datetime) -> Statement:
        """The unsigned text of the next record; raises as `from_body` and `CustodyBroken`."""
        record = CustodyRecord(
            item=self.item.id,
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


def first_text(item: Item, *, by: JsonObject, facts: JsonObject, at: datetime) -> Statement:
    """The unsigned text of an acquisition; raises as `from_body`."""
    record = CustodyRecord(
        item=item.id,
        seq=0,
        event=CustodyEvent.ACQUISITION,
        previous="",
        at=moment(stamp(at)),
        node=str(by.get("node")),
        by=by,
        facts={**facts, "item": item.as_record()},
    )
    return Statement(type=CUSTODY, body=CustodyRecord.from_body(record.as_body()).as_body())


def read_record(statement: Statement, *, known: Officials) -> Proven[CustodyRecord]:
    """One record with all the signatures it needs, and no others; raises what does not hold."""
    return _read(statement, known=known, with_receiver=True)


def read_offer(statement: Statement, *, known: Officials) -> Proven[CustodyRecord]:
    """A transfer that the giver signed and the receiver has yet to sign; raises what does not hold."""
    proven = _read(statement, known=known, with_receiver=False)
    if proven.record.event is not CustodyEvent.TRANSFER:
        raise CustodyBroken(item=proven.record.item, seq=proven.record.seq, why="only a transfer is offered")
    return proven


def _read(statement: Statement, *, known: Officials, with_receiver: bool) -> Proven[CustodyRecord]:
    record = CustodyRecord.from_body(statement.body)
    signers = [known.who(record.by, what="custody record")]
    times = [record.at]
    if signers[0][0].node != record.node:
        raise CustodyBroken(item=record.item, seq=record.seq, why=f"{record.node} acts through another node's official")
    signers[0][0].actor.require(_POWER[record.event])
    if record.event is CustodyEvent.TRANSFER and with_receiver:
        receiver = known.who(record.facts["receiver"], what="custody record")
        receiver[0].actor.require(Power.TAKE_IN_EVIDENCE)
        signers.append(receiver)
        # the record's time is the giver's; the receiver's mandate is judged with what two clocks may differ
        times.append(max(record.at, min(receiver[0].from_, record.at + CLOCKS_DIFFER_MAX)))
    keys = []
    for (entry, home), at in zip(signers, times, strict=True):
        verify_official(statement, type=CUSTODY, entry=entry, at=at)
        keys += [entry.credential, home.key]
    verify_all(statement, type=CUSTODY, keys=keys)
    return Proven(statement=statement, record=record)


def begin_chain(proven: Proven[CustodyRecord]) -> Chain:
    """The chain that an acquisition begins; raises `CustodyBroken`."""
    record = proven.record
    if record.event is not CustodyEvent.ACQUISITION or record.seq != 0 or record.previous:
        raise CustodyBroken(item=record.item, seq=record.seq, why="a chain begins with the acquisition, number 0")
    return Chain(item=acquired(record), records=(record,), holder=record.node, last=proven.digest)


def extend(chain: Chain, proven: Proven[CustodyRecord]) -> Chain:
    """The chain with one more record; raises `CustodyBroken`."""
    record = proven.record
    _hold_follows(record, chain)
    holder = chain.holder
    if record.event is CustodyEvent.TRANSFER:
        holder = str(record.facts["receiver"]["node"])
    return Chain(item=chain.item, records=(*chain.records, record), holder=holder, last=proven.digest)


def read_chain(statements: Sequence[Statement], *, known: Officials) -> Chain:
    """The whole custody of one item; raises the first thing that does not hold, with the record's number."""
    if not 1 <= len(statements) <= RECORDS_MAX:
        raise CustodyBroken(item="?", seq=0, why=f"1 to {RECORDS_MAX} records are read, found {len(statements)}")
    chain = begin_chain(read_record(statements[0], known=known))
    for statement in statements[1:]:
        chain = extend(chain, read_record(statement, known=known))
    return chain


def _hold_follows(record: CustodyRecord, chain: Chain) -> None:
    before = chain.records[-1]
    for holds, why in (
        (record.item == chain.item.id, f"it is of item {record.item}"),
        (record.seq == len(chain.records), f"number {len(chain.records)} was expected"),
        (record.previous == chain.last, "it does not cite the record before it"),
        (record.event is not CustodyEvent.ACQUISITION, "an item is acquired once"),
        (record.node == chain.holder, f"{chain.holder} holds the item, and {record.node} acts"),
        (record.at >= before.at, f"it is dated {stamp(record.at)}, before {stamp(before.at)}"),
    ):
        if not holds:
            raise CustodyBroken(item=chain.item.id, seq=record.seq, why=why)
    if record.event is CustodyEvent.TRANSFER:
        stated = (record.facts["sha256"], record.facts["key_commitment"])
        if stated != (chain.item.sha256, chain.item.key_commitment):
            raise CustodyBroken(item=chain.item.id, seq=record.seq, why="it states other hashes than the acquisition")
