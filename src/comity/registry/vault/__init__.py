"""The vault: sealed items in a folder or a bucket. Write-once, one pass, constant memory, no plaintext on any disk.

    vault/items/<item>.sealed     finished items; never written again
    vault/drafts/...              what is being sealed or is arriving; worthless until it is renamed
    vault/unrecorded/<item>       notes of what is sealed, or is being sealed, and stands in no table yet

A finished item got its name after fsync, and by a link that replaces nothing: there is no half item. What a killed process
leaves in `drafts` is swept (`sweep`) or, if it was arriving, continued where it stopped (`Incoming`). Where `node.toml` names a bucket (`s3`),
finished items lie there instead of in `items`, and `drafts` has notes of what is on its way.
"""

from comity.registry.vault.incoming import Incoming, PartsDoNotJoin
from comity.registry.vault.keys import MonthDestroyed, keep, key_of, rewrap, rewrap_kept, unwrap, unwrap_handed, wrap
from comity.registry.vault.months import (
    MonthStillUsed,
    alone_with,
    destroy_month,
    months,
    present_month,
    successor,
    using,
)
from comity.registry.vault.shelf import AlreadySealed
from comity.registry.vault.sources import opened as source
from comity.registry.vault.store import (
    Sealed,
    ciphertext,
    clear,
    held,
    read,
    read_range,
    seal,
    sealed_sha256,
    size,
    sweep,
)
from comity.registry.vault.unrecorded import left, recorded, throw_away, unrecorded

__all__ = [
    "AlreadySealed",
    "Incoming",
    "MonthDestroyed",
    "MonthStillUsed",
    "PartsDoNotJoin",
    "Sealed",
    "alone_with",
    "ciphertext",
    "clear",
    "destroy_month",
    "discard",
    "held",
    "keep",
    "key_of",
    "left",
    "months",
    "present_month",
    "read",
    "read_range",
    "recorded",
    "rewrap",
    "rewrap_kept",
    "seal",
    "sealed_sha256",
    "size",
    "source",
    "successor",
    "sweep",
    "throw_away",
    "unrecorded",
    "unwrap",
    "unwrap_handed",
    "using",
    "wrap",
]
