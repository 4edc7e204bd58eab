"""What tests of witnesses and findings ask of two nodes."""

from datetime import timedelta

from comity.ledger import (
    Submission,
    consistency_proof,
)
from comity.registry import log, witness
from comity.registry.act import Node
from comity.registry.jobs import witnesses
from comity.registry.models import FindingRow
from couriers import CLIENT

ADD = "/log/add-checkpoint"


def ask(node: Node, *, later: timedelta = timedelta()) -> int:
    with node.active():
        return witnesses.ask(at=node.clock.now() + later)


def watch(node: Node) -> None:
    with node.active():
        witnesses.watch(at=node.clock.now())


def served(node: Node) -> bytes:
    answer = CLIENT.get(f"{node.url}/log/checkpoint")
    assert answer.status_code == 200
    return answer.content


def held(node: Node, of: Node) -> tuple[int, bytes] | None:
    with node.active():
        row = witness.held(of.log_origin)
        return (row.size, bytes(row.root)) if row else None


def findings(node: Node) -> list[FindingRow]:
    with node.active():
        return list(FindingRow.objects.order_by("id"))


def submission(node: Node, *, old: int) -> bytes:
    """What a node's log sends to a witness that holds it at `old`."""
    with node.active():
        size, note = log.newest_checkpoint()
        proof = consistency_proof(size1=old, size2=size, hash_at=log.hash_at(size)) if 0 < old < size else []
    return Submission(old=old, proof=proof, checkpoint=note).to_bytes()
