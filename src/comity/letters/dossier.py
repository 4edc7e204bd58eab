"""What proves a letter: read a letter, its authorisations and its events, each signed by whom it must be.

The same functions serve the receiving node and the stranger who opens a bundle: given the officials' directory
entries and the nodes they belong to, each returns the record or raises what is wrong with it.

* A letter carries two signatures: its drafter's and the drafter's node's.
* An authorisation carries two: the deciding official's and that official's node's; the drafter never decides.
* An event carries two: the acting official's and that official's node's.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import (
    AUTHORISATION,
    Authorisation,
    AuthorisationKind,
    NotCovered,
    OutwardAct,
    covers,
    not_by_drafter,
)
from comity.authorisations.scope import Scope, within
from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.errors import N_, ComityError
from comity.letters.event import EVENT, Event
from comity.letters.forms import complete
from comity.letters.letter import LETTER, Letter
from comity.letters.life import Step


class NotADecision(ComityError):
    """A kind of authorisation that nobody gives by signing one."""

    code = "letters.not_a_decision"
    sentence = N_("an authorisation of kind {kind} is not given by a decision on a letter")


_DECISIONS: Final = frozenset({AuthorisationKind.WARRANT, AuthorisationKind.VALIDATION})


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
    recognising = authorisation.kind is AuthorisationKind.RECOGNITION
    if not recognising and authorisation.kind not in _DECISIONS:
        raise NotADecision(kind=authorisation.kind.value)
    deciding = letter.addressee.node if recognising else letter.from_node
    if entry.node != deciding:
        raise NotThisOfficial(what="authorisation", named=f"an official of {deciding}", signed=f"one of {entry.node}")
    entry.actor.require(Power.RECOGNISE if recognising else Power.AUTHORISE)
    not_by_drafter(drafted_by=str(letter.drafted_by["official"]), decided_by=entry.official)
    within(authorisation.scope, letter.scope)
    return Proven(statement=statement, record=authorisation)


def authorised_to_send(letter: Letter, *, digest: str, authorisation: Authorisation, at: datetime) -> tuple[str, ...]:
    """Hold that the authorisation covers what the letter asks for when it is sent; the reasons, for the log.

    A judge may authorise a part: fewer targets, less data, a shorter time. The letter then goes out with the decision,
    and asks for that part only. Measure, acts and territory are the letter's, whole. Raises `NotCovered`. A recognition
    executes the letter of another state and sends none.
    """
    act = OutwardAct(name="to send the letter", letter=digest, does=asked_under(letter, authorisation))
    if authorisation.kind is AuthorisationKind.RECOGNITION:
        raise NotCovered(act=act.name, why="it rests on a recognition, which executes a letter and sends none")
    return covers(authorisation, act, at=at).reasons


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
