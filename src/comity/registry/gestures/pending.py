"""Gestures that wait for a signature: kept on the node while the official reads, signed within ten minutes, used once.

* The texts come from here and not from the browser: what is shown is what is signed.
* `claim` takes a gesture before it is finished, so that two windows cannot finish it twice; `put_back` returns it when the
  act refused, so that nothing that was typed is lost.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.authorities.directory import Entry, context_for
from comity.authorities.statement import Statement
from comity.canon import JsonObject, TooLarge, canonical, parse_object
from comity.errors import N_, ComityError
from comity.registry import access
from comity.registry.act import bookkeeping
from comity.registry.gestures.evidence import abandon
from comity.registry.gestures.prepared import Prepared
from comity.registry.models import SigningRow

SIGNING_TIME: Final = timedelta(minutes=10)
PENDING_BYTES_MAX: Final = 4 * 1024 * 1024
KEPT_AFTER: Final = timedelta(hours=1)
"""What ran out or was signed is still known for so long, to be told apart from what never was."""


class SigningRanOut(ComityError):
    """A text was shown too long ago to be signed now."""

    code = "registry.signing_ran_out"
    sentence = N_("this text was shown more than {minutes} minutes ago and cannot be signed any more")
    hint = N_("Nothing was signed. Begin the step again; the text is composed anew.")


@dataclass(frozen=True)
class Pending:
    """A gesture that waits for its official's signature, and what the signature will be bound to."""

    reference: str
    prepared: Prepared
    context: JsonObject
    expires_at: datetime


class SignedAlready(ComityError):
    """A text is signed once, from however many windows."""

    code = "registry.signed_already"
    sentence = N_("this text was signed and handed in already")
    hint = N_("Nothing is done twice. Your desk shows how things stand now.")


def keep(prepared: Prepared, *, entry: Entry, at: datetime) -> str:
    """Keep a gesture until it is signed; the reference under which this official finds it."""
    reference = secrets.token_hex(16)
    expires_at = at + SIGNING_TIME
    context = dict(context_for(entry, nonce=secrets.token_hex(16), expires_at=expires_at))
    body = canonical({"prepared": prepared.as_record(), "context": context})
    if len(body) > PENDING_BYTES_MAX:
        raise TooLarge(found=len(body), limit=PENDING_BYTES_MAX)
    _sweep(at=at)
    with bookkeeping():
        SigningRow.objects.create(
            reference=reference,
            official=entry.official,
            mandate=entry.mandate,
            gesture=prepared.gesture,
            body=body,
            expires_at=expires_at,
        )
    return reference


def find(reference: str, *, entry: Entry, at: datetime) -> Pending:
    """The gesture that waits under this reference for this official.

    Raises `NoSuchThing`, `SignedAlready` or `SigningRanOut`.
    """
    row = SigningRow.objects.filter(reference=reference, official=entry.official, mandate=entry.mandate).first()
    if row is None:
        raise access.NoSuchThing(what="text to sign", reference=reference[:8])
    if row.taken_at is not None:
        raise SignedAlready
    if at >= row.expires_at:
        raise SigningRanOut(minutes=int(SIGNING_TIME.total_seconds() // 60))
    return _pending(row)


def claim(reference: str, *, entry: Entry, at: datetime) -> Pending:
    """Take the gesture, so that it is finished once; raises as `find`."""
    found = find(reference, entry=entry, at=at)
    with bookkeeping():
        taken = SigningRow.objects.filter(reference=reference, taken_at=None).update(taken_at=at)
    if not taken:
        raise SignedAlready
    return found


def put_back(pending: Pending) -> None:
    """The act refused: the gesture waits again under the same reference."""
    with bookkeeping():
        SigningRow.objects.filter(reference=pending.reference).update(taken_at=None)


def drop(reference: str, *, entry: Entry, at: datetime) -> None:
    """The official does not sign: what was prepared is thrown away; raises as `find`."""
    waiting = claim(reference, entry=entry, at=at)
    with bookkeeping():
        SigningRow.objects.filter(reference=reference).delete()
    abandon(waiting.prepared)


def challenges(pending: Pending) -> tuple[bytes, ...]:
    """The exact bytes of each text that the official's signature covers."""
    return tuple(text.text(pending.context) for text in pending.prepared.texts)


def _pending(row: SigningRow) -> Pending:
    kept = parse_object(bytes(row.body), limit=PENDING_BYTES_MAX)
    return Pending(
        reference=row.reference,
        prepared=Prepared.from_record(kept["prepared"]),
        context=kept["context"],
        expires_at=row.expires_at,
    )


def _sweep(*, at: datetime) -> None:
    """Throw away what ran out an hour ago, with what was sealed for a text that nobody signed.

    What was taken is left alone: it may have been done, and the process ended before anybody said so.
    """
    old = list(SigningRow.objects.filter(expires_at__lt=at - KEPT_AFTER))
    with bookkeeping():
        SigningRow.objects.filter(id__in=[row.id for row in old]).delete()
    for row in old:
        if row.taken_at is None:
            abandon(_pending(row).prepared)


def text_of(statement: Statement) -> str:
    """The text as people can compare it: the canonical JSON that is signed."""
    return canonical({"body": statement.body, "type": statement.type}).decode()
