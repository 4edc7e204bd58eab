"""A node with very many letters, cheaply: one real letter, and rows made from it with other names, states and dates."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from comity.letters.letter import Form, short_form
from comity.letters.life import State
from comity.registry.act import bookkeeping
from comity.registry.models import LetterRow

STATES = [state.value for state in State]


def crowd(count: int, *, like: str, at: datetime) -> None:
    """`count` letters on the current node, made from the letter `like`, three for each minute before `at`.

    Written past the tables' classes and without a text, which would take most of the time; no list reads a text.
    """
    model: dict[str, Any] = {**LetterRow.objects.values().get(digest=like)}
    first = _one(model, 0, at=at)
    columns = ", ".join(f'"{name}"' for name in first)
    rows = [tuple(_one(model, number, at=at).values()) for number in range(count)]
    with bookkeeping(), connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(first))
        cursor.executemany(f"INSERT INTO registry_letterrow ({columns}) VALUES ({places})", rows)


def _one(model: dict[str, Any], number: int, *, at: datetime) -> dict[str, Any]:
    reference = f"{number:032x}"  # in order: indexes grow at their end
    dated, outgoing = number % 3 == 0, number % 2 == 0
    subject = f"letter {number} about market {number % 97}"
    row = model | {
        "reference": reference,
        "digest": f"{number:064x}",
        "short": short_form(reference),
        "outgoing": outgoing,
        "peer": model["peer"] if number % 5 else "far",
        "form": (Form.PRODUCTION if number % 4 else Form.PRESERVATION).value,
        "state": STATES[number % len(STATES)],
        "subject": subject,
        "folded": subject,
        "urgent": number % 50 == 0,
        "due_at": _stored(at + timedelta(minutes=number % 20_000 - 2_000)) if dated else None,
        "due_what": "keep_until" if dated else "",
        "case_id": model["case_id"] if outgoing else None,
        "statement": b"",
        "confidential": number % 10 == 0,
        "written_at": _stored(at - timedelta(minutes=number // 3)),
    }
    del row["id"]
    return row


def _stored(at: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(at)
