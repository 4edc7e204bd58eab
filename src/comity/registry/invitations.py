"""Invitations: a link and a password that let one person enrol one passkey, once, within a day.

* The password is the only one in Comity, and it opens nothing but this. It is shown once and kept as an argon2id hash;
  the link is kept as a SHA-256.
* A link that never was, one that ran out, was used or was tried too often, and a wrong password get one and the same
  answer, after the same work.
* A wrong try is counted before the password is looked at, so that many tries at once are not more than five.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY
from django.db.models import F

from comity.authorities.roles import Power, Role
from comity.errors import N_, ComityError
from comity.registry.act import bookkeeping
from comity.registry.models import InvitationRow

LIFE: Final = timedelta(hours=24)
WRONG_TRIES_MAX: Final = 5
PASSWORD_CHARACTERS_MAX: Final = 100
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is mistaken for something else
_GROUPS, _GROUP = 4, 4
_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


class InvitationNotUsable(ComityError):
    """The link or the password is wrong, or the time of the invitation is over; which of these is not said."""

    code = "registry.invitation_not_usable"
    sentence = N_("this link and password open nothing")
    hint = N_("Check what you typed. If it stays so, ask the administrator who invited you for a new invitation.")


@dataclass(frozen=True)
class Appointment:
    """Who gets which office, and with what mandate.

    No powers: all that the desk has. No territory: the whole state. No `responsible`: the authority answers. Without
    dates the mandate begins when it is given, and runs as long as mandates do.
    """

    official: str
    name: str
    role: Role
    office: str
    authority: str
    powers: frozenset[Power] = frozenset()
    territory: tuple[str, ...] = ()
    responsible: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Secrets:
    """What the invited person gets, and what the node keeps of it."""

    token: str
    password: str
    token_sha256: str
    password_hash: str


def fresh() -> Secrets:
    """A new link and a new password (79 bits), with their hashes."""
    token = secrets.token_urlsafe(24)
    password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return Secrets(
        token=token, password=password, token_sha256=token_sha256(token), password_hash=_HASHER.hash(password)
    )


def token_sha256(token: str) -> str:
    """The name under which a link is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def opened(token: str, *, password: str, at: datetime) -> str:
    """The reference of the invitation that link and password open; raises `InvitationNotUsable`."""
    row = _usable(token, at=at)
    if row is not None and not _counted(row):
        row = None
    right = _right(row.password_hash if row else _nobodys(), password.strip()[:PASSWORD_CHARACTERS_MAX])
    if row is None or not right:
        raise InvitationNotUsable
    with bookkeeping():
        InvitationRow.objects.filter(pk=row.pk).update(wrong_tries=F("wrong_tries") - 1)
    return row.reference


def _usable(token: str, *, at: datetime) -> InvitationRow | None:
    """The invitation behind a link while it can be used: nobody has enrolled with it, and its day is not over."""
    return InvitationRow.objects.filter(
        token_sha256=token_sha256(token), closed_at=None, credential="", expires_at__gt=at
    ).first()


def _counted(row: InvitationRow) -> bool:
    """Count a try as wrong before it is looked at; False when there were too many."""
    with bookkeeping():
        left = InvitationRow.objects.filter(pk=row.pk, wrong_tries__lt=WRONG_TRIES_MAX)
        return left.update(wrong_tries=F("wrong_tries") + 1) == 1


def _right(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """A hash that no password has, so that a link that never was takes as long as one that is."""
    return _HASHER.hash(secrets.token_hex(32))
