"""What an official's terminal does with a gesture: have its texts signed by the software authenticator, and finish it.

Each function is one gesture of a person. The texts and the acts are those of `registry.gestures`, as at every desk.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from comity.authorities.standing import Change
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cases.case import Case, Offence
from comity.cases.selectors import Selector
from comity.cli.shell import Seat
from comity.errors import ComityError
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Thing
from comity.exchange.transfer import TransferGround
from comity.law import Edition, Question, Verdict, routes
from comity.letters.life import Step
from comity.registry import authenticator, gestures, post
from comity.registry.actions import cases
from comity.registry.gestures import evidence as evidence_gestures
from comity.registry.gestures import exhibits as exhibit_gestures
from comity.registry.gestures import letters as letter_gestures
from comity.registry.gestures import mandates as mandate_gestures
from comity.registry.gestures import records as record_gestures
from comity.registry.queries import evidence, texts
from comity.registry.queries.cases import case as read_case
from comity.registry.vault.store import Source


def signed(text: Statement, *, seat: Seat, at: datetime) -> Statement:
    """The text with the official's signature and then the node's."""
    return post.countersign(authenticator.sign(text, node=seat.node, entry=seat.entry, at=at))


def open_case(
    title: str,
    marketplace: str,
    *,
    offences: tuple[Offence, ...],
    selectors: tuple[Selector, ...],
    seat: Seat,
    at: datetime,
) -> str:
    """Open a case; its reference."""
    case = Case(
        reference=secrets.token_hex(16), title=title, marketplace=marketplace, offences=offences, selectors=selectors
    )
    cases.open_case(case, actor=seat.entry.actor, at=at)
    return case.reference


def question(
    case: str,
    *,
    to_state: str,
    measure: str,
    data: tuple[str, ...],
    authority: str,
    stage: str,
    urgency: str,
    facts: Mapping[str, bool | int | str],
    seat: Seat,
) -> Question:
    """The question to the law that a case puts: its offences, from our state to another."""
    offences = read_case(case, viewer=seat.entry.actor)["offences"]
    return Question(
        requesting_state=seat.node.state,
        requesting_authority=authority,
        stage=stage,
        requested_state=to_state,
        measure=measure,
        data=data,
        offences=tuple((one["id"], one["issuing"], one["executing"]) for one in offences),
        urgency=urgency,
        facts=facts,
    )


def ask(case: str, question: Question, *, seat: Seat, at: datetime) -> tuple[str, Verdict]:
    """Ask the law for a case and keep the answer; its digest and the verdict."""
    edition = Edition.packaged()
    verdict = routes(question, on=at.date(), edition=edition)
    digest = cases.record_verdict(
        case,
        verdict=verdict.as_json(),
        edition=edition,
        on=verdict.on,
        actor=seat.entry.actor,
        at=at,
    )
    return digest, verdict


def finished(prepared: gestures.Prepared, *, seat: Seat, at: datetime) -> str:
    """Sign every text of a gesture and finish it; the name of what it left."""
    texts_ = [authenticator.sign(text, node=seat.node, entry=seat.entry, at=at) for text in prepared.texts]
    return gestures.finish(prepared, texts_, actor=seat.entry.actor, at=at).reference


def decide(
    official: str, mandate: str, change: Change, *, reason: str, seat: Seat, second: Seat | None, at: datetime
) -> None:
    """Suspend, reinstate or end a mandate; `second` signs after, where two administrators decide."""
    named = second.entry.official if second else ""
    prepared = mandate_gestures.prepare_decision(
        official, mandate, change, reason=reason, second=named, actor=seat.entry.actor, at=at
    )
    finished(prepared, seat=seat, at=at)
    if second and prepared.gesture == "mandate.propose":
        actor = second.entry.actor
        finished(mandate_gestures.prepare_second_decision(prepared.subject, actor=actor, at=at), seat=second, at=at)


def draft(case: str, asked: texts.Asked, *, seat: Seat, at: datetime) -> str:
    """Draft and sign a letter; its digest."""
    return finished(letter_gestures.prepare_draft(case, asked, actor=seat.entry.actor, at=at), seat=seat, at=at)


def authorise(letter: str, decision: texts.Decision, *, seat: Seat, at: datetime) -> str:
    """Authorise a draft within the decision's scope; the digest of the authorisation."""
    prepared = letter_gestures.prepare_authorisation(letter, decision, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def issue_emergency(letter: str, decision: texts.Decision, *, seat: Seat, at: datetime) -> str:
    """Let a draft go out before it is validated, where its route lets that be; the digest of the decision."""
    prepared = letter_gestures.prepare_emergency(letter, decision, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def validate(letter: str, decision: texts.Decision, *, seat: Seat, at: datetime) -> str:
    """Validate the emergency decision that a letter rests on; the digest of the validation."""
    prepared = letter_gestures.prepare_validation(letter, decision, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def revoke(letter: str, *, reason: str, seat: Seat, at: datetime) -> str:
    """End the decision that a letter rests on; the digest of the text that does so."""
    prepared = letter_gestures.prepare_lapse(letter, reason=reason, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def erase(item: str, *, seat: Seat, at: datetime) -> str:
    """Erase an item that was sealed off; the digest of the erasure."""
    prepared = evidence_gestures.prepare_erasure(item, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def recognise(letter: str, decision: texts.Decision, *, note: str, seat: Seat, at: datetime) -> str:
    """Recognise a letter that came, within the decision's scope; the digest of the recognition."""
    prepared = letter_gestures.prepare_recognition(letter, decision, note=note, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def step(letter: str, step_: Step, *, facts: JsonObject, seat: Seat, at: datetime) -> str:
    """Take any other step of a letter's life; the digest of the event."""
    prepared = letter_gestures.prepare_step(letter, step_, facts=facts, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    return prepared.texts[0].digest


def preserved(letter: str, *, note: str, seat: Seat, at: datetime) -> JsonObject:
    """Record that the data are preserved, with the clock that runs; what was stated."""
    prepared = letter_gestures.prepare_preservation(letter, note=note, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
    stated: JsonObject = prepared.texts[0].body["facts"]
    return stated


def take_in(
    source: Source,
    *,
    name: str,
    media_type: str,
    letter: str,
    origin: evidence.Origin,
    selectors: frozenset[str],
    progress: Callable[[int], None],
    seat: Seat,
    at: datetime,
    made_of: evidence_gestures.MadeOf | None = None,
    expected: Callable[[str], object] | None = None,
) -> str:
    """Seal what `source` gives and record its acquisition; the item's reference. What is refused leaves no file.

    `expected` is asked with the SHA-256 of the content before anything is recorded, and raises where it is another one's.
    """
    described = evidence_gestures.Described(
        name=name, media_type=media_type, letter=letter, origin=origin, selectors=selectors, made_of=made_of
    )
    prepared = evidence_gestures.prepare_intake(source, described, progress=progress, actor=seat.entry.actor, at=at)
    try:
        if expected is not None:
            expected(str(prepared.texts[-1].body["facts"]["item"]["sha256"]))
        return finished(prepared, seat=seat, at=at)
    except ComityError:
        evidence_gestures.abandon(prepared)
        raise


def hand_over(item: str, *, ground: TransferGround | None, seat: Seat, at: datetime) -> str:
    """Offer an item to the node whose letter asked for it; the transfer's reference."""
    prepared = evidence_gestures.prepare_hand_over(item, ground=ground, actor=seat.entry.actor, at=at)
    return finished(prepared, seat=seat, at=at)


def accept(transfer: str, *, seat: Seat, at: datetime) -> str:
    """Sign the transfer of an item that arrived, so that it carries both sides' signatures; the item's reference."""
    prepared = evidence_gestures.prepare_acceptance(transfer, actor=seat.entry.actor, at=at)
    return finished(prepared, seat=seat, at=at)


def record(thing: Thing, reference: str, event: CustodyEvent, *, facts: JsonObject, seat: Seat, at: datetime) -> str:
    """Record what happened to an item or exhibit where it lies."""
    prepared = record_gestures.prepare_record(thing, reference, event, facts=facts, actor=seat.entry.actor, at=at)
    return finished(prepared, seat=seat, at=at)


def check_seal(item: str, *, reason: str, seat: Seat, at: datetime) -> str:
    """Read the seal of an item again, and record its hash."""
    return finished(
        record_gestures.prepare_seal_check(item, reason=reason, actor=seat.entry.actor, at=at), seat=seat, at=at
    )


def seize(seized: exhibit_gestures.Seized, *, seat: Seat, at: datetime) -> str:
    """Record a thing that was taken into custody; its reference."""
    return finished(exhibit_gestures.prepare_seizure(seized, actor=seat.entry.actor, at=at), seat=seat, at=at)


def hand_over_exhibit(
    exhibit: str,
    *,
    to: str,
    place: str,
    reason: str,
    ground: TransferGround | None,
    seat: Seat,
    at: datetime,
) -> str:
    """Sign an exhibit over to an official of this node, or to whom its letter names; its reference."""
    prepared = exhibit_gestures.prepare_hand_over(
        exhibit, to=to, place=place, reason=reason, ground=ground, actor=seat.entry.actor, at=at
    )
    return finished(prepared, seat=seat, at=at)


def accept_exhibit(transfer: str, *, seat: Seat, at: datetime) -> str:
    """Sign for an exhibit; its reference."""
    return finished(exhibit_gestures.prepare_acceptance(transfer, actor=seat.entry.actor, at=at), seat=seat, at=at)


def sign_export(item: str, *, reason: str, seat: Seat, at: datetime) -> None:
    """Record that an item leaves in a bundle."""
    prepared = evidence_gestures.prepare_export(item, reason=reason, actor=seat.entry.actor, at=at)
    finished(prepared, seat=seat, at=at)
