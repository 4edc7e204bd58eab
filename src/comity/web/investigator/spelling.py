"""How answers are spelled in an address: `yes`, `no`, a figure, the code of a choice, or `unknown` for what nobody knows."""

import re
from typing import Final

from comity.cases.case import Offence
from comity.law import FactNotAnswerable
from comity.law.edition import AskedFact
from comity.law.logic import Value

YES: Final = "yes"
NO: Final = "no"
UNKNOWN: Final = "unknown"

_NUMBER: Final = re.compile(r"[0-9]{1,6}")


def accepted(fact: AskedFact, answer: str) -> str:
    """The answer, if it is one to this fact; raises `FactNotAnswerable` with those that are."""
    if answer == UNKNOWN or answer in options(fact) or (fact.type == "number" and _NUMBER.fullmatch(answer)):
        return answer
    wanted = ", ".join((*options(fact), UNKNOWN)) if options(fact) else f"a whole number, {UNKNOWN}"
    raise FactNotAnswerable(fact=fact.id, found=answer[:40], why=f"expected {wanted}")


def options(fact: AskedFact) -> tuple[str, ...]:
    """The answers from which one is chosen; none for a figure."""
    return {"yes_no": (YES, NO), "choice": fact.options}.get(fact.type, ())


def value(fact: AskedFact, answer: str) -> Value | None:
    """The answer as the law takes it; None for what nobody knows."""
    if answer == UNKNOWN:
        return None
    if fact.type == "yes_no":
        return answer == YES
    return int(answer) if fact.type == "number" else answer


def spelled(answer: Value) -> str:
    """`value` the other way."""
    if isinstance(answer, bool):
        return YES if answer else NO
    return str(answer)


def offence(one: Offence) -> str:
    """An offence with its highest penalties, as `cases.case.offence` reads it."""
    here, there = ("" if years is None else str(years) for years in (one.issuing_years_max, one.executing_years_max))
    return f"{one.id}:{here}:{there}"
