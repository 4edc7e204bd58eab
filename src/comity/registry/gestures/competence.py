"""Entries of the directory of competence: composed by an administrator, signed, published to every admitted node."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.authorities.competence import COMPETENCE, Channel, Competence, Hours, Level, read_competence
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import moment, stamp
from comity.law import Edition, ValueUnknown
from comity.registry import access
from comity.registry.act import current
from comity.registry.actions import competence as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import competence
from comity.registry.queries.people import known

GESTURE: Final = "competence.publish"


@dataclass(frozen=True)
class Described:
    """What an administrator says of an authority of the node's own state."""

    authority: str
    level: Level
    measures: tuple[str, ...]
    territory: tuple[str, ...]
    law: str
    article: str
    hours: Hours
    languages: tuple[str, ...]
    channels: tuple[Channel, ...]
    forms: tuple[str, ...]
    capacity_per_week: int | None
    from_: datetime
    until: datetime


def prepare_entry(described: Described, *, reference: str, actor: Actor, at: datetime) -> Prepared:
    """A new entry, or the next version of the one named; writing it confirms it.

    Raises `CompetenceBroken`, `ValueUnknown` for a measure that the law does not know, and `NoSuchThing`.
    """
    access.require(actor, Power.ADMINISTER, at=at)
    unknown = set(described.measures) - set(Edition.packaged().kinds)
    if unknown:
        raise ValueUnknown(field="measure", found=min(unknown)[:60], allowed=", ".join(Edition.packaged().kinds))
    version = _newest(reference, actor=actor).version + 1 if reference else 1
    at = moment(stamp(at))
    return _prepared(
        Competence(
            **vars(described),
            node=current().id,
            reference=reference or secrets.token_hex(16),
            version=version,
            state=current().state,
            confirmed_at=at,
            written_at=at,
            withdrawn="",
            by=actor.as_record(),
        )
    )


def prepare_confirmation(reference: str, *, actor: Actor, at: datetime) -> Prepared:
    """The same entry, confirmed today; raises `NoSuchThing`."""
    return _next(reference, actor=actor, at=at, confirmed_at=moment(stamp(at)), withdrawn="")


def prepare_withdrawal(reference: str, *, reason: str, actor: Actor, at: datetime) -> Prepared:
    """The entry, withdrawn, with the reason; raises `NoSuchThing` or `CompetenceBroken`."""
    return _next(reference, actor=actor, at=at, withdrawn=reason)


def _next(reference: str, *, actor: Actor, at: datetime, **changed: object) -> Prepared:
    access.require(actor, Power.ADMINISTER, at=at)
    held = _newest(reference, actor=actor)
    told: dict[str, object] = {"version": held.version + 1, "written_at": moment(stamp(at)), "by": actor.as_record()}
    return _prepared(replace(held, **(told | changed)))  # type: ignore[arg-type]  # fields of an entry, by name


def _newest(reference: str, *, actor: Actor) -> Competence:
    statement = competence.entry_statement(current().id, reference, viewer=actor)
    return Competence.from_body(statement.body)


def _prepared(entry: Competence) -> Prepared:
    Competence.from_body(entry.as_body())  # what no reader takes is refused before it is signed
    text = Statement(type=COMPETENCE, body=entry.as_body())
    return Prepared(gesture=GESTURE, subject=entry.reference, texts=(text,), arguments={})


def _publish(_prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_competence(signed[0], known=known({}, viewer=actor))
    message = competence.message_for(proven.statement, viewer=actor)
    acts.publish_entry(proven, message=message, actor=actor, at=at)
    return Done(kind="competence", reference=proven.record.reference)


FINISH: Final[dict[str, Callable[..., Done]]] = {GESTURE: _publish}
