"""The question: who asks whom for what, in which proceedings, with the facts answered so far.

* A question holds no law. Which measures, states, offences and facts exist is said by the edition that answers it.
* Absence is never a no: an unknown penalty is None, an unanswered fact is not in `facts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.law.logic import Known, Value

STAGES: Final = ("inquiry", "investigation", "prosecution", "trial", "execution_of_sentence")
AUTHORITIES: Final = (
    "judge",
    "court",
    "investigating_judge",
    "public_prosecutor",
    "police",
    "other_investigating_authority",
)
PURPOSES: Final = ("evidence", "identify_user")
URGENCIES: Final = ("normal", "urgent", "emergency")

OFFENCES_MAX: Final = 32
FACTS_MAX: Final = 256
DATA_MAX: Final = 32
TEXT_CHARACTERS_MAX: Final = 200
YEARS_MAX: Final = 99

_TEXTS: Final = frozenset(
    {"requesting_state", "requesting_authority", "stage", "requested_state", "measure", "purpose", "urgency"}
)
_NAMES: Final = _TEXTS | {"data", "offences", "facts", "provider"}
_CHOICES: Final = {
    "requesting_authority": AUTHORITIES,
    "stage": STAGES,
    "purpose": PURPOSES,
    "urgency": URGENCIES,
}


class QuestionBroken(ComityError):
    """What was handed in is no question."""

    code = "law.question_broken"
    sentence = N_("this is no question of law: {why}")


class ValueUnknown(ComityError):
    """A value is not in the vocabulary."""

    code = "law.value_unknown"
    sentence = N_("{field}: {found} is not known")
    hint = N_("One of: {allowed}")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of law. `offences`: (id, maximum years in the requesting state, in the requested state).

    None is an unknown penalty, 0 says that it is no offence there. `facts` answers ids of the edition's facts.
    """

    requesting_state: str
    requesting_authority: str
    stage: str
    requested_state: str
    measure: str
    data: tuple[str, ...] = ()
    purpose: str = "evidence"
    offences: tuple[tuple[str, int | None, int | None], ...] = ()
    urgency: str = "normal"
    provider: str | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold the limits and the closed lists; raises `QuestionBroken` or `ValueUnknown`."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueUnknown(field=name, found=str(getattr(self, name))[:60], allowed=", ".join(allowed))
        for name, size, limit in (
            ("data categories", len(self.data), DATA_MAX),
            ("offences", len(self.offences), OFFENCES_MAX),
            ("facts", len(self.facts), FACTS_MAX),
            ("characters in the provider's name", len(self.provider or ""), TEXT_CHARACTERS_MAX),
        ):
            if size > limit:
                raise QuestionBroken(why=f"{size} {name} where at most {limit} are taken")
        for offence, issuing, executing in self.offences:
            if any(years is not None and not 0 <= years <= YEARS_MAX for years in (issuing, executing)):
                raise QuestionBroken(why=f"the penalty for {offence[:40]} is not between 0 and {YEARS_MAX} years")

    def given(self) -> dict[str, Known]:
        """The facts that the question itself answers, by the ids of the edition's vocabulary."""
        return {
            "question.requesting_authority": self.requesting_authority,
            "question.stage": self.stage,
            "question.measure": self.measure,
            "question.purpose": self.purpose,
            "question.urgency": self.urgency,
            "question.data": self.data,
            "offence.id": tuple(offence for offence, _, _ in self.offences),
            "offence.issuing_years_max": tuple(issuing for _, issuing, _ in self.offences),
            "offence.executing_years_max": tuple(executing for _, _, executing in self.offences),
        }

    def as_record(self) -> JsonObject:
        """The question as JSON."""
        return {
            "requesting_state": self.requesting_state,
            "requesting_authority": self.requesting_authority,
            "stage": self.stage,
            "requested_state": self.requested_state,
            "measure": self.measure,
            "data": list(self.data),
            "purpose": self.purpose,
            "offences": [
                {"id": offence, "issuing_years_max": issuing, "executing_years_max": executing}
                for offence, issuing, executing in self.offences
            ],
            "urgency": self.urgency,
            "provider": self.provider,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_record(cls, record: object) -> "Question":
        """Read `as_record` back; raises `QuestionBroken` or `ValueUnknown`."""
        if not isinstance(record, dict) or set(record) != _NAMES:
            raise QuestionBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}")
        listed, data, facts, provider = (record[name] for name in ("offences", "data", "facts", "provider"))
        if not all(isinstance(record[name], str) for name in _TEXTS) or not isinstance(provider, str | None):
            raise QuestionBroken(why=f"{', '.join(sorted(_TEXTS))} are texts, provider is a text or null")
        if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
            raise QuestionBroken(why="data is a list of texts")
        if not isinstance(facts, dict) or not all(isinstance(value, bool | int | str) for value in facts.values()):
            raise QuestionBroken(why="facts are answers: true, false, a number or a text")
        if not isinstance(listed, list):
            raise QuestionBroken(why="offences is a list")
        return cls(
            data=tuple(data),
            offences=tuple(_offence(one) for one in listed),
            facts=facts,
            provider=provider,
            **{name: record[name] for name in _TEXTS},
        )


def _offence(value: object) -> tuple[str, int | None, int | None]:
    match value:
        case {"id": str(offence), "issuing_years_max": issuing, "executing_years_max": executing, **rest} if not rest:
            if all(years is None or type(years) is int for years in (issuing, executing)):
                return offence, issuing, executing
    raise QuestionBroken(why="an offence has exactly id, issuing_years_max and executing_years_max")
