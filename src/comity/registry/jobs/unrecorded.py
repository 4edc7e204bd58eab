"""What was sealed and never recorded is thrown away with its key, which nobody kept."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from comity.errors import ComityError
from comity.registry import vault
from comity.registry.act import current
from comity.registry.clock import Clock
from comity.registry.models import ItemRow

KEPT: Final = timedelta(days=1)
"""A text is signed within minutes of being shown; after a day nobody records what was sealed for it."""


def sweep() -> int:
    """Throw away sealed items that nobody recorded within a day, by the machine's own clock; how many."""
    folder, swept = current().vault, 0
    for item in vault.left(folder, before=Clock().now() - KEPT):
        if ItemRow.objects.filter(reference=item).exists():
            vault.recorded(folder, item)  # the process was killed when all but this was done
            continue
        with suppress(ComityError):  # a bucket that does not answer: the note stays, and the next sweep asks again
            vault.throw_away(folder, item)
            swept += 1
    return swept
