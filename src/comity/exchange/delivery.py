"""The outbox: one message on its way to one node, from the first attempt to the receipt.

    pending --accepted--> sent --receipt--> receipted
    pending, sent --exhausted--> dead --receipt--> receipted

* `sent` means that the other node took the bytes; only its receipt ends the delivery. Until then it is sent again.
* A receipt counts whenever it comes: before the answer to our own attempt, or after we gave up. It is never undone.
* The wait doubles up to `WAIT_MAX`; `jitter` (0 to 1, drawn by the caller) spreads nodes that fail together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.canon import stamp
from comity.errors import N_, ComityError

WAIT_MIN: Final = timedelta(seconds=1)
WAIT_MAX: Final = timedelta(hours=6)
RECEIPT_WAIT_MIN: Final = timedelta(minutes=5)
"""A node that took a message gets this long to sign its receipt before it is asked again."""
ATTEMPTS_MAX: Final = 64
"""With `WAIT_MAX` between most of them: seven to fourteen days of trying."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    RECEIPTED = "receipted"
    DEAD = "dead"


class DeliveryClosed(ComityError):
    """Nothing is to be sent any more."""

    code = "exchange.delivery_closed"
    sentence = N_("this delivery is {state}; there is nothing to send")


class DeliveryNotDue(ComityError):
    """An attempt before its time."""

    code = "exchange.delivery_not_due"
    sentence = N_("this delivery is due at {next_at}, and it is {now}")


@dataclass(frozen=True)
class Delivery:
    """`next_at` is the moment of the next attempt; None once there is none."""

    state: DeliveryState
    attempts: int
    next_at: datetime | None


_AFTER_ATTEMPT: Final[Mapping[tuple[DeliveryState, bool], DeliveryState]] = MappingProxyType(
    {
        (DeliveryState.PENDING, True): DeliveryState.SENT,
        (DeliveryState.PENDING, False): DeliveryState.PENDING,
        (DeliveryState.SENT, True): DeliveryState.SENT,
        (DeliveryState.SENT, False): DeliveryState.SENT,
    }
)
"""(state, accepted) to the next state; what is not listed is no step."""


def new_delivery(*, at: datetime) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(state=DeliveryState.PENDING, attempts=0, next_at=at)


def attempted(delivery: Delivery, *, accepted: bool, at: datetime, jitter: float) -> Delivery:
    """The delivery after one more attempt at that moment; raises `DeliveryClosed` or `DeliveryNotDue`."""
    assert 0 <= jitter <= 1, "jitter is drawn by our own job"
    state = _AFTER_ATTEMPT.get((delivery.state, accepted))
    if state is None or delivery.next_at is None:
        raise DeliveryClosed(state=delivery.state.value)
    if at < delivery.next_at:
        raise DeliveryNotDue(next_at=stamp(delivery.next_at), now=stamp(at))
    attempts = delivery.attempts + 1
    if attempts >= ATTEMPTS_MAX:
        return Delivery(state=DeliveryState.DEAD, attempts=attempts, next_at=None)
    return Delivery(state=state, attempts=attempts, next_at=at + _wait(attempts, accepted=accepted, jitter=jitter))


def receipted(delivery: Delivery) -> Delivery:
    """The delivery with its receipt, whatever it was before."""
    return Delivery(state=DeliveryState.RECEIPTED, attempts=delivery.attempts, next_at=None)


def _wait(attempts: int, *, accepted: bool, jitter: float) -> timedelta:
    """Between half and all of the doubled wait."""
    # the exponent is bounded before it is used: timedelta overflows long before ATTEMPTS_MAX doublings
    doubled = min(WAIT_MAX, WAIT_MIN * (1 << min(attempts - 1, 20)))
    wait = doubled * (0.5 + jitter / 2)
    return max(RECEIPT_WAIT_MIN, wait) if accepted else wait
