"""What an official asks for to get in by another way, and what two administrators sign so that it opens something.

* A further passkey is asked for by a text that the present one signs. It becomes a directory entry of its own: the same
  office, another mandate, another key. Nothing else changes for who verifies a signature.
* A further passkey, or the first one, is revoked by a text that another passkey of the same office signs. Nobody else has to.
* A subject of single sign-on is asked for in the same way. It becomes a record that two administrators and the node sign.
  It opens sessions, and signs nothing: a signature stays a passkey over the exact text.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.authorities.directory import Entry, EntryBroken, Home
from comity.authorities.keys import OFFICIAL, PublicKey
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify, verify_all
from comity.canon import JsonObject, TextNotAllowed, moment, plain, stamp
from comity.errors import N_, ComityError

PASSKEY_REQUEST: Final = "comity/passkey-request/v1"
PASSKEY_REVOCATION: Final = "comity/passkey-revocation/v1"
SUBJECT_REQUEST: Final = "comity/sign-on-request/v1"
SIGN_ON: Final = "comity/sign-on/v1"
ISSUER_CHARACTERS_MAX: Final = 300
SUBJECT_CHARACTERS_MAX: Final = 255
"""OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters."""
_TEXTS: Final = {
    "node": 40,
    "official": 60,
    "mandate": 64,
    "issuer": ISSUER_CHARACTERS_MAX,
    "subject": SUBJECT_CHARACTERS_MAX,
}
_ASKED: Final = frozenset(_TEXTS)
_RECORDED: Final = _ASKED | {"recorded_by", "from", "until"}
REASON_CHARACTERS_MAX: Final = 500
_REVOKED: Final = frozenset({"node", "official", "mandate", "revoked", "reason", "at"})
_PASSKEY_ASKED: Final = frozenset({"node", "official", "mandate", "name", "credential"})


class CredentialBroken(ComityError):
    """A record of a way in cannot be relied on."""

    code = "authorities.credential_broken"
    sentence = N_("the record of a way in of {official} cannot be relied on: {why}")


class SignOnNotForThisOffice(ComityError):
    """Who administers or oversees a node comes in with a passkey only."""

    code = "authorities.sign_on_not_for_this_office"
    sentence = N_("an official of this office signs in with a passkey only: {official}")
    hint = N_(
        "Whoever runs the provider of single sign-on could otherwise sit at the desk of an administrator or an overseer."
    )


@dataclass(frozen=True)
class Subject:
    """Who an official is at a provider of single sign-on: `issuer` and `subject` as its tokens say them."""

    node: str
    official: str
    mandate: str
    issuer: str
    subject: str

    def as_body(self) -> JsonObject:
        """The subject as the body of a request."""
        return {name: getattr(self, name) for name in _TEXTS}

    @classmethod
    def from_body(cls, body: JsonObject) -> "Subject":
        """Read `as_body` back; raises `CredentialBroken`."""
        official = str(body.get("official"))[:60]
        if set(body) != _ASKED:
            raise CredentialBroken(official=official, why=f"expected exactly {', '.join(sorted(_ASKED))}")
        return cls(**_texts(body, official=official))


@dataclass(frozen=True)
class SignOn:
    """A subject that two administrators recorded, from when until before when."""

    subject: Subject
    recorded_by: tuple[str, ...]
    from_: datetime
    until: datetime

    def as_body(self) -> JsonObject:
        """The record as the body of a statement."""
        return self.subject.as_body() | {
            "recorded_by": list(self.recorded_by),
            "from": stamp(self.from_),
            "until": stamp(self.until),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "SignOn":
        """Read `as_body` back; raises `CredentialBroken` or `NotAMoment`."""
        official = str(body.get("official"))[:60]
        if set(body) != _RECORDED:
            raise CredentialBroken(official=official, why=f"expected exactly {', '.join(sorted(_RECORDED))}")
        listed = body["recorded_by"]
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise CredentialBroken(official=official, why="recorded_by is no list of officials")
        asked = {name: body[name] for name in _TEXTS}
        return cls(
            subject=Subject(**_texts(asked, official=official)),
            recorded_by=tuple(listed),
            from_=moment(body["from"]),
            until=moment(body["until"]),
        )


def passkey_request(entry: Entry, passkey: Passkey) -> Statement:
    """What an official signs with the present passkey to ask for a further one."""
    body = {
        "node": entry.node,
        "official": entry.official,
        "mandate": entry.mandate,
        "name": passkey.credential,
        "credential": passkey.key.as_record(),
    }
    return Statement(type=PASSKEY_REQUEST, body=body)


def requested_passkey(statement: Statement) -> Passkey:
    """The passkey that a request asks for; raises `CredentialBroken` or `KeyRecordBroken`. Its signature is read elsewhere."""
    body = statement.body
    official = str(body.get("official"))[:60]
    if statement.type != PASSKEY_REQUEST or set(body) != _PASSKEY_ASKED:
        raise CredentialBroken(official=official, why=f"expected a {PASSKEY_REQUEST}")
    key = PublicKey.from_record(body["credential"])
    key.hold_official()
    if not isinstance(body["name"], str) or key.algorithm != OFFICIAL:
        raise CredentialBroken(official=official, why="it names no passkey")
    return Passkey(credential=body["name"], key=key)


@dataclass(frozen=True)
class Revocation:
    """An official ends another passkey of the same office: `revoked` is its mandate, `mandate` the one that signs."""

    node: str
    official: str
    mandate: str
    revoked: str
    reason: str
    at: datetime

    def as_body(self) -> JsonObject:
        """The revocation as the body of a statement."""
        return {
            "node": self.node,
            "official": self.official,
            "mandate": self.mandate,
            "revoked": self.revoked,
            "reason": self.reason,
            "at": stamp(self.at),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Revocation":
        """Read `as_body` back; raises `CredentialBroken` or `NotAMoment`."""
        official = str(body.get("official"))[:60]
        if set(body) != _REVOKED:
            raise CredentialBroken(official=official, why=f"expected exactly {', '.join(sorted(_REVOKED))}")
        limits = {"node": 40, "official": 60, "mandate": 64, "revoked": 64}
        try:
            texts = {name: plain(body[name], field=name, limit=limit) for name, limit in limits.items()}
            reason = plain(body["reason"], field="reason", limit=REASON_CHARACTERS_MAX, lines=True)
        except TextNotAllowed as refused:
            raise CredentialBroken(official=official, why=str(refused)) from refused
        if {**texts, "reason": reason} != {name: body[name] for name in (*limits, "reason")}:
            raise CredentialBroken(official=official, why="a text is not in its normal form")
        return cls(**texts, reason=reason, at=moment(body["at"]))


def beside(entry: Entry, passkey: Passkey, *, mandate: str, enrolled_by: tuple[str, str], at: datetime) -> Entry:
    """The entry of a further passkey: the same office until the same day, under `mandate`, which is its own."""
    if (passkey.key.rp_id, passkey.key.origin) != (entry.credential.rp_id, entry.credential.origin):
        raise EntryBroken(official=entry.official, why="the further passkey is for another site")
    return replace(
        entry,
        mandate=mandate,
        credential=passkey.key,
        enrolled_by=enrolled_by,
        appointed_at=at,
        from_=max(at, entry.from_),
        software_authenticator=False,
    )


def hold_sign_on_allowed(entry: Entry) -> None:
    """Hold that single sign-on may open this desk; raises `SignOnNotForThisOffice`."""
    if not may_sign_on(entry):
        raise SignOnNotForThisOffice(official=entry.official)


def may_sign_on(entry: Entry) -> bool:
    """Whether single sign-on may open this desk."""
    return not entry.powers & {Power.ADMINISTER, Power.OVERSEE}


def sign_on_of(subject: Subject, entry: Entry, *, recorded_by: tuple[str, str], at: datetime) -> SignOn:
    """The record of a subject, which runs as long as the mandate under which it was asked for."""
    hold_sign_on_allowed(entry)
    return SignOn(subject=subject, recorded_by=recorded_by, from_=at, until=entry.until)


def read_sign_on(statement: Statement, *, home: Home) -> SignOn:
    """The record that this node signed; raises `CredentialBroken` or what `verify` raises."""
    record = SignOn.from_body(verify(statement, type=SIGN_ON, key=home.key).body)
    if record.subject.node != home.node:
        raise CredentialBroken(official=record.subject.official, why=f"it is for node {record.subject.node}")
    return record


def hold_recorded(statement: Statement, *, home: Home, administrators: Collection[Entry]) -> SignOn:
    """Hold that the node and both administrators that the record names signed, and nobody else; the record.

    Raises `CredentialBroken` or what `verify_all` raises.
    """
    record = read_sign_on(statement, home=home)
    keys = {signature.key for signature in statement.signatures}
    signers = [
        one
        for one in administrators
        if one.official in record.recorded_by and Power.ADMINISTER in one.powers and one.credential.id in keys
    ]
    if len({one.official for one in signers} - {record.subject.official}) < 2:  # noqa: PLR2004 - two administrators
        raise CredentialBroken(official=record.subject.official, why="it lacks the signatures of two administrators")
    verify_all(statement, type=SIGN_ON, keys=[home.key, *(one.credential for one in signers)])
    return record


def _texts(body: JsonObject, *, official: str) -> dict[str, str]:
    for name, limit in _TEXTS.items():
        try:
            normal = plain(body[name], field=name, limit=limit)
        except TextNotAllowed as refused:
            raise CredentialBroken(official=official, why=str(refused)) from refused
        if normal != body[name]:
            raise CredentialBroken(official=official, why=f"{name} is not in its normal form")
    return {name: str(body[name]) for name in _TEXTS}
