"""The months' keys one after the other: an erasure is final when the key that wrapped the item's key is destroyed.

    2026-11      the first key of November
    2026-11.2    its successor, so that what was erased within November can become final too

How the key of a month goes, so that a crash at any line loses nothing and whoever begins again comes to the same end:

1. `successor` makes the next key. From then on `present_month` names it, and new items are wrapped with it.
2. What survives is wrapped again (`rewrap_kept`) and recorded, item by item.
3. `with alone_with(...)`: nobody records anything that the old key wrapped. If no row names the old key: `destroy_month`.

What is recorded later than it was wrapped is recorded under `using`: it is there before step 3 looks, or refused after it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from comity.errors import N_, ComityError
from comity.registry import keys
from comity.registry.vault import token
from comity.registry.vault.keys import MonthDestroyed, begin


class MonthStillUsed(ComityError):
    """The newest key is in use and is not destroyed."""

    code = "vault.month_still_used"
    sentence = N_("the key of {month} is the newest one, with which new items are wrapped; it is not destroyed")
    hint = N_("Make its successor first, and wrap again what survives.")


def months(folder: Path) -> tuple[str, ...]:
    """The months whose keys are not destroyed yet, oldest first; `2026-11.2` comes after `2026-11`."""
    return keys.months(folder)


def present_month(folder: Path, *, at: datetime) -> str:
    """The name of the key with which items are wrapped at this moment; it may not be made yet."""
    return _newest_of(folder, f"{at:%Y-%m}")


def successor(folder: Path, month: str) -> str:
    """The newest key of the same month, made if `month` is the newest itself; called again it names the same one."""
    newest = _newest_of(folder, month.partition(".")[0])
    if keys.order_of_month(newest) <= keys.order_of_month(month):
        newest = _next(month)
    begin(folder, month=newest)
    return newest


def destroy_month(folder: Path, month: str) -> None:
    """Destroy the key of a month, the file or the key in the token, durably; raises `MonthStillUsed` or `TokenUnusable`.

    Nothing opens with it from the first moment on. What broke off half-way is ended by calling it again; what is gone is gone.
    """
    here = keys.months(folder)
    if month not in here:
        return
    if month == here[-1]:
        raise MonthStillUsed(month=month)
    keys.mark_destroyed(folder, month=month)
    token.destroy(folder, month=month)
    keys.destroy_month_files(folder, month=month)


@contextmanager
def using(folder: Path, month: str) -> Iterator[None]:
    """Hold the key of a month while something that it wrapped is recorded; raises `MonthDestroyed`."""
    with _held(folder, month, alone=False):
        yield


@contextmanager
def alone_with(folder: Path, month: str) -> Iterator[None]:
    """Nobody is `using` the key of a month within; raises `MonthDestroyed` when somebody else destroyed it before."""
    with _held(folder, month, alone=True):
        yield


@contextmanager
def _held(folder: Path, month: str, *, alone: bool) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(keys.month_locked(folder, month=month, alone=alone))
        except FileNotFoundError as gone:
            raise MonthDestroyed(month=month) from gone
        if not alone and keys.is_destroyed(folder, month=month):  # while we waited
            raise MonthDestroyed(month=month)
        yield


def _newest_of(folder: Path, month: str) -> str:
    """The newest key of a month that is not destroyed; the next name, where every one of it is."""
    destroyed = keys.destroyed_months(folder)
    known = {one for one in (*keys.months(folder), *destroyed) if one.partition(".")[0] == month}
    newest = max(known, key=keys.order_of_month, default=month)
    return _next(newest) if newest in destroyed else newest


def _next(month: str) -> str:
    name, generation = keys.order_of_month(month)
    return f"{name}.{generation + 1}"
