"""Time stamps of digests: what is to be stamped is noted in the act that makes it; a job asks the authority.

`time_stamp` opens no transaction and asks nobody, so that acts can call it. Without an authority in `node.toml` a digest waits
until there is one; the moment in its token is then that later one.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from comity.registry.models import StampRow


def time_stamp(digest: str, *, about: str, at: datetime) -> None:
    """Note that a SHA-256 digest (hexadecimal) wants a time stamp; once for each digest. `about` says of what, in a word."""
    StampRow.objects.get_or_create(digest=digest, defaults={"about": about, "asked_at": at})


def tokens(digests: Collection[str]) -> Mapping[str, bytes]:
    """The authority's answers (RFC 3161, DER) for those of these digests that have one, by digest."""
    rows = StampRow.objects.filter(digest__in=list(digests)).exclude(answer=None)
    return {row.digest: bytes(row.answer) for row in rows if row.answer is not None}
