"""Roles, powers and the `Actor`: who acts, in which office, under which mandate.

* A power is something an office may do on its own node. A role is a usual set of powers; a mandate may hold fewer.
* Separation of duties is written here once: nobody who drafts may authorise, whatever the mandate says.
* Machines act as `service` with a named responsible official.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError


class Power(StrEnum):
    """What an office may do."""

    ADMINISTER = "administer"
    OPEN_CASE = "open_case"
    DRAFT_LETTER = "draft_letter"
    AUTHORISE = "authorise"
    ISSUE_EMERGENCY = "issue_emergency"
    SEND_LETTER = "send_letter"
    HANDLE_LETTER = "handle_letter"
    PRESERVE = "preserve"
    RECOGNISE = "recognise"
    TAKE_IN_EVIDENCE = "take_in_evidence"
    HAND_OVER_EVIDENCE = "hand_over_evidence"
    EXPORT_EVIDENCE = "export_evidence"
    OVERSEE = "oversee"
    DISCLOSE = "disclose"
    READ_DISCLOSURE = "read_disclosure"


class Role(StrEnum):
    """The desks of a node (mission B1)."""

    ADMINISTRATOR = "administrator"
    INVESTIGATOR = "investigator"
    PROSECUTOR = "prosecutor"
    JUDGE = "judge"
    LIAISON = "liaison"
    CUSTODIAN = "custodian"
    OVERSEER = "overseer"
    DEFENCE = "defence"
    SERVICE = "service"


POWERS: Final[dict[Role, frozenset[Power]]] = {
    Role.ADMINISTRATOR: frozenset({Power.ADMINISTER}),
    Role.INVESTIGATOR: frozenset(
        {Power.OPEN_CASE, Power.DRAFT_LETTER, Power.SEND_LETTER, Power.ISSUE_EMERGENCY, Power.DISCLOSE}
    ),
    Role.PROSECUTOR: frozenset(
        {Power.OPEN_CASE, Power.DRAFT_LETTER, Power.SEND_LETTER, Power.ISSUE_EMERGENCY, Power.DISCLOSE}
    ),
    Role.JUDGE: frozenset({Power.AUTHORISE, Power.RECOGNISE}),
    Role.LIAISON: frozenset({Power.HANDLE_LETTER, Power.SEND_LETTER, Power.PRESERVE}),
    Role.CUSTODIAN: frozenset({Power.TAKE_IN_EVIDENCE, Power.HAND_OVER_EVIDENCE, Power.EXPORT_EVIDENCE}),
    Role.OVERSEER: frozenset({Power.OVERSEE}),
    Role.DEFENCE: frozenset({Power.READ_DISCLOSURE}),
    Role.SERVICE: frozenset(),
}
"""What a mandate of each role may hold at most."""


class PowerMissing(ComityError):
    """The office does not hold the power."""

    code = "authorities.power_missing"
    sentence = N_("{official} as {role} may not {power}")
    hint = N_("Ask an official whose office holds this power.")


class MandateNotInForce(ComityError):
    """The mandate does not run on that day, or was ended."""

    code = "authorities.mandate_not_in_force"
    sentence = N_("the mandate of {official} as {role} is not in force: {why}")


@dataclass(frozen=True)
class Actor:
    """An official in an office under a mandate, or a service; `responsible` says who answers for what is done."""

    official: str
    office: str
    authority: str
    role: Role
    mandate: str
    node: str
    powers: frozenset[Power]
    responsible: str = ""

    def require(self, power: Power) -> None:
        """Hold that this office has `power`; raises `PowerMissing`."""
        if power not in self.powers & POWERS[self.role]:
            raise PowerMissing(official=self.official, role=self.role.value, power=power.value)

    def as_record(self) -> JsonObject:
        """Who acted, as signed texts name it; the log adds on what power, and who answers for an official."""
        record = {
            "official": self.official,
            "office": self.office,
            "authority": self.authority,
            "role": self.role.value,
            "mandate": self.mandate,
            "node": self.node,
        }
        if self.role is Role.SERVICE:
            record["responsible"] = self.responsible
        return record


def service(name: str, *, node: str, responsible: str) -> Actor:
    """The actor of a machine: no powers of its own, and somebody who answers for it."""
    return Actor(
        official=name,
        office="service",
        authority=node,
        role=Role.SERVICE,
        mandate="service",
        node=node,
        powers=frozenset(),
        responsible=responsible,
    )
