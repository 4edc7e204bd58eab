"""The custody of one item as people read it: each record with who must sign it, and who did."""

from dataclasses import dataclass
from datetime import datetime

from comity.authorities.directory import Entry, Home
from comity.authorities.officials import Officials
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import CustodyEvent, CustodyRecord
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.models import TransferRow
from comity.registry.queries.people import known


@dataclass(frozen=True)
class Signed:
    """A signature that a record needs, and whether it is there; `node` tells a node's from an official's."""

    who: str
    node: bool
    given: bool


@dataclass(frozen=True)
class Link:
    """One record. `settled` is False for a hand-over that the receiver has yet to sign; it is no part of custody yet."""

    seq: int
    event: CustodyEvent
    at: datetime
    by: str
    holder: str
    receiver: str
    signatures: tuple[Signed, ...]
    digest: str
    body: JsonObject
    settled: bool


@dataclass(frozen=True)
class History:
    """The records in order, with the names of the nodes that they speak of."""

    links: tuple[Link, ...]
    nodes: tuple[tuple[str, str], ...]


def history(item: str, *, viewer: Actor) -> History:
    """The custody of an item, and the hand-over that is under way; raises `NoSuchThing`."""
    row = rows.item(item, viewer=viewer)
    everybody = known({}, viewer=viewer)
    links = [_link(bytes(one.statement), everybody, settled=True) for one in row.custody.order_by("seq")]
    under_way = TransferRow.objects.filter(item=item, outgoing=True).exclude(state=TransferRow.ACCEPTED).first()
    if under_way is not None:
        links.append(_link(bytes(under_way.statement), everybody, settled=False))
    return _told(links)


def offered_links(transfer: str, *, viewer: Actor) -> History:
    """The custody of an item that is offered to this node, as its giver tells it; raises `NoSuchThing`."""
    seen = access.visible_letters(viewer=viewer).values("pk")
    row = TransferRow.objects.filter(reference=transfer, outgoing=False, letter__in=seen).first()
    if row is None:
        raise access.NoSuchThing(what="transfer", reference=transfer[:8])
    everybody = known({}, viewer=viewer)
    before = [Statement.from_json(one).to_bytes() for one in row.custody]
    settled = row.state == TransferRow.ACCEPTED
    links = [_link(one, everybody, settled=True) for one in before]
    links.append(_link(bytes(row.statement), everybody, settled=settled))
    return _told(links)


def _told(links: list[Link]) -> History:
    named = dict.fromkeys(node for link in links for node in (link.holder, link.receiver) if node)
    return History(links=tuple(links), nodes=tuple((node, _name(node)) for node in named))


def _link(data: bytes, everybody: Officials, *, settled: bool) -> Link:
    statement = Statement.from_bytes(data)
    record = CustodyRecord.from_body(statement.body)
    entry, home = everybody.who(record.by, what="custody record")
    needed = [(entry, home)]
    receiver = ""
    if record.event is CustodyEvent.TRANSFER:
        needed.append(everybody.who(record.facts["receiver"], what="custody record"))
        receiver = str(record.facts["receiver"]["node"])
    return Link(
        seq=record.seq,
        event=record.event,
        at=record.at,
        by=entry.name,
        holder=record.node,
        receiver=receiver,
        signatures=tuple(one for pair in needed for one in _signed(statement, *pair)),
        digest=statement.digest,
        body=statement.body,
        settled=settled,
    )


def _signed(statement: Statement, entry: Entry, home: Home) -> tuple[Signed, Signed]:
    given = {one.key for one in statement.signatures}
    return (
        Signed(who=entry.name, node=False, given=entry.credential.id in given),
        Signed(who=_name(home.node), node=True, given=home.key.id in given),
    )


def _name(node: str) -> str:
    return current().name if node == current().id else post.peer(node).name
