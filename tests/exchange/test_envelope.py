"""The envelope: every way to hand in something else is refused, each under its own name."""

import os
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.authorities.keys import SignatureDoesNotVerify
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, WrongStatement, signed
from comity.canon import JsonObject, NotCanonical, canonical, stamp
from comity.errors import ComityError
from comity.exchange.card import CardNotInForce, KindsDiffer, NodeKind, NoReceiveKey
from comity.exchange.envelope import (
    ENVELOPE_BYTES_MAX,
    HEADER_BYTES_MAX,
    MESSAGE,
    EnvelopeDoesNotOpen,
    EnvelopeFromTheFuture,
    EnvelopeTooLarge,
    EnvelopeTooOld,
    Header,
    HeaderAndBodyDiffer,
    HeaderBroken,
    Message,
    NotTheAddressee,
    PeerUnknown,
    Received,
    ReceiveKeyUnknown,
    open_envelope,
)
from comity.exchange.inbox import Outcome, ReplayedWithOtherContent, judge
from comity.exchange.suite import SUITE, SUITES, SuiteNotInForce, SuiteUnknown
from comity.exchange.wire import CLOCK_SKEW_MAX, COURIER_AGE_MAX, RecordBroken
from keys import MailboxKey, NodeKey
from stations import NOON, REFERENCE, Station, station

CV, NL, XX = station("cv", state="CV"), station("nl", state="NL"), station("xx", state="XX")
MESSAGE_ONE = Message(id=REFERENCE, subject="letter", content={"title": "Preservation of market.example"})
SEALED = CV.send(MESSAGE_ONE, to=NL.card)
LINE_BYTES = SEALED.data.index(b"\n")
HEADER = Header(
    id=REFERENCE,
    sender="cv",
    to="nl",
    kind=NodeKind.DEMO,
    suite=SUITE,
    receive_key=NL.card.receive_keys[0].id,
    sent_at=NOON,
)
TICK = timedelta(milliseconds=1)


def opened(data: bytes, *, at: datetime = NOON) -> Received:
    return NL.open(data, peers=[CV.card, XX.card], at=at)


def body_for(header: Header) -> JsonObject:
    record = header.as_record()
    named = {name: record[name] for name in ("id", "from", "to", "kind", "sent_at")}
    return named | {"subject": "letter", "content": {}}


def enclosed(plaintext: bytes, *, line: bytes) -> bytes:
    """Anything at all, sealed to node nl under that first line."""
    info = b"comity-envelope-v1\n" + line
    return line + b"\n" + SUITES[SUITE].seal(plaintext, public=NL.mailbox.public, info=info)


def forged(header: Header = HEADER, *, body: JsonObject | None = None, by: Station = CV) -> bytes:
    """An envelope of the right form around a text that `by` really signed."""
    statement = by.signed(MESSAGE, body_for(header) if body is None else body)
    return enclosed(statement.to_bytes(), line=canonical(header.as_record()))


def with_header(changed: JsonObject) -> bytes:
    return enclosed(b"", line=canonical(HEADER.as_record() | changed))


def test_an_envelope_is_opened_by_its_addressee_as_it_was_sent():
    received = opened(SEALED.data)
    assert (received.id, received.sender, received.subject) == (REFERENCE, "cv", "letter")
    assert received.content == MESSAGE_ONE.content
    assert received.digest == SEALED.sent.digest
    assert received.header == HEADER
    assert opened(forged()).header == HEADER


def test_the_carrier_sees_the_header_and_nothing_of_the_text():
    assert SEALED.data[:LINE_BYTES] == canonical(HEADER.as_record())
    assert b"market.example" not in SEALED.data
    assert b"letter" not in SEALED.data


def test_an_envelope_of_too_many_bytes_is_refused_before_it_is_looked_at():
    with pytest.raises(EnvelopeTooLarge):
        opened(bytes(ENVELOPE_BYTES_MAX + 1))
    with pytest.raises(EnvelopeTooLarge):
        CV.send(replace(MESSAGE_ONE, content={"text": "x" * ENVELOPE_BYTES_MAX}), to=NL.card)


def test_the_length_is_foretold_to_the_byte():
    statement = CV.signed(MESSAGE, body_for(HEADER)).to_bytes()
    line = canonical(HEADER.as_record())
    assert len(enclosed(statement, line=line)) == len(line) + 1 + len(statement) + SUITES[SUITE].overhead_bytes


def test_an_envelope_of_just_the_largest_size_passes():
    room = ENVELOPE_BYTES_MAX - len(CV.send(replace(MESSAGE_ONE, content={"text": ""}), to=NL.card).data)
    largest = CV.send(replace(MESSAGE_ONE, content={"text": "x" * room}), to=NL.card)
    assert len(largest.data) == ENVELOPE_BYTES_MAX
    assert opened(largest.data).digest == largest.sent.digest
    with pytest.raises(EnvelopeTooLarge):
        CV.send(replace(MESSAGE_ONE, content={"text": "x" * (room + 1)}), to=NL.card)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\nrest",
        b'{"a":1.5}\n',
        b"x" * (HEADER_BYTES_MAX + 1) + b"\n",
        b" " + SEALED.data,
        SEALED.data[:LINE_BYTES],
    ],
)
def test_bytes_without_a_header_are_refused(data: bytes):
    with pytest.raises(HeaderBroken):
        opened(data)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "comity-envelope-v2"},
        {"id": REFERENCE.upper()},
        {"id": 7},
        {"from": "CV"},
        {"to": ""},
        {"kind": "test"},
        {"suite": "A"},
        {"receive_key": "0"},
        {"sent_at": "2026-11-23T12:00:00Z"},
        {"sent_at": "2026-02-30T12:00:00.000Z"},
        {"note": "one field more"},
        {"note": "x" * HEADER_BYTES_MAX},
    ],
)
def test_a_header_of_another_shape_is_refused(changed: JsonObject):
    with pytest.raises(HeaderBroken):
        opened(with_header(changed))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"to": "xx"}, NotTheAddressee),
        ({"kind": "live"}, KindsDiffer),
        ({"kind": "drill"}, KindsDiffer),
        ({"from": "yy"}, PeerUnknown),
        ({"suite": "rot13"}, SuiteUnknown),
        ({"receive_key": "0" * 32}, ReceiveKeyUnknown),
        ({"receive_key": CV.card.receive_keys[0].id}, ReceiveKeyUnknown),
        ({}, NotCanonical),
    ],
)
def test_what_the_header_says_is_checked_one_by_one(changed: JsonObject, refusal: type[ComityError]):
    with pytest.raises(refusal):
        opened(with_header(changed))


def test_the_checks_come_in_their_order():
    everything = {"to": "xx", "kind": "live", "from": "yy", "suite": "rot13", "receive_key": "0" * 32}
    expected = [NotTheAddressee, KindsDiffer, PeerUnknown, SuiteUnknown, ReceiveKeyUnknown, NotCanonical]
    for position, refusal in enumerate(expected):
        wrong = dict(list(everything.items())[position:])
        with pytest.raises(refusal):
            opened(with_header(wrong))


def test_a_live_node_refuses_every_envelope_of_another_kind():
    live = replace(NL, card=replace(NL.card, kind=NodeKind.LIVE))
    with pytest.raises(KindsDiffer):
        live.open(SEALED.data, peers=[replace(CV.card, kind=NodeKind.LIVE)])


def test_nothing_is_sealed_for_a_node_of_another_kind():
    with pytest.raises(KindsDiffer):
        CV.send(MESSAGE_ONE, to=replace(NL.card, kind=NodeKind.LIVE))


def test_a_suite_after_its_sunset_is_refused_on_both_sides():
    late = SUITES[SUITE].sunset
    (key,) = NL.card.receive_keys
    key = replace(key, from_=late - timedelta(days=9), until=late + timedelta(days=9))
    cv = replace(CV, card=replace(CV.card, issued_at=key.from_, expires_at=key.until))
    nl = replace(NL, card=replace(NL.card, issued_at=key.from_, expires_at=key.until, receive_keys=(key,)))
    sealed = cv.send(MESSAGE_ONE, to=nl.card, at=late - TICK)
    assert nl.open(sealed.data, peers=[cv.card], at=late - TICK).digest == sealed.sent.digest
    with pytest.raises(SuiteNotInForce):
        nl.open(sealed.data, peers=[cv.card], at=late)
    with pytest.raises(SuiteNotInForce):
        cv.send(MESSAGE_ONE, to=nl.card, at=late)


def test_nothing_is_sealed_without_a_receive_key_in_force():
    with pytest.raises(NoReceiveKey):
        CV.send(MESSAGE_ONE, to=NL.card, at=NL.card.receive_keys[0].until)


def test_expired_cards_are_refused_on_both_sides():
    with pytest.raises(CardNotInForce):
        CV.send(MESSAGE_ONE, to=NL.card, at=NL.card.expires_at)
    expired = replace(CV.card, expires_at=NOON)
    with pytest.raises(CardNotInForce):
        NL.open(SEALED.data, peers=[expired])


@pytest.mark.parametrize("kept", [0, 1, 16, 1087, 1088, 1119, 1120, 1135, 1136, 1137, -17, -16, -1])
def test_a_truncated_ciphertext_does_not_open(kept: int):
    ciphertext = SEALED.data[LINE_BYTES + 1 :]
    with pytest.raises(EnvelopeDoesNotOpen):
        opened(SEALED.data[: LINE_BYTES + 1] + ciphertext[:kept])


def test_an_envelope_with_bytes_after_its_end_does_not_open():
    with pytest.raises(EnvelopeDoesNotOpen):
        opened(SEALED.data + b"\0")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(position=st.integers(0, len(SEALED.data) - 1), flip=st.integers(1, 255))
def test_one_flipped_byte_anywhere_is_refused(position: int, flip: int):
    data = bytearray(SEALED.data)
    data[position] ^= flip
    with pytest.raises(ComityError):
        opened(bytes(data))


@settings(max_examples=100, deadline=None)
@given(end=st.integers(0, len(SEALED.data) - 1))
def test_an_envelope_cut_anywhere_is_refused(end: int):
    with pytest.raises((HeaderBroken, EnvelopeDoesNotOpen)):
        opened(SEALED.data[:end])


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_by_name(data: bytes):
    with pytest.raises(HeaderBroken):
        opened(data)


@settings(max_examples=60, deadline=None)
@given(plaintext=st.binary(max_size=300) | st.sampled_from([b"{}", b"[]", canonical({"type": MESSAGE, "body": {}})]))
def test_arbitrary_bytes_sealed_by_somebody_are_refused_by_name(plaintext: bytes):
    with pytest.raises((NotCanonical, StatementBroken)):
        opened(enclosed(plaintext, line=canonical(HEADER.as_record())))


def test_a_header_cannot_be_put_before_another_ciphertext():
    other = canonical(replace(HEADER, id="f" * 32).as_record())
    with pytest.raises(EnvelopeDoesNotOpen):
        opened(other + SEALED.data[LINE_BYTES:])


def test_an_envelope_to_another_mailbox_does_not_open_even_under_our_name():
    line = canonical(HEADER.as_record())
    text = CV.signed(MESSAGE, body_for(HEADER)).to_bytes()
    foreign = SUITES[SUITE].seal(text, public=MailboxKey.fresh().public, info=b"comity-envelope-v1\n" + line)
    with pytest.raises(EnvelopeDoesNotOpen):
        opened(line + b"\n" + foreign)


def test_a_text_signed_by_another_node_is_refused_in_the_name_of_the_sender():
    with pytest.raises(SignerMissing):
        opened(forged(by=XX))
    statement = signed(Statement(MESSAGE, body_for(HEADER)), key=CV.key.public, sign=XX.key.sign)
    with pytest.raises(SignatureDoesNotVerify):
        opened(enclosed(statement.to_bytes(), line=canonical(HEADER.as_record())))


def test_a_text_that_a_second_node_signed_too_is_refused():
    both = signed(CV.signed(MESSAGE, body_for(HEADER)), key=XX.key.public, sign=XX.key.sign)
    with pytest.raises(StatementBroken):
        opened(enclosed(both.to_bytes(), line=canonical(HEADER.as_record())))


def test_half_of_a_signature_is_none():
    whole = CV.signed(MESSAGE, body_for(HEADER))
    (signature,) = whole.signatures
    for half in (signature.value[:64], bytes(64) + signature.value[64:], signature.value[:64] + bytes(3309)):
        broken = replace(whole, signatures=(replace(signature, value=half),))
        with pytest.raises(SignatureDoesNotVerify):
            opened(enclosed(broken.to_bytes(), line=canonical(HEADER.as_record())))


def test_a_statement_of_another_type_is_no_message():
    statement = CV.signed("comity/letter/v1", body_for(HEADER))
    with pytest.raises(WrongStatement):
        opened(enclosed(statement.to_bytes(), line=canonical(HEADER.as_record())))


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "f" * 32},
        {"from": "xx"},
        {"to": "xx"},
        {"kind": "live"},
        {"sent_at": stamp(NOON + TICK)},
    ],
)
def test_the_signed_text_says_what_the_header_says(changed: JsonObject):
    with pytest.raises(HeaderAndBodyDiffer, match=next(iter(changed))):
        opened(forged(body=body_for(HEADER) | changed))


def test_a_text_that_was_signed_for_another_node_cannot_be_sealed_anew_to_us():
    for_xx = CV.signed(MESSAGE, body_for(replace(HEADER, to="xx")))
    with pytest.raises(HeaderAndBodyDiffer):
        opened(enclosed(for_xx.to_bytes(), line=canonical(HEADER.as_record())))


@pytest.mark.parametrize(
    "changed", [{"subject": "Letter"}, {"subject": ""}, {"subject": 1}, {"content": []}, {"more": 1}]
)
def test_a_text_of_another_shape_is_refused(changed: JsonObject):
    with pytest.raises(RecordBroken):
        opened(forged(body=body_for(HEADER) | changed))


def test_an_envelope_is_taken_until_it_is_too_old_and_not_before_its_time():
    opened(SEALED.data, at=NOON - CLOCK_SKEW_MAX)
    opened(SEALED.data, at=NOON + COURIER_AGE_MAX)
    with pytest.raises(EnvelopeFromTheFuture):
        opened(SEALED.data, at=NOON - CLOCK_SKEW_MAX - TICK)
    with pytest.raises(EnvelopeTooOld):
        opened(SEALED.data, at=NOON + COURIER_AGE_MAX + TICK)


def test_a_destroyed_receive_key_is_said_by_its_holder():
    def destroyed(key_id: str, ciphertext: bytes, info: bytes) -> bytes:
        raise ReceiveKeyUnknown(key=key_id, sent_at=stamp(NOON))

    with pytest.raises(ReceiveKeyUnknown):
        open_envelope(SEALED.data, own=NL.card, decrypt=destroyed, peers={"cv": CV.card}, at=NOON)


def test_a_message_that_comes_again_is_a_duplicate_and_another_text_under_its_id_is_refused():
    first, again = opened(SEALED.data), opened(SEALED.data, at=NOON + timedelta(days=60))
    assert judge(first, stored_digest=None) is Outcome.NEW
    assert judge(again, stored_digest=first.digest) is Outcome.DUPLICATE
    other = opened(CV.send(replace(MESSAGE_ONE, content={"title": "Another text"}), to=NL.card).data)
    with pytest.raises(ReplayedWithOtherContent):
        judge(other, stored_digest=first.digest)


def test_sealing_twice_gives_another_ciphertext_of_the_same_text():
    again = CV.send(MESSAGE_ONE, to=NL.card)
    assert again.data != SEALED.data
    assert again.sent == SEALED.sent
    assert judge(opened(again.data), stored_digest=SEALED.sent.digest) is Outcome.DUPLICATE


def test_every_refusal_of_the_envelope_has_a_code_of_its_own():
    refusals = [
        EnvelopeTooLarge,
        HeaderBroken,
        NotTheAddressee,
        KindsDiffer,
        PeerUnknown,
        CardNotInForce,
        SuiteUnknown,
        SuiteNotInForce,
        ReceiveKeyUnknown,
        EnvelopeDoesNotOpen,
        HeaderAndBodyDiffer,
        EnvelopeFromTheFuture,
        EnvelopeTooOld,
    ]
    assert len({refusal.code for refusal in refusals}) == len(refusals)


def test_random_keys_work_as_seeded_ones_do():
    fresh = replace(XX, key=NodeKey.fresh(os.urandom(32)))
    fresh = replace(fresh, card=replace(fresh.card, signing_key=fresh.key.public))
    assert NL.open(fresh.send(MESSAGE_ONE, to=NL.card).data, peers=[fresh.card]).sender == "xx"
