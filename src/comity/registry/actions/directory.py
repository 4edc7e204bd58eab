"""The directory and the peers: who may act on this node, and which nodes it deals with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.directory import ENROLLERS, Entry
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Actor, Power
from comity.authorities.standing import DecidesOnOneself
from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.registry import access, log, offices, witness
from comity.registry.act import act, current
from comity.registry.invitations import LIFE, Appointment, InvitationNotUsable, Secrets
from comity.registry.models import InvitationRow, OfficialRow, PeerRow


class AlreadyFounded(ComityError):
    """A node is founded once."""

    code = "registry.already_founded"
    sentence = N_("node {node} has its founding administrators already")


class EnrolmentNotWitnessed(ComityError):
    """An enrolment needs two other officials."""

    code = "registry.enrolment_not_witnessed"
    sentence = N_("the enrolment of {official} needs the signatures of two other administrators; found {found}")


class PersonIsAnother(ComityError):
    """A short name stands for one person for ever; a second office of that person bears the same name."""

    code = "registry.person_is_another"
    sentence = N_("{official} is {known} on this node, and cannot be {name}")
    hint = N_("Give another short name, or the same name if it is the same person in a second office.")


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
    _hold_witnesses(enrolment, actor=actor, at=at)
    _hold_same_person(entry.official, name=entry.name)
    _record(enrolment, at=at)
    log.append(
        kind="official.enrolled",
        facts={"official": entry.official, "role": entry.role.value, "witnesses": list(enrolment.witnesses)},
        statement=enrolment.statement.digest,
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
    if appointment.official == actor.official:
        raise DecidesOnOneself(official=actor.official)
    _hold_same_person(appointment.official, name=appointment.name)
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
        powers=" ".join(sorted(power.value for power in appointment.powers)),
        territory=" ".join(appointment.territory),
        responsible=appointment.responsible,
        begins_at=appointment.begins_at,
        ends_at=appointment.ends_at,
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
    """Record a node's card that `trust.admit` accepted, or a newer card of a node that is known; raises `EpochHidesEntries`."""
    access.require(actor, Power.ADMINISTER, at=at)
    witness.follow_epoch(card, at=at)
    PeerRow.objects.update_or_create(
        node=card.node,
        defaults={"fingerprint": card.fingerprint, "card": statement.to_bytes(), "admitted_at": at},
    )
    log.append(
        kind="peer.admitted",
        facts={"peer": card.node, "fingerprint": card.fingerprint, "kind": str(card.kind), "log": card.log_origin},
        statement=statement.digest,
        actor=actor,
        at=at,
    )


def _hold_witnesses(enrolment: Enrolment, *, actor: Actor, at: datetime) -> None:
    """Hold that two other people in office as administrators signed, and that who acts is one of them, now.

    The person counts, not the office: nobody is one of the two for himself, nor both of them. Who was suspended since
    signing first is none of them any more.
    """
    official = enrolment.entry.official
    in_office = {official for official, _ in offices.usable_administrators(at=at)}
    witnesses = (set(enrolment.witnesses) & in_office) - {official}
    if len(witnesses) < ENROLLERS or actor.official not in witnesses or official in enrolment.witnesses:
        raise EnrolmentNotWitnessed(official=official, found=", ".join(sorted(witnesses)) or "none")


def _hold_same_person(official: str, *, name: str) -> None:
    """Hold that a short name goes on standing for the person that it stood for; raises `PersonIsAnother`."""
    first = OfficialRow.objects.filter(node=current().id, official=official).order_by("id").first()
    if first is not None:
        known = str(Statement.from_bytes(bytes(first.statement)).body["name"])
        if known != name:
            raise PersonIsAnother(official=official, known=known, name=name)


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
