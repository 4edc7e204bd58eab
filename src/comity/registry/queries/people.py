"""The directory: who is who on this node, and what another node needs to check our signatures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from comity.authorities.directory import Entry, EntryBroken, Home
from comity.authorities.keys import OFFICIAL, PublicKey
from comity.authorities.officials import Officials, officials
from comity.authorities.roles import Actor, MandateNotInForce, Power, Role
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.exchange.card import NodeCard
from comity.registry import access, post
from comity.registry.act import current
from comity.registry.models import InvitationRow, OfficialRow, PeerRow


def directory(*, viewer: Actor) -> list[Entry]:
    """The entries of this node whose mandates are neither ended nor suspended."""
    if not access.of_this_node(viewer):
        return []
    home = post.home_of(post.own_card(current()))
    rows = OfficialRow.objects.filter(node=current().id, ended_at=None, suspended_at=None).order_by("id")
    return [access.entry_of(row, home=home) for row in rows]


def entries_of(people: Sequence[JsonObject], *, viewer: Actor) -> list[JsonObject]:
    """The signed directory entries of these actors of our node, each once, to travel with what they signed."""
    assert access.of_this_node(viewer), "entries go out with an act of this node"
    wanted = {(str(one["node"]), str(one["official"]), str(one["mandate"])) for one in people}
    return [statement.as_json() for statement in entry_statements(wanted, viewer=viewer)]


def entry_statements(wanted: Collection[tuple[str, str, str]], *, viewer: Actor) -> list[Statement]:
    """The entries of (node, official, mandate) with those of who enrolled them: what a stranger needs to check each.

    What became of a mandate stands beside its entry.
    """
    assert access.of_this_node(viewer), "entries go out with an act of this node"
    found: dict[str, Statement] = {}
    rows = []
    for node, official, mandate in sorted(wanted):
        row = OfficialRow.objects.filter(node=node, official=official, mandate=mandate).first()
        if row is None:
            raise access.NoSuchThing(what="official", reference=official[:40])
        rows.append(row)
    while rows:
        row = rows.pop()
        if row.digest not in found:
            found[row.digest] = Statement.from_bytes(bytes(row.statement))
            if row.standing:
                stands = Statement.from_bytes(bytes(row.standing))
                found[stands.digest] = stands
            witnesses = found[row.digest].body["enrolled_by"]
            rows += OfficialRow.objects.filter(node=row.node, official__in=witnesses, role=Role.ADMINISTRATOR.value)
    return [found[digest] for digest in sorted(found)]


def known(arrived: Mapping[str, list[Statement]], *, viewer: Actor) -> Officials:
    """Everybody whose signature can be checked here: our directory, what peers sent before, and what just arrived."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    entries = [(node, one.to_bytes()) for node, listed in sorted(arrived.items()) for one in listed]
    held = OfficialRow.objects.order_by("id").values_list("node", "statement", "standing")
    entries += [(node, bytes(text)) for node, *texts in held for text in texts if text]
    found = _read(tuple(entries), tuple(sorted(post.homes().items(), key=itemgetter(0))))
    if current().kind == "live":
        for entry in found.entries.values():
            if entry.software_authenticator:
                raise EntryBroken(official=entry.official, why="a live node takes no software authenticator")
    return found


@lru_cache(maxsize=32)
def _read(entries: tuple[tuple[str, bytes], ...], homes: tuple[tuple[str, Home], ...]) -> Officials:
    """The officials behind these very bytes under these very keys; the same bytes need no second check."""
    listed: dict[str, list[Statement]] = {}
    for node, data in entries:
        listed.setdefault(node, []).append(Statement.from_bytes(data))
    return officials(listed, homes=dict(homes))


def colleague(official: str, *, viewer: Actor) -> JsonObject:
    """An official of this node as a letter names the custodian who takes over evidence; raises `NoSuchThing`.

    Of several offices of one person the one that keeps evidence is named.
    """
    found = [entry for entry in directory(viewer=viewer) if entry.official == official]
    if not found:
        raise access.NoSuchThing(what="official", reference=official[:40])
    keeps = [entry for entry in found if Power.TAKE_IN_EVIDENCE in entry.powers]
    entry = (keeps or found)[-1]
    return {"node": entry.node, "official": entry.official, "mandate": entry.mandate}


def sitting(official: str, mandate: str, *, viewer: Actor, at: datetime) -> Entry:
    """The entry of an official of this node whose mandate runs, as the node signed it; raises `MandateNotInForce`."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    row = OfficialRow.objects.filter(node=current().id, official=official, mandate=mandate).first()
    if row is None:
        raise MandateNotInForce(official=official[:60], role="official", why="this node holds no such mandate")
    entry = access.running(row, at=at)
    if entry.software_authenticator and current().kind == "live":
        raise MandateNotInForce(official=official, role=entry.role.value, why="a live node takes no software passkey")
    return entry


def by_credential(credential: str, *, viewer: Actor, at: datetime) -> Entry:
    """The official whose passkey has this name; raises `MandateNotInForce`, also when nobody's has."""
    row = OfficialRow.objects.filter(node=current().id, credential=credential, ended_at=None).order_by("-id").first()
    if row is None or not credential:
        raise MandateNotInForce(official="?", role="official", why="no passkey of this node has that name")
    return sitting(row.official, row.mandate, viewer=viewer, at=at)


def credential_ids(official: str, *, viewer: Actor) -> list[str]:
    """The names of the passkeys of an official of this node, as browsers want them."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    rows = OfficialRow.objects.filter(node=current().id, official=official, ended_at=None).exclude(credential="")
    return list(rows.order_by("id").values_list("credential", flat=True))


def stand_ins(*, viewer: Actor, at: datetime) -> list[Entry]:
    """Whom a demonstration lets anybody sit down as: officials in office with a marked software authenticator."""
    if current().kind != "demo":
        return []
    return [one for one in directory(viewer=viewer) if one.software_authenticator and one.from_ <= at < one.until]


def is_founded(*, viewer: Actor) -> bool:
    """Whether the node has its founding administrators."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    return OfficialRow.objects.filter(node=current().id).exists()


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited. `key` is there once the passkey is, `statement` once an administrator signed."""

    reference: str
    official: str
    name: str
    role: Role
    office: str
    authority: str
    powers: frozenset[Power]
    territory: tuple[str, ...]
    responsible: str
    begins_at: datetime | None
    ends_at: datetime | None
    founder: bool
    invited_by: str
    expires_at: datetime
    credential: str
    key: PublicKey | None
    statement: Statement | None

    def waits_for(self, official: str) -> bool:
        """Whether this administrator can sign now."""
        if self.key is None or self.official == official:
            return False
        return self.statement is None or official == self.statement.body["enrolled_by"][1]


def invited(*, viewer: Actor) -> list[Invited]:
    """Who was invited and is not in the directory yet; for administrators."""
    if not administers(viewer=viewer):
        return []
    return [_invited(row) for row in InvitationRow.objects.filter(closed_at=None).order_by("id")]


def invitation(reference: str, *, viewer: Actor) -> Invited:
    """One invitation that is open; raises `NoSuchThing`."""
    row = InvitationRow.objects.filter(reference=reference, closed_at=None).first()
    if row is None or not administers(viewer=viewer):
        raise access.NoSuchThing(what="invitation", reference=reference[:8])
    return _invited(row)


@dataclass(frozen=True)
class Peer:
    """A node that was admitted: its card, and since when that card is held."""

    card: NodeCard
    admitted_at: datetime


def peers(*, viewer: Actor) -> list[Peer]:
    """The admitted nodes, by name; for administrators."""
    if not administers(viewer=viewer):
        return []
    admitted = dict(PeerRow.objects.order_by("node").values_list("node", "admitted_at"))
    cards = post.peers()  # no peer is ever taken away: whoever was there a moment ago still is
    return [Peer(card=cards[node], admitted_at=moment) for node, moment in admitted.items()]


def node_names(*, viewer: Actor) -> dict[str, str]:
    """The names of this node and of those it exchanges letters with, by their short ones."""
    if not access.of_this_node(viewer):
        return {}
    return {current().id: current().name} | {node: card.name for node, card in post.peers().items()}


def administers(*, viewer: Actor) -> bool:
    """Administrators see invitations, and the machine that enrols, before there is any administrator."""
    return access.of_this_node(viewer) and (Power.ADMINISTER in viewer.powers or viewer.role is Role.SERVICE)


def _invited(row: InvitationRow) -> Invited:
    card = post.own_card(current())
    key = PublicKey(
        algorithm=OFFICIAL, public=bytes(row.public), rp_id=card.official_rp_id, origin=card.official_origin
    )
    return Invited(
        reference=row.reference,
        official=row.official,
        name=row.name,
        role=Role(row.role),
        office=row.office,
        authority=row.authority,
        powers=frozenset(Power(one) for one in row.powers.split()),
        territory=tuple(row.territory.split()),
        responsible=row.responsible,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        founder=row.founder,
        invited_by=row.invited_by,
        expires_at=row.expires_at,
        credential=row.credential,
        key=key if key.public else None,
        statement=Statement.from_bytes(bytes(row.statement)) if row.statement else None,
    )
