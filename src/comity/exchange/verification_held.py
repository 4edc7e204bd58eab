"""What a bundle has been shown to hold so far, while it is verified: filled step by step, each step resting on those before.

* A member counts as used only when a check needed it; whatever is left unused at the end is a failure.
* `member` names what is being looked at, so that a refusal can say where; `checked` is unset by a step that lacks something of the reader's.
* Limits on everything: a bundle comes from anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final

from cryptography.x509 import Certificate

from comity.authorisations.authorisation import Authorisation
from comity.authorisations.lapse import Lapse
from comity.authorities.officials import Name, Officials, Proven
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.evidence.bundle import Bundle, Manifest, Progress
from comity.evidence.custody import Chain, CustodyRecord
from comity.evidence.disclosure import Disclosure
from comity.evidence.member import JSON_BYTES_MAX
from comity.exchange.card import NodeCard
from comity.law import Edition
from comity.ledger import Entry
from comity.letters.event import Event
from comity.letters.letter import Letter
from comity.letters.life import State

RECORDS_BYTES_MAX: Final = 64 * 1024 * 1024
"""All members but the sealed items together: what is held in memory."""

MEMBERS_MAX: Final[Mapping[str, int]] = {
    "nodes": 32,
    "officials": 1000,
    "law": 200,
    "letters": 100,
    "authorisations": 1000,
    "lapses": 1000,
    "events": 5000,
    "receipts": 5000,
    "custody": 10_000,
    "items": 100,
    "case": 100,
    "tokens": 2000,
    "certificates": 200,
    "redacted": 20_000,
    "existence": 20_000,
    "log": 20_000,
}
"""The most members that are verified of each folder."""


class Contradiction(ComityError):
    """What a bundle says does not fit together, or does not show what it must."""

    code = "exchange.contradiction"
    sentence = N_("{why}")


@dataclass(frozen=True)
class Logged:
    """A log entry that was proven: whose log, where in it, and the entry."""

    node: str
    index: int
    entry: Entry


@dataclass(frozen=True)
class Suspended:
    """A decision covered nothing from `since` on, until `until` if it was taken up again; where the node's log says so."""

    since: datetime
    until: datetime | None
    index: int


@dataclass
class Held:
    """One bundle being verified. `key` opens an item; `pinned` are fingerprints by node; `time_roots` certify time."""

    stream: BinaryIO
    pinned: Mapping[str, str]
    key: bytes | None
    progress: Progress
    member: str = ""
    checked: bool = True
    time_roots: tuple[Certificate, ...] = ()
    kind: str = ""
    node: str = ""
    unused: set[str] = field(default_factory=set)
    bundle: Bundle = field(init=False)
    statement: Statement = field(init=False)
    manifest: Manifest = field(init=False)
    officials: Officials = field(init=False)
    cards: dict[str, NodeCard] = field(default_factory=dict)
    entries: dict[Name, str] = field(default_factory=dict)
    editions: dict[str, Edition] = field(default_factory=dict)
    verdicts: dict[str, JsonObject] = field(default_factory=dict)
    letters: dict[str, Proven[Letter]] = field(default_factory=dict)
    authorisations: dict[str, Proven[Authorisation]] = field(default_factory=dict)
    lapses: dict[str, Proven[Lapse]] = field(default_factory=dict)
    suspended: dict[str, list[Suspended]] = field(default_factory=dict)
    sending: dict[str, Proven[Authorisation]] = field(default_factory=dict)
    events: dict[str, Proven[Event]] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    custody: dict[str, Proven[CustodyRecord]] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    sources: dict[str, Chain] = field(default_factory=dict)
    log: list[Logged] = field(default_factory=list)
    disclosure: Disclosure = field(init=False)
    people: list[JsonObject] = field(default_factory=list)
    resting: dict[tuple[str, str], list[Logged]] = field(default_factory=dict)

    def under(self, prefix: str) -> list[str]:
        """The members whose names begin so, in order."""
        return [name for name in self.bundle.names if name.startswith(prefix)]

    def read(self, name: str) -> bytes:
        """A whole member; raises `BundleBroken`."""
        self.member = name
        return self.bundle.read(name, limit=JSON_BYTES_MAX)

    def read_statement(self, name: str) -> Statement:
        """The statement in a member, not believed yet; raises `BundleBroken` or what `Statement.from_bytes` raises."""
        return Statement.from_bytes(self.read(name), limit=JSON_BYTES_MAX)

    def use(self, name: str) -> None:
        """Note that a check needs this member."""
        self.unused.discard(name)

    def card(self, node: str) -> NodeCard:
        """The card of a node that has a part in the bundle; raises `Contradiction`."""
        if node not in self.cards:
            raise Contradiction(why=f"the card of node {node[:40]} is not in the bundle")
        self.use(f"nodes/{node}.json")
        return self.cards[node]

    def letter(self, digest: object) -> Proven[Letter]:
        """A letter that a record cites; raises `Contradiction`."""
        if not isinstance(digest, str) or digest not in self.letters:
            raise Contradiction(why=f"it cites letter {str(digest)[:12]}, which is not in the bundle")
        return self.letters[digest]

    def authorisation(self, digest: object) -> Proven[Authorisation]:
        """An authorisation that a record cites; raises `Contradiction`."""
        if not isinstance(digest, str) or digest not in self.authorisations:
            raise Contradiction(why=f"it cites authorisation {str(digest)[:12]}, which is not in the bundle")
        return self.authorisations[digest]

    def record_of(self, record: CustodyRecord) -> str:
        """The digest of a custody record that was proven."""
        return next(digest for digest, one in self.custody.items() if one.record == record)

    def logged_about(self, statement: str, *, node: str) -> list[Logged]:
        """The proven entries of that node's log that rest on a statement, in order."""
        return sorted(self.resting.get((node, statement), ()), key=lambda one: one.index)

    def keep_logged(self, logged: Logged) -> None:
        """Keep a log entry that was proven."""
        self.log.append(logged)
        self.resting.setdefault((logged.node, logged.entry.statement), []).append(logged)


def named_after(name: str, digest: str) -> None:
    """Hold that a member's name is the digest of what it holds; raises `Contradiction`."""
    if name.rpartition("/")[2] != f"{digest}.json":
        raise Contradiction(why=f"its name is not the digest of what it holds, {digest}")
