"""A letter on its own node: drafted, authorised or denied, sent, and every later step taken here.

Every text comes in proven (signed by the official and countersigned by the node); each act checks again what may have
changed since: the mandate, the state of the letter, the authorisation's time.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.covering import AS_GIVEN, OutwardAct, covers
from comity.authorisations.mandate import office_mandate
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject, parse_object
from comity.errors import N_, ComityError
from comity.letters.dossier import authorised_to_send, power_for
from comity.letters.emergency import hold_emergency
from comity.letters.event import Event
from comity.letters.forms import carried, ground_of_route
from comity.letters.letter import Letter
from comity.letters.life import State, Step
from comity.registry import access, decisions, log, rows, work
from comity.registry.act import act
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import DeliveryRow, LetterRow, VerdictRow
from comity.registry.queries.people import entries_of

_NEVER_SENT: Final = frozenset({State.DRAFT, State.AUTHORISED})
"""The other side does not know that such a letter exists, and does not hear of its end."""


class NotAuthorised(ComityError):
    """A letter goes nowhere without an authorisation."""

    code = "registry.not_authorised"
    sentence = N_("letter {letter} rests on no authorisation that is in force")
    hint = N_("Ask a judge to authorise it.")


@act
def draft_letter(proven: Proven[Letter], *, actor: Actor, at: datetime) -> None:
    """Record a drafted letter: signed, complete, and carried by a lawful route of a recorded verdict."""
    access.require(actor, Power.DRAFT_LETTER, at=at)
    letter = proven.record
    rows.hold_signer(actor, letter.drafted_by, step="draft")
    case = rows.case_to_change(letter.case, actor=actor)
    if letter.linked and not case.letters.filter(digest=letter.linked, outgoing=True).exists():
        raise access.NoSuchThing(what="letter", reference=letter.linked[:8])
    verdict = VerdictRow.objects.filter(digest=letter.grounding.verdict, case=case).first()
    if verdict is None:
        raise access.NoSuchThing(what="verdict", reference=letter.grounding.verdict[:8])
    route = carried(letter, verdict=parse_object(bytes(verdict.body), limit=ENVELOPE_BYTES_MAX))
    row = LetterRow.objects.create(
        reference=letter.reference,
        digest=proven.digest,
        short=letter.short,
        outgoing=True,
        peer=letter.addressee.node,
        form=letter.form.value,
        state=State.DRAFT.value,
        drafted_by=letter.drafted_by["official"],
        case=case,
        verdict=verdict,
        **rows.finding(letter),
        linked=letter.linked,
        confidential=letter.confidential,
        statement=proven.statement.to_bytes(),
        written_at=letter.written_at,
    )
    for delivery in letter.deliveries:
        DeliveryRow.objects.create(
            letter=row, node=delivery.node, authority=delivery.authority, role=delivery.role.value
        )
    log.append(
        kind="letter.draft",
        facts={"letter": proven.digest, "form": letter.form.value, "to": letter.to_state, "route": route},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def authorise_letter(proven: Proven[Authorisation], *, actor: Actor, at: datetime) -> None:
    """Record the decision that lets a draft go out. Who drafts never authorises (held when the text was proven).

    A judge authorises; in an emergency another official does, where the route lets it be, and the work of ending the decision
    waits from then on for the moment at which it must have been validated.
    """
    authorisation = proven.record
    emergency = authorisation.kind is AuthorisationKind.EMERGENCY
    access.require(actor, Power.ISSUE_EMERGENCY if emergency else Power.AUTHORISE, at=at)
    rows.hold_signer(actor, authorisation.by, step="authorise")
    row = _letter(authorisation.letter, viewer=actor)
    letter = rows.letter_of(row)
    reasons = authorised_to_send(letter, digest=row.digest, authorisation=authorisation, at=at, standing=AS_GIVEN)
    verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    hold_emergency(letter, authorisation, verdict=verdict)
    rows.move(row, Step.AUTHORISE, side=rows.side_of(row))
    kept = rows.keep_authorisation(row, proven)
    if kept.validate_until is not None:
        work.enqueue(kind=decisions.LAPSE, lane=f"lapse:{kept.digest}", about=kept.digest, at=kept.validate_until)
    rows.mind(row)
    log.append(
        kind="letter.authorise",
        facts={
            "letter": row.digest,
            "authorisation": proven.digest,
            "kind": authorisation.kind.value,
            "legal_basis": authorisation.legal_basis,
            "validation": authorisation.validation.as_record() if authorisation.validation else {},
            "reasons": list(reasons),
        },
        statement=proven.digest,
        actor=actor,
        at=at,
    )


@act
def deny_letter(letter: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Record a judge's refusal to authorise a draft."""
    access.require(actor, Power.AUTHORISE, at=at)
    row = _letter(letter, viewer=actor)
    rows.move(row, Step.DENY, side=rows.side_of(row))
    rows.mind(row)
    log.append(kind="letter.deny", facts={"letter": letter, "reason": reason}, statement=letter, actor=actor, at=at)


@act
def send_letter(letter: str, *, actor: Actor, at: datetime) -> list[str]:
    """Queue an authorised letter for each of its deliveries; the ids of the messages."""
    access.require(actor, Power.SEND_LETTER, at=at)
    row = _letter(letter, viewer=actor)
    text = rows.letter_of(row)
    granted = rows.authorised(row)
    if granted is None:
        raise NotAuthorised(letter=text.short)
    authorisation = Statement.from_bytes(bytes(granted.statement))
    power = Authorisation.from_body(authorisation.body)
    standing = decisions.standing_of(granted)
    reasons = authorised_to_send(text, digest=row.digest, authorisation=power, at=at, standing=standing)
    flags = decisions.hold_letter_reviewed(row, text, selectors=power.scope.selectors)
    rows.move(row, Step.SEND, side=rows.side_of(row))
    rows.mind(row)
    content: JsonObject = {
        "letter": Statement.from_bytes(bytes(row.statement)).as_json(),
        "authorisation": authorisation.as_json(),
        "verdict": parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX),
        "officials": entries_of(_people(text, power), viewer=actor),
    }
    validated = row.authorisations.filter(kind=AuthorisationKind.VALIDATION.value).first()
    if validated is not None:
        validation = Statement.from_bytes(bytes(validated.statement))
        content["validation"] = validation.as_json()
        content["officials"] = entries_of([*_people(text, power), validation.body["by"]], viewer=actor)
    messages = []
    for delivery in row.deliveries.order_by("id"):
        delivery.message = rows.queue(peer=delivery.node, subject="letter", content=content, letter=row, at=at)
        delivery.save(update_fields=["message"])
        messages.append(delivery.message)
    log.append(
        kind="letter.send",
        facts={
            "letter": row.digest,
            "messages": messages,
            "covered_by": granted.digest,
            "flags": flags,
            "reasons": list(reasons),
        },
        statement=row.digest,
        actor=actor,
        at=at,
    )
    return messages


@act
def take_step(proven: Proven[Event], *, recognition: Proven[Authorisation] | None, actor: Actor, at: datetime) -> None:
    """Record a step taken on this node and tell the other side; a recognition comes with its decision."""
    event = proven.record
    entry = access.require(actor, power_for(event.step), at=at)
    rows.hold_signer(actor, event.by, step=event.step.value)
    row = _letter(event.letter, viewer=actor)
    letter = rows.letter_of(row)
    mandate = office_mandate(entry, letter=row.digest, asked=letter.scope, at=at)
    does = replace(rows.scope_of(row), acts=frozenset({event.step.value}))
    doing = OutwardAct(name=f"to {event.step.value} letter {letter.short}", letter=row.digest, does=does)
    covered = covers(mandate, doing, at=at, standing=AS_GIVEN)
    was = State(row.state)
    if event.step is Step.REFUSE:
        verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
        ground_of_route(letter, article=str(event.facts["article"]), verdict=verdict)
    rows.move(row, event.step, side=rows.side_of(row))
    content: JsonObject = {"event": proven.statement.as_json(), "officials": entries_of([event.by], viewer=actor)}
    if event.step is Step.RECOGNISE:
        decisions.hold_granted(row, act=doing.name, at=at)
        decision = rows.recognised_by(event, recognition, row=row)
        rows.keep_authorisation(row, decision)
        content["authorisation"] = decision.statement.as_json()
    rows.keep_event(row, proven)
    rows.mind(row)
    if was not in _NEVER_SENT:
        rows.queue(peer=row.peer, subject="event", content=content, letter=row, at=at)
    log.append(
        kind=f"letter.{event.step.value}",
        facts={"letter": row.digest, "stated": event.facts, "reasons": list(covered.reasons)},
        statement=proven.digest,
        actor=actor,
        at=at,
    )


def _letter(digest: str, *, viewer: Actor) -> LetterRow:
    row = rows.letter_for_update(digest)
    access.hold_letter(row, actor=viewer)
    return row


def _people(letter: Letter, authorisation: Authorisation) -> list[JsonObject]:
    """Whose entries the receiver needs: who drafted, who decided, and who will take over the evidence."""
    people = [letter.drafted_by, authorisation.by]
    if letter.evidence_to:
        people.append(letter.evidence_to)
    return people
