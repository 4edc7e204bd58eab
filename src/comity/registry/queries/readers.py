"""Who will be able to read a letter, where, and why: shown before anything is sent.

The answer follows the rules of `access` on this node, and says the same rule for the other one, whose officials we know by
their offices only. It names what no rule of ours prevents: whoever runs a node can read its tables.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
from comity.cases.handling import Light
from comity.letters.letter import Form
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.queries.people import directory


class Why(StrEnum):
    """Why somebody can read a letter."""

    MEMBER = "member"
    DECIDES = "decides"
    HANDLES = "handles"
    KEEPS_EVIDENCE = "keeps_evidence"
    OVERSEES = "oversees"
    OPENED = "opened"
    OPERATES = "operates"


_WHY: Final = {
    access.MEMBER: Why.MEMBER,
    access.DECIDES: Why.DECIDES,
    access.HANDLES: Why.HANDLES,
    access.KEEPS: Why.KEEPS_EVIDENCE,
    access.OVERSEES: Why.OVERSEES,
    access.OPENED: Why.OPENED,
}
"""What each ground of `access` is called in a list of readers."""


@dataclass(frozen=True)
class Reader:
    """Who can read it: on which node, which people (empty where the names are the other side's), and why."""

    node: str
    name: str
    why: Why
    people: tuple[str, ...]


def readers_of_draft(
    case: str, *, to_node: str, confidential: bool, form: Form, viewer: Actor, light: Light = Light.NOT_STATED
) -> list[Reader]:
    """Who will be able to read a letter of this case once it is drafted and sent; raises `NoSuchThing` or `NoSuchPeer`."""
    row = rows.case(case, viewer=viewer)
    members = frozenset(row.members.values_list("official", flat=True))
    people = directory(viewer=viewer)
    red = light is Light.RED
    shown = [
        (Why.MEMBER, [one for one in people if one.official in members]),
        (Why.DECIDES, _with(people, Power.AUTHORISE, Power.RECOGNISE)),
        (Why.HANDLES, [] if red else _with(people, Power.HANDLE_LETTER)),
        (Why.KEEPS_EVIDENCE, [] if confidential or red else _with(people, Power.TAKE_IN_EVIDENCE)),
        (Why.OVERSEES, _with(people, Power.OVERSEE)),
    ]
    return [*_here(shown), *_there(to_node, form, narrow=confidential or red)]


def readers_of_letter(letter: str, *, viewer: Actor) -> list[Reader]:
    """Who can read the letter, on this node and on the other one; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    shown: dict[Why, list[Entry]] = {why: [] for why in Why}
    for one in directory(viewer=viewer):
        for ground in access.reaching(row, access.of_letters(one.actor)):
            shown[_WHY[ground.reason]].append(one)
    narrow = row.confidential or row.tlp == Light.RED.value
    return [*_here(list(shown.items())), *_there(row.peer, Form(row.form), narrow=narrow)]


def _here(shown: list[tuple[Why, list[Entry]]]) -> list[Reader]:
    node = current()
    found = [
        Reader(node=node.id, name=node.name, why=why, people=tuple(f"{one.name}, {one.office}" for one in seen))
        for why, seen in shown
        if seen
    ]
    return [*found, Reader(node=node.id, name=node.name, why=Why.OPERATES, people=())]


def _with(people: list[Entry], *powers: Power) -> list[Entry]:
    return [one for one in people if one.powers & set(powers)]


def _there(node: str, form: Form, *, narrow: bool) -> list[Reader]:
    card = post.peer(node)
    reasons = [Why.DECIDES, Why.HANDLES, Why.OVERSEES, Why.OPERATES]
    if not narrow or form is Form.PRODUCTION:
        reasons.insert(2, Why.KEEPS_EVIDENCE)
    return [Reader(node=card.node, name=card.name, why=reason, people=()) for reason in reasons]


def why_it_is_seen(letter: str, *, viewer: Actor) -> str:
    """Why this viewer sees the letter; raises `NoSuchThing`."""
    return access.why_letter(rows.letter(letter, viewer=viewer), viewer=viewer)
