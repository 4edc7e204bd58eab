"""Officials by their directory entries, and what it takes to call a record proven.

`Officials` answers one question: whose entry and whose node stand behind the actor that a record names? Everything that
an official signed is read through it, on a node and by a stranger with a bundle alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from comity.authorities.directory import ENROLLERS, ENTRY, Entry, EntryBroken, Home, verify_official
from comity.authorities.roles import Power, Role
from comity.authorities.standing import (
    DECISION,
    STANDING,
    DecidesOnOneself,
    Decision,
    Standing,
    StandingBroken,
    read_standing,
)
from comity.authorities.statement import SignerMissing, Statement, verify_all
from comity.authorities.training import POLICY, TRAINING, Training, TrainingPolicy
from comity.canon import JsonObject
from comity.errors import N_, ComityError

Name: TypeAlias = tuple[str, str, str]
"""Node, official, mandate."""


class OfficialUnknown(ComityError):
    """A text is signed by an official whose directory entry was not handed in."""

    code = "authorities.official_unknown"
    sentence = N_("no directory entry of {official} at {node} came with the {what}")


class NotThisOfficial(ComityError):
    """A record names another official than the one who signed it."""

    code = "authorities.not_this_official"
    sentence = N_("the {what} names {named}, and is signed by {signed}")


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Proven(Generic[T_co]):
    """A record together with the statement that proves it. Only functions that checked its signatures make one."""

    statement: Statement
    record: T_co

    @property
    def digest(self) -> str:
        """The name by which other records cite it."""
        return self.statement.digest


@dataclass(frozen=True)
class Officials:
    """Directory entries by (node, official, mandate), and the nodes that vouch for them."""

    homes: Mapping[str, Home]
    entries: Mapping[tuple[str, str, str], Entry]

    def who(self, record: JsonObject, *, what: str) -> tuple[Entry, Home]:
        """The entry and home of the actor that a record names; raises `OfficialUnknown`."""
        name = (str(record.get("node")), str(record.get("official")), str(record.get("mandate")))
        entry = self.entries.get(name)
        if entry is None or name[0] not in self.homes:
            raise OfficialUnknown(official=name[1][:60], node=name[0][:60], what=what)
        if entry.actor.as_record() != record:
            raise NotThisOfficial(what=what, named=str(record)[:200], signed=entry.official)
        return entry, self.homes[name[0]]


def officials(entries: Mapping[str, list[Statement]], *, homes: Mapping[str, Home]) -> Officials:
    """Read directory entries by node, and what became of their mandates.

    Raises `EntryBroken`, `StandingBroken`, or what `verify` raises, for a statement that is not good.

    Each entry must be vouched for as it says: by its node, and by two administrators whose entries are among those
    handed in. Only founding administrators stand on their node's signature alone. Of several standings of one mandate
    the longest counts; two of which neither begins with the other are a node's two stories, and nothing is believed.
    """
    read: dict[Name, Entry] = {}
    texts: dict[Name, Statement] = {}
    standings: dict[Name, Standing] = {}
    for node, statements in entries.items():
        for statement in statements:
            if statement.type == STANDING:
                name, standing = read_standing(statement, node=node, node_key=homes[node].key)
                standings[name] = longer(standing, standings.get(name, Standing()), mandate=name[2])
                continue
            entry = homes[node].entry(statement)
            read[node, entry.official, entry.mandate] = entry
            texts[node, entry.official, entry.mandate] = statement
    read = {name: entry.standing_as(standings.get(name, Standing())) for name, entry in read.items()}
    for name, entry in read.items():
        _hold_enrolment(entry, texts[name], home=homes[entry.node], among=read)
    return Officials(homes=homes, entries=read)


def longer(one: Standing, other: Standing, *, mandate: str) -> Standing:
    """The newer of two standings of one mandate; raises `StandingBroken` when they tell two stories."""
    if one.extends(other):
        return one
    if other.extends(one):
        return other
    raise StandingBroken(mandate=mandate, why="its node tells two stories of it")


def _hold_enrolment(entry: Entry, statement: Statement, *, home: Home, among: Mapping[Name, Entry]) -> None:
    """Two administrators signed, the node too, and nobody else; a founder is an administrator whom nobody enrolled.

    The person counts, not the office: nobody is one of the two twice, or for himself in another office. Both were in
    office when the mandate was given.
    """
    if entry.official in entry.enrolled_by:
        raise EntryBroken(official=entry.official, why="nobody enrols himself, in whichever office")
    enrollers = [
        one
        for official in entry.enrolled_by
        for one in among.values()
        if (one.node, one.official, one.role) == (entry.node, official, Role.ADMINISTRATOR)
        and any(signature.key == one.credential.id for signature in statement.signatures)
    ]
    if entry.enrolled_by:
        if len({one.official for one in enrollers}) < ENROLLERS:
            raise EntryBroken(official=entry.official, why="it lacks the signatures of two administrators")
        for one in enrollers:
            one.in_force(at=entry.appointed_at)
    elif entry.role is not Role.ADMINISTRATOR:
        raise EntryBroken(official=entry.official, why="only founding administrators are enrolled by nobody")
    verify_all(statement, type=ENTRY, keys=[home.key, *(one.credential for one in enrollers)])


def read_decision(statement: Statement, *, known: Officials, at: datetime) -> Proven[Decision]:
    """A decision on a mandate, signed by each administrator whom it names and their node, all in office at `at`.

    Raises what reading and verifying raise, `MandateNotInForce` or `PowerMissing`.
    """
    decision = Decision.from_body(statement.body)
    signers = [_signer(statement, name, node=decision.node, known=known) for name in decision.by]
    _hold_administrators(statement, signers, type_=DECISION, home=known.homes[decision.node], since=decision.at, at=at)
    return Proven(statement=statement, record=decision)


def _signer(statement: Statement, official: str, *, node: str, known: Officials) -> Entry:
    """The administrator's entry, of several the one whose passkey signed; raises `OfficialUnknown`."""
    keys = {signature.key for signature in statement.signatures}
    held = [one for one in known.entries.values() if one.person == (node, official) and one.role is Role.ADMINISTRATOR]
    for entry in held:
        if entry.credential.id in keys:
            return entry
    if held:
        raise SignerMissing(type=statement.type, key=held[-1].credential.id)
    raise OfficialUnknown(official=official[:60], node=node[:60], what="decision")


def read_training(statement: Statement, *, known: Officials, at: datetime) -> Proven[Training]:
    """A training, signed by an administrator of the node and the node; nobody records his own. Raises as `read_decision`."""
    training = Training.from_body(statement.body)
    if training.by.get("official") == training.official:
        raise DecidesOnOneself(official=training.official)
    _hold_administrator(
        statement, training.by, type_=TRAINING, node=training.node, since=training.at, known=known, at=at
    )
    return Proven(statement=statement, record=training)


def read_policy(statement: Statement, *, known: Officials, at: datetime) -> Proven[TrainingPolicy]:
    """What a node asks of its officials, signed by an administrator and the node; raises as `read_decision`."""
    policy = TrainingPolicy.from_body(statement.body)
    _hold_administrator(statement, policy.by, type_=POLICY, node=policy.node, since=policy.at, known=known, at=at)
    return Proven(statement=statement, record=policy)


def _hold_administrator(
    statement: Statement, by: JsonObject, *, type_: str, node: str, since: datetime, known: Officials, at: datetime
) -> None:
    entry, home = known.who(by, what="record")
    if entry.node != node:
        raise NotThisOfficial(what="record", named=f"an official of {node}", signed=f"one of {entry.node}")
    _hold_administrators(statement, [entry], type_=type_, home=home, since=since, at=at)


def _hold_administrators(
    statement: Statement, signers: Sequence[Entry], *, type_: str, home: Home, since: datetime, at: datetime
) -> None:
    """Hold that exactly these administrators signed, and their node; all in office since they began, and now."""
    for entry in signers:
        entry.actor.require(Power.ADMINISTER)
        verify_official(statement, type=type_, entry=entry, at=since)
        entry.in_force(at=at)
    verify_all(statement, type=type_, keys=[home.key, *(entry.credential for entry in signers)])
