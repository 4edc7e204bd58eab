"""The one signed-statement format: a signature holds for one text, one type, one context and one key."""

import dataclasses
import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.authorities.keys import PublicKey, SignatureDoesNotVerify
from comity.authorities.statement import (
    SIGNATURES_MAX,
    Signature,
    SignerMissing,
    Statement,
    StatementBroken,
    WrongStatement,
    signed,
    verify,
    verify_all,
)
from comity.canon import NotCanonical, TooLarge, canonical
from comity.errors import ComityError
from keys import NodeKey, OfficialKey

NODE = NodeKey.fresh(b"cv")
OTHER = NodeKey.fresh(b"nl")
OFFICIAL = OfficialKey.fresh(seed=b"judge")
TYPE = "comity/letter/v1"
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
CONTEXT = {"mandate": "cv-judge-2026", "office": "Court of Praia"}
LETTER = Statement(type=TYPE, body={"ask": "preserve", "reference": "0" * 32})
BY_NODE = signed(LETTER, key=NODE.public, sign=NODE.sign)
BY_OFFICIAL = signed(LETTER, key=OFFICIAL.public, sign=OFFICIAL.sign, context=CONTEXT)
WORDS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=8), st.integers(0, 9) | st.text("ab"), max_size=4
)


def with_signature(statement: Statement, **changed: Any) -> Statement:
    first, *others = statement.signatures
    return dataclasses.replace(statement, signatures=(dataclasses.replace(first, **changed), *others))


@pytest.mark.parametrize(("statement", "key"), [(BY_NODE, NODE.public), (BY_OFFICIAL, OFFICIAL.public)])
def test_a_statement_holds_for_its_signer(statement: Statement, key: PublicKey):
    verified = verify(Statement.from_bytes(statement.to_bytes()), type=TYPE, key=key)
    assert verified.body == LETTER.body
    assert verified.context == statement.signatures[0].context


@pytest.mark.parametrize(("statement", "key"), [(BY_NODE, NODE.public), (BY_OFFICIAL, OFFICIAL.public)])
def test_a_signature_over_another_body_is_refused(statement: Statement, key: PublicKey):
    for body in ({}, {**LETTER.body, "ask": "seize"}, {**LETTER.body, "more": None}):
        with pytest.raises(SignatureDoesNotVerify):
            verify(dataclasses.replace(statement, body=body), type=TYPE, key=key)


@pytest.mark.parametrize(("statement", "key"), [(BY_NODE, NODE.public), (BY_OFFICIAL, OFFICIAL.public)])
def test_a_signature_in_another_context_is_refused(statement: Statement, key: PublicKey):
    for context in ({"office": "Court of Praia"}, {**CONTEXT, "office": "Police"}, {**CONTEXT, "more": 1}):
        with pytest.raises(SignatureDoesNotVerify):
            verify(with_signature(statement, context=context), type=TYPE, key=key)


def test_an_officials_signature_without_its_context_is_refused():
    with pytest.raises(SignatureDoesNotVerify):
        verify(with_signature(BY_OFFICIAL, context={}), type=TYPE, key=OFFICIAL.public)


def test_a_statement_of_another_type_is_refused():
    with pytest.raises(WrongStatement, match="comity/letter/v1 was handed in where comity/receipt/v1"):
        verify(BY_NODE, type="comity/receipt/v1", key=NODE.public)


def test_a_signature_does_not_carry_over_to_another_type():
    renamed = dataclasses.replace(BY_NODE, type="comity/receipt/v1")
    with pytest.raises(SignatureDoesNotVerify):
        verify(renamed, type="comity/receipt/v1", key=NODE.public)


def test_a_missing_signer_is_refused():
    for statement, key in ((LETTER, NODE.public), (BY_NODE, OTHER.public), (BY_NODE, OFFICIAL.public)):
        with pytest.raises(SignerMissing):
            verify(statement, type=TYPE, key=key)


def test_a_signature_under_another_keys_name_is_refused():
    with pytest.raises(SignatureDoesNotVerify):
        verify(with_signature(BY_NODE, key=OTHER.public.id), type=TYPE, key=OTHER.public)


def test_two_signatures_by_one_key_are_refused():
    twice = signed(BY_NODE, key=NODE.public, sign=NODE.sign)
    with pytest.raises(SignerMissing):
        verify(twice, type=TYPE, key=NODE.public)


def test_everybody_who_was_asked_signed_and_nobody_else():
    both = signed(BY_NODE, key=OTHER.public, sign=OTHER.sign)
    assert [one.key for one in verify_all(both, type=TYPE, keys=(NODE.public, OTHER.public))] == [
        NODE.public,
        OTHER.public,
    ]
    with pytest.raises(StatementBroken, match="nobody asked for"):
        verify_all(both, type=TYPE, keys=(NODE.public,))
    with pytest.raises(SignerMissing):
        verify_all(BY_NODE, type=TYPE, keys=(NODE.public, OTHER.public))


def test_more_signatures_leave_text_and_digest_as_they_are():
    assert LETTER.digest == BY_NODE.digest == BY_OFFICIAL.digest
    assert BY_NODE.text() == b"comity-statement-v1\n" + canonical({"body": LETTER.body, "context": {}, "type": TYPE})


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        None,
        "statement",
        {"type": TYPE, "body": {}},
        {"type": TYPE, "body": {}, "signatures": [], "more": 1},
        {"type": 1, "body": {}, "signatures": []},
        {"type": TYPE, "body": [], "signatures": []},
        {"type": TYPE, "body": {}, "signatures": {}},
        {"type": TYPE, "body": {}, "signatures": [None]},
        {"type": TYPE, "body": {}, "signatures": [{"key": "k", "value": "AA=="}]},
        {"type": TYPE, "body": {}, "signatures": [{"key": "k", "value": "AA==", "context": []}]},
        {"type": TYPE, "body": {}, "signatures": [{"key": "k", "value": "AA==", "context": {}, "algorithm": "none"}]},
        {"type": TYPE, "body": {}, "signatures": [{"key": 1, "value": "AA==", "context": {}}]},
    ],
)
def test_what_has_another_shape_is_no_statement(value: object):
    with pytest.raises(StatementBroken):
        Statement.from_json(value)


@pytest.mark.parametrize("text", ["AA", "AA=", "AB==", " AA==", "AA==\n", "A-==", "AA==AA==", "é"])
def test_a_signature_in_another_spelling_of_base64_is_refused(text: str):
    with pytest.raises(NotCanonical):
        Statement.from_json({"type": TYPE, "body": {}, "signatures": [{"key": "k", "value": text, "context": {}}]})


def test_limits_hold_before_anything_is_checked():
    with pytest.raises(TooLarge):
        Statement.from_bytes(BY_NODE.to_bytes(), limit=len(BY_NODE.to_bytes()) - 1)
    crowded = dataclasses.replace(LETTER, signatures=(Signature(key="k", value=b""),) * (SIGNATURES_MAX + 1))
    with pytest.raises(StatementBroken, match="17 signatures where at most 16"):
        Statement.from_bytes(crowded.to_bytes())


@settings(max_examples=300)
@given(st.sampled_from([(BY_NODE, NODE.public), (BY_OFFICIAL, OFFICIAL.public)]), st.data())
def test_one_changed_byte_is_refused(whose: tuple[Statement, PublicKey], data: st.DataObject):
    statement, key = whose
    written = bytearray(statement.to_bytes())
    position = data.draw(st.integers(0, len(written) - 1))
    written[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ComityError):
        verify(Statement.from_bytes(bytes(written)), type=TYPE, key=key)


@pytest.mark.parametrize("part", ["id", "rawId", "authenticatorData", "clientDataJSON", "signature"])
def test_an_assertion_has_one_spelling_down_to_the_spare_bits_of_its_base64(part: str):
    (signature,) = BY_OFFICIAL.signatures
    assertion = json.loads(signature.value)
    holder = assertion if part in assertion else assertion["response"]
    holder[part] = holder[part][:-1] + ALPHABET[ALPHABET.index(holder[part][-1]) ^ 1]
    changed = with_signature(BY_OFFICIAL, value=canonical(assertion))
    with pytest.raises(SignatureDoesNotVerify):
        verify(changed, type=TYPE, key=OFFICIAL.public)


@given(WORDS, WORDS, st.text("comity/v1", min_size=1, max_size=12))
def test_a_statement_is_read_as_it_was_written(body: dict[str, object], context: dict[str, object], kind: str):
    statement = Statement(type=kind, body=body, signatures=(Signature(key="k", value=b"v", context=context),))
    assert Statement.from_bytes(statement.to_bytes()) == statement


@given(WORDS, WORDS, WORDS, WORDS)
def test_two_texts_are_the_same_only_for_the_same_body_and_context(
    body: dict[str, object], context: dict[str, object], body2: dict[str, object], context2: dict[str, object]
):
    same = (body, context) == (body2, context2)
    assert (Statement(TYPE, body).text(context) == Statement(TYPE, body2).text(context2)) is same
