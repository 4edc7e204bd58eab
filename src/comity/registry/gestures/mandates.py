"""Decisions on mandates, and trainings: what administrators sign about their colleagues.

* One administrator suspends, reinstates, or ends the mandate of who is no administrator. To end an administrator's, one
  signs first and another one after; nothing has happened before that.
* The reason is signed and stays here. What travels is how the mandate stands, signed by the node.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from comity.authorities.directory import Entry, verify_official
from comity.authorities.officials import Proven, read_decision, read_policy, read_training
from comity.authorities.roles import Actor, Power, Role
from comity.authorities.standing import (
    DECISION,
    REASON_CHARACTERS_MAX,
    STANDING,
    Change,
    DecidesOnOneself,
    Decision,
    Event,
    signatures_needed,
)
from comity.authorities.statement import Statement
from comity.authorities.training import POLICY, TRAINING, Training, TrainingPolicy
from comity.canon import plain
from comity.errors import N_, ComityError
from comity.registry import access, post
from comity.registry.act import current
from comity.registry.actions import mandates as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import people, roster


class SecondDeciderNeeded(ComityError):
    """Two administrators other than the official end an administrator's mandate."""

    code = "registry.second_decider_needed"
    sentence = N_("{second} cannot sign the decision on {official} beside {first}")
    hint = N_("Name another administrator in office, who is not the official.")


class DecisionNotForYou(ComityError):
    """A decision waits for somebody else."""

    code = "registry.decision_not_for_you"
    sentence = N_("the decision on {official} does not wait for {administrator}")
    hint = N_("Look at the people's page for who signs next.")


def prepare_decision(
    official: str, mandate: str, change: Change, *, reason: str, second: str, actor: Actor, at: datetime
) -> Prepared:
    """The decision on a mandate, to be signed; `second` signs after, where two decide, and is empty otherwise.

    Raises `NoSuchThing`, `ChangeOutOfOrder`, `DecidesOnOneself`, `SecondDeciderNeeded`, `TextNotAllowed`, and as `require`.
    """
    access.require(actor, Power.ADMINISTER, at=at)
    entry = roster.office_rows(official, mandate, viewer=actor)[0][0]
    if official == actor.official:
        raise DecidesOnOneself(official=official)
    entry.standing.after(Event(change=change, at=at, decision=""), mandate=mandate)
    by = [actor.official]
    two = signatures_needed(change, role=entry.role) > 1
    if two:
        by.append(_second(second, official=official, actor=actor, at=at))
    decision = Decision(
        node=current().id,
        official=official,
        mandate=mandate,
        change=change,
        reason=plain(reason, field="reason", limit=REASON_CHARACTERS_MAX, lines=True),
        at=at,
        previous=roster.newest_decision(official, mandate, viewer=actor),
        by=tuple(by),
    )
    return Prepared(
        gesture="mandate.propose" if two else "mandate.decide",
        subject=secrets.token_hex(16),
        texts=(Statement(type=DECISION, body=decision.as_body()),),
        arguments={},
    )


def seconds(official: str, *, actor: Actor, at: datetime) -> list[Entry]:
    """The administrators in office who can sign beside this one about that official, each person once."""
    found = {
        one.official: one
        for one in people.directory(viewer=actor)
        if one.role is Role.ADMINISTRATOR and one.from_ <= at < one.until
    }
    return [entry for name, entry in found.items() if name not in {actor.official, official}]


def _second(second: str, *, official: str, actor: Actor, at: datetime) -> str:
    if second in {one.official for one in seconds(official, actor=actor, at=at)}:
        return second
    raise SecondDeciderNeeded(second=second[:60] or "?", official=official, first=actor.official)


def prepare_second_decision(reference: str, *, actor: Actor, at: datetime) -> Prepared:
    """The decision that the first administrator signed, to be signed by the second; raises `DecisionNotForYou`."""
    access.require(actor, Power.ADMINISTER, at=at)
    waiting = roster.open_decision(reference, viewer=actor)
    if actor.official != waiting.decision.by[-1]:
        raise DecisionNotForYou(official=waiting.decision.official, administrator=actor.official)
    return Prepared(gesture="mandate.decide", subject=reference, texts=(waiting.statement,), arguments={})


def prepare_training(
    official: str, course: str, *, held_on: date, valid_until: date | None, actor: Actor, at: datetime
) -> Prepared:
    """The record that an official attended a course, to be signed; raises `TrainingBroken`, `DecidesOnOneself`, `NoSuchThing`."""
    access.require(actor, Power.ADMINISTER, at=at)
    roster.person(official, viewer=actor, at=at)
    if official == actor.official:
        raise DecidesOnOneself(official=official)
    training = Training(
        node=current().id,
        official=official,
        course=course,
        held_on=held_on,
        valid_until=valid_until,
        at=at,
        by=actor.as_record(),
    )
    body = Training.from_body(training.as_body()).as_body()  # as whoever reads it will
    return Prepared(
        gesture="training.record", subject=official, texts=(Statement(type=TRAINING, body=body),), arguments={}
    )


def prepare_training_policy(requires: Mapping[Power, tuple[str, ...]], *, actor: Actor, at: datetime) -> Prepared:
    """What powers shall ask for, in the place of what they ask for now, to be signed; raises `TrainingBroken`."""
    access.require(actor, Power.ADMINISTER, at=at)
    policy = TrainingPolicy(node=current().id, requires=requires, at=at, by=actor.as_record())
    body = TrainingPolicy.from_body(policy.as_body()).as_body()
    return Prepared(
        gesture="training.policy", subject=current().id, texts=(Statement(type=POLICY, body=body),), arguments={}
    )


def _propose(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    text = signed[0]
    decision = Decision.from_body(text.body)
    entry = access.require(actor, Power.ADMINISTER, at=at)
    verify_official(text, type=DECISION, entry=entry, at=decision.at)
    # the node signs at the end, once: what waits carries the first administrator's signature alone
    own = tuple(one for one in text.signatures if one.key == entry.credential.id)
    alone = Statement(type=text.type, body=text.body, signatures=own)
    acts.propose_decision(prepared.subject, Proven(statement=alone, record=decision), actor=actor, at=at)
    return Done(kind="person", reference=decision.official)


def standing_after(entry: Entry, event: Event) -> Statement:
    """How a mandate of this node stands after one more change, signed by the node; raises `ChangeOutOfOrder`."""
    stands = entry.standing.after(event, mandate=entry.mandate)
    body = stands.as_body(node=entry.node, official=entry.official, mandate=entry.mandate)
    return post.countersign(Statement(type=STANDING, body=body))


def _decide(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_decision(signed[0], known=people.known({}, viewer=actor), at=at)
    decision = proven.record
    event = Event(change=decision.change, at=at, decision=proven.digest)
    office = roster.office_rows(decision.official, decision.mandate, viewer=actor)
    standings = tuple((entry.mandate, standing_after(entry, event)) for entry, _ in office)
    decided = acts.Decided(reference=prepared.subject, decision=proven, standings=standings)
    acts.decide(decided, actor=actor, at=at)
    return Done(kind="person", reference=decision.official)


def _record_training(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_training(signed[0], known=people.known({}, viewer=actor), at=at)
    acts.record_training(proven, actor=actor, at=at)
    return Done(kind="person", reference=prepared.subject)


def _set_policy(
    prepared: Prepared,  # noqa: ARG001 - as its siblings
    signed: tuple[Statement, ...],
    *,
    actor: Actor,
    at: datetime,
) -> Done:
    proven = read_policy(signed[0], known=people.known({}, viewer=actor), at=at)
    acts.set_training_policy(proven, actor=actor, at=at)
    return Done(kind="training", reference="")


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "mandate.propose": _propose,
    "mandate.decide": _decide,
    "training.record": _record_training,
    "training.policy": _set_policy,
}
