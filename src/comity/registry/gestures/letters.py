"""Letters: drafted, authorised, recognised, and every other step that is told to the other side."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from comity.authorisations.lapse import read_lapse
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.letters.dossier import read_authorisation, read_event, read_letter
from comity.letters.life import Step
from comity.registry.actions import authorisations, letters
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import texts
from comity.registry.queries.people import known


def prepare_draft(case: str, asked: texts.Asked, *, actor: Actor, at: datetime) -> Prepared:
    """A letter, to be signed by its drafter."""
    text = texts.letter_text(case, asked, viewer=actor, at=at)
    return Prepared(gesture="letter.draft", subject=case, texts=(text,), arguments={})


def prepare_authorisation(letter: str, decision: texts.Decision, *, actor: Actor, at: datetime) -> Prepared:
    """A judge's decision that lets a draft go out."""
    text = texts.authorisation_text(letter, decision, viewer=actor, at=at)
    return Prepared(gesture="letter.authorise", subject=letter, texts=(text,), arguments={})


def prepare_emergency(letter: str, decision: texts.Decision, *, actor: Actor, at: datetime) -> Prepared:
    """A decision that lets a draft go out before a judge validates it, where the route lets that be."""
    text = texts.emergency_text(letter, decision, viewer=actor, at=at)
    return Prepared(gesture="letter.emergency", subject=letter, texts=(text,), arguments={})


def prepare_validation(letter: str, decision: texts.Decision, *, actor: Actor, at: datetime) -> Prepared:
    """A judge's validation of the emergency decision under which a letter goes or went out."""
    text = texts.validation_text(letter, decision, viewer=actor, at=at)
    return Prepared(gesture="letter.validate", subject=letter, texts=(text,), arguments={})


def prepare_lapse(letter: str, *, reason: str, actor: Actor, at: datetime) -> Prepared:
    """A judge's end of the decision that a letter rests on: what was done under it is taken back."""
    text = texts.lapse_text(letter, reason=reason, viewer=actor, at=at)
    return Prepared(gesture="letter.lapse", subject=letter, texts=(text,), arguments={})


def prepare_recognition(letter: str, decision: texts.Decision, *, note: str, actor: Actor, at: datetime) -> Prepared:
    """A judge's decision on a letter that came, and the event that tells the other side of it."""
    decided = texts.authorisation_text(letter, decision, viewer=actor, at=at)
    facts = {"note": note, "authorisation": decided.digest}
    told = texts.event_text(letter, Step.RECOGNISE, facts=facts, viewer=actor, at=at)
    return Prepared(gesture="letter.recognise", subject=letter, texts=(decided, told), arguments={})


def prepare_step(letter: str, step: Step, *, facts: JsonObject, actor: Actor, at: datetime) -> Prepared:
    """Any other step of a letter's life."""
    text = texts.event_text(letter, step, facts=facts, viewer=actor, at=at)
    return Prepared(gesture="letter.step", subject=letter, texts=(text,), arguments={})


def prepare_preservation(letter: str, *, note: str, actor: Actor, at: datetime) -> Prepared:
    """The step that says that the data are preserved, with the clock that runs."""
    facts = texts.preservation_facts(letter, note=note, viewer=actor, at=at)
    return prepare_step(letter, Step.PRESERVE, facts=facts, actor=actor, at=at)


def _draft(_prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_letter(signed[0], known=known({}, viewer=actor))
    letters.draft_letter(proven, actor=actor, at=at)
    return Done(kind="letter", reference=proven.digest)


def _authorise(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    asked = texts.asked_for(prepared.subject, viewer=actor)
    proven = read_authorisation(signed[0], letter=asked, known=known({}, viewer=actor))
    letters.authorise_letter(proven, actor=actor, at=at)
    return Done(kind="letter", reference=prepared.subject)


def _validate(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    asked = texts.asked_for(prepared.subject, viewer=actor)
    proven = read_authorisation(signed[0], letter=asked, known=known({}, viewer=actor))
    authorisations.validate_emergency(proven, actor=actor, at=at)
    return Done(kind="letter", reference=prepared.subject)


def _lapse(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    decided, drafted_by = texts.decision_named(str(signed[0].body["authorisation"]), viewer=actor)
    proven = read_lapse(signed[0], decided=decided, drafted_by=drafted_by, known=known({}, viewer=actor))
    authorisations.end_decision(proven, actor=actor, at=at)
    return Done(kind="letter", reference=prepared.subject)


def _recognise(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    everybody = known({}, viewer=actor)
    asked = texts.asked_for(prepared.subject, viewer=actor)
    recognition = read_authorisation(signed[0], letter=asked, known=everybody)
    letters.take_step(read_event(signed[1], known=everybody), recognition=recognition, actor=actor, at=at)
    return Done(kind="letter", reference=prepared.subject)


def _step(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_event(signed[0], known=known({}, viewer=actor))
    letters.take_step(proven, recognition=None, actor=actor, at=at)
    return Done(kind="letter", reference=prepared.subject)


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "letter.draft": _draft,
    "letter.authorise": _authorise,
    "letter.emergency": _authorise,
    "letter.validate": _validate,
    "letter.lapse": _lapse,
    "letter.recognise": _recognise,
    "letter.step": _step,
}
