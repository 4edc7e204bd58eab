"""Time stamps (RFC 3161): what wants one is queued as work, asked for, verified, and kept. Nothing waits for it.

* Checkpoints get one on a beat of their own, so that tokens tell no more of a node's activity than checkpoints do, and
  each acquisition of evidence gets one for its custody record.
* An authority that does not answer is asked again with growing pauses; what it answers is kept only if it verifies.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from comity.errors import N_, ComityError
from comity.evidence.custody import CustodyEvent
from comity.ledger import text_digest
from comity.ledger.time_stamp import REQUEST_TYPE, StampBroken, stamp_request, trusted_roots, verify_stamp
from comity.registry import log, post, stamps, vouching, work
from comity.registry.act import bookkeeping, current
from comity.registry.models import CustodyRow, StampRow
from comity.registry.queries.witnesses import STAMP_WORK
from comity.registry.work import Leased

CHECKPOINT, ACQUISITION = "checkpoint", "acquisition"
CHECKPOINT_PAUSE: Final = timedelta(minutes=10)
QUEUED_AT_ONCE_MAX: Final = 100
CLOCKS_APART_MAX: Final = timedelta(minutes=5)
OK: Final = 200


class NoTimeAuthority(ComityError):
    """A token is to be asked for, and `node.toml` names nobody to ask."""

    code = "registry.no_time_authority"
    sentence = N_("node.toml names no time-stamping authority")
    hint = N_("Add [time_stamps] to node.toml: url, roots and policies.")


class TimeAuthorityRefused(ComityError):
    """The time-stamping authority answered, and not with a token."""

    code = "registry.time_authority_refused"
    sentence = N_("the time-stamping authority at {url} did not stamp: {why}")


def catch_up(*, at: datetime) -> int:
    """Queue what wants a stamp and has none yet, if there is somebody to ask; how many were queued.

    Raises `VouchingBroken`.
    """
    if vouching.authority(current()) is None:
        return 0
    _note_checkpoint(at=at)
    _note_acquisitions(at=at)
    waiting = list(StampRow.objects.filter(stamped_at=None).order_by("id")[:QUEUED_AT_ONCE_MAX])
    with bookkeeping():
        for row in waiting:
            work.enqueue(kind=STAMP_WORK, lane=STAMP_WORK, about=row.digest, at=at)
    return len(waiting)


def stamp(leased: Leased, *, at: datetime) -> None:
    """Ask for one token, verify it and keep it; raises what the next try may change."""
    row = StampRow.objects.get(digest=leased.about)
    if row.answer is not None:
        work.done(leased)
        return
    authority = vouching.authority(current())
    if authority is None:
        raise NoTimeAuthority
    digest, nonce = bytes.fromhex(row.digest), secrets.randbits(63) + 1
    policy = authority.policies[0] if authority.policies else ""
    request = stamp_request(digest, nonce=nonce, policy=policy)
    status, answer = post.submit(authority.url, request, to="time stamps", type_=REQUEST_TYPE)
    if status != OK:
        raise TimeAuthorityRefused(url=authority.url, why=f"HTTP {status}")
    roots = trusted_roots(authority.roots)
    found = verify_stamp(answer, digest=digest, roots=roots, policies=authority.policies, nonce=nonce)
    _hold_time(row.digest, found.at, at=at)
    with bookkeeping():
        StampRow.objects.filter(digest=row.digest, answer=None).update(answer=answer, stamped_at=found.at)
    work.done(leased)


def _hold_time(digest: str, said: datetime, *, at: datetime) -> None:
    """Hold that the authority means this moment: its clock and the machine's are not far apart. Raises `StampBroken`."""
    machine = at - current().clock.offset  # a drill's clock is moved, the authority's is not
    if abs(said - machine) > CLOCKS_APART_MAX:
        raise StampBroken(digest=digest[:16], why=f"it says {said.isoformat()}, this machine {machine.isoformat()}")


def _note_checkpoint(*, at: datetime) -> None:
    newest = StampRow.objects.filter(about=CHECKPOINT).order_by("-id").first()
    if newest is not None and at - newest.asked_at < CHECKPOINT_PAUSE:
        return
    _, signed = log.newest_checkpoint()
    with bookkeeping():
        stamps.time_stamp(text_digest(signed), about=CHECKPOINT, at=at)


def _note_acquisitions(*, at: datetime) -> None:
    noted = StampRow.objects.filter(about=ACQUISITION).values("digest")
    fresh = CustodyRow.objects.filter(event=CustodyEvent.ACQUISITION.value).exclude(digest__in=noted)
    digests = list(fresh.order_by("id").values_list("digest", flat=True)[:QUEUED_AT_ONCE_MAX])
    with bookkeeping():
        for digest in digests:
            stamps.time_stamp(digest, about=ACQUISITION, at=at)
