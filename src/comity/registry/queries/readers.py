"""Who will be able to read a letter, where, and why: shown before anything is sent.

The answer follows the rules of `access` on this node, and says the same rule for the other one, whose officials we know by
their offices only. It names what no rule of ours prevents: whoever runs a node can read its tables.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
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
    OPERATES = "operates"


@dataclass(frozen=True)
class Reader:
    """Who can read it: on which node, which people (empty where the names are the other side's), and why."""

    node: str
    name: str
    why: Why
    people: tuple[str, ...]


def readers_of_draft(case: str, *, to_node: str, confidential: bool, form: Form, viewer: Actor) -> list[Reader]:
    """Who will be able to read a letter of this case once it is drafted and sent; raises `NoSuchThing` or `NoSuchPeer`."""
    row = rows.case(case, viewer=viewer)
    members = frozenset(row.members.values_list("official", flat=True))
    return [*_here(members, confidential=confidential, viewer=viewer), *_there(to_node, confidential, form)]


def readers_of_letter(letter: str, *, viewer: Actor) -> list[Reader]:
    """Who can read the letter, on this node and on the other one; raises `NoSuchThing`."""
    row = rows.letter(letter, viewer=viewer)
    members = frozenset(row.case.members.values_list("official", flat=True)) if row.case else frozenset()
    here = _here(members, confidential=row.confidential, viewer=viewer)
    return [*here, *_there(row.peer, row.confidential, Form(row.form))]


def _here(members: frozenset[str], *, confidential: bool, viewer: Actor) -> list[Reader]:
    people = directory(viewer=viewer)
    node = current()
    shown = [
        (Why.MEMBER, [one for one in people if one.official in members]),
        (Why.DECIDES, _with(people, Power.AUTHORISE, Power.RECOGNISE)),
        (Why.HANDLES, _with(people, Power.HANDLE_LETTER)),
        (Why.KEEPS_EVIDENCE, [] if confidential else _with(people, Power.TAKE_IN_EVIDENCE)),
        (Why.OVERSEES, _with(people, Power.OVERSEE)),
    ]
    found = [
        Reader(node=node.id, name=node.name, why=why, people=tuple(f"{one.name}, {one.office}" for one in seen))
        for why, seen in shown
        if seen
    ]
    return [*found, Reader(node=node.id, name=node.name, why=Why.OPERATES, people=())]


def _with(people: list[Entry], *powers: Power) -> list[Entry]:
    return [one for one in people if one.powers & set(powers)]


def _there(node: str, confidential: bool, form: Form) -> list[Reader]:  # noqa: FBT001 - a fact of the letter
    card = post.peer(node)
    reasons = [Why.DECIDES, Why.HANDLES, Why.OVERSEES, Why.OPERATES]
    if not confidential or form is Form.PRODUCTION:
        reasons.insert(2, Why.KEEPS_EVIDENCE)
    return [Reader(node=card.node, name=card.name, why=why, people=()) for why in reasons]


def why_it_is_seen(letter: str, *, viewer: Actor) -> str:
    """Why this viewer sees the letter; raises `NoSuchThing`."""
    return access.why_letter(rows.letter(letter, viewer=viewer), viewer=viewer)
