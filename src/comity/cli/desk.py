"""What an official's terminal does with a text: show it, have it signed, prove it, and hand it to the act.

Each function is one gesture of a person. The text comes from `queries.texts`, the decision from the act.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from comity.authorities.keys import b64
from comity.authorities.roles import Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cases.case import Case, Offence
from comity.cases.selectors import Selector
from comity.cli.shell import Seat
from comity.errors import ComityError
from comity.evidence.custody import extend, read_chain, read_offer, read_record
from comity.evidence.item import Item, safe_name
from comity.exchange.transfer import TransferGround
from comity.law import Edition, Question, Verdict, routes
from comity.letters.dossier import read_authorisation, read_event, read_letter
from comity.letters.life import Step
from comity.registry import authenticator, post, vault
from comity.registry.actions import cases, letters
from comity.registry.actions import evidence as evidence_acts
from comity.registry.queries import evidence, texts
from comity.registry.queries.cases import case as read_case
from comity.registry.queries.people import entries_of, known
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


def draft(case: str, asked: texts.Asked, *, seat: Seat, at: datetime) -> str:
    """Draft and sign a letter; its digest."""
    actor = seat.entry.actor
    text = signed(texts.letter_text(case, asked, viewer=actor, at=at), seat=seat, at=at)
    proven = read_letter(text, known=known({}, viewer=actor))
    letters.draft_letter(proven, actor=actor, at=at)
    return proven.digest


def authorise(letter: str, decision: texts.Decision, *, seat: Seat, at: datetime) -> str:
    """Authorise a draft within the decision's scope; the digest of the authorisation."""
    actor = seat.entry.actor
    text = signed(texts.authorisation_text(letter, decision, viewer=actor, at=at), seat=seat, at=at)
    asked = texts.asked_for(letter, viewer=actor)
    proven = read_authorisation(text, letter=asked, known=known({}, viewer=actor))
    letters.authorise_letter(proven, actor=actor, at=at)
    return proven.digest


def recognise(letter: str, decision: texts.Decision, *, note: str, seat: Seat, at: datetime) -> str:
    """Recognise a letter that came, within the decision's scope; the digest of the recognition."""
    actor = seat.entry.actor
    text = signed(texts.authorisation_text(letter, decision, viewer=actor, at=at), seat=seat, at=at)
    everybody = known({}, viewer=actor)
    asked = texts.asked_for(letter, viewer=actor)
    recognition = read_authorisation(text, letter=asked, known=everybody)
    facts = {"note": note, "authorisation": recognition.digest}
    event = signed(texts.event_text(letter, Step.RECOGNISE, facts=facts, viewer=actor, at=at), seat=seat, at=at)
    letters.take_step(read_event(event, known=everybody), recognition=recognition, actor=actor, at=at)
    return recognition.digest


def step(letter: str, step_: Step, *, facts: JsonObject, seat: Seat, at: datetime) -> str:
    """Take any other step of a letter's life; the digest of the event."""
    actor = seat.entry.actor
    text = signed(texts.event_text(letter, step_, facts=facts, viewer=actor, at=at), seat=seat, at=at)
    proven = read_event(text, known=known({}, viewer=actor))
    letters.take_step(proven, recognition=None, actor=actor, at=at)
    return proven.digest


def preserved(letter: str, *, note: str, seat: Seat, at: datetime) -> JsonObject:
    """Record that the data are preserved, with the clock that runs; what was stated."""
    facts = texts.preservation_facts(letter, note=note, viewer=seat.entry.actor, at=at)
    step(letter, Step.PRESERVE, facts=facts, seat=seat, at=at)
    return facts


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
) -> str:
    """Seal what `source` gives and record its acquisition; the item's reference. What is refused leaves no file."""
    actor = seat.entry.actor
    actor.require(Power.TAKE_IN_EVIDENCE)
    reference = secrets.token_hex(16)
    shown = safe_name(name)
    sealed = vault.seal(source, folder=seat.node.vault, item=reference, progress=progress)
    item = Item(
        id=reference,
        name=shown,
        media_type=media_type,
        bytes=sealed.bytes,
        sha256=sealed.sha256,
        key_commitment=sealed.key_commitment,
        sealed_bytes=sealed.sealed_bytes,
    )
    month = f"{at:%Y-%m}"
    kept = evidence_acts.Kept(
        wrapped=vault.keep(sealed.key, folder=seat.node.folder, month=month, item=reference), month=month
    )
    try:
        text = evidence.acquisition_text(item, letter=letter, origin=origin, selectors=selectors, viewer=actor, at=at)
        proven = read_record(signed(text, seat=seat, at=at), known=known({}, viewer=actor))
        evidence_acts.take_in(proven, kept=kept, actor=actor, at=at)
    except ComityError:
        vault.discard(seat.node.vault, reference)
        raise
    return reference


def hand_over(item: str, *, ground: TransferGround | None, seat: Seat, at: datetime) -> str:
    """Offer an item to the node whose letter asked for it; the transfer's reference."""
    actor = seat.entry.actor
    kept = evidence.keeping(item, viewer=actor)
    sealed_sha256 = vault.sealed_sha256(seat.node.vault, item)
    prepared = evidence.hand_over_text(item, ground=ground, sealed_sha256=sealed_sha256, viewer=actor, at=at)
    offer = signed(prepared.text, seat=seat, at=at)
    proven = read_offer(offer, known=known({}, viewer=actor))
    transfer = str(proven.record.facts["transfer"])
    key = vault.key_of(kept.wrapped, folder=seat.node.folder, month=kept.month, item=item)
    to = post.peer(kept.asked_by)
    receive = to.receive_key(at=at)
    handed = evidence_acts.HandedKey(
        sealed=vault.rewrap(key, to=receive, transfer=transfer, giver=seat.node.id, receiver=to.node, item=item),
        receive_key=receive.id,
    )
    message = {
        "transfer": offer.as_json(),
        "custody": [one.as_json() for one in prepared.custody],
        "key": b64(handed.sealed),
        "receive_key": handed.receive_key,
        "officials": entries_of([one.by for one in prepared.chain.records] + [actor.as_record()], viewer=actor),
    }
    evidence_acts.offer(
        proven, chain=prepared.chain, gate=prepared.gate, handed=handed, message=message, actor=actor, at=at
    )
    return transfer


def accept(transfer: str, *, seat: Seat, at: datetime) -> str:
    """Sign the transfer of an item that arrived, so that it carries both sides' signatures; the item's reference."""
    actor = seat.entry.actor
    arrived = evidence.arrived(transfer, viewer=actor)
    everybody = known({}, viewer=actor)
    both = signed(arrived.offer, seat=seat, at=at)
    proven = read_record(both, known=everybody)
    chain = extend(read_chain(arrived.custody, known=everybody), proven)
    message = {"transfer": both.as_json(), "officials": entries_of([actor.as_record()], viewer=actor)}
    evidence_acts.accept(proven, chain=chain, message=message, actor=actor, at=at)
    return chain.item.id


def sign_export(item: str, *, reason: str, seat: Seat, at: datetime) -> None:
    """Record that an item leaves in a bundle."""
    actor = seat.entry.actor
    text = signed(evidence.export_text(item, reason=reason, viewer=actor, at=at), seat=seat, at=at)
    evidence_acts.record_export(read_record(text, known=known({}, viewer=actor)), actor=actor, at=at)
