"""The directory: who is who on this node, and what another node needs to check our signatures."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from comity.authorities.directory import Entry, EntryBroken, Home
from comity.authorities.officials import Officials, officials
from comity.authorities.roles import Actor, Role
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.registry import access, post
from comity.registry.act import current
from comity.registry.models import OfficialRow


def directory(*, viewer: Actor) -> list[Entry]:
    """The entries of this node whose mandates were not ended."""
    if not access.of_this_node(viewer):
        return []
    rows = OfficialRow.objects.filter(node=current().id, ended_at=None).order_by("id")
    return [Entry.from_body(Statement.from_bytes(bytes(row.statement)).body) for row in rows]


def entries_of(people: Sequence[JsonObject], *, viewer: Actor) -> list[JsonObject]:
    """The signed directory entries of these actors of our node, each once, to travel with what they signed."""
    assert access.of_this_node(viewer), "entries go out with an act of this node"
    wanted = {(str(one["node"]), str(one["official"]), str(one["mandate"])) for one in people}
    return [statement.as_json() for statement in entry_statements(wanted, viewer=viewer)]


def entry_statements(wanted: Collection[tuple[str, str, str]], *, viewer: Actor) -> list[Statement]:
    """The entries of (node, official, mandate) with those of who enrolled them: what a stranger needs to check each."""
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
            witnesses = found[row.digest].body["enrolled_by"]
            rows += OfficialRow.objects.filter(node=row.node, official__in=witnesses, role=Role.ADMINISTRATOR.value)
    return [found[digest] for digest in sorted(found)]


def known(arrived: Mapping[str, list[Statement]], *, viewer: Actor) -> Officials:
    """Everybody whose signature can be checked here: our directory, what peers sent before, and what just arrived."""
    assert access.of_this_node(viewer), "only this node's officials and machines read its directory"
    entries = [(node, one.to_bytes()) for node, listed in sorted(arrived.items()) for one in listed]
    entries += [(row.node, bytes(row.statement)) for row in OfficialRow.objects.order_by("id")]
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
    """An official of this node as a letter names the custodian who takes over evidence; raises `NoSuchThing`."""
    found = [entry for entry in directory(viewer=viewer) if entry.official == official]
    if not found:
        raise access.NoSuchThing(what="official", reference=official[:40])
    entry = found[-1]
    return {"node": entry.node, "official": entry.official, "mandate": entry.mandate}
