"""A node looked over from its raw rows: every signed text against its columns, every chain, every hash, the log against its keys.

* Nothing here changes anything, and no refusal ends it: what differs is named with table, row, and what was found.
* It believes the node's own keys and the cards of its peers, the signatures, and the signed checkpoints; no column.
* What it cannot see is said in `docs/trust.md`: columns that only steer work, and what an operator with all keys rewrites
  together with the log. For that there are witnesses.
"""

from comity.registry.checking import evidence, log, texts, told
from comity.registry.checking.finding import Difference


def differences() -> list[Difference]:
    """Everything on the current node that is not as it was signed, by table and row."""
    found = [
        *texts.differences(),
        *evidence.differences(),
        *told.differences(),
        *log.differences(digests=texts.digests()),
    ]
    return sorted(set(found), key=lambda one: (one.table, one.row, one.what))


__all__ = ["Difference", "differences"]
