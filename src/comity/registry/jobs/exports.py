"""Bundles for desks: gathered once, signed by the custodian, and streamed to the browser as often as it is asked for.

* The bundle is never written to this node's disk: its small members lie in a parcel, the ciphertext lies in the vault.
* A bundle that lacks the newest custody record is not offered: after a new export its contents are signed anew.
* The key leaves apart from the bundle, and every time that it does stands in the log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import moment
from comity.errors import N_, ComityError
from comity.evidence.bundle import Member, bundle_bytes, bundle_pieces
from comity.evidence.custody import CustodyEvent
from comity.evidence.member import MANIFEST, MANIFEST_BYTES_MAX, custody_member, sealed_member
from comity.evidence.seal import unseal
from comity.registry import decisions, rows, vault
from comity.registry.act import current
from comity.registry.actions import custody as custody_acts
from comity.registry.gestures import evidence as gestures
from comity.registry.gestures.prepared import Prepared
from comity.registry.jobs.bundles import ends_of, gather
from comity.registry.queries.evidence import keeping
from comity.registry.vault import parcels
from comity.registry.vault.parcels import Parcel


class NotExported(ComityError):
    """A bundle is asked for, and the newest record of the item is no export."""

    code = "exports.not_exported"
    sentence = N_("the newest custody record of item {item} is no export: nothing of it leaves in a bundle")
    hint = N_("Record the export first, with for whom and why.")


class NoBundleYet(ComityError):
    """Nobody has signed the contents of a bundle since the item's newest custody record."""

    code = "exports.no_bundle_yet"
    sentence = N_("there is no signed bundle of item {item} as it stands now")
    hint = N_("Record the export, sign the contents of the bundle, and download it then.")


@dataclass(frozen=True)
class Ready:
    """A bundle that can be downloaded: when its contents were signed, by whom, and how long it is."""

    made_at: datetime
    by: str
    bytes: int


def prepare_bundle(item: str, *, actor: Actor, at: datetime) -> Prepared:
    """Gather the bundle and keep its parcel; the manifest, to be signed. Reads the whole ciphertext; asks the peers.

    Raises as `gather`.
    """
    _entitled(item, viewer=actor)
    if rows.newest_record(item)[1] != CustodyEvent.EXPORT.value:
        raise NotExported(item=item[:8])
    gathered = gather(item, viewer=actor, progress=_unheard, at=at)
    sealed = gathered.members[sealed_member(item)]
    small = {name: b"".join(one.open()) for name, one in gathered.members.items() if one is not sealed}
    parcel = Parcel(members=small, sealed_bytes=sealed.size, sealed_sha256=sealed.sha256, sealed_crc32=sealed.crc32)
    token = parcels.lay_by(current().vault, item, parcel)
    return gestures.prepare_bundle(item, gathered.manifest, parcel=token, actor=actor, at=at)


def ready(item: str, *, viewer: Actor) -> Ready | None:
    """The bundle of the item as it stands now, if its contents are signed; raises `NoSuchThing`."""
    _entitled(item, viewer=viewer)
    parcel = _current(item, viewer=viewer)
    if parcel is None:
        return None
    manifest = Statement.from_bytes(parcel.members[MANIFEST], limit=MANIFEST_BYTES_MAX).body
    sizes = {name: len(content) for name, content in parcel.members.items()}
    total = bundle_bytes({**sizes, sealed_member(item): parcel.sealed_bytes})
    return Ready(made_at=moment(manifest["made_at"]), by=str(manifest["by"]["official"]), bytes=total)


def pieces(item: str, *, viewer: Actor) -> Iterator[bytes]:
    """The signed bundle in pieces; raises `NoBundleYet`, and `MemberChanged` within if the vault was altered."""
    _entitled(item, viewer=viewer)
    parcel = _current(item, viewer=viewer)
    if parcel is None:
        raise NoBundleYet(item=item[:8])
    return bundle_pieces(_members(item, parcel), progress=_unheard)


def take_key(item: str, *, actor: Actor, at: datetime) -> bytes:
    """The key that opens the item of a signed bundle, as the file that `comity verify` takes; that it left is logged."""
    kept = keeping(item, viewer=actor)
    _entitled(item, viewer=actor)
    if _current(item, viewer=actor) is None:
        raise NoBundleYet(item=item[:8])
    custody_acts.record_key_taken(item, actor=actor, at=at)
    key = vault.key_of(kept.wrapped, folder=current().folder, month=kept.month, item=item)
    return key.hex().encode() + b"\n"


def content(item: str, *, actor: Actor, at: datetime) -> Iterator[bytes]:
    """The content of an item in pieces, for who recorded an access just now; that it was read is logged before.

    Raises `NotOpened`, `SealedOff` or `NoSuchThing`; within, what a broken seal raises.
    """
    kept = keeping(item, viewer=actor)
    custody_acts.record_read(item, actor=actor, at=at)
    key = vault.key_of(kept.wrapped, folder=current().folder, month=kept.month, item=item)
    return unseal(vault.ciphertext(current().vault, item), key=key, item=item)


def _entitled(item: str, *, viewer: Actor) -> None:
    decisions.hold_open(rows.item(item, viewer=viewer))
    viewer.require(Power.EXPORT_EVIDENCE)


def _current(item: str, *, viewer: Actor) -> Parcel | None:
    """The newest signed parcel, unless custody has gone on since, or a decision in it has ended."""
    parcel = parcels.newest(current().vault, item)
    if parcel is None:
        return None
    needed = {custody_member(item, seq=rows.newest_record(item)[0]), *ends_of(item, viewer=viewer)}
    return parcel if needed <= parcel.members.keys() else None


def _members(item: str, parcel: Parcel) -> Mapping[str, Member]:
    folder = current().vault
    sealed = Member(
        size=parcel.sealed_bytes,
        sha256=parcel.sealed_sha256,
        crc32=parcel.sealed_crc32,
        open=lambda: vault.ciphertext(folder, item),
    )
    return {**{name: Member.of(content) for name, content in parcel.members.items()}, sealed_member(item): sealed}


def _unheard(_length: int) -> None:
    """Nobody listens to the progress."""
