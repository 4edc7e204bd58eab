"""Further ways in of an official: asked for by that official alone, opened by two administrators, ended at once by either.

No act here makes anything usable for somebody who did not ask for it with a signature of their own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Q

from comity.authorities.credentials import Revocation, SignOn
from comity.authorities.directory import ENROLLERS
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.registry import access, introductions, log, offices, rows, seats
from comity.registry.act import act, current
from comity.registry.actions.directory import Enrolment, EnrolmentNotWitnessed, PasskeyTaken
from comity.registry.limits import CREDENTIALS_ASKED_MAX
from comity.registry.models import CredentialRow, InvitationRow, OfficialRow, SeatRow, SubjectRow
from comity.registry.queries.people import sitting

PASSKEY: Final = "passkey"
SUBJECT: Final = "sign-on"


class SubjectTaken(ComityError):
    """One subject is one official."""

    code = "registry.subject_taken"
    sentence = N_("this subject of single sign-on opens the desk of an official of this node already")
    hint = N_("If it should be yours, ask an administrator who it is recorded for.")


class TooManyAsked(ComityError):
    """What was asked for waits for the administrators."""

    code = "registry.too_many_asked"
    sentence = N_("{official} has asked for {number} further ways in, and nobody has decided on them yet")
    hint = N_("Withdraw one, or wait until the administrators have signed.")


class LastPasskey(ComityError):
    """The passkey of this session stays: it is what ends the other one."""

    code = "registry.last_passkey"
    sentence = N_("this session stands on the passkey that would be revoked")
    hint = N_("Sign in with the other passkey and revoke this one there, or ask an administrator to end the mandate.")


@act
def ask_credential(
    reference: str, kind: str, statement: Statement, *, credential: str, actor: Actor, at: datetime
) -> None:
    """Keep what an official asked for under the official's own signature; it opens nothing."""
    sitting(actor.official, actor.mandate, viewer=actor, at=at)
    waiting = CredentialRow.objects.filter(official=actor.official, closed_at=None)
    if waiting.count() >= CREDENTIALS_ASKED_MAX:
        raise TooManyAsked(official=actor.official, number=CREDENTIALS_ASKED_MAX)
    if credential:
        _hold_free(credential)
    CredentialRow.objects.create(
        reference=reference,
        kind=kind,
        official=actor.official,
        mandate=actor.mandate,
        credential=credential,
        request=statement.to_bytes(),
        asked_at=at,
    )
    log.append(
        kind="credential.asked",
        facts={"official": actor.official, "way": kind, "request": reference},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


@act
def propose_credential(reference: str, statement: Statement, *, actor: Actor, at: datetime) -> None:
    """Keep what the first of two administrators signed; the second one finds it at the desk."""
    access.require(actor, Power.ADMINISTER, at=at)
    row = _open(reference)
    if row.official == actor.official:
        raise EnrolmentNotWitnessed(official=row.official, found=actor.official)
    row.statement = statement.to_bytes()
    row.save(update_fields=["statement"])
    log.append(
        kind="credential.proposed",
        facts={"official": row.official, "way": row.kind, "request": reference},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


@act
def add_passkey(reference: str, enrolment: Enrolment, *, beside: str, actor: Actor, at: datetime) -> None:
    """Record a further passkey of an official, witnessed by two administrators; `beside` is the first mandate."""
    access.require(actor, Power.ADMINISTER, at=at)
    row = _open(reference)
    entry = enrolment.entry
    _hold_witnessed(entry.official, enrolment.witnesses, actor=actor, at=at)
    _hold_free(enrolment.credential, besides=reference)
    sitting(row.official, row.mandate, viewer=actor, at=at)
    _close(row, at=at)
    OfficialRow.objects.create(
        node=entry.node,
        official=entry.official,
        office=entry.office,
        role=entry.role.value,
        mandate=entry.mandate,
        key_id=entry.credential.id,
        digest=enrolment.statement.digest,
        statement=enrolment.statement.to_bytes(),
        credential=enrolment.credential,
        beside=beside,
    )
    log.append(
        kind="passkey.added",
        facts={
            "official": entry.official,
            "mandate": entry.mandate,
            "beside": beside,
            "key": entry.credential.id,
            "witnesses": list(enrolment.witnesses),
        },
        statement=enrolment.statement.digest,
        actor=actor,
        at=at,
    )


@act
def record_subject(reference: str, record: SignOn, statement: Statement, *, actor: Actor, at: datetime) -> None:
    """Record who an official is at the provider of single sign-on, witnessed by two administrators."""
    access.require(actor, Power.ADMINISTER, at=at)
    row = _open(reference)
    one = record.subject
    _hold_witnessed(one.official, record.recorded_by, actor=actor, at=at)
    sitting(one.official, one.mandate, viewer=actor, at=at)
    if SubjectRow.objects.filter(issuer=one.issuer, subject=one.subject, ended_at=None).exists():
        raise SubjectTaken
    _close(row, at=at)
    SubjectRow.objects.create(
        reference=reference,
        issuer=one.issuer,
        subject=one.subject,
        official=one.official,
        mandate=one.mandate,
        statement=statement.to_bytes(),
    )
    log.append(
        kind="sign-on.recorded",
        facts={"official": one.official, "issuer": one.issuer, "witnesses": list(record.recorded_by)},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


@act
def withdraw_credential(reference: str, *, actor: Actor, at: datetime) -> None:
    """Withdraw what waits: the official who asked, or an administrator."""
    row = _open(reference)
    if row.official == actor.official:
        sitting(actor.official, actor.mandate, viewer=actor, at=at)
    else:
        access.require(actor, Power.ADMINISTER, at=at)
    _close(row, at=at)
    log.append(
        kind="credential.withdrawn",
        facts={"official": row.official, "way": row.kind, "request": reference},
        statement="",
        actor=actor,
        at=at,
    )


@act
def revoke_passkey(proven: Proven[Revocation], standing: Statement, *, actor: Actor, at: datetime) -> None:
    """End another passkey of one's own at once, with every session that it opened; the present one stays.

    `standing` is how its mandate stands after that, signed by the node. Peers that hold its entry are told.
    """
    sitting(actor.official, actor.mandate, viewer=actor, at=at)
    one = proven.record
    if (one.official, one.mandate) != (actor.official, actor.mandate):
        raise access.NoSuchThing(what="passkey", reference=one.revoked[:40])
    if one.revoked == actor.mandate:
        raise LastPasskey
    mine = OfficialRow.objects.get(node=current().id, official=actor.official, mandate=actor.mandate)
    root = mine.beside or mine.mandate
    office = OfficialRow.objects.filter(Q(mandate=root) | Q(beside=root), node=current().id, official=actor.official)
    row = office.select_for_update().filter(mandate=one.revoked, ended_at=None).first()
    if row is None or not introductions.stand(row, standing):
        raise access.NoSuchThing(what="passkey", reference=one.revoked[:40])
    SubjectRow.objects.filter(official=actor.official, mandate=one.revoked, ended_at=None).update(ended_at=at)
    SeatRow.objects.filter(official=actor.official, mandate=one.revoked).delete()
    log.append(
        kind="passkey.revoked",
        facts={
            "official": actor.official,
            "mandate": one.revoked,
            "by": actor.mandate,
            "reason": one.reason,
            "told": rows.tell_standing(row, standing, at=at),
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def end_subject(reference: str, *, actor: Actor, at: datetime) -> None:
    """End a way in by single sign-on at once, with the sessions that it opened: its official, or an administrator."""
    row = SubjectRow.objects.select_for_update().filter(reference=reference, ended_at=None).first()
    if row is None:
        raise access.NoSuchThing(what="sign-on", reference=reference[:8])
    if row.official == actor.official:
        sitting(actor.official, actor.mandate, viewer=actor, at=at)
    else:
        access.require(actor, Power.ADMINISTER, at=at)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    SeatRow.objects.filter(official=row.official, mandate=row.mandate, by=seats.SIGN_ON).delete()
    log.append(
        kind="sign-on.ended",
        facts={"official": row.official, "issuer": row.issuer},
        statement="",
        actor=actor,
        at=at,
    )


def _open(reference: str) -> CredentialRow:
    row = CredentialRow.objects.select_for_update().filter(reference=reference, closed_at=None).first()
    if row is None:
        raise access.NoSuchThing(what="request", reference=reference[:8])
    return row


def _close(row: CredentialRow, *, at: datetime) -> None:
    row.closed_at = at
    row.save(update_fields=["closed_at"])


def _hold_witnessed(official: str, witnesses: Collection[str], *, actor: Actor, at: datetime) -> None:
    """Hold that two administrators in office, other than the official, signed; who acts is the second of them."""
    usable = {name for name, _ in offices.usable_administrators(at=at)}
    if len((set(witnesses) & usable) - {official}) < ENROLLERS or actor.official not in witnesses:
        raise EnrolmentNotWitnessed(official=official, found=", ".join(witnesses) or "none")


def _hold_free(credential: str, *, besides: str = "") -> None:
    """Hold that no official and nobody who waits has this passkey; raises `PasskeyTaken`."""
    taken = (
        OfficialRow.objects.filter(node=current().id, credential=credential).exists()
        or InvitationRow.objects.filter(credential=credential).exists()
        or CredentialRow.objects.filter(credential=credential, closed_at=None).exclude(reference=besides).exists()
    )
    if taken:
        raise PasskeyTaken
