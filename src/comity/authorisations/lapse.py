"""A lapse: an authorisation has ended before its time, and what was done under it is taken back.

* An emergency decision that nobody validated in time lapses by itself: the node says so, and signs alone. What it says can
  be checked against the decision, which names the moment.
* A judge who refuses the validation, or revokes a decision, signs it, and that official's node.
* Everybody who received the letter or what came of it is told by this text; the data are sealed off and erased.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorisations.authorisation import Authorisation, not_by_drafter
from comity.authorisations.reasons import reason
from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError

LAPSE: Final = "comity/lapse/v1"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAMES: Final = frozenset({"letter", "authorisation", "cause", "article", "reason", "node", "by", "at"})


class LapseBroken(ComityError):
    """A text says that an authorisation ended, and it cannot have."""

    code = "authorisations.lapse_broken"
    sentence = N_("this ends no authorisation: {why}")


class Cause(StrEnum):
    """Why an authorisation ended before its time."""

    NOT_VALIDATED = "not_validated"
    VALIDATION_REFUSED = "validation_refused"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Lapse:
    """`letter` and `authorisation` are digests; `by` is the judge's record, empty where the time alone ended it."""

    letter: str
    authorisation: str
    cause: Cause
    article: str
    reason: str
    node: str
    by: JsonObject
    at: datetime

    def as_body(self) -> JsonObject:
        """The lapse as the body of a statement."""
        return {**vars(self), "cause": self.cause.value, "at": stamp(self.at)}

    @classmethod
    def from_body(cls, body: JsonObject) -> "Lapse":
        """Read `as_body` back; raises `LapseBroken`, `ReasonsEmpty`, `TextNotAllowed` or `NotAMoment`."""
        match body:
            case {"letter": str(letter), "authorisation": str(decision), "by": dict(by), "node": str(node), **rest} if (
                set(rest) == _NAMES - {"letter", "authorisation", "by", "node"}
                and _DIGEST.fullmatch(letter)
                and _DIGEST.fullmatch(decision)
            ):
                pass
            case _:
                raise LapseBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}, two of them digests")
        if body["cause"] not in [one.value for one in Cause]:
            raise LapseBroken(why="its cause is none that is known")
        cause = Cause(body["cause"])
        if (cause is Cause.NOT_VALIDATED) is bool(by):
            raise LapseBroken(why="a judge ends a decision, or the time does: not both, and not nobody")
        return cls(
            letter=letter,
            authorisation=decision,
            cause=cause,
            article=plain(body["article"], field="article", limit=200),
            reason=reason(body["reason"], field="reason"),
            node=node,
            by=by,
            at=moment(body["at"]),
        )


def read_lapse(
    statement: Statement, *, decided: Proven[Authorisation], drafted_by: JsonObject, known: Officials
) -> Proven[Lapse]:
    """A lapse of this decision, signed by whom it must be; raises what does not hold.

    The time alone ends what had to be validated before `at`; a judge other than the drafter ends anything.
    """
    lapse, given = Lapse.from_body(statement.body), decided.record
    if (lapse.authorisation, lapse.letter, lapse.node) != (decided.digest, given.letter, given.by.get("node")):
        raise LapseBroken(why="it is about another decision, or of another node")
    if lapse.cause is not Cause.REVOKED and given.validation is None:
        raise LapseBroken(why="nobody had to validate the decision")
    if lapse.cause is Cause.NOT_VALIDATED:
        home = known.homes.get(lapse.node)
        if home is None or given.validation is None or lapse.at < given.validation.until:
            raise LapseBroken(why="the time for the validation had not run out")
        verify_all(statement, type=LAPSE, keys=[home.key])
        return Proven(statement=statement, record=lapse)
    entry, home = known.who(lapse.by, what="lapse")
    if entry.node != lapse.node:
        raise NotThisOfficial(what="lapse", named=lapse.node, signed=entry.node)
    verify_official(statement, type=LAPSE, entry=entry, at=lapse.at)
    verify_all(statement, type=LAPSE, keys=(entry.credential, home.key))
    entry.actor.require(Power.AUTHORISE)
    not_by_drafter(drafted_by=drafted_by, decided_by=lapse.by)
    return Proven(statement=statement, record=lapse)
