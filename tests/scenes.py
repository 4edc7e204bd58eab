"""Letters and items at any point of their life, for tests: the story's own gestures, stopped where a test begins."""

from dataclasses import dataclass, field, replace

from comity.cli import desk
from comity.cli.script import MILDER, NECESSITY, NO_PRIVILEGE, Image, asked, warrant
from comity.cli.shell import Seat
from comity.cli.story import Stage, ask, open_case
from comity.evidence.exhibit import ExhibitKind
from comity.exchange.transfer import LED, GroundKind, TransferGround
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.actions import letters as acts
from comity.registry.gestures.exhibits import Seized
from comity.registry.queries.evidence import Origin
from comity.registry.queries.exhibits import hand_overs
from comity.registry.queries.people import colleague
from comity.registry.queries.texts import Decision

NOTE = {"note": "Noted."}
ITEM_BYTES = 100_000
DECISION = Decision(
    scope=None,
    legal_basis={"law": "not_stated", "article": "not_stated"},
    purpose="Execute the letter of the other side",
    necessity=NECESSITY,
    less_intrusive=MILDER,
    privileges=NO_PRIVILEGE,
    conditions=(),
    days=60,
)
ORIGIN = Origin(
    place="Data centre (synthetic)",
    device="Rack server, serial SYN-0001",
    method="Bit-for-bit image",
    tool="generated",
    tool_version="1",
    time_source="the node's clock",
)
GROUND = TransferGround(
    kind=GroundKind.DEROGATION,
    law=LED,
    article="38(1)-(3)",
    reason="Needed to prosecute in one criminal case.",
    recipient="The authority that asked.",
    origin="Collected under the recognition of this letter.",
    derogation="individual_case",
    rights_weighed="No overriding right was found.",
)


def opened(stage: Stage) -> str:
    """A case at cv."""
    with stage.cv.active():
        return open_case(stage)


def drafted(stage: Stage, case: str, *, form: Form = Form.PRESERVATION, linked: str = "") -> str:
    """A letter that the investigator of cv has drafted for nl."""
    seat = stage.seat(stage.cv, "investigator")
    with stage.cv.active():
        verdict, _ = ask(stage, case, form)
        custodian = colleague("carla", viewer=seat.entry.actor) if form is Form.PRODUCTION else {}
        text = asked(form, verdict, linked=linked, custodian=custodian)
        return desk.draft(case, text, seat=seat, at=stage.cv.clock.now())


def authorised(stage: Stage, case: str, *, form: Form = Form.PRESERVATION, days: int = 60) -> str:
    """A drafted letter that a judge has authorised."""
    letter = drafted(stage, case, form=form)
    decision = warrant(form)
    decision = Decision(**{**vars(decision), "days": days})
    with stage.cv.active():
        desk.authorise(letter, decision, seat=stage.seat(stage.cv, "judge"), at=stage.cv.clock.now())
    return letter


def sent(stage: Stage, case: str, *, form: Form = Form.PRESERVATION) -> str:
    """A letter in the outbox of cv."""
    letter = authorised(stage, case, form=form)
    with stage.cv.active():
        acts.send_letter(letter, actor=stage.seat(stage.cv, "investigator").entry.actor, at=stage.cv.clock.now())
    return letter


def received(stage: Stage, case: str, *, form: Form = Form.PRESERVATION) -> str:
    """A letter that stands at nl, whose receipt stands at cv."""
    letter = sent(stage, case, form=form)
    settle(stage)
    return letter


def acknowledged(stage: Stage, case: str, *, form: Form = Form.PRESERVATION) -> str:
    """A letter that the liaison officer of nl has acknowledged; cv knows."""
    letter = received(stage, case, form=form)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    settle(stage)
    return letter


def recognised(stage: Stage, case: str) -> str:
    """A production letter that the judge of nl has recognised; cv knows."""
    letter = acknowledged(stage, case, form=Form.PRODUCTION)
    seat = stage.seat(stage.nl, "judge")
    with stage.nl.active():
        desk.recognise(letter, DECISION, note="Recognised.", seat=seat, at=stage.nl.clock.now())
    settle(stage)
    return letter


def taken_in(stage: Stage, letter: str) -> str:
    """An item in the vault of nl under a recognised letter."""
    return take_in(stage.seat(stage.nl, "custodian"), letter)


def offered(stage: Stage, item: str) -> str:
    """A transfer that the custodian of nl has offered, still in its outbox."""
    seat = stage.seat(stage.nl, "custodian")
    with stage.nl.active():
        return desk.hand_over(item, ground=GROUND, seat=seat, at=stage.nl.clock.now())


def arrived(stage: Stage, item: str) -> str:
    """A transfer whose item lies whole in the vault of cv."""
    transfer = offered(stage, item)
    settle(stage)
    return transfer


def accepted(stage: Stage, item: str) -> str:
    """A transfer that both sides have signed, and both nodes know."""
    transfer = arrived(stage, item)
    with stage.cv.active():
        desk.accept(transfer, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
    settle(stage)
    return transfer


def stepped(seat: Seat, letter: str, step: Step, facts: dict[str, str] | None = None) -> str:
    """One step of a letter's life, taken at that seat."""
    with seat.node.active():
        return desk.step(letter, step, facts=facts or NOTE, seat=seat, at=seat.node.clock.now())


def take_in(seat: Seat, letter: str, *, name: str = "server.img", selectors: frozenset[str] = frozenset()) -> str:
    """Seal a small generated image under the letter."""
    with seat.node.active():
        return desk.take_in(
            Image(ITEM_BYTES, progress=lambda _done, _of: None),
            name=name,
            media_type="application/octet-stream",
            letter=letter,
            origin=ORIGIN,
            selectors=selectors,
            progress=lambda _length: None,
            seat=seat,
            at=seat.node.clock.now(),
        )


def seized(seat: Seat, letter: str, number: str, *, selectors: frozenset[str] = frozenset()) -> str:
    """A cold wallet that was seized under a recognised letter; its reference."""
    described = Seized(
        number=number,
        kind=ExhibitKind.WALLET,
        description="Hardware wallet in a blue case (synthetic)",
        serial="SYN-WALLET-7",
        letter=letter,
        origin=replace(ORIGIN, taken_at="2026-11-23T08:00:00.000Z", taken_by="Team 3"),
        selectors=selectors,
        place="Room 4, shelf B",
        seals=["S-1", "S-2"],
    )
    with seat.node.active():
        return desk.seize(described, seat=seat, at=seat.node.clock.now())


def signed_over(stage: Stage, exhibit: str, *, ground: TransferGround | None = GROUND) -> str:
    """The hand-over of an exhibit of nl that waits at cv for its custodian."""
    seat = stage.seat(stage.nl, "custodian")
    how = {"place": "Palace of justice", "reason": "Asked for."}
    with stage.nl.active():
        desk.hand_over_exhibit(exhibit, to="", ground=ground, seat=seat, at=stage.nl.clock.now(), **how)
    settle(stage)
    with stage.cv.active():
        waiting = hand_overs(viewer=stage.seat(stage.cv, "custodian").entry.actor)
    return str(next(one["transfer"] for one in waiting if one["exhibit"] == exhibit))


def settle(stage: Stage) -> None:
    """Let the post of both nodes come to rest."""
    for _ in range(4):
        stage.settle()


@dataclass
class World:
    """A stage on which everything stands somewhere: one case, letters at each point, items at each point."""

    stage: Stage
    case: str
    letters: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    transfers: dict[str, str] = field(default_factory=dict)


def populated(stage: Stage) -> World:
    """Letters by state (production ones as `produced`), items `held`, `offered`, `accepted`, transfers by state."""
    world = World(stage=stage, case=opened(stage))
    case, letters = world.case, world.letters
    letters["draft"] = drafted(stage, case)
    letters["authorised"] = authorised(stage, case)
    letters["received"] = received(stage, case)
    letters["acknowledged"] = acknowledged(stage, case)
    letters["asked"] = acknowledged(stage, case, form=Form.PRODUCTION)
    letters["recognised"] = recognised(stage, case)
    letters["executed"] = recognised(stage, case)
    world.items["held"] = taken_in(stage, letters["recognised"])
    world.items["arrived"] = taken_in(stage, letters["recognised"])
    world.transfers["arrived"] = arrived(stage, world.items["arrived"])
    world.items["accepted"] = taken_in(stage, letters["executed"])
    world.transfers["accepted"] = accepted(stage, world.items["accepted"])
    stepped(stage.seat(stage.nl, "liaison"), letters["executed"], Step.EXECUTE)
    settle(stage)
    return world
