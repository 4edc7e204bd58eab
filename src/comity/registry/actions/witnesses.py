"""What the overseers must hear of: a log that showed two histories, or less than before; and that somebody closed it."""

import secrets
from datetime import datetime

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError
from comity.ledger import Fork, claimed
from comity.registry import access, log, rows
from comity.registry.act import act
from comity.registry.models import FindingRow

FORK = "fork"
ROLLBACK = "rollback"
MESSAGE = "log-finding"
REASON_CHARACTERS_MAX = 1000


class NoSuchFinding(ComityError):
    """There is no open finding of that name."""

    code = "registry.no_such_finding"
    sentence = N_("there is no open finding {reference}")


@act
def record_finding(found: Fork, *, kind: str, peer: str, origin: str, actor: Actor, at: datetime) -> None:
    """Keep what a log showed, and tell the node whose log it is (`peer`, empty for this node's own log)."""
    row = _keep(found, kind=kind, peer=peer, origin=origin, by=actor.node, at=at)
    log.append(kind=f"log.{kind}", facts=_facts(row, found), statement="", actor=actor, at=at)
    if peer:
        content: JsonObject = {"kind": kind, "finding": found.as_record()}
        rows.queue(peer=peer, subject=MESSAGE, content=content, letter=None, at=at)


@act
def receive_finding(
    inbound: rows.Inbound, found: Fork, *, kind: str, origin: str, closed: str = "", actor: Actor, at: datetime
) -> None:
    """A peer shows what it found about this node's own log, or another's; a receipt is promised.

    `closed` is the digest of a finding that says as much already and was closed: it opens no other one.
    """
    known = FindingRow.objects.filter(digest=closed or found.digest).first()
    row = known or _keep(found, kind=kind, peer=inbound.sender, origin=origin, by=inbound.sender, at=at)
    entry = log.append(
        kind=f"log.{kind}.received", facts=inbound.facts(_facts(row, found)), statement="", actor=actor, at=at
    )
    rows.promise_receipt(rows.keep_inbound(inbound, entry=entry, letter=None, at=at), at=at)


@act
def settle_finding(reference: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """An overseer closes a finding with the reason: the log is believed again from now on. Raises `NoSuchFinding`."""
    access.require(actor, Power.OVERSEE, at=at)
    row = FindingRow.objects.select_for_update().filter(reference=reference, settled_at=None).first()
    if row is None:
        raise NoSuchFinding(reference=reference[:8])
    row.settled_at = at
    row.save(update_fields=["settled_at"])
    facts = {"finding": row.reference, "origin": row.origin, "reason": reason[:REASON_CHARACTERS_MAX]}
    log.append(kind="log.finding.settle", facts=facts, statement="", actor=actor, at=at)


def _keep(found: Fork, *, kind: str, peer: str, origin: str, by: str, at: datetime) -> FindingRow:
    return FindingRow.objects.create(
        reference=secrets.token_hex(16),
        origin=origin,
        peer=peer,
        kind=kind,
        record=canonical(found.as_record()),
        digest=found.digest,
        proven=kind == FORK,
        found_by=by,
        found_at=at,
    )


def _facts(row: FindingRow, found: Fork) -> JsonObject:
    heads = [claimed(found.earlier), claimed(found.later)]
    return {
        "finding": row.reference,
        "digest": row.digest,
        "origin": row.origin,
        "sizes": [one.size for one in heads],
        "roots": [one.root.hex() for one in heads],
    }
