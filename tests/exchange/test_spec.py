"""The specification pages show what the code writes: each JSON block equals real output, long base64 shortened."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, parse_object
from comity.exchange.envelope import HEADER_BYTES_MAX, Message
from comity.exchange.receipt import RECEIPT, receipt_body
from stations import NOON, REFERENCE, station

SPEC = Path(__file__).parents[2] / "docs" / "spec"
CV, NL = station("cv", state="CV"), station("nl", state="NL")
SEALED = CV.send(Message(id=REFERENCE, subject="letter", content={"example": "a signed letter"}), to=NL.card)
RECEIVED = NL.open(SEALED.data, peers=[CV.card])
HEADER = parse_object(SEALED.data.split(b"\n")[0], limit=HEADER_BYTES_MAX)
GIVEN = receipt_body(received=RECEIVED, leaf_hash="ab" * 32, received_at=NOON + timedelta(seconds=2), log_within=60)


def shortened(value: Any) -> Any:
    """The value with base64 of more than 60 characters cut to its first 24."""
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/=]{65,}", value):
        return value[:24] + "…"
    return value


def written(statement: Statement) -> JsonObject:
    """The statement as it goes over the wire, read back."""
    document: JsonObject = json.loads(canonical(statement.as_json()))
    return document


EXAMPLES = [
    ("node-card", [written(CV.card_statement)]),
    ("envelope", [HEADER, written(RECEIVED.message.statement)]),
    ("receipt", [written(NL.signed(RECEIPT, GIVEN))]),
]


@pytest.mark.parametrize(("page", "documents"), EXAMPLES)
def test_every_json_block_of_a_page_is_what_the_code_writes(page: str, documents: list[JsonObject]):
    blocks = re.findall(r"```json\n(.*?)```", (SPEC / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [json.loads(block) for block in blocks] == [shortened(document) for document in documents]


def test_the_pages_state_fingerprint_and_digest_of_their_examples():
    assert CV.card.fingerprint in (SPEC / "node-card.md").read_text(encoding="utf-8")
    for page in ("envelope", "receipt"):
        assert RECEIVED.digest in (SPEC / f"{page}.md").read_text(encoding="utf-8")
