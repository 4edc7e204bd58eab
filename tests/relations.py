"""Two nodes on which everything exists once in every relation of the access matrix, and a browser for every role.

`named` says how the thing of a page is called in a relation: the arguments of its address, or None where this node has none.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.test import Client

from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.cases.case import offence
from comity.cases.handling import Handling, Light
from comity.cases.selectors import parse_selector
from comity.cli import desk, founding
from comity.cli.cast import CV, NL, administrators
from comity.cli.script import asked, warrant
from comity.cli.shell import Seat
from comity.cli.story import Stage, ask
from comity.evidence.disclosure import Ground, Kind
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.access.relations import Relation, What
from comity.registry.act import Node
from comity.registry.actions import letters as acts
from comity.registry.actions.cases import add_member
from comity.registry.actions.openings import open_letter
from comity.registry.gestures import pending
from comity.registry.gestures import people as gestures
from comity.registry.gestures.disclosures import Choice, prepare_disclosure
from comity.registry.gestures.letters import prepare_authorisation
from comity.registry.invitations import Appointment
from comity.registry.models import OfficialRow, SeatRow, TransferRow
from comity.registry.queries import disclosures, people
from comity.registry.queries.people import colleague
from passkeys import browser
from scenes import DECISION, World, accepted, arrived, populated, seized, settle, signed_over, stepped, taken_in

ROLES = tuple(role for role in Role if role is not Role.SERVICE)
PLACES = {"cv": CV, "nl": NL}
RED = Handling(light=Light.RED)
Named = Callable[[str], list[str] | None]


@dataclass
class Nodes:
    """The world of the walk: who sits where, and what everything is called."""

    world: World
    people: dict[tuple[str, Role], Entry] = field(default_factory=dict)
    left: dict[tuple[str, Role], Entry] = field(default_factory=dict)
    names: dict[tuple[str, What, Relation], Named] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """The two nodes."""
        return self.world.stage

    def node(self, place: str) -> Node:
        """The node of that name."""
        return self.stage.cv if place == "cv" else self.stage.nl

    def named(self, place: str, what: What, relation: Relation, page: str) -> list[str] | None:
        """What an address needs to name the thing; None where this node has no such thing."""
        found = self.names.get((place, what, relation))
        return found(page) if found else None


def at_desk(node: Node, entry: Entry) -> Client:
    """The browser of an official who has sat down; the node is active."""
    client = browser(node)
    answer = client.post("/login/demo", {"official": entry.official})
    assert answer.status_code == 302, entry.official
    return client


def related(stage: Stage) -> Nodes:
    """The world of the walk, on a stage on which nothing has happened yet."""
    nodes = Nodes(world=populated(stage))
    for place in ("cv", "nl"):
        _peopled(nodes, place)
    own, foreign = nodes.world.case, _foreign_case(nodes)
    with stage.cv.active():
        ivo = stage.people["cv", "investigator"].actor
        for role in ROLES:
            add_member(own, nodes.people["cv", role].official, actor=ivo, at=stage.cv.clock.now())
    _letters(nodes, own, foreign)
    _evidence(nodes, foreign)
    settle(stage)
    _disclosures(nodes, own, foreign)
    _offices(nodes)
    _texts(nodes)
    _elsewhere_and_nowhere(nodes)
    return nodes


def _peopled(nodes: Nodes, place: str) -> None:
    """One official of each role who stays, and one whose mandate ended while a browser was open."""
    node, home = nodes.node(place), PLACES[place]
    witnesses = administrators(node, home)
    nodes.people[place, Role.ADMINISTRATOR] = witnesses[0]
    for role in ROLES:
        found = nodes.stage.people.get((place, role.value))
        stays = found or (witnesses[0] if role is Role.ADMINISTRATOR else None)
        nodes.people[place, role] = stays or _appointed(node, f"pat-{place}-{role.value}", role, witnesses)
        nodes.left[place, role] = _appointed(node, f"gone-{place}-{role.value}", role, witnesses)


def _appointed(node: Node, official: str, role: Role, witnesses: tuple[Entry, Entry]) -> Entry:
    one = Appointment(official=official, name=official.title(), role=role, office="Annex", authority="Annex (demo)")
    return founding.appoint(node, one, witnesses=witnesses)


def leave(nodes: Nodes, place: str) -> None:
    """The mandates of those who leave end now; their browsers stay open. The node is active."""
    gone = [one.official for (where, _), one in nodes.left.items() if where == place]
    OfficialRow.objects.filter(node=place, official__in=gone).update(ended_at=nodes.node(place).clock.now())


def _nadia(stage: Stage) -> Stage:
    """The stage as another investigator of cv sees it."""
    with stage.cv.active():
        nadia = next(one for one in people.directory(viewer=stage.cv.machine("tests")) if one.official == "nadia")
    return replace(stage, people=stage.people | {("cv", "investigator"): nadia})


def _foreign_case(nodes: Nodes) -> str:
    """A case of which none of the walkers is a member; another question, so that no answer of the law is shared."""
    seat = _nadia(nodes.stage).seat(nodes.stage.cv, "investigator")
    with nodes.stage.cv.active():
        return desk.open_case(
            "Operation Sirocco",
            "Green Cove Market",
            offences=(offence("drugs:10:9"),),
            selectors=(parse_selector("domain:greencove.example"),),
            seat=seat,
            at=nodes.stage.cv.clock.now(),
        )


def _draft(stage: Stage, case: str, form: Form, **more: Any) -> tuple[str, str]:
    """A draft of nadia's, with these marks, and the answer of the law that it rests on."""
    seat = _nadia(stage).seat(stage.cv, "investigator")
    with stage.cv.active():
        verdict, _ = ask(_nadia(stage), case, form)
        custodian = colleague("carla", viewer=seat.entry.actor) if form is Form.PRODUCTION else {}
        text = replace(asked(form, verdict, linked="", custodian=custodian), **more)
        return desk.draft(case, text, seat=seat, at=stage.cv.clock.now()), verdict


def _sent(stage: Stage, case: str, **more: Any) -> str:
    """A production letter of nadia's that the other node has acknowledged."""
    letter, _ = _draft(stage, case, Form.PRODUCTION, **more)
    seat = stage.seat(stage.cv, "judge")
    with stage.cv.active():
        at = stage.cv.clock.now()
        desk.authorise(letter, warrant(Form.PRODUCTION), seat=seat, at=at)
        acts.send_letter(letter, actor=_nadia(stage).seat(stage.cv, "investigator").entry.actor, at=at)
    settle(stage)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    settle(stage)
    return letter


def _name(nodes: Nodes, place: str, whats: tuple[What, ...], relation: Relation, *arguments: str) -> None:
    for what in whats:
        nodes.names[place, what, relation] = lambda page: [
            *arguments,
            *(["access"] if page.endswith("-record") else []),
        ]


def _letters(nodes: Nodes, own: str, foreign: str) -> None:
    stage, world = nodes.stage, nodes.world
    seen = (What.LETTER, What.SIGHT_OF_LETTER)
    plain, verdict = _draft(stage, foreign, Form.PRESERVATION)
    confidential, _ = _draft(stage, foreign, Form.PRESERVATION, confidential=True)
    red, _ = _draft(stage, foreign, Form.PRESERVATION, handling=RED)
    _name(nodes, "cv", seen, Relation.OWN, world.letters["draft"])
    _name(nodes, "cv", seen, Relation.FOREIGN, plain)
    _name(nodes, "cv", seen, Relation.CONFIDENTIAL, confidential)
    _name(nodes, "cv", seen, Relation.RED, red)
    _name(nodes, "nl", seen, Relation.ELSEWHERE, plain)
    _name(nodes, "nl", (What.ARRIVED,), Relation.ELSEWHERE, red)
    came = world.letters["recognised"]
    nodes.names["nl", What.ARRIVED, Relation.FOREIGN] = lambda page: [
        came if page in {"intake", "exhibit-new"} else world.letters["asked"]
    ]
    _name(nodes, "nl", (What.ARRIVED,), Relation.CONFIDENTIAL, _sent(stage, foreign, confidential=True))
    _name(nodes, "nl", (What.ARRIVED,), Relation.RED, _sent(stage, foreign, handling=RED))
    _name(nodes, "cv", (What.CASE, What.SIGHT_OF_CASE), Relation.OWN, own)
    _name(nodes, "cv", (What.CASE, What.SIGHT_OF_CASE), Relation.FOREIGN, foreign)
    with stage.cv.active():
        mine, _ = ask(stage, own, Form.PRESERVATION)
    assert mine != verdict
    _name(nodes, "cv", (What.VERDICT,), Relation.OWN, own, mine)
    _name(nodes, "cv", (What.VERDICT,), Relation.FOREIGN, foreign, verdict)


def _evidence(nodes: Nodes, foreign: str) -> None:
    stage, world = nodes.stage, nodes.world
    letter = _sent(stage, foreign)
    with stage.nl.active():
        desk.recognise(letter, DECISION, note="x", seat=stage.seat(stage.nl, "judge"), at=stage.nl.clock.now())
    settle(stage)
    item = taken_in(stage, letter)
    accepted(stage, item)
    offered = arrived(stage, taken_in(stage, letter))
    cas = stage.seat(stage.nl, "custodian")
    exhibit = seized(cas, letter, "EX-1")
    _name(nodes, "nl", (What.EXHIBIT,), Relation.FOREIGN, exhibit)
    _name(nodes, "cv", (What.EXHIBIT,), Relation.ELSEWHERE, exhibit)
    over = seized(cas, letter, "EX-2")
    transfer = signed_over(stage, over)
    nodes.names["cv", What.HAND_OVER, Relation.FOREIGN] = lambda page: None if page == "exhibit-drop" else [transfer]
    things = (What.ITEM, What.SIGHT_OF_ITEM, What.FLAGGED)
    _name(nodes, "cv", things, Relation.OWN, world.items["accepted"])
    _name(nodes, "cv", things, Relation.FOREIGN, item)
    _name(nodes, "cv", (*things, What.KEPT), Relation.ELSEWHERE, world.items["held"])
    _name(nodes, "nl", (What.KEPT,), Relation.FOREIGN, world.items["held"])
    _name(nodes, "cv", (What.TRANSFER,), Relation.OWN, world.transfers["arrived"])
    _name(nodes, "cv", (What.TRANSFER,), Relation.FOREIGN, offered)
    with stage.nl.active():
        assert TransferRow.objects.filter(reference=offered, outgoing=True).exists()
    _name(nodes, "nl", (What.TRANSFER,), Relation.ELSEWHERE, offered)


def _disclosures(nodes: Nodes, own: str, foreign: str) -> None:
    """A disclosure of each case, to counsel who stays and to counsel who leaves."""
    stage = nodes.stage
    for case, whose, to, relation in (
        (own, stage, nodes.people["cv", Role.DEFENCE], Relation.OWN),
        (foreign, _nadia(stage), nodes.left["cv", Role.DEFENCE], Relation.FOREIGN),
    ):
        seat = whose.seat(stage.cv, "investigator")
        with stage.cv.active():
            at = stage.cv.clock.now()
            held = disclosures.held_in(case, viewer=seat.entry.actor)
            items = {one.name: Choice(Ground.OTHER, "Not here.") for one in held if one.kind is Kind.ITEM}
            prepared = prepare_disclosure(
                case, counsel=to.official, for_="A", choices=items, actor=seat.entry.actor, at=at
            )
            made = desk.finished(prepared, seat=seat, at=at)
        _name(nodes, "cv", (What.DISCLOSURE,), relation, made)
        if relation is Relation.OWN:
            _name(nodes, "nl", (What.DISCLOSURE,), Relation.ELSEWHERE, made)
    for place in ("cv", "nl"):
        _name(nodes, place, (What.DISCLOSURE,), Relation.MISSING, secrets.token_hex(16))


def _offices(nodes: Nodes) -> None:
    """What offices keep: invitations, mandates and alarms, on both nodes."""
    for place, other in (("cv", "nl"), ("nl", "cv")):
        node = nodes.node(place)
        with node.active():
            at = node.clock.now()
            admin = nodes.people[place, Role.ADMINISTRATOR].actor
            for name in ("mara", "mila"):
                gestures.invite(Appointment(name, name.title(), Role.JUDGE, "Court", "Courts"), actor=admin, at=at)
            invited = [one.reference for one in people.invited(viewer=admin)]
            end = nodes.left[place, Role.JUDGE]
            found = {
                "invitation": invited[:1],
                "invitation-withdraw": invited[1:],
                "mandate-end": [end.official, end.mandate],
            }
            if place == "cv":
                rui = next(one for one in people.directory(viewer=admin) if one.official == "rui")
                reason = "The server is emptied tonight; nobody of the case answers."
                letter = nodes.world.letters["received"]
                found["alarm-acknowledge"] = [open_letter(letter, reason=reason, actor=rui.actor, at=at)]
        found["mandate-suspend"] = found["mandate-end"]
        found |= dict.fromkeys(("person", "person-train"), found["mandate-end"][:1])
        nodes.names[place, What.OFFICE, Relation.ANY] = found.get
        if place == "nl":
            found["alarm-acknowledge"] = [secrets.token_hex(16)]  # nothing was opened there
            del nodes.names["nl", What.OFFICE, Relation.ANY]
            nodes.names[other, What.OFFICE, Relation.ELSEWHERE] = found.get


def _texts(nodes: Nodes) -> None:
    """A text for each official to sign (`to_sign` makes it), and one of somebody else's."""
    with nodes.stage.cv.active():
        edson = next(one for one in people.directory(viewer=nodes.stage.cv.machine("tests")) if one.official == "edson")
        to_sign(nodes, edson)
    theirs = nodes.texts["sign"]
    _name(nodes, "cv", (What.TEXT,), Relation.FOREIGN, theirs)
    _name(nodes, "nl", (What.TEXT,), Relation.ELSEWHERE, theirs)
    nodes.names["cv", What.TEXT, Relation.OWN] = lambda page: [nodes.texts[page]]


def _now(seat: Seat) -> datetime:
    return seat.node.clock.now()


def to_sign(nodes: Nodes, entry: Entry) -> None:
    """Put a text of this official's own behind every page on which texts are signed. The node is active."""
    at = nodes.stage.cv.clock.now()
    julia = nodes.stage.people["cv", "judge"].actor
    prepared = prepare_authorisation(nodes.world.letters["draft"], DECISION, actor=julia, at=at)
    for page in ("sign", "sign-drop"):
        nodes.texts[page] = pending.keep(prepared, entry=entry, at=at)


def _elsewhere_and_nowhere(nodes: Nodes) -> None:
    """Names of the right shape that name nothing here."""
    stage = nodes.stage
    iris = Seat(node=stage.nl, entry=stage.people["nl", "investigator"])
    with stage.nl.active():
        theirs = desk.open_case("T", "M", offences=(), selectors=(), seat=iris, at=_now(iris))
    _name(nodes, "cv", (What.CASE, What.SIGHT_OF_CASE), Relation.ELSEWHERE, theirs)
    _name(nodes, "cv", (What.VERDICT,), Relation.ELSEWHERE, theirs, secrets.token_hex(32))
    for place in ("cv", "nl"):
        _name(nodes, place, (What.LETTER, What.ARRIVED, What.SIGHT_OF_LETTER), Relation.MISSING, secrets.token_hex(32))
        sixteen: tuple[What, ...] = (
            What.CASE,
            What.SIGHT_OF_CASE,
            What.ITEM,
            What.SIGHT_OF_ITEM,
            What.KEPT,
            What.TRANSFER,
            What.TEXT,
        )
        sixteen = (What.CASE, What.SIGHT_OF_CASE, What.ITEM, What.SIGHT_OF_ITEM, What.FLAGGED, What.KEPT, What.TRANSFER)
        sixteen += (What.TEXT, What.EXHIBIT, What.HAND_OVER)
        _name(nodes, place, sixteen, Relation.MISSING, secrets.token_hex(16))
        _name(nodes, place, (What.VERDICT,), Relation.MISSING, secrets.token_hex(16), secrets.token_hex(32))
        nodes.names[place, What.OFFICE, Relation.MISSING] = lambda page: (
            ["nobody", "none"] if page.startswith("mandate") else [secrets.token_hex(16)]
        )
    with stage.cv.active():
        seat = SeatRow.objects.exclude(official__startswith="pat").first()
    mandates = {place: nodes.left[place, Role.JUDGE].mandate for place in ("cv", "nl")}
    nodes.names["cv", What.DESK, Relation.FOREIGN] = lambda page: (
        [mandates["cv"]] if page == "passkey-revoke" else [seat.reference if seat else secrets.token_hex(16)]
    )
    _name(nodes, "cv", (What.DESK,), Relation.ELSEWHERE, mandates["nl"])
    _name(nodes, "cv", (What.DESK,), Relation.MISSING, secrets.token_hex(16))
    _name(nodes, "cv", (What.ENTRY,), Relation.ANY, "9")
    _name(nodes, "cv", (What.ENTRY,), Relation.MISSING, "999999")
    law = {"law-instrument": ["us-au-cloud"], "law-gap": ["CV", "NL"]}
    none = {"law-instrument": ["no-such-treaty"], "law-gap": ["QQ", "ZZ"], "competence-entry": ["cv", "0" * 32]}
    nodes.names["cv", What.LAW, Relation.ANY] = law.get
    nodes.names["cv", What.LAW, Relation.MISSING] = none.__getitem__
    for place in ("cv", "nl"):
        nodes.names[place, What.NOTHING, Relation.ANY] = {
            "enrol": [secrets.token_hex(16)],
            "^log/leaf/(?P<leaf_hash>[0-9a-f]{64})$": [secrets.token_hex(32)],
            "^log/witnessed/(?P<node>[a-z0-9-]{1,40})$": ["nl"],
            "log/tile/<path:path>": ["0/000"],
        }.get
