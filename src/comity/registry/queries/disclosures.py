"""What is held in a case, as a disclosure to the defence has to list it; and disclosures as those see them to whom they were made."""

from collections.abc import Iterator
from dataclasses import dataclass

from comity.authorities.officials import Proven
from comity.authorities.roles import Actor, Role
from comity.authorities.statement import Statement
from comity.canon import JsonObject, stamp
from comity.errors import N_, ComityError
from comity.evidence.disclosure import Disclosure, Kind, read_disclosure
from comity.registry import access, rows
from comity.registry.limits import PAGE_ROWS_MAX
from comity.registry.models import CaseRow, DisclosureRow, EntryRow, EventRow, ExhibitRow, ItemRow, LetterRow
from comity.registry.queries.people import directory, known


class PlacePending(ComityError):
    """Something of the case has no place in the log yet."""

    code = "disclosures.place_pending"
    sentence = N_("{kind} {reference} has no place in the log yet")
    hint = N_("An entry is sequenced within moments of its act; try again shortly.")


@dataclass(frozen=True)
class Held:
    """One thing that is held in a case: what it is called here, and where the log recorded it."""

    kind: Kind
    reference: str
    digest: str
    label: str
    index: int
    leaf: str
    erased: bool = False

    @property
    def name(self) -> str:
        """By which an official names it."""
        return f"{self.kind.value}:{self.reference}"


def held_in(case: str, *, viewer: Actor) -> list[Held]:
    """Everything that is held in a case; raises `NoSuchThing` for who is no member of it, or `PlacePending`."""
    row = rows.case(case, viewer=viewer)
    access.hold_case(row, actor=viewer)
    return list(_held(row))


def _held(case: CaseRow) -> Iterator[Held]:
    for letter in LetterRow.objects.filter(case=case).order_by("pk"):
        yield _logged(Kind.LETTER, letter.reference, letter.digest, letter.short, [letter.digest])
        for decided in letter.authorisations.order_by("pk"):
            cited = [decided.digest, *_events_that_cite(letter, decided.digest)]
            label = f"{decided.kind} {letter.short}"
            yield _logged(Kind.AUTHORISATION, decided.reference, decided.digest, label, cited)
    for item in ItemRow.objects.filter(letter__case=case).order_by("pk"):
        digests = list(item.custody.order_by("seq").values_list("digest", flat=True))
        erased = item.erased_at is not None
        yield _logged(Kind.ITEM, item.reference, digests[0], str(item.record["name"]), digests, erased=erased)
    for exhibit in ExhibitRow.objects.filter(letter__case=case).order_by("pk"):
        digests = list(exhibit.custody.order_by("seq").values_list("digest", flat=True))
        yield _logged(Kind.EXHIBIT, exhibit.reference, digests[0], exhibit.number, digests)


def _events_that_cite(letter: LetterRow, decision: str) -> list[str]:
    """A recognition is logged with the event that cites it, and has no entry of its own."""
    found = []
    for event in EventRow.objects.filter(letter=letter).order_by("pk"):
        facts = Statement.from_bytes(bytes(event.statement)).body.get("facts")
        if isinstance(facts, dict) and facts.get("authorisation") == decision:
            found.append(event.digest)
    return found


def _logged(
    kind: Kind, reference: str, digest: str, label: str, statements: list[str], *, erased: bool = False
) -> Held:
    entry = EntryRow.objects.filter(statement__in=statements).exclude(index=None).order_by("index").first()
    if entry is None or entry.index is None:
        raise PlacePending(kind=kind.value, reference=reference[:8])
    return Held(kind, reference, digest, label, entry.index, bytes(entry.leaf_hash).hex(), erased)


def counsel(*, viewer: Actor) -> list[JsonObject]:
    """Counsel for the defence whose mandates run at this node, as they are named in texts, by name."""
    found = [one for one in directory(viewer=viewer) if one.role is Role.DEFENCE]
    return [{"name": one.name, **one.actor.as_record()} for one in sorted(found, key=lambda one: one.name)]


def newest_to(case: str, counsel_: str, *, viewer: Actor) -> DisclosureRow | None:
    """The newest disclosure of a case to this counsel, if there is one."""
    found = access.visible_disclosures(viewer=viewer).filter(case__reference=case, counsel=counsel_)
    return found.order_by("-pk").first()


def disclosures(*, viewer: Actor) -> list[JsonObject]:
    """The disclosures that this viewer sees, the newest first."""
    found = access.visible_disclosures(viewer=viewer).order_by("-pk")[:PAGE_ROWS_MAX]
    return [_line(row) for row in found]


def _line(row: DisclosureRow) -> JsonObject:
    told = Disclosure.from_body(Statement.from_bytes(bytes(row.statement)).body)
    states = [one.outcome.value for one in told.things]
    return {
        "disclosure": row.reference,
        "counsel": row.counsel,
        "for": told.for_,
        "at": stamp(row.at),
        "by": told.by["official"],
        "previous": told.previous,
        "counts": {state: states.count(state) for state in sorted(set(states))},
        "things": len(states),
    }


def proven(reference: str, *, viewer: Actor) -> tuple[DisclosureRow, Proven[Disclosure]]:
    """A disclosure with its signatures; raises `NoSuchThing`."""
    row = rows.disclosure(reference, viewer=viewer)
    return row, read_disclosure(Statement.from_bytes(bytes(row.statement)), known=known({}, viewer=viewer))


def disclosure(reference: str, *, viewer: Actor) -> JsonObject:
    """A disclosure as its reader sees it: every line, and the custody of what is disclosed. Raises `NoSuchThing`."""
    row, told = proven(reference, viewer=viewer)
    lines = []
    for one in told.record.things:
        line: JsonObject = {**one.as_record(), "label": "", "custody": []}
        if one.opened is not None:
            line |= _opened(row, one.kind, one.opened.reference)
        lines.append(line)
    return {**_line(row), "why_you_see_it": access.why_disclosure(row, viewer=viewer), "lines": lines}


def _opened(row: DisclosureRow, kind: Kind, reference: str) -> JsonObject:
    """What is told of a disclosed thing: its name, and what was done with it."""
    if kind in {Kind.LETTER, Kind.AUTHORISATION}:
        letters = LetterRow.objects.filter(case=row.case)
        letter = (
            letters.filter(reference=reference).first() or letters.filter(authorisations__reference=reference).first()
        )
        return {"label": letter.short if letter else ""}
    model = ItemRow if kind is Kind.ITEM else ExhibitRow
    thing = model._default_manager.get(reference=reference)  # noqa: SLF001 - Django's public name
    links = [Statement.from_bytes(bytes(one.statement)).body for one in thing.custody.order_by("seq")]
    custody = [
        {"at": one["at"], "event": one["event"], "node": one["node"], "by": one["by"]["official"]} for one in links
    ]
    label = str(thing.record["name"]) if kind is Kind.ITEM else str(thing.record["number"])
    return {"label": label, "custody": custody, "sha256": thing.record.get("sha256", "")}
