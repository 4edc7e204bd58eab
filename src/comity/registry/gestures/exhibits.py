"""Exhibits: seized under a recognised letter, signed over from one official to another, within a node or between nodes."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.evidence.custody import extend, read_chain, read_offer, read_record
from comity.evidence.exhibit import Exhibit, ExhibitKind, exhibit_number
from comity.exchange.transfer import TransferGround
from comity.registry.actions import exhibits as acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import custody, evidence, exhibits
from comity.registry.queries.people import entries_of, known


@dataclass(frozen=True)
class Seized:
    """What is said of a thing that is taken into custody."""

    number: str
    kind: ExhibitKind
    description: str
    serial: str
    letter: str
    origin: evidence.Origin
    selectors: frozenset[str]
    place: str
    seals: Collection[str]


def prepare_seizure(seized: Seized, *, actor: Actor, at: datetime) -> Prepared:
    """The seizure, to be signed by the custodian; raises `NoSuchThing` or what a shape raises."""
    actor.require(Power.TAKE_IN_EVIDENCE)
    reference = secrets.token_hex(16)
    described = Exhibit(
        id=reference,
        number=exhibit_number(seized.number),
        kind=seized.kind,
        description=seized.description,
        serial=seized.serial,
    )
    text = exhibits.seizure_text(
        described,
        letter=seized.letter,
        origin=seized.origin,
        selectors=seized.selectors,
        place=seized.place,
        seals=seized.seals,
        viewer=actor,
        at=at,
    )
    return Prepared(gesture="exhibit.seize", subject=reference, texts=(text,), arguments={})


def _seize(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    acts.seize(read_record(signed[0], known=known({}, viewer=actor)), actor=actor, at=at)
    return Done(kind="exhibit", reference=prepared.subject)


def prepare_hand_over(
    exhibit: str,
    *,
    to: str,
    place: str,
    reason: str,
    ground: TransferGround | None,
    actor: Actor,
    at: datetime,
) -> Prepared:
    """The hand-over as its giver signs it: `to` an official of this node, or "" to whom the letter names."""
    actor.require(Power.HAND_OVER_EVIDENCE)
    text = exhibits.hand_over_text(exhibit, to=to, place=place, reason=reason, ground=ground, viewer=actor, at=at)
    return Prepared(gesture="exhibit.hand_over", subject=exhibit, texts=(text,), arguments={})


def _hand_over(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_offer(signed[0], known=known({}, viewer=actor))
    chain, statements = custody.exhibit_chain(prepared.subject, viewer=actor)
    extend(chain, proven)
    everybody = [one.by for one in chain.records] + [actor.as_record()]
    everybody += [one.facts["receiver"] for one in chain.records if "receiver" in one.facts]
    message = {
        "exhibit": signed[0].as_json(),
        "custody": [one.as_json() for one in statements],
        "officials": entries_of(everybody, viewer=actor),
    }
    acts.offer(proven, chain=chain, message=message, actor=actor, at=at)
    return Done(kind="exhibit", reference=prepared.subject)


def prepare_acceptance(transfer: str, *, actor: Actor, at: datetime) -> Prepared:  # noqa: ARG001 - as its siblings
    """The giver's text of a hand-over, to be signed by the receiver, too; raises `NoSuchThing`."""
    waiting = exhibits.waiting(transfer, viewer=actor)
    return Prepared(gesture="exhibit.accept", subject=transfer, texts=(waiting.offer,), arguments={})


def _accept(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    waiting = exhibits.waiting(prepared.subject, viewer=actor)
    everybody = known({}, viewer=actor)
    proven = read_record(signed[0], known=everybody)
    chain = extend(read_chain(waiting.custody, known=everybody), proven)
    message = {"exhibit": signed[0].as_json(), "officials": entries_of([actor.as_record()], viewer=actor)}
    statements = [*waiting.custody, proven.statement]
    acts.accept(proven, chain=chain, statements=statements, message=message, actor=actor, at=at)
    return Done(kind="exhibit", reference=chain.exhibit.id)


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "exhibit.seize": _seize,
    "exhibit.hand_over": _hand_over,
    "exhibit.accept": _accept,
}
