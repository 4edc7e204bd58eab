"""The node's post: its own card, its signature, sealing and opening messages, and the HTTP calls to other nodes.

* Nothing here runs inside an act: signing, sealing and sending happen before or after.
* A message's text is fixed when its act queues it; every attempt carries that text, so that it takes effect once.
* A peer's answer is trusted for nothing but "delivered": what counts is the signed receipt that follows.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

import httpx

from comity.authorities.directory import Home
from comity.authorities.statement import Statement, signed
from comity.canon import parse_object
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard, read_card
from comity.exchange.chunk import CHUNK_REQUEST, ChunkRequest
from comity.exchange.envelope import Decrypt, Message, Received, Sealed, Sent, open_envelope, seal_envelope
from comity.exchange.suite import SUITE, suite_in_force
from comity.registry import deadline, keys
from comity.registry.act import Node, current
from comity.registry.limits import CALL_SECONDS_MAX, CHUNK_BYTES, ENVELOPE_BYTES_MAX, HTTP_SECONDS_MAX
from comity.registry.models import OutboxRow, PeerRow

CARD_FILE: Final = "card.json"
ANSWER_BYTES_MAX: Final = 64 * 1024
TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class PeerDidNotAnswer(ComityError):
    """The other node could not be reached, or asked to be tried again."""

    code = "registry.peer_did_not_answer"
    sentence = N_("node {peer} did not answer: {why}")
    hint = N_("The message stays in the outbox and is sent again.")


class PeerRefused(ComityError):
    """The other node read the message and refused it."""

    code = "registry.peer_refused"
    sentence = N_("node {peer} refused: {why}")
    hint = N_("Sending the same message again cannot help; read the reason.")


class NoSuchPeer(ComityError):
    """No card of that node was admitted."""

    code = "registry.no_such_peer"
    sentence = N_("this node does not know node {peer}")
    hint = N_("Exchange node cards and compare their fingerprints aloud; an administrator admits the node.")


def own_card(node: Node) -> NodeCard:
    """This node's own card, as it hands it out."""
    return _card((node.folder / CARD_FILE).read_bytes())


@lru_cache(maxsize=256)
def _card(data: bytes) -> NodeCard:
    """The card in these very bytes; the same bytes need no second check."""
    return read_card(Statement.from_bytes(data))


def own_card_statement(node: Node) -> Statement:
    """This node's own card with its signature."""
    return Statement.from_bytes((node.folder / CARD_FILE).read_bytes())


def home_of(card: NodeCard) -> Home:
    """What the officials of a node are checked against."""
    return Home(node=card.node, key=card.signing_key, rp_id=card.official_rp_id, origin=card.official_origin)


def countersign(statement: Statement) -> Statement:
    """The statement with the current node's signature, once: two officials of one node may sign one text in turn."""
    public, sign = keys.signer(current().folder)
    if any(one.key == public.id for one in statement.signatures):
        return statement
    return signed(statement, key=public, sign=sign)


def peers() -> Mapping[str, NodeCard]:
    """The admitted cards of other nodes, by node."""
    return {row.node: _card(bytes(row.card)) for row in PeerRow.objects.all()}


def peer(node: str) -> NodeCard:
    """The admitted card of one node; raises `NoSuchPeer`."""
    return _card(card_statement(node).to_bytes())


def card_statement(node: str) -> Statement:
    """The admitted card of one node with its signature; raises `NoSuchPeer`."""
    row = PeerRow.objects.filter(node=node).first()
    if row is None:
        raise NoSuchPeer(peer=node[:40])
    return Statement.from_bytes(bytes(row.card))


def homes() -> Mapping[str, Home]:
    """Every node whose officials can be checked here: our own and the admitted ones."""
    own = own_card(current())
    return {own.node: home_of(own)} | {name: home_of(card) for name, card in peers().items()}


def seal(row: OutboxRow, *, to: NodeCard, at: datetime) -> Sealed:
    """The queued message, signed by this node and sealed to the present key of `to`; its text is always the same."""
    node = current()
    _, sign = keys.signer(node.folder)
    content = parse_object(bytes(row.content), limit=ENVELOPE_BYTES_MAX)
    message = Message(id=row.message, subject=row.subject, content=content, written_at=row.queued_at)
    return seal_envelope(message, to=to, sender=own_card(node), sign=sign, at=at)


def open_sealed(data: bytes, *, at: datetime) -> Received:
    """Open what another node sent; raises the first refusal of `open_envelope`, in its order."""
    node = current()
    return open_envelope(data, own=own_card(node), decrypt=decrypt_for(node, at=at), peers=peers(), at=at)


def decrypt_for(node: Node, *, at: datetime) -> Decrypt:
    """A function that decrypts with the receive keys of this node: `(key id, ciphertext, info) -> plaintext`."""

    def decrypt(key: str, ciphertext: bytes, info: bytes) -> bytes:
        return suite_in_force(SUITE, at=at).hpke.decrypt(ciphertext, keys.receiver(node.folder, key=key, at=at), info)

    return decrypt


def send(row: OutboxRow, *, at: datetime) -> Sent:
    """Deliver a queued message once; raises `PeerDidNotAnswer` or `PeerRefused`."""
    to = peer(row.peer)
    sealed = seal(row, to=to, at=at)
    answer = _call("POST", f"{to.url}/peer/inbox", peer=row.peer, content=sealed.data)
    if answer.status_code != httpx.codes.ACCEPTED:
        raise _refused(row.peer, answer)
    return sealed.sent


def fetch_chunk(request: ChunkRequest, *, from_: str) -> bytes:
    """One range of a handed-over item's ciphertext; raises `PeerDidNotAnswer` or `PeerRefused`."""
    card = peer(from_)
    asked = countersign(Statement(type=CHUNK_REQUEST, body=request.as_body()))
    answer = _call("POST", f"{card.url}/peer/chunk", peer=from_, content=asked.to_bytes(), limit=CHUNK_BYTES)
    if answer.status_code != httpx.codes.OK:
        raise _refused(from_, answer)
    return answer.content


def fetch_public(path: str, *, from_: str) -> bytes:
    """A public file of a peer's log; raises `PeerDidNotAnswer` or `PeerRefused`."""
    answer = _call("GET", f"{peer(from_).url}{path}", peer=from_, content=b"")
    if answer.status_code != httpx.codes.OK:
        raise _refused(from_, answer)
    return answer.content


def submit(url: str, content: bytes, *, to: str, type_: str) -> tuple[int, bytes]:
    """POST to who vouches for this node and is asked by address: status and body of the answer.

    Raises `PeerDidNotAnswer` or `PeerRefused` (too long an answer). What came back is believed in nothing.
    """
    answer = _call("POST", url, peer=to, content=content, headers={"Content-Type": type_})
    return answer.status_code, answer.content


def _call(
    method: str,
    url: str,
    *,
    peer: str,
    content: bytes,
    limit: int = ANSWER_BYTES_MAX,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> httpx.Response:
    try:
        with (
            deadline.within(CALL_SECONDS_MAX),
            (_carrier.get() or _client()).stream(method, url, content=content, headers=headers) as answer,
        ):
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > limit:
                    raise PeerRefused(peer=peer, why=f"its answer is longer than {limit} bytes")
            return httpx.Response(answer.status_code, content=body)
    except httpx.HTTPError as broken:
        raise PeerDidNotAnswer(peer=peer, why=f"{type(broken).__name__}: {broken}") from broken


_carrier: ContextVar[httpx.Client | None] = ContextVar("comity_carrier", default=None)


@contextmanager
def carried_by(client: httpx.Client) -> Iterator[None]:
    """Within this, the post of this thread goes by another client: nodes of one process need no network between them."""
    token = _carrier.set(client)
    try:
        yield
    finally:
        _carrier.reset(token)


@cache
def _client() -> httpx.Client:
    """One client for all threads of the process: it keeps connections, and making one costs more than a message."""
    return deadline.client(seconds=HTTP_SECONDS_MAX)


def _refused(peer: str, answer: httpx.Response) -> ComityError:
    if answer.status_code in TRY_AGAIN:
        return PeerDidNotAnswer(peer=peer, why=f"HTTP {answer.status_code}, try again")
    said = answer.content[:500].decode("utf-8", errors="replace")
    return PeerRefused(peer=peer, why=f"HTTP {answer.status_code}: {said}", status=answer.status_code)
