"""Verifying a bundle, the custody of things: of the item, and of what it was made of, a thing on a shelf or another item.

* What an item was made of says so in a record of its own custody, which names the item and its hash; the item cites that record.
* The custody of that thing comes along as far as the exporting node keeps it. The node that made the item keeps it always.
* A thing is no item of the bundle: it needs no export and has no content here.
"""

from typing import Final

from comity.canon import stamp
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, begin_chain, extend, read_record
from comity.evidence.events import MOVES, Thing
from comity.evidence.exhibit import seal_numbers
from comity.evidence.item import Item
from comity.evidence.member import custody_member, letter_member
from comity.exchange.verification_ends import SINCE_FORMAT
from comity.exchange.verification_held import Contradiction, Held

Details = tuple[str, ...]
_SIGNATURES: Final = {True: "three signatures", False: "four signatures"}


def read_kept(held: Held, reference: str) -> Chain | None:
    """The proven custody of one item or exhibit, if it is here; raises `CustodyBroken` and what `read_record` raises."""
    chain: Chain | None = None
    for name in held.under(f"custody/{reference}/"):
        proven = read_record(held.read_statement(name), known=held.officials)
        if chain is not None:
            _hold_may_go(chain, proven.record)
        chain = begin_chain(proven) if chain is None else extend(chain, proven)
        if name != custody_member(reference, seq=proven.record.seq):
            raise Contradiction(why=f"it is record {proven.record.seq} of item {proven.record.item}")
        held.custody[proven.digest] = proven
        held.use(name)
    return chain


def _hold_may_go(chain: Chain, record: CustodyRecord) -> None:
    """Hold that origin and leave were recorded before a thing went; raises `OriginMissing` or `LeaveMissing`."""
    if record.event is CustodyEvent.EXPORT or leaves(record):
        chain.hold_origin()
        chain.hold_leave(exporting=record.event is CustodyEvent.EXPORT)


def leaves(record: CustodyRecord) -> bool:
    """Whether the record moves the thing to another node."""
    return record.event in MOVES and record.facts["receiver"]["node"] != record.node


def hold_letters(held: Held, chain: Chain) -> None:
    """Hold that every record is about the letter of the first; that letter, and what it follows, are needed."""
    digest = str(chain.records[0].facts["letter"])
    for record in chain.records:
        held.member = custody_member(chain.thing.id, seq=record.seq)
        if record.facts.get("letter", digest) != digest:
            raise Contradiction(why="it names another letter than the acquisition")
    seen: set[str] = set()
    while digest and digest not in seen:
        letter = held.letter(digest)
        held.use(letter_member(digest))
        seen.add(digest)
        digest = letter.record.linked


def told(record: CustodyRecord) -> str:
    """One record in words."""
    who = f"{record.by['official']} ({record.by['office']}, {record.node})"
    if record.event in MOVES:
        receiver = record.facts["receiver"]
        to = f"{receiver['official']} ({receiver['office']}, {receiver['node']})"
        word = record.event.value.replace("_", "-")
        return f"{stamp(record.at)} {word} by {who} to {to}: {_SIGNATURES[receiver['node'] == record.node]}"
    return f"{stamp(record.at)} {record.event.value} by {who}: two signatures"


def sources(held: Held) -> Details:
    """What every item was made of has an unbroken custody, in which stands that the item was made of it."""
    said: list[str] = []
    for chain in held.chains.values():
        made: Chain | None = chain
        while made is not None:
            made = _source(held, made, said)
    return tuple(said) or ("nothing here was made of a thing that is on record",)


def _source(held: Held, made: Chain, said: list[str]) -> Chain | None:
    """The custody of what this was made of, if it names anything and that is here; raises what does not hold."""
    begun = made.records[0]
    cited = begun.facts["source"]
    if cited is None:
        return None
    held.member = custody_member(made.thing.id, seq=0)
    reference, name = str(cited["reference"]), f"{cited['thing']} {cited['reference']}"
    chain = held.sources.get(reference) or read_kept(held, reference)
    if chain is None:
        if begun.node == held.manifest.node and held.manifest.format >= SINCE_FORMAT:
            raise Contradiction(
                why=f"it was made of {name} at {begun.node}, and the custody of that is not in the bundle"
            )
        held.checked = False
        said.append(
            f"item {made.thing.id} was made of {name}, whose custody is with {begun.node}: ask that node for it"
        )
        return None
    held.sources[reference] = chain
    _hold_made(held, made, chain)
    hold_letters(held, chain)
    said.append(f"item {made.thing.id} was made of {_described(chain)}")
    said += [f"{one.seq} {told(one)}" for one in chain.records]
    return chain


def _hold_made(held: Held, made: Chain, chain: Chain) -> None:
    """Hold that the record which the item cites stands in that custody, and names the item; raises `Contradiction`."""
    begun = made.records[0]
    cited = begun.facts["source"]
    held.member = custody_member(made.thing.id, seq=0)
    if chain.kind.value != cited["thing"]:
        raise Contradiction(why=f"it was made of an {cited['thing']}, and an {chain.kind.value} is there")
    record = held.custody[cited["record"]].record if cited["record"] in held.custody else None
    if record is None or record.item != chain.thing.id or record.event is not CustodyEvent.DERIVATION:
        raise Contradiction(why="the record of its making that it cites is not in that custody")
    if (record.facts["derived"], record.facts["sha256"]) != (made.thing.id, made.item.sha256) or record.at > begun.at:
        raise Contradiction(why="the record of its making that it cites is of something else")


def _described(chain: Chain) -> str:
    """What it was made of, and in whose hands and under which seals it is after the last record that is here."""
    if isinstance(chain.thing, Item):
        return f"item {chain.thing.id}: {chain.thing.name}, SHA-256 {chain.thing.sha256}"
    thing = chain.exhibit
    serial = f", serial {thing.serial}" if thing.serial else ""
    seals = ", ".join(sorted(chain.seals)) or "none"
    began = ", ".join(seal_numbers(chain.records[0].facts["seals"], field="seals")) or "none"
    where = f"{chain.records[-1].event.value} recorded" if chain.ended else f"with {chain.holder}"
    return (
        f"{Thing.EXHIBIT.value} {thing.number} ({thing.kind.value}{serial}): {thing.description}; seals when seized: {began};"
        f" seals now: {seals}; {where}"
    )
