"""What became of a mandate after it was given: suspended, reinstated, revoked.

Two statements, for two readers:

* a *decision* is signed by the administrators who took it, with its reason. It stays on the node: why somebody was
  suspended is nobody else's business.
* a *standing* is signed by the node and says what the decisions came to, with their moments. It travels beside the
  directory entry, to peers and into bundles, so that everybody judges a signature by the mandate at its moment.

A standing only ever grows: the longer one of two is the newer, and it begins with the older.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorities.keys import PublicKey
from comity.authorities.roles import Role
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, TextNotAllowed, moment, plain, stamp
from comity.errors import N_, ComityError

STANDING: Final = "comity/standing/v1"
DECISION: Final = "comity/mandate-decision/v1"
CHANGES_MAX: Final = 200
REASON_CHARACTERS_MAX: Final = 500
DECIDERS_MAX: Final = 2
_DIGEST_CHARACTERS: Final = 64
_STANDING_NAMES: Final = frozenset({"node", "official", "mandate", "changes"})
_CHANGE_NAMES: Final = frozenset({"change", "at", "decision"})
_DECISION_NAMES: Final = frozenset({"node", "official", "mandate", "change", "reason", "at", "previous", "by"})


class Change(StrEnum):
    """What can become of a mandate."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"


class StandingBroken(ComityError):
    """A statement on what became of a mandate cannot be relied on."""

    code = "authorities.standing_broken"
    sentence = N_("what is said of the mandate {mandate} cannot be relied on: {why}")


class ChangeOutOfOrder(ComityError):
    """What is revoked stays revoked; what runs is not reinstated."""

    code = "authorities.change_out_of_order"
    sentence = N_("mandate {mandate} cannot be changed in this way: {why}")
    hint = N_("Look at the person's page for how the mandate stands now.")


class DecidesOnOneself(ComityError):
    """Nobody decides on his own mandate, in whichever office."""

    code = "authorities.decides_on_oneself"
    sentence = N_("{official} cannot decide on a mandate of {official}")
    hint = N_("Ask another administrator.")


@dataclass(frozen=True)
class Event:
    """One change, the moment from which it counts, and the digest of the decision behind it."""

    change: Change
    at: datetime
    decision: str


@dataclass(frozen=True)
class Standing:
    """The changes of one mandate, in order; none: it stands as it was given."""

    changes: tuple[Event, ...] = ()

    @property
    def changed_at(self) -> datetime | None:
        """When the mandate last changed."""
        return self.changes[-1].at if self.changes else None

    @property
    def suspended(self) -> bool:
        """Whether the last word is a suspension."""
        return bool(self.changes) and self.changes[-1].change is Change.SUSPEND

    @property
    def revoked(self) -> bool:
        """Whether the last word is a revocation."""
        return bool(self.changes) and self.changes[-1].change is Change.REVOKE

    def stopped(self, *, at: datetime) -> str:
        """Why the mandate does not count at that moment; empty if it does."""
        before = [one for one in self.changes if one.at <= at]
        if not before or before[-1].change is Change.REINSTATE:
            return ""
        word = "ended" if before[-1].change is Change.REVOKE else "suspended"
        return f"it was {word} on {stamp(before[-1].at)}"

    def after(self, event: Event, *, mandate: str) -> "Standing":
        """The standing with one more change; raises `ChangeOutOfOrder`."""
        if self.revoked:
            raise ChangeOutOfOrder(mandate=mandate, why="it was ended, and that is not undone")
        if (event.change is Change.REINSTATE) is not self.suspended and event.change is not Change.REVOKE:
            raise ChangeOutOfOrder(mandate=mandate, why="it is suspended" if self.suspended else "it is not suspended")
        if self.changed_at is not None and event.at < self.changed_at:
            raise ChangeOutOfOrder(mandate=mandate, why="a later change is known already")
        return Standing(changes=(*self.changes, event))

    def extends(self, older: "Standing") -> bool:
        """Whether this is the older one, or that with more changes after it."""
        return self.changes[: len(older.changes)] == older.changes

    def as_body(self, *, node: str, official: str, mandate: str) -> JsonObject:
        """The standing of this mandate as the body of a statement."""
        changes = [{"change": one.change.value, "at": stamp(one.at), "decision": one.decision} for one in self.changes]
        return {"node": node, "official": official, "mandate": mandate, "changes": changes}


def signatures_needed(change: Change, *, role: Role) -> int:
    """How many administrators decide: two where an administrator's mandate is ended for good, otherwise one."""
    return 2 if change is Change.REVOKE and role is Role.ADMINISTRATOR else 1


def read_standing(statement: Statement, *, node: str, node_key: PublicKey) -> tuple[tuple[str, str, str], Standing]:
    """Whose mandate (node, official, mandate) the node speaks of, and how it stands; raises `StandingBroken`, as `verify`."""
    verify_all(statement, type=STANDING, keys=[node_key])
    body = statement.body
    mandate = str(body.get("mandate"))[:64]
    if body.get("node") != node:
        raise StandingBroken(mandate=mandate, why=f"it is none of node {node}")
    standing = standing_in(body, mandate=mandate)
    return (node, str(body["official"]), str(body["mandate"])), standing


def standing_in(body: JsonObject, *, mandate: str) -> Standing:
    """The standing that a text states, whoever signed it; raises `StandingBroken`."""
    if set(body) != _STANDING_NAMES or not all(isinstance(body[one], str) for one in ("node", "official", "mandate")):
        raise StandingBroken(mandate=mandate, why=f"expected exactly {', '.join(sorted(_STANDING_NAMES))}")
    listed = body["changes"]
    if not isinstance(listed, list) or not 0 < len(listed) <= CHANGES_MAX:
        raise StandingBroken(mandate=mandate, why=f"it lists 1 to {CHANGES_MAX} changes")
    standing = Standing()
    for one in listed:
        try:
            standing = standing.after(_event(one, mandate=mandate), mandate=mandate)
        except ChangeOutOfOrder as refused:
            raise StandingBroken(mandate=mandate, why=str(refused)) from refused
    return standing


def _event(value: object, *, mandate: str) -> Event:
    if not isinstance(value, dict) or set(value) != _CHANGE_NAMES:
        raise StandingBroken(mandate=mandate, why=f"a change has exactly {', '.join(sorted(_CHANGE_NAMES))}")
    decision = value["decision"]
    if not isinstance(decision, str) or len(decision) != _DIGEST_CHARACTERS:
        raise StandingBroken(mandate=mandate, why="a change names the digest of its decision")
    try:
        change = Change(value["change"])
    except ValueError as unknown:
        raise StandingBroken(mandate=mandate, why=str(unknown)) from unknown
    return Event(change=change, at=moment(value["at"]), decision=decision)


@dataclass(frozen=True)
class Decision:
    """What administrators decided on a mandate. `previous` is the digest of the decision before it, or empty.

    `at` is when the first of them signed; it counts from when the last one has. `by` names the people, and not their
    mandates: with which passkey each of them signs is the signature's to say.
    """

    node: str
    official: str
    mandate: str
    change: Change
    reason: str
    at: datetime
    previous: str
    by: tuple[str, ...]

    def as_body(self) -> JsonObject:
        """The decision as the body of a statement."""
        return {
            "node": self.node,
            "official": self.official,
            "mandate": self.mandate,
            "change": self.change.value,
            "reason": self.reason,
            "at": stamp(self.at),
            "previous": self.previous,
            "by": list(self.by),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Decision":
        """Read `as_body` back; raises `StandingBroken` or `DecidesOnOneself`."""
        mandate = str(body.get("mandate"))[:64]
        if set(body) != _DECISION_NAMES:
            raise StandingBroken(mandate=mandate, why=f"expected exactly {', '.join(sorted(_DECISION_NAMES))}")
        if not all(isinstance(body[name], str) for name in ("node", "official", "mandate", "previous")):
            raise StandingBroken(mandate=mandate, why="a name is no text")
        by = body["by"]
        if not isinstance(by, list) or not 0 < len(by) <= DECIDERS_MAX or not all(isinstance(one, str) for one in by):
            raise StandingBroken(mandate=mandate, why=f"1 to {DECIDERS_MAX} administrators decide")
        if len(set(by)) != len(by):
            raise StandingBroken(mandate=mandate, why="one person decides once, in whichever office")
        if body["official"] in by:
            raise DecidesOnOneself(official=body["official"][:60])
        try:
            change = Change(body["change"])
            reason = plain(body["reason"], field="reason", limit=REASON_CHARACTERS_MAX, lines=True)
        except (ValueError, TextNotAllowed) as refused:
            raise StandingBroken(mandate=mandate, why=str(refused)) from refused
        return cls(
            node=body["node"],
            official=body["official"],
            mandate=body["mandate"],
            change=change,
            reason=reason,
            at=moment(body["at"]),
            previous=body["previous"],
            by=tuple(by),
        )
