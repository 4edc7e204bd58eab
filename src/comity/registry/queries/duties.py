"""What waits for whom: each duty of an office as a condition on the letters that the office sees.

A duty of two states is two tasks. The start page, the figures of the navigation and the filter "waits for me" are all
read from this one list.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.authorities.roles import Actor, Power
from comity.letters.due import DueKind
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry import access
from comity.registry.models import ItemRow, LetterRow


class Duty(StrEnum):
    """What an official is waited for to do."""

    AUTHORISE = "authorise"
    VALIDATE = "validate"
    SEND = "send"
    ANSWER = "answer"
    REQUEST = "request"
    ACKNOWLEDGE = "acknowledge"
    PRESERVE = "preserve"
    RECOGNISE = "recognise"
    EXECUTE = "execute"
    TAKE_IN = "take_in"
    HAND_OVER = "hand_over"
    ACCEPT = "accept"
    ERASE = "erase"
    OVERDUE = "overdue"
    LAID_ASIDE = "laid_aside"
    ALARM = "alarm"


@dataclass(frozen=True)
class Task:
    """A duty, and the letters for which it waits: of one state or one kind of date, so that they are read along an index."""

    duty: Duty
    letters: Q


def tasks(*, viewer: Actor) -> tuple[Task, ...]:
    """The duties of this viewer that wait on a letter's state; which letters the viewer sees is not asked here."""
    if not access.of_this_node(viewer):
        return ()
    powers = viewer.powers
    found = []
    if Power.DRAFT_LETTER in powers:
        if Power.SEND_LETTER in powers:
            found.append(Task(Duty.SEND, _stands(State.AUTHORISED, outgoing=True)))
        found.append(Task(Duty.ANSWER, _stands(State.QUERIED, outgoing=True)))
        found.append(Task(Duty.REQUEST, _stands(State.PRESERVED, outgoing=True) & Q(~Exists(_following()))))
    if Power.AUTHORISE in powers:
        found.append(Task(Duty.AUTHORISE, _stands(State.DRAFT, outgoing=True)))
        found.append(Task(Duty.VALIDATE, Q(due_what=DueKind.VALIDATE_BEFORE.value, outgoing=True)))
    if Power.RECOGNISE in powers:
        found.append(Task(Duty.RECOGNISE, _stands(State.ACKNOWLEDGED, outgoing=False) & Q(form=Form.PRODUCTION)))
    if Power.HANDLE_LETTER in powers:
        found.append(Task(Duty.ACKNOWLEDGE, _stands(State.RECEIVED, outgoing=False)))
        found.append(Task(Duty.EXECUTE, _stands(State.RECOGNISED, outgoing=False)))
        found.append(Task(Duty.EXECUTE, _stands(State.PARTLY_EXECUTED, outgoing=False)))
    if Power.PRESERVE in powers:
        found.append(Task(Duty.PRESERVE, _stands(State.ACKNOWLEDGED, outgoing=False) & Q(form=Form.PRESERVATION)))
    if Power.TAKE_IN_EVIDENCE in powers:
        nothing_yet = Q(~Exists(ItemRow.objects.filter(letter=OuterRef("pk"))))
        found.append(Task(Duty.TAKE_IN, _stands(State.RECOGNISED, outgoing=False) & nothing_yet))
    return tuple(found)


def _stands(state: State, *, outgoing: bool) -> Q:
    return Q(state=state.value, outgoing=outgoing)


def _following() -> QuerySet[LetterRow]:
    """Letters that ask for the data which another letter had preserved, unless they came to nothing."""
    ended = [State.DENIED.value, State.REFUSED.value, State.WITHDRAWN.value]
    linked = LetterRow.objects.exclude(linked="")  # said twice, so that the few that are linked have their own index
    return linked.filter(linked=OuterRef("digest"), outgoing=True).exclude(state__in=ended)
