"""The log for overseers: every entry with its body, and an audit that recomputes the whole tree."""

from dataclasses import dataclass

from comity.authorities.roles import Actor
from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.ledger import Consistency, consistency_proof, tree
from comity.ledger.entry import Entry
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import CheckpointRow

AUDIT_BATCH = 1000


class LogDamaged(ComityError):
    """The log's bodies do not hash to the tree that was signed."""

    code = "registry.log_damaged"
    sentence = N_("the log of node {node} is damaged: {why}")
    hint = N_("Compare with the checkpoints that peers and witnesses hold; do not go on writing to this node.")


@dataclass(frozen=True)
class Audit:
    """What an audit recomputed: the size, the root, and the checkpoint that signs it."""

    origin: str
    size: int
    root: str


def entries(*, viewer: Actor, start: int = 0) -> list[JsonObject]:
    """Sequenced entries from index `start`, at most a page; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    return [
        {"index": row.index, "leaf": bytes(row.leaf_hash).hex()} | Entry.from_bytes(bytes(row.body)).as_body()
        for row in log.entries_from(start, limit=PAGE_ROWS_MAX)
    ]


def index_of(*, kind: str, statement: str, viewer: Actor) -> int | None:
    """Where the newest sequenced entry of this kind about this statement stands; None if it does not yet."""
    access.why_log(viewer=viewer)
    return log.newest_index(kind=kind, statement=statement)


def consistency(size1: int, size2: int | None, *, viewer: Actor) -> JsonObject:
    """The proof that the log at `size2` (the newest checkpoint if None) only added to what it was at `size1`.

    Everything in it is public. Raises `NotInTheLog` where no checkpoint of such a size was signed, or `NoSuchProof`.
    """
    assert access.of_this_node(viewer), "a node proves its own log"
    later = size2 or log.newest_checkpoint()[0]
    notes = {row.size: log.cosigned(row) for row in CheckpointRow.objects.filter(size__in=[size1, later])}
    for size in (size1, later):
        if size not in notes:
            raise log.NotInTheLog(what=f"a checkpoint of size {size}")
    path = consistency_proof(size1=size1, size2=later, hash_at=log.hash_at(later))
    return Consistency(earlier=notes[size1], later=notes[later], path=path).as_record()


def proof(index: int, *, viewer: Actor) -> JsonObject:
    """An entry with its inclusion proof under the newest checkpoint, to be verified offline."""
    access.why_log(viewer=viewer)
    size, signed = log.newest_checkpoint()
    placed = log.prove(index, size=size, signed=signed)
    return {
        "entry": placed.entry.as_body(),
        "inclusion": placed.inclusion.as_record(),
        "origin": current().log_origin,
        "vkey": log.signer_of(signed, node=current()).vkey,
    }


def audit(*, viewer: Actor) -> Audit:
    """Recompute the tree from every body and hold it against the signed checkpoint; raises `LogDamaged`."""
    access.why_log(viewer=viewer)
    node = current()
    size, signed = log.newest_checkpoint()
    head = log.open_own(signed, node=node)
    leaves: list[bytes] = []
    while len(leaves) < size:
        batch = log.entries_from(len(leaves), limit=min(AUDIT_BATCH, size - len(leaves)))
        if not batch:
            raise LogDamaged(node=node.id, why=f"entry {len(leaves)} of {size} is missing")
        for row in batch:
            if row.index != len(leaves):
                raise LogDamaged(node=node.id, why=f"entry {len(leaves)} is missing")
            leaf = tree.leaf_hash(bytes(row.body))
            if leaf != bytes(row.leaf_hash):
                raise LogDamaged(node=node.id, why=f"the body of entry {row.index} was changed")
            leaves.append(leaf)
    root = tree.root(leaves)
    if root != head.root:
        raise LogDamaged(node=node.id, why="the entries do not hash to the signed root")
    return Audit(origin=head.origin, size=size, root=root.hex())
