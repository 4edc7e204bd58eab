"""Custody records that one official signs: what happened to an item or an exhibit where it lies."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.evidence.custody import CustodyEvent, CustodyRecord, read_record
from comity.evidence.events import Thing
from comity.registry import access, vault
from comity.registry.act import current
from comity.registry.actions import custody as item_acts
from comity.registry.actions import exhibits as exhibit_acts
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.models import ExhibitRow
from comity.registry.queries import custody, evidence
from comity.registry.queries.people import known


def prepare_record(
    thing: Thing, reference: str, event: CustodyEvent, *, facts: JsonObject, actor: Actor, at: datetime
) -> Prepared:
    """The record as its custodian will sign it; raises `NoSuchThing`, `CustodyBroken` or what the facts' shapes raise."""
    actor.require(Power.TAKE_IN_EVIDENCE)
    chain_of = evidence.chain if thing is Thing.ITEM else custody.exhibit_chain
    chain, _ = chain_of(reference, viewer=actor)
    text = chain.following(event, by=actor.as_record(), facts=facts, at=at)
    return Prepared(gesture=f"{thing.value}.record", subject=reference, texts=(text,), arguments={})


def prepare_seal_check(item: str, *, reason: str, actor: Actor, at: datetime) -> Prepared:
    """The record that the seal of an item was read again; reads the whole ciphertext. Raises as `prepare_record`."""
    evidence.keeping(item, viewer=actor)
    sealed_sha256 = vault.sealed_sha256(current().vault, item)
    facts = {"sealed_sha256": sealed_sha256, "seals": [], "broken": [], "reason": reason}
    return prepare_record(Thing.ITEM, item, CustodyEvent.SEALING, facts=facts, actor=actor, at=at)


def keep(proven: Proven[CustodyRecord], *, actor: Actor, at: datetime) -> Done:
    """Have a proven record take its place in the custody that it belongs to; raises what does not hold."""
    reference = proven.record.item
    if is_exhibit(reference):
        chain, _ = custody.exhibit_chain(reference, viewer=actor)
        exhibit_acts.record(proven, chain=chain, actor=actor, at=at)
        return Done(kind="exhibit", reference=reference)
    chain, _ = evidence.chain(reference, viewer=actor)
    item_acts.record(proven, chain=chain, actor=actor, at=at)
    return Done(kind="item", reference=reference)


def is_exhibit(reference: str) -> bool:
    """Whether a custody of this node is a thing's on a shelf; who may see it is asked where it is read."""
    return ExhibitRow.objects.filter(reference=reference).exists()


def _finish(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    proven = read_record(signed[0], known=known({}, viewer=actor))
    if proven.record.item != prepared.subject:
        raise access.NoSuchThing(what="item", reference=prepared.subject[:8])
    return keep(proven, actor=actor, at=at)


FINISH: Final[dict[str, Callable[..., Done]]] = {"item.record": _finish, "exhibit.record": _finish}
