"""What the people of the story type and decide, and the server image that they hand over: all of it synthetic."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from comity.authorisations.reasons import Check, Condition, Means, Necessity, Privileges
from comity.canon import JsonObject
from comity.exchange.transfer import LED, GroundKind, TransferGround
from comity.letters.letter import Form
from comity.registry.queries import evidence
from comity.registry.queries.texts import Asked, Decision

PRESERVATION_ROUTE: Final = "coe-ets185/bud.preservation_abroad"
PRODUCTION_ROUTE: Final = "coe-ets185/bud.stored_data_mla"
ROUTE: Final = {Form.PRESERVATION: PRESERVATION_ROUTE, Form.PRODUCTION: PRODUCTION_ROUTE}
MEASURE: Final = {Form.PRESERVATION: "preservation", Form.PRODUCTION: "search_seizure_stored"}
FACTS: Final = {"transnational_suspected": True, "organised_group_suspected": True}


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


NECESSITY: Final = Necessity(
    aim="Find out who operates the marketplace and what was sold there.",
    suspicion="Test purchases were delivered, and paid to the wallet that the market names.",
    link="The server holds the market's database and the messages of its operators.",
    data="Traffic shows who administers the server, content what was sold.",
    period="The market has been open for this time and not longer.",
    seriousness="Trade in drugs on a large scale, punishable with many years of imprisonment.",
)
MILDER: Final = (
    Means(means="Public pages were captured.", why_not="They do not show who operates the market."),
    Means(means="A question to the operators.", why_not="It would warn them, and the server would be wiped."),
)
NO_PRIVILEGE: Final = Privileges(
    considered="No target belongs to anybody who keeps the confidences of others.", allowed=frozenset()
)


_PURPOSES: Final = {
    Form.PRESERVATION: "Keep the evidence on the marketplace's server from being wiped",
    Form.PRODUCTION: "Secure the evidence on the marketplace's server",
}


def warrant(form: Form) -> Decision:
    """What the judge decides about a letter of this form."""
    return Decision(
        scope=None,
        legal_basis={"law": "not_stated", "article": "not_stated"},
        purpose=_PURPOSES[form],
        necessity=NECESSITY,
        less_intrusive=MILDER,
        privileges=NO_PRIVILEGE,
        conditions=(Condition(check=Check.WORDS, text="Only data of the three named selectors."),),
        days=90,
    )


RECOGNITION: Final = Decision(
    scope=None,
    legal_basis={"law": "not_stated", "article": "not_stated"},
    purpose="Execute the letter of Cabo Verde",
    necessity=replace(
        NECESSITY,
        aim="Give the asking state the evidence that it needs to prosecute the operators.",
        link="The server stands in a data centre here and holds the market's database.",
    ),
    less_intrusive=(
        Means(means="A production order to the provider.", why_not="The provider would have to warn its customer."),
    ),
    privileges=NO_PRIVILEGE,
    conditions=(Condition(check=Check.SEALED, text="The image is handed over sealed."),),
    days=60,
)
ORIGIN: Final = evidence.Origin(
    place="Data centre, Amsterdam (synthetic)",
    device="Rack server, serial SYN-0001",
    method="Bit-for-bit image of one disk",
    tool="generated by the demo",
    tool_version="1",
    time_source="the node's clock",
)
GROUND: Final = TransferGround(
    kind=GroundKind.DEROGATION,
    law=LED,
    article="38(1)-(3)",
    reason="Needed to prosecute the operators of the marketplace in one criminal case.",
    recipient="The authority of Cabo Verde that asked, competent for the prosecution of these offences.",
    origin="The data were collected in the Netherlands under the recognition of this letter.",
    derogation="individual_case",
    rights_weighed="The image concerns the operators of a criminal market; no overriding right was found.",
)
