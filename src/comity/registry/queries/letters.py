"""One letter with its whole life; lists of letters are in `listing`."""

from django.db.models import Q

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, stamp
from comity.letters import life
from comity.letters.letter import Form
from comity.letters.life import State
from comity.registry import access, rows
from comity.registry.models import OutboxRow, ReceiptRow
from comity.registry.queries.listing import Line


def find(typed: str, *, viewer: Actor) -> str:
    """The digest of the letter that somebody names by its short form or by its digest; raises `NoSuchThing`."""
    named = Q(short=typed.strip().upper()) | Q(digest=typed.strip().lower())
    row = access.visible_letters(viewer=viewer).filter(named).only("digest").first()
    if row is None:
        raise access.NoSuchThing(what="letter", reference=typed[:40])
    return row.digest


def letter(digest: str, *, viewer: Actor) -> JsonObject:
    """A letter with its text, decisions, steps, deliveries and what may happen next; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    return Line.of(row).as_record() | {
        "why_you_see_it": access.why_letter(row, viewer=viewer),
        "text": Statement.from_bytes(bytes(row.statement)).body,
        "authorisations": [_body(bytes(one.statement)) for one in row.authorisations.order_by("id")],
        "events": [_body(bytes(one.statement)) for one in row.events.order_by("id")],
        "deliveries": [_delivery(one.node, one.message) for one in row.deliveries.order_by("id")],
        "open_steps": [
            step.value for step in life.open_steps(state=State(row.state), form=Form(row.form), side=rows.side_of(row))
        ],
    }


def _body(statement: bytes) -> JsonObject:
    return Statement.from_bytes(statement).body


def _delivery(node: str, message: str) -> JsonObject:
    sent = OutboxRow.objects.filter(message=message).first() if message else None
    receipt = ReceiptRow.objects.filter(message=message).first() if message else None
    return {
        "node": node,
        "message": message,
        "state": sent.state if sent else "not sent",
        "received_at": stamp(receipt.received_at) if receipt else "",
    }
