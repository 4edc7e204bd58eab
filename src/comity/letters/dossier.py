"""What proves a letter: read a letter, its authorisations and its events, each signed by whom it must be.

The same functions serve the receiving node and the stranger who opens a bundle: given the officials' directory
entries and the nodes they belong to, each returns the record or raises what is wrong with it.

* A letter carries two signatures: its drafter's and the drafter's node's.
* An authorisation carries two: the deciding official's and that official's node's; the drafter never decides. It rests on
  the letter's own answer of the law, and says so where it reaches a confidence that the law protects.
* An event carries two: the acting official's and that official's node's.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import (
    AUTHORISATION,
    Authorisation,
    AuthorisationKind,
    not_by_drafter,
)
from comity.authorisations.covering import REVIEWED, SEALED, NotCovered, OutwardAct, Standing, covers
from comity.authorisations.scope import Scope, within
from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.cases.protection import privileged
from comity.errors import N_, ComityError
from comity.letters.event import EVENT, Event
from comity.letters.forms import complete
from comity.letters.letter import LETTER, Letter, flags_of
from comity.letters.life import Step


class NotADecision(ComityError):
    """A kind of authorisation that nobody gives by signing one."""

    code = "letters.not_a_decision"
    sentence = N_("an authorisation of kind {kind} is not given by a decision on a letter")


class OtherBasis(ComityError):
    """A decision rests on another answer of the law than the letter."""

    code = "letters.other_basis"
    sentence = N_("the decision names {name} {said}, and the letter rests on {written}")


class PrivilegeNotAllowed(ComityError):
    """A target's confidences are protected, and the decision does not say that it reaches them."""

    code = "letters.privilege_not_allowed"
    sentence = N_("the decision does not allow what the targets are flagged with: {privileges}")
    hint = N_("The judge weighs the privilege and says so in the decision, or leaves the target out.")


_POWERS: Final = {
    AuthorisationKind.WARRANT: Power.AUTHORISE,
    AuthorisationKind.VALIDATION: Power.AUTHORISE,
    AuthorisationKind.EMERGENCY: Power.ISSUE_EMERGENCY,
    AuthorisationKind.RECOGNITION: Power.RECOGNISE,
}
"""The decisions that are signed, and the power that each needs."""

_ASKED_OF_OTHERS: Final = frozenset({SEALED, REVIEWED})
"""What has to hold when data leave is held then, by whoever lets them: a letter only asks for it."""

_SENDS: Final = frozenset({AuthorisationKind.WARRANT, AuthorisationKind.EMERGENCY})


def read_letter(statement: Statement, *, known: Officials) -> Proven[Letter]:
    """The letter, complete and signed by its drafter and the drafter's node."""
    letter = Letter.from_body(statement.body)
    entry, home = known.who(letter.drafted_by, what="letter")
    verify_official(statement, type=LETTER, entry=entry, at=letter.written_at)
    verify_all(statement, type=LETTER, keys=(entry.credential, home.key))
    entry.actor.require(Power.DRAFT_LETTER)
    if (entry.node, entry.authority, entry.state) != (letter.from_node, letter.from_authority, letter.from_state):
        raise NotThisOfficial(
            what="letter",
            named=f"{letter.from_authority} ({letter.from_state})",
            signed=f"an official of {entry.authority}",
        )
    complete(letter)
    return Proven(statement=statement, record=letter)


def read_authorisation(statement: Statement, *, letter: Letter, known: Officials) -> Proven[Authorisation]:
    """The decision, signed by who decided and that official's node, within the letter and not by its drafter."""
    authorisation = Authorisation.from_body(statement.body)
    entry, home = known.who(authorisation.by, what="authorisation")
    verify_official(statement, type=AUTHORISATION, entry=entry, at=authorisation.decided_at)
    verify_all(statement, type=AUTHORISATION, keys=(entry.credential, home.key))
    if authorisation.kind not in _POWERS:
        raise NotADecision(kind=authorisation.kind.value)
    deciding = letter.addressee.node if authorisation.kind is AuthorisationKind.RECOGNITION else letter.from_node
    if entry.node != deciding:
        raise NotThisOfficial(what="authorisation", named=f"an official of {deciding}", signed=f"one of {entry.node}")
    entry.actor.require(_POWERS[authorisation.kind])
    not_by_drafter(drafted_by=letter.drafted_by, decided_by=authorisation.by)
    entry.hold_reach(authorisation.scope.territory)
    within(authorisation.scope, letter.scope)
    _hold_basis(authorisation, letter)
    _hold_privileges(authorisation, letter)
    return Proven(statement=statement, record=authorisation)


def _hold_basis(authorisation: Authorisation, letter: Letter) -> None:
    """Hold that the decision rests on the answer of the law that the letter cites; raises `OtherBasis`."""
    grounding = letter.grounding
    for name, written in (("verdict", grounding.verdict), ("edition", grounding.edition), ("route", grounding.route)):
        said = str(authorisation.legal_basis[name])
        if said != written:
            raise OtherBasis(name=name, said=said[:80], written=written[:80])


def _hold_privileges(authorisation: Authorisation, letter: Letter) -> None:
    """Hold that the decision allows every privilege with which its targets are flagged; raises `PrivilegeNotAllowed`."""
    missing = privileged(flags_of(letter, within=authorisation.scope.selectors)) - authorisation.privileges.allowed
    if missing:
        raise PrivilegeNotAllowed(privileges=", ".join(sorted(missing)))


def authorised_to_send(
    letter: Letter, *, digest: str, authorisation: Authorisation, at: datetime, standing: Standing
) -> tuple[str, ...]:
    """Hold that the authorisation covers what the letter asks for when it is sent; the reasons, for the log.

    A judge may authorise a part: fewer targets, less data, a shorter time. The letter then goes out with the decision,
    and asks for that part only. Measure, acts and territory are the letter's, whole. Raises `NotCovered`. A recognition
    executes the letter of another state, a validation confirms a decision: neither sends one.
    """
    act = OutwardAct(
        name="to send the letter", letter=digest, does=asked_under(letter, authorisation), facts=_ASKED_OF_OTHERS
    )
    if authorisation.kind not in _SENDS:
        raise NotCovered(act=act.name, why=f"it rests on a {authorisation.kind.value}, which sends no letter")
    return covers(authorisation, act, at=at, standing=standing).reasons


def asked_under(letter: Letter, authorisation: Authorisation) -> Scope:
    """What the letter asks for under its authorisation: whole, or the part that was authorised."""
    part = authorisation.scope
    return replace(letter.scope, selectors=part.selectors, data=part.data, from_=part.from_, until=part.until)


def within_authorised(recognition: Authorisation, authorisation: Authorisation) -> None:
    """Hold that a recognition does not reach beyond what was authorised to be asked for; raises `ScopeWider`."""
    within(recognition.scope, authorisation.scope)


_POWER: Final = {
    Step.ACKNOWLEDGE: Power.HANDLE_LETTER,
    Step.QUERY: Power.HANDLE_LETTER,
    Step.ANSWER: Power.DRAFT_LETTER,
    Step.PRESERVE: Power.PRESERVE,
    Step.RECOGNISE: Power.RECOGNISE,
    Step.REFUSE: Power.HANDLE_LETTER,
    Step.EXECUTE_PARTLY: Power.HANDLE_LETTER,
    Step.EXECUTE: Power.HANDLE_LETTER,
    Step.WITHDRAW: Power.DRAFT_LETTER,
}


def power_for(step: Step) -> Power:
    """The power that an office needs to take a step of which the other side is told."""
    return _POWER[step]


def read_event(statement: Statement, *, known: Officials) -> Proven[Event]:
    """The event, signed by who acted and that official's node, with the power for the step."""
    event = Event.from_body(statement.body)
    entry, home = known.who(event.by, what="event")
    if entry.node != event.node:
        raise NotThisOfficial(what="event", named=event.node, signed=entry.node)
    verify_official(statement, type=EVENT, entry=entry, at=event.at)
    verify_all(statement, type=EVENT, keys=(entry.credential, home.key))
    entry.actor.require(power_for(event.step))
    return Proven(statement=statement, record=event)
