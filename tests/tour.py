"""Every page of every desk, with somebody who may open it: what a browser visits, and which addresses are no pages."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from comity.authorities.roles import Actor, Power, Role
from comity.authorities.standing import Change
from comity.cli import desk
from comity.cli.script import ROUTE
from comity.cli.shell import Seat
from comity.evidence.disclosure import Ground, Kind
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import authenticator
from comity.registry.act import Node
from comity.registry.actions.openings import SeenAlready, open_letter
from comity.registry.gestures import mandates, pending
from comity.registry.gestures import people as gestures
from comity.registry.gestures.disclosures import Choice, prepare_disclosure
from comity.registry.gestures.letters import prepare_authorisation
from comity.registry.invitations import Appointment
from comity.registry.queries import cases, disclosures, people
from competences import published
from entering import asked_for
from people import appoint, appointment, decide, proposed
from people import at as at_terminal
from scenes import DECISION, World, acknowledged, seized, settle, signed_over, stepped

HOLDERS: Final = {
    "carla": "cv",
    "cas": "nl",
    "ivo": "cv",
    "joost": "nl",
    "julia": "cv",
    "lotte": "nl",
    "luis": "cv",
} | {
    "amara": "cv",
    "olga": "nl",
    "otto": "cv",
    "dalia": "cv",
    "iris": "nl",
}


@dataclass
class Town:
    """A world with somebody at every desk, and what only a visitor needs: a mandate, invitations, a text to sign."""

    world: World
    verdict: str = ""
    disclosure: str = ""
    invitation: str = ""
    token: str = ""
    mandate: str = ""
    suspended: str = ""
    decision: str = ""
    to_sign: str = ""
    exhibit: str = ""
    hand_over: str = ""
    competence: str = ""
    way: str = ""
    letters: dict[str, str] = field(default_factory=dict)

    def node(self, official: str) -> Node:
        """Where somebody works; who is not named sits at cv."""
        return self.world.stage.nl if HOLDERS.get(official) == "nl" else self.world.stage.cv


@dataclass(frozen=True)
class Stop:
    """A page: the name of its address, who opens it ("" is nobody), where it is, and what is asked of the list there."""

    name: str
    official: str
    where: Callable[[Town], list[str]] = lambda _town: []
    query: Callable[[Town], str] = lambda _town: ""
    status: int = 200
    about: str = ""

    @property
    def id(self) -> str:
        """What a test is called, and a picture."""
        return "-".join(part for part in (self.name, self.official, self.about) if part)

    def path(self, town: Town) -> str:
        """The address in this town."""
        return reverse(self.name, args=self.where(town)) + self.query(town)


def letter(state: str) -> Callable[[Town], list[str]]:
    """The letter that stands there."""
    return lambda town: [town.letters[state]]


def item(point: str) -> Callable[[Town], list[str]]:
    """The item that lies there."""
    return lambda town: [town.world.items[point]]


def transfer(state: str) -> Callable[[Town], list[str]]:
    """The transfer that stands there."""
    return lambda town: [town.world.transfers[state]]


def _case(town: Town) -> list[str]:
    return [town.world.case]


def _verdict(town: Town) -> list[str]:
    return [town.world.case, town.verdict]


def _route(_town: Town) -> str:
    return f"?route={quote(ROUTE[Form.PRESERVATION], safe='')}"


def _asked(**more: str) -> str:
    """A question for which France is asked, with one answer that closed a route."""
    said = {
        "authority": "judge",
        "stage": "investigation",
        "to": "FR",
        "measure": "production_traffic",
        "data": "traffic",
    }
    said |= {"purpose": "evidence", "urgency": "normal", "fact_transnational_suspected": "no"}
    return f"?{urlencode(said | more)}"


_CLOCK: Final = {"deadline": "coe-ets185/bud.preservation_abroad/min_keep"}
_MOMENTS: Final = {"event_1": "2026-11-23 09:00", "event_2": "2026-11-25 10:00"}

STOPS: Final = (
    Stop("login", ""),
    Stop("enrol", "", lambda town: [town.token]),
    *(Stop("desk", official) for official in sorted(HOLDERS)),
    Stop("cases", "ivo"),
    Stop("cases", "iris", about="empty"),
    Stop("case-new", "ivo"),
    Stop("case", "ivo", _case),
    Stop("case-offences", "ivo", _case),
    Stop("ask", "ivo"),
    Stop("ask", "iris", query=lambda _town: _asked(offence="none", step="answer"), about="answer-without-a-case"),
    Stop("case-ask", "ivo", _case, lambda _town: _asked(step="offences"), about="offences"),
    Stop("case-ask", "ivo", _case, lambda _town: _asked(route="un-uncac/uncac.mla"), about="fact"),
    Stop(
        "case-ask",
        "ivo",
        _case,
        lambda _town: _asked(last="fact_transnational_suspected", step="answer"),
        about="answer",
    ),
    Stop(
        "case-ask", "ivo", _case, lambda _town: _asked(answers="fact_political_offence"), status=422, about="unanswered"
    ),
    Stop("ask", "ivo", query=lambda _town: "?authority=nobody", status=422, about="refused"),
    Stop("verdict", "ivo", _verdict),
    Stop("letter-draft", "ivo", _verdict, _route),
    Stop("letters", "ivo"),
    Stop("letters", "ivo", query=lambda _town: "?q=nothing-is-called-so", about="none"),
    Stop("letter", "ivo", letter("draft")),
    Stop("letter", "ivo", letter("executed"), about="executed"),
    Stop("letter", "julia", letter("authorised")),
    Stop("letter", "lotte", letter("acknowledged")),
    Stop("letter", "cas", letter("recognised")),
    Stop("letter-text", "ivo", letter("executed")),
    Stop("letter-send", "ivo", letter("authorised")),
    Stop("letter-send", "ivo", letter("executed"), status=422, about="refused"),
    Stop("letter-answer", "ivo", letter("queried")),
    Stop("letter-withdraw", "ivo", letter("draft")),
    Stop("docket", "julia"),
    Stop("docket", "joost"),
    Stop("letter-authorise", "julia", letter("draft")),
    Stop("letter-deny", "julia", letter("draft")),
    Stop("letter-recognise", "joost", letter("asked")),
    Stop("letter-emergency", "ivo", letter("draft")),
    Stop("letter-validate", "julia", letter("received")),
    Stop("letter-end", "julia", letter("received")),
    Stop("letter-suspend", "julia", letter("received")),
    Stop("letter-review", "luis", letter("received")),
    Stop("item-record", "cas", lambda town: [town.world.items["held"], "marking"], about="marking"),
    Stop("item-record", "cas", lambda town: [town.world.items["held"], "correction"], about="correction"),
    Stop("item-record", "cas", lambda town: [town.world.items["accepted"], "access"], about="gone"),
    Stop("item-made", "cas", item("held")),
    Stop("exhibits", "cas"),
    Stop("exhibits", "ivo", about="empty"),
    Stop("exhibit", "cas", lambda town: [town.exhibit]),
    Stop("exhibit-label", "cas", lambda town: [town.exhibit]),
    Stop("exhibit-made", "cas", lambda town: [town.exhibit]),
    Stop("exhibit-record", "cas", lambda town: [town.exhibit, "sealing"], about="sealing"),
    Stop("exhibit-record", "cas", lambda town: [town.exhibit, "return"], about="return"),
    Stop("exhibit-within", "cas", lambda town: [town.exhibit]),
    Stop("exhibit-send", "cas", lambda town: [town.exhibit]),
    Stop("exhibit-accept", "carla", lambda town: [town.hand_over]),
    Stop("exhibit-new", "cas", letter("recognised")),
    Stop("item-review", "lotte", item("held")),
    Stop("item-erase", "cas", item("held"), status=422, about="refused"),
    Stop("case-protected", "ivo", _case),
    Stop("sign", "julia", lambda town: [town.to_sign]),
    Stop("inbox", "lotte"),
    Stop("letter-acknowledge", "lotte", letter("received")),
    Stop("letter-query", "lotte", letter("acknowledged")),
    Stop("letter-refuse", "lotte", letter("acknowledged")),
    Stop("letter-preserve", "lotte", letter("acknowledged")),
    Stop("letter-execute-partly", "lotte", letter("recognised")),
    Stop("letter-execute", "lotte", letter("recognised")),
    Stop("evidence", "cas"),
    Stop("evidence", "carla"),
    Stop("item", "cas", item("held")),
    Stop("item", "carla", item("accepted")),
    Stop("intake", "cas", letter("recognised")),
    Stop("hand-over", "cas", item("held")),
    Stop("transfers", "cas"),
    Stop("transfers", "carla"),
    Stop("accept", "carla", transfer("arrived")),
    Stop("export", "carla", item("accepted")),
    Stop("item-age", "carla", item("accepted")),
    Stop("item-keep", "carla", item("accepted")),
    Stop("retention", ""),
    Stop("case-disclose", "ivo", _case),
    Stop("disclosures", "dalia"),
    Stop("disclosures", "iris", about="none"),
    Stop("disclosure", "dalia", lambda town: [town.disclosure]),
    Stop("oversight", "otto"),
    Stop("audit", "otto"),
    Stop("access-letter", "otto", letter("received")),
    Stop("access-case", "ivo", _case),
    Stop("access-item", "ivo", item("accepted")),
    Stop("letter", "ivo", letter("received"), about="opened"),
    Stop("emergency", "luis"),
    Stop("log-explorer", "otto"),
    Stop("vouching", "otto"),
    Stop("log-entry", "otto", lambda _town: ["9"]),
    Stop("oversight-letter", "otto", letter("executed")),
    Stop("officials", "amara"),
    Stop("official-invite", "amara"),
    Stop("nodes", "amara"),
    Stop("node-admit", "amara"),
    Stop("invitation", "amara", lambda town: [town.invitation]),
    Stop("officials", "amara", query=lambda _town: "?stands=suspended", about="suspended"),
    Stop("officials", "amara", query=lambda _town: "?q=nobody-is-called-so", about="none"),
    Stop("person", "amara", lambda _town: ["luis"]),
    Stop("person", "amara", lambda _town: ["amara"], about="own"),
    Stop("person", "amara", lambda _town: ["zuleica"], about="suspended"),
    Stop("ways-in", "luis"),
    Stop("passkey-new", "luis"),
    Stop("passkey-revoke", "luis", lambda town: [town.mandate]),
    Stop("ways-waiting", "amara"),
    Stop("way-waiting", "amara", lambda town: [town.way]),
    Stop("person-train", "amara", lambda _town: ["luis"]),
    Stop("trainings", "amara"),
    Stop("mandate-suspend", "amara", lambda town: ["luis", town.mandate]),
    Stop("mandate-end", "amara", lambda town: ["luis", town.mandate]),
    Stop("mandate-reinstate", "amara", lambda town: ["zuleica", town.suspended]),
    Stop("decision", "amara", lambda town: [town.decision]),
    Stop("profile", "ivo"),
    Stop("profile", "carla"),
    Stop("competence", "ivo", query=lambda _town: "?measure=preservation&state=CV", about="known"),
    Stop("competence", "lotte", query=lambda _town: "?measure=preservation&state=NL", about="declared"),
    Stop(
        "competence",
        "ivo",
        query=lambda _town: "?measure=preservation&state=CV&territory=NL",
        status=422,
        about="refused",
    ),
    Stop("competence-entry", "julia", lambda town: ["cv", town.competence]),
    Stop("competences", "amara"),
    Stop("competence-new", "amara"),
    Stop("competence-edit", "amara", lambda town: [town.competence]),
    Stop("competence-withdraw", "amara", lambda town: [town.competence]),
    Stop("law", "otto"),
    Stop("law-gaps", "otto"),
    Stop(
        "law-gaps", "ivo", query=lambda _town: "?part=europe&state=NL&direction=in&measure=preservation", about="europe"
    ),
    Stop("law-gaps", "ivo", query=lambda _town: "?measure=alchemy", status=422, about="refused"),
    Stop("law-gaps-matrix", "otto"),
    Stop("law-gaps-matrix", "ivo", query=lambda _town: "?rows=155&columns=029", about="states"),
    Stop("law-gaps-list", "otto"),
    Stop("law-gaps-list", "ivo", query=lambda _town: "?from_state=VA&answer=lawful", about="none"),
    Stop("law-gap", "ivo", lambda _town: ["CV", "NL"]),
    Stop("law-library", "otto"),
    Stop("law-library", "ivo", query=lambda _town: "?measure=preservation&state=NL", about="sifted"),
    Stop("law-library", "ivo", query=lambda _town: "?measure=alchemy", status=422, about="refused"),
    Stop("law-instrument", "julia", lambda _town: ["coe-ets185"], lambda _town: "?state=AT"),
    Stop("law-instrument", "julia", lambda _town: ["eu-2023-1543"], about="regulation"),
    Stop("law-instrument", "julia", lambda _town: ["us-au-cloud"], about="parties-only"),
    Stop("law-definitions", "ivo"),
    Stop("law-clock", "lotte"),
    Stop("law-clock", "lotte", query=lambda _town: f"?{urlencode(_CLOCK)}", about="chosen"),
    Stop(
        "law-clock",
        "lotte",
        query=lambda _town: f"?{urlencode({**_CLOCK, **_MOMENTS, 'place': 'NL'})}",
        about="computed",
    ),
    Stop(
        "law-clock",
        "lotte",
        query=lambda _town: f"?{urlencode({**_CLOCK, 'event_1': 'soon', 'place': 'US'})}",
        status=422,
        about="refused",
    ),
    Stop("letter", "ivo", lambda _town: ["0" * 64], status=404, about="unknown"),
)


def visited(world: World) -> Town:
    """A town in which every page has something to show."""
    stage = world.stage
    town = Town(world=world, letters=dict(world.letters))
    if "queried" not in town.letters:
        town.letters["queried"] = acknowledged(stage, world.case)
        stepped(stage.seat(stage.nl, "liaison"), town.letters["queried"], Step.QUERY)
        settle(stage)
    cas = stage.seat(stage.nl, "custodian")
    town.exhibit = seized(cas, world.letters["recognised"], "EX-2026-014")
    town.hand_over = signed_over(stage, seized(cas, world.letters["recognised"], "EX-2026-015"))
    with stage.cv.active():
        at = stage.cv.clock.now()
        amara, julia, luis = (authenticator.seated(stage.cv, one, at=at) for one in ("amara", "julia", "luis"))
        investigator = stage.seat(stage.cv, "investigator").entry
        case = cases.case(world.case, viewer=investigator.actor)
        town.verdict = next(
            one["verdict"] for one in case["verdicts"] if _leads(one["verdict"], viewer=investigator.actor)
        )
        town.mandate = luis.mandate
        town.way = asked_for(Seat(stage.cv, luis), at=at)
        town.disclosure = _disclosed(world, Seat(stage.cv, investigator))
        _staff(town)
        link = gestures.invite(
            Appointment("mara", "Mara Lima", Role.JUDGE, "Court of Praia", "Judiciary"), actor=amara.actor, at=at
        )
        town.token = link.token
        town.invitation = people.invited(viewer=amara.actor)[0].reference
        town.competence = published(Seat(stage.cv, amara), territory=("CV",), authority="Procuradoria-Geral")
        prepared = prepare_authorisation(town.letters["draft"], DECISION, actor=julia.actor, at=at)
        town.to_sign = pending.keep(prepared, entry=julia, at=at)
        rui = authenticator.seated(stage.cv, "rui", at=at)
        reason = "The server is emptied tonight; nobody of the case answers."
        with suppress(SeenAlready):  # in a filled demo the case may be his own
            open_letter(town.letters["received"], reason=reason, actor=rui.actor, at=at)
    return town


def _disclosed(world: World, seat: Seat) -> str:
    """A disclosure of the case to counsel, in which every item is withheld; the node is active."""
    at = seat.node.clock.now()
    held = disclosures.held_in(world.case, viewer=seat.entry.actor)
    items = {one.name: Choice(Ground.PROTECTED_PERSON, "A source is named.") for one in held if one.kind is Kind.ITEM}
    prepared = prepare_disclosure(
        world.case, counsel="dalia", for_="The accused A", choices=items, actor=seat.entry.actor, at=at
    )
    return desk.finished(prepared, seat=seat, at=at)


def _staff(town: Town) -> None:
    """Somebody suspended, a training that somebody lacks, and a decision that waits for amara; the node is active."""
    cv = town.world.stage.cv
    celia = appoint(cv, appointment("celia", Role.ADMINISTRATOR))
    zuleica = at_terminal(cv, "zuleica")
    town.suspended = zuleica.entry.mandate
    decide(cv, Change.SUSPEND, zuleica.entry, reason="Her token is lost.")
    town.decision = proposed(cv, celia, by="bento", second="amara")
    amara, at = at_terminal(cv, "amara"), cv.clock.now()
    policy = mandates.prepare_training_policy(
        {Power.ISSUE_EMERGENCY: ("Emergency requests",)}, actor=amara.entry.actor, at=at
    )
    desk.finished(policy, seat=amara, at=at)


def _leads(verdict: str, *, viewer: Actor) -> bool:
    """Whether a letter of preservation can be drafted on this answer of the law."""
    routes = cases.verdict(verdict, viewer=viewer)["routes"]
    return any(one["id"] == ROUTE[Form.PRESERVATION] and one["status"] == "lawful" for one in routes)


def named() -> set[str]:
    """Every name that an address of a node has."""
    return set(_names(get_resolver().url_patterns))


def _names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += _names(one.url_patterns)
        elif one.name:
            found.append(one.name)
    return found
