"""The authorisation: who decided what, how far, why, on which law and conditions, until when, and who validates it.

Kinds (decisions 6.2): `warrant` (judicial decision), `emergency` (validated afterwards), `validation` (the judge's text that
does so), `recognition` (the executing state's own decision, never wider than the letter), `mandate` (an office may do this
by itself), `reply` (a procedural answer). The last two are computed and never signed.

What it covers is decided in `covering`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.authorisations.acts import KNOWN
from comity.authorisations.reasons import (
    REASON_CHARACTERS_MAX,
    Condition,
    Means,
    Necessity,
    Privileges,
    hold_distinct,
    read_conditions,
    read_means,
    reason,
)
from comity.authorisations.scope import Scope
from comity.canon import JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError

AUTHORISATION: Final = "comity/authorisation/v1"
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BASIS: Final = frozenset({"law", "article", "route", "verdict", "edition"})
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
        "privileges",
        "conditions",
        "validation",
        "validates",
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


class DrafterAuthorises(ComityError):
    """Who asks never authorises."""

    code = "authorisations.drafter_authorises"
    sentence = N_("{official} drafted this letter and therefore cannot authorise it")
    hint = N_("Another official with the power to authorise decides.")


@dataclass(frozen=True)
class ExPost:
    """A validation that has to follow: until when, by whom, and under which article."""

    until: datetime
    by: str
    article: str

    def as_record(self) -> JsonObject:
        return {"until": stamp(self.until), "by": self.by, "article": self.article}

    @classmethod
    def from_record(cls, record: object) -> "ExPost | None":
        """Read `as_record` back; None for an empty record; raises `AuthorisationBroken`, `NotAMoment` or `TextNotAllowed`."""
        match record:
            case {**nothing} if not nothing:
                return None
            case {"until": until, "by": by, "article": article, **rest} if not rest:
                return cls(
                    until=moment(until),
                    by=plain(by, field="who validates", limit=REASON_CHARACTERS_MAX),
                    article=plain(article, field="article of the validation", limit=REASON_CHARACTERS_MAX),
                )
            case _:
                raise AuthorisationBroken(why="a validation that has to follow states exactly until, by, article")


@dataclass(frozen=True)
class Authorisation:
    """One decision. `letter` is the digest of the letter it concerns; `by` is the deciding official's record.

    `validation`: what has to follow an emergency decision; `validates`: the digest of the one that this decision validates.
    """

    reference: str
    kind: AuthorisationKind
    scope: Scope
    letter: str
    legal_basis: JsonObject
    purpose: str
    necessity: Necessity
    less_intrusive: tuple[Means, ...]
    privileges: Privileges
    conditions: tuple[Condition, ...]
    validation: ExPost | None
    validates: str
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
            "necessity": self.necessity.as_record(),
            "less_intrusive": [one.as_record() for one in self.less_intrusive],
            "privileges": self.privileges.as_record(),
            "conditions": [one.as_record() for one in self.conditions],
            "validation": self.validation.as_record() if self.validation else {},
            "validates": self.validates,
            "from": stamp(self.from_),
            "expires": stamp(self.expires),
            "decided_at": stamp(self.decided_at),
            "by": self.by,
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Authorisation":
        """Read `as_body` back.

        Raises `AuthorisationBroken`, `ScopeBroken`, `ReasonsBroken`, `ReasonsEmpty`, `TextNotAllowed` or `NotAMoment`.
        """
        if set(body) != _NAMES:
            raise AuthorisationBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        try:
            kind = AuthorisationKind(body["kind"])
        except ValueError as unknown:
            raise AuthorisationBroken(why=str(unknown)) from unknown
        match body:
            case {
                "reference": str(reference),
                "letter": str(letter),
                "validates": str(validates),
                "by": dict(by),
            } if _REFERENCE.fullmatch(reference) and _DIGEST.fullmatch(letter):
                pass
            case _:
                raise AuthorisationBroken(
                    why="reference and letter are 32 and 64 hexadecimal characters, validates is a text, by is a record"
                )
        made = cls(
            reference=reference,
            kind=kind,
            scope=Scope.from_record(body["scope"]),
            letter=letter,
            legal_basis=_basis(body["legal_basis"]),
            purpose=reason(body["purpose"], field="purpose"),
            necessity=Necessity.from_record(body["necessity"]),
            less_intrusive=read_means(body["less_intrusive"]),
            privileges=Privileges.from_record(body["privileges"]),
            conditions=read_conditions(body["conditions"]),
            validation=ExPost.from_record(body["validation"]),
            validates=validates,
            from_=moment(body["from"]),
            expires=moment(body["expires"]),
            decided_at=moment(body["decided_at"]),
            by=by,
        )
        _hold_whole(made)
        if made.as_body() != body:
            raise AuthorisationBroken(why="a text is not in its normal form")
        return made


def _basis(stated: object) -> JsonObject:
    """The law and the answer of the law (route, verdict, edition) on which the decision rests."""
    if not isinstance(stated, dict) or set(stated) != _BASIS:
        raise AuthorisationBroken(why=f"the legal basis states exactly {', '.join(sorted(_BASIS))}")
    for name in ("verdict", "edition"):
        if not isinstance(stated[name], str) or not _DIGEST.fullmatch(stated[name]):
            raise AuthorisationBroken(why=f"the {name} of the legal basis is no digest")
    return {
        name: plain(text, field=f"legal basis, {name}", limit=REASON_CHARACTERS_MAX) for name, text in stated.items()
    }


def _hold_whole(made: Authorisation) -> None:
    """Hold what one field says of another; raises `AuthorisationBroken` or `ReasonsEmpty`."""
    unknown = made.scope.acts - KNOWN
    if unknown:
        raise AuthorisationBroken(why=f"{', '.join(sorted(unknown))[:200]}: no such act is known")
    if (made.kind is AuthorisationKind.EMERGENCY) is (made.validation is None):
        raise AuthorisationBroken(why="an emergency decision, and no other, says until when it is validated")
    if (made.kind is AuthorisationKind.VALIDATION) is not bool(_DIGEST.fullmatch(made.validates)):
        raise AuthorisationBroken(why="a validation, and no other, names the decision that it validates")
    if made.kind is not AuthorisationKind.VALIDATION and made.validates:
        raise AuthorisationBroken(why="only a validation validates")
    hold_distinct(
        [
            ("purpose", made.purpose),
            *((f"necessity: {name}", text) for name, text in vars(made.necessity).items()),
            *(
                (f"why means {place} is not enough", one.why_not)
                for place, one in enumerate(made.less_intrusive, start=1)
            ),
            ("privileges", made.privileges.considered),
        ]
    )


def not_by_drafter(*, drafted_by: JsonObject, decided_by: JsonObject) -> None:
    """Hold that another person decides than the one who drafted, in whatever office; raises `DrafterAuthorises`.

    Both are actors' records: the names of officials are unique within their node only.
    """
    if [drafted_by.get(name) for name in ("node", "official")] == [
        decided_by.get(name) for name in ("node", "official")
    ]:
        raise DrafterAuthorises(official=str(decided_by.get("official"))[:60])
