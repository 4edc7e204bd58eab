"""The directory and the peers: who may act on this node, and which nodes it deals with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.directory import Entry
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Actor, Power, Role
from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.registry import access, log
from comity.registry.act import act, current
from comity.registry.invitations import LIFE, Appointment, InvitationNotUsable, Secrets
from comity.registry.models import InvitationRow, OfficialRow, PeerRow


class AlreadyFounded(ComityError):
    """A node is founded once."""

    code = "registry.already_founded"
    sentence = N_("node {node} has its founding administrators already")


class AdministratorNeeded(ComityError):
    """A node without administrators could never again enrol anybody."""

    code = "registry.administrator_needed"
    sentence = N_("the mandate of {official} cannot end now: another administrator has to stay in office")
    hint = N_("Enrol another administrator first.")


class EnrolmentNotWitnessed(ComityError):
    """An enrolment needs two other officials."""

    code = "registry.enrolment_not_witnessed"
    sentence = N_("the enrolment of {official} needs the signatures of two other administrators; found {found}")


class PasskeyTaken(ComityError):
    """Another official's passkey has the same name."""

    code = "registry.passkey_taken"
    sentence = N_("this passkey is enrolled on this node already")
    hint = N_("Use another device or security key; one passkey stands for one mandate.")


@dataclass(frozen=True)
class Enrolment:
    """A directory entry of this node that was checked: its text, and the officials who signed it besides the node.

    `credential` is the name of the passkey; `invitation` the one that it began with, if it did.
    """

    entry: Entry
    statement: Statement
    witnesses: tuple[str, ...]
    credential: str
    invitation: str = ""


@act
def found_node(enrolments: Sequence[Enrolment], *, actor: Actor, at: datetime) -> None:
    """Record the founding administrators; the only entries that no administrator signs."""
    if OfficialRow.objects.filter(node=current().id).exists():
        raise AlreadyFounded(node=current().id)
    for enrolment in enrolments:
        _record(enrolment, at=at)
    InvitationRow.objects.filter(founder=True, closed_at=None).update(closed_at=at)
    log.append(
        kind="node.founded",
        facts={"administrators": [one.statement.digest for one in enrolments], "kind": current().kind},
        statement="",
        actor=actor,
        at=at,
    )


@act
def enrol_official(enrolment: Enrolment, *, actor: Actor, at: datetime) -> None:
    """Record an official's office, mandate and credential, witnessed by two administrators."""
    access.require(actor, Power.ADMINISTER, at=at)
    entry = enrolment.entry
    if len(set(enrolment.witnesses) - {entry.official}) < 2 or actor.official not in enrolment.witnesses:  # noqa: PLR2004 - two officials
        raise EnrolmentNotWitnessed(official=entry.official, found=", ".join(enrolment.witnesses) or "none")
    _record(enrolment, at=at)
    log.append(
        kind="official.enrolled",
        facts={"official": entry.official, "role": entry.role.value, "witnesses": list(enrolment.witnesses)},
        statement=enrolment.statement.digest,
        actor=actor,
        at=at,
    )


@act
def end_mandate(official: str, mandate: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a mandate at once, also for work that is pending."""
    access.require(actor, Power.ADMINISTER, at=at)
    _hold_administrators(official, mandate)
    ended = OfficialRow.objects.filter(node=current().id, official=official, mandate=mandate, ended_at=None).update(
        ended_at=at
    )
    if ended != 1:
        raise access.NoSuchThing(what="mandate", reference=mandate[:40])
    log.append(
        kind="mandate.ended",
        facts={"official": official, "mandate": mandate, "reason": reason},
        statement="",
        actor=actor,
        at=at,
    )


@act
def invite(
    reference: str, appointment: Appointment, secret: Secrets, *, founder: bool, actor: Actor, at: datetime
) -> None:
    """Invite somebody to enrol a passkey; an earlier invitation of that official that nobody used is void.

    Founders are invited by the node itself, and only while it has no official.
    """
    if not founder:
        access.require(actor, Power.ADMINISTER, at=at)
    elif OfficialRow.objects.filter(node=current().id).exists():
        raise AlreadyFounded(node=current().id)
    InvitationRow.objects.filter(official=appointment.official, credential="", closed_at=None).update(closed_at=at)
    InvitationRow.objects.create(
        reference=reference,
        token_sha256=secret.token_sha256,
        password_hash=secret.password_hash,
        official=appointment.official,
        name=appointment.name,
        role=appointment.role.value,
        office=appointment.office,
        authority=appointment.authority,
        founder=founder,
        invited_by=actor.official,
        expires_at=at + LIFE,
    )
    log.append(
        kind="official.invited",
        facts={"official": appointment.official, "role": appointment.role.value, "invitation": reference},
        statement="",
        actor=actor,
        at=at,
    )


@act
def keep_passkey(reference: str, passkey: Passkey, *, actor: Actor, at: datetime) -> None:
    """Keep the passkey that an invited person made; the password opens nothing from now on."""
    row = InvitationRow.objects.select_for_update().filter(reference=reference, credential="", closed_at=None).first()
    if row is None or row.expires_at <= at:
        raise InvitationNotUsable
    enrolled = OfficialRow.objects.filter(node=current().id, credential=passkey.credential).exists()
    if enrolled or InvitationRow.objects.filter(credential=passkey.credential).exists():
        raise PasskeyTaken
    row.credential, row.public = passkey.credential, passkey.key.public
    row.save(update_fields=["credential", "public"])
    log.append(
        kind="passkey.kept",
        facts={"official": row.official, "invitation": reference, "key": passkey.key.id},
        statement="",
        actor=actor,
        at=at,
    )


@act
def propose_enrolment(reference: str, statement: Statement, *, actor: Actor, at: datetime) -> None:
    """Keep an entry that the first of two administrators signed; the second one finds it at the desk."""
    access.require(actor, Power.ADMINISTER, at=at)
    kept = InvitationRow.objects.filter(reference=reference, closed_at=None).exclude(credential="")
    if kept.update(statement=statement.to_bytes()) != 1:
        raise access.NoSuchThing(what="invitation", reference=reference[:8])
    log.append(
        kind="official.proposed",
        facts={"official": statement.body["official"], "role": statement.body["role"], "invitation": reference},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


@act
def withdraw_invitation(reference: str, *, actor: Actor, at: datetime) -> None:
    """End an invitation, also one with a passkey that nobody signed for yet."""
    access.require(actor, Power.ADMINISTER, at=at)
    if InvitationRow.objects.filter(reference=reference, closed_at=None).update(closed_at=at) != 1:
        raise access.NoSuchThing(what="invitation", reference=reference[:8])
    log.append(kind="invitation.withdrawn", facts={"invitation": reference}, statement="", actor=actor, at=at)


@act
def admit_peer(card: NodeCard, statement: Statement, *, actor: Actor, at: datetime) -> None:
    """Record a node's card that `trust.admit` accepted, or a newer card of a node that is known."""
    access.require(actor, Power.ADMINISTER, at=at)
    PeerRow.objects.update_or_create(
        node=card.node,
        defaults={"fingerprint": card.fingerprint, "card": statement.to_bytes(), "admitted_at": at},
    )
    log.append(
        kind="peer.admitted",
        facts={"peer": card.node, "fingerprint": card.fingerprint, "kind": str(card.kind)},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


def _hold_administrators(official: str, mandate: str) -> None:
    """Hold that an administrator stays in office when this mandate ends; locks their rows until the act ends."""
    administrators = list(
        OfficialRow.objects.select_for_update().filter(node=current().id, role=Role.ADMINISTRATOR.value, ended_at=None)
    )
    if all((one.official, one.mandate) == (official, mandate) for one in administrators):
        raise AdministratorNeeded(official=official)


def _record(enrolment: Enrolment, *, at: datetime) -> None:
    entry = enrolment.entry
    if enrolment.invitation:
        opened = InvitationRow.objects.filter(reference=enrolment.invitation, closed_at=None)
        if opened.update(closed_at=at) != 1:
            raise access.NoSuchThing(what="invitation", reference=enrolment.invitation[:8])
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
    )
