"""The first letter, step by step, as the officials of two nodes take it; the demo tells it and tests drive it.

Every gesture is the one of the command line (`desk`). Between gestures the nodes' own workers carry the post; `settle`
is called until what a step waits for has happened.
"""

import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from comity.authorities.directory import Entry
from comity.canon import JsonObject
from comity.cases.case import offence
from comity.cases.selectors import parse_selector
from comity.cli import desk
from comity.cli.shell import Seat
from comity.errors import N_, ComityError
from comity.exchange.transfer import LED, GroundKind, TransferGround
from comity.law import Verdict
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.act import Node
from comity.registry.actions import letters as acts
from comity.registry.clock import stopwatch
from comity.registry.queries import evidence, letters
from comity.registry.queries.people import colleague
from comity.registry.queries.texts import Asked, Decision

PRESERVATION_ROUTE: Final = "coe-ets185/bud.preservation_abroad"
PRODUCTION_ROUTE: Final = "coe-ets185/bud.stored_data_mla"
ROUTE: Final = {Form.PRESERVATION: PRESERVATION_ROUTE, Form.PRODUCTION: PRODUCTION_ROUTE}
MEASURE: Final = {Form.PRESERVATION: "preservation", Form.PRODUCTION: "search_seizure_stored"}
FACTS: Final = {"transnational_suspected": True, "organised_group_suspected": True}
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
        self, step: str, *, node: Node, kind: str, statement: str = "", article: str = "", clock: str = ""
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


class Image:
    """A generated server image: the same pseudo-random bytes for the same length, without a file."""

    def __init__(self, size: int, progress: Callable[[int, int], None]) -> None:
        self._left = self._size = size
        self._progress = progress
        self._block = hashlib.shake_256(b"synthetic server image").digest(1024 * 1024)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer; 0 at the end."""
        length = min(len(buffer), self._left, len(self._block))
        if length:
            number = (self._size - self._left).to_bytes(8, "big")
            buffer[:length] = self._block[:length]
            buffer[: min(8, length)] = number[: min(8, length)]
        self._left -= length
        self._progress(self._size - self._left, self._size)
        return length


def run(stage: Stage) -> Iterator[Told]:
    """Tell the story up to the evidence in the receiver's hands; yields each step when it is done."""
    with stage.cv.active():
        case = open_case(stage)
    yield stage.tell("investigator opens the case", node=stage.cv, kind="case.opened")
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
    seat = stage.seat(stage.cv, "investigator")
    question = desk.question(
        case,
        to_state=stage.nl.state,
        measure=MEASURE[form],
        data=("content", "traffic"),
        authority="judge",
        stage="investigation",
        urgency="urgent",
        facts=FACTS,
        seat=seat,
    )
    return desk.ask(case, question, seat=seat, at=stage.cv.clock.now())


def _letter(stage: Stage, case: str, *, form: Form, linked: str) -> Generator[Told, None, str]:
    """Ask the law, draft, authorise, send; the letter has arrived when this ends."""
    drafter, judge = stage.seat(stage.cv, "investigator"), stage.seat(stage.cv, "judge")
    with stage.cv.active():
        verdict, answer = ask(stage, case, form)
    route = answer.route(ROUTE[form])
    articles, counts = ", ".join(route.articles), f"{len(answer.lawful)} lawful, {len(answer.open)} open"
    said = f"the law is asked: {counts}, {len(answer.closed)} closed with reasons"
    yield stage.tell(said, node=stage.cv, kind="law.asked", statement=verdict, article=articles)
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
            letter, _RECOGNITION, note="Recognised for execution.", seat=judge, at=stage.nl.clock.now()
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
            origin=_ORIGIN,
            selectors=frozenset({"domain:bluelagoon.example"}),
            progress=lambda _length: None,
            seat=giver,
            at=stage.nl.clock.now(),
        )
    stage.item = item
    yield stage.tell("custodian seals the server image", node=stage.nl, kind="evidence.acquisition", article="31")
    with stage.nl.active():
        transfer = desk.hand_over(item, ground=_GROUND, seat=giver, at=stage.nl.clock.now())
    yield stage.tell(
        "hand-over offered, ground recorded",
        node=stage.nl,
        kind="evidence.offer",
        article=f"LED {_GROUND.article}",
    )
    stage.wait("the item has not arrived", lambda: _arrived(stage, transfer))
    yield stage.tell("item arrived whole and opens", node=stage.cv, kind="evidence.arrival")
    with stage.cv.active():
        desk.accept(transfer, seat=receiver, at=stage.cv.clock.now())
    yield stage.tell("custodian accepts: both sides signed", node=stage.cv, kind="evidence.accept")
    stage.wait("the giver has not heard of the acceptance", lambda: _given(stage, item))
    yield stage.tell("giver's custody ends", node=stage.nl, kind="evidence.accept.received")


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


def asked(form: Form, verdict: str, *, linked: str, custodian: JsonObject) -> Asked:
    """What the investigator types for a letter of this form."""
    today = date(2026, 11, 23)
    return Asked(
        form=form,
        to_node="nl",
        to_authority="National contact point 24/7" if form is Form.PRESERVATION else "Central authority",
        verdict=verdict,
        route=ROUTE[form],
        subject=f"Blue Lagoon Market: {form.value}",
        facts="An online marketplace for drugs, named Blue Lagoon Market, is hosted in the Netherlands.",
        purpose="Criminal investigation against the operators of the marketplace",
        data_from=today - timedelta(days=365),
        data_until=today,
        linked=linked,
        custodian=custodian,
        urgent=True,
        confidential=False,
    )


def warrant(form: Form) -> Decision:
    """What the judge decides about a letter of this form."""
    return Decision(
        scope=None,
        legal_basis={"law": "not_stated", "article": "not_stated", "convention": ROUTE[form]},
        purpose="Secure the evidence on the marketplace's server",
        necessity="The server can be emptied at any time; no other source holds these data.",
        less_intrusive="Public pages were captured; they do not show who operates the market.",
        conditions=("Only data of the three named selectors.",),
        days=90,
    )


_RECOGNITION: Final = Decision(
    scope=None,
    legal_basis={"law": "not_stated", "article": "not_stated", "convention": ROUTE[Form.PRODUCTION]},
    purpose="Execute the letter",
    necessity="The letter is complete, its route lawful, and no ground of refusal applies.",
    less_intrusive="A production order to the provider would warn the operators.",
    conditions=("The image is handed over sealed.",),
    days=60,
)
_ORIGIN: Final = evidence.Origin(
    place="Data centre, Amsterdam (synthetic)",
    device="Rack server, serial SYN-0001",
    method="Bit-for-bit image of one disk",
    tool="generated by the demo",
    tool_version="1",
    time_source="the node's clock",
)
_GROUND: Final = TransferGround(
    kind=GroundKind.DEROGATION,
    law=LED,
    article="38(1)-(3)",
    reason="Needed to prosecute the operators of the marketplace in one criminal case.",
    recipient="The authority of Cabo Verde that asked, competent for the prosecution of these offences.",
    origin="The data were collected in the Netherlands under the recognition of this letter.",
    derogation="individual_case",
    rights_weighed="The image concerns the operators of a criminal market; no overriding right was found.",
)
