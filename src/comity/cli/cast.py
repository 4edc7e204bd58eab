"""The synthetic people of the demo: two nodes with the same offices, so that a story can be told between them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.cli import founding
from comity.registry import authenticator, post
from comity.registry.act import Node
from comity.registry.gestures import people as gestures
from comity.registry.invitations import Appointment


@dataclass(frozen=True)
class Place:
    """A node of the demo: its state, where its acts are done, its authority, its courts, and who works there."""

    id: str
    state: str
    name: str
    zone: str
    authority: str
    courts: str
    bar: str
    founders: tuple[str, str]
    people: tuple[tuple[Role, str, str, str], ...]


CV: Final = Place(
    id="cv",
    state="CV",
    name="Cabo Verde (demo)",
    zone="Atlantic/Cape_Verde",
    authority="Prosecution service of Cabo Verde (demo)",
    courts="Courts of Cabo Verde (demo)",
    bar="Bar of Cabo Verde (demo)",
    founders=("amara", "bento"),
    people=(
        (Role.INVESTIGATOR, "ivo", "Ivo Tavares", "Cybercrime unit"),
        (Role.INVESTIGATOR, "nadia", "Nádia Semedo", "Financial crime unit"),
        (Role.INVESTIGATOR, "rui", "Rui Fortes", "Cybercrime unit"),
        (Role.JUDGE, "julia", "Júlia Monteiro", "Court of Praia"),
        (Role.JUDGE, "edson", "Edson Brito", "Court of Mindelo"),
        (Role.LIAISON, "luis", "Luís Évora", "Contact point 24/7"),
        (Role.LIAISON, "zuleica", "Zuleica Andrade", "Central authority"),
        (Role.CUSTODIAN, "carla", "Carla Lopes", "Evidence room"),
        (Role.OVERSEER, "otto", "Otília Fonseca", "Data protection oversight"),
        (Role.DEFENCE, "dalia", "Dália Ramos", "Chambers of Praia"),
    ),
)
NL: Final = Place(
    id="nl",
    state="NL",
    name="Netherlands (demo)",
    zone="Europe/Amsterdam",
    authority="Prosecution service of the Netherlands (demo)",
    courts="Courts of the Netherlands (demo)",
    bar="Bar of the Netherlands (demo)",
    founders=("anna", "bram"),
    people=(
        (Role.INVESTIGATOR, "iris", "Iris de Wit", "Cybercrime unit"),
        (Role.INVESTIGATOR, "sander", "Sander Kuipers", "Financial crime unit"),
        (Role.INVESTIGATOR, "femke", "Femke Dijkstra", "Serious crime unit"),
        (Role.JUDGE, "joost", "Joost Bakker", "District court"),
        (Role.JUDGE, "hanna", "Hanna van Dam", "District court"),
        (Role.LIAISON, "lotte", "Lotte Visser", "Contact point 24/7"),
        (Role.LIAISON, "milan", "Milan Vos", "Central authority"),
        (Role.CUSTODIAN, "cas", "Cas Mulder", "Evidence room"),
        (Role.OVERSEER, "olga", "Olga Smit", "Data protection oversight"),
        (Role.DEFENCE, "duco", "Duco Meijer", "Chambers of Assen"),
    ),
)


def populate(node: Node, place: Place) -> dict[tuple[str, str], Entry]:
    """Enrol founders and officials of a fresh demo node; the first official of each role by node and role."""
    founding.appoint_founders(
        node,
        tuple(
            Appointment(
                official=one,
                name=one.title(),
                role=Role.ADMINISTRATOR,
                office="Administration",
                authority=place.authority,
            )
            for one in place.founders
        ),
    )
    first, second = administrators(node, place)
    people: dict[tuple[str, str], Entry] = {}
    for role, official, name, office in place.people:
        authority = {Role.JUDGE: place.courts, Role.DEFENCE: place.bar}.get(
            role, place.authority
        )  # who decides or defends
        appointment = Appointment(official=official, name=name, role=role, office=office, authority=authority)
        people.setdefault((node.id, role.value), founding.appoint(node, appointment, witnesses=(first, second)))
    return people


def administrators(node: Node, place: Place) -> tuple[Entry, Entry]:
    """The two founders, at their terminals."""
    with node.active():
        now = node.clock.now()
        first, second = (authenticator.seated(node, one, at=now) for one in place.founders)
    return first, second


def pair(one: tuple[Node, Place], other: tuple[Node, Place]) -> None:
    """Let both nodes admit each other, by the fingerprint of the other's card."""
    for (node, place), (peer, _) in ((one, other), (other, one)):
        card: Path = peer.folder / post.CARD_FILE
        fingerprint = post.own_card(peer).fingerprint
        administrator, _second = administrators(node, place)
        with node.active():
            gestures.admit(card.read_bytes(), fingerprint=fingerprint, actor=administrator.actor, at=node.clock.now())
