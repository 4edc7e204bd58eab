"""The life of a letter: which step may follow which, on which side, for which form.

One table for both sides: the issuing node and the executing node replay the same steps and reach the same state.
Nothing here reads a clock or a table; what a step needs besides its place in the order is decided where it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.errors import N_, ComityError
from comity.letters.letter import Form


class State(StrEnum):
    """Where a letter stands. `sent` on the issuing side is `received` on the executing side."""

    DRAFT = "draft"
    DENIED = "denied"
    AUTHORISED = "authorised"
    SENT = "sent"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    QUERIED = "queried"
    PRESERVED = "preserved"
    RECOGNISED = "recognised"
    PARTLY_EXECUTED = "partly_executed"
    REFUSED = "refused"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What may happen to a letter."""

    DRAFT = "draft"
    AUTHORISE = "authorise"
    DENY = "deny"
    SEND = "send"
    RECEIVE = "receive"
    ACKNOWLEDGE = "acknowledge"
    QUERY = "query"
    ANSWER = "answer"
    PRESERVE = "preserve"
    RECOGNISE = "recognise"
    REFUSE = "refuse"
    EXECUTE_PARTLY = "execute_partly"
    EXECUTE = "execute"
    WITHDRAW = "withdraw"
    VALIDATE = "validate"
    LAPSE = "lapse"


class Side(StrEnum):
    """Who takes a step."""

    ISSUING = "issuing"
    EXECUTING = "executing"


class StepOutOfOrder(ComityError):
    """A step does not follow from where the letter stands."""

    code = "letters.step_out_of_order"
    sentence = N_("letter {letter} is {state}; to {step} it would have to be {allowed}")
    hint = N_("Look at the letter's timeline for the steps that are open.")


class StepNotOfForm(ComityError):
    """A step does not exist for this form of letter."""

    code = "letters.step_not_of_form"
    sentence = N_("to {step} is no step of a {form} letter")


class StepOfOtherSide(ComityError):
    """A step belongs to the other side."""

    code = "letters.step_of_other_side"
    sentence = N_("to {step} a letter is for the {side} side")


@dataclass(frozen=True)
class Rule:
    """Who may take a step, from which states, where it leads, and for which forms."""

    side: Side
    after: frozenset[State]
    leads_to: State
    forms: frozenset[Form] = frozenset(Form)


_IN_EXECUTION: Final = frozenset({State.RECOGNISED, State.PARTLY_EXECUTED})
_UNDER_WAY: Final = frozenset({State.SENT, State.RECEIVED, State.ACKNOWLEDGED, State.QUERIED})

RULES: Final[dict[Step, Rule]] = {
    Step.AUTHORISE: Rule(Side.ISSUING, frozenset({State.DRAFT}), State.AUTHORISED),
    Step.DENY: Rule(Side.ISSUING, frozenset({State.DRAFT}), State.DENIED),
    Step.SEND: Rule(Side.ISSUING, frozenset({State.AUTHORISED}), State.SENT),
    Step.ACKNOWLEDGE: Rule(Side.EXECUTING, frozenset({State.SENT, State.RECEIVED}), State.ACKNOWLEDGED),
    Step.QUERY: Rule(Side.EXECUTING, frozenset({State.ACKNOWLEDGED}), State.QUERIED),
    Step.ANSWER: Rule(Side.ISSUING, frozenset({State.QUERIED}), State.ACKNOWLEDGED),
    Step.PRESERVE: Rule(
        Side.EXECUTING, frozenset({State.ACKNOWLEDGED}), State.PRESERVED, frozenset({Form.PRESERVATION})
    ),
    Step.RECOGNISE: Rule(
        Side.EXECUTING, frozenset({State.ACKNOWLEDGED}), State.RECOGNISED, frozenset({Form.PRODUCTION})
    ),
    Step.REFUSE: Rule(Side.EXECUTING, _UNDER_WAY, State.REFUSED),
    Step.EXECUTE_PARTLY: Rule(Side.EXECUTING, _IN_EXECUTION, State.PARTLY_EXECUTED, frozenset({Form.PRODUCTION})),
    Step.EXECUTE: Rule(Side.EXECUTING, _IN_EXECUTION, State.EXECUTED, frozenset({Form.PRODUCTION})),
    Step.WITHDRAW: Rule(Side.ISSUING, _UNDER_WAY | {State.DRAFT, State.AUTHORISED, State.PRESERVED}, State.WITHDRAWN),
    Step.LAPSE: Rule(
        Side.ISSUING,
        _UNDER_WAY | _IN_EXECUTION | {State.AUTHORISED, State.PRESERVED, State.EXECUTED},
        State.WITHDRAWN,
    ),
}
"""The whole order. `draft` and `receive` begin a letter's life and therefore follow nothing; `validate` moves nothing.

A letter lapses when the decision ends that it rests on, even if it was executed: what it brought is taken back.
"""

CROSSING: Final = frozenset(
    {
        Step.ACKNOWLEDGE,
        Step.QUERY,
        Step.ANSWER,
        Step.PRESERVE,
        Step.RECOGNISE,
        Step.REFUSE,
        Step.EXECUTE_PARTLY,
        Step.EXECUTE,
        Step.WITHDRAW,
    }
)
"""The steps of which the other side is told by a signed event."""


def follow(step: Step, *, state: State, form: Form, side: Side, letter: str) -> State:
    """The state after `step`; raises `StepOfOtherSide`, `StepNotOfForm` or `StepOutOfOrder`."""
    rule = RULES.get(step)
    if rule is None:
        raise StepOutOfOrder(letter=letter, state=state.value, step=step.value, allowed="new")
    if rule.side is not side:
        raise StepOfOtherSide(step=step.value, side=rule.side.value)
    if form not in rule.forms:
        raise StepNotOfForm(step=step.value, form=form.value)
    if state not in rule.after:
        allowed = " or ".join(sorted(one.value for one in rule.after))
        raise StepOutOfOrder(letter=letter, state=state.value, step=step.value, allowed=allowed)
    return rule.leads_to


def open_steps(*, state: State, form: Form, side: Side) -> tuple[Step, ...]:
    """The steps that this side may take now, in the order of the table."""
    return tuple(
        step for step, rule in RULES.items() if rule.side is side and form in rule.forms and state in rule.after
    )


def replay(steps: Iterable[tuple[Step, Side]], *, begin: State, form: Form, letter: str) -> State:
    """The state that a list of steps leads to; raises as `follow` at the first that cannot be."""
    state = begin
    for step, side in steps:
        state = follow(step, state=state, form=form, side=side, letter=letter)
    return state
