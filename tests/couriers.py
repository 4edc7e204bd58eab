"""Whoever carries messages between nodes: makes envelopes as a node would, and hands in whatever he likes over HTTP."""

import secrets
from datetime import datetime
from typing import Any

import httpx

from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cli import desk
from comity.cli.shell import Seat
from comity.exchange.card import NodeCard
from comity.exchange.envelope import Message, Sealed, seal_envelope
from comity.registry import keys, post
from comity.registry.act import Node
from comity.registry.queries.people import entries_of

CLIENT = httpx.Client(timeout=20, trust_env=False)


def sealed(
    subject: str, content: JsonObject, *, sender: Node, to: Node, message: str = "", at: datetime | None = None
) -> Sealed:
    """A message that `sender` signs and seals to `to`, outside its outbox."""
    _, sign = keys.signer(sender.folder)
    return seal_envelope(
        Message(id=message or secrets.token_hex(16), subject=subject, content=content),
        to=post.own_card(to),
        sender=card(sender),
        sign=sign,
        at=at or sender.clock.now(),
    )


def card(node: Node) -> NodeCard:
    """A node's card, as it hands it out."""
    return post.own_card(node)


def hand_in(data: bytes, *, to: Node, address: str = "/peer/inbox", **headers: str) -> httpx.Response:
    """POST these bytes to a node."""
    return CLIENT.post(f"{to.url}{address}", content=data, headers=headers)


def sign(text: Statement, *, seat: Seat) -> Statement:
    """The text with the signatures of the official at that seat and of the official's node."""
    with seat.node.active():
        return desk.signed(text, seat=seat, at=seat.node.clock.now())


def resigned(text: Statement, body: JsonObject, *, seat: Seat) -> Statement:
    """Another text of the same type, honestly signed."""
    return sign(Statement(type=text.type, body=body), seat=seat)


def people(*seats: Seat) -> list[JsonObject]:
    """The directory entries of these officials of one node, as they travel with a message."""
    with seats[0].node.active():
        return entries_of([one.entry.actor.as_record() for one in seats], viewer=seats[0].entry.actor)


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal; it says no more than a record of a refusal does."""
    said: dict[str, Any] = answer.json()
    assert set(said) == {"error", "message", "hint", "facts"}
    return str(said["error"])
