"""The custody of one item or exhibit as people read it: each record with who must sign it and who did, and what it adds up to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import Entry, Home
from comity.authorities.officials import Officials
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cases.handling import Handling
from comity.errors import N_, ComityError
from comity.evidence.admissibility import GENERAL, Finding, Profile, Record, general, read_profile
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord, begin_chain, extend, read_chain, read_record
from comity.evidence.events import MOVES
from comity.evidence.marking import joined, standing_markings
from comity.evidence.reliability import Reliability
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.models import AuthorisationRow, ExhibitRow, HandOverRow, ItemRow, TransferRow
from comity.registry.queries.people import known

READING: Final = timedelta(minutes=15)
"""For how long a recorded access lets its official read."""
_STATE: Final = re.compile(r"[a-z]{2}")


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


def opened(told: History, *, viewer: Actor, at: datetime) -> bool:
    """Whether the viewer recorded an access so short a time ago that the content may be read now."""
    mine = [one.at for one in told.links if one.event is CustodyEvent.ACCESS and one.body["by"] == viewer.as_record()]
    return bool(mine) and mine[-1] <= at <= mine[-1] + READING


def exhibit_history(exhibit: str, *, viewer: Actor) -> History:
    """The custody of an exhibit, and the hand-over that is under way; raises `NoSuchThing`."""
    row = rows.exhibit(exhibit, viewer=viewer)
    everybody = known({}, viewer=viewer)
    links = [_link(bytes(one.statement), everybody, settled=True) for one in row.custody.order_by("seq")]
    waiting = HandOverRow.objects.filter(exhibit=exhibit, outgoing=True, state=HandOverRow.OFFERED).first()
    if waiting is not None:
        links.append(_link(bytes(waiting.statement), everybody, settled=False))
    return _told(links)


def offered_exhibit_links(transfer: str, *, viewer: Actor) -> History:
    """The custody of an exhibit that is handed to this node, as its giver tells it; raises `NoSuchThing`."""
    seen = access.visible_letters(viewer=viewer).values("pk")
    row = HandOverRow.objects.filter(reference=transfer, outgoing=False, letter__in=seen).first()
    if row is None:
        raise access.NoSuchThing(what="hand-over", reference=transfer[:8])
    everybody = known({}, viewer=viewer)
    links = [_link(Statement.from_json(one).to_bytes(), everybody, settled=True) for one in row.custody]
    links.append(_link(bytes(row.statement), everybody, settled=row.state == HandOverRow.ACCEPTED))
    return _told(links)


@dataclass(frozen=True)
class Standing:
    """What the custody of a thing adds up to: who believed it how far, how it is handled, what it is about, what was made of it."""

    reliability: tuple[tuple[str, Reliability], ...]
    handling: Handling
    tags: tuple[str, ...]
    leaves: tuple[JsonObject, ...]
    origin: JsonObject
    seals: tuple[str, ...]
    made_of_it: tuple[JsonObject, ...]


def standing(statements: Sequence[Statement], *, viewer: Actor) -> Standing:
    """The same from the records of one thing that the viewer sees; raises what does not prove."""
    chain = read_chain(statements, known=known({}, viewer=viewer))
    markings = standing_markings(chain.said)
    made = [one.facts for one in chain.records if one.event is CustodyEvent.DERIVATION]
    return Standing(
        reliability=tuple((node, one.reliability) for node, (one, _) in markings.items() if one.reliability),
        handling=joined(chain.said),
        tags=tuple(sorted({tag for one, _ in markings.values() for tag in one.tags})),
        leaves=tuple(one.facts for one in chain.records if one.event is CustodyEvent.LEAVE),
        origin=chain.origin,
        seals=tuple(sorted(chain.seals)),
        made_of_it=tuple(made),
    )


def item_standing(item: str, *, viewer: Actor) -> Standing:
    """What the custody of an item adds up to; raises `NoSuchThing` and what does not prove."""
    return standing(_statements(rows.item(item, viewer=viewer)), viewer=viewer)


def exhibit_standing(exhibit: str, *, viewer: Actor) -> Standing:
    """What the custody of an exhibit adds up to; raises `NoSuchThing` and what does not prove."""
    return standing(_statements(rows.exhibit(exhibit, viewer=viewer)), viewer=viewer)


def _statements(row: ItemRow | ExhibitRow) -> list[Statement]:
    return [Statement.from_bytes(bytes(one.statement)) for one in row.custody.order_by("seq")]


def exhibit_chain(exhibit: str, *, viewer: Actor) -> tuple[Chain, list[Statement]]:
    """The proven custody of an exhibit, and the statements it consists of."""
    statements = _statements(rows.exhibit(exhibit, viewer=viewer))
    return read_chain(statements, known=known({}, viewer=viewer)), statements


def judged(item: str, *, profile: str = "", viewer: Actor) -> tuple[Profile, tuple[Finding, ...]]:
    """How an item stands by the profile of that state, the node's own if it keeps one, or the general one.

    Raises `NoSuchThing`, `ProfileBroken` or `NoProfile`.
    """
    row = rows.item(item, viewer=viewer)
    everybody = known({}, viewer=viewer)
    statements = _statements(row)
    chain, broken = begin_chain(read_record(statements[0], known=everybody)), ""
    try:
        for one in statements[1:]:
            chain = extend(chain, read_record(one, known=everybody))
    except ComityError as refused:
        broken = str(refused)
    decided = AuthorisationRow.objects.filter(digest=chain.records[0].facts["authorisation"]).first()
    reviewed = row.letter.reviews.filter(item=item)
    looked_at = [set(one.flags) for one in reviewed]
    waiting = frozenset() if any(set(row.flags) <= one for one in looked_at) else frozenset(row.flags)
    record = Record(
        chain=chain,
        authorised=None if decided is None else decided.withdrawn_at is None and row.sealed_off_at is None,
        open_flags=waiting,
        broken=broken,
    )
    asked = profile_of(profile, viewer=viewer)
    return asked, asked.judge(record)


class NoProfile(ComityError):
    """The node keeps no profile of that state."""

    code = "registry.no_profile"
    sentence = N_("this node keeps no admissibility profile {profile}")
    hint = N_("Put the state's file into the folder profiles of the node: two small letters and .toml.")


def profile_of(state: str, *, viewer: Actor) -> Profile:
    """A profile that the node keeps; "" is its own state's if there is a file, else the general one.

    Raises `NoProfile` or `ProfileBroken`.
    """
    if not access.of_this_node(viewer):
        raise access.NoSuchThing(what="profile", reference=state[:8])
    name = (state or current().state).lower()
    if name == GENERAL:
        return general()
    file = current().folder / "profiles" / f"{name}.toml"
    if _STATE.fullmatch(name) and file.is_file():
        return read_profile(file.read_bytes(), name=name)
    if state:
        raise NoProfile(profile=state[:20])
    return general()


def profiles(*, viewer: Actor) -> tuple[str, ...]:
    """The profiles that may be asked for: the general one, and every file of the node."""
    if not access.of_this_node(viewer):
        return ()
    kept = sorted(one.stem for one in (current().folder / "profiles").glob("*.toml") if _STATE.fullmatch(one.stem))
    return (GENERAL, *kept)


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
    if record.event in MOVES:
        needed.append(everybody.who(record.facts["receiver"], what="custody record"))
        receiver = str(record.facts["receiver"]["node"])
    return Link(
        seq=record.seq,
        event=record.event,
        at=record.at,
        by=entry.name,
        holder=record.node,
        receiver=receiver,
        signatures=tuple(dict.fromkeys(one for pair in needed for one in _signed(statement, *pair))),
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
