"""Fill two fresh demo nodes with ten weeks of letters, so that their desks look alive before the story begins.

* Every step is the gesture of an official (`desk`) and the act behind it; the script only says who does what and when.
* Both nodes run on one calendar, which is turned to the moment of each gesture. Their workers then carry the post at
  that moment, by the jobs that carry it always; only the wire between them is a call within this process.
* What one node writes and the other refuses is a fault of the script, and ends the filling.
"""

import heapq
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Final

import httpx
from django.db import connection

from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.canon import moment
from comity.cases.case import offence
from comity.cases.selectors import parse_selector
from comity.cli import cast, desk, filling_directory, filling_people
from comity.cli.filling_plans import PLANS
from comity.cli.filling_script import (
    CASES,
    FOUNDED,
    GROUND_OF_REFUSAL,
    GROUNDS,
    HOURS,
    ITEMS,
    MEASURES,
    NOTES,
    ORIGIN,
    OUTSTANDING,
    PATHS,
    ROUTE,
    YEAR,
    Plan,
    decision,
)
from comity.cli.filling_wire import Calendar, Courier
from comity.cli.script import FACTS, Image
from comity.cli.shell import Seat
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import authenticator, log, post
from comity.registry.act import Node
from comity.registry.actions import letters as acts
from comity.registry.jobs import worker
from comity.registry.queries.people import colleague
from comity.registry.queries.texts import Asked

OPENS: Final = timedelta(minutes=30)
OFFICE_HOURS: Final = range(8, 17)
SATURDAY: Final = 5
DATA_DAYS: Final = 180
ITEM_BYTES: Final = 4096
STAYS: Final = frozenset({"open", "draft", "authorise", "deny", "take_in"})
"""The gestures of which the other node is told nothing: there is no post to carry after them."""
_PATIENCE: Final = {
    False: ("PRAGMA synchronous=OFF", "PRAGMA synchronous=FULL"),
    True: ("SET synchronous_commit = off", "SET synchronous_commit = on"),
}
"""What tells SQLite (False) and PostgreSQL (True) not to wait for the disk, and to wait again."""


@dataclass
class Town:
    """Two nodes on one calendar, who works there, the cases that were opened, and what was preserved for them."""

    nodes: dict[str, Node]
    calendar: Calendar
    people: dict[tuple[str, str], Entry]
    cases: dict[str, str] = field(default_factory=dict)
    preserved: dict[str, str] = field(default_factory=dict)

    def seat(self, node: str, official: str) -> Seat:
        """That official, at a terminal of that node."""
        return Seat(node=self.nodes[node], entry=self.people[node, official])


def fill(cv: Node, nl: Node, *, until: datetime, progress: Callable[[str, int, int], None]) -> int:
    """Let the letters of the script happen, up to `until`; how many. The nodes were founded at `FOUNDED`."""
    calendar = Calendar(moment(FOUNDED) + OPENS)
    nodes = {node.id: replace(node, clock=calendar) for node in (cv, nl)}
    town = Town(nodes=nodes, calendar=calendar, people=_people(nodes))
    steps = sum(1 + len(PATHS[plan.path]) for plan in PLANS) + len(CASES)
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(transport=Courier(*nodes.values())))
        stack.enter_context(post.carried_by(client))
        for node in nodes.values():
            stack.enter_context(_hurrying(node))
        for place in (cast.CV, cast.NL):
            filling_directory.publish(nodes[place.id], place)
            filling_people.train(nodes[place.id], place)
        settle(town)
        for done, gesture in enumerate(_chronicle(town)):
            assert calendar.shows < until, f"the script goes on after the story begins, with {gesture}"
            if gesture not in STAYS:
                settle(town)
            progress("filling", done, steps)
        calendar.shows = until
        settle(town)
    return len(PLANS)


@contextmanager
def _hurrying(node: Node) -> Iterator[None]:
    """Within this, the node does not wait for its disk: what is filled can be filled again."""
    hurry, wait = _PATIENCE[node.database.startswith("postgresql://")]
    with node.active(), connection.cursor() as cursor:
        cursor.execute(hurry)
    yield
    with node.active(), connection.cursor() as cursor:
        cursor.execute(wait)


def _people(nodes: dict[str, Node]) -> dict[tuple[str, str], Entry]:
    people = {}
    for place in (cast.CV, cast.NL):
        node = nodes[place.id]
        with node.active():
            for _, official, *_ in place.people:
                people[node.id, official] = authenticator.seated(node, official, at=node.clock.now())
    return people


def _chronicle(town: Town) -> Iterator[str]:
    """Every gesture, in the order of its moments; it is done when its name is yielded."""
    for key in CASES:
        _open_case(town, key)
        yield "open"
    lives = [_life(town, plan, number) for number, plan in enumerate(PLANS)]
    waiting = [(*next(life), number) for number, life in enumerate(lives)]
    heapq.heapify(waiting)
    while waiting:
        at, gesture, number = heapq.heappop(waiting)
        town.calendar.shows = max(at, town.calendar.shows)
        following = next(lives[number], None)
        if following is not None:
            heapq.heappush(waiting, (*following, number))
        yield gesture


def settle(town: Town) -> None:
    """Let both workers carry the post of this moment until nothing moves, and give each log its beat."""
    quiet = 0  # nodes in a row that had nothing to do
    for node in cycle(town.nodes.values()):
        with node.active():
            quiet = 0 if worker.one(at=node.clock.now()) else quiet + 1
        if quiet == len(town.nodes):
            break
    for node in town.nodes.values():
        with node.active():
            log.sequence(at=node.clock.now())


def _open_case(town: Town, key: str) -> None:
    opened = CASES[key]
    seat = town.seat(opened.node, opened.official)
    with seat.node.active():
        town.cases[key] = desk.open_case(
            opened.title,
            opened.marketplace,
            offences=tuple(offence(one) for one in opened.offences),
            selectors=tuple(parse_selector(one) for one in opened.selectors),
            seat=seat,
            at=town.calendar.now(),
        )


@dataclass
class Life:
    """One letter on its way: its plan, its place among all, and what it has led to."""

    plan: Plan
    number: int
    letter: str = ""
    item: str = ""
    transfer: str = ""

    @property
    def ours(self) -> str:
        """The node that asks."""
        return CASES[self.plan.case].node

    @property
    def theirs(self) -> str:
        """The node that is asked."""
        return "nl" if self.ours == "cv" else "cv"

    def note(self, step: str) -> str:
        """What an official writes at this step."""
        return NOTES[step][self.number % len(NOTES[step])]


def _life(town: Town, plan: Plan, number: int) -> Iterator[tuple[datetime, str]]:
    """Yields the moment and the name of each gesture before doing it."""
    at = _begins(plan)
    yield at, "draft"
    life = Life(plan=plan, number=number)
    life.letter = _draft(town, life)
    for step in PATHS[plan.path]:
        at = _later(at, step, life)
        yield at, step
        _GESTURES[step](town, life)


def _begins(plan: Plan) -> datetime:
    return moment(f"{YEAR}-{plan.begins.replace(' ', 'T')}:00:00.000Z")


def _later(at: datetime, step: str, life: Life) -> datetime:
    """When the next gesture is done: in office hours, unless the letter is urgent."""
    minutes = HOURS[step] * 60 // (3 if life.plan.urgent else 1) + (life.number * 17) % 53
    at += timedelta(minutes=minutes)
    if not life.plan.urgent:
        while at.weekday() >= SATURDAY or at.hour not in OFFICE_HOURS:
            at += timedelta(hours=1)
    return at


def _by_role(town: Town, node: str, role: Role, number: int) -> Seat:
    officials = [name for (place, name), entry in town.people.items() if place == node and entry.role is role]
    return town.seat(node, officials[number % len(officials)])


def _draft(town: Town, life: Life) -> str:
    plan, case = life.plan, CASES[life.plan.case]
    measure = MEASURES[plan.measure]
    seat = town.seat(case.node, case.official)
    to, at = town.nodes[life.theirs], town.calendar.now()
    topic, facts = measure.topics[life.number % len(measure.topics)]
    custodian = _by_role(town, life.ours, Role.CUSTODIAN, life.number).entry.official
    with seat.node.active():
        question = desk.question(
            town.cases[plan.case],
            to_state=to.state,
            measure=plan.measure,
            data=measure.data,
            authority="judge",
            stage="investigation",
            urgency="urgent" if plan.urgent else "normal",
            facts=FACTS,
            seat=seat,
        )
        verdict, _ = desk.ask(town.cases[plan.case], question, seat=seat, at=at)
        asked = Asked(
            form=measure.form,
            to_node=to.id,
            to_authority="Contact point 24/7" if measure.form is Form.PRESERVATION else "Central authority",
            verdict=verdict,
            route=ROUTE[measure.form],
            subject=f"{case.marketplace}: {topic}",
            facts=f"{case.marketplace} is an online marketplace for unlawful goods. {facts}",
            purpose=f"Criminal investigation against the operators of {case.marketplace}",
            data_from=at.date() - timedelta(days=DATA_DAYS),
            data_until=at.date(),
            linked=town.preserved[plan.case] if plan.linked else "",
            custodian=colleague(custodian, viewer=seat.entry.actor) if measure.form is Form.PRODUCTION else {},
            urgent=plan.urgent,
            confidential=plan.confidential,
        )
        return desk.draft(town.cases[plan.case], asked, seat=seat, at=at)


def _drafter(town: Town, life: Life) -> Seat:
    return town.seat(life.ours, CASES[life.plan.case].official)


def _authorise(town: Town, life: Life) -> None:
    seat = _by_role(town, life.ours, Role.JUDGE, life.number)
    with seat.node.active():
        desk.authorise(life.letter, decision(life.plan), seat=seat, at=town.calendar.now())


def _deny(town: Town, life: Life) -> None:
    seat = _by_role(town, life.ours, Role.JUDGE, life.number)
    with seat.node.active():
        acts.deny_letter(life.letter, reason=life.note("deny"), actor=seat.entry.actor, at=town.calendar.now())


def _lapse(town: Town, life: Life) -> None:
    seat = _by_role(town, life.ours, Role.JUDGE, life.number)
    with seat.node.active():
        desk.revoke(life.letter, reason=life.note("lapse"), seat=seat, at=town.calendar.now())


def _send(town: Town, life: Life) -> None:
    seat = _drafter(town, life)
    with seat.node.active():
        acts.send_letter(life.letter, actor=seat.entry.actor, at=town.calendar.now())


def _recognise(town: Town, life: Life) -> None:
    seat = _by_role(town, life.theirs, Role.JUDGE, life.number)
    with seat.node.active():
        desk.recognise(life.letter, decision(life.plan), note=life.note("recognise"), seat=seat, at=town.calendar.now())


def _preserve(town: Town, life: Life) -> None:
    seat = _by_role(town, life.theirs, Role.LIAISON, life.number)
    with seat.node.active():
        desk.preserved(life.letter, note=life.note("preserve"), seat=seat, at=town.calendar.now())
    town.preserved[life.plan.case] = life.letter


def _stepping(step: Step, *, asks: bool) -> Callable[[Town, Life], None]:
    """The gesture of a step that a note goes with; `asks`: it is for the side that asks."""

    def gesture(town: Town, life: Life) -> None:
        seat = _drafter(town, life) if asks else _by_role(town, life.theirs, Role.LIAISON, life.number)
        facts = {"note": life.note(step.value)}
        if step is Step.REFUSE:
            facts["ground"], facts["article"] = GROUND_OF_REFUSAL[MEASURES[life.plan.measure].form]
        if step is Step.EXECUTE_PARTLY:
            facts["outstanding"] = OUTSTANDING
        with seat.node.active():
            desk.step(life.letter, step, facts=facts, seat=seat, at=town.calendar.now())

    return gesture


def _take_in(town: Town, life: Life) -> None:
    seat = _by_role(town, life.theirs, Role.CUSTODIAN, life.number)
    with seat.node.active():
        life.item = desk.take_in(
            Image(ITEM_BYTES + life.number, progress=lambda _done, _of: None),
            name=ITEMS[life.number % len(ITEMS)],
            media_type="application/octet-stream",
            letter=life.letter,
            origin=ORIGIN,
            selectors=frozenset(),
            progress=lambda _length: None,
            seat=seat,
            at=town.calendar.now(),
        )


def _offer(town: Town, life: Life) -> None:
    seat = _by_role(town, life.theirs, Role.CUSTODIAN, life.number)
    with seat.node.active():
        life.transfer = desk.hand_over(life.item, ground=GROUNDS[life.theirs], seat=seat, at=town.calendar.now())


def _accept(town: Town, life: Life) -> None:
    seat = _by_role(town, life.ours, Role.CUSTODIAN, life.number)
    with seat.node.active():
        desk.accept(life.transfer, seat=seat, at=town.calendar.now())


_GESTURES: Final[dict[str, Callable[[Town, Life], None]]] = {
    "authorise": _authorise,
    "deny": _deny,
    "send": _send,
    "acknowledge": _stepping(Step.ACKNOWLEDGE, asks=False),
    "query": _stepping(Step.QUERY, asks=False),
    "answer": _stepping(Step.ANSWER, asks=True),
    "preserve": _preserve,
    "recognise": _recognise,
    "refuse": _stepping(Step.REFUSE, asks=False),
    "withdraw": _stepping(Step.WITHDRAW, asks=True),
    "lapse": _lapse,
    "take_in": _take_in,
    "offer": _offer,
    "accept": _accept,
    "execute_partly": _stepping(Step.EXECUTE_PARTLY, asks=False),
    "execute": _stepping(Step.EXECUTE, asks=False),
}
