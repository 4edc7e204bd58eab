"""A message that waited: sealed again to the key that is in force now, with the same text and the same digest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.exchange.envelope import Message, ReceiveKeyUnknown, open_envelope
from comity.exchange.inbox import Outcome, judge
from comity.exchange.wire import CLOCK_SKEW_MAX, COURIER_AGE_MAX
from stations import NOON, station

CV, NL = station("cv", state="CV"), station("nl", state="NL")
TICK = timedelta(milliseconds=1)


def test_a_message_that_waited_is_sealed_to_the_present_key_and_says_the_same_text():
    message = Message(id="a" * 32, subject="letter", content={"n": 1}, written_at=NOON)
    later = NOON + timedelta(days=3)
    first, second = CV.send(message, to=NL.card), CV.send(message, to=NL.card, at=later)
    assert first.sent == second.sent
    assert first.data != second.data
    received = NL.open(second.data, peers=[CV.card], at=later)
    assert received.digest == first.sent.digest
    assert judge(received, stored_digest=first.sent.digest) is Outcome.DUPLICATE


def test_a_receive_key_is_taken_as_long_as_an_envelope_may_have_been_under_way():
    key = NL.card.receive_keys[0]
    own = replace(NL.card, expires_at=key.until + COURIER_AGE_MAX * 2)
    sealed = CV.send(Message(id="a" * 32, subject="letter", content={}), to=NL.card, at=key.until - TICK)
    peers = {"cv": replace(CV.card, issued_at=key.from_ - timedelta(days=1), expires_at=own.expires_at)}
    open_envelope(sealed.data, own=own, decrypt=NL.decrypt, peers=peers, at=key.until)
    with pytest.raises(ReceiveKeyUnknown):
        open_envelope(sealed.data, own=own, decrypt=NL.decrypt, peers=peers, at=key.until + COURIER_AGE_MAX)
    with pytest.raises(ReceiveKeyUnknown):
        open_envelope(sealed.data, own=own, decrypt=NL.decrypt, peers=peers, at=key.from_ - CLOCK_SKEW_MAX - TICK)
