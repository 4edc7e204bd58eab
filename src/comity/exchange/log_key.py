"""A log changes its key: the new one is announced in an entry that stands under a checkpoint of the old one.

So neither who stole the node's signing key nor who stole the log's key can put another log in the place of the true one:
the card needs the first, the entry the second.
"""

from dataclasses import dataclass
from datetime import datetime

from comity.authorities.statement import Statement
from comity.canon import Json, JsonObject, canonical
from comity.errors import N_, ComityError
from comity.exchange import trust
from comity.exchange.card import NodeCard, NodeKind, read_card
from comity.exchange.wire import Fields
from comity.ledger import Entry, Inclusion, VerifierKey, verify_logged

ANNOUNCED = "log.key.announce"


class LogKeyUnexplained(ComityError):
    """A card names another key of the log than the one held, and nothing shows that the log agreed."""

    code = "exchange.log_key_unexplained"
    sentence = N_("the new log key of node {node} does not follow on the one held: {why}")
    hint = N_("Ask the node's people by another way than this one what became of the key of their log.")


@dataclass(frozen=True)
class NewLogKey:
    """What a node sends when its log changes its key: the new card, the announcement, and its place in the log."""

    card: Statement
    entry: Entry
    inclusion: Inclusion

    def as_content(self) -> JsonObject:
        """The content of the message."""
        return {
            "card": self.card.as_json(),
            "entry": self.entry.as_body(),
            "inclusion": self.inclusion.as_record(),
        }

    @classmethod
    def from_content(cls, content: Json) -> "NewLogKey":
        """Read `as_content` back; raises `RecordBroken` and what its parts do."""
        fields = Fields.of(content, record="new log key", names=("card", "entry", "inclusion"))
        return cls(
            card=Statement.from_json(fields.object("card")),
            entry=Entry.from_bytes(canonical(fields.object("entry"))),
            inclusion=Inclusion.from_record(fields.object("inclusion")),
        )


def announcement(old: VerifierKey, new: VerifierKey) -> JsonObject:
    """The facts of the entry in which a log announces its new key."""
    return {"old": old.vkey, "new": new.vkey}


def follow(told: NewLogKey, *, previous: NodeCard, own_kind: NodeKind, at: datetime) -> NodeCard:
    """The new card of a node whose card is held, if the log itself announced its key.

    Raises `LogKeyUnexplained`, and as `trust.admit`, `read_card` and `verify_logged`.
    """
    card = trust.admit(
        read_card(told.card), own_kind=own_kind, pinned_fingerprint=previous.fingerprint, previous=previous, at=at
    )
    if card.log_origin != previous.log_origin:
        raise LogKeyUnexplained(node=card.node, why="it is that of another log, which people have to admit")
    old, new = (VerifierKey.parse(one.log_key) for one in (previous, card))
    verify_logged(told.entry, told.inclusion, key=old, origin=previous.log_origin)
    if (told.entry.kind, told.entry.facts) != (ANNOUNCED, announcement(old, new)):
        raise LogKeyUnexplained(node=card.node, why="the entry announces something else")
    if [one.key for one in card.former_log_keys] != [*(one.key for one in previous.former_log_keys), old.vkey]:
        raise LogKeyUnexplained(node=card.node, why="the card does not list the keys before it")
    return card
