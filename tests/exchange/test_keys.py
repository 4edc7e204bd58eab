"""The keys that tests sign with are ones that the product accepts."""

from datetime import UTC, datetime

import pytest

from comity.authorities.directory import context_for, read_entry, verify_official
from comity.authorities.keys import SignatureDoesNotVerify
from comity.authorities.roles import Role
from comity.authorities.statement import Statement, signed
from keys import LogKey, NodeKey, OfficialKey, entry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("key", [NodeKey.fresh(b"n"), OfficialKey.fresh(seed=b"o")])
def test_a_test_key_signs_what_its_public_half_verifies_and_nothing_else(key: NodeKey | OfficialKey):
    signature = key.sign(b"text")
    key.public.verify(signature, b"text")
    with pytest.raises(SignatureDoesNotVerify):
        key.public.verify(signature, b"texT")


def test_one_seed_gives_one_key():
    assert NodeKey.fresh(b"a").public == NodeKey.fresh(b"a").public != NodeKey.fresh(b"b").public
    assert OfficialKey.fresh(seed=b"a").public == OfficialKey.fresh(seed=b"a").public
    assert LogKey.fresh(b"a").public == LogKey.fresh(b"a").public


def test_an_enrolled_official_signs_in_office():
    node, judge = NodeKey.fresh(b"n"), OfficialKey.fresh(seed=b"j")
    enrolled, statement = entry(judge, node, node="cv", official="j1", role=Role.JUDGE)
    read = read_entry(statement, node="cv", node_key=node.public, rp_id="cv.localhost", origin="http://cv.localhost")
    assert read == enrolled
    bound = dict(context_for(enrolled, nonce="00", expires_at=NOON))
    text = signed(Statement("comity/test/v1", {"a": 1}), key=judge.public, sign=judge.sign, context=bound)
    assert verify_official(text, type="comity/test/v1", entry=enrolled, at=NOON).body == {"a": 1}
