"""Changes in raw tables of signed texts, each of which `comity node check` has to find."""

import json
from typing import Any

from tampering import Change, other, without_signatures


def other_hash(record: Any) -> str:
    """An item's record with another hash of its content."""
    read = json.loads(record) if isinstance(record, str) else record
    return json.dumps(read | {"sha256": "0" * 64})


CHANGES: tuple[tuple[str, str, Change], ...] = (
    *[("letterrow", name, other) for name in ("reference", "digest", "short", "subject", "drafted_by", "peer")],
    *[("letterrow", name, other) for name in ("confidential", "urgent", "outgoing", "statement")],
    ("letterrow", "statement", without_signatures),
    ("letterrow", "state", lambda held: "executed" if held != "executed" else "sent"),
    *[("authorisationrow", name, other) for name in ("reference", "digest", "official", "node", "statement")],
    ("authorisationrow", "statement", without_signatures),
    *[("eventrow", name, other) for name in ("digest", "step", "node", "statement")],
    *[("custodyrow", name, other) for name in ("digest", "event", "statement")],
    ("custodyrow", "statement", without_signatures),
    ("custodyrow", "seq", lambda _held: 700),
    *[("itemrow", name, other) for name in ("reference", "held", "wrapped_key", "source")],
    ("itemrow", "source", lambda _held: "f" * 32),
    ("itemrow", "record", other_hash),
    *[("transferrow", name, other) for name in ("reference", "item", "statement")],
    ("transferrow", "state", lambda held: "accepted" if held != "accepted" else "offered"),
    *[("officialrow", name, other) for name in ("official", "office", "role", "mandate", "digest", "statement")],
    *[("verdictrow", name, other) for name in ("digest", "body")],
    *[("editionrow", name, other) for name in ("hash", "document")],
    *[("entryrow", name, other) for name in ("kind", "official", "body", "leaf_hash")],
    ("checkpointrow", "note", other),
    ("checkpointrow", "size", lambda held: held + 10_000),
    ("tilerow", "hashes", other),
    *[("inboxrow", name, other) for name in ("sender", "message", "digest")],
    *[("receiptrow", name, other) for name in ("message", "statement", "entry")],
    *[("peerrow", name, other) for name in ("fingerprint", "card")],
)
CHANGES = tuple(one for one in CHANGES if one != ("itemrow", "source", other))
