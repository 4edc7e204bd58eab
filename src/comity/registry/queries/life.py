"""One letter with its whole life, for its page: both sides, deliveries, decisions, clocks, and what it is linked with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from comity.authorisations.authorisation import Authorisation
from comity.authorities.roles import Actor, Power
from comity.authorities.statement import Statement
from comity.canon import JsonObject, moment, parse_object
from comity.law.clocks import KEEPING, CountingNotEncoded, Deadline, reckon
from comity.law.places import zones_of
from comity.ledger import Entry
from comity.letters import life
from comity.letters.dossier import power_for
from comity.letters.event import Event
from comity.letters.letter import Form, Letter
from comity.letters.life import State, Step
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.limits import ENVELOPE_BYTES_MAX, PAGE_ROWS_MAX
from comity.registry.models import EntryRow, LetterRow, OfficialRow, OutboxRow, ReceiptRow, WorkRow

_OWN: Final = {"letter.draft": Step.DRAFT, "letter.authorise": Step.AUTHORISE, "letter.deny": Step.DENY}
_POWERS: Final = {
    Step.AUTHORISE: Power.AUTHORISE,
    Step.DENY: Power.AUTHORISE,
    Step.SEND: Power.SEND_LETTER,
    Step.LAPSE: Power.AUTHORISE,
}


@dataclass(frozen=True)
class Happened:
    """One step: what, when, who, on which side, what was stated, and where it stands in our log."""

    step: str
    at: datetime
    node: str
    who: str
    office: str
    facts: JsonObject
    digest: str
    index: int | None


@dataclass(frozen=True)
class Sent:
    """One delivery: to whom, in which capacity, how far it came, and when the other node received it."""

    node: str
    authority: str
    role: str
    state: str
    attempts: int
    trouble: str
    sent_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True)
class Decided:
    """One decision: who, on what power, how far, until when."""

    kind: str
    digest: str
    who: str
    office: str
    node: str
    authorisation: Authorisation
    ours: bool
    validated_at: datetime | None
    suspended_at: datetime | None
    ended: str
    ended_at: datetime | None


@dataclass(frozen=True)
class Running:
    """One clock of the route: what it is about, its article, the two dates, and how they were counted."""

    action: str
    actor: str
    article: str
    level: str
    keeps: bool
    starts: datetime | None
    target: datetime | None
    limit: datetime | None
    proof: tuple[str, ...]


@dataclass(frozen=True)
class Linked:
    """A letter that this one follows, or that follows it."""

    digest: str
    short: str
    form: str
    state: str


@dataclass(frozen=True)
class Held:
    """An item of evidence under the letter: its name, length, and whether it is held here."""

    reference: str
    name: str
    bytes: int
    held: bool


@dataclass(frozen=True)
class LetterLife:
    """Everything that the page of a letter shows."""

    digest: str
    short: str
    outgoing: bool
    peer: str
    peer_name: str
    state: State
    due_at: datetime | None
    due_what: str
    why_you_see_it: str
    case: str
    letter: Letter
    body: JsonObject
    route: JsonObject
    happened: tuple[Happened, ...]
    deliveries: tuple[Sent, ...]
    received_at: datetime | None
    decided: tuple[Decided, ...]
    clocks: tuple[Running, ...]
    linked: tuple[Linked, ...]
    items: tuple[Held, ...]
    steps: tuple[Step, ...]


def letter_life(digest: str, *, viewer: Actor) -> LetterLife:
    """The letter as its page shows it; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    text = Statement.from_bytes(bytes(row.statement))
    letter = Letter.from_body(text.body)
    route = _route(row, letter)
    arrived = row.received.filter(subject="letter").values_list("received_at", flat=True).first()
    deliveries = _deliveries(row)
    received = arrived or next((one.received_at for one in deliveries if one.received_at), None)
    happened = _happened(row, received=arrived)
    open_steps = life.open_steps(state=State(row.state), form=Form(row.form), side=rows.side_of(row))
    return LetterLife(
        digest=row.digest,
        short=row.short,
        outgoing=row.outgoing,
        peer=row.peer,
        peer_name=post.peer(row.peer).name,
        state=State(row.state),
        due_at=row.due_at,
        due_what=row.due_what,
        why_you_see_it=access.why_letter(row, viewer=viewer),
        case=_case(row, viewer=viewer),
        letter=letter,
        body=text.body,
        route=route,
        happened=happened,
        deliveries=deliveries,
        received_at=received,
        decided=_decided(row),
        clocks=_clocks(route, letter=letter, received=received, happened=happened),
        linked=_linked(row, viewer=viewer),
        items=_items(row, viewer=viewer),
        steps=tuple(step for step in open_steps if _power(step) in viewer.powers),
    )


def standing_decision(digest: str, *, viewer: Actor) -> str:
    """The digest of this node's own decision on a letter that has not ended; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    ours = row.authorisations.filter(node=current().id, withdrawn_at=None).exclude(kind="validation")
    found = ours.order_by("-id").values_list("digest", flat=True).first()
    if found is None:
        raise access.NoSuchThing(what="decision on letter", reference=row.short)
    return found


def _power(step: Step) -> Power:
    return _POWERS[step] if step in _POWERS else power_for(step)


def _case(row: LetterRow, *, viewer: Actor) -> str:
    """The case's reference, for its members; a letter is shown to others without it."""
    if row.case is None or not row.case.members.filter(official=viewer.official).exists():
        return ""
    return row.case.reference


def _route(row: LetterRow, letter: Letter) -> JsonObject:
    """The route of the recorded answer on which the letter goes."""
    verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    route: JsonObject = next(one for one in verdict["routes"] if one["id"] == letter.grounding.route)
    return route


def _names(people: Iterable[JsonObject]) -> dict[tuple[str, str], str]:
    """The names of officials by node and official, from the directory entries that are known here."""
    wanted = {(str(one["node"]), str(one["official"])) for one in people}
    found = OfficialRow.objects.filter(official__in={official for _, official in wanted})
    return {
        (row.node, row.official): str(Statement.from_bytes(bytes(row.statement)).body["name"])
        for row in found
        if (row.node, row.official) in wanted
    }


def _happened(row: LetterRow, *, received: datetime | None) -> tuple[Happened, ...]:
    decisions = list(row.authorisations.order_by("id"))
    told = [
        (one, Event.from_body(Statement.from_bytes(bytes(one.statement)).body)) for one in row.events.order_by("id")
    ]
    about = [row.digest, *(one.digest for one in decisions), *(one.digest for one, _ in told)]
    about += row.lapses.values_list("digest", flat=True)
    entries = list(EntryRow.objects.filter(statement__in=about).order_by("id"))
    places = {entry.statement: entry.index for entry in entries}
    found = [_own(entry) for entry in entries if entry.kind in _OWN or entry.kind == "letter.send"]
    if received is not None:
        index = next((entry.index for entry in entries if entry.kind == "letter.receive"), None)
        found.append(Happened(Step.RECEIVE, received, current().id, "", "", {}, row.digest, index))
    names = _names([event.by for _, event in told])
    found += [
        Happened(
            step=event.step,
            at=event.at,
            node=event.node,
            who=names.get((event.node, str(event.by["official"])), str(event.by["official"])),
            office=str(event.by["office"]),
            facts=event.facts,
            digest=one.digest,
            index=places.get(one.digest),
        )
        for one, event in told
    ]
    found += _endings(row, places)
    return tuple(sorted(found, key=lambda one: one.at))


def _endings(row: LetterRow, places: Mapping[str, int | None]) -> Iterator[Happened]:
    """That an emergency decision was validated, or a decision ended: told by signed texts that are no events."""
    validated = [
        (Step.VALIDATE, one.digest, Statement.from_bytes(bytes(one.statement)).body, "decided_at")
        for one in row.authorisations.filter(kind="validation")
    ]
    lapsed = [
        (Step.LAPSE, one.digest, Statement.from_bytes(bytes(one.statement)).body, "at") for one in row.lapses.all()
    ]
    names = _names([body["by"] for _, _, body, _ in (*validated, *lapsed) if body["by"]])
    for step, digest, body, when in (*validated, *lapsed):
        by = body["by"]
        yield Happened(
            step=step,
            at=moment(body[when]),
            node=str(by["node"] if by else body["node"]),
            who=names.get((str(by["node"]), str(by["official"])), str(by["official"])) if by else "",
            office=str(by["office"]) if by else "",
            facts={"reason": body["reason"], "article": body["article"]} if step is Step.LAPSE else {},
            digest=digest,
            index=places.get(digest),
        )


def _own(entry: EntryRow) -> Happened:
    """A step that stands in our log only: the other side hears of the letter when it is sent."""
    body = Entry.from_bytes(bytes(entry.body))
    name = _names([body.actor]).get((str(body.actor["node"]), str(body.actor["official"])))
    return Happened(
        step=_OWN.get(entry.kind, Step.SEND),
        at=entry.at,
        node=current().id,
        who=name or str(body.actor["official"]),
        office=str(body.actor["office"]),
        facts={"reason": body.facts["reason"]} if entry.kind == "letter.deny" else {},
        digest=entry.statement,
        index=entry.index,
    )


def _deliveries(row: LetterRow) -> tuple[Sent, ...]:
    found = list(row.deliveries.order_by("id"))
    messages = [one.message for one in found if one.message]
    sent = {one.message: one for one in OutboxRow.objects.filter(message__in=messages)}
    receipts = {one.message: one for one in ReceiptRow.objects.filter(message__in=messages)}
    work = {one.about: one for one in WorkRow.objects.filter(kind=rows.DELIVER, about__in=messages)}
    return tuple(
        Sent(
            node=one.node,
            authority=one.authority,
            role=one.role,
            state=sent[one.message].state if one.message in sent else "",
            attempts=sent[one.message].attempts if one.message in sent else 0,
            trouble=work[one.message].trouble if one.message in work else "",
            sent_at=sent[one.message].queued_at if one.message in sent else None,
            received_at=receipts[one.message].received_at if one.message in receipts else None,
        )
        for one in found
    )


def _decided(row: LetterRow) -> tuple[Decided, ...]:
    read = [
        (one, Authorisation.from_body(Statement.from_bytes(bytes(one.statement)).body))
        for one in row.authorisations.order_by("id")
    ]
    names = _names([decision.by for _, decision in read])
    lapses = {one.authorisation_id: one for one in row.lapses.all()}
    return tuple(
        Decided(
            kind=decision.kind.value,
            digest=one.digest,
            who=names.get((one.node, one.official), one.official),
            office=str(decision.by["office"]),
            node=one.node,
            authorisation=decision,
            ours=one.node == current().id,
            validated_at=one.validated_at,
            suspended_at=one.suspended_at,
            ended=lapses[one.pk].cause if one.pk in lapses else "",
            ended_at=one.withdrawn_at,
        )
        for one, decision in read
    )


def _clocks(
    route: JsonObject, *, letter: Letter, received: datetime | None, happened: tuple[Happened, ...]
) -> tuple[Running, ...]:
    zones = zones_of(letter.to_state)
    place = ZoneInfo(zones[0] if len(zones) == 1 else "UTC")
    events = {}
    if received is not None:
        events["receipt_of_request"] = received
    for one in happened:
        if one.step == Step.PRESERVE:
            events["preservation_effected"] = moment(one.facts["preserved_at"])
    found = []
    for record in route["clocks"]:
        deadline = Deadline.from_record(record)
        try:
            reckoned = reckon(deadline, events=events, place=place)
        except CountingNotEncoded as refusal:
            found.append(_running(deadline, None, None, None, (str(refusal),)))
            continue
        starts = min((events[name] for name in deadline.starts if name in events), default=None)
        found.append(_running(deadline, starts, reckoned.target, reckoned.limit, reckoned.proof))
    return tuple(found)


def _running(
    deadline: Deadline,
    starts: datetime | None,
    target: datetime | None,
    limit: datetime | None,
    proof: tuple[str, ...],
) -> Running:
    return Running(
        action=deadline.action.replace("_", " "),
        actor=deadline.actor.replace("_", " "),
        article=deadline.article,
        level=deadline.verification,
        keeps=deadline.type in KEEPING,
        starts=starts,
        target=target,
        limit=limit,
        proof=proof,
    )


def _linked(row: LetterRow, *, viewer: Actor) -> tuple[Linked, ...]:
    seen = access.visible_letters(viewer=viewer).defer("statement")
    found = list(seen.exclude(linked="").filter(linked=row.digest).order_by("id")[:PAGE_ROWS_MAX])
    if row.linked:
        found = [*seen.filter(digest=row.linked), *found]
    return tuple(Linked(digest=one.digest, short=one.short, form=one.form, state=one.state) for one in found)


def _items(row: LetterRow, *, viewer: Actor) -> tuple[Held, ...]:
    return tuple(
        Held(
            reference=one.reference,
            name=str(one.record["name"]),
            bytes=int(one.record["bytes"]),
            held=one.held,
        )
        for one in access.visible_items(viewer=viewer).filter(letter=row).defer("wrapped_key").order_by("id")
    )
