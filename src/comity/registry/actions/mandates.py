"""What becomes of mandates, and what their powers ask for: suspended, reinstated, revoked; trainings and their policy.

Every decision is signed by administrators. It counts from the act on: what the official did before stays valid, what
was not finished is stopped, and the entry says what that was. Peers that hold the directory entry are told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, MandateNotInForce, Power, Role
from comity.authorities.standing import Change, DecidesOnOneself, Decision, signatures_needed
from comity.authorities.statement import Statement
from comity.authorities.training import Training, TrainingPolicy
from comity.errors import N_, ComityError
from comity.registry import access, introductions, log, offices, rows
from comity.registry.act import act, current
from comity.registry.models import DecisionRow, OfficialRow, TrainingPolicyRow, TrainingRow

USABLE_ADMINISTRATORS_MIN: Final = 2
"""Two sign each enrolment: a node with fewer could never again appoint anybody."""
WAITS_MAX: Final = timedelta(days=7)
"""How long a decision waits for its second signature; what was decided a month ago rests on what was known then."""
_KINDS: Final = {
    Change.SUSPEND: "mandate.suspended",
    Change.REINSTATE: "mandate.reinstated",
    Change.REVOKE: "mandate.ended",
}


class AdministratorNeeded(ComityError):
    """A node with fewer than two administrators could never again enrol anybody."""

    code = "registry.administrator_needed"
    sentence = N_("the mandate of {official} cannot stop now: two other administrators have to stay in office")
    hint = N_("Enrol another administrator first.")


class DecisionNotSigned(ComityError):
    """The mandate of an administrator is ended by two others."""

    code = "registry.decision_not_signed"
    sentence = N_(
        "to {change} the mandate of {official} takes the signatures of {needed} administrators; found {found}"
    )


class DecisionOvertaken(ComityError):
    """Somebody decided on the mandate since the text was written, or the text waited for more than a week."""

    code = "registry.decision_overtaken"
    sentence = N_(
        "this decision on the mandate of {official} is out of date: another was taken since, or it waited too long"
    )
    hint = N_("Look at the person's page, and begin again.")


@dataclass(frozen=True)
class Decided:
    """A decision with all its signatures, and how each mandate of the office stands after it, signed by the node."""

    reference: str
    decision: Proven[Decision]
    standings: tuple[tuple[str, Statement], ...]


@act
def propose_decision(reference: str, proven: Proven[Decision], *, actor: Actor, at: datetime) -> None:
    """Keep a decision that the first of two administrators signed; the second one finds it at the desk."""
    access.require(actor, Power.ADMINISTER, at=at)
    decision = proven.record
    _hold_decider(actor, decision.by[0], step="propose")
    office = _office(decision)
    _hold_possible(office, decision, at=at)
    DecisionRow.objects.filter(official=office[0], decided_at=None, dropped_at=None).update(dropped_at=at)
    DecisionRow.objects.create(
        reference=reference,
        official=office[0],
        change=decision.change.value,
        digest=proven.digest,
        statement=proven.statement.to_bytes(),
        first=decision.by[0],
        second=decision.by[-1],
        signed_at=at,
    )
    log.append(
        kind="mandate.proposed",
        facts={"official": decision.official, "mandate": decision.mandate, "change": decision.change.value},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def decide(decided: Decided, *, actor: Actor, at: datetime) -> None:
    """Let a decision on a mandate count from now on, also for what is pending, and tell the peers that know of it.

    Raises `DecisionNotSigned`, `DecisionOvertaken`, `AdministratorNeeded` or `MandateNotInForce` (of who signed first).
    """
    access.require(actor, Power.ADMINISTER, at=at)
    decision = decided.decision.record
    _hold_decider(actor, decision.by[-1], step=decision.change.value)
    office = _office(decision)
    needed = signatures_needed(decision.change, role=Role(office[0].role))
    if len(decision.by) != needed:
        raise DecisionNotSigned(
            change=decision.change.value, official=decision.official, needed=needed, found=len(decision.by)
        )
    if at - decision.at > WAITS_MAX:
        raise DecisionOvertaken(official=decision.official)
    _hold_in_office(decision, at=at)
    _hold_possible(office, decision, at=at)
    signed = dict(decided.standings)
    running = [row for row in office if row.ended_at is None]
    if not running or set(signed) != {row.mandate for row in running}:
        raise DecisionOvertaken(official=decision.official)
    if not all(introductions.stand(row, signed[row.mandate]) for row in running):
        raise DecisionOvertaken(official=decision.official)
    DecisionRow.objects.update_or_create(
        reference=decided.reference,
        defaults={
            "official": office[0],
            "change": decision.change.value,
            "digest": decided.decision.digest,
            "statement": decided.decision.statement.to_bytes(),
            "first": decision.by[0],
            "second": decision.by[-1] if needed > 1 else "",
            "signed_at": at,
            "decided_at": at,
        },
    )
    stopped = offices.stop(office, final=decision.change is Change.REVOKE, at=at) if _stops(decision) else {}
    told = [rows.tell_standing(row, signed[row.mandate], at=at) for row in running]
    log.append(
        kind=_KINDS[decision.change],
        facts={
            "official": decision.official,
            "mandate": decision.mandate,
            "reason": decision.reason,
            "stopped": stopped,
            "told": sorted({peer for peers in told for peer in peers}),
        },
        statement=decided.decision.digest,
        actor=actor,
        at=at,
    )


@act
def drop_decision(reference: str, *, actor: Actor, at: datetime) -> None:
    """Throw away a decision that waits for its second signature.

    Raises `NoSuchThing`, or `DecidesOnOneself`: whom it is about would else keep the mandate by throwing away each one.
    """
    access.require(actor, Power.ADMINISTER, at=at)
    kept = DecisionRow.objects.select_for_update(of=("self",)).select_related("official")
    row = kept.filter(reference=reference, decided_at=None, dropped_at=None).first()
    if row is None:
        raise access.NoSuchThing(what="decision", reference=reference[:8])
    if row.official.official == actor.official:
        raise DecidesOnOneself(official=actor.official)
    row.dropped_at = at
    row.save(update_fields=["dropped_at"])
    log.append(kind="mandate.dropped", facts={"decision": reference}, statement="", actor=actor, at=at)


@act
def receive_standing(
    inbound: rows.Inbound, whose: tuple[str, str, str], statement: Statement, *, actor: Actor, at: datetime
) -> None:
    """Take in how a mandate of the sender stands; one that this node never heard of changes nothing. A receipt is promised."""
    node, official, mandate = whose
    row = OfficialRow.objects.select_for_update().filter(node=node, official=official, mandate=mandate).first()
    news = row is not None and introductions.stand(row, statement)
    entry = log.append(
        kind="mandate.learned",
        facts=inbound.facts({"official": official, "mandate": mandate, "news": news, "held": row is not None}),
        statement=statement.digest,
        actor=actor,
        at=at,
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=None, at=at), at=at)


@act
def record_training(proven: Proven[Training], *, actor: Actor, at: datetime) -> None:
    """Record a course that an official of this node attended."""
    access.require(actor, Power.ADMINISTER, at=at)
    training = proven.record
    rows.hold_signer(actor, training.by, step="record")
    if not OfficialRow.objects.filter(node=current().id, official=training.official).exists():
        raise access.NoSuchThing(what="official", reference=training.official[:40])
    TrainingRow.objects.create(
        official=training.official,
        course=training.course,
        digest=proven.digest,
        statement=proven.statement.to_bytes(),
        at=at,
    )
    until = training.as_body()["valid_until"]
    log.append(
        kind="training.recorded",
        facts={"official": training.official, "course": training.course, "valid_until": until},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def set_training_policy(proven: Proven[TrainingPolicy], *, actor: Actor, at: datetime) -> None:
    """Let powers ask for trainings from now on, in the place of what they asked for before."""
    access.require(actor, Power.ADMINISTER, at=at)
    rows.hold_signer(actor, proven.record.by, step="set")
    TrainingPolicyRow.objects.create(digest=proven.digest, statement=proven.statement.to_bytes(), at=at)
    log.append(
        kind="training.policy",
        facts={"requires": proven.record.as_body()["requires"]},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


def _stops(decision: Decision) -> bool:
    return decision.change is not Change.REINSTATE


def _office(decision: Decision) -> list[OfficialRow]:
    """The rows of the office that a decision is about; raises `NoSuchThing`."""
    office = offices.rows_of(decision.official, decision.mandate) if decision.node == current().id else []
    if not office:
        raise access.NoSuchThing(what="mandate", reference=decision.mandate[:40])
    return office


def _hold_decider(actor: Actor, named: str, *, step: str) -> None:
    """Hold that who acts is who signed, with whichever passkey; raises `SignedByAnother`."""
    if actor.official != named:
        raise rows.SignedByAnother(actor=actor.official, step=step, signer=named[:60])


def _hold_in_office(decision: Decision, *, at: datetime) -> None:
    """Hold that everybody who signed is an administrator in office now; raises `MandateNotInForce`."""
    usable = {official for official, _ in offices.usable_administrators(at=at)}
    for name in decision.by:
        if name not in usable:
            raise MandateNotInForce(official=name[:60], role=Role.ADMINISTRATOR.value, why="it was suspended or ended")


def _hold_possible(office: list[OfficialRow], decision: Decision, *, at: datetime) -> None:
    """Hold that nobody decided in between, and that enough administrators stay in office."""
    newest = (
        DecisionRow.objects.filter(official=office[0]).exclude(decided_at=None).order_by("-decided_at", "-id").first()
    )
    if decision.previous != (newest.digest if newest else ""):
        raise DecisionOvertaken(official=decision.official)
    if not _stops(decision) or office[0].role != Role.ADMINISTRATOR.value:
        return
    usable, mandates = offices.usable_administrators(at=at), {row.mandate for row in office}
    if any(mandate in mandates for _, mandate in usable):
        left = {official for official, mandate in usable if mandate not in mandates}
        if len(left) < USABLE_ADMINISTRATORS_MIN:
            raise AdministratorNeeded(official=decision.official)
