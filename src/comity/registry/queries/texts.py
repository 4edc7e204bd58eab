"""The exact texts that officials sign: composed from the record and from what was typed, shown, then signed.

Nothing is written here. Whoever signs sees the text that these functions return, and the act refuses any other.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from comity.authorisations.authorisation import AUTHORISATION, Authorisation, AuthorisationKind
from comity.authorisations.lapse import Cause
from comity.authorisations.reasons import Condition, Means, Necessity, Privileges
from comity.authorisations.scope import Scope
from comity.authorities.officials import Proven
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, parse_object, stamp
from comity.cases.case import Offence
from comity.cases.handling import NOT_STATED, Handling
from comity.cases.protection import Protected
from comity.law import clocks
from comity.letters.emergency import validation_due
from comity.letters.event import EVENT, Event
from comity.letters.forms import ACTS
from comity.letters.letter import LETTER, Delivery, DeliveryRole, Form, Grounding, Letter
from comity.letters.life import Step
from comity.registry import access, decisions, post, rows
from comity.registry.act import current
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import AuthorisationRow, LetterRow, VerdictRow


@dataclass(frozen=True)
class Asked:
    """What a drafter types; the rest of the letter comes from the case, the verdict and the directory."""

    form: Form
    to_node: str
    to_authority: str
    verdict: str
    route: str
    subject: str
    facts: str
    purpose: str
    data_from: date
    data_until: date
    linked: str
    custodian: JsonObject
    urgent: bool
    confidential: bool
    handling: Handling = NOT_STATED


def letter_text(case: str, asked: Asked, *, viewer: Actor, at: datetime) -> Statement:
    """The letter as its drafter will sign it; raises `NoSuchThing`, `NoSuchPeer` or what `Letter.from_body` refuses."""
    row = rows.case(case, viewer=viewer)
    targets = {f"{one.kind}:{one.value}": one.flags for one in row.selectors.all()}
    verdict = VerdictRow.objects.filter(digest=asked.verdict, case=row).first()
    if verdict is None:
        raise access.NoSuchThing(what="verdict", reference=asked.verdict[:8])
    question = parse_object(bytes(verdict.body), limit=ENVELOPE_BYTES_MAX)["question"]
    to = post.peer(asked.to_node)
    letter = Letter(
        reference=secrets.token_hex(16),
        form=asked.form,
        case=case,
        from_node=viewer.node,
        from_authority=viewer.authority,
        from_state=current().state,
        to_state=to.state,
        subject=asked.subject,
        facts=asked.facts,
        offences=tuple(Offence.from_record(one) for one in row.offences),
        scope=Scope(
            measure=question["measure"],
            acts=ACTS[asked.form],
            selectors=frozenset(targets),
            data=frozenset(question["data"]),
            from_=asked.data_from,
            until=asked.data_until,
            territory=frozenset({to.state}),
        ),
        protected=tuple(
            Protected(selector=target, flags=frozenset(flags)) for target, flags in sorted(targets.items()) if flags
        ),
        purpose=asked.purpose,
        urgent=asked.urgent,
        confidential=asked.confidential,
        grounding=Grounding(
            verdict=asked.verdict, edition=verdict.edition, on=verdict.on.isoformat(), route=asked.route
        ),
        linked=asked.linked,
        deliveries=(Delivery(node=to.node, authority=asked.to_authority, role=DeliveryRole.ADDRESSEE),),
        evidence_to=asked.custodian,
        drafted_by=viewer.as_record(),
        written_at=at,
        handling=asked.handling,
    )
    # read back as a receiver would: what could not be read there is not signed here
    return Statement(type=LETTER, body=Letter.from_body(letter.as_body()).as_body())


@dataclass(frozen=True)
class Decision:
    """What is decided about a letter; `scope` None authorises exactly what the letter asks for.

    `legal_basis` names law and article; the answer of the law that the letter rests on is added.
    """

    scope: Scope | None
    legal_basis: JsonObject
    purpose: str
    necessity: Necessity
    less_intrusive: tuple[Means, ...]
    privileges: Privileges
    conditions: tuple[Condition, ...]
    days: int


def authorisation_text(letter: str, decision: Decision, *, viewer: Actor, at: datetime) -> Statement:
    """The decision as the judge will sign it: a warrant for a letter of ours, a recognition for a letter that came."""
    row = rows.letter(letter, viewer=viewer)
    kind = AuthorisationKind.WARRANT if row.outgoing else AuthorisationKind.RECOGNITION
    return _decided(row, kind, decision, viewer=viewer, at=at)


def emergency_text(letter: str, decision: Decision, *, viewer: Actor, at: datetime) -> Statement:
    """A decision before validation, where the route lets one be, with until when it is validated; raises `NoEmergency`."""
    row = rows.letter(letter, viewer=viewer)
    return _decided(row, AuthorisationKind.EMERGENCY, decision, viewer=viewer, at=at)


def validation_text(letter: str, decision: Decision, *, viewer: Actor, at: datetime) -> Statement:
    """A judge's validation of the emergency decision, for exactly what was done under it; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    return _decided(row, AuthorisationKind.VALIDATION, decision, viewer=viewer, at=at)


def _decided(row: LetterRow, kind: AuthorisationKind, decision: Decision, *, viewer: Actor, at: datetime) -> Statement:
    at = moment(stamp(at))
    letter = rows.letter_of(row)
    scope = decision.scope or scope_asked(row.digest, viewer=viewer)
    due, validates = None, ""
    if kind is AuthorisationKind.EMERGENCY:
        verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
        due, _ = validation_due(letter, verdict=verdict, issued=at)
    if kind is AuthorisationKind.VALIDATION:
        emergency = _unvalidated(row)
        scope, validates = decisions.power_of(emergency).scope, emergency.digest
    authorisation = Authorisation(
        reference=secrets.token_hex(16),
        kind=kind,
        scope=scope,
        letter=row.digest,
        legal_basis={
            **decision.legal_basis,
            "route": letter.grounding.route,
            "verdict": letter.grounding.verdict,
            "edition": letter.grounding.edition,
        },
        purpose=decision.purpose,
        necessity=decision.necessity,
        less_intrusive=decision.less_intrusive,
        privileges=decision.privileges,
        conditions=decision.conditions,
        validation=due,
        validates=validates,
        from_=at,
        expires=at + timedelta(days=decision.days),
        decided_at=at,
        by=viewer.as_record(),
    )
    return Statement(type=AUTHORISATION, body=Authorisation.from_body(authorisation.as_body()).as_body())


def _unvalidated(row: LetterRow) -> AuthorisationRow:
    """The emergency decision of a letter that waits for its validation; raises `NoSuchThing`."""
    waits = row.authorisations.filter(validated_at=None, withdrawn_at=None).exclude(validate_until=None).first()
    if waits is None:
        raise access.NoSuchThing(what="emergency decision on letter", reference=row.short)
    return waits


def lapse_text(letter: str, *, reason: str, viewer: Actor, at: datetime) -> Statement:
    """A judge's end of the decision that a letter of ours rests on; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    granted = rows.authorised(row)
    if granted is None or not row.outgoing:
        raise access.NoSuchThing(what="decision on letter", reference=row.short)
    waits = granted.validate_until is not None and granted.validated_at is None
    due = decisions.power_of(granted).validation
    return decisions.lapse_of(
        granted,
        cause=Cause.VALIDATION_REFUSED if waits else Cause.REVOKED,
        article=due.article if due else "not_stated",
        reason=reason,
        by=viewer.as_record(),
        at=at,
    )


def decision_named(digest: str, *, viewer: Actor) -> tuple[Proven[Authorisation], JsonObject]:
    """A decision on a letter that the viewer sees, and who drafted that letter; raises `NoSuchThing`."""
    row = AuthorisationRow.objects.filter(digest=digest).select_related("letter").first()
    if row is None:
        raise access.NoSuchThing(what="decision", reference=digest[:8])
    with access.hidden_as("decision", digest[:8]):
        access.why_letter(row.letter, viewer=viewer)
    return decisions.proven_of(row), rows.letter_of(row.letter).drafted_by


def scope_asked(letter: str, *, viewer: Actor) -> Scope:
    """How far a decision on the letter can reach: the whole letter, or the part that was authorised; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    return rows.letter_of(row).scope if row.outgoing else rows.scope_of(row)


def asked_for(letter: str, *, viewer: Actor) -> Letter:
    """The letter that a decision is about, as it was signed; raises `NoSuchThing`."""
    return rows.letter_of(rows.letter(letter, viewer=viewer))


def event_text(letter: str, step: Step, *, facts: JsonObject, viewer: Actor, at: datetime) -> Statement:
    """A step in a letter's life as its official will sign it."""
    rows.letter(letter, viewer=viewer)
    event = Event(letter=letter, step=step, node=viewer.node, by=viewer.as_record(), at=at, facts=facts)
    return Statement(type=EVENT, body=Event.from_body(event.as_body()).as_body())


def preservation_facts(letter: str, *, note: str, viewer: Actor, at: datetime) -> JsonObject:
    """What a preservation states: since when, and until when at least, with the clock's article and proof.

    The holder's duty is the later reading (decisions 3). A route without such a clock says `not_stated`.
    """
    row = rows.letter(letter, viewer=viewer)
    verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    wanted = rows.letter_of(row).grounding.route
    route = next(one for one in verdict["routes"] if one["id"] == wanted)
    keep = next((clock for clock in route["clocks"] if clock["type"] == "hard_min"), None)
    facts = {"note": note, "preserved_at": stamp(at)}
    if keep is None:
        return facts | {
            "article": ", ".join(route["articles"]),
            "keep_until_min": "not_stated",
            "clock": "the route states no minimum time",
        }
    arrived = row.received.filter(subject="letter").values_list("received_at", flat=True).first()
    events = {"preservation_effected": at, "receipt_of_request": arrived or at}
    reckoned = clocks.reckon(clocks.Deadline.from_record(keep), events=events, place=current().zone)
    until = stamp(reckoned.target) if reckoned.target else "not_stated"
    return facts | {"article": str(keep["article"]), "keep_until_min": until, "clock": "\n".join(reckoned.proof)}
