"""Letters that go out before they are validated: only where the route of the law lets them, and with its clock running.

Nothing here knows an instrument: the law's data say, as a clock of the route or of a measure that applies beside it, who
has to seek a validation within which time, and that the order is withdrawn otherwise.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from comity.authorisations.authorisation import Authorisation, AuthorisationKind, ExPost
from comity.authorities.officials import Proven
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.law.clocks import Deadline, Reckoned, reckon
from comity.law.places import zones_of
from comity.letters.letter import Letter

_SEEKS: Final = "seek_validation"
_ELSE: Final = "withdraw_order"
_ZONE_FALLBACK: Final = "UTC"


class NoEmergency(ComityError):
    """The law does not let this letter go out before it is validated."""

    code = "letters.no_emergency"
    sentence = N_("letter {letter} cannot go out before it is validated: {why}")
    hint = N_("Ask a judge to authorise it.")


class NotTheClock(ComityError):
    """An emergency decision names another end of its validation than the law."""

    code = "letters.not_the_clock"
    sentence = N_("the validation is due before {due} under Art. {article}, and the decision says {said}")


class NotValidated(ComityError):
    """A text does not validate the emergency decision that it names."""

    code = "letters.not_validated"
    sentence = N_("this validates nothing: {why}")


def validation_clock(letter: Letter, *, verdict: JsonObject) -> Deadline:
    """The clock of the validation that has to follow, by the letter's route; raises `NoEmergency`.

    It stands with the route, or with a measure that joins it and that applies. An open answer lets nothing go out.
    """
    if not letter.urgent or verdict["question"]["urgency"] != "emergency":
        raise NoEmergency(letter=letter.short, why="the law was not asked about an emergency")
    route = next(one for one in verdict["routes"] if one["id"] == letter.grounding.route)
    joined = [one for one in route["layers"] if one["applies"]["outcome"] == "met"]
    for source in (route, *joined):
        for record in source["clocks"]:
            clock = Deadline.from_record(record)
            if clock.action == _SEEKS and clock.on_expiry.startswith(_ELSE) and clock.duration:
                return clock
    raise NoEmergency(letter=letter.short, why=f"route {route['id']} lets no letter go out before it is validated")


def validation_due(letter: Letter, *, verdict: JsonObject, issued: datetime) -> tuple[ExPost, Reckoned]:
    """Until when the letter is validated, counted from the decision, and the proof; raises `NoEmergency`.

    The earlier reading counts: what is not validated by then is taken back.
    """
    clock = validation_clock(letter, verdict=verdict)
    zones = zones_of(letter.from_state)
    place = ZoneInfo(zones[0] if len(zones) == 1 else _ZONE_FALLBACK)
    reckoned = reckon(clock, events=dict.fromkeys(clock.starts, issued), place=place)
    if reckoned.target is None:
        raise NoEmergency(letter=letter.short, why="the law names no time for the validation")
    until = min(reckoned.target, reckoned.limit or reckoned.target)
    return ExPost(until=until, by="judge", article=clock.article), reckoned


def hold_emergency(letter: Letter, decision: Authorisation, *, verdict: JsonObject) -> None:
    """Hold that the route lets the letter go out on this emergency decision; raises `NoEmergency` or `NotTheClock`."""
    if decision.kind is not AuthorisationKind.EMERGENCY:
        return
    due, _ = validation_due(letter, verdict=verdict, issued=decision.decided_at)
    if decision.validation != due:
        said = decision.validation.until.isoformat() if decision.validation else "nothing"
        raise NotTheClock(due=due.until.isoformat(), article=due.article, said=said)


def hold_validation(validation: Authorisation, emergency: Proven[Authorisation]) -> None:
    """Hold that a judge's text validates this emergency decision, in time and by somebody else; raises `NotValidated`."""
    decided = emergency.record
    due = decided.validation
    for holds, why in (
        (validation.kind is AuthorisationKind.VALIDATION, "it is no validation"),
        (validation.validates == emergency.digest, "it names another decision"),
        (validation.letter == decided.letter, "it is about another letter"),
        (validation.scope == decided.scope, "it reaches another scope than what was done"),
        (due is not None and validation.decided_at < due.until, "the time for it has run out"),
        (validation.decided_at >= decided.decided_at, "it is older than what it validates"),
        (validation.by.get("official") != decided.by.get("official"), "who decided does not validate"),
    ):
        if not holds:
            raise NotValidated(why=why)
