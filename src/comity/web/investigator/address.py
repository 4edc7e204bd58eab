"""The state of an interview, whole in the address of its page: read within limits, written in one form.

* What stands in no parameter has not been asked yet. `none` was asked and nothing was named; `unknown` stays open.
* Nothing is kept on the server: the address can be linked, printed, and gone back from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from comity.canon import JsonObject, TextNotAllowed, plain
from comity.cases.case import Offence
from comity.cases.case import offence as offence_of
from comity.errors import N_, ComityError
from comity.law import (
    AUTHORITIES,
    PURPOSES,
    STAGES,
    URGENCIES,
    Edition,
    Question,
    SameState,
    StateUnknown,
    ValueUnknown,
)
from comity.law.edition import AskedFact
from comity.law.question import DATA_MAX, OFFENCES_MAX, TEXT_CHARACTERS_MAX
from comity.web.investigator import spelling

FACT: Final = "fact_"
NONE: Final = "none"
ANSWER: Final = "answer"
"""The step at which nothing is asked: the answer as it stands."""

BASE: Final = ("who", "whom", "what", "data", "offences", "pressing")
"""What is asked before the law can be, in this order."""

ADDRESS_CHARACTERS_MAX: Final = 8000
"""The longest query of an address that is read."""

_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "authority": AUTHORITIES,
    "stage": STAGES,
    "purpose": PURPOSES,
    "urgency": URGENCIES,
}
_ONCE: Final = frozenset(
    {"authority", "stage", "to", "measure", "purpose", "urgency", "provider", "route", "last", "step"}
)
_SEVERAL: Final = frozenset({"data", "offence"})


class AddressBroken(ComityError):
    """The parameters of an address are no state of an interview."""

    code = "investigator.address_broken"
    sentence = N_("this address is no question to the law: {why}")
    hint = N_("Begin the questions anew, or go back one page.")


@dataclass(frozen=True, kw_only=True)
class Interview:
    """What has been answered so far. None, or an empty text: not asked yet; `facts` are spelled as in the address.

    `route` is the only one that is followed, `last` the last answer, `step` what is looked at.
    """

    authority: str = ""
    stage: str = ""
    to: str = ""
    measure: str = ""
    data: tuple[str, ...] | None = None
    purpose: str = ""
    offences: tuple[Offence, ...] | None = None
    urgency: str = ""
    provider: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    last: str = ""
    step: str = ""

    def answered(self, step: str) -> bool:
        """Whether a step before the law has its answer."""
        return {
            "who": bool(self.authority and self.stage),
            "whom": bool(self.to),
            "what": bool(self.measure),
            "data": self.data is not None and bool(self.purpose),
            "offences": self.offences is not None,
            "pressing": bool(self.urgency),
        }[step]

    @property
    def askable(self) -> bool:
        """Whether the law can be asked: it is known who asks whom for what."""
        return all(self.answered(step) for step in ("who", "whom", "what"))

    def without_last(self) -> "Interview | None":
        """The same before its last answer; None where there was none, or the law could not be asked then."""
        name = self.last.removeprefix(FACT)
        if name in self.facts:
            return replace(self, facts={fact: said for fact, said in self.facts.items() if fact != name})
        unsaid: dict[str, Interview] = {
            "data": replace(self, data=None, purpose=""),
            "offences": replace(self, offences=None),
            "pressing": replace(self, urgency="", provider=""),
        }
        return unsaid.get(self.last)

    def question(self, *, own_state: str, edition: Edition) -> Question:
        """The question to the law; what has not been asked yet is open or, for purpose and urgency, the usual one."""
        said = {name: spelling.value(edition.facts[name], answer) for name, answer in self.facts.items()}
        return Question(
            requesting_state=own_state,
            requesting_authority=self.authority,
            stage=self.stage,
            requested_state=self.to,
            measure=self.measure,
            data=tuple(sorted(self.data or ())),
            purpose=self.purpose or "evidence",
            offences=tuple((one.id, one.issuing_years_max, one.executing_years_max) for one in self.offences or ()),
            urgency=self.urgency or "normal",
            provider=self.provider or None,
            facts={name: value for name, value in said.items() if value is not None},
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters, in one order; `read` reads them back."""
        once = [("authority", self.authority), ("stage", self.stage), ("to", self.to), ("measure", self.measure)]
        data = [("data", one) for one in self.data or (NONE,)] if self.data is not None else []
        offences = [("offence", spelling.offence(one)) for one in self.offences or ()]
        if self.offences == ():
            offences = [("offence", NONE)]
        rest = [("purpose", self.purpose), ("urgency", self.urgency), ("provider", self.provider)]
        facts = [(f"{FACT}{name}", answer) for name, answer in sorted(self.facts.items())]
        place = [("route", self.route), ("last", self.last), ("step", self.step)]
        return [(name, value) for name, value in (*once, *data, *offences, *rest, *facts, *place) if value]

    def address(self, base: str) -> str:
        """Where this state is read."""
        query = urlencode(self.pairs())
        return f"{base}?{query}" if query else base

    def at(self, step: str) -> "Interview":
        """The same, looked at from one step; what the last answer changed is no longer shown."""
        return replace(self, step=step, last="")


def read(given: QueryDict, *, own_state: str, edition: Edition) -> Interview:
    """The state in the parameters of an address; raises `AddressBroken` or what the law refuses a value with."""
    if sum(len(name) + len(value) + 2 for name, values in given.lists() for value in values) > ADDRESS_CHARACTERS_MAX:
        raise AddressBroken(why=f"it is longer than {ADDRESS_CHARACTERS_MAX} characters")
    facts: dict[str, str] = {}
    for name, values in given.lists():
        if name.startswith(FACT) and len(values) == 1:
            fact = _fact(name.removeprefix(FACT), edition)
            facts[fact.id] = spelling.accepted(fact, values[0])
        elif name not in _ONCE | _SEVERAL or (name in _ONCE and len(values) != 1):
            raise AddressBroken(why=f"{name[:40]!r} is unknown, or stands there more than once")
    for name, allowed in _CLOSED.items():
        _among(name, given.get(name, ""), allowed)
    _among("measure", given.get("measure", ""), edition.kinds)
    step, last = (_step(given.get(name, ""), edition) for name in ("step", "last"))
    return Interview(
        authority=given.get("authority", ""),
        stage=given.get("stage", ""),
        to=_state(given.get("to", ""), own_state=own_state, edition=edition),
        measure=given.get("measure", ""),
        data=_data(given.getlist("data"), edition),
        purpose=given.get("purpose", ""),
        offences=_offences(given.getlist("offence"), edition),
        urgency=given.get("urgency", ""),
        provider=_provider(given.get("provider", "")),
        facts=facts,
        route=_route(given.get("route", ""), edition),
        last=last,
        step=step,
    )


def of_question(question: JsonObject, *, edition: Edition) -> Interview:
    """The state of an interview that asked a question which was recorded; a fact that the edition has no more is left out."""
    known = {name for name, fact in edition.facts.items() if fact.from_ == "answer"}
    return Interview(
        authority=question["requesting_authority"],
        stage=question["stage"],
        to=question["requested_state"],
        measure=question["measure"],
        data=tuple(question["data"]),
        purpose=question["purpose"],
        offences=tuple(
            Offence(one["id"], one["issuing_years_max"], one["executing_years_max"]) for one in question["offences"]
        ),
        urgency=question["urgency"],
        provider=question["provider"] or "",
        facts={name: spelling.spelled(value) for name, value in question["facts"].items() if name in known},
    )


def _among(name: str, found: str, allowed: tuple[str, ...]) -> None:
    if found and found not in allowed:
        raise ValueUnknown(field=name, found=found[:60], allowed=", ".join(allowed))


def _fact(name: str, edition: Edition) -> AskedFact:
    answerable = {one.id: one for one in edition.facts.values() if one.from_ == "answer"}
    if name not in answerable:
        raise ValueUnknown(field="fact", found=name[:60], allowed=", ".join(answerable))
    return answerable[name]


def _state(found: str, *, own_state: str, edition: Edition) -> str:
    if found and found not in edition.states:
        raise StateUnknown(found=found[:10], allowed=", ".join(edition.states))
    if found == own_state:
        raise SameState(state=found)
    return found


def _step(found: str, edition: Edition) -> str:
    if found.startswith(FACT):
        return f"{FACT}{_fact(found.removeprefix(FACT), edition).id}"
    _among("step", found, (*BASE, ANSWER))
    return found


def _route(found: str, edition: Edition) -> str:
    name, _, measure = found.partition("/")
    if found and (name not in edition.instruments or measure not in edition.instruments[name].measures):
        raise ValueUnknown(field="route", found=found[:60], allowed="those of the law's answer")
    return found


def _data(found: list[str], edition: Edition) -> tuple[str, ...] | None:
    if found in ([], [NONE]):
        return () if found else None
    if len(found) > DATA_MAX:
        raise AddressBroken(why=f"it names more than {DATA_MAX} categories of data")
    for one in found:
        _among("data", one or NONE, tuple(edition.categories))
    return tuple(dict.fromkeys(found))


def _offences(found: list[str], edition: Edition) -> tuple[Offence, ...] | None:
    if found in ([], [NONE]):
        return () if found else None
    if len(found) > OFFENCES_MAX:
        raise AddressBroken(why=f"it names more than {OFFENCES_MAX} offences")
    offences = {one.id: one for one in map(offence_of, found)}
    for name in offences:
        _among("offence", name, tuple(edition.offences))
    return tuple(offences.values())


def _provider(found: str) -> str:
    try:
        return plain(found, field="provider", limit=TEXT_CHARACTERS_MAX, lines=False) if found.strip() else ""
    except TextNotAllowed as refused:
        raise AddressBroken(why=str(refused)) from refused
