"""Sessions that have ended are taken away, a batch at a time: visitors leave many behind who never sign in."""

from django.contrib.sessions.models import Session

from comity.registry import seats
from comity.registry.act import bookkeeping, current
from comity.registry.clock import Clock
from comity.registry.limits import SESSIONS_SWEPT_MAX


def sweep() -> int:
    """Take away sessions whose time is over by the machine's own clock, which browsers go by; how many.

    And the seats of officials whose time is over by the node's clock, which sessions go by.
    """
    seats.sweep(at=current().clock.now())
    over = Session.objects.filter(expire_date__lt=Clock().now()).values_list("session_key", flat=True)
    keys = list(over[:SESSIONS_SWEPT_MAX])
    with bookkeeping():
        Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
