"""Two nodes of the Union between which an order may go out before a judge validates it (Regulation (EU) 2023/1543 Art. 4(5))."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from comity.authorisations.reasons import Means, Necessity
from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.canon import moment
from comity.cases.case import offence
from comity.cases.selectors import parse_selector
from comity.cli import cast, desk, founding
from comity.cli.demo import START
from comity.cli.script import NO_PRIVILEGE, asked
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import authenticator
from comity.registry.act import Node
from comity.registry.actions import cases
from comity.registry.actions import letters as acts
from comity.registry.clock import Clock
from comity.registry.queries.people import colleague
from comity.registry.queries.texts import Decision
from scenes import DECISION, settle, stepped, take_in
from stage import free_port, served
from stage import settle as settled

ROUTE: Final = "eu-2023-1543/eev.production.subscriber_or_identification"
FACTS: Final[Mapping[str, bool | int | str]] = {
    "proceedings_for_mla": False,
    "provider_offers_services_in_union": True,
    "data_stored_at_receipt": True,
    "service_covered": True,
    "service_is_financial": False,
    "necessary_and_proportionate": True,
    "available_in_similar_domestic_case": True,
    "order_addressed_to": "controller",
    "data_kept_for_public_authority": "nobody",
    "designated_establishment_or_representative": True,
    "validated_by_judge_or_prosecutor": False,
    "emergency_established": True,
    "validation_not_in_time": True,
}
IE: Final = replace(
    cast.NL,
    id="ie",
    state="IE",
    name="Ireland (demo)",
    zone="Europe/Dublin",
    authority="Police of Ireland (demo)",
    courts="Courts of Ireland (demo)",
)
URGENT: Final = Decision(
    scope=None,
    legal_basis={"law": "not_stated", "article": "not_stated"},
    purpose="Find the person before the announced killing",
    necessity=Necessity(
        aim="Know who stands behind the account that took the order to kill.",
        suspicion="The order names a victim, a day and a price, and was paid for.",
        link="The account took the order and answered it from this service.",
        data="The name and address of the account are enough to find the person.",
        period="The account was opened in the days before the order.",
        seriousness="A life is threatened within the next two days.",
    ),
    less_intrusive=(Means(means="Ask the operator of the forum", why_not="He has not answered anybody for months."),),
    privileges=NO_PRIVILEGE,
    conditions=(),
    days=30,
)


def second(stage: Stage) -> Seat:
    """Another investigator of the asking node, who is a member of the case and did not draft."""
    with stage.cv.active():
        return Seat(node=stage.cv, entry=authenticator.seated(stage.cv, "sander", at=stage.cv.clock.now()))


@contextmanager
def union(folder: Path) -> Iterator[Stage]:
    """The stage: `stage.cv` asks (it is nl), `stage.nl` is asked (it is ie)."""
    nodes: list[Node] = []
    people: dict[tuple[str, str], Entry] = {}
    for place in (cast.NL, IE):
        spec = founding.Spec(
            id=place.id,
            kind="demo",
            name=place.name,
            state=place.state,
            host="127.0.0.1",
            port=free_port(),
            url="",
            database="node.sqlite3",
            responsible=place.founders[0],
            zone=place.zone,
            clock_start=moment(START),
        )
        nodes.append(founding.found(folder / place.id, spec))
        people |= cast.populate(nodes[-1], place)
    asking, asked_ = nodes
    cast.pair((asking, cast.NL), (asked_, IE))
    with served(asking), served(asked_):
        yield Stage(
            cv=asking,
            nl=asked_,
            people=people,
            settle=lambda: settled(asking, asked_),
            image_bytes=1000,
            progress=lambda _what, _done, _of: None,
        )
        for node in nodes:
            node.close()


def later(stage: Stage, time: timedelta) -> None:
    """Both clocks go on by `time`; nobody's clock goes back."""
    for node in (stage.cv, stage.nl):
        object.__setattr__(node, "clock", Clock(offset=node.clock.offset + time))


def opened(stage: Stage, *, title: str = "Operation Vesper") -> str:
    """A case of the asking side with two members."""
    seat = stage.seat(stage.cv, Role.INVESTIGATOR.value)
    with stage.cv.active():
        case = desk.open_case(
            title,
            "Vesper Forum",
            offences=(offence("contract_killing_violence:15:20"),),
            selectors=(parse_selector("account:vesper-7"), parse_selector("account:counsel-9")),
            seat=seat,
            at=stage.cv.clock.now(),
        )
        cases.add_member(case, "sander", actor=seat.entry.actor, at=stage.cv.clock.now())
    return case


def drafted(stage: Stage, case: str, *, urgency: str = "emergency", **changed: Any) -> str:
    """A draft for subscriber data, asked of the law as the police in an emergency."""
    seat = stage.seat(stage.cv, Role.INVESTIGATOR.value)
    emergency = urgency == "emergency"
    facts = {**FACTS, "validated_by_judge_or_prosecutor": not emergency}
    with stage.cv.active():
        question = desk.question(
            case,
            to_state="IE",
            measure="production_subscriber",
            data=("subscriber",),
            authority="police",
            stage="investigation",
            urgency=urgency,
            facts=facts,
            seat=seat,
        )
        verdict, _ = desk.ask(case, question, seat=seat, at=stage.cv.clock.now())
        text = asked(Form.PRODUCTION, verdict, linked="", custodian=colleague("cas", viewer=seat.entry.actor))
        text = replace(text, to_node="ie", to_authority="Provider", route=ROUTE, **changed)
        return desk.draft(case, text, seat=seat, at=stage.cv.clock.now())


def issued(stage: Stage, case: str) -> str:
    """A letter that goes out on an emergency decision, and was acknowledged."""
    letter = drafted(stage, case)
    with stage.cv.active():
        desk.issue_emergency(letter, URGENT, seat=second(stage), at=stage.cv.clock.now())
        acts.send_letter(letter, actor=second(stage).entry.actor, at=stage.cv.clock.now())
    settle(stage)
    return letter


def recognised(stage: Stage, letter: str) -> None:
    """The other side acknowledges and recognises it."""
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    with stage.nl.active():
        seat = stage.seat(stage.nl, "judge")
        desk.recognise(letter, DECISION, note="Recognised.", seat=seat, at=stage.nl.clock.now())
    settle(stage)


def handed_over(stage: Stage, letter: str, *, accept: bool) -> str:
    """An item under the letter, offered and fetched; accepted or still waiting for the second signature."""
    item = take_in(stage.seat(stage.nl, "custodian"), letter)
    with stage.nl.active():
        transfer = desk.hand_over(item, ground=None, seat=stage.seat(stage.nl, "custodian"), at=stage.nl.clock.now())
    settle(stage)
    if accept:
        with stage.cv.active():
            desk.accept(transfer, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
        settle(stage)
        return item
    return transfer
