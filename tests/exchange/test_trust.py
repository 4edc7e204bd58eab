"""Whom a node believes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from comity.authorities.keys import SignatureDoesNotVerify
from comity.authorities.statement import Signature, SignerMissing, Statement, StatementBroken, WrongStatement, signed
from comity.canon import JsonObject
from comity.exchange.card import CardNotInForce, KindsDiffer, NodeCard, NodeKind
from comity.exchange.trust import (
    TRUST_LIST,
    CardRolledBack,
    FingerprintDiffers,
    ListNotInForce,
    ListRolledBack,
    NodeNotListed,
    SigningKeyChanged,
    TooFewSigners,
    Trusted,
    TrustList,
    accept_list,
    admit,
)
from comity.exchange.wire import RecordBroken
from keys import NodeKey
from stations import NOON, station

CV = station("cv", state="CV").card
ROOTS = [NodeKey.fresh(name) for name in (b"r1", b"r2", b"r3")]
LIST = TrustList(
    version=3,
    issued_at=NOON,
    expires_at=NOON + timedelta(days=30),
    nodes=(Trusted(node="cv", fingerprint=CV.fingerprint, kind=NodeKind.DEMO),),
)


def admitted(card: NodeCard, **changed: Any) -> NodeCard:
    facts: JsonObject = {
        "own_kind": NodeKind.DEMO,
        "pinned_fingerprint": CV.fingerprint,
        "previous": None,
        "at": NOON,
    } | changed
    return admit(card, **facts)


def signed_by(keys: list[NodeKey], found: TrustList = LIST) -> Statement:
    statement = Statement(type=TRUST_LIST, body=found.as_body())
    for key in keys:
        statement = signed(statement, key=key.public, sign=key.sign)
    return statement


def accepted(statement: Statement, **changed: Any) -> TrustList:
    facts: JsonObject = {
        "previous": None,
        "root_keys": [key.public for key in ROOTS],
        "threshold": 2,
        "at": NOON,
    } | changed
    return accept_list(statement, **facts)


@pytest.mark.parametrize("own", list(NodeKind))
@pytest.mark.parametrize("other", list(NodeKind))
def test_a_node_admits_its_own_kind_and_no_other(own: NodeKind, other: NodeKind):
    card = replace(CV, kind=other)
    if own is other:
        assert admitted(card, own_kind=own) == card
    else:
        with pytest.raises(KindsDiffer):
            admitted(card, own_kind=own)


def test_a_card_with_another_fingerprint_than_the_pinned_one_is_refused():
    forged = replace(CV, signing_key=NodeKey.fresh(b"forger").public)
    with pytest.raises(FingerprintDiffers):
        admitted(forged)
    with pytest.raises(FingerprintDiffers):
        admitted(CV, pinned_fingerprint="")
    with pytest.raises(FingerprintDiffers):
        admitted(CV, pinned_fingerprint=CV.fingerprint[:-1])


def test_spaces_and_case_of_a_typed_fingerprint_do_not_matter():
    assert admitted(CV, pinned_fingerprint=CV.fingerprint.upper().replace(" ", "")) == CV


def test_a_known_node_cannot_change_its_signing_key_by_a_card():
    other = replace(CV, signing_key=NodeKey.fresh(b"new").public, issued_at=NOON)
    with pytest.raises(SigningKeyChanged):
        admitted(other, pinned_fingerprint=other.fingerprint, previous=CV)


def test_an_older_card_and_a_second_card_of_one_moment_are_refused():
    newer = replace(CV, issued_at=CV.issued_at + timedelta(days=1))
    assert admitted(newer, previous=CV) == newer
    assert admitted(CV, previous=CV) == CV
    with pytest.raises(CardRolledBack):
        admitted(CV, previous=newer)
    with pytest.raises(CardRolledBack):
        admitted(replace(CV, url="http://127.0.0.1:9"), previous=CV)


def test_an_expired_card_is_refused():
    with pytest.raises(CardNotInForce):
        admitted(CV, at=CV.expires_at)


def test_a_list_needs_as_many_roots_as_the_threshold():
    assert accepted(signed_by(ROOTS[:2])) == LIST
    assert accepted(signed_by(ROOTS)) == LIST
    for too_few in ([], ROOTS[:1]):
        with pytest.raises(TooFewSigners):
            accepted(signed_by(too_few))


def test_one_root_does_not_count_twice():
    with pytest.raises(TooFewSigners):
        accepted(signed_by(ROOTS[:1]), root_keys=[ROOTS[0].public, ROOTS[1].public])
    twice = signed_by([ROOTS[0], ROOTS[0]])
    with pytest.raises(SignerMissing):
        accepted(twice)


def test_a_forged_signature_and_a_strangers_are_refused():
    one = signed_by(ROOTS[:1])
    with pytest.raises(SignatureDoesNotVerify):
        accepted(one.signed_with(Signature(key=ROOTS[1].public.id, value=one.signatures[0].value)))
    with pytest.raises(StatementBroken):
        accepted(signed_by([*ROOTS, NodeKey.fresh(b"stranger")]))
    with pytest.raises(WrongStatement):
        accepted(replace(signed_by(ROOTS), type="comity/node-card/v1"))


def test_a_list_does_not_go_back():
    assert accepted(signed_by(ROOTS), previous=LIST) == LIST
    assert accepted(signed_by(ROOTS), previous=replace(LIST, version=2)) == LIST
    with pytest.raises(ListRolledBack):
        accepted(signed_by(ROOTS), previous=replace(LIST, version=4))
    with pytest.raises(ListRolledBack):
        accepted(signed_by(ROOTS), previous=replace(LIST, nodes=()))


def test_a_list_outside_its_dates_is_refused():
    for outside in (LIST.expires_at, NOON - timedelta(minutes=6)):
        with pytest.raises(ListNotInForce):
            accepted(signed_by(ROOTS), at=outside)


def test_a_list_names_no_node_twice_and_no_broken_fingerprint():
    for nodes in (LIST.nodes * 2, (replace(LIST.nodes[0], fingerprint="00"),)):
        with pytest.raises(RecordBroken):
            accepted(signed_by(ROOTS, replace(LIST, nodes=nodes)))


def test_a_list_pins_a_node_under_its_kind_only():
    assert admitted(CV, pinned_fingerprint=LIST.pinned(node="cv", kind=NodeKind.DEMO)) == CV
    for node, kind in (("cv", NodeKind.LIVE), ("nl", NodeKind.DEMO)):
        with pytest.raises(NodeNotListed):
            LIST.pinned(node=node, kind=kind)
