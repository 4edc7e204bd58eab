"""`covers`: one pure function decides whether an act rests on recorded power, and says why in every respect.

* Every respect is looked at and said, so that a refusal can be answered in one go and a yes can be read in the log.
* What is expired, not yet begun, suspended or revoked covers nothing; what had to be validated and was not in time neither.
* What touches a person, data or property is covered by a decision on the letter only, never by an office or a reply.
* It raises its refusal and nothing else, whatever it is asked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorisations.acts import DECIDED, LEAVING, Act
from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.reasons import Check
from comity.authorisations.scope import Scope, beyond
from comity.canon import stamp
from comity.errors import N_, ComityError

_OF_AN_OFFICE: Final = frozenset({AuthorisationKind.MANDATE, AuthorisationKind.REPLY})
SEALED: Final = "sealed"
REVIEWED: Final = "reviewed"


class NotCovered(ComityError):
    """The act reaches beyond the authorisation, or there is none in force."""

    code = "authorisations.not_covered"
    sentence = N_("{act} is not covered: {why}")
    hint = N_("Ask the competent judge for an authorisation within whose scope the act lies.")


@dataclass(frozen=True)
class OutwardAct:
    """An act: its name, the letter that it serves, what it does as a scope, and what holds of how it is done.

    `facts` are what conditions ask for: `sealed` (what leaves is sealed), `reviewed` (somebody else looked at the item).
    """

    name: str
    letter: str
    does: Scope
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """What has become of an authorisation since it was given."""

    suspended_at: datetime | None = None
    revoked_at: datetime | None = None
    validated_at: datetime | None = None


AS_GIVEN: Final = Standing()
"""Nothing has become of it: for whoever is told of it for the first time, and for powers that are computed."""


@dataclass(frozen=True)
class Covered:
    """The act rests on this authorisation; the reasons go to the log."""

    authorisation: str
    kind: AuthorisationKind
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Respect:
    holds: bool
    yes: str
    no: str


def covers(authorisation: Authorisation, act: OutwardAct, *, at: datetime, standing: Standing) -> Covered:
    """Decide whether the authorisation covers the act at that moment; raises `NotCovered` with every reason."""
    if at.utcoffset() is None:
        raise NotCovered(act=act.name, why="the moment names no time zone")
    found = (
        *_of_scope(authorisation, act),
        *_of_time(authorisation, standing, at),
        *_of_conditions(authorisation, act),
    )
    against = [one.no for one in found if not one.holds]
    if against:
        raise NotCovered(act=act.name, why="; ".join(against))
    return Covered(
        authorisation=authorisation.reference,
        kind=authorisation.kind,
        reasons=tuple(one.yes for one in found if one.yes),
    )


def hold_standing(authorisation: Authorisation, standing: Standing, *, act: str, at: datetime) -> None:
    """Hold that the decision was not suspended, revoked or left without its validation; raises `NotCovered`.

    That it has expired is no matter here: it is for the decision of the other side to say until when it acts.
    """
    against = [one.no for one in _of_standing(authorisation, standing, at) if not one.holds]
    if against:
        raise NotCovered(act=act, why="; ".join(against))


def hold_conditions(authorisation: Authorisation, act: OutwardAct) -> None:
    """Hold that an act which rests on another power keeps the conditions of this decision; raises `NotCovered`."""
    against = [one.no for one in _of_conditions(authorisation, act) if not one.holds]
    if against:
        raise NotCovered(act=act.name, why="; ".join(against))


def _of_scope(authorisation: Authorisation, act: OutwardAct) -> tuple[_Respect, ...]:
    kind, does = authorisation.kind, act.does
    named = f"{kind.value} {authorisation.reference} by {str(authorisation.by.get('official', '?'))[:60]}"
    reached = does.acts & DECIDED if kind in _OF_AN_OFFICE else frozenset()
    wider = "; ".join(beyond(does, authorisation.scope))
    return (
        _Respect(
            not wider,
            f"measure {does.measure}, acts {', '.join(sorted(does.acts))}; {len(does.selectors)} target(s), data"
            f" {', '.join(sorted(does.data))}, days {does.from_} to {does.until}, in {', '.join(sorted(does.territory))}",
            wider,
        ),
        _Respect(
            not reached, named, f"{', '.join(sorted(reached))}: a {kind.value} never covers this, a decision does"
        ),
        _Respect(
            act.letter == authorisation.letter,
            f"for letter {act.letter[:12]}",
            f"it was given for letter {authorisation.letter[:12]}, not for {act.letter[:12]}",
        ),
        _Respect(kind is not AuthorisationKind.VALIDATION, "", "a validation confirms a decision and carries no act"),
    )


def _of_time(authorisation: Authorisation, standing: Standing, at: datetime) -> tuple[_Respect, ...]:
    window = f"in force from {stamp(authorisation.from_)} until {stamp(authorisation.expires)}"
    return (
        _Respect(at >= authorisation.from_, window, f"it begins at {stamp(authorisation.from_)}"),
        _Respect(at < authorisation.expires, "", f"it expired at {stamp(authorisation.expires)}"),
        *_of_standing(authorisation, standing, at),
    )


def _of_standing(authorisation: Authorisation, standing: Standing, at: datetime) -> tuple[_Respect, ...]:
    suspended = standing.suspended_at is not None and standing.suspended_at <= at
    revoked = standing.revoked_at is not None and standing.revoked_at <= at
    found = (
        _Respect(not suspended, "", f"it is suspended since {_said(standing.suspended_at)}"),
        _Respect(not revoked, "", f"it was revoked at {_said(standing.revoked_at)}"),
    )
    if authorisation.kind is AuthorisationKind.EMERGENCY or authorisation.validation is not None:
        return (*found, _validated(authorisation, standing, at))
    return found


def _validated(authorisation: Authorisation, standing: Standing, at: datetime) -> _Respect:
    """An emergency decision holds until its validation is due, and after that only if it was validated in time."""
    due = authorisation.validation
    if due is None:
        return _Respect(holds=False, yes="", no="it is an emergency decision that nobody has to validate")
    given = standing.validated_at
    if given is not None and given < due.until:
        return _Respect(holds=True, yes=f"validated at {stamp(given)} (Art. {due.article})", no="")
    late = f"it was to be validated before {stamp(due.until)} (Art. {due.article}) and was not"
    return _Respect(at < due.until, f"to be validated before {stamp(due.until)} (Art. {due.article})", late)


def _of_conditions(authorisation: Authorisation, act: OutwardAct) -> tuple[_Respect, ...]:
    leaves = act.does.acts & LEAVING
    handed = act.does.acts & (LEAVING - {Act.EXPORT.value})
    broken = {
        Check.WORDS: False,
        Check.SEALED: bool(handed) and SEALED not in act.facts,
        Check.REVIEWED: bool(leaves) and REVIEWED not in act.facts,
        Check.NO_CONTENT: "content" in act.does.data,
        Check.NO_EXPORT: Act.EXPORT.value in act.does.acts,
    }
    return tuple(
        _Respect(
            not broken[one.check],
            "" if one.check is Check.WORDS else f"condition {one.check.value} holds",
            f"condition {one.check.value} does not hold: {one.text[:120]}",
        )
        for one in authorisation.conditions
    )


def _said(at: datetime | None) -> str:
    return stamp(at) if at is not None else "no moment"
