"""Officials: invited by link and password, enrolled with a passkey of their own, signed for by two administrators.

And the other nodes that they deal with: paired by a card, and by its fingerprint that people read aloud.

* Founders of a node are invited from its command line. When two of them have their passkeys, the node is founded.
* Everybody else is invited by an administrator. The entry is composed when the first of two administrators signs it, and
  is in the directory when the second one has. Before that the passkey opens nothing.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import ENTRY, TEXTS, Entry, verify_official
from comity.authorities.keys import PublicKey
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import POWERS, Actor, Power, Role
from comity.authorities.statement import Statement
from comity.canon import plain
from comity.errors import N_, ComityError
from comity.exchange import trust
from comity.exchange.card import CARD_BYTES_MAX, NodeCard, NodeKind, read_card
from comity.registry import access, invitations, post
from comity.registry.act import current
from comity.registry.actions import directory as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.invitations import Appointment
from comity.registry.queries import people

MANDATE_LIFE: Final = timedelta(days=2 * 365)
MANDATE_LIFE_MAX: Final = timedelta(days=5 * 366)
MANDATE_BEGINS_WITHIN: Final = timedelta(days=366)
FOUNDERS: Final = 2
_OFFICIAL: Final = re.compile(r"[a-z][a-z0-9-]{0,59}")


class NotAnOfficialsName(ComityError):
    """An official is named by a short word that stands in addresses and records."""

    code = "registry.not_an_officials_name"
    sentence = N_("{official} cannot be the short name of an official")
    hint = N_("Use a to z, 0 to 9 and hyphens, beginning with a letter.")


class RoleNotForPeople(ComityError):
    """A founder is an administrator; a service is no person."""

    code = "registry.role_not_for_people"
    sentence = N_("{official} cannot be enrolled as {role} here")
    hint = N_("The first two officials of a node are administrators; a service is a machine and never enrols.")


class MandateNotGiven(ComityError):
    """An appointment asks for a mandate that nobody can have."""

    code = "registry.mandate_not_given"
    sentence = N_("{official} cannot be given this mandate: {why}")


class NotASecondAdministrator(ComityError):
    """Two administrators other than the official sign an enrolment."""

    code = "registry.not_a_second_administrator"
    sentence = N_("{second} cannot sign the enrolment of {official} beside {first}")
    hint = N_("Name another administrator in office, who is not the official.")


class NotForThisAdministrator(ComityError):
    """The enrolment waits for somebody else, or for the passkey."""

    code = "registry.not_for_this_administrator"
    sentence = N_("the enrolment of {official} does not wait for {administrator}")
    hint = N_("Look at the officials' page for who signs next.")


class OwnCard(ComityError):
    """A node is not paired with itself, nor with another that bears its name."""

    code = "registry.own_card"
    sentence = N_("the card is one of node {node}, which is this node")
    hint = N_("Paste the card of the other node; the card of this node goes to the other node's people.")


@dataclass(frozen=True)
class Link:
    """What an invited person is given: the last part of the address, and the password; shown once."""

    reference: str
    token: str
    password: str
    expires_at: datetime


def new_entry(
    one: Appointment, *, credential: PublicKey, enrolled_by: tuple[str, ...], software: bool, at: datetime
) -> Entry:
    """The directory entry of an appointment on the current node, under a new mandate; raises `MandateNotGiven`."""
    node = current()
    from_ = max(one.begins_at or at, at)
    until = one.ends_at or from_ + MANDATE_LIFE
    hold_mandate(one, at=at)
    return Entry(
        node=node.id,
        official=one.official,
        name=one.name,
        office=one.office,
        authority=one.authority,
        state=node.state,
        role=one.role,
        mandate=f"{one.role.value}-{secrets.token_hex(8)}",
        powers=one.powers or POWERS[one.role],
        territory=tuple(sorted(set(one.territory))) or (node.state,),
        responsible=one.responsible or one.authority,
        appointed_at=at,
        from_=from_,
        until=until,
        credential=credential,
        enrolled_by=enrolled_by,
        software_authenticator=software,
    )


def hold_mandate(one: Appointment, *, at: datetime) -> None:
    """Hold that powers, territory and dates of an appointment are those of a mandate; raises `MandateNotGiven`."""
    begins = max(one.begins_at or at, at)
    ends = one.ends_at or begins + MANDATE_LIFE
    state = current().state
    elsewhere = [place for place in one.territory if not re.fullmatch(rf"{state}(-[A-Z0-9]{{1,3}})?", place)]
    too_many = one.powers - POWERS[one.role]
    why = ""
    if too_many:
        why = f"as {one.role.value} nobody may {', '.join(sorted(too_many))}"
    elif elsewhere:
        why = f"it reaches {state} or parts of it, such as {state}-1, and not {elsewhere[0][:20]}"
    elif begins > at + MANDATE_BEGINS_WITHIN:
        why = f"it begins within {MANDATE_BEGINS_WITHIN.days} days"
    elif ends <= begins:
        why = "it would end before it begins"
    elif ends > begins + MANDATE_LIFE_MAX:
        why = f"it lasts at most {MANDATE_LIFE_MAX.days} days"
    if why:
        raise MandateNotGiven(official=one.official, why=why)


def invite(one: Appointment, *, actor: Actor, at: datetime) -> Link:
    """Invite a colleague; what to hand over. Raises `NotAnOfficialsName`, `RoleNotForPeople` or `TextNotAllowed`."""
    return _invite(one, founder=False, actor=actor, at=at)


def invite_founder(one: Appointment, *, at: datetime) -> Link:
    """Invite one of the two founding administrators, in the name of the node; raises `AlreadyFounded`, too."""
    if one.role is not Role.ADMINISTRATOR:
        raise RoleNotForPeople(official=one.official[:60], role=one.role.value)
    return _invite(one, founder=True, actor=current().machine("founding"), at=at)


def _invite(one: Appointment, *, founder: bool, actor: Actor, at: datetime) -> Link:
    if not _OFFICIAL.fullmatch(one.official):
        raise NotAnOfficialsName(official=one.official[:60])
    if one.role is Role.SERVICE:
        raise RoleNotForPeople(official=one.official, role=one.role.value)
    texts = {name: plain(getattr(one, name), field=name, limit=TEXTS[name]) for name in ("name", "office", "authority")}
    if one.responsible:
        texts["responsible"] = plain(one.responsible, field="responsible", limit=TEXTS["responsible"])
    hold_mandate(one, at=at)
    secret, reference = invitations.fresh(), secrets.token_hex(16)
    appointment = replace(one, **texts)  # type: ignore[arg-type]  # each of these fields is a text
    acts.invite(reference, appointment, secret, founder=founder, actor=actor, at=at)
    return Link(reference=reference, token=secret.token, password=secret.password, expires_at=at + invitations.LIFE)


def keep_passkey(reference: str, passkey: Passkey, *, at: datetime) -> bool:
    """Keep the passkey of an invited person; whether the node is founded with it."""
    acts.keep_passkey(reference, passkey, actor=current().machine("enrolment"), at=at)
    return found_if_complete(at=at)


def found_if_complete(*, at: datetime) -> bool:
    """Found the node when two founders have their passkeys and nobody is in the directory; whether that was now."""
    machine = current().machine("founding")
    if people.is_founded(viewer=machine):
        return False
    ready = [one for one in people.invited(viewer=machine) if one.founder and one.key]
    founders = list({one.official: one for one in ready}.values())[:FOUNDERS]
    if len(founders) < FOUNDERS:
        return False
    try:
        acts.found_node([_founder(one, at=at) for one in founders], actor=machine, at=at)
    except acts.AlreadyFounded:  # the other founder's request was faster
        return False
    return True


def _founder(one: people.Invited, *, at: datetime) -> acts.Enrolment:
    assert one.key is not None, "only founders with a passkey are counted"
    entry = new_entry(appointment_of(one), credential=one.key, enrolled_by=(), software=False, at=at)
    statement = post.countersign(Statement(type=ENTRY, body=entry.as_body()))
    return acts.Enrolment(
        entry=post.home_of(post.own_card(current())).entry(statement),
        statement=statement,
        witnesses=(),
        credential=one.credential,
        invitation=one.reference,
    )


def appointment_of(one: people.Invited) -> Appointment:
    """The office that somebody was invited to."""
    return Appointment(
        official=one.official,
        name=one.name,
        role=one.role,
        office=one.office,
        authority=one.authority,
        powers=one.powers,
        territory=one.territory,
        responsible=one.responsible,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
    )


def prepare_enrolment(reference: str, *, second: str, actor: Actor, at: datetime) -> Prepared:
    """The directory entry, to be signed by the first administrator; `second` is who signs after."""
    one = people.invitation(reference, viewer=actor)
    if one.key is None or actor.official == one.official:
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    in_office = {
        entry.official
        for entry in people.directory(viewer=actor)
        if entry.role is Role.ADMINISTRATOR and entry.from_ <= at < entry.until
    }
    if second not in in_office - {one.official, actor.official}:
        raise NotASecondAdministrator(second=second[:60] or "?", official=one.official, first=actor.official)
    entry = new_entry(
        appointment_of(one), credential=one.key, enrolled_by=(actor.official, second), software=False, at=at
    )
    text = Statement(type=ENTRY, body=entry.as_body())
    return Prepared(gesture="official.propose", subject=reference, texts=(text,), arguments={})


def prepare_second_signature(reference: str, *, actor: Actor, at: datetime) -> Prepared:  # noqa: ARG001 - as its siblings
    """The entry that the first administrator signed, to be signed by the second."""
    one = people.invitation(reference, viewer=actor)
    if one.statement is None or not one.waits_for(actor.official):
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    return Prepared(gesture="official.enrol", subject=reference, texts=(one.statement,), arguments={})


def _propose(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    entry = access.require(actor, Power.ADMINISTER, at=at)
    verify_official(signed[0], type=ENTRY, entry=entry, at=at)
    # the node signs at the end, once: what waits carries the first administrator's signature alone
    alone = [one for one in signed[0].signatures if one.key == entry.credential.id]
    statement = Statement(type=ENTRY, body=signed[0].body, signatures=tuple(alone))
    acts.propose_enrolment(prepared.subject, statement, actor=actor, at=at)
    return Done(kind="official", reference=str(statement.body["official"]))


def _enrol(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    one = people.invitation(prepared.subject, viewer=actor)
    statement = signed[0]
    # every signature of the whole directory, this entry's among them
    everybody = people.known({current().id: [statement]}, viewer=actor)
    body = statement.body
    entry = everybody.entries[current().id, str(body["official"]), str(body["mandate"])]
    if one.key is None or entry.credential != one.key:
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    enrolment = acts.Enrolment(
        entry=entry,
        statement=statement,
        witnesses=entry.enrolled_by,
        credential=one.credential,
        invitation=one.reference,
    )
    acts.enrol_official(enrolment, actor=actor, at=at)
    return Done(kind="official", reference=entry.official)


def offered(card: bytes, *, actor: Actor, at: datetime) -> NodeCard:
    """What a card says that nobody believes yet, if all but its fingerprint is well; raises as `admit` does."""
    access.require(actor, Power.ADMINISTER, at=at)
    statement = _statement(card)
    return _believed(statement, fingerprint=read_card(statement).fingerprint, at=at)


def admit(card: bytes, *, fingerprint: str, actor: Actor, at: datetime) -> NodeCard:
    """Pair with a node whose fingerprint was read aloud; raises `OwnCard`, as `read_card` and as `trust.admit`."""
    statement = _statement(card)
    admitted = _believed(statement, fingerprint=fingerprint, at=at)
    acts.admit_peer(admitted, statement, actor=actor, at=at)
    return admitted


def _statement(card: bytes) -> Statement:
    return Statement.from_bytes(card.strip(), limit=CARD_BYTES_MAX)  # a text editor ends a file with a line feed


def _believed(statement: Statement, *, fingerprint: str, at: datetime) -> NodeCard:
    card = read_card(statement)
    if card.node == current().id:  # admitted, its key would stand for ours
        raise OwnCard(node=card.node)
    return trust.admit(
        card,
        own_kind=NodeKind(current().kind),
        pinned_fingerprint=fingerprint,
        previous=post.peers().get(card.node),
        at=at,
    )


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "official.propose": _propose,
    "official.enrol": _enrol,
}
