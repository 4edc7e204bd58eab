"""What happens next with a letter, in one sentence for each state and side, and where each step is taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.letters.letter import Form
from comity.letters.life import State, Step
from comity.web.shell import wording

_ISSUING: Final[Mapping[State, str | Promise]] = {
    State.DRAFT: _("A judge decides whether the letter may go out, and how far it reaches."),
    State.DENIED: _("The letter does not go out. A new draft can be written."),
    State.AUTHORISED: _("The letter can be sent. It travels sealed; only the other node can open it."),
    State.SENT: _("The other node gives a receipt. Then its contact point acknowledges the letter."),
    State.ACKNOWLEDGED: _("The other side examines the letter and acts on it, asks back or refuses."),
    State.QUERIED: _("The other side waits for an answer to its question."),
    State.PRESERVED: _("The other side keeps the data. They are asked for by a production letter."),
    State.RECOGNISED: _("The other side collects the evidence and hands it over."),
    State.PARTLY_EXECUTED: _("The other side has done a part and says what is outstanding."),
    State.REFUSED: _("The other side does not carry the letter out. The ground stands below."),
    State.EXECUTED: _("The letter is carried out. Nothing is left to do."),
    State.WITHDRAWN: _("The letter was withdrawn. Nothing is left to do."),
}
_EXECUTING: Final[Mapping[State, str | Promise]] = {
    State.RECEIVED: _("The contact point acknowledges the letter."),
    State.ACKNOWLEDGED: _("The letter is examined: it is acted on, asked back about, or refused."),
    State.QUERIED: _("The issuing side answers our question."),
    State.PRESERVED: _("The data are kept at least until the date. A production letter may follow."),
    State.RECOGNISED: _("The custodian takes in the evidence and hands it over."),
    State.PARTLY_EXECUTED: _("What is outstanding follows, or is reported as not to be had."),
    State.REFUSED: _("The letter was refused; the issuing side knows the ground."),
    State.EXECUTED: _("The letter is carried out. Nothing is left to do."),
    State.WITHDRAWN: _("The issuing side withdrew the letter. Nothing is left to do."),
}
_RECOGNITION: Final = _(
    "A judge of this state decides on recognition: a decision of its own, never wider than the letter."
)
_ADDRESSES: Final[Mapping[Step, str]] = {
    Step.AUTHORISE: "letter-authorise",
    Step.DENY: "letter-deny",
    Step.SEND: "letter-send",
    Step.ANSWER: "letter-answer",
    Step.WITHDRAW: "letter-withdraw",
    Step.ACKNOWLEDGE: "letter-acknowledge",
    Step.QUERY: "letter-query",
    Step.PRESERVE: "letter-preserve",
    Step.RECOGNISE: "letter-recognise",
    Step.REFUSE: "letter-refuse",
    Step.EXECUTE_PARTLY: "letter-execute-partly",
    Step.EXECUTE: "letter-execute",
    Step.LAPSE: "letter-end",
}
_ASIDE: Final = frozenset({Step.DENY, Step.QUERY, Step.REFUSE, Step.WITHDRAW, Step.EXECUTE_PARTLY, Step.LAPSE})
"""Steps that are open and are not the way on."""


@dataclass(frozen=True)
class Act:
    """Something that can be done here: where, what it is called, and whether it is the way on."""

    url: str
    label: str
    first: bool


def following(state: State, *, form: Form, outgoing: bool) -> str:
    """What happens next."""
    if not outgoing and state is State.ACKNOWLEDGED and form is Form.PRODUCTION:
        return str(_RECOGNITION)
    return str((_ISSUING if outgoing else _EXECUTING)[state])


def acts(letter: str, steps: tuple[Step, ...]) -> list[Act]:
    """The steps that may be taken now, the way on first."""
    ordered = sorted(steps, key=lambda step: step in _ASIDE)
    return [
        Act(
            url=reverse(_ADDRESSES[step], args=[letter]),
            label=wording.word(wording.TASKS, step),
            first=place == 0 and step not in _ASIDE,
        )
        for place, step in enumerate(ordered)
    ]
