"""Evidence: taken in, offered, accepted, exported. Sealing and hashing happen before a text is signed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.directory import verify_official
from comity.authorities.keys import b64, unb64
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import JsonObject, moment
from comity.evidence.bundle import BUNDLE
from comity.evidence.custody import CustodyEvent, extend, read_chain, read_offer, read_record
from comity.evidence.erasure import read_erasure
from comity.evidence.events import Derived, Thing
from comity.evidence.item import Item, safe_name
from comity.evidence.member import MANIFEST
from comity.exchange.transfer import TransferGround
from comity.registry import access, erasures, post, vault
from comity.registry.act import current
from comity.registry.actions import erasure
from comity.registry.actions import evidence as acts
from comity.registry.gestures import records
from comity.registry.gestures.prepared import Done, Prepared
from comity.registry.queries import custody, evidence
from comity.registry.queries.people import entries_of, known
from comity.registry.vault import parcels
from comity.registry.vault.store import Source


@dataclass(frozen=True)
class MadeOf:
    """What an item was made of, as what, and why."""

    thing: Thing
    reference: str
    kind: Derived
    reason: str


@dataclass(frozen=True)
class Described:
    """What is said of a file that is taken in: its name, type, the recognised letter, where it comes from, its targets.

    `made_of`: the item or exhibit here that it was made of; None for what comes from outside.
    """

    name: str
    media_type: str
    letter: str
    origin: evidence.Origin
    selectors: frozenset[str]
    made_of: MadeOf | None = None


def prepare_intake(
    source: Source, described: Described, *, progress: Callable[[int], None], actor: Actor, at: datetime
) -> Prepared:
    """Seal what `source` gives; the acquisition, to be signed. What is refused leaves no file."""
    actor.require(Power.TAKE_IN_EVIDENCE)
    reference = secrets.token_hex(16)
    shown = safe_name(described.name)
    with vault.unrecorded(current().vault, reference):
        sealed = vault.seal(source, folder=current().vault, item=reference, progress=progress)
        item = Item(
            id=reference,
            name=shown,
            media_type=described.media_type,
            bytes=sealed.bytes,
            sha256=sealed.sha256,
            key_commitment=sealed.key_commitment,
            sealed_bytes=sealed.sealed_bytes,
        )
        month = vault.present_month(current().folder, at=at)
        wrapped = vault.keep(sealed.key, folder=current().folder, month=month, item=reference)
        made, made_of = _made(item, described, actor=actor, at=at)
        text = evidence.acquisition_text(
            item,
            letter=described.letter,
            origin=described.origin,
            selectors=described.selectors,
            source=made_of,
            viewer=actor,
            at=at,
        )
    kept = {"wrapped": b64(wrapped), "month": month}
    return Prepared(gesture="evidence.take_in", subject=reference, texts=(*made, text), arguments=kept)


def _made(
    item: Item, described: Described, *, actor: Actor, at: datetime
) -> tuple[tuple[Statement, ...], JsonObject | None]:
    """The record that says of what the item was made, and what its acquisition says of that record."""
    made = described.made_of
    if made is None:
        return (), None
    chain_of = evidence.chain if made.thing is Thing.ITEM else custody.exhibit_chain
    chain, _ = chain_of(made.reference, viewer=actor)
    origin = described.origin
    facts = {
        "kind": made.kind.value,
        "derived": item.id,
        "sha256": item.sha256,
        "method": origin.method,
        "tool": origin.tool,
        "tool_version": origin.tool_version,
        "reason": made.reason,
    }
    record = chain.following(CustodyEvent.DERIVATION, by=actor.as_record(), facts=facts, at=at)
    return (record,), {"thing": made.thing.value, "reference": made.reference, "record": record.digest}


def _take_in(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    kept = acts.Kept(wrapped=unb64(prepared.arguments["wrapped"]), month=prepared.arguments["month"])
    everybody = known({}, viewer=actor)
    *made, begun = [read_record(one, known=everybody) for one in signed]
    with vault.using(current().folder, kept.month):  # what was wrapped ten minutes ago may have been destroyed since
        for one in made:
            records.keep(one, actor=actor, at=at)
        acts.take_in(begun, kept=kept, actor=actor, at=at)
    vault.recorded(current().vault, prepared.subject)
    return Done(kind="item", reference=prepared.subject)


def abandon(prepared: Prepared) -> None:
    """Throw away what was sealed for a text that will not be signed."""
    if prepared.gesture == "evidence.take_in":
        vault.throw_away(current().vault, prepared.subject)
    elif prepared.gesture == "evidence.bundle":
        parcels.drop(current().vault, prepared.subject, token=prepared.arguments["parcel"])


def prepare_hand_over(item: str, *, ground: TransferGround | None, actor: Actor, at: datetime) -> Prepared:
    """The offer of an item to the node whose letter asked for it; reads the whole ciphertext to state its hash."""
    evidence.keeping(item, viewer=actor)
    sealed_sha256 = vault.sealed_sha256(current().vault, item)
    text = evidence.hand_over_text(item, ground=ground, sealed_sha256=sealed_sha256, viewer=actor, at=at)
    return Prepared(gesture="evidence.hand_over", subject=item, texts=(text,), arguments={})


def _hand_over(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    offer, item = signed[0], prepared.subject
    proven = read_offer(offer, known=known({}, viewer=actor))
    kept = evidence.keeping(item, viewer=actor)
    chain, custody = evidence.chain(item, viewer=actor)
    stated = proven.record.facts["ground"]
    ground = TransferGround.from_record(stated) if stated else None
    gate = evidence.gate(item, ground=ground, viewer=actor, at=at)
    transfer = str(proven.record.facts["transfer"])
    key = vault.key_of(kept.wrapped, folder=current().folder, month=kept.month, item=item)
    to = post.peer(kept.asked_by)
    receive = to.receive_key(at=at)
    handed = acts.HandedKey(
        sealed=vault.rewrap(key, to=receive, transfer=transfer, giver=current().id, receiver=to.node, item=item),
        receive_key=receive.id,
    )
    message = {
        "transfer": offer.as_json(),
        "custody": [one.as_json() for one in custody],
        "key": b64(handed.sealed),
        "receive_key": handed.receive_key,
        "officials": entries_of([one.by for one in chain.records] + [actor.as_record()], viewer=actor),
    }
    acts.offer(proven, chain=chain, gate=gate, handed=handed, message=message, actor=actor, at=at)
    return Done(kind="transfer", reference=transfer)


def prepare_acceptance(transfer: str, *, actor: Actor, at: datetime) -> Prepared:  # noqa: ARG001 - as its siblings
    """The giver's text of a transfer that arrived, to be signed by the receiver, too."""
    arrived = evidence.arrived(transfer, viewer=actor)
    return Prepared(gesture="evidence.accept", subject=transfer, texts=(arrived.offer,), arguments={})


def _accept(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    arrived = evidence.arrived(prepared.subject, viewer=actor)
    everybody = known({}, viewer=actor)
    proven = read_record(signed[0], known=everybody)
    chain = extend(read_chain(arrived.custody, known=everybody), proven)
    message = {"transfer": signed[0].as_json(), "officials": entries_of([actor.as_record()], viewer=actor)}
    acts.accept(proven, chain=chain, message=message, actor=actor, at=at)
    return Done(kind="item", reference=chain.item.id)


def prepare_export(item: str, *, reason: str, actor: Actor, at: datetime) -> Prepared:
    """The record that an item leaves in a bundle."""
    text = evidence.export_text(item, reason=reason, viewer=actor, at=at)
    return Prepared(gesture="evidence.export", subject=item, texts=(text,), arguments={})


def _export(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    chain, _ = evidence.chain(prepared.subject, viewer=actor)
    proven = read_record(signed[0], known=known({}, viewer=actor))
    acts.record_export(proven, chain=chain, actor=actor, at=at)
    return Done(kind="item", reference=prepared.subject)


def prepare_erasure(item: str, *, actor: Actor, at: datetime) -> Prepared:
    """The erasure of an item that was sealed off, to be signed by its custodian; with its disposal, where it is held here."""
    text = evidence.erasure_text(item, viewer=actor, at=at)
    chain, _ = evidence.chain(item, viewer=actor)
    if chain.holder != current().id:
        return Prepared(gesture="evidence.erase", subject=item, texts=(text,), arguments={})
    facts = {
        "method": "key destroyed, sealed file deleted",
        "law": text.body["ground"],
        "article": text.body["article"],
        "witness": "the log of this node",
        "document": text.digest,
        "reason": "the decision that it rested on has ended",
    }
    disposal = chain.following(CustodyEvent.DISPOSAL, by=actor.as_record(), facts=facts, at=at)
    return Prepared(gesture="evidence.erase", subject=item, texts=(text, disposal), arguments={})


def _erase(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    """The key goes in the act; the ciphertext, which nothing opens any more, afterwards."""
    everybody = known({}, viewer=actor)
    disposal = read_record(signed[1], known=everybody) if len(signed) > 1 else None
    if disposal is not None:
        extend(evidence.chain(prepared.subject, viewer=actor)[0], disposal)
    erasure.erase_item(read_erasure(signed[0], known=everybody), disposal=disposal, actor=actor, at=at)
    vault.clear(current().vault, prepared.subject)
    parcels.clear(current().vault, prepared.subject)
    erasures.note(current())
    return Done(kind="item", reference=prepared.subject)


def prepare_bundle(
    item: str,
    manifest: Statement,
    *,
    parcel: str,
    actor: Actor,
    at: datetime,  # noqa: ARG001 - as its siblings
) -> Prepared:
    """The contents of a bundle, to be signed; `parcel` names where they wait."""
    actor.require(Power.EXPORT_EVIDENCE)
    return Prepared(gesture="evidence.bundle", subject=item, texts=(manifest,), arguments={"parcel": parcel})


def _bundle(prepared: Prepared, signed: tuple[Statement, ...], *, actor: Actor, at: datetime) -> Done:
    """The export is in the log already; the signed contents only take their place beside the sealed item."""
    manifest, folder, token = signed[0], current().vault, prepared.arguments["parcel"]
    access.require(actor, Power.EXPORT_EVIDENCE, at=at)
    entry, home = known({}, viewer=actor).who(manifest.body["by"], what="manifest")
    verify_official(manifest, type=BUNDLE, entry=entry, at=moment(manifest.body["made_at"]))
    verify_all(manifest, type=BUNDLE, keys=[entry.credential, home.key])
    parcel = parcels.waiting(folder, prepared.subject, token=token)
    if parcel is None:
        raise access.NoSuchThing(what="bundle", reference=prepared.subject[:8])
    parcels.settle(folder, prepared.subject, parcel.with_member(MANIFEST, manifest.to_bytes()), token=token)
    return Done(kind="item", reference=prepared.subject)


FINISH: Final[dict[str, Callable[..., Done]]] = {
    "evidence.take_in": _take_in,
    "evidence.hand_over": _hand_over,
    "evidence.accept": _accept,
    "evidence.export": _export,
    "evidence.erase": _erase,
    "evidence.bundle": _bundle,
}
