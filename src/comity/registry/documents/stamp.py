"""What a document asks of whoever keeps time."""

from collections.abc import Callable

Stamp = Callable[[bytes], bytes | None]
"""From a SHA-256 to the RFC 3161 token over it (DER), or None where no authority for time answered."""
