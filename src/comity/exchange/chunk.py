"""The chunk request: the receiver of a handed-over item asks for one range of its ciphertext.

A transfer moves in ranges so that it resumes where it broke off. What is moved is ciphertext; the key travelled in the
hand-over message. The request is signed and short-lived, so that nobody else can load a node with old ones.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, stamp
from comity.canon.json import INTEGER_MAX
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.exchange.wire import CLOCK_SKEW_MAX, REFERENCE, Fields

CHUNK_REQUEST: Final = "comity/chunk-request/v1"
CHUNK_REQUEST_BYTES_MAX: Final = 16 * 1024
CHUNK_BYTES_MAX: Final = 8 * 1024 * 1024


class ChunkRequestStale(ComityError):
    """A chunk request was signed too long ago, or ahead of time."""

    code = "exchange.chunk_request_stale"
    sentence = N_("the request was signed at {found}, and it is {now}; at most {minutes} minutes may lie between")
    hint = N_("Compare the clocks of the two nodes, and sign the request again.")


@dataclass(frozen=True)
class ChunkRequest:
    """`length` bytes of the item's ciphertext from byte `offset`, as part of that transfer."""

    transfer: str
    item: str
    offset: int
    length: int
    at: datetime

    def as_body(self) -> JsonObject:
        """The request as the body of a statement."""
        return {
            "transfer": self.transfer,
            "item": self.item,
            "offset": self.offset,
            "length": self.length,
            "at": stamp(self.at),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "ChunkRequest":
        """Read `as_body` back; raises `RecordBroken` or `NotAMoment`."""
        fields = Fields.of(body, record="chunk request", names=("transfer", "item", "offset", "length", "at"))
        return cls(
            transfer=fields.shaped("transfer", REFERENCE),
            item=fields.shaped("item", REFERENCE),
            offset=fields.number("offset", least=0, most=INTEGER_MAX - CHUNK_BYTES_MAX),
            length=fields.number("length", least=1, most=CHUNK_BYTES_MAX),
            at=fields.moment("at"),
        )


def read_chunk_request(statement: Statement, *, peer: NodeCard, at: datetime) -> ChunkRequest:
    """The request that `peer` signed just now; raises `ChunkRequestStale`, `RecordBroken`, and as `verify_all`.

    That the transfer goes to this peer and holds this item is for the caller to look up.
    """
    verify_all(statement, type=CHUNK_REQUEST, keys=[peer.signing_key])
    request = ChunkRequest.from_body(statement.body)
    if abs(at - request.at) > CLOCK_SKEW_MAX:
        minutes = int(CLOCK_SKEW_MAX.total_seconds() // 60)
        raise ChunkRequestStale(found=stamp(request.at), now=stamp(at), minutes=minutes)
    return request
