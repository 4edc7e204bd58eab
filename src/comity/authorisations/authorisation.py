"""Authorisations and `covers`: one pure function decides whether an act rests on recorded power.

Kinds (decisions 6.2): `warrant` (judicial decision), `validation`, `mandate` (an office may do this by itself),
`reply` (a procedural answer), `emergency` (validated afterwards), `recognition` (the executing state's own decision,
never wider than the letter).

* `covers` looks at every respect and says them all, so that a refusal can be answered in one go.
* An expired or not yet valid authorisation covers nothing.
* Who drafted a letter never authorises it: `not_by_drafter`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorisations.scope import Scope, beyond
from comity.canon import JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError

AUTHORISATION: Final = "comity/authorisation/v1"
REASON_CHARACTERS_MAX: Final = 4000
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAMES: Final = frozenset(
    {
        "reference",
        "kind",
        "scope",
        "letter",
        "legal_basis",
        "purpose",
        "necessity",
        "less_intrusive",
        "conditions",
        "from",
        "expires",
        "decided_at",
        "by",
    }
)


class AuthorisationKind(StrEnum):
    """The kinds of power behind an outward act."""

    WARRANT = "warrant"
    VALIDATION = "validation"
    MANDATE = "mandate"
    REPLY = "reply"
    EMERGENCY = "emergency"
    RECOGNITION = "recognition"


class AuthorisationBroken(ComityError):
    """A record is no authorisation."""

    code = "authorisations.broken"
    sentence = N_("this is no authorisation: {why}")


class NotCovered(ComityError):
    """The act reaches beyond the authorisation, or there is none in force."""

    code = "authorisations.not_covered"
    sentence = N_("{act} is not covered: {why}")
    hint = N_("Ask the competent judge for an authorisation within whose scope the act lies.")


class DrafterAuthorises(ComityError):
    """Who asks never authorises."""

    code = "authorisations.drafter_authorises"
    sentence = N_("{official} drafted this letter and therefore cannot authorise it")
    hint = N_("Another official with the power to authorise decides.")


@dataclass(frozen=True)
class Authorisation:
    """One decision. `letter` is the digest of the letter it concerns; `by` is the deciding official's record."""

    reference: str
    kind: AuthorisationKind
    scope: Scope
    letter: str
    legal_basis: JsonObject
    purpose: str
    necessity: str
    less_intrusive: str
    conditions: tuple[str, ...]
    from_: datetime
    expires: datetime
    decided_at: datetime
    by: JsonObject

    def as_body(self) -> JsonObject:
        """The authorisation as the body of a statement."""
        return {
            "reference": self.reference,
            "kind": self.kind.value,
            "scope": self.scope.as_record(),
            "letter": self.letter,
            "legal_basis": self.legal_basis,
            "purpose": self.purpose,
            "necessity": self.necessity,
            "less_intrusive": self.less_intrusive,
            "conditions": list(self.conditions),
            "from": stamp(self.from_),
            "expires": stamp(self.expires),
            "decided_at": stamp(self.decided_at),
            "by": self.by,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Authorisation":
        """Read `as_body` back; raises `AuthorisationBroken`, `ScopeBroken`, `TextNotAllowed` or `NotAMoment`."""
        if set(body) != _NAMES:
            raise AuthorisationBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        try:
            kind = AuthorisationKind(body["kind"])
        except ValueError as unknown:
            raise AuthorisationBroken(why=str(unknown)) from unknown
        reasons = {
            name: plain(body[name], field=name, limit=REASON_CHARACTERS_MAX, lines=True)
            for name in ("purpose", "necessity", "less_intrusive")
        }
        match body:
            case {
                "reference": str(reference),
                "letter": str(letter),
                "legal_basis": dict(),
                "conditions": list(),
                "by": dict(),
            } if _REFERENCE.fullmatch(reference) and _DIGEST.fullmatch(letter):
                pass
            case _:
                raise AuthorisationBroken(
                    why="reference and letter are 32 and 64 hexadecimal characters, legal basis and by are records"
                )
        made = cls(
            reference=reference,
            kind=kind,
            scope=Scope.from_record(body["scope"]),
            letter=letter,
            legal_basis={
                name: plain(text, field=f"legal basis, {name}"[:60], limit=REASON_CHARACTERS_MAX)
                for name, text in body["legal_basis"].items()
            },
            conditions=tuple(
                plain(one, field="condition", limit=REASON_CHARACTERS_MAX, lines=True) for one in body["conditions"]
            ),
            from_=moment(body["from"]),
            expires=moment(body["expires"]),
            decided_at=moment(body["decided_at"]),
            by=body["by"],
            **reasons,
        )
        if made.as_body() != body:
            raise AuthorisationBroken(why="a text is not in its normal form")
        return made


@dataclass(frozen=True)
class OutwardAct:
    """An act that leaves the node: its name, the letter that it serves, and what it does as a scope."""

    name: str
    letter: str
    does: Scope


@dataclass(frozen=True)
class Covered:
    """The act rests on this authorisation; the reasons go to the log."""

    authorisation: str
    kind: AuthorisationKind
    reasons: tuple[str, ...]


def covers(authorisation: Authorisation, act: OutwardAct, *, at: datetime) -> Covered:
    """Decide whether the authorisation covers the act at that moment; raises `NotCovered` with every reason."""
    against = list(beyond(act.does, authorisation.scope))
    if act.letter != authorisation.letter:
        against.append(f"it was given for letter {authorisation.letter[:12]}, not for {act.letter[:12]}")
    if at < authorisation.from_:
        against.append(f"it begins at {stamp(authorisation.from_)}")
    if at >= authorisation.expires:
        against.append(f"it expired at {stamp(authorisation.expires)}")
    if against:
        raise NotCovered(act=act.name, why="; ".join(against))
    return Covered(
        authorisation=authorisation.reference,
        kind=authorisation.kind,
        reasons=(
            f"{authorisation.kind.value} {authorisation.reference} by {authorisation.by.get('official', '?')}",
            f"measure {act.does.measure}, acts {', '.join(sorted(act.does.acts))}",
            f"{len(act.does.selectors)} target(s), data {', '.join(sorted(act.does.data))}",
            f"in force from {stamp(authorisation.from_)} until {stamp(authorisation.expires)}",
        ),
    )


def not_by_drafter(*, drafted_by: str, decided_by: str) -> None:
    """Hold that another official decides than the one who drafted; raises `DrafterAuthorises`."""
    if drafted_by == decided_by:
        raise DrafterAuthorises(official=decided_by)
