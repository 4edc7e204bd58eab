"""Rows that nobody signed, held to what the log tells: who was let in, who opened, held, flagged and reviewed what, and when.

The entries are read in their order and what they lead to is compared with the tables. A row that the log knows nothing of was put
there; one that it knows and that is not there was taken away.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Model

from comity.authorities.statement import Statement
from comity.canon import JsonObject, sha256_hex, stamp
from comity.errors import ComityError
from comity.exchange.card import NodeCard, read_card
from comity.ledger import cosigners, with_lines
from comity.ledger.entry import Entry
from comity.registry import rows, vouching
from comity.registry.act import current
from comity.registry.checking.finding import Difference, differs
from comity.registry.models import (
    AuthorisationRow,
    CaseMember,
    CaseRow,
    CheckpointRow,
    CosignatureRow,
    DisclosureRow,
    EntryRow,
    ExhibitRow,
    FindingRow,
    HoldRow,
    ItemRow,
    LapseRow,
    OpeningRow,
    PeerRow,
    ReviewRow,
    SelectorRow,
    WitnessedRow,
)

_BROKEN: Final = (ComityError, KeyError, TypeError, ValueError, AttributeError)
REVIEWS: Final = frozenset({"letter.review", "evidence.review"})


@dataclass
class Told:
    """Where the log's entries lead."""

    cases: dict[str, JsonObject] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    selectors: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    offences: dict[str, Any] = field(default_factory=dict)
    openings: dict[str, JsonObject] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    holds: dict[str, JsonObject] = field(default_factory=dict)
    lifted: set[str] = field(default_factory=set)
    flags: dict[str, set[str]] = field(default_factory=dict)
    reviews: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    findings: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    disclosures: dict[str, JsonObject] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        """Take in one entry."""
        kind, facts, who = entry.kind, entry.facts, str(entry.actor.get("official"))
        if kind == "case.opened":
            self.cases[facts["case"]] = facts
            self.members.add((facts["case"], who))
        elif kind == "case.selector_added":
            self.selectors.setdefault((facts["case"], facts["selector"]), [])
        elif kind == "case.selector_flagged":
            self.selectors[facts["case"], facts["selector"]] = facts["flags"]
        elif kind == "case.offences_stated":
            self.offences[facts["case"]] = facts["offences"]
        elif kind == "case.member_added":
            self.members.add((facts["case"], facts["official"]))
        elif kind == "case.member_removed":
            self.members.discard((facts["case"], facts["official"]))
        elif kind in REVIEWS:
            self.reviews[facts["letter"], facts.get("item", ""), who, facts["reason"]] += 1
        else:
            self._more(kind, facts, who)

    def _more(self, kind: str, facts: JsonObject, who: str) -> None:
        if kind == "access.opened":
            self.openings[facts["opening"]] = facts | {"official": who}
        elif kind == "access.alarm_acknowledged":
            self.acknowledged[facts["opening"]] = who
        elif kind == "retention.hold":
            self.holds[facts["hold"]] = facts | {"official": who}
        elif kind == "retention.lift":
            self.lifted.add(facts["hold"])
        elif kind == "evidence.flag":
            self.flags.setdefault(facts["item"], set()).update(facts["flags"])
        elif kind.startswith(("log.fork", "log.rollback")):
            self.findings.add(facts["finding"])
        elif kind == "log.finding.settle":
            self.settled.add(facts["finding"])
        elif kind == "disclosure.issued":
            self.disclosures[facts["disclosure"]] = facts


def differences() -> Iterator[Difference]:
    """Everything that nobody signed and that is not as the log tells it."""
    told = Told()
    for row in EntryRow.objects.order_by("pk").iterator():
        try:
            told.read(Entry.from_bytes(bytes(row.body)))
        except _BROKEN:
            continue  # named where the log is read
    yield from _cases(told)
    yield from _reviews(told)
    yield from _flags(told)
    yield from _by_reference(told)
    yield from _ended()
    yield from _cosigned()
    yield from _witnessed()


def _cases(told: Told) -> Iterator[Difference]:
    yield from _same(CaseRow, told.cases, lambda row: row.reference)
    for case in CaseRow.objects.filter(reference__in=told.cases).order_by("pk"):
        opened = told.cases[case.reference]
        if (found := rows.named_in_the_log(case.title, case.marketplace)) != opened["record"]:
            yield differs(case, "title", found=found, recorded=opened["record"])
        if case.reference in told.offences and case.offences != told.offences[case.reference]:
            yield differs(case, "offences", found=case.offences, recorded=told.offences[case.reference])
        yield from _selectors(case, opened, told)
    members = {(one.case.reference, one.official): one for one in CaseMember.objects.select_related("case")}
    for member in sorted(set(members) - told.members):
        yield differs(members[member], "member", found=member[1], recorded="nobody let in")
    for reference, official in sorted(told.members - set(members)):
        yield _missing(CaseMember, reference[:8], official)


def _selectors(case: CaseRow, opened: JsonObject, told: Told) -> Iterator[Difference]:
    """The selectors of a case are those that it began with and those that were added; flags are what was said last."""
    recorded = {*opened["first"], *(name for reference, name in told.selectors if reference == case.reference)}
    found = set()
    for selector in SelectorRow.objects.filter(case=case).order_by("pk"):
        name = sha256_hex(f"{selector.kind}:{selector.value}".encode())
        found.add(name)
        if name not in recorded:
            yield differs(selector, "value", found=name, recorded="no such selector")
        elif selector.flags != (flags := told.selectors.get((case.reference, name), [])):
            yield differs(selector, "flags", found=selector.flags, recorded=flags)
    for gone in sorted(recorded - found):
        yield _missing(SelectorRow, case.reference[:8], f"a selector whose hash is {gone}")


def _reviews(told: Told) -> Iterator[Difference]:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in ReviewRow.objects.select_related("letter").order_by("pk"):
        name = (row.letter.digest, row.item, row.official, row.reason)
        found[name] += 1
        if found[name] > told.reviews[name]:
            yield differs(row, "review", found=row.official, recorded="no such review")
    for name in sorted(told.reviews - found):
        yield _missing(ReviewRow, name[1][:8] or name[0][:8], name[2])


def _flags(told: Told) -> Iterator[Difference]:
    for model in (ItemRow, ExhibitRow):
        for row in model._default_manager.filter(reference__in=told.flags).order_by("pk"):  # noqa: SLF001 - Django's name
            if not told.flags[row.reference] <= set(row.flags):
                yield differs(row, "flags", found=row.flags, recorded=sorted(told.flags[row.reference]))


def _by_reference(told: Told) -> Iterator[Difference]:
    yield from _same(OpeningRow, told.openings, lambda row: row.reference)
    for opening in OpeningRow.objects.filter(reference__in=told.openings).order_by("pk"):
        facts = told.openings[opening.reference]
        expected = (facts["official"], facts["reason"], facts["until"], told.acknowledged.get(opening.reference, ""))
        found = (opening.official, opening.reason, stamp(opening.until), opening.acknowledged_by)
        if found != expected:
            yield differs(opening, "opening", found=found, recorded=expected)
    yield from _same(HoldRow, told.holds, lambda row: row.reference)
    for hold in HoldRow.objects.select_related("item").filter(reference__in=told.holds).order_by("pk"):
        facts = told.holds[hold.reference]
        recorded = (facts["item"], facts["official"], facts["reason"], facts["until"], hold.reference in told.lifted)
        held = (hold.item.reference, hold.official, hold.reason, stamp(hold.until), hold.lifted_at is not None)
        if held != recorded:
            yield differs(hold, "hold", found=held, recorded=recorded)
    yield from _same(FindingRow, told.findings, lambda row: row.reference)
    for finding in FindingRow.objects.order_by("pk"):
        if (finding.settled_at is not None) is not (finding.reference in told.settled):
            yield differs(finding, "settled_at", found=finding.settled_at, recorded="as the log says")
    yield from _same(DisclosureRow, told.disclosures, lambda row: row.reference)
    for row in DisclosureRow.objects.select_related("case").filter(reference__in=told.disclosures).order_by("pk"):
        facts = told.disclosures[row.reference]
        if (row.case.reference, row.counsel) != (facts["case"], facts["counsel"]):
            yield differs(row, "counsel", found=row.counsel, recorded=facts["counsel"])


def _same(model: type[Model], told: Collection[str], name: Callable[[Any], str]) -> Iterator[Difference]:
    """Exactly the rows of which the log tells."""
    held = {name(row): row for row in model._default_manager.order_by("pk")}  # noqa: SLF001 - Django's public name
    for one in sorted(set(held) - set(told)):
        yield differs(held[one], "row", found=one[:12], recorded="nothing in the log")
    for one in sorted(set(told) - set(held)):
        yield _missing(model, one[:12], "in the log")


def _missing(model: type[Model], name: str, recorded: str) -> Difference:
    return Difference(model._meta.db_table, name, "row", "missing", recorded)  # noqa: SLF001 - Django's public name


def _ended() -> Iterator[Difference]:
    """A decision has ended where its signed end is kept; what it brought is sealed off from then on."""
    ended = dict(LapseRow.objects.values_list("authorisation_id", "at"))
    for decided in AuthorisationRow.objects.order_by("pk"):
        if (decided.withdrawn_at is not None) is not (decided.pk in ended):
            yield differs(decided, "withdrawn_at", found=decided.withdrawn_at, recorded=ended.get(decided.pk))
    letters = set(LapseRow.objects.values_list("letter_id", flat=True))
    for model in (ItemRow, ExhibitRow):
        for thing in model._default_manager.exclude(sealed_off_at=None).order_by("pk"):  # noqa: SLF001 - Django's name
            if thing.letter_id not in letters:
                yield differs(thing, "sealed_off_at", found=thing.sealed_off_at, recorded="no ended decision")


def _cosigned() -> Iterator[Difference]:
    """A line of a witness that is known here holds over the checkpoint of its size."""
    keys = {card.witness.name: card.witness for card in _cards()}
    keys |= {one.key.name: one.key for one in _outside()}
    for row in CosignatureRow.objects.order_by("pk"):
        key, signed = keys.get(row.witness), CheckpointRow.objects.filter(size=row.size).first()
        if key is None:
            continue  # it is no witness any more; its line is served, and counted by nobody who does not know it
        try:
            assert signed is not None, "a cosignature is of a checkpoint"
            if not cosigners(with_lines(bytes(signed.note), [bytes(row.line)]), [key]):
                yield differs(row, "line", found="no signature", recorded=f"one by {row.witness}")
        except (*_BROKEN, AssertionError) as broken:
            yield differs(row, "line", found=broken, recorded=f"a signature by {row.witness}")


def _cards() -> Iterator[NodeCard]:
    for row in PeerRow.objects.order_by("pk"):
        try:
            yield read_card(Statement.from_bytes(bytes(row.card)))
        except _BROKEN:
            continue  # named where its row is read


def _outside() -> list[vouching.Outside]:
    try:
        return list(vouching.witnesses(current()).others)
    except vouching.VouchingBroken:
        return []


def _witnessed() -> Iterator[Difference]:
    """What is remembered of a peer's log is a checkpoint that its key signed."""
    cards = {
        origin: card for card in _cards() for origin in (card.log_origin, *(one.origin for one in card.former_logs))
    }
    for row in WitnessedRow.objects.order_by("pk"):
        card = cards.get(row.origin)
        if card is None:
            continue
        try:
            _, head = card.opened(bytes(row.note), at=None)
        except _BROKEN as broken:
            yield differs(row, "note", found=broken, recorded=f"a checkpoint of {row.origin}")
            continue
        begins = [one.ended for one in card.former_logs[-1:] if row.origin == card.log_origin]
        if (head.size, head.root) != (row.size, bytes(row.root)) or (head.origin != row.origin and head not in begins):
            yield differs(row, "size", found=row.size, recorded=head.size)
