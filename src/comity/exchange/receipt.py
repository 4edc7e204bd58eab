"""The receipt: the receiving node's signed word that a message arrived, when, and where its log says so.

* Legal receipt is the moment in this statement, not the moment at which a person opens the message.
* The receipt is decided with the inbox entry and names its leaf; it promises that the log holds that leaf within
  `log_within` seconds. Whoever has the receipt can ask for the proof after that.
* A message that comes again gets the same receipt again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.exchange.envelope import Received, Sent
from comity.exchange.wire import CLOCK_SKEW_MAX, DIGEST, NODE, REFERENCE, Fields

RECEIPT: Final = "comity/receipt/v1"
LOG_WITHIN_SECONDS_MAX: Final = 24 * 60 * 60

_NAMES: Final = ("message", "digest", "from", "to", "received_at", "log_within", "leaf_hash")


class ReceiptDiffers(ComityError):
    """A receipt is for something else than what was sent."""

    code = "exchange.receipt_differs"
    sentence = N_("the receipt of node {node} for message {message} does not fit what was sent: {why}")
    hint = N_("Keep the receipt: the other node signed it. The message counts as not yet received.")


@dataclass(frozen=True)
class Receipt:
    """`to` received from `sender` the message with that digest at `received_at`."""

    message: str
    digest: str
    sender: str
    to: str
    received_at: datetime
    log_within: int
    leaf_hash: str

    def as_body(self) -> JsonObject:
        """The receipt as the body of a statement; `log_within` in seconds."""
        return {
            "message": self.message,
            "digest": self.digest,
            "from": self.sender,
            "to": self.to,
            "received_at": stamp(self.received_at),
            "log_within": self.log_within,
            "leaf_hash": self.leaf_hash,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Receipt":
        """Read `as_body` back; raises `RecordBroken` or `NotAMoment`."""
        fields = Fields.of(body, record="receipt", names=_NAMES)
        return cls(
            message=fields.shaped("message", REFERENCE),
            digest=fields.shaped("digest", DIGEST),
            sender=fields.shaped("from", NODE),
            to=fields.shaped("to", NODE),
            received_at=fields.moment("received_at"),
            log_within=fields.number("log_within", least=1, most=LOG_WITHIN_SECONDS_MAX),
            leaf_hash=fields.shaped("leaf_hash", DIGEST),
        )


def receipt_body(*, received: Received, leaf_hash: str, received_at: datetime, log_within: int) -> JsonObject:
    """What the receiving node signs as `RECEIPT`; `leaf_hash` names the log entry of the receipt, in hexadecimal."""
    receipt = Receipt(
        message=received.id,
        digest=received.digest,
        sender=received.sender,
        to=received.header.to,
        received_at=received_at,
        log_within=log_within,
        leaf_hash=leaf_hash,
    )
    return receipt.as_body()


def read_receipt(statement: Statement, *, peer: NodeCard, sent: Sent, at: datetime) -> Receipt:
    """The receipt that `peer` signed for the message that was `sent`.

    Raises `ReceiptDiffers`, `RecordBroken`, `NotAMoment`, and as `verify_all`.
    """
    verify_all(statement, type=RECEIPT, keys=[peer.signing_key])
    receipt = Receipt.from_body(statement.body)
    assert sent.to == peer.node, "the peer is looked up by the addressee of what was sent"
    for name, found, expected in (
        ("message", receipt.message, sent.id),
        ("digest", receipt.digest, sent.digest),
        ("from", receipt.sender, sent.sender),
        ("to", receipt.to, sent.to),
    ):
        if found != expected:
            raise ReceiptDiffers(node=peer.node, message=sent.id, why=f"{name} is {found}, not {expected}")
    if not sent.sent_at - CLOCK_SKEW_MAX <= receipt.received_at <= at + CLOCK_SKEW_MAX:
        why = f"received at {stamp(receipt.received_at)}, sent at {stamp(sent.sent_at)}, now {stamp(at)}"
        raise ReceiptDiffers(node=peer.node, message=sent.id, why=why)
    return receipt
