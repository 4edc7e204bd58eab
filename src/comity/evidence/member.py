"""The members of a bundle: how each kind is named, and how long it may be. Any other name is refused."""

import re
from typing import Final

from comity.evidence.item import ITEM_BYTES_MAX
from comity.evidence.seal import sealed_size

MEMBERS_MAX: Final = 100_000
MANIFEST_BYTES_MAX: Final = 32 * 1024 * 1024
JSON_BYTES_MAX: Final = 4 * 1024 * 1024
CASE_BYTES_MAX: Final = 16 * 1024 * 1024
TOKEN_BYTES_MAX: Final = 64 * 1024
CERTIFICATE_BYTES_MAX: Final = 8 * 1024

MANIFEST: Final = "bundle.json"
DISCLOSURE: Final = "disclosure.json"
"""What a disclosure to the defence has in place of a manifest."""

_SEALED: Final = re.compile(r"items/([0-9a-f]{32})\.sealed")
_TOKEN: Final = re.compile(r"tokens/[0-9a-f]{64}\.tsr")
_CASE: Final = re.compile(r"case/[0-9a-f]{32}\.jsonld")
_CERTIFICATE: Final = re.compile(r"certificates/[a-z0-9-]{1,40}/[0-9]{4}\.der")
_RECORDS: Final = re.compile(
    r"nodes/[a-z0-9-]{1,40}\.json"
    r"|(officials|letters|authorisations|lapses|events)/[0-9a-f]{64}\.json"
    r"|certificates/[a-z0-9-]{1,40}/[0-9]{4}\.json"
    r"|receipts/[0-9a-f]{32}\.json"
    r"|custody/[0-9a-f]{32}/[0-9]{4}\.json"
    r"|law/(edition|verdict)-[0-9a-f]{64}\.json"
    r"|(redacted|existence)/[0-9]{5}\.json"
    r"|log/[a-z0-9-]{1,40}/(checkpoint|(0|[1-9][0-9]{0,15})\.json)"
)


def node_member(node: str) -> str:
    """The name under which a node's card lies."""
    return f"nodes/{node}.json"


def official_member(digest: str) -> str:
    """The name of a directory entry, by its digest."""
    return f"officials/{digest}.json"


def letter_member(digest: str) -> str:
    """The name of a letter, by its digest."""
    return f"letters/{digest}.json"


def authorisation_member(digest: str) -> str:
    """The name of an authorisation, by its digest."""
    return f"authorisations/{digest}.json"


def lapse_member(digest: str) -> str:
    """The name of the text that ended an authorisation, by its digest."""
    return f"lapses/{digest}.json"


def event_member(digest: str) -> str:
    """The name of an event in a letter's life, by its digest."""
    return f"events/{digest}.json"


def receipt_member(message: str) -> str:
    """The name of a receipt, by the message it is for."""
    return f"receipts/{message}.json"


def custody_member(item: str, *, seq: int) -> str:
    """The name of an item's custody record."""
    return f"custody/{item}/{seq:04}.json"


def sealed_member(item: str) -> str:
    """The name of a sealed item."""
    return f"items/{item}.sealed"


def edition_member(hash_: str) -> str:
    """The name of an edition of the law, by its hash."""
    return f"law/edition-{hash_}.json"


def verdict_member(digest: str) -> str:
    """The name of a verdict of the law, by its digest."""
    return f"law/verdict-{digest}.json"


def checkpoint_member(node: str) -> str:
    """The name of a log's checkpoint."""
    return f"log/{node}/checkpoint"


def entry_member(node: str, *, index: int) -> str:
    """The name of a log entry with its proof."""
    return f"log/{node}/{index}.json"


def token_member(digest: str) -> str:
    """The name of a time stamp, by the digest that was stamped."""
    return f"tokens/{digest}.tsr"


def case_member(item: str) -> str:
    """The name of an item's CASE/UCO description."""
    return f"case/{item}.jsonld"


def certificate_member(node: str, *, year: int) -> str:
    """The name of the certificate under which a node signed papers in a year (X.509, DER)."""
    return f"certificates/{node}/{year:04}.der"


def document_key_member(node: str, *, year: int) -> str:
    """The name of the statement by which a node vouches for that certificate."""
    return f"certificates/{node}/{year:04}.json"


def redacted_member(number: int) -> str:
    """The name of a text that is disclosed in part, by its line."""
    return f"redacted/{number:05}.json"


def existence_member(number: int) -> str:
    """The name of the proof that a line of a disclosure stands in the log."""
    return f"existence/{number:05}.json"


def is_sealed(name: str) -> bool:
    """Whether a member of this name is a sealed item."""
    return bool(_SEALED.fullmatch(name))


def bytes_max(name: str) -> int | None:
    """The most bytes that a member of this name has; None if no member is named so."""
    if name in {MANIFEST, DISCLOSURE}:
        return MANIFEST_BYTES_MAX
    if is_sealed(name):
        return sealed_size(ITEM_BYTES_MAX)
    if _TOKEN.fullmatch(name):
        return TOKEN_BYTES_MAX
    if _CERTIFICATE.fullmatch(name):
        return CERTIFICATE_BYTES_MAX
    if _CASE.fullmatch(name):
        return CASE_BYTES_MAX
    return JSON_BYTES_MAX if _RECORDS.fullmatch(name) else None
