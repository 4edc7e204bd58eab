"""The first letter, step by step, as the officials of two nodes take it; the demo tells it and tests drive it.

Every gesture is the one of the command line (`desk`). Between gestures the nodes' own workers carry the post; `settle`
is called until what a step waits for has happened.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.authorities.directory import Entry
from comity.cases.case import offence
from comity.cases.selectors import parse_selector
from comity.cli import desk
from comity.cli.script import FACTS, GROUND, MEASURE, ORIGIN, RECOGNITION, ROUTE, Image, asked, warrant
from comity.cli.shell import Seat
from comity.errors import N_, ComityError
from comity.law import Outcome, Status, Verdict
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.act import Node
from comity.registry.actions import letters as acts
from comity.registry.clock import stopwatch
from comity.registry.queries import evidence, letters
from comity.registry.queries.people import colleague

SETTLE_SECONDS_MAX: Final = 300.0


class NothingHappened(ComityError):
    """The other node did not do what a step waits for."""

    code = "story.nothing_happened"
    sentence = N_("after {seconds} seconds still: {what}")
    hint = N_("Look at the nodes' own output in the demo's folder.")


@dataclass(frozen=True)
class Told:
    """One step of the story, done: where, on which article, which clock, and the log entry it left (kind, text)."""

    step: str
    node: str
    kind: str
    seconds: float
    statement: str = ""
    article: str = ""
    clock: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Stage:
    """Two nodes, their officials by role, and how to let the nodes work for a moment."""

    cv: Node
    nl: Node
    people: dict[tuple[str, str], Entry]
    settle: Callable[[], None]
    image_bytes: int
    progress: Callable[[str, int, int], None]
    told: list[Told] = field(default_factory=list)
    item: str = ""
    since: float = field(default_factory=stopwatch)

    def seat(self, node: Node, role: str) -> Seat:
        """The official of that role at that node."""
        return Seat(node=node, entry=self.people[node.id, role])

    def tell(
        self,
        step: str,
        *,
        node: Node,
        kind: str,
        statement: str = "",
        article: str = "",
        clock: str = "",
        notes: tuple[str, ...] = (),
    ) -> Told:
        """Note the step that has just been done; its time is the time since the one before."""
        now = stopwatch()
        told = Told(
            step=step,
            node=node.id,
            kind=kind,
            seconds=now - self.since,
            statement=statement,
            article=article,
            clock=clock,
            notes=notes,
        )
        self.since = now
        self.told.append(told)
        return told

    def wait(self, what: str, happened: Callable[[], bool]) -> None:
        """Let the nodes work until it happened; raises `NothingHappened`."""
        begin = stopwatch()
        while not happened():
            if stopwatch() - begin > SETTLE_SECONDS_MAX:
                raise NothingHappened(seconds=round(stopwatch() - begin), what=what)
            self.settle()


def run(stage: Stage) -> Iterator[Told]:
    """Tell the story up to the evidence in the receiver's hands; yields each step when it is done."""
    with stage.cv.active():
        case = open_case(stage)
    yield stage.tell("investigator opens the case", node=stage.cv, kind="case.opened")
    yield _subscriber_question(stage, case)
    preservation = yield from _letter(stage, case, form=Form.PRESERVATION, linked="")
    yield from _preserved(stage, preservation)
    production = yield from _letter(stage, case, form=Form.PRODUCTION, linked=preservation)
    yield from _recognised(stage, production)
    yield from _handed_over(stage, production)


def open_case(stage: Stage) -> str:
    """Open the case of the story; its reference."""
    return desk.open_case(
        "Operation Harmattan",
        "Blue Lagoon Market",
        offences=(offence("running_the_marketplace:8:6"), offence("drugs:12:12")),
        selectors=(
            parse_selector("domain:bluelagoon.example"),
            parse_selector("wallet:bc1qexampleexampleexampleexample0001"),
            parse_selector("handle:lagoon_admin"),
        ),
        seat=stage.seat(stage.cv, "investigator"),
        at=stage.cv.clock.now(),
    )


def ask(stage: Stage, case: str, form: Form) -> tuple[str, Verdict]:
    """Ask the law what this form of letter needs to know; digest and verdict."""
    return _asked_law(stage, case, MEASURE[form], ("content", "traffic"))


def _asked_law(stage: Stage, case: str, measure: str, data: tuple[str, ...]) -> tuple[str, Verdict]:
    seat = stage.seat(stage.cv, "investigator")
    question = desk.question(
        case,
        to_state=stage.nl.state,
        measure=measure,
        data=data,
        authority="judge",
        stage="investigation",
        urgency="urgent",
        facts=FACTS,
        seat=seat,
    )
    return desk.ask(case, question, seat=seat, at=stage.cv.clock.now())


def _subscriber_question(stage: Stage, case: str) -> Told:
    with stage.cv.active():
        digest, verdict = _asked_law(stage, case, "production_subscriber", ("subscriber",))
    return stage.tell(
        f"the law is asked for subscriber data: {_counts(verdict)}",
        node=stage.cv,
        kind="law.asked",
        statement=digest,
        notes=tuple(_route_lines(verdict)),
    )


def _counts(verdict: Verdict) -> str:
    return f"{len(verdict.lawful)} lawful, {len(verdict.open)} open, {len(verdict.closed)} closed"


def _route_lines(verdict: Verdict) -> Iterator[str]:
    """Each route in a line: what it is, its articles, its clocks; or the first reason why it is closed."""
    for route in verdict.routes:
        articles = ", ".join(route.articles)
        if route.status is Status.LAWFUL:
            clocks = ", ".join(f"{one.action} {one.duration or one.type} (Art. {one.article})" for one in route.clocks)
            yield f"lawful  {route.id} Art. {articles}; {clocks or 'no clock stated'}"
        else:
            against = next(one.text for one in route.reasons if one.outcome is not Outcome.MET)
            yield f"{route.status.value:7} {route.id} Art. {articles}: {against[:110]}"


def _letter(stage: Stage, case: str, *, form: Form, linked: str) -> Generator[Told, None, str]:
    """Ask the law, draft, authorise, send; the letter has arrived when this ends."""
    drafter, judge = stage.seat(stage.cv, "investigator"), stage.seat(stage.cv, "judge")
    with stage.cv.active():
        verdict, answer = ask(stage, case, form)
    route = answer.route(ROUTE[form])
    articles = ", ".join(route.articles)
    yield stage.tell(
        f"the law is asked for {form.value}: {_counts(answer)}",
        node=stage.cv,
        kind="law.asked",
        statement=verdict,
        article=articles,
        notes=tuple(_route_lines(answer)),
    )
    with stage.cv.active():
        custodian = colleague("carla", viewer=drafter.entry.actor) if form is Form.PRODUCTION else {}
        letter = desk.draft(
            case, asked(form, verdict, linked=linked, custodian=custodian), seat=drafter, at=stage.cv.clock.now()
        )
    yield stage.tell(
        f"{form.value} letter drafted", node=stage.cv, kind="letter.draft", statement=letter, article=articles
    )
    with stage.cv.active():
        decision = desk.authorise(letter, warrant(form), seat=judge, at=stage.cv.clock.now())
    yield stage.tell(
        "judge authorises its exact scope",
        node=stage.cv,
        kind="letter.authorise",
        statement=decision,
        article=articles,
    )
    with stage.cv.active():
        acts.send_letter(letter, actor=drafter.entry.actor, at=stage.cv.clock.now())
    yield stage.tell("letter sealed and sent", node=stage.cv, kind="letter.send", statement=letter, article=articles)
    stage.wait(f"the {form.value} letter has no receipt", lambda: receipted(stage, letter))
    yield stage.tell(
        "received; receipt in both logs",
        node=stage.nl,
        kind="letter.receive",
        statement=letter,
        article=articles,
    )
    return letter


def receipted(stage: Stage, letter: str) -> bool:
    """Whether every addressee of the letter has sent its receipt."""
    with stage.cv.active():
        record = letters.letter(letter, viewer=stage.seat(stage.cv, "investigator").entry.actor)
    return all(one["state"] == "receipted" for one in record["deliveries"])


def _preserved(stage: Stage, letter: str) -> Iterator[Told]:
    liaison = stage.seat(stage.nl, "liaison")
    with stage.nl.active():
        noted = {"note": "Received by the 24/7 contact point; handled at once."}
        event = desk.step(letter, Step.ACKNOWLEDGE, facts=noted, seat=liaison, at=stage.nl.clock.now())
    yield stage.tell(
        "contact point acknowledges", node=stage.nl, kind="letter.acknowledge", statement=event, article="35"
    )
    with stage.nl.active():
        note = "The hosting provider has preserved the server."
        stated = desk.preserved(letter, note=note, seat=liaison, at=stage.nl.clock.now())
    yield stage.tell(
        "data preserved; the minimum clock runs",
        node=stage.nl,
        kind="letter.preserve",
        article=stated["article"],
        clock=f"keep until {stated['keep_until_min'][:10]}",
    )
    _wait_state(stage, letter, "preserved")


def _wait_state(stage: Stage, letter: str, state: str) -> None:
    """Until the issuing side knows, too."""

    def there() -> bool:
        with stage.cv.active():
            viewer = stage.seat(stage.cv, "investigator").entry.actor
            return bool(letters.letter(letter, viewer=viewer)["state"] == state)

    stage.wait(f"the issuing side does not know that the letter is {state}", there)


def _recognised(stage: Stage, letter: str) -> Iterator[Told]:
    liaison, judge = stage.seat(stage.nl, "liaison"), stage.seat(stage.nl, "judge")
    with stage.nl.active():
        noted = {"note": "Complete; put before the judge."}
        event = desk.step(letter, Step.ACKNOWLEDGE, facts=noted, seat=liaison, at=stage.nl.clock.now())
    yield stage.tell(
        "central authority acknowledges", node=stage.nl, kind="letter.acknowledge", statement=event, article="31"
    )
    with stage.nl.active():
        decision = desk.recognise(
            letter, RECOGNITION, note="Recognised for execution.", seat=judge, at=stage.nl.clock.now()
        )
    yield stage.tell(
        "judge recognises it: a decision of its own",
        node=stage.nl,
        kind="letter.recognise",
        article=f"31 ({decision[:8]})",
    )
    _wait_state(stage, letter, "recognised")


def _handed_over(stage: Stage, letter: str) -> Iterator[Told]:
    giver, receiver = stage.seat(stage.nl, "custodian"), stage.seat(stage.cv, "custodian")
    image = Image(stage.image_bytes, progress=lambda done, of: stage.progress("sealing", done, of))
    with stage.nl.active():
        item = desk.take_in(
            image,
            name="lagoon-server.img",
            media_type="application/octet-stream",
            letter=letter,
            origin=ORIGIN,
            selectors=frozenset({"domain:bluelagoon.example"}),
            progress=lambda _length: None,
            seat=giver,
            at=stage.nl.clock.now(),
        )
    stage.item = item
    yield stage.tell("custodian seals the server image", node=stage.nl, kind="evidence.acquisition", article="31")
    with stage.nl.active():
        transfer = desk.hand_over(item, ground=GROUND, seat=giver, at=stage.nl.clock.now())
    yield stage.tell(
        "hand-over offered, ground recorded",
        node=stage.nl,
        kind="evidence.offer",
        article=f"LED {GROUND.article}",
    )
    stage.wait("the item has not arrived", lambda: _arrived(stage, transfer))
    yield stage.tell("item arrived whole and opens", node=stage.cv, kind="evidence.arrival")
    with stage.cv.active():
        desk.accept(transfer, seat=receiver, at=stage.cv.clock.now())
    yield stage.tell("custodian accepts: both sides signed", node=stage.cv, kind="evidence.accept")
    stage.wait("the giver has not heard of the acceptance", lambda: _given(stage, item))
    yield stage.tell("giver's custody ends", node=stage.nl, kind="evidence.accept.received")
    with stage.nl.active():
        noted = {"note": "The server image was handed over; nothing is outstanding."}
        liaison = stage.seat(stage.nl, "liaison")
        event = desk.step(letter, Step.EXECUTE, facts=noted, seat=liaison, at=stage.nl.clock.now())
    yield stage.tell("the letter is executed", node=stage.nl, kind="letter.execute", statement=event, article="31")
    _wait_state(stage, letter, "executed")


def _arrived(stage: Stage, transfer: str) -> bool:
    with stage.cv.active():
        viewer = stage.seat(stage.cv, "custodian").entry.actor
        done, of = evidence.moved(transfer, viewer=viewer)
        stage.progress("moving", done, of)
        offers = evidence.offered(viewer=stage.seat(stage.cv, "custodian").entry.actor)
    return any(one["transfer"] == transfer and one["state"] == "arrived" for one in offers)


def _given(stage: Stage, item: str) -> bool:
    with stage.nl.active():
        return not evidence.item(item, viewer=stage.seat(stage.nl, "custodian").entry.actor)["held"]
