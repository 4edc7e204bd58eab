"""The outbox tries with growing patience, gives up at a limit, and ends with a receipt only."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.delivery import (
    ATTEMPTS_MAX,
    RECEIPT_WAIT_MIN,
    WAIT_MAX,
    WAIT_MIN,
    Delivery,
    DeliveryClosed,
    DeliveryNotDue,
    DeliveryState,
    attempted,
    new_delivery,
    receipted,
)
from stations import NOON

JITTER = st.floats(0, 1)
STEPS = st.lists(st.tuples(st.sampled_from(["accepted", "failed", "receipt"]), JITTER), max_size=2 * ATTEMPTS_MAX)


def tried(delivery: Delivery, *, accepted: bool = False, jitter: float = 1) -> Delivery:
    assert delivery.next_at is not None
    return attempted(delivery, accepted=accepted, at=delivery.next_at, jitter=jitter)


@pytest.mark.parametrize("state", [DeliveryState.RECEIPTED, DeliveryState.DEAD])
@pytest.mark.parametrize("accepted", [True, False])
def test_a_closed_delivery_is_not_attempted(state: DeliveryState, accepted: bool):
    with pytest.raises(DeliveryClosed):
        attempted(Delivery(state, attempts=1, next_at=None), accepted=accepted, at=NOON, jitter=0)


def test_an_attempt_before_its_time_is_refused():
    waiting = tried(new_delivery(at=NOON))
    with pytest.raises(DeliveryNotDue):
        attempted(waiting, accepted=True, at=NOON, jitter=0)


def test_a_delivery_is_due_at_once_and_then_waits_twice_as_long_each_time():
    delivery = new_delivery(at=NOON)
    moments = []
    while delivery.next_at is not None:
        moments.append(delivery.next_at)
        delivery = tried(delivery)
    waits = [later - sooner for sooner, later in pairwise(moments)]
    assert waits[:3] == [WAIT_MIN, 2 * WAIT_MIN, 4 * WAIT_MIN]
    assert waits[-1] == WAIT_MAX


def test_jitter_shortens_a_wait_by_half_at_most():
    delivery = new_delivery(at=NOON)
    assert tried(delivery, jitter=0).next_at == NOON + WAIT_MIN / 2
    assert tried(delivery, jitter=1).next_at == NOON + WAIT_MIN


def test_what_was_sent_is_sent_again_until_there_is_a_receipt():
    sent = tried(new_delivery(at=NOON), accepted=True)
    assert sent == Delivery(DeliveryState.SENT, attempts=1, next_at=NOON + RECEIPT_WAIT_MIN)
    again = tried(sent)
    assert (again.state, again.attempts) == (DeliveryState.SENT, 2)
    assert receipted(again) == Delivery(DeliveryState.RECEIPTED, attempts=2, next_at=None)


def test_a_delivery_dies_at_the_limit_and_a_late_receipt_still_counts():
    delivery = new_delivery(at=NOON)
    for _ in range(ATTEMPTS_MAX):
        delivery = tried(delivery)
    assert delivery == Delivery(DeliveryState.DEAD, attempts=ATTEMPTS_MAX, next_at=None)
    assert receipted(delivery).state is DeliveryState.RECEIPTED


def test_trying_goes_on_for_days_and_ends():
    delivery = new_delivery(at=NOON)
    last = NOON
    while delivery.next_at is not None:
        last = delivery.next_at
        delivery = tried(delivery, jitter=0)
    assert timedelta(days=6) < last - NOON < timedelta(days=7)


@given(steps=STEPS)
def test_whatever_happens_attempts_and_moments_only_grow_and_a_receipt_is_final(steps: list[tuple[str, float]]):
    delivery = new_delivery(at=NOON)
    for what, jitter in steps:
        before = delivery
        if what == "receipt":
            delivery = receipted(delivery)
        elif before.next_at is None:
            with pytest.raises(DeliveryClosed):
                attempted(before, accepted=what == "accepted", at=NOON + timedelta(days=365), jitter=jitter)
        else:
            delivery = tried(before, accepted=what == "accepted", jitter=jitter)
            assert delivery.attempts == before.attempts + 1
        assert delivery.attempts >= before.attempts
        assert delivery.attempts <= ATTEMPTS_MAX
        if before.next_at is not None and delivery.next_at is not None:
            assert delivery.next_at > before.next_at
        if before.state is DeliveryState.RECEIPTED:
            assert delivery == before
        if before.state is DeliveryState.SENT:
            assert delivery.state is not DeliveryState.PENDING
        assert (delivery.next_at is None) == (delivery.state in {DeliveryState.RECEIPTED, DeliveryState.DEAD})
