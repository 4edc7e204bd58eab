"""Exactly once: what an incoming message is, judged by what the inbox keeps under its sender and id.

* The index of (sender, message id) with the digest is permanent: an envelope may come again after weeks by courier.
* The digest is that of the signed text, never of the ciphertext, which differs each time something is sealed.
"""

from enum import StrEnum

from comity.errors import N_, ComityError
from comity.exchange.envelope import Received


class Outcome(StrEnum):
    """`NEW` is to be stored and acted on; `DUPLICATE` is answered with the receipt that was given before."""

    NEW = "new"
    DUPLICATE = "duplicate"


class ReplayedWithOtherContent(ComityError):
    """A second text under an id that the sender has already used."""

    code = "exchange.replayed_with_other_content"
    sentence = N_("node {sender} has sent message {id} before with another text: {stored} then, {found} now")
    hint = N_("The sender signed both: keep both, and ask which one holds. The first stays in force.")


def judge(received: Received, *, stored_digest: str | None) -> Outcome:
    """Whether the message is new, given the digest kept under (sender, id); raises `ReplayedWithOtherContent`."""
    if stored_digest is None:
        return Outcome.NEW
    if stored_digest == received.digest:
        return Outcome.DUPLICATE
    raise ReplayedWithOtherContent(
        sender=received.sender, id=received.id, stored=stored_digest[:12], found=received.digest[:12]
    )
