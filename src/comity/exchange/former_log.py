"""What a node card says of the past of its log: keys that signed before, and logs that ended because entries were lost.

A node that lost its newest entries must not go on under the same name: it would sign a second history. Its log ends, as it
was when the tables that it still has were signed, and a log of another name begins with the same entries (an epoch).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.keys import b64, unb64
from comity.canon import Json, JsonObject, stamp
from comity.exchange.wire import CLOCK_SKEW_MAX, NODE, Fields
from comity.ledger import Checkpoint, NoteBroken, VerifierKey, claimed, open_checkpoint

LOG_ORIGIN: Final = "comity.example/log/"
FORMER_LOG_KEYS_MAX: Final = 32
FORMER_LOGS_MAX: Final = 9
_CHECKPOINT: Final = re.compile(r"[A-Za-z0-9+/=_-]{1,4000}")
LOG_KEY: Final = re.compile(r"[!-~]{1,200}")
ORIGIN: Final = re.compile(re.escape(LOG_ORIGIN) + f"(?:{NODE.pattern})" + r"(?:/[1-9])?")


def origin_of(node: str, *, epoch: int) -> str:
    """The name of a node's log: of its first one, or of the one that began after so many were lost."""
    return f"{LOG_ORIGIN}{node}/{epoch}" if epoch else LOG_ORIGIN + node


@dataclass(frozen=True)
class FormerLogKey:
    """A key that signed the log's checkpoints from `from_` until (not including) `until`."""

    key: str
    from_: datetime
    until: datetime

    def as_record(self) -> JsonObject:
        return {"key": self.key, "from": stamp(self.from_), "until": stamp(self.until)}

    @classmethod
    def from_record(cls, record: Json) -> "FormerLogKey":
        """Read `as_record` back; raises `RecordBroken`, `NotAMoment`."""
        fields = Fields.of(record, record="former log key", names=("key", "from", "until"))
        one = cls(key=fields.shaped("key", LOG_KEY), from_=fields.moment("from"), until=fields.moment("until"))
        if one.until <= one.from_:
            raise fields.broken("it ends before it begins")
        return one


@dataclass(frozen=True)
class FormerLog:
    """A log that ended: `end` is its checkpoint with which the next one begins, `seen` the newest that anybody held.

    Entries between the two are lost to the node, and stand in what others hold.
    """

    origin: str
    keys: tuple[FormerLogKey, ...]
    end: bytes
    seen: bytes

    def opened(self, signed: bytes, *, at: datetime | None) -> tuple[VerifierKey, Checkpoint]:
        """Which of its keys signed a checkpoint (one that counted then, if `at`), and its head; raises `NoteBroken`."""
        counted = [one for one in self.keys if at is None or at < one.until + CLOCK_SKEW_MAX]
        return opened_with_any(signed, map(VerifierKey.parse, (one.key for one in counted[::-1])), origin=self.origin)

    @property
    def ended(self) -> Checkpoint:
        """The tree with which the next log begins."""
        return claimed(self.end)

    @property
    def known(self) -> Checkpoint:
        """The newest tree that anybody held when it ended."""
        return claimed(self.seen)

    def as_record(self) -> JsonObject:
        return {
            "origin": self.origin,
            "keys": [one.as_record() for one in self.keys],
            "end": b64(self.end),
            "seen": b64(self.seen),
        }

    @classmethod
    def from_record(cls, record: Json) -> "FormerLog":
        """Read `as_record` back; raises `RecordBroken`, `NotAMoment`, `NotCanonical`, `NoteBroken` or `CheckpointBroken`."""
        fields = Fields.of(record, record="former log", names=("origin", "keys", "end", "seen"))
        one = cls(
            origin=fields.shaped("origin", ORIGIN),
            keys=tuple(FormerLogKey.from_record(each) for each in fields.listed("keys", most=FORMER_LOG_KEYS_MAX + 1)),
            end=unb64(fields.shaped("end", _CHECKPOINT)),
            seen=unb64(fields.shaped("seen", _CHECKPOINT)),
        )
        if not one.keys:
            raise fields.broken("no key of it is named")
        (_, end), (_, seen) = one.opened(one.end, at=None), one.opened(one.seen, at=None)
        if seen.size < end.size or (seen.size == end.size and seen.root != end.root):
            raise fields.broken("what was seen of it last does not go on from its end")
        return one


def opened_with_any(signed: bytes, signers: Iterable[VerifierKey], *, origin: str) -> tuple[VerifierKey, Checkpoint]:
    """Which of the keys of a log signed a checkpoint, and its head; raises `NoteBroken` or `CheckpointBroken`."""
    refused = NoteBroken(key=origin, why="no key of it counted then")
    for key in signers:
        try:
            return key, open_checkpoint(signed, key=key, origin=origin)
        except NoteBroken as broken:
            refused = broken
    raise refused
