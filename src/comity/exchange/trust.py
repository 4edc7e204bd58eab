"""Whom a node believes: a fingerprint that people pinned, or a list that k of n roots signed.

* A new pair of nodes starts with k = 1: two cards are exchanged, the fingerprints are read aloud, and each side pins.
* A later card must carry the same signing key, and may not be older than the one before (rollback).
* A list may not be older than the one before, and not expired (freeze). Another key for a node comes by the list only.
* Live nodes admit live nodes only, drill nodes drill nodes, demo nodes demo nodes. No setting changes that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from comity.authorities.keys import PublicKey
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import KindsDiffer, NodeCard, NodeKind
from comity.exchange.wire import CLOCK_SKEW_MAX, NODE, Fields

TRUST_LIST: Final = "comity/trust-list/v1"
LISTED_NODES_MAX: Final = 1000
RENEWED: Final = frozenset({"receive_keys", "issued_at", "expires_at"})
"""What of a card changes without people."""
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{4}( [0-9a-f]{4}){15}")


class FingerprintDiffers(ComityError):
    """A card is signed by another key than the one that was pinned."""

    code = "exchange.fingerprint_differs"
    sentence = N_("the card of node {node} has the fingerprint {found}; pinned is {pinned}")
    hint = N_("Read the fingerprint aloud with the other side on a line you trust; do not pin what you were only sent.")


class SigningKeyChanged(ComityError):
    """A new card of a known node has another signing key."""

    code = "exchange.signing_key_changed"
    sentence = N_("the new card of node {node} is signed by another key than the card before")
    hint = N_("Another key for a known node comes by a new pairing, not by a card.")


class CardRolledBack(ComityError):
    """A card is older than the one already admitted, or a second one of the same moment."""

    code = "exchange.card_rolled_back"
    sentence = N_("the card of node {node} was issued at {found}, the one held at {held}")


class LogUnexplained(ComityError):
    """A new card of a known node names another log, or another past of it, than the card before."""

    code = "exchange.log_unexplained"
    sentence = N_("the log of node {node} does not follow on the one held: {why}")
    hint = N_("Ask the node's people by another way than this one what became of their log.")


class CardChangesMore(ComityError):
    """A card that came by itself changes what only people change."""

    code = "exchange.card_changes_more"
    sentence = N_("the card that node {node} sent changes more than its receive keys: {what}")
    hint = N_("Ask the node's people; if it is right, admit the card by hand.")


class TooFewSigners(ComityError):
    """A trust list lacks signatures."""

    code = "exchange.too_few_signers"
    sentence = N_("{found} of the roots signed trust list {version} where {threshold} must")


class ListRolledBack(ComityError):
    """A trust list is older than the one held, or a second one of the same number."""

    code = "exchange.list_rolled_back"
    sentence = N_("trust list {found} was handed in, and {held} is held")


class ListNotInForce(ComityError):
    """A trust list has expired or is not yet valid."""

    code = "exchange.list_not_in_force"
    sentence = N_("trust list {version} is valid from {issued} until {expires}, and this is {found}")
    hint = N_("Fetch the current list. Until then messages are held back, not lost.")


class NodeNotListed(ComityError):
    """The list does not name the node as one of that kind."""

    code = "exchange.node_not_listed"
    sentence = N_("trust list {version} names no {kind} node {node}")


def admit(
    card: NodeCard, *, own_kind: NodeKind, pinned_fingerprint: str, previous: NodeCard | None, at: datetime
) -> NodeCard:
    """The card, now believed: of our kind, with the pinned key, in force, and not older than `previous`.

    Raises `KindsDiffer`, `FingerprintDiffers`, `SigningKeyChanged`, `CardRolledBack`, `LogUnexplained` or `CardNotInForce`.
    """
    if card.kind is not own_kind:
        raise KindsDiffer(node=card.node, found=card.kind.value, own=own_kind.value)
    if _bare(card.fingerprint) != _bare(pinned_fingerprint):
        raise FingerprintDiffers(node=card.node, found=card.fingerprint, pinned=pinned_fingerprint[:100])
    card.in_force(at=at)
    if previous is not None:
        _succeeds(card, previous)
    return card


def renewed(card: NodeCard, *, own_kind: NodeKind, previous: NodeCard, at: datetime) -> NodeCard:
    """A card that a known node sent by itself, now believed: it brings receive keys and days, and nothing else.

    Raises `CardChangesMore`, and as `admit`.
    """
    admit(card, own_kind=own_kind, pinned_fingerprint=previous.fingerprint, previous=previous, at=at)
    other = [
        one.name
        for one in fields(card)
        if one.name not in RENEWED and getattr(card, one.name) != getattr(previous, one.name)
    ]
    if other:
        raise CardChangesMore(node=card.node, what=", ".join(other))
    return card


def _bare(fingerprint: str) -> str:
    """People type fingerprints with and without spaces."""
    return "".join(fingerprint.split()).lower()


def _succeeds(card: NodeCard, previous: NodeCard) -> None:
    assert card.node == previous.node, "the card before is looked up by the node's name"
    if card.signing_key != previous.signing_key:
        raise SigningKeyChanged(node=card.node)
    if card.issued_at < previous.issued_at or (card.issued_at == previous.issued_at and card != previous):
        raise CardRolledBack(node=card.node, found=stamp(card.issued_at), held=stamp(previous.issued_at))

    _log_follows(card, previous)


def _log_follows(card: NodeCard, previous: NodeCard) -> None:
    """Hold that a card tells the past of its log as the card before did, and only adds to it; raises `LogUnexplained`."""
    known = len(previous.former_logs)
    if card.former_logs[:known] != previous.former_logs:
        raise LogUnexplained(node=card.node, why="the card leaves out a log that ended, or tells its end otherwise")
    if card.log_origin == previous.log_origin:
        return
    if len(card.former_logs) <= known or card.former_logs[known].origin != previous.log_origin:
        raise LogUnexplained(node=card.node, why=f"the card does not say how {previous.log_origin} ended")
    if previous.log_key not in {one.key for one in card.former_logs[known].keys}:
        raise LogUnexplained(node=card.node, why=f"the card does not name the key of {previous.log_origin}")


@dataclass(frozen=True)
class Trusted:
    """A node that the roots vouch for, by the fingerprint of its signing key."""

    node: str
    fingerprint: str
    kind: NodeKind


@dataclass(frozen=True)
class TrustList:
    """One edition of the list. `expires_at` is the first moment at which it is no longer valid."""

    version: int
    issued_at: datetime
    expires_at: datetime
    nodes: tuple[Trusted, ...]

    def pinned(self, *, node: str, kind: NodeKind) -> str:
        """The fingerprint for that node, as `admit` takes it; raises `NodeNotListed`."""
        for trusted in self.nodes:
            if (trusted.node, trusted.kind) == (node, kind):
                return trusted.fingerprint
        raise NodeNotListed(version=self.version, kind=kind.value, node=node)

    def as_body(self) -> JsonObject:
        """The list as the body of a statement."""
        return {
            "version": self.version,
            "issued_at": stamp(self.issued_at),
            "expires_at": stamp(self.expires_at),
            "nodes": [{"node": one.node, "fingerprint": one.fingerprint, "kind": one.kind.value} for one in self.nodes],
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "TrustList":
        """Read `as_body` back; raises `RecordBroken` or `NotAMoment`."""
        fields = Fields.of(body, record="trust list", names=("version", "issued_at", "expires_at", "nodes"))
        nodes = []
        for listed in fields.listed("nodes", most=LISTED_NODES_MAX):
            one = Fields.of(listed, record="node of the trust list", names=("node", "fingerprint", "kind"))
            kind = NodeKind(one.shaped("kind", re.compile("|".join(NodeKind))))
            nodes.append(Trusted(one.shaped("node", NODE), one.shaped("fingerprint", _FINGERPRINT), kind))
        if len({one.node for one in nodes}) != len(nodes):
            raise fields.broken("it names a node twice")
        return cls(
            version=fields.number("version", least=1),
            issued_at=fields.moment("issued_at"),
            expires_at=fields.moment("expires_at"),
            nodes=tuple(nodes),
        )


def accept_list(
    statement: Statement,
    *,
    previous: TrustList | None,
    root_keys: Sequence[PublicKey],
    threshold: int,
    at: datetime,
) -> TrustList:
    """The list that at least `threshold` of `root_keys` signed, and nobody else.

    Raises `TooFewSigners`, `ListRolledBack`, `ListNotInForce`, and as `verify_all` and `TrustList.from_body`.
    """
    roots = {key.id: key for key in root_keys}
    assert 1 <= threshold <= len(roots), "the node's own setting"
    signers = {signature.key for signature in statement.signatures} & roots.keys()
    verify_all(statement, type=TRUST_LIST, keys=[roots[key] for key in sorted(signers)])
    found = TrustList.from_body(statement.body)
    if len(signers) < threshold:
        raise TooFewSigners(found=len(signers), version=found.version, threshold=threshold)
    if previous is not None and (
        found.version < previous.version or (found.version == previous.version and found != previous)
    ):
        raise ListRolledBack(found=found.version, held=previous.version)
    if not found.issued_at - CLOCK_SKEW_MAX <= at < found.expires_at:
        raise ListNotInForce(
            version=found.version, issued=stamp(found.issued_at), expires=stamp(found.expires_at), found=stamp(at)
        )
    return found
