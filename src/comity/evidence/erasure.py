"""An erasure: the key of an item is destroyed, because the decision that it rested on has ended or its time has run out.

* Where a decision has ended, a custodian signs and that official's node; the text that ended it is named, and the article.
* Where the time ran out, the node signs alone: the retention schedule that it names says when, and everybody can compare.
* It says which item by its hash: the proof that something was erased outlives it (decisions 5).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, OfficialUnknown, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError
from comity.evidence import shapes

ERASURE: Final = "comity/erasure/v1"
RETENTION: Final = "retention"
"""The ground of an erasure that a retention schedule asks for."""
_NAMES: Final = frozenset({"item", "sha256", "letter", "ended_by", "ground", "article", "node", "by", "at"})


class ErasureBroken(ComityError):
    """A text is no erasure."""

    code = "evidence.erasure_broken"
    sentence = N_("this is no erasure: {why}")


@dataclass(frozen=True)
class Erasure:
    """Which item of which letter, by which ended decision or by which schedule, where and by whom.

    `ended_by` is the digest of the lapse or of the schedule; `by` is empty where the node erases by its schedule.
    """

    item: str
    sha256: str
    letter: str
    ended_by: str
    ground: str
    article: str
    node: str
    by: JsonObject
    at: datetime

    def as_body(self) -> JsonObject:
        """The erasure as the body of a statement."""
        return {**vars(self), "at": stamp(self.at)}

    @classmethod
    def from_body(cls, body: JsonObject) -> "Erasure":
        """Read `as_body` back; raises `ErasureBroken`, `TextNotAllowed` or `NotAMoment`."""
        if set(body) != _NAMES:
            raise ErasureBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        if not isinstance(body["by"], dict) or not isinstance(body["node"], str):
            raise ErasureBroken(why="it names node and custodian")
        shapes.reference(body["item"], field="item")
        for name in ("sha256", "letter", "ended_by"):
            shapes.digest(body[name], field=name)
        texts = {name: plain(body[name], field=name, limit=200) for name in ("ground", "article")}
        if (texts["ground"] == RETENTION) is bool(body["by"]):
            raise ErasureBroken(why="a custodian erases, or a retention schedule does: not both, and not nobody")
        return cls(**{**body, **texts, "at": moment(body["at"])})


def read_erasure(statement: Statement, *, known: Officials) -> Proven[Erasure]:
    """The erasure, signed by the custodian and that official's node, or by the node alone; raises what does not hold.

    Of an erasure by a schedule only who says so is held here: `oversight.retention.hold_due` compares it with the schedule.
    """
    erasure = Erasure.from_body(statement.body)
    if erasure.ground == RETENTION:
        if erasure.node not in known.homes:
            raise OfficialUnknown(official="its machine", node=erasure.node[:60], what="erasure")
        verify_all(statement, type=ERASURE, keys=[known.homes[erasure.node].key])
        return Proven(statement=statement, record=erasure)
    entry, home = known.who(erasure.by, what="erasure")
    if entry.node != erasure.node:
        raise NotThisOfficial(what="erasure", named=erasure.node, signed=entry.node)
    verify_official(statement, type=ERASURE, entry=entry, at=erasure.at)
    verify_all(statement, type=ERASURE, keys=(entry.credential, home.key))
    entry.actor.require(Power.TAKE_IN_EVIDENCE)
    return Proven(statement=statement, record=erasure)
