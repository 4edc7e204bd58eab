"""Verifying a bundle, first part: the file itself, the nodes, the officials, and who exported it."""

from collections.abc import Iterator
from typing import Final

from comity.authorities.directory import Home, verify_official
from comity.authorities.officials import Name, officials
from comity.authorities.roles import Power, Role
from comity.authorities.standing import STANDING
from comity.authorities.statement import Statement, WrongStatement, verify_all
from comity.canon import JsonObject, stamp
from comity.evidence.bundle import BUNDLE, Manifest, hold_manifest, read_bundle, read_manifest
from comity.evidence.events import MOVES
from comity.evidence.member import MANIFEST, node_member
from comity.exchange.card import NodeKind, read_card
from comity.exchange.trust import FingerprintDiffers
from comity.exchange.verification_held import MEMBERS_MAX, RECORDS_BYTES_MAX, Contradiction, Held, named_after

Details = tuple[str, ...]
WITNESSES_MAX: Final = 16


def container(held: Held) -> Details:
    """Every byte that is no content is the one that belongs there."""
    held.bundle = read_bundle(held.stream)
    held.unused = set(held.bundle.names)
    for folder, most in MEMBERS_MAX.items():
        if (found := len(held.under(f"{folder}/"))) > most:
            raise Contradiction(why=f"{found} members in {folder} where at most {most} are verified")
    records = sum(held.bundle.size(name) for name in held.bundle.names if not name.startswith("items/"))
    if records > RECORDS_BYTES_MAX:
        raise Contradiction(why=f"{records} bytes of records where at most {RECORDS_BYTES_MAX} are verified")
    return (f"{len(held.bundle.names)} members; every header was written again and is the same",)


def manifest(held: Held) -> Details:
    """The manifest lists every other member, whole and unaltered, and nothing else."""
    held.member = MANIFEST
    held.statement = read_manifest(held.bundle)
    if held.statement.type != BUNDLE:
        raise WrongStatement(found=held.statement.type[:60], expected=BUNDLE)
    held.manifest = Manifest.from_body(held.statement.body)
    held.kind, held.node = held.manifest.kind, held.manifest.node
    if not held.manifest.items:
        raise Contradiction(why="it holds no item")
    hold_manifest(held.bundle, held.manifest, progress=held.progress)
    total = sum(one.bytes for one in held.manifest.members.values())
    return (f"{len(held.manifest.members)} members, {total} bytes: each has the size and SHA-256 that the list says",)


def cards(held: Held) -> Details:
    """Every node card is signed by its node, and every node is of the bundle's kind."""
    for name in held.under("nodes/"):
        card = read_card(held.read_statement(name))
        if node_member(card.node) != name:
            raise Contradiction(why=f"it is the card of node {card.node}")
        if card.kind.value != held.manifest.kind:
            raise Contradiction(why=f"node {card.node} is a {card.kind} node, and the bundle is {held.manifest.kind}")
        held.cards[card.node] = card
    held.member = MANIFEST
    held.card(held.manifest.node).in_force(at=held.manifest.made_at)
    return tuple(f"{one.node}: {one.name}, state {one.state}, {one.kind} node" for one in held.cards.values())


def fingerprints(held: Held) -> Details:
    """The nodes' keys are those that the reader pinned, as far as he did."""
    said = []
    for node, card in held.cards.items():
        held.member = node_member(node)
        pinned = held.pinned.get(node)
        if pinned is None:
            held.checked = False
            said.append(f"{node}: not compared, read it aloud with that node: {card.fingerprint}")
        elif _bare(pinned) != _bare(card.fingerprint):
            raise FingerprintDiffers(node=node, found=card.fingerprint, pinned=pinned[:100])
        else:
            said.append(f"{node}: compared, as pinned: {card.fingerprint}")
    return tuple(said)


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def directory(held: Held) -> Details:
    """Every directory entry is vouched for; on a live node nobody signs with a software authenticator."""
    entries: dict[str, list[Statement]] = {node: [] for node in held.cards}
    standings: list[str] = []
    for name in held.under("officials/"):
        statement = held.read_statement(name)
        named_after(name, statement.digest)
        if statement.type == STANDING:  # what became of a mandate lies beside its entry
            node = str(statement.body.get("node"))
            held.card(node)
            entries[node].append(statement)
            standings.append(name)
            held.use(name)
            continue
        witnesses = statement.body.get("enrolled_by")
        if not isinstance(witnesses, list) or len(witnesses) > WITNESSES_MAX:
            raise Contradiction(why=f"it names no list of at most {WITNESSES_MAX} witnesses")
        node = str(statement.body.get("node"))
        held.card(node)
        entries[node].append(statement)
        held.entries[name_of(statement.body)] = name
    held.member = "officials"
    homes = {
        node: Home(node=node, key=card.signing_key, rp_id=card.official_rp_id, origin=card.official_origin)
        for node, card in held.cards.items()
    }
    held.officials = officials(entries, homes=homes)
    listed = list(held.officials.entries.values())
    if len(listed) != len(held.under("officials/")) - len(standings):
        raise Contradiction(why="two entries stand for one mandate")
    if sum(bool(one.standing.changes) for one in listed) != len(standings):
        raise Contradiction(why="it says what became of a mandate that stands in no entry, or says it twice")
    for entry in listed:
        if entry.state != held.cards[entry.node].state:
            raise Contradiction(why=f"{entry.official} is an official of {entry.state}, at a node of another state")
        if entry.software_authenticator and held.manifest.kind == NodeKind.LIVE:
            raise Contradiction(why=f"{entry.official} signs with a software authenticator, on a live node")
    founders = sorted(f"{one.official} ({one.node})" for one in listed if not one.enrolled_by)
    software = sum(one.software_authenticator for one in listed)
    return (
        f"{len(listed)} officials, each vouched for by the node and two administrators",
        f"founding administrators, vouched for by their node alone: {', '.join(founders)}",
        *((f"{len(standings)} of these mandates changed since they were given",) if standings else ()),
        *((f"{software} sign with a software authenticator, on {held.manifest.kind} nodes",) if software else ()),
    )


def exporter(held: Held) -> Details:
    """The manifest is signed by an official who may export evidence, and by the node."""
    held.member = MANIFEST
    entry, home = held.officials.who(held.manifest.by, what="manifest")
    verify_official(held.statement, type=BUNDLE, entry=entry, at=held.manifest.made_at)
    verify_all(held.statement, type=BUNDLE, keys=[entry.credential, home.key])
    entry.actor.require(Power.EXPORT_EVIDENCE)
    held.use(MANIFEST)
    return (f"signed by {entry.name} ({entry.office}) and node {entry.node}, {stamp(held.manifest.made_at)}",)


def nothing_left(held: Held) -> Details:
    """No member rides along that no check needed."""
    for official in _needed(held):
        held.use(held.entries[official])
    for name in sorted(held.unused):
        held.member = name
        raise Contradiction(why="nothing else in the bundle needs this member, so nothing vouches for it")
    return (f"each of the {len(held.bundle.names)} members was needed by a check",)


def _needed(held: Held) -> set[Name]:
    """The officials whom a record names, and who enrolled them."""
    known = held.officials.entries
    waiting = {name_of(one) for one in _people(held)} & known.keys()
    needed: set[Name] = set()
    while waiting:
        needed |= waiting
        witnesses = {(name[0], official) for name in waiting for official in known[name].enrolled_by}
        waiting = {name for name, one in known.items() if one.role is Role.ADMINISTRATOR and name[:2] in witnesses}
        waiting -= needed
    return needed


def _people(held: Held) -> Iterator[JsonObject]:
    yield held.manifest.by
    yield from held.people
    for letter in held.letters.values():
        yield letter.record.drafted_by
        yield letter.record.evidence_to
    for decided in held.authorisations.values():
        yield decided.record.by
    for ended in held.lapses.values():
        yield ended.record.by
    for taken in held.events.values():
        yield taken.record.by
    for link in held.custody.values():
        yield link.record.by
        if link.record.event in MOVES:
            yield link.record.facts["receiver"]


def name_of(record: JsonObject) -> Name:
    """How an official stands in the directory."""
    return str(record.get("node")), str(record.get("official")), str(record.get("mandate"))
