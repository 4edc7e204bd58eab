"""A range of an item is asked for by its receiver, just now, and within bounds."""

from datetime import datetime, timedelta

import pytest

from comity.authorities.statement import SignerMissing
from comity.canon import JsonObject, NotAMoment
from comity.errors import ComityError
from comity.exchange.chunk import CHUNK_BYTES_MAX, CHUNK_REQUEST, ChunkRequest, ChunkRequestStale, read_chunk_request
from comity.exchange.wire import CLOCK_SKEW_MAX, RecordBroken
from stations import NOON, REFERENCE, station

CV, NL = station("cv", state="CV"), station("nl", state="NL")
ASKED = ChunkRequest(transfer=REFERENCE, item="f" * 32, offset=2**40, length=CHUNK_BYTES_MAX, at=NOON)


def read(body: JsonObject, *, at: datetime = NOON) -> ChunkRequest:
    return read_chunk_request(NL.signed(CHUNK_REQUEST, body), peer=NL.card, at=at)


def test_a_request_is_read_as_it_was_signed():
    assert read(ASKED.as_body()) == ASKED


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"length": CHUNK_BYTES_MAX + 1}, RecordBroken),
        ({"length": 0}, RecordBroken),
        ({"length": True}, RecordBroken),
        ({"offset": -1}, RecordBroken),
        ({"offset": 2**53 - 1}, RecordBroken),
        ({"transfer": "../etc"}, RecordBroken),
        ({"item": None}, RecordBroken),
        ({"at": 7}, NotAMoment),
        ({"more": 1}, RecordBroken),
    ],
)
def test_a_request_out_of_bounds_is_refused(changed: JsonObject, refusal: type[ComityError]):
    with pytest.raises(refusal):
        read(ASKED.as_body() | changed)


def test_a_request_of_another_node_is_refused():
    with pytest.raises(SignerMissing):
        read_chunk_request(CV.signed(CHUNK_REQUEST, ASKED.as_body()), peer=NL.card, at=NOON)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_request_lives_five_minutes(sign: int):
    assert read(ASKED.as_body(), at=NOON + sign * CLOCK_SKEW_MAX) == ASKED
    with pytest.raises(ChunkRequestStale):
        read(ASKED.as_body(), at=NOON + sign * (CLOCK_SKEW_MAX + timedelta(milliseconds=1)))
