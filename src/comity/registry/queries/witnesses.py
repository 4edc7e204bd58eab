"""Who vouches for this node's log, what other logs showed, and which time stamps came: for overseers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor
from comity.canon import JsonObject, parse_object, stamp
from comity.exchange.card import WITNESS_NAME
from comity.ledger.note import b64
from comity.registry import access, log, vouching
from comity.registry.act import current
from comity.registry.limits import FINDING_BYTES_MAX, PAGE_ROWS_MAX
from comity.registry.models import CosignatureRow, FindingRow, StampRow, WitnessedRow, WitnessRow, WorkRow

STAMP_WORK: Final = "stamp"


@dataclass(frozen=True)
class Witness:
    """One witness: its name, what it cosigned last and when, and why it does not cosign more."""

    name: str
    size: int
    at: datetime | None
    trouble: str


@dataclass(frozen=True)
class Watched:
    """A log that this node watches, and the largest tree of it that it knows to have only grown."""

    origin: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Finding:
    """A log that showed two histories, or less than before; `record` is the proof, for whoever wants to see it."""

    reference: str
    origin: str
    kind: str
    proven: bool
    own: bool
    sizes: tuple[int, int]
    found_by: str
    found_at: datetime
    settled_at: datetime | None
    record: JsonObject

    def as_document(self) -> JsonObject:
        """The proof with what this node says of it."""
        return {
            "reference": self.reference,
            "origin": self.origin,
            "kind": self.kind,
            "proven": self.proven,
            "found_by": self.found_by,
            "found_at": stamp(self.found_at),
            "settled_at": stamp(self.settled_at) if self.settled_at else "",
            "finding": self.record,
        }


@dataclass(frozen=True)
class Token:
    """A time stamp that came: of what, when, and the authority's answer in DER."""

    digest: str
    about: str
    at: datetime
    answer: bytes

    def as_document(self) -> JsonObject:
        """The time stamp as JSON."""
        return {"digest": self.digest, "about": self.about, "at": stamp(self.at), "answer": b64(self.answer)}


@dataclass(frozen=True)
class Vouched:
    """How this node's log is vouched for: how many witnesses it asks for, and how many signed under the newest checkpoint."""

    size: int
    needed: int
    cosigned: int
    witnesses: tuple[Witness, ...]
    watched: tuple[Watched, ...]
    findings: tuple[Finding, ...]
    stamped: int
    waiting: int
    trouble: str


def vouched(*, viewer: Actor) -> Vouched:
    """Everything at a glance; raises `NoSuchThing` for who is no overseer, and `VouchingBroken`."""
    access.why_log(viewer=viewer)
    size = log.sequenced_size()
    told = vouching.witnesses(current())
    names = [*(WITNESS_NAME + one for one in told.peers), *(one.key.name for one in told.others)]
    work = WorkRow.objects.filter(kind=STAMP_WORK, state__in=[WorkRow.OPEN, WorkRow.DEAD]).exclude(trouble="").first()
    return Vouched(
        size=size,
        needed=told.needed,
        cosigned=CosignatureRow.objects.filter(size=size, witness__in=names).count(),
        witnesses=tuple(_witness(name) for name in names),
        watched=tuple(Watched(row.origin, row.size, row.at) for row in WitnessedRow.objects.order_by("origin")),
        findings=findings(viewer=viewer),
        stamped=StampRow.objects.exclude(answer=None).count(),
        waiting=StampRow.objects.filter(answer=None).count(),
        trouble=work.trouble if work else "",
    )


def findings(*, viewer: Actor) -> tuple[Finding, ...]:
    """What logs showed, the open ones and the newest first; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    open_first = [FindingRow.objects.filter(settled_at__isnull=is_open).order_by("-id") for is_open in (True, False)]
    rows = [row for some in open_first for row in some[:PAGE_ROWS_MAX]]
    return tuple(_finding(row) for row in rows[:PAGE_ROWS_MAX])


def time_stamps(*, viewer: Actor) -> Sequence[Token]:
    """The newest time stamps that came; raises `NoSuchThing` for who is no overseer."""
    access.why_log(viewer=viewer)
    rows = StampRow.objects.exclude(answer=None).order_by("-id")[:PAGE_ROWS_MAX]
    return [
        Token(row.digest, row.about, row.stamped_at, bytes(row.answer)) for row in rows if row.answer and row.stamped_at
    ]


def _witness(name: str) -> Witness:
    newest = CosignatureRow.objects.filter(witness=name).order_by("-size").first()
    row = WitnessRow.objects.filter(name=name).first()
    return Witness(
        name=name,
        size=newest.size if newest else 0,
        at=newest.at if newest else None,
        trouble=row.trouble if row else "",
    )


def _finding(row: FindingRow) -> Finding:
    record = parse_object(bytes(row.record), limit=FINDING_BYTES_MAX)
    earlier, later = (int(str(record[name]).split("\n")[1]) for name in ("earlier", "later"))
    return Finding(
        reference=row.reference,
        origin=row.origin,
        kind=row.kind,
        proven=row.proven,
        own=row.origin == current().log_origin or log.ended(row.origin, node=current()) is not None,
        sizes=(earlier, later),
        found_by=row.found_by,
        found_at=row.found_at,
        settled_at=row.settled_at,
        record=record,
    )
