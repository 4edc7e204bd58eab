"""The directory of competence as the officials of a node read it: every entry with its marks, and who is competent for what.

Each reading checks every signature again, so that a changed row decides nothing. What states declared under treaties is
read from the packaged law; it stands beside the entries, marked as seeded.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from comity.authorities.competence import Competence, read_competence
from comity.authorities.competent import Answer, Declared, Held, Mark, Reliance, competent, marks_of, reliance_of
from comity.authorities.directory import Entry, Home
from comity.authorities.officials import Officials
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.exchange.announcement import announcement
from comity.law import Edition, ValueUnknown
from comity.law.levels import Weight, row_weight
from comity.law.logic import Truth
from comity.law.rules import Channel, Instrument, Measure
from comity.registry import access
from comity.registry.act import current
from comity.registry.models import CompetenceRow, CompetenceTold, PeerRow
from comity.registry.queries.people import entries_of, known

_AT_HOME: Final = frozenset({"domestic", "unilateral", "condition", "duty"})


@dataclass(frozen=True)
class Listed:
    """An entry as the directory shows it; `ours`: this node keeps it."""

    held: Held
    marks: tuple[Mark, ...]
    reliance: Reliance
    ours: bool
    kept_at: datetime

    def as_json(self) -> JsonObject:
        """For machines."""
        return {
            "digest": self.held.digest,
            "marks": [one.value for one in self.marks],
            "reliance": self.reliance.value,
            "ours": self.ours,
            "entry": self.held.entry.as_body(),
        }


@dataclass(frozen=True)
class Directory:
    """The newest version of every entry, and the references of those whose text can no longer be read."""

    entries: tuple[Listed, ...]
    unreadable: tuple[str, ...]


def directory(*, viewer: Actor, at: datetime) -> Directory:
    """Every entry, ours first, then by state and authority; nobody else's officials read it."""
    if not access.of_this_node(viewer):
        return Directory((), ())
    rows = list(CompetenceRow.objects.filter(newest=True))
    who = known({}, viewer=viewer)
    found, unreadable = [], []
    for row in rows:
        held = _held(row, who=who)
        if held is None:
            unreadable.append(row.reference)
        else:
            found.append(_listed(row, held, at=at))
    found.sort(key=lambda one: (not one.ours, one.held.entry.state, one.held.entry.authority, one.held.entry.reference))
    return Directory(tuple(found), tuple(sorted(unreadable)))


def versions(node: str, reference: str, *, viewer: Actor, at: datetime) -> list[Listed]:
    """Every version of one entry, the newest first; raises `NoSuchThing`."""
    found = _rows(node, reference, viewer=viewer)
    who = known({}, viewer=viewer)
    read = [(row, _held(row, who=who)) for row in found]
    return [_listed(row, held, at=at) for row, held in read if held is not None]


def entry_statement(node: str, reference: str, *, viewer: Actor) -> Statement:
    """The newest version of an entry as it was signed; raises `NoSuchThing`."""
    return Statement.from_bytes(bytes(_rows(node, reference, viewer=viewer)[0].statement))


def announcement_of(node: str, reference: str, *, viewer: Actor) -> JsonObject:
    """The newest version of an entry as it is told to other nodes, or carried to them as a file; raises `NoSuchThing`."""
    return message_for(entry_statement(node, reference, viewer=viewer), viewer=viewer)


def message_for(entry: Statement, *, viewer: Actor) -> JsonObject:
    """An entry with those who signed it and those who enrolled them."""
    return announcement(entry, officials=entries_of([entry.body["by"]], viewer=viewer))


def untold(*, viewer: Actor) -> list[tuple[str, str]]:
    """Which peer was not told of which entry of this node yet: pairs of node and digest."""
    if not access.of_this_node(viewer):
        return []
    ours = dict(CompetenceRow.objects.filter(node=current().id, newest=True).values_list("id", "digest"))
    told = set(CompetenceTold.objects.filter(entry__in=ours).values_list("peer", "entry"))
    peers = PeerRow.objects.order_by("node").values_list("node", flat=True)
    return [(peer, digest) for peer in peers for row, digest in sorted(ours.items()) if (peer, row) not in told]


def reference_of(digest: str, *, viewer: Actor) -> str:
    """The reference of an entry of this node by the digest of its newest text; raises `NoSuchThing`."""
    row = CompetenceRow.objects.filter(node=current().id, digest=digest, newest=True).first()
    if row is None or not access.of_this_node(viewer):
        raise access.NoSuchThing(what="entry", reference=digest[:8])
    return row.reference


def who_is_competent(measure: str, *, state: str, territory: str, viewer: Actor, at: datetime) -> Answer:
    """Who is competent for a kind of measure in a state (or `territory`, a part of it): entries and declarations.

    Raises `ValueUnknown` for a measure or state that the law does not know, `TerritoryUnknown`, and `NoSuchThing` for
    somebody of another node.
    """
    if not access.of_this_node(viewer):
        raise access.NoSuchThing(what="directory", reference=current().id)
    edition = Edition.packaged()
    if measure not in edition.kinds:
        raise ValueUnknown(field="measure", found=measure[:60], allowed=", ".join(edition.kinds))
    if state not in edition.states:
        raise ValueUnknown(field="state", found=state[:20], allowed=", ".join(sorted(edition.states)))
    who = known({}, viewer=viewer)
    rows = CompetenceRow.objects.filter(newest=True, state=state)
    held = [one for one in (_held(row, who=who) for row in rows) if one is not None]
    return competent(
        measure,
        state=state,
        territory=territory or state,
        held=held,
        declared=declared(measure, state=state, on=at.date(), viewer=viewer),
        at=at,
    )


def declared(measure: str, *, state: str, on: date, viewer: Actor) -> tuple[Declared, ...]:
    """Authorities that a state named under the instruments that know the measure, from the packaged law."""
    assert access.of_this_node(viewer), "asked for an official or a machine of this node"
    return _declared(measure, state, on)


@lru_cache(maxsize=1024)
def _declared(measure: str, state: str, on: date) -> tuple[Declared, ...]:
    edition = Edition.packaged()
    found: dict[Declared, None] = {}  # in order, each once
    for name, instrument in sorted(edition.instruments.items()):
        concerned = [one for one in instrument.measures.values() if _answers(one, measure)]
        if not concerned:
            continue
        channels = list(_channels(instrument, concerned))
        articles = [channel.article for channel in channels] + [one for held in concerned for one in held.articles]
        for row in edition.document["instruments"][name].get("declarations", []):
            if row["iso2"] == state and row["type"] == "authority":
                found[_of_row(row, instrument, articles=articles, on=on)] = None
        for channel in channels:
            found |= dict.fromkeys(_of_network(edition, channel, state=state))
    return tuple(found)


def _answers(held: Measure, measure: str) -> bool:
    """Whether a measure between states is one of this kind; a power at home is nobody's competence for another state."""
    return held.reach not in _AT_HOME and measure in {held.kind, *held.also, *held.answers}


def _channels(instrument: Instrument, concerned: Iterable[Measure]) -> Iterator[Channel]:
    """Under which articles the recipients of these measures were designated."""
    for to in sorted({to for measure in concerned for to in measure.recipients}):
        if to in instrument.channels:
            yield instrument.channels[to]


def _of_row(row: JsonObject, instrument: Instrument, *, articles: list[str], on: date) -> Declared:
    """The declaration; one under the same instrument that names none of these articles is shown, and marked so."""
    stated = any(character.isdigit() for character in row["article"])
    bound = instrument.parties.standing(row["iso2"], name=row["state"], on=on).truth
    marks = {
        Mark.ARTICLE_NOT_STATED: not stated,
        Mark.OTHER_ARTICLE: stated and not _names(row["article"], articles),
        Mark.NOT_BOUND: bound is not Truth.YES,
        Mark.UNVERIFIED: row_weight(row["confidence"]) is not Weight.DECIDES,
    }
    return Declared(
        state=row["iso2"],
        authority=row["summary"],
        instrument=instrument.id,
        article=row["article"],
        date=row.get("date", ""),
        status=row.get("status", ""),
        verification=row["confidence"],
        source=row.get("source_url", ""),
        as_of=row.get("as_of", ""),
        marks=frozenset(mark for mark, true in marks.items() if true),
    )


def _names(stated: str, articles: list[str]) -> bool:
    """Whether one of the articles is named: itself, the whole of it, or a paragraph of it."""
    return any(
        named == article or article.startswith(f"{named}(") or named.startswith(f"{article}(")
        for named in re.split(r", |; ", stated)
        for article in articles
    )


def _of_network(edition: Edition, channel: Channel, *, state: str) -> Iterator[Declared]:
    """The contact point that a network's list names for the state."""
    network = edition.instruments.get(channel.network)
    row = network.parties.rows.get(state) if network else None
    if network is None or row is None:
        return
    decides = row_weight(row.get("confidence", "unverified")) is Weight.DECIDES
    sources = edition.document["instruments"][network.id]["parties"].get("sources", {})
    yield Declared(
        state=state,
        authority=row.get("note", ""),
        instrument=network.id,
        article=channel.article,
        date="",
        status=row["kind"],
        verification=row.get("confidence", "unverified"),
        source=sources.get(row.get("source", ""), ""),
        as_of=row.get("as_of", ""),
        marks=frozenset() if decides else frozenset({Mark.UNVERIFIED}),
    )


def _rows(node: str, reference: str, *, viewer: Actor) -> list[CompetenceRow]:
    rows = list(CompetenceRow.objects.filter(node=node, reference=reference).order_by("-version"))
    if not rows or not access.of_this_node(viewer):
        raise access.NoSuchThing(what="entry", reference=reference[:8])
    return rows


def _held(row: CompetenceRow, *, who: Officials) -> Held | None:
    """The entry in a row, with whether it is still what was signed; None for a text that cannot be read."""
    try:
        statement = Statement.from_bytes(bytes(row.statement))
        entry = Competence.from_body(statement.body)
    except ComityError:  # whoever changed the text; the directory names the reference
        return None
    try:
        official, home = who.who(entry.by, what="directory entry")
    except ComityError:  # who signed it is not known here, or is said to be somebody else
        return Held(entry=entry, digest=statement.digest, verified=False)
    verified = _verified(bytes(row.statement), official, home)
    columns = (row.node, row.reference, row.version, row.state, row.digest)
    told = (entry.node, entry.reference, entry.version, entry.state, statement.digest)
    return Held(entry=entry, digest=statement.digest, verified=verified and columns == told)


@lru_cache(maxsize=4096)
def _verified(data: bytes, official: Entry, home: Home) -> bool:
    """Whether this official and this node signed these very bytes, in office; the same three need no second check."""
    name = (official.node, official.official, official.mandate)
    try:
        read_competence(Statement.from_bytes(data), known=Officials(homes={home.node: home}, entries={name: official}))
    except ComityError:  # whatever no longer holds: the entry is shown, marked, and decides nothing
        return False
    return True


def _listed(row: CompetenceRow, held: Held, *, at: datetime) -> Listed:
    marks = marks_of(held, at=at)
    return Listed(
        held=held, marks=marks, reliance=reliance_of(marks), ours=held.entry.node == current().id, kept_at=row.kept_at
    )
