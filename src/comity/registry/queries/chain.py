"""The chain of authorisation of a letter and of an item: who asked on which law, who decided on what power, what was done.

It is read from the signed texts that lie at this node, so each side can tell it whole: directory entries of those who
acted came with what they signed, with the entries of who appointed them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.lapse import Lapse
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject, parse_object
from comity.evidence.custody import CustodyEvent, CustodyRecord
from comity.letters.event import Event
from comity.letters.letter import Letter
from comity.letters.life import Step
from comity.registry import access, rows
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import ItemRow, LetterRow, OfficialRow

ASKED: Final = "asked"
ITEMS_MAX: Final = 20
"""Items that one chain shows; the letter's page lists all."""


@dataclass(frozen=True)
class Person:
    """Who acted, in which office, under which mandate, and who appointed them."""

    name: str
    office: str
    authority: str
    node: str
    mandate: str
    appointed_by: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """One act under a link: what (a step or an event of custody), who, and when."""

    what: str
    by: Person
    at: datetime


@dataclass(frozen=True)
class Link:
    """One box of the chain. `law` are articles and their law; `rests_on` names the link that carries this one."""

    key: str
    kind: str
    by: Person | None
    law: tuple[str, ...]
    at: datetime
    until: datetime | None
    rests_on: str
    what: str
    scope: JsonObject
    note: str
    done: tuple[Done, ...]


def of_letter(digest: str, *, viewer: Actor) -> tuple[Link, ...]:
    """The chain of a letter with the items that the viewer may know of; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    links = _decided(row)
    items = ItemRow.objects.filter(letter=row).select_related("letter", "letter__case").order_by("id")
    seen = [one for one in items if _may_know(one, viewer=viewer)]
    return (*links, *(_item(one, links) for one in seen[:ITEMS_MAX]))


def of_item(reference: str, *, viewer: Actor) -> tuple[Link, ...]:
    """The chain of one item: that of its letter, and what was done with it; raises `NoSuchThing`."""
    item = rows.item(reference, viewer=viewer)
    links = _decided(item.letter)
    return (*links, _item(item, links))


def _decided(row: LetterRow) -> tuple[Link, ...]:
    letter = rows.letter_of(row)
    texts = [Statement.from_bytes(bytes(one.statement)) for one in row.authorisations.order_by("id")]
    decisions = [(text.digest, Authorisation.from_body(text.body)) for text in texts]
    events = [Event.from_body(Statement.from_bytes(bytes(one.statement)).body) for one in row.events.order_by("id")]
    lapses = [Lapse.from_body(Statement.from_bytes(bytes(one.statement)).body) for one in row.lapses.order_by("id")]
    people = _people(
        [letter.drafted_by, *(one.by for _, one in decisions), *(one.by for one in events), *(one.by for one in lapses)]
    )
    links = [_asked(row, letter, people)]
    for digest, decision in decisions:
        links.append(_decision(digest, decision, links, people))
    for place, lapse in enumerate(lapses):
        links.append(_lapse(f"lapse-{place}", lapse, people))
    return tuple(_with_steps(links, events, people))


def _asked(row: LetterRow, letter: Letter, people: dict[tuple[str, str, str], Person]) -> Link:
    verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    route = next(one for one in verdict["routes"] if one["id"] == letter.grounding.route)
    return Link(
        key=ASKED,
        kind=ASKED,
        by=_person(letter.drafted_by, people),
        law=(f"{route['title']}, Art. {', '.join(route['articles'])}",),
        at=letter.written_at,
        until=None,
        rests_on="",
        what=letter.subject,
        scope=letter.scope.as_record(),
        note=letter.purpose,
        done=(),
    )


def _decision(
    digest: str, decision: Authorisation, links: list[Link], people: dict[tuple[str, str, str], Person]
) -> Link:
    """A decision rests on what was asked, a recognition on the decision that lets it be asked, a validation on its own."""
    carrier = ASKED
    if decision.kind is AuthorisationKind.VALIDATION:
        carrier = decision.validates
    elif decision.kind is AuthorisationKind.RECOGNITION:
        carrier = next((one.key for one in reversed(links) if one.kind in {"warrant", "emergency"}), ASKED)
    law = tuple(str(decision.legal_basis[name]) for name in ("law", "article", "route"))
    due = decision.validation
    return Link(
        key=digest,
        kind=decision.kind.value,
        by=_person(decision.by, people),
        law=law if not due else (*law, f"Art. {due.article}"),
        at=decision.decided_at,
        until=due.until if due else decision.expires,
        rests_on=carrier,
        what=decision.purpose,
        scope=decision.scope.as_record(),
        note=decision.necessity.aim,
        done=(),
    )


def _lapse(key: str, lapse: Lapse, people: dict[tuple[str, str, str], Person]) -> Link:
    return Link(
        key=key,
        kind="lapse",
        by=_person(lapse.by, people) if lapse.by else None,
        law=(f"Art. {lapse.article}",),
        at=lapse.at,
        until=None,
        rests_on=lapse.authorisation,
        what=lapse.cause.value,
        scope={},
        note=lapse.reason,
        done=(),
    )


def _with_steps(
    links: list[Link], events: Iterable[Event], people: dict[tuple[str, str, str], Person]
) -> Iterator[Link]:
    """Each link with the steps that were taken under it: execution under the recognition, the rest under what was asked."""
    under: dict[str, list[Done]] = {}
    recognition = next((one.key for one in links if one.kind == AuthorisationKind.RECOGNITION.value), "")
    granted = next((one.key for one in links if one.kind in {"warrant", "emergency"}), ASKED)
    for event in events:
        if event.step is Step.RECOGNISE:
            continue
        executed = event.step in {Step.EXECUTE, Step.EXECUTE_PARTLY}
        carrier = recognition if executed and recognition else granted
        under.setdefault(carrier, []).append(Done(what=event.step.value, by=_person(event.by, people), at=event.at))
    for link in links:
        yield Link(**{**vars(link), "done": tuple(under.get(link.key, ()))})


def _item(item: ItemRow, links: tuple[Link, ...]) -> Link:
    """An item rests on the recognition that its acquisition names; every record of its custody was done under it."""
    texts = [Statement.from_bytes(bytes(one.statement)) for one in item.custody.order_by("seq")]
    records = [CustodyRecord.from_body(text.body) for text in texts]
    receivers = [one.facts["receiver"] for one in records if one.event is CustodyEvent.TRANSFER]
    people = _people([*(one.by for one in records), *receivers])
    done = []
    for record in records:
        done.append(Done(what=record.event.value, by=_person(record.by, people), at=record.at))
        if record.event is CustodyEvent.TRANSFER:
            done.append(Done(what="accept", by=_person(record.facts["receiver"], people), at=record.at))
    first = records[0]
    carrier = str(first.facts.get("authorisation", ""))
    until = next((one.until for one in links if one.key == carrier), None)
    return Link(
        key=item.reference,
        kind="item",
        by=_person(first.by, people),
        law=(),
        at=first.at,
        until=until,
        rests_on=carrier if any(one.key == carrier for one in links) else ASKED,
        what=str(item.record["name"]),
        scope={},
        note=_state(item),
        done=tuple(done),
    )


def _state(item: ItemRow) -> str:
    if item.erased_at is not None:
        return "erased"
    if item.sealed_off_at is not None:
        return "sealed_off"
    return "held" if item.held else "handed_over"


def _people(records: Iterable[JsonObject]) -> dict[tuple[str, str, str], Person]:
    """Those who acted, with the names and appointments of their directory entries."""
    wanted = {_name(one): one for one in records if one}
    found = {
        (row.node, row.official, row.mandate): Statement.from_bytes(bytes(row.statement)).body
        for row in OfficialRow.objects.filter(official__in={official for _, official, _ in wanted})
    }
    appointers = {(node, official) for (node, _, _), entry in found.items() for official in entry["enrolled_by"]}
    names = {
        (row.node, row.official): str(Statement.from_bytes(bytes(row.statement)).body["name"])
        for row in OfficialRow.objects.filter(official__in={official for _, official in appointers})
    }
    return {name: _entry(name, record, found.get(name, {}), names) for name, record in wanted.items()}


def _entry(
    name: tuple[str, str, str], record: JsonObject, entry: JsonObject, names: dict[tuple[str, str], str]
) -> Person:
    node, official, mandate = name
    return Person(
        name=str(entry.get("name", official)),
        office=str(record["office"]),
        authority=str(record["authority"]),
        node=node,
        mandate=mandate,
        appointed_by=tuple(names.get((node, one), one) for one in entry.get("enrolled_by", ())),
    )


def _person(record: JsonObject, people: dict[tuple[str, str, str], Person]) -> Person:
    return people[_name(record)]


def _name(record: JsonObject) -> tuple[str, str, str]:
    return str(record["node"]), str(record["official"]), str(record["mandate"])


def _may_know(item: ItemRow, *, viewer: Actor) -> bool:
    try:
        access.why_item(item, viewer=viewer)
    except access.NoSuchThing:
        return False
    return True
