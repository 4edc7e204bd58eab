"""A receipt counts for exactly what was sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.authorities.statement import SignerMissing, WrongStatement
from comity.canon import JsonObject, NotAMoment
from comity.errors import ComityError
from comity.exchange.envelope import Message
from comity.exchange.receipt import LOG_WITHIN_SECONDS_MAX, RECEIPT, Receipt, ReceiptDiffers, read_receipt, receipt_body
from comity.exchange.wire import CLOCK_SKEW_MAX, RecordBroken
from stations import NOON, REFERENCE, Station, station

CV, NL, XX = station("cv", state="CV"), station("nl", state="NL"), station("xx", state="XX")
SEALED = CV.send(Message(id=REFERENCE, subject="letter", content={}), to=NL.card)
LATER = NOON + timedelta(seconds=2)
BODY = receipt_body(
    received=NL.open(SEALED.data, peers=[CV.card]), leaf_hash="ab" * 32, received_at=LATER, log_within=60
)


def read(body: JsonObject, *, by: Station = NL, statement_type: str = RECEIPT) -> Receipt:
    return read_receipt(by.signed(statement_type, body), peer=NL.card, sent=SEALED.sent, at=LATER)


def test_a_receipt_says_what_arrived_where_and_when():
    receipt = read(BODY)
    assert receipt == Receipt(
        message=REFERENCE,
        digest=SEALED.sent.digest,
        sender="cv",
        to="nl",
        received_at=LATER,
        log_within=60,
        leaf_hash="ab" * 32,
    )
    assert receipt.as_body() == BODY


def test_only_the_addressee_gives_the_receipt():
    for other in (CV, XX):
        with pytest.raises(SignerMissing):
            read(BODY, by=other)
    with pytest.raises(WrongStatement):
        read(BODY, statement_type="comity/message/v1")


@pytest.mark.parametrize("changed", [{"message": "f" * 32}, {"digest": "0" * 64}, {"from": "xx"}, {"to": "xx"}])
def test_a_receipt_for_something_else_is_refused(changed: JsonObject):
    with pytest.raises(ReceiptDiffers, match=f"{next(iter(changed))} is"):
        read(BODY | changed)


def test_a_receipt_from_before_the_message_or_from_the_future_is_refused():
    for within in (NOON - CLOCK_SKEW_MAX, LATER + CLOCK_SKEW_MAX):
        assert read(replace(Receipt.from_body(BODY), received_at=within).as_body()).received_at == within
    for outside in (NOON - CLOCK_SKEW_MAX - timedelta(seconds=1), LATER + CLOCK_SKEW_MAX + timedelta(seconds=1)):
        with pytest.raises(ReceiptDiffers):
            read(replace(Receipt.from_body(BODY), received_at=outside).as_body())


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"log_within": 0}, RecordBroken),
        ({"log_within": LOG_WITHIN_SECONDS_MAX + 1}, RecordBroken),
        ({"log_within": True}, RecordBroken),
        ({"log_within": "60"}, RecordBroken),
        ({"leaf_hash": "AB" * 32}, RecordBroken),
        ({"digest": "0"}, RecordBroken),
        ({"received_at": "now"}, NotAMoment),
        ({"more": 1}, RecordBroken),
    ],
)
def test_a_receipt_of_another_shape_is_refused(changed: JsonObject, refusal: type[ComityError]):
    with pytest.raises(refusal):
        read(BODY | changed)
