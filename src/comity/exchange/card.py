"""The node card: who a node is, how it signs, where its log and its mailbox are. Signed by the node itself.

A card proves nothing about who stands behind it; that is what the fingerprint is for, read aloud and pinned
(`trust.admit`). What it does prove: all of it comes from the holder of the signing key.

* Receive keys are dated and rotate. Senders use the newest in force. The holder keeps the private half, and the key in
  his own card, for `COURIER_AGE_MAX` longer, then destroys it.
* The log's key is changed now and then. The card keeps the former ones with their dates: what was signed then still verifies,
  and nothing that a former key signs later does.
* A node that lost its newest entries goes on in a log of another name; the card keeps what the former one was (`FormerLog`).
* Off loopback there is only https. A demo node is on loopback only.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from comity.authorities.keys import NODE as NODE_SIGNATURE
from comity.authorities.keys import PublicKey, b64, unb64
from comity.authorities.statement import Statement, verify_all
from comity.canon import Json, JsonObject, stamp
from comity.errors import N_, ComityError
from comity.exchange.former_log import (
    FORMER_LOG_KEYS_MAX,
    FORMER_LOGS_MAX,
    LOG_KEY,
    ORIGIN,
    FormerLog,
    FormerLogKey,
    opened_with_any,
    origin_of,
)
from comity.exchange.suite import suite_named
from comity.exchange.wire import CLOCK_SKEW_MAX, NODE, Fields
from comity.ledger import Checkpoint, CosignerKey, VerifierKey, claimed

CARD: Final = "comity/node-card/v1"
CARD_BYTES_MAX: Final = 64 * 1024
CARD_LIFE_MAX: Final = timedelta(days=400)
CARD_LIFE: Final = timedelta(days=365)
RECEIVE_KEY_USED: Final = timedelta(days=30)
"""After so long a node makes a fresh receive key and hands out a new card."""
CARD_TAKEN_WITHIN: Final = timedelta(days=14)
"""So long the key before may still be used by who has not taken the new card yet."""
RECEIVE_KEYS_MAX: Final = 16
NAME_CHARACTERS_MAX: Final = 120
WITNESS_NAME: Final = "comity.example/witness/"

_STATE: Final = re.compile(r"[A-Z]{2}")
_TEXT: Final = re.compile(r"[a-z0-9+.-]{1,80}")
_URL: Final = re.compile(r"https?://[a-z0-9.-]{1,180}(:[0-9]{1,5})?")
_HOST: Final = re.compile(r"[a-z0-9.-]{1,180}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
_NAMES: Final = (
    *("node", "name", "state", "kind", "url", "signing_key", "log_origin", "log_key", "receive_keys"),
    *("former_log_keys", "former_logs", "witness_key", "official_rp_id", "official_origin", "issued_at", "expires_at"),
)


class NodeKind(StrEnum):
    """Fixed when a node is set up; nodes of different kinds do not speak with one another."""

    LIVE = "live"
    DRILL = "drill"
    DEMO = "demo"


class KindsDiffer(ComityError):
    """A node of another kind, or something meant for one."""

    code = "exchange.kinds_differ"
    sentence = N_("{node} is a {found} node and this is a {own} node; they do not exchange anything")


class CardBroken(ComityError):
    """A node card contradicts itself or our limits."""

    code = "exchange.card_broken"
    sentence = N_("the card of node {node} cannot be used: {why}")
    hint = N_("Ask the node for a new card.")


class CardNotInForce(ComityError):
    """A node card is not yet or no longer valid."""

    code = "exchange.card_not_in_force"
    sentence = N_("the card of node {node} is valid from {issued} until {expires}, and this is {found}")
    hint = N_("Fetch the node's current card; what waits for it stays in the outbox.")


class NoReceiveKey(ComityError):
    """A card has no receive key that may be used now."""

    code = "exchange.no_receive_key"
    sentence = N_("the card of node {node} has no receive key in force at {found}")
    hint = N_("Fetch the node's current card; what waits for it stays in the outbox.")


@dataclass(frozen=True)
class ReceiveKey:
    """The public half of a mailbox key; senders use it from `from_` until (not including) `until`."""

    suite: str
    public: bytes
    from_: datetime
    until: datetime

    @property
    def id(self) -> str:
        """The key's name: the first 16 bytes of SHA-256 over suite and key, in hexadecimal."""
        return hashlib.sha256(self.suite.encode() + b"\0" + self.public).hexdigest()[:32]

    def as_record(self) -> JsonObject:
        return {
            "id": self.id,
            "suite": self.suite,
            "public": b64(self.public),
            "from": stamp(self.from_),
            "until": stamp(self.until),
        }

    @classmethod
    def from_record(cls, record: Json) -> "ReceiveKey":
        """Read `as_record` back; raises `RecordBroken`, `SuiteUnknown`, `ReceiveKeyBroken`, `NotCanonical`."""
        fields = Fields.of(record, record="receive key", names=("id", "suite", "public", "from", "until"))
        key = cls(
            suite=fields.shaped("suite", _TEXT),
            public=unb64(fields.values["public"]),
            from_=fields.moment("from"),
            until=fields.moment("until"),
        )
        if fields.values["id"] != key.id:
            raise fields.broken("its id is not that of the key")
        if key.until <= key.from_:
            raise fields.broken("it ends before it begins")
        suite_named(key.suite).public_key(key.public)
        return key


@dataclass(frozen=True)
class NodeCard:
    """One node as it describes itself. `expires_at` is the first moment at which the card is no longer valid."""

    node: str
    name: str
    state: str
    kind: NodeKind
    url: str
    signing_key: PublicKey
    log_origin: str
    log_key: str
    former_log_keys: tuple[FormerLogKey, ...]
    former_logs: tuple[FormerLog, ...]
    witness_key: str
    receive_keys: tuple[ReceiveKey, ...]
    official_rp_id: str
    official_origin: str
    issued_at: datetime
    expires_at: datetime

    @property
    def fingerprint(self) -> str:
        """The signing key's fingerprint, to be read aloud and compared."""
        return self.signing_key.fingerprint

    def in_force(self, *, at: datetime) -> None:
        """Hold that the card is valid at that moment; raises `CardNotInForce`."""
        if not self.issued_at - CLOCK_SKEW_MAX <= at < self.expires_at:
            raise CardNotInForce(
                node=self.node, issued=stamp(self.issued_at), expires=stamp(self.expires_at), found=stamp(at)
            )

    def receive_key(self, *, at: datetime) -> ReceiveKey:
        """The newest receive key that senders may use at that moment; raises `NoReceiveKey`."""
        usable = [key for key in self.receive_keys if key.from_ <= at < key.until]
        if not usable:
            raise NoReceiveKey(node=self.node, found=stamp(at))
        return max(usable, key=lambda key: (key.from_, key.id))

    def log_keys(self, *, at: datetime) -> tuple[VerifierKey, ...]:
        """The keys with which the log may have signed at that moment; two around a change, for clocks differ a little."""
        since = self.former_log_keys[-1].until if self.former_log_keys else at
        dated = [
            *((one.key, one.from_, one.until) for one in self.former_log_keys),
            (self.log_key, since, self.expires_at),
        ]
        found = [key for key, from_, until in dated if from_ - CLOCK_SKEW_MAX <= at < until + CLOCK_SKEW_MAX]
        return tuple(VerifierKey.parse(key) for key in found[::-1] or [self.log_key])

    @property
    def all_log_keys(self) -> tuple[VerifierKey, ...]:
        """Every key with which the log has ever signed, the present one first."""
        return tuple(VerifierKey.parse(one) for one in (self.log_key, *(old.key for old in self.former_log_keys[::-1])))

    def log_named(self, origin: str) -> FormerLog | None:
        """The log of this node that ended and had that name."""
        return next((one for one in self.former_logs if one.origin == origin), None)

    def opened(self, signed: bytes, *, at: datetime | None) -> tuple[VerifierKey, Checkpoint]:
        """Which key of this node's logs signed a checkpoint, and its head; with `at`, a key that counted then.

        Raises `NoteBroken` or `CheckpointBroken`.
        """
        former = self.log_named(claimed(signed).origin)
        if former is not None:
            return former.opened(signed, at=at)
        signers = self.all_log_keys if at is None else self.log_keys(at=at)
        return opened_with_any(signed, signers, origin=self.log_origin)

    @property
    def witness(self) -> CosignerKey:
        """The key with which the node cosigns the checkpoints of others."""
        return CosignerKey.parse(self.witness_key)

    def as_body(self) -> JsonObject:
        """The card as the body of a statement."""
        return {
            "node": self.node,
            "name": self.name,
            "state": self.state,
            "kind": self.kind.value,
            "url": self.url,
            "signing_key": self.signing_key.as_record(),
            "log_origin": self.log_origin,
            "log_key": self.log_key,
            "former_log_keys": [one.as_record() for one in self.former_log_keys],
            "former_logs": [one.as_record() for one in self.former_logs],
            "witness_key": self.witness_key,
            "receive_keys": [key.as_record() for key in self.receive_keys],
            "official_rp_id": self.official_rp_id,
            "official_origin": self.official_origin,
            "issued_at": stamp(self.issued_at),
            "expires_at": stamp(self.expires_at),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "NodeCard":
        """Read `as_body` back and check it against itself; raises `CardBroken`, `RecordBroken` and what its parts do."""
        fields = Fields.of(body, record="node card", names=_NAMES)
        kind = fields.shaped("kind", re.compile("|".join(NodeKind)))
        card = cls(
            node=fields.shaped("node", NODE),
            name=fields.words("name", limit=NAME_CHARACTERS_MAX),
            state=fields.shaped("state", _STATE),
            kind=NodeKind(kind),
            url=fields.shaped("url", _URL),
            signing_key=PublicKey.from_record(fields.object("signing_key")),
            log_origin=fields.shaped("log_origin", ORIGIN),
            log_key=fields.shaped("log_key", LOG_KEY),
            former_log_keys=tuple(
                FormerLogKey.from_record(one) for one in fields.listed("former_log_keys", most=FORMER_LOG_KEYS_MAX)
            ),
            former_logs=tuple(FormerLog.from_record(one) for one in fields.listed("former_logs", most=FORMER_LOGS_MAX)),
            witness_key=fields.shaped("witness_key", LOG_KEY),
            receive_keys=tuple(
                ReceiveKey.from_record(one) for one in fields.listed("receive_keys", most=RECEIVE_KEYS_MAX)
            ),
            official_rp_id=fields.shaped("official_rp_id", _HOST),
            official_origin=fields.shaped("official_origin", _URL),
            issued_at=fields.moment("issued_at"),
            expires_at=fields.moment("expires_at"),
        )
        for why in _contradictions(card):
            raise CardBroken(node=card.node, why=why)
        return card


def read_card(statement: Statement) -> NodeCard:
    """The card that a node signed with the key it names; raises as `NodeCard.from_body` and `verify_all`.

    Nothing is believed yet: `trust.admit` compares the key with what was pinned.
    """
    card = NodeCard.from_body(statement.body)
    verify_all(statement, type=CARD, keys=[card.signing_key])
    return card


def _contradictions(card: NodeCard) -> list[str]:
    """What the card says against itself or our rules, most telling first; raises `VerifierKeyBroken`."""
    found = []
    if card.signing_key.algorithm != NODE_SIGNATURE:
        found.append(f"a node signs with {NODE_SIGNATURE}, not {card.signing_key.algorithm[:40]}")
    for epoch, name in enumerate((*(one.origin for one in card.former_logs), card.log_origin)):
        if name != origin_of(card.node, epoch=epoch):
            found.append(f"its log would be {origin_of(card.node, epoch=epoch)}, not {name}")
    found += _log_contradictions(card)
    url, origin = _address(card.url), _address(card.official_origin)
    host = "" if origin is None else origin.hostname or ""
    if url is None or (url.scheme != "https" and url.hostname not in _LOOPBACK):
        found.append("its url is neither https nor on loopback")
    elif card.kind is NodeKind.DEMO and url.hostname not in _LOOPBACK:
        found.append("a demo node is reached on loopback only")
    if origin is None or (origin.scheme != "https" and not (host in _LOOPBACK or host.endswith(".localhost"))):
        found.append("its officials' origin is neither https nor on loopback")
    if host != card.official_rp_id and not host.endswith("." + card.official_rp_id):
        found.append(f"its officials' origin {card.official_origin} is not within {card.official_rp_id}")
    if not card.issued_at < card.expires_at <= card.issued_at + CARD_LIFE_MAX:
        found.append(f"it is valid for {card.expires_at - card.issued_at}, and at most {CARD_LIFE_MAX.days} days are")
    if len({key.id for key in card.receive_keys}) != len(card.receive_keys):
        found.append("it lists a receive key twice")
    return found


def _log_contradictions(card: NodeCard) -> list[str]:
    """What the card says against itself about the keys of its log and of its witness."""
    found = []
    if {one.name for one in card.all_log_keys} != {card.log_origin}:
        found.append("the log key is for another log")
    former = [VerifierKey.parse(one.key) for log in card.former_logs for one in log.keys]
    if any(former_one.public in {one.public for one in card.all_log_keys} for former_one in former):
        found.append("its log signs with a key of a log that ended")
    if len({one.public for one in card.all_log_keys}) != len(card.all_log_keys):
        found.append("it lists a log key twice")
    ends = [one.until for one in card.former_log_keys]
    begins = [*(one.from_ for one in card.former_log_keys[1:]), card.issued_at]
    if any(begin < end for end, begin in zip(ends, begins, strict=False)):
        found.append("its former log keys do not follow one another, up to the day of the card")
    if card.witness.name != WITNESS_NAME + card.node:
        found.append("the witness key is for another node")
    if card.witness.public in {one.public for one in (*card.all_log_keys, *former)}:
        found.append("its witness signs with a key of its log")
    return found


def _address(url: str) -> SplitResult | None:
    parts = urlsplit(url)
    try:
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:  # a port beyond 65535
        return None
