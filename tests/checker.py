"""What must always hold on a node, computed anew from the raw rows and files, with as little of the house as possible.

* Every body hashes to its leaf, the leaves to every signed checkpoint and to the stored tiles (RFC 6962, read anew).
* Every signed text has the digest under which it is found, and the columns beside it say what it says.
* The state of each letter is where its log entries lead; each event, decision and custody record has its entry.
* Custody chains prove, and the vault holds what they say; nothing half-made lies around.
* A message took effect once, with its entry, and its receipt is promised.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from comity.authorities.statement import Statement
from comity.evidence.custody import read_chain, read_offer
from comity.registry.act import Node
from comity.registry.queries.people import known

Row = dict[str, Any]

TABLES = (
    *("competencerow", "competencetold"),
    *("officialrow", "peerrow", "caserow", "casemember", "selectorrow", "editionrow", "verdictrow"),
    *("letterrow", "deliveryrow", "authorisationrow", "eventrow", "itemrow", "custodyrow", "transferrow"),
    *("entryrow", "tilerow", "checkpointrow", "inboxrow", "outboxrow", "receiptrow", "workrow"),
    *("witnessedrow", "witnessrow", "cosignaturerow", "findingrow", "stamprow"),
)
ISSUING, EXECUTING = "issuing", "executing"
UNDER_WAY = {"sent", "received", "acknowledged", "queried"}
MOVES: dict[str, tuple[str, set[str], str]] = {
    "letter.authorise": (ISSUING, {"draft"}, "authorised"),
    "letter.deny": (ISSUING, {"draft"}, "denied"),
    "letter.send": (ISSUING, {"authorised"}, "sent"),
    "letter.acknowledge": (EXECUTING, {"sent", "received"}, "acknowledged"),
    "letter.query": (EXECUTING, {"acknowledged"}, "queried"),
    "letter.answer": (ISSUING, {"queried"}, "acknowledged"),
    "letter.preserve": (EXECUTING, {"acknowledged"}, "preserved"),
    "letter.recognise": (EXECUTING, {"acknowledged"}, "recognised"),
    "letter.refuse": (EXECUTING, UNDER_WAY, "refused"),
    "letter.withdraw": (ISSUING, UNDER_WAY | {"draft", "authorised", "preserved"}, "withdrawn"),
    "letter.execute_partly": (EXECUTING, {"recognised", "partly_executed"}, "partly_executed"),
    "letter.execute": (EXECUTING, {"recognised", "partly_executed"}, "executed"),
    "letter.lapse": (
        ISSUING,
        UNDER_WAY | {"authorised", "preserved", "recognised", "partly_executed", "executed"},
        "withdrawn",
    ),
}
"""Log entries that move a letter: taken by which side, from where, to where."""


def table(name: str) -> list[Row]:
    """Every row of a table of the active node, as the database holds it."""
    assert name in TABLES
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM registry_{name} ORDER BY id")
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return [{key: bytes(v) if isinstance(v, memoryview) else v for key, v in row.items()} for row in rows]


def snapshot(node: Node) -> dict[str, list[Row]]:
    """Everything that the node holds, tables and vault."""
    with node.active():
        held = {name: table(name) for name in TABLES}
    held["vault"] = [
        {"name": str(path.relative_to(node.vault)), "bytes": path.stat().st_size}
        for path in sorted(node.vault.rglob("*"))
        if path.is_file()
    ]
    return held


@contextmanager
def untouched(*nodes: Node, entries: tuple[str, ...] = ()) -> Iterator[None]:
    """What happens inside leaves no row changed, added or gone, but at most one log entry of each of these kinds."""
    before = [snapshot(node) for node in nodes]
    yield
    for node, was in zip(nodes, before, strict=True):
        now = snapshot(node)
        fresh = now["entryrow"][len(was["entryrow"]) :]
        now["entryrow"] = now["entryrow"][: len(was["entryrow"])]
        allowed = Counter(entries)
        assert Counter(row["kind"] for row in fresh) <= allowed, f"{node.id}: {[row['kind'] for row in fresh]}"
        for name, rows in was.items():
            assert now[name] == rows, f"{node.id}: {name} has changed"


def check(*nodes: Node) -> None:
    """Hold everything that must always hold on these nodes."""
    for node in nodes:
        with node.active():
            held = {name: table(name) for name in TABLES}
            check_log(node, held)
            check_texts(held)
            check_letters(node, held)
            check_post(held)
            check_custody(node, held)
            check_people(node, held)


# The log


def mth(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash as RFC 6962, section 2.1, defines it: by the largest power of two below the size."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def entry(row: Row) -> dict[str, Any]:
    """The body of a log entry."""
    body: dict[str, Any] = json.loads(row["body"])
    return body


def check_log(node: Node, held: dict[str, list[Row]]) -> None:
    for row in held["entryrow"]:
        body = entry(row)
        assert hashlib.sha256(b"\x00" + row["body"]).digest() == row["leaf_hash"]
        assert (body["kind"], body["statement"], body["at"]) == (row["kind"], row["statement"], spelled(row["at"]))
    placed = sorted((row for row in held["entryrow"] if row["index"] is not None), key=lambda row: row["index"])
    assert [row["index"] for row in placed] == list(range(len(placed))), "the log has a gap"
    leaves = [row["leaf_hash"] for row in placed]
    newest = max(row["size"] for row in held["checkpointrow"])
    assert newest == len(leaves), "what has its place is signed"
    for row in held["checkpointrow"]:
        assert checkpoint(node, row["note"]) == (row["size"], mth(leaves[: row["size"]]))
    for row in held["tilerow"]:
        width = 256 ** row["level"]
        whole = len(leaves) // width
        starts = range(row["index"] * 256 * width, min((row["index"] + 1) * 256, whole) * width, width)
        assert row["hashes"] == b"".join(mth(leaves[start : start + width]) for start in starts)


def checkpoint(node: Node, signed: bytes) -> tuple[int, bytes]:
    """Size and root of a checkpoint that a key in the node's own card signed (C2SP signed-note, tlog-checkpoint)."""
    card = json.loads((node.folder / "card.json").read_bytes())["body"]
    ended = [one["key"] for log in card["former_logs"] for one in log["keys"]]
    keys = [card["log_key"], *(one["key"] for one in card["former_log_keys"]), *ended]
    name, key_id, typed = next(one for one in (key.split("+", 2) for key in keys) if _signs(signed, one[1]))
    text, _, signature_line = signed.decode().partition("\n\n")
    mark, signer, value = signature_line.rstrip("\n").split(" ")
    raw = base64.b64decode(value)
    assert (mark, signer, raw[:4].hex()) == ("—", name, key_id)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(typed)[1:])
    public.verify(raw[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    assert origin == name
    assert origin in {card["log_origin"], *(log["origin"] for log in card["former_logs"])}
    return int(size), base64.b64decode(root)


def _signs(signed: bytes, key_id: str) -> bool:
    """Whether the first signature of a note is by the key with this id."""
    return base64.b64decode(signed.decode().split("\n\n")[1].split("\n")[0].split(" ")[2])[:4].hex() == key_id


def spelled(at: datetime) -> str:
    """A column's moment in the spelling of signed texts."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


# Signed texts


def digest(statement: bytes) -> str:
    """The name of a signed text: SHA-256 over the domain and the canonical JSON without context."""
    read = json.loads(statement)
    bare = {"body": read["body"], "context": {}, "type": read["type"]}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"comity-statement-v1\n" + text.encode()).hexdigest()


def body_of(row: Row) -> dict[str, Any]:
    """The body of the signed text in a row."""
    body: dict[str, Any] = json.loads(row["statement"])["body"]
    return body


def check_texts(held: dict[str, list[Row]]) -> None:
    for name in ("officialrow", "letterrow", "authorisationrow", "eventrow", "custodyrow", "competencerow"):
        for row in held[name]:
            assert digest(row["statement"]) == row["digest"], f"{name} {row['id']}"
    for row in held["officialrow"]:
        body = body_of(row)
        assert all(row[name] == body[name] for name in ("node", "official", "office", "role", "mandate"))
    for row in held["letterrow"]:
        body = body_of(row)
        assert all(row[name] == body[name] for name in ("reference", "form", "linked", "confidential"))
        assert row["drafted_by"] == body["drafted_by"]["official"]
        addressee = next(one["node"] for one in body["deliveries"] if one["role"] == "addressee")
        assert row["peer"] == (addressee if row["outgoing"] else body["from"]["node"])
    for row in held["authorisationrow"]:
        body = body_of(row)
        assert (row["reference"], row["kind"]) == (body["reference"], body["kind"])
        assert (row["official"], row["node"]) == (body["by"]["official"], body["by"]["node"])
    for row in held["eventrow"]:
        body = body_of(row)
        assert (row["step"], row["node"], spelled(row["at"])) == (body["step"], body["node"], body["at"])
    for row in held["custodyrow"]:
        body = body_of(row)
        assert (row["seq"], row["event"]) == (body["seq"], body["event"])
    for row in held["verdictrow"]:
        assert hashlib.sha256(row["body"]).hexdigest() == row["digest"]


# Letters


def check_letters(node: Node, held: dict[str, list[Row]]) -> None:
    entries = [(row, entry(row)) for row in held["entryrow"]]
    for letter in held["letterrow"]:
        about = [(row, body) for row, body in entries if body["facts"].get("letter") == letter["digest"]]
        state = ""
        for row, _ in about:
            state = moved(letter, row["kind"], state)
        assert letter["state"] == state, f"letter {letter['short']} is {letter['state']}, its log says {state}"
        texts = {row["statement"] for row, _ in about}
        for name in ("eventrow", "authorisationrow"):
            mine = {row["digest"] for row in held[name] if row["letter_id"] == letter["id"]}
            carried = {fact for _, body in about for fact in facts_in(body["facts"])}
            assert mine <= texts | carried | cited(letter, held), f"{name} of {letter['short']} without an entry"
        deliveries = [row for row in held["deliveryrow"] if row["letter_id"] == letter["id"]]
        assert bool(deliveries) is bool(letter["outgoing"])
        was_sent = any(row["kind"] == "letter.send" for row, _ in about)
        assert all(bool(row["message"]) is was_sent for row in deliveries)
        assert bool(letter["outgoing"]) is (body_of(letter)["from"]["node"] == node.id)


def moved(letter: Row, kind: str, state: str) -> str:
    """Where an entry of this kind leads the letter."""
    begins = "letter.draft" if letter["outgoing"] else "letter.receive"
    if kind == begins:
        assert state == "", "a letter begins once"
        return "draft" if letter["outgoing"] else "received"
    name = kind.removesuffix(".received")
    if name not in MOVES:
        return state
    side, after, to = MOVES[name]
    ours = ISSUING if letter["outgoing"] else EXECUTING
    assert (side == ours) is (kind == name), f"{kind} is not taken on the {ours} side"
    assert state in after, f"{kind} after {state}"
    return to


def facts_in(value: object) -> Iterator[str]:
    """Every text among the facts of an entry."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from facts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from facts_in(inner)
    elif isinstance(value, str):
        yield value


def cited(letter: Row, held: dict[str, list[Row]]) -> set[str]:
    """The authorisation that came with a letter: it took effect with the letter's own entry."""
    if letter["outgoing"]:
        return set()
    came = [
        row
        for row in held["authorisationrow"]
        if row["letter_id"] == letter["id"] and row["node"] == letter["peer"] and row["kind"] != "validation"
    ]
    assert len(came) == 1
    assert came[0]["kind"] != "recognition"
    return {came[0]["digest"]}


# Post


def check_post(held: dict[str, list[Row]]) -> None:
    entries = {row["id"]: entry(row) for row in held["entryrow"]}
    taken = Counter((row["sender"], row["message"]) for row in held["inboxrow"])
    assert set(taken.values()) <= {1}, "a message took effect twice"
    assert len({row["entry_id"] for row in held["inboxrow"]}) == len(held["inboxrow"])
    work = Counter((row["kind"], row["about"]) for row in held["workrow"])
    assert set(work.values()) <= {1}
    for row in held["inboxrow"]:
        facts = entries[row["entry_id"]]["facts"]
        assert (facts["from"], facts["message"], facts["message_digest"]) == (
            row["sender"],
            row["message"],
            row["digest"],
        )
        promised = ("receipt", f"{row['sender']}/{row['message']}") in work
        assert promised is (row["subject"] != "receipt"), "each message but a receipt gets a receipt"
    receipts = {row["message"] for row in held["receiptrow"]}
    for row in held["outboxrow"]:
        assert ("deliver", row["message"]) in work
        assert (row["state"] == "receipted") is (row["message"] in receipts)
    assert receipts <= {row["message"] for row in held["outboxrow"]}


# Evidence


def check_custody(node: Node, held: dict[str, list[Row]]) -> None:
    everybody = known({}, viewer=node.machine("post"))
    for item in held["itemrow"]:
        rows = [row for row in held["custodyrow"] if row["item_id"] == item["id"]]
        rows.sort(key=lambda row: row["seq"])
        assert [row["seq"] for row in rows] == list(range(len(rows)))
        before = ""
        for row in rows:
            assert body_of(row)["previous"] == before
            before = row["digest"]
        chain = read_chain([Statement.from_bytes(row["statement"]) for row in rows], known=everybody)
        assert chain.item.id == item["reference"]
        sealed = node.vault / "items" / f"{item['reference']}.sealed"
        if item["erased_at"] is not None:
            assert (bytes(item["wrapped_key"]), bool(item["held"]), sealed.exists()) == (b"", False, False)
            continue
        assert bool(item["held"]) is (chain.holder == node.id)
        assert sealed.stat().st_size == chain.item.sealed_bytes
    statements = {row["statement"] for row in held["entryrow"]}
    carried = {fact for row in held["transferrow"] for fact in _digests_of(row)}
    erased = {str(entry(row)["facts"]["disposal"]) for row in held["entryrow"] if row["kind"] == "evidence.erasure"}
    assert {row["digest"] for row in held["custodyrow"]} <= statements | carried | erased
    arriving = set()
    for row in held["transferrow"]:
        offer = Statement.from_bytes(row["statement"])
        if row["state"] != "accepted":
            read_offer(offer, known=everybody)
        if row["state"] == "offered" and not row["outgoing"]:
            arriving.add(f"{row['item']}.incoming")
    drafts = node.vault / "drafts"
    left = {path.name for path in drafts.iterdir()} if drafts.exists() else set()
    assert left <= arriving, f"left in the vault: {left - arriving}"


def _digests_of(transfer: Row) -> set[str]:
    """The records that came with an offer: they took effect with the acceptance."""
    custody = transfer["custody"]
    listed = json.loads(custody) if isinstance(custody, str) else custody
    return {digest(json.dumps(one).encode()) for one in listed}


# People


def check_people(node: Node, held: dict[str, list[Row]]) -> None:
    """Every official of this node has an entry, and every ended mandate its own."""
    known_texts = {row["statement"] for row in held["entryrow"]}
    for row in held["entryrow"]:
        if row["kind"] == "node.founded":
            known_texts |= set(entry(row)["facts"]["administrators"])
    ended, suspended = set(), set()
    for row in sorted(held["entryrow"], key=lambda one: one["id"]):
        if row["kind"] == "mandate.suspended":
            suspended.add(entry(row)["facts"]["mandate"])
        if row["kind"] in {"mandate.reinstated", "mandate.ended"}:
            suspended.discard(entry(row)["facts"]["mandate"])
        if row["kind"] == "mandate.ended":
            ended.add(entry(row)["facts"]["mandate"])
    for row in held["officialrow"]:
        if row["node"] == node.id:
            assert row["digest"] in known_texts
            assert (row["mandate"] in ended) is (row["ended_at"] is not None)
            assert (row["mandate"] in suspended) is (row["suspended_at"] is not None)
