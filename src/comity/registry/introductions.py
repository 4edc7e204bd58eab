"""Directory entries between nodes: what came with a message is kept, and who was told of whom is noted.

A mandate that changes is told to every peer that holds its entry, and how it stands travels beside the entry ever after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.authorities.directory import ENTRY, Entry, Home
from comity.authorities.officials import longer
from comity.authorities.standing import STANDING, Standing, read_standing, standing_in
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.registry.act import current
from comity.registry.models import IntroductionRow, OfficialRow


@dataclass(frozen=True)
class Introduced:
    """A directory entry that came with a message and was checked against the sender's card; `standing`, if one came."""

    entry: Entry
    statement: Statement
    standing: Statement | None = None


def introduced(statements: Sequence[Statement], *, home: Home) -> tuple[Introduced, ...]:
    """The entries that came with a message, each with what became of its mandate; raises as `Home.entry` and `read_standing`."""
    standings: dict[tuple[str, str, str], Statement] = {}
    entries = [one for one in statements if one.type != STANDING]
    for one in statements:
        if one.type == STANDING:
            whose, _ = read_standing(one, node=home.node, node_key=home.key)
            standings[whose] = one
    return tuple(
        Introduced(entry=entry, statement=one, standing=standings.get((entry.node, entry.official, entry.mandate)))
        for one in entries
        for entry in (home.entry(one),)
    )


def statements(people: Sequence[Introduced]) -> list[Statement]:
    """All that came of these people, for reading their signatures: entries, and what became of their mandates."""
    return [statement for one in people for statement in (one.statement, one.standing) if statement is not None]


def introduce(people: tuple[Introduced, ...]) -> None:
    """Keep the directory entries that came with a message; what is known of a mandate only grows."""
    for one in people:
        row, _ = OfficialRow.objects.get_or_create(
            node=one.entry.node,
            official=one.entry.official,
            mandate=one.entry.mandate,
            defaults={
                "office": one.entry.office,
                "role": one.entry.role.value,
                "key_id": one.entry.credential.id,
                "digest": one.statement.digest,
                "statement": one.statement.to_bytes(),
            },
        )
        if one.standing is not None:
            stand(row, one.standing)


def stand(row: OfficialRow, statement: Statement) -> bool:
    """Keep how a mandate stands, if that is newer than what is held; whether it was. The signature was checked before.

    Raises `StandingBroken` when the node tells two stories of it.
    """
    said = standing_in(statement.body, mandate=row.mandate)
    held = Standing()
    if row.standing:
        held = standing_in(Statement.from_bytes(bytes(row.standing)).body, mandate=row.mandate)
    if longer(said, held, mandate=row.mandate) == held:
        return False
    row.standing = statement.to_bytes()
    row.suspended_at = said.changed_at if said.suspended else None
    row.ended_at = said.changed_at if said.revoked else None
    row.save(update_fields=["standing", "suspended_at", "ended_at"])
    return True


def note(statements: Sequence[JsonObject], *, peer: str) -> None:
    """Note which officials of ours the peer hears of, so that it also hears what becomes of their mandates."""
    bodies = [one["body"] for one in statements if one.get("type") == ENTRY]
    names = {(one["official"], one["mandate"]) for one in bodies if one["node"] == current().id}
    rows = OfficialRow.objects.filter(node=current().id, mandate__in=[mandate for _, mandate in names])
    for row in rows:
        if (row.official, row.mandate) in names:
            IntroductionRow.objects.get_or_create(official=row, peer=peer)


def of(row: OfficialRow) -> list[str]:
    """The peers that hold this entry."""
    return list(IntroductionRow.objects.filter(official=row).order_by("peer").values_list("peer", flat=True))
