"""Every limit on what comes from outside, by name, in one place."""

from typing import Final

ENVELOPE_BYTES_MAX: Final = 4 * 1024 * 1024
"""One message between nodes, sealed."""

CHUNK_BYTES: Final = 4 * 1024 * 1024
"""Ciphertext asked for in one request while evidence is moved."""

MESSAGES_PER_MINUTE_MAX: Final = 600
"""Messages of one peer that take effect within a minute; more are asked for again later."""

REFUSALS_LOGGED_PER_HOUR_MAX: Final = 60
"""Refusals of one peer that become log entries; more are counted only."""

PAGE_ROWS_MAX: Final = 200
"""Rows that one query returns."""

RECEIPT_LOG_SECONDS: Final = 3600
"""Within this time of a receipt its entry stands under a signed checkpoint."""

ATTEMPTS_MAX: Final = 60
"""Tries of one piece of work before it is laid aside for a person."""

EVIDENCE_BYTES_MAX: Final = 64 * 2**30
"""One item of evidence that this node takes over from another."""

UPLOADS_AT_ONCE_MAX: Final = 16
"""Files that people send to this node at one time; each holds a thread while it comes."""

SESSIONS_SWEPT_MAX: Final = 5000
"""Ended sessions that one sweep of the worker takes away."""

HTTP_SECONDS_MAX: Final = 10.0
"""How long a peer may take to answer."""
