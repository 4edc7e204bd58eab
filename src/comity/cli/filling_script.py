"""What fills the demo's desks: the cases and letters of ten weeks between two states, all of them invented.

A plan says which letter of which case begins when, and which path it takes; `PATHS` and `HOURS` say what then happens
and how long people take. Nothing here is drawn by chance: the same plans make the same letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.authorisations.reasons import Check, Condition
from comity.cli.script import GROUND, MILDER, NECESSITY, NO_PRIVILEGE, PRESERVATION_ROUTE, PRODUCTION_ROUTE
from comity.exchange.transfer import NOT_STATED, GroundKind, TransferGround
from comity.letters.letter import Form
from comity.registry.queries.evidence import Origin
from comity.registry.queries.texts import Decision

FOUNDED: Final = "2026-09-08T08:00:00.000Z"
YEAR: Final = 2026


@dataclass(frozen=True)
class Opened:
    """A case as its investigator opens it: on which node, by whom, about what."""

    node: str
    official: str
    title: str
    marketplace: str
    offences: tuple[str, ...]
    selectors: tuple[str, ...]


CASES: Final[Mapping[str, Opened]] = {
    "alisios": Opened(
        node="cv",
        official="ivo",
        title="Operation Alísios",
        marketplace="Cagarra Bazaar",
        offences=("drugs:12:12", "money_laundering:8:6"),
        selectors=("domain:cagarra-bazaar.example", "wallet:bc1qcagarraexamplewallet0000000001", "handle:cagarra_ops"),
    ),
    "fogo": Opened(
        node="cv",
        official="nadia",
        title="Operation Fogo",
        marketplace="Ember Cards",
        offences=("payment_card_data_noncash_fraud:8:6", "stolen_data_credentials:5:4"),
        selectors=("domain:embercards.example", "handle:ember_support"),
    ),
    "tartaruga": Opened(
        node="cv",
        official="rui",
        title="Operation Tartaruga",
        marketplace="Turtle Loader",
        offences=("malware_cybercrime_as_a_service:6:6", "money_laundering:8:6"),
        selectors=("domain:turtle-loader.example", "address:198.51.100.24", "account:turtle.dev"),
    ),
    "salina": Opened(
        node="cv",
        official="ivo",
        title="Operation Salina",
        marketplace="Salt Market",
        offences=("running_the_marketplace:8:6", "drugs:12:12"),
        selectors=("domain:saltmarket.example", "wallet:bc1qsaltmarketexamplewallet00000002"),
    ),
    "baia": Opened(
        node="cv",
        official="nadia",
        title="Operation Baía",
        marketplace="Quiet Harbour",
        offences=("weapons_explosives:10:8", "forged_documents:6:7"),
        selectors=("domain:quiet-harbour.example", "handle:harbour_master"),
    ),
    "kiekendief": Opened(
        node="nl",
        official="iris",
        title="Operation Kiekendief",
        marketplace="Polder Market",
        offences=("drugs:12:12", "running_the_marketplace:6:8"),
        selectors=("domain:poldermarket.example", "wallet:bc1qpoldermarketexamplewallet00003", "handle:polder_admin"),
    ),
    "zandloper": Opened(
        node="nl",
        official="sander",
        title="Operation Zandloper",
        marketplace="Hourglass Logs",
        offences=("stolen_data_credentials:4:5", "fraud_phishing:6:8"),
        selectors=("domain:hourglass-logs.example", "account:hourglass.seller"),
    ),
    "schelvis": Opened(
        node="nl",
        official="femke",
        title="Operation Schelvis",
        marketplace="North Pier",
        offences=("weapons_explosives:8:10",),
        selectors=("domain:north-pier.example", "handle:pier_seven", "address:203.0.113.77"),
    ),
    "nachtegaal": Opened(
        node="nl",
        official="iris",
        title="Operation Nachtegaal",
        marketplace="Nightingale Cards",
        offences=("payment_card_data_noncash_fraud:6:8", "money_laundering:6:8"),
        selectors=("domain:nightingale-cards.example", "wallet:bc1qnightingaleexamplewallet000004"),
    ),
}


@dataclass(frozen=True)
class Plan:
    """One letter: of which case, for what, which path it takes, and when it is drafted (month-day, hour in UTC).

    `linked`: it follows the case's newest letter whose data were preserved. `days`: how long its decisions run.
    """

    case: str
    measure: str
    path: str
    begins: str
    urgent: bool = False
    confidential: bool = False
    linked: bool = False
    days: int = 90


@dataclass(frozen=True)
class Measure:
    """What a letter with this measure asks for: its form, its data, and what can be said about it, in turn."""

    form: Form
    data: tuple[str, ...]
    topics: tuple[tuple[str, str], ...]


ROUTE: Final[Mapping[Form, str]] = {Form.PRESERVATION: PRESERVATION_ROUTE, Form.PRODUCTION: PRODUCTION_ROUTE}
MEASURES: Final[Mapping[str, Measure]] = {
    "preservation": Measure(
        form=Form.PRESERVATION,
        data=("content", "traffic"),
        topics=(
            ("preserve the market's server", "Its pages are served from a rented machine in the requested state."),
            ("preserve a seller's mailbox", "A seller answers buyers from a mailbox that is kept there."),
            ("preserve the back-up copies", "The operators keep daily copies of the market with a second provider."),
            ("preserve a chat account", "The operators speak to sellers through one chat account."),
            ("preserve access records", "The panel of the market was opened from addresses of one provider there."),
            ("preserve a payment server", "Payments are matched to orders on a machine of its own."),
        ),
    ),
    "production_subscriber": Measure(
        form=Form.PRODUCTION,
        data=("subscriber",),
        topics=(
            ("subscriber of the domain", "The name and the payments of the customer who rents the domain are sought."),
            ("subscriber of a mailbox", "The customer behind the mailbox that registered the market is sought."),
            ("customer of a rented server", "The customer who rents the server paid from one of the named targets."),
        ),
    ),
    "production_traffic": Measure(
        form=Form.PRODUCTION,
        data=("traffic",),
        topics=(
            ("access records of the panel", "The addresses from which the panel was opened name its operators."),
            ("connection records of a server", "The records show which machines deliver the market's pages."),
            ("records of a mailbox", "Who was written to from the mailbox, and when, is sought."),
        ),
    ),
    "production_content": Measure(
        form=Form.PRODUCTION,
        data=("content",),
        topics=(
            ("content of a mailbox", "Orders and complaints of buyers are answered from this mailbox."),
            ("stored chat messages", "The operators agreed on prices and shares in these messages."),
            ("order database", "The database names sellers, orders and payments of two years."),
        ),
    ),
    "search_seizure_stored": Measure(
        form=Form.PRODUCTION,
        data=("content", "traffic"),
        topics=(
            ("image of the market's server", "The server holds the market's database and its access records."),
            ("image of the back-up server", "The copies go back further than the server itself."),
            ("image of the payment server", "The machine holds the keys of the wallets that are named."),
        ),
    ),
}

_SENT: Final = ("authorise", "send")
_KNOWN: Final = (*_SENT, "acknowledge")
_GRANTED: Final = (*_KNOWN, "recognise")
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": (),
    "denied": ("deny",),
    "authorised": ("authorise",),
    "dropped": ("withdraw",),
    "sent": _SENT,
    "acknowledged": _KNOWN,
    "queried": (*_KNOWN, "query"),
    "answered": (*_KNOWN, "query", "answer"),
    "preserved": (*_KNOWN, "preserve"),
    "released": (*_KNOWN, "preserve", "withdraw"),
    "refused": (*_KNOWN, "refuse"),
    "withdrawn": (*_KNOWN, "withdraw"),
    "recognised": _GRANTED,
    "recognised_after_query": (*_KNOWN, "query", "answer", "recognise"),
    "taken_in": (*_GRANTED, "take_in"),
    "revoked": (*_GRANTED, "take_in", "lapse"),
    "offered": (*_GRANTED, "take_in", "offer"),
    "partly": (*_GRANTED, "take_in", "offer", "accept", "execute_partly"),
    "executed": (*_GRANTED, "take_in", "offer", "accept", "execute"),
    "answered_in_words": (*_GRANTED, "execute"),
}
"""What happens to a letter after it was drafted, gesture by gesture."""

HOURS: Final[Mapping[str, int]] = {
    "authorise": 6,
    "deny": 26,
    "send": 1,
    "acknowledge": 5,
    "query": 22,
    "answer": 46,
    "preserve": 8,
    "recognise": 74,
    "refuse": 68,
    "withdraw": 50,
    "lapse": 45,
    "take_in": 52,
    "offer": 20,
    "accept": 18,
    "execute_partly": 6,
    "execute": 6,
}
"""How long people take for each gesture; an urgent letter takes a third of it."""

NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "deny": (
        "The draft does not say why the public pages are not enough.",
        "The time window is wider than the facts carry; a narrower draft can be decided again.",
    ),
    "acknowledge": (
        "Received by the contact point; handled in turn.",
        "Complete; put before the competent office.",
        "Received and registered. The provider has been found.",
    ),
    "query": (
        "The provider keeps several customers on this machine. Which one is meant?",
        "Please say for which of the named targets the records are needed.",
        "The second target is not known to the provider. Is there another spelling?",
    ),
    "answer": (
        "The customer who pays from the wallet that is named in the letter.",
        "For the domain only; the others are served elsewhere.",
        "The spelling in the letter is the one that the market shows.",
    ),
    "preserve": (
        "The provider has preserved what it holds for the targets.",
        "A copy was made and set aside by the provider.",
        "Preserved; the customer was not told.",
    ),
    "recognise": ("Recognised for execution.", "Recognised; the data leave sealed."),
    "refuse": (
        "The person concerned is prosecuted here for the same acts.",
        "The data would name persons whose work for the state is secret.",
    ),
    "withdraw": (
        "The marketplace has closed; the data are not needed any more.",
        "The same data came from a source of our own.",
    ),
    "lapse": ("The suspicion against this customer has fallen away; the decision does not carry any longer.",),
    "execute_partly": ("The first part was handed over.", "What the provider had at hand was handed over."),
    "execute": (
        "Everything that was found has been handed over; nothing is outstanding.",
        "Done as asked; the provider holds nothing more for the targets.",
    ),
}
OUTSTANDING: Final = "Records of the last month, which the provider is still extracting."
GROUND_OF_REFUSAL: Final[Mapping[Form, tuple[str, str]]] = {
    Form.PRESERVATION: ("Essential interests of the requested state", "29(5)"),
    Form.PRODUCTION: ("Essential interests of the requested state", "27(4)"),
}
"""The ground and its article, one that the route of the form holds."""

ITEMS: Final = ("mailbox.mbox", "access-records.tar", "server-records.tar", "order-database.dump")
ORIGIN: Final = Origin(
    place="Evidence room (synthetic)",
    device="Copy handed over by the provider, serial SYN-0002",
    method="Export by the provider, sealed on receipt",
    tool="generated by the demo",
    tool_version="1",
    time_source="the node's clock",
)
GROUNDS: Final[Mapping[str, TransferGround]] = {
    "nl": GROUND,
    "cv": TransferGround(
        kind=GroundKind.OWN_LAW,
        law="Law of Cabo Verde on international cooperation",
        article=NOT_STATED,
        reason="Needed to prosecute the operators of the marketplace in one criminal case.",
    ),
}
"""The ground on which a node of that name hands evidence over."""


def decision(plan: Plan) -> Decision:
    """What a judge decides about a letter of this plan, on either side."""
    return Decision(
        scope=None,
        legal_basis={"law": NOT_STATED, "article": NOT_STATED},
        purpose="Secure evidence on the operators of the marketplace",
        necessity=NECESSITY,
        less_intrusive=MILDER,
        privileges=NO_PRIVILEGE,
        conditions=(Condition(check=Check.WORDS, text="Only data of the targets that are named."),),
        days=plan.days,
    )
