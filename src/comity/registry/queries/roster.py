"""The people of this node: who holds which office since when, by whose signatures, with what training, and what happened.

Administrators see everybody. Everybody sees himself, also why he was suspended.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.authorities.standing import Decision, Standing
from comity.authorities.statement import Statement
from comity.authorities.training import Training, TrainingMissing, TrainingPolicy, hold_trained
from comity.canon import JsonObject
from comity.ledger import Entry as LogEntry
from comity.letters.life import State
from comity.registry import access, offices, post
from comity.registry.act import current
from comity.registry.models import DecisionRow, EntryRow, LetterRow, OfficialRow
from comity.registry.queries.people import administers

SIGNATURES_MAX: Final = 20
LEFT_MAX: Final = 50
DRAFTERS_MAX: Final = 200


class Runs(StrEnum):
    """How a mandate stands at a moment."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    RUN_OUT = "run_out"
    NOT_YET = "not_yet"


@dataclass(frozen=True)
class Lack:
    """A power that cannot be used now, the course it asks for, and why that does not count."""

    power: Power
    course: str
    why: str


@dataclass(frozen=True)
class Office:
    """One office of one person: its first mandate, an entry that runs, the training it lacks, how many passkeys sign for it."""

    mandate: str
    entry: Entry
    runs: Runs
    changed_at: datetime | None
    lacks: tuple[Lack, ...]
    passkeys: int


@dataclass(frozen=True)
class Person:
    """A person by the short name, with every office that he has or had, the first one first."""

    official: str
    name: str
    offices: tuple[Office, ...]

    @property
    def in_force(self) -> tuple[Office, ...]:
        """The offices that run."""
        return tuple(one for one in self.offices if one.runs is Runs.IN_FORCE)


@dataclass(frozen=True)
class Happening:
    """Something in the history of a person: `what` is a code, `by` who signed for it, `note` the reason or the course."""

    at: datetime
    what: str
    office: str
    by: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class OpenDecision:
    """A decision that one administrator signed and that waits for the other."""

    reference: str
    decision: Decision
    statement: Statement
    first: str
    second: str
    signed_at: datetime


@dataclass(frozen=True)
class Signed:
    """An act of an official that stands in the log: on which power, and who answers for it."""

    at: datetime
    kind: str
    letter: str
    powers: tuple[str, ...]
    responsible: str


@dataclass(frozen=True)
class LeftOpen:
    """A letter that nobody sent, drafted by a colleague who holds no office now."""

    digest: str
    short: str
    subject: str
    state: State
    drafted_by: str


def roster(*, viewer: Actor, at: datetime) -> list[Person]:
    """Everybody who holds or held an office of this node, by short name; for administrators."""
    if not administers(viewer=viewer):
        return []
    return _people(OfficialRow.objects.filter(node=current().id), at=at)


def person(official: str, *, viewer: Actor, at: datetime) -> Person:
    """One person; for administrators, and for himself. Raises `NoSuchThing`."""
    _hold_may_see(official, viewer=viewer)
    found = _people(OfficialRow.objects.filter(node=current().id, official=official), at=at)
    if not found:
        raise access.NoSuchThing(what="official", reference=official[:40])
    return found[0]


def office_rows(official: str, mandate: str, *, viewer: Actor) -> list[tuple[Entry, Standing]]:
    """The entries of one office that were not ended, one for each passkey, with how each stands. For administrators.

    All of them where all were ended. Raises `NoSuchThing`.
    """
    rows = OfficialRow.objects.filter(node=current().id, official=official).order_by("id")
    home = post.home_of(post.own_card(current()))
    found = [access.entry_of(row, home=home) for row in rows if mandate in {row.mandate, row.beside}]
    if not found or found[0].mandate != mandate or not administers(viewer=viewer):
        raise access.NoSuchThing(what="mandate", reference=mandate[:40])
    held = [(entry, entry.standing) for entry in found]
    return [one for one in held if not one[1].revoked] or held


def newest_decision(official: str, mandate: str, *, viewer: Actor) -> str:
    """The digest of the last decision on this office; empty for none. For administrators."""
    assert administers(viewer=viewer), "administrators decide on mandates"
    decided = DecisionRow.objects.filter(official__node=current().id, official__official=official)
    row = decided.filter(official__mandate=mandate).exclude(decided_at=None).order_by("-decided_at", "-id").first()
    return row.digest if row else ""


def open_decisions(*, viewer: Actor) -> list[OpenDecision]:
    """The decisions that wait for a second signature; for administrators."""
    if not administers(viewer=viewer):
        return []
    return [_open(row) for row in DecisionRow.objects.filter(decided_at=None, dropped_at=None).order_by("id")]


def open_decision(reference: str, *, viewer: Actor) -> OpenDecision:
    """One that waits; raises `NoSuchThing`."""
    found = [one for one in open_decisions(viewer=viewer) if one.reference == reference]
    if not found:
        raise access.NoSuchThing(what="decision", reference=reference[:8])
    return found[0]


def history(official: str, *, viewer: Actor) -> list[Happening]:
    """What happened to a person, the newest first; for administrators, and for himself. Raises `NoSuchThing`."""
    _hold_may_see(official, viewer=viewer)
    found: list[Happening] = []
    for row in OfficialRow.objects.filter(node=current().id, official=official).order_by("id"):
        entry = Entry.from_body(Statement.from_bytes(bytes(row.statement)).body)
        what = "passkey" if row.beside else "appointed"
        found.append(Happening(entry.appointed_at, what, entry.office, entry.enrolled_by, ""))
    decided = DecisionRow.objects.filter(official__node=current().id, official__official=official)
    for one in decided.exclude(decided_at=None).select_related("official").order_by("id"):
        decision = Decision.from_body(Statement.from_bytes(bytes(one.statement)).body)
        assert one.decided_at is not None, "those without a moment were left out"
        what = decision.change.value
        found.append(Happening(one.decided_at, what, one.official.office, decision.by, decision.reason))
    found += [
        Happening(one.at, "trained", "", (str(one.by["official"]),), one.course)
        for one in access.trainings_of(official)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def trainings(official: str, *, viewer: Actor) -> list[Training]:
    """The newest record of each course of a person; for administrators, and for himself. Raises `NoSuchThing`."""
    _hold_may_see(official, viewer=viewer)
    newest = {one.course: one for one in access.trainings_of(official)}
    return [newest[course] for course in sorted(newest)]


def training_policy(*, viewer: Actor) -> TrainingPolicy | None:
    """What this node's powers ask for; None while nothing was decided."""
    return access.training_policy() if access.of_this_node(viewer) else None


def signatures(*, viewer: Actor) -> list[Signed]:
    """The last acts of the viewer that rest on a signed text, the newest first."""
    if not access.of_this_node(viewer):
        return []
    rows = EntryRow.objects.filter(official=viewer.official).exclude(statement="").order_by("-id")[:SIGNATURES_MAX]
    return [_signed(row) for row in rows]


def left_open(*, viewer: Actor, at: datetime) -> list[LeftOpen]:
    """Letters that the viewer may see and that wait unsent, drafted by colleagues of whom no office runs any more."""
    seen = access.visible_letters(viewer=viewer).filter(outgoing=True, state__in=("draft", "authorised"))
    drafters = set(seen.order_by("drafted_by").values_list("drafted_by", flat=True).distinct()[:DRAFTERS_MAX])
    gone = _without_office(drafters, at=at)
    if not gone:
        return []
    drafts = seen.filter(drafted_by__in=gone).defer("statement").order_by("-id")
    return [_left(row) for row in drafts[:LEFT_MAX]]


def standing_open(official: str, *, viewer: Actor) -> dict[str, int]:
    """How much of what a person began stands open, for administrators, who see no letters: how many, not which."""
    if not administers(viewer=viewer):
        return {}
    return {"unsent": len(offices.unsent(official)), "on_the_way": len(offices.on_the_way(official))}


def _hold_may_see(official: str, *, viewer: Actor) -> None:
    if not administers(viewer=viewer) and not (access.of_this_node(viewer) and viewer.official == official):
        raise access.NoSuchThing(what="official", reference=official[:40])


def _people(rows: Iterable[OfficialRow], *, at: datetime) -> list[Person]:
    home = post.home_of(post.own_card(current()))
    policy, on = access.training_policy(), at.astimezone(current().zone).date()
    listed = sorted(rows, key=lambda row: (row.official, row.id))
    held: dict[str, list[Office]] = {}
    for first in (row for row in listed if not row.beside):
        office = [
            row for row in listed if row.official == first.official and first.mandate in {row.mandate, row.beside}
        ]
        row = next((one for one in office if one.ended_at is None), first)
        entry = access.entry_of(row, home=home)
        lacks = _lacks(entry, policy, access.trainings_of(row.official), on=on)
        passkeys = sum(one.ended_at is None for one in office)
        held.setdefault(row.official, []).append(
            Office(
                first.mandate,
                entry,
                _runs(row, entry, at=at),
                entry.standing.changed_at,
                lacks=lacks,
                passkeys=passkeys,
            )
        )
    return [Person(official, found[0].entry.name, tuple(found)) for official, found in held.items()]


def _runs(row: OfficialRow, entry: Entry, *, at: datetime) -> Runs:
    if row.ended_at is not None or entry.standing.revoked:
        return Runs.ENDED
    if at >= entry.until:
        return Runs.RUN_OUT
    if row.suspended_at is not None or entry.standing.suspended:
        return Runs.SUSPENDED
    return Runs.NOT_YET if at < entry.from_ else Runs.IN_FORCE


def _lacks(entry: Entry, policy: TrainingPolicy | None, trained: list[Training], *, on: date) -> tuple[Lack, ...]:
    found = []
    for power in sorted(entry.powers):
        try:
            hold_trained(policy, trained, power=power, who=entry.official, on=on)
        except TrainingMissing as missing:
            found.append(Lack(power=power, course=str(missing.facts["course"]), why=str(missing.facts["why"])))
    return tuple(found)


def _open(row: DecisionRow) -> OpenDecision:
    statement = Statement.from_bytes(bytes(row.statement))
    return OpenDecision(
        reference=row.reference,
        decision=Decision.from_body(statement.body),
        statement=statement,
        first=row.first,
        second=row.second,
        signed_at=row.signed_at,
    )


def _signed(row: EntryRow) -> Signed:
    actor: JsonObject = LogEntry.from_bytes(bytes(row.body)).actor
    return Signed(
        at=row.at,
        kind=row.kind,
        letter=row.letter,
        powers=tuple(str(one) for one in actor.get("power", ())),
        responsible=str(actor.get("responsible", "")),
    )


def _without_office(officials: set[str], *, at: datetime) -> set[str]:
    gone = set(officials)
    for row in OfficialRow.objects.filter(node=current().id, official__in=officials):
        with suppress(MandateNotInForce):
            access.running(row, at=at)
            gone.discard(row.official)
    return gone


def _left(row: LetterRow) -> LeftOpen:
    return LeftOpen(row.digest, row.short, row.subject, State(row.state), row.drafted_by)
