"""The page on signed statements shows real ones: its example verifies, and changed as the page says it does not."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from comity.authorities.keys import PublicKey, SignatureDoesNotVerify
from comity.authorities.statement import Statement, signed, verify
from comity.canon import canonical
from keys import OfficialKey

PAGE = (Path(__file__).parents[2] / "docs" / "spec" / "statement.md").read_text(encoding="utf-8")
TYPE = "comity/example/v1"
JUDGE = OfficialKey.fresh(seed=b"judge")
CONTEXT = {
    "expires_at": "2026-11-23T09:10:00.000Z",
    "mandate": "cv-ana-2026",
    "nonce": "00112233445566778899aabbccddeeff",
    "office": "Court of Praia",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def example() -> tuple[Statement, PublicKey]:
    shown, key, _ = (json.loads(block) for block in blocks("json"))
    return Statement.from_json(shown), PublicKey.from_record(key)


def test_the_example_verifies_with_the_key_that_stands_beside_it():
    statement, key = example()
    assert verify(statement, type=TYPE, key=key).context == CONTEXT
    assert statement.digest in PAGE
    assert key.id == statement.signatures[0].key


def test_the_signed_text_and_the_assertion_are_the_ones_on_the_page():
    statement, _ = example()
    assert statement.text(CONTEXT).decode() == blocks("text")[0].removesuffix("\n")
    assert json.loads(statement.signatures[0].value) == json.loads(blocks("json")[2])
    assert hashlib.sha256(statement.text(CONTEXT)).hexdigest() in PAGE


def test_the_example_changed_by_one_character_does_not_verify():
    statement, key = example()
    forged = Statement.from_bytes(canonical(statement.as_json()).replace(b"preserve", b"preServe"))
    with pytest.raises(SignatureDoesNotVerify):
        verify(forged, type=TYPE, key=key)


def test_the_code_still_signs_the_text_that_the_page_shows():
    statement, key = example()
    again = signed(replace(statement, signatures=()), key=JUDGE.public, sign=JUDGE.sign, context=CONTEXT)
    assert key == JUDGE.public
    assert verify(again, type=TYPE, key=key).context == CONTEXT
