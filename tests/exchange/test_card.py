"""A node card is read as strictly as it is written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.authorities.keys import OFFICIAL, PublicKey, SignatureDoesNotVerify
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, WrongStatement, signed
from comity.canon import JsonObject, NotAMoment, TextNotAllowed
from comity.errors import ComityError
from comity.exchange.card import (
    CARD,
    CardBroken,
    CardNotInForce,
    NodeCard,
    NodeKind,
    NoReceiveKey,
    read_card,
)
from comity.exchange.former_log import FormerLogKey
from comity.exchange.suite import SUITE, SUITES, ReceiveKeyBroken, SuiteNotInForce, SuiteUnknown, suite_in_force
from comity.exchange.wire import CLOCK_SKEW_MAX, RecordBroken
from comity.ledger import CosignerKey, VerifierKeyBroken
from keys import LogKey, MailboxKey, NodeKey
from stations import NOON, station

CV = station("cv", state="CV")


def former(node: str, from_day: int, until_day: int, *, seed: bytes = b"1") -> FormerLogKey:
    """A key that the log of a node signed with, in days after the first of January 2026."""
    start, key = datetime(2026, 1, 1, tzinfo=UTC), LogKey.fresh(seed).vkey(f"comity.example/log/{node}")
    return FormerLogKey(key=key, from_=start + timedelta(from_day), until=start + timedelta(until_day))


def test_a_key_of_the_log_counts_in_its_time_and_not_later():
    old, older = former("cv", 20, 30), former("cv", 10, 20, seed=b"2")
    card = NodeCard.from_body(replace(CV.card, former_log_keys=(older, old)).as_body())
    keys = {one.vkey: one for one in card.all_log_keys}
    assert list(keys) == [card.log_key, old.key, older.key]
    for day, expected in ((5, []), (15, [older.key]), (25, [old.key]), (35, [card.log_key])):
        at = older.from_ + timedelta(days=day - 10)
        assert [one.vkey for one in card.log_keys(at=at)] == (expected or [card.log_key])
    assert [one.vkey for one in card.log_keys(at=old.until)] == [card.log_key, old.key], "clocks differ a little"
    assert [one.vkey for one in CV.card.log_keys(at=older.from_)] == [CV.card.log_key]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"url": "http://cv.example"}, "neither https nor on loopback"),
        ({"url": "https://cv.example"}, "loopback only"),
        ({"url": "http://127.0.0.1:99999"}, "neither https nor on loopback"),
        ({"url": "http://127.0.0.1.cv.example"}, "neither https nor on loopback"),
        ({"log_origin": "comity.example/log/nl"}, "its log would be"),
        ({"log_key": station("nl", state="NL").card.log_key}, "another log"),
        ({"former_log_keys": (former("nl", 1, 2),)}, "another log"),
        ({"former_log_keys": (replace(former("cv", 1, 2), key=CV.card.log_key),)}, "a log key twice"),
        ({"former_log_keys": (former("cv", 1, 2), former("cv", 1, 3, seed=b"2"))}, "do not follow one another"),
        ({"former_log_keys": (former("cv", 1, 400),)}, "do not follow one another"),
        ({"witness_key": station("nl", state="NL").card.witness_key}, "another node"),
        ({"witness_key": CosignerKey(CV.card.witness.name, LogKey.fresh(b"cv").public).vkey}, "a key of its log"),
        ({"official_origin": "http://cv.example"}, "origin is neither"),
        ({"official_origin": "http://nl.localhost"}, "not within cv.localhost"),
        ({"official_rp_id": "v.localhost"}, "not within v.localhost"),
        ({"expires_at": CV.card.issued_at + timedelta(days=401)}, "at most 400 days"),
        ({"expires_at": CV.card.issued_at}, "at most 400 days"),
        ({"receive_keys": CV.card.receive_keys * 2}, "twice"),
        ({"signing_key": PublicKey(OFFICIAL, b"x", rp_id="a", origin="b")}, "a node signs with"),
    ],
)
def test_a_card_that_contradicts_itself_or_the_rules_is_refused(changed: JsonObject, why: str):
    with pytest.raises(CardBroken, match=why):
        NodeCard.from_body(replace(CV.card, **changed).as_body())


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("node", "CV", RecordBroken),
        ("node", "c" * 41, RecordBroken),
        ("name", "", TextNotAllowed),
        ("name", "a\u202eb", TextNotAllowed),
        ("name", " spaced ", RecordBroken),
        ("state", "CPV", RecordBroken),
        ("kind", "test", RecordBroken),
        ("url", "http://user@127.0.0.1", RecordBroken),
        ("url", "http://127.0.0.1/path", RecordBroken),
        ("url", "ftp://127.0.0.1", RecordBroken),
        ("url", 7, RecordBroken),
        ("signing_key", "key", RecordBroken),
        ("log_key", CV.card.log_key.replace("/cv+", "/nl+"), VerifierKeyBroken),
        ("log_key", "comity.example/log/cv+00000000+AAAA", VerifierKeyBroken),
        ("receive_keys", {}, RecordBroken),
        ("receive_keys", CV.card.as_body()["receive_keys"] * 17, RecordBroken),
        ("receive_keys", ["key"], RecordBroken),
        ("issued_at", "2026-11-23", NotAMoment),
        ("extra", 1, RecordBroken),
    ],
)
def test_a_field_of_another_shape_is_refused(name: str, value: object, refusal: type[ComityError]):
    with pytest.raises(refusal):
        NodeCard.from_body(CV.card.as_body() | {name: value})


@pytest.mark.parametrize("name", sorted(CV.card.as_body()))
def test_a_missing_field_is_refused(name: str):
    body = CV.card.as_body()
    del body[name]
    with pytest.raises(RecordBroken):
        NodeCard.from_body(body)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"id": "0" * 32}, RecordBroken),
        ({"until": "2026-11-01T00:00:00.000Z"}, RecordBroken),
        ({"suite": "none"}, RecordBroken),
    ],
)
def test_a_receive_key_that_does_not_fit_itself_is_refused(changed: JsonObject, refusal: type[ComityError]):
    body = CV.card.as_body()
    body["receive_keys"] = [body["receive_keys"][0] | changed]
    with pytest.raises(refusal):
        NodeCard.from_body(body)


def test_a_receive_key_of_an_unknown_suite_or_another_length_is_refused():
    (key,) = CV.card.receive_keys
    for broken, refusal in (
        (replace(key, suite="rot13"), SuiteUnknown),
        (replace(key, public=key.public[:-1]), ReceiveKeyBroken),
    ):
        with pytest.raises(refusal):
            NodeCard.from_body(replace(CV.card, receive_keys=(broken,)).as_body())


def test_a_receive_key_with_a_point_of_low_order_is_refused_when_sealing():
    with pytest.raises(ReceiveKeyBroken):
        SUITES[SUITE].seal(b"text", public=MailboxKey.fresh().public[:1184] + bytes(32), info=b"")


def test_a_card_needs_the_signature_of_the_key_that_it_names_and_no_other():
    stranger = NodeKey.fresh(b"stranger")
    unsigned = Statement(type=CARD, body=CV.card.as_body())
    with pytest.raises(SignerMissing):
        read_card(unsigned)
    with pytest.raises(SignerMissing):
        read_card(signed(unsigned, key=stranger.public, sign=stranger.sign))
    with pytest.raises(SignatureDoesNotVerify):
        read_card(signed(unsigned, key=CV.key.public, sign=stranger.sign))
    with pytest.raises(StatementBroken):
        read_card(signed(CV.card_statement, key=stranger.public, sign=stranger.sign))
    with pytest.raises(WrongStatement):
        read_card(CV.signed("comity/letter/v1", CV.card.as_body()))


def test_a_card_is_read_as_it_was_written():
    assert read_card(Statement.from_bytes(CV.card_statement.to_bytes())) == CV.card


def test_a_live_node_off_loopback_has_https():
    live = replace(
        CV.card,
        kind=NodeKind.LIVE,
        url="https://cv.example",
        official_rp_id="cv.example",
        official_origin="https://desk.cv.example",
    )
    assert NodeCard.from_body(live.as_body()) == live


def test_a_card_is_in_force_from_its_issue_until_just_before_it_expires():
    CV.card.in_force(at=CV.card.issued_at - CLOCK_SKEW_MAX)
    CV.card.in_force(at=CV.card.expires_at - timedelta(milliseconds=1))
    for outside in (CV.card.issued_at - CLOCK_SKEW_MAX - timedelta(milliseconds=1), CV.card.expires_at):
        with pytest.raises(CardNotInForce):
            CV.card.in_force(at=outside)


def test_the_newest_receive_key_in_force_is_taken():
    (old,) = CV.card.receive_keys
    new = replace(old, public=MailboxKey.fresh(b"new").public, from_=NOON, until=NOON + timedelta(days=30))
    card = replace(CV.card, receive_keys=(new, old))
    assert card.receive_key(at=NOON - timedelta(milliseconds=1)) == old
    assert card.receive_key(at=NOON) == new
    with pytest.raises(NoReceiveKey):
        card.receive_key(at=new.until)


def test_a_suite_is_used_between_its_dates_only():
    suite = SUITES[SUITE]
    assert suite_in_force(SUITE, at=suite.from_) is suite
    for outside in (suite.from_ - timedelta(milliseconds=1), suite.sunset):
        with pytest.raises(SuiteNotInForce):
            suite_in_force(SUITE, at=outside)
