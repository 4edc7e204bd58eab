"""What an administrator has to know of a node: what waits, what was laid aside and why, how far the log has come."""

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject, stamp
from comity.registry import access, log
from comity.registry.act import current
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import OutboxRow, PeerRow, WorkRow


def state(*, viewer: Actor) -> JsonObject:
    """The node at a glance, without anything of a letter's content; raises `NoSuchThing`."""
    if not access.of_this_node(viewer) or Power.ADMINISTER not in viewer.powers:
        raise access.NoSuchThing(what="node", reference=current().id)
    waiting = WorkRow.objects.filter(state=WorkRow.OPEN)
    return {
        "node": current().id,
        "kind": current().kind,
        "log_size": log.sequenced_size(),
        "peers": [
            {"node": row.node, "fingerprint": row.fingerprint, "admitted_at": stamp(row.admitted_at)}
            for row in PeerRow.objects.order_by("node")
        ],
        "outbox_undelivered": OutboxRow.objects.exclude(state="receipted").count(),
        "work_waiting": waiting.count(),
        "trouble": [_work(row) for row in waiting.exclude(trouble="").order_by("id")[:PAGE_ROWS_MAX]],
        "laid_aside": [_work(row) for row in WorkRow.objects.filter(state=WorkRow.DEAD).order_by("id")[:PAGE_ROWS_MAX]],
    }


def _work(row: WorkRow) -> JsonObject:
    return {"kind": row.kind, "about": row.about, "attempts": row.attempts, "trouble": row.trouble}
