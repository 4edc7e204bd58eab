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

COMPETENCE_ENTRIES_MAX: Final = 500
"""Entries of the directory of competence that one node keeps, or that are kept of one peer."""

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

SESSIONS_OF_ONE_OFFICIAL_MAX: Final = 10
"""Sessions that an official has at one time; one more ends the oldest."""

CREDENTIALS_ASKED_MAX: Final = 3
"""Further passkeys and subjects of single sign-on that an official has asked for and nobody has decided on."""

SIGN_ON_BYTES_MAX: Final = 256 * 1024
"""One answer of the provider of single sign-on."""

SIGN_ON_SECONDS_MAX: Final = 5.0
"""How long the provider of single sign-on may take to answer."""

SIGN_ON_SKEW_SECONDS_MAX: Final = 60
"""How far the clock of the provider may be off."""

SIGN_ON_AGE_SECONDS_MAX: Final = 600
"""How old a token of the provider may be, and how long a browser may be away to get one."""

FINDING_BYTES_MAX: Final = 512 * 1024
"""What is kept of a log that showed two histories: both checkpoints, and the path between them."""

HTTP_SECONDS_MAX: Final = 10.0
"""How long a peer may take for the next step of its answer."""

CALL_SECONDS_MAX: Final = 60.0
"""How long a whole call to a peer, a witness or a time-stamping authority may take, however it answers."""

OPENINGS_PER_DAY_MAX: Final = 3
"""Things that one official opens in an emergency within a day."""
