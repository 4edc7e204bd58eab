"""Whole nodes for tests, without registry: a card and the private halves that belong to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from comity.authorities.statement import Statement, signed
from comity.canon import JsonObject
from comity.exchange.card import CARD, NodeCard, NodeKind, ReceiveKey
from comity.exchange.envelope import Message, Received, Sealed, open_envelope, seal_envelope
from comity.exchange.suite import SUITE
from comity.ledger import CosignerKey
from keys import LogKey, MailboxKey, NodeKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFERENCE = "00112233445566778899aabbccddeeff"


@dataclass(frozen=True)
class Station:
    """One node: what it shows (the card) and what it keeps."""

    card: NodeCard
    key: NodeKey
    mailbox: MailboxKey

    def signed(self, statement_type: str, body: JsonObject) -> Statement:
        return signed(Statement(type=statement_type, body=body), key=self.key.public, sign=self.key.sign)

    @property
    def card_statement(self) -> Statement:
        return self.signed(CARD, self.card.as_body())

    def send(self, message: Message, *, to: NodeCard, at: datetime = NOON) -> Sealed:
        return seal_envelope(message, to=to, sender=self.card, sign=self.key.sign, at=at)

    def open(self, data: bytes, *, peers: Iterable[NodeCard], at: datetime = NOON) -> Received:
        known = {card.node: card for card in peers}
        return open_envelope(data, own=self.card, decrypt=self.decrypt, peers=known, at=at)

    def decrypt(self, key_id: str, ciphertext: bytes, info: bytes) -> bytes:
        assert key_id in {key.id for key in self.card.receive_keys}
        return self.mailbox.decrypt(ciphertext, info)


def station(node: str, *, state: str, kind: NodeKind = NodeKind.DEMO, seed: bytes | None = None) -> Station:
    """A node on loopback; its card runs for 300 days from 2026-11-01, its receive key for 30 days."""
    seed = node.encode() if seed is None else seed
    key, mailbox, start = NodeKey.fresh(seed), MailboxKey.fresh(seed), datetime(2026, 11, 1, tzinfo=UTC)
    origin = f"comity.example/log/{node}"
    card = NodeCard(
        node=node,
        name=f"Node {node}",
        state=state,
        kind=kind,
        url="http://127.0.0.1:8001",
        signing_key=key.public,
        log_origin=origin,
        log_key=LogKey.fresh(seed).vkey(origin),
        former_log_keys=(),
        former_logs=(),
        witness_key=CosignerKey(
            name=f"comity.example/witness/{node}", public=LogKey.fresh(seed + b" witness").public
        ).vkey,
        receive_keys=(ReceiveKey(suite=SUITE, public=mailbox.public, from_=start, until=start + timedelta(days=30)),),
        official_rp_id=f"{node}.localhost",
        official_origin=f"http://{node}.localhost:8001",
        issued_at=start,
        expires_at=start + timedelta(days=300),
    )
    return Station(card=card, key=key, mailbox=mailbox)
