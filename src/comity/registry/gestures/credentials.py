"""A further passkey, or single sign-on: asked for with the present passkey, signed for by two administrators.

The official's signed request is read again at each step: whoever changes the table changes nothing that is signed for.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from comity.authorities import credentials
from comity.authorities.credentials import (
    PASSKEY_REQUEST,
    PASSKEY_REVOCATION,
    REASON_CHARACTERS_MAX,
    SIGN_ON,
    SUBJECT_REQUEST,
    CredentialBroken,
    Revocation,
    Subject,
    hold_recorded,
    hold_sign_on_allowed,
    passkey_request,
    sign_on_of,
)
from comity.authorities.directory import ENTRY, Entry, verify_official
from comity.authorities.officials import Proven
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Actor, Power, Role
from comity.authorities.standing import Change, Event
from comity.authorities.statement import Statement
from comity.canon import plain
from comity.registry import access, post
from comity.registry.act import current
from comity.registry.actions import credentials as acts
from comity.registry.actions.directory import Enrolment
from comity.registry.gestures import mandates
from comity.registry.gestures.people import NotASecondAdministrator, NotForThisAdministrator
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import credentials as ways
from comity.registry.queries import people


def prepare_passkey(passkey: Passkey, *, entry: Entry) -> Prepared:
    """The request for a further passkey, to be signed with the present one."""
    return Prepared(gesture="credential.ask", subject="", texts=(passkey_request(entry, passkey),), arguments={})


def prepare_subject(issuer: str, subject: str, *, entry: Entry) -> Prepared:
    """The request for single sign-on as this subject; raises `SignOnNotForThisOffice`."""
    hold_sign_on_allowed(entry)
    one = Subject(node=entry.node, official=entry.official, mandate=entry.mandate, issuer=issuer, subject=subject)
    text = Statement(type=SUBJECT_REQUEST, body=Subject.from_body(one.as_body()).as_body())
    return Prepared(gesture="credential.ask", subject="", texts=(text,), arguments={})


def prepare_revocation(mandate: str, *, reason: str, entry: Entry, at: datetime) -> Prepared:
    """The end of another passkey of one's own, to be signed with the present one; raises `LastPasskey` or `NoSuchThing`."""
    if mandate == entry.mandate:
        raise acts.LastPasskey
    if mandate not in {one.entry.mandate for one in ways.own_passkeys(viewer=entry.actor, at=at)}:
        raise access.NoSuchThing(what="passkey", reference=mandate[:40])
    one = Revocation(
        node=entry.node,
        official=entry.official,
        mandate=entry.mandate,
        revoked=mandate,
        reason=plain(reason, field="reason", limit=REASON_CHARACTERS_MAX, lines=True),
        at=at,
    )
    text = Statement(type=PASSKEY_REVOCATION, body=one.as_body())
    return Prepared(gesture="credential.revoke", subject=mandate, texts=(text,), arguments={})


def prepare_first(reference: str, *, second: str, actor: Actor, at: datetime) -> Prepared:
    """What the first administrator signs; `second` is who signs after."""
    one = ways.asked_one(reference, viewer=actor)
    entry = _asker(one, actor=actor, at=at)
    if actor.official == one.official:
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    in_office = {
        other.official
        for other in people.directory(viewer=actor)
        if other.role is Role.ADMINISTRATOR and other.from_ <= at < other.until
    }
    if second not in in_office - {one.official, actor.official}:
        raise NotASecondAdministrator(second=second[:60] or "?", official=one.official, first=actor.official)
    both = (actor.official, second)
    if one.passkey is not None:
        mandate = f"{entry.role.value}-{secrets.token_hex(8)}"
        further = credentials.beside(entry, one.passkey, mandate=mandate, enrolled_by=both, at=at)
        text = Statement(type=ENTRY, body=further.as_body())
    else:
        assert one.subject is not None, "a request is one or the other"
        text = Statement(type=SIGN_ON, body=sign_on_of(one.subject, entry, recorded_by=both, at=at).as_body())
    return Prepared(gesture="credential.propose", subject=reference, texts=(text,), arguments={})


def prepare_second(reference: str, *, actor: Actor, at: datetime) -> Prepared:
    """What the first administrator signed, to be signed by the second."""
    one = ways.asked_one(reference, viewer=actor)
    _asker(one, actor=actor, at=at)
    if one.statement is None or not one.waits_for(actor.official):
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    return Prepared(gesture="credential.open", subject=reference, texts=(one.statement,), arguments={})


def _asker(one: ways.Asked, *, actor: Actor, at: datetime) -> Entry:
    """The entry of who asked, in office now, who signed exactly this request; raises what either is not."""
    entry = people.sitting(one.official, one.mandate, viewer=actor, at=at)
    verify_official(one.request, type=one.request.type, entry=entry, at=one.asked_at)
    asked = one.request.body
    if (asked["node"], asked["official"], asked["mandate"]) != (entry.node, entry.official, entry.mandate):
        raise CredentialBroken(official=one.official, why="the request is another official's")
    return entry


def _ask(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:  # noqa: ARG001 - as its siblings
    entry = people.sitting(actor.official, actor.mandate, viewer=actor, at=at)
    statement = signed[0]
    verify_official(statement, type=statement.type, entry=entry, at=at)
    reference = secrets.token_hex(16)
    credential = ""
    if statement.type == PASSKEY_REQUEST:
        kind, credential = acts.PASSKEY, credentials.requested_passkey(statement).credential
    else:
        kind = acts.SUBJECT
        Subject.from_body(statement.body)
    acts.ask_credential(reference, kind, statement, credential=credential, actor=actor, at=at)
    return Done(kind="way-in", reference=reference)


def _propose(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    entry = access.require(actor, Power.ADMINISTER, at=at)
    verify_official(signed[0], type=signed[0].type, entry=entry, at=at)
    # the node signs at the end, once: what waits carries the first administrator's signature alone
    alone = [one for one in signed[0].signatures if one.key == entry.credential.id]
    statement = Statement(type=signed[0].type, body=signed[0].body, signatures=tuple(alone))
    acts.propose_credential(prepared.subject, statement, actor=actor, at=at)
    return Done(kind="way-waiting", reference=prepared.subject)


def _open(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    one = ways.asked_one(prepared.subject, viewer=actor)
    asker = _asker(one, actor=actor, at=at)
    if one.passkey is not None:
        _add(one, one.passkey, signed[0], asker=asker, actor=actor, at=at)
        return Done(kind="way-waiting", reference=one.reference)
    home = post.home_of(post.own_card(current()))
    in_office = [two for two in people.directory(viewer=actor) if two.from_ <= at < two.until]
    record = hold_recorded(signed[0], home=home, administrators=in_office)
    if record.subject != one.subject:
        raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    acts.record_subject(one.reference, record, signed[0], actor=actor, at=at)
    return Done(kind="way-waiting", reference=one.reference)


def _revoke(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    entry = people.sitting(actor.official, actor.mandate, viewer=actor, at=at)
    one = Revocation.from_body(verify_official(signed[0], type=PASSKEY_REVOCATION, entry=entry, at=at).body)
    lost = [two.entry for two in ways.own_passkeys(viewer=actor, at=at) if two.entry.mandate == one.revoked]
    if not lost:
        raise access.NoSuchThing(what="passkey", reference=one.revoked[:40])
    event = Event(change=Change.REVOKE, at=at, decision=signed[0].digest)
    acts.revoke_passkey(
        Proven(statement=signed[0], record=one), mandates.standing_after(lost[0], event), actor=actor, at=at
    )
    return Done(kind="way-in", reference=prepared.subject)


def _add(one: ways.Asked, passkey: Passkey, statement: Statement, *, asker: Entry, actor: Actor, at: datetime) -> None:
    everybody = people.known({current().id: [statement]}, viewer=actor)
    body = statement.body
    entry = everybody.entries[current().id, str(body["official"]), str(body["mandate"])]
    same = credentials.beside(asker, passkey, mandate=entry.mandate, enrolled_by=("", ""), at=at)
    for name in ("official", "office", "authority", "role", "powers", "until", "credential"):
        if getattr(entry, name) != getattr(same, name):
            raise NotForThisAdministrator(official=one.official, administrator=actor.official)
    enrolment = Enrolment(entry=entry, statement=statement, witnesses=entry.enrolled_by, credential=passkey.credential)
    office = ways.office(one.official, one.mandate, viewer=actor)
    acts.add_passkey(one.reference, enrolment, beside=office, actor=actor, at=at)


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "credential.ask": _ask,
    "credential.propose": _propose,
    "credential.open": _open,
    "credential.revoke": _revoke,
}
