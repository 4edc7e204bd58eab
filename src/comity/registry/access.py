"""Need-to-know: the one place that decides who sees what. Default deny; that something exists is a secret.

* A case is seen by its members.
* A letter is seen by the members of its case, and by the offices of the node that have to act on it: judges who decide,
  liaison officers who handle it, custodians where evidence moves. A confidential letter is shown to custodians only once it was recognised, or
  where evidence came in for it.
* An overseer sees every letter and every log entry of the node, and no evidence.
* Who sees a letter is one list of grounds (`_grounds`), asked for one letter (`why_letter`) or for all (`visible_letters`).
* Each answer has a reason, which the entitled may read. Who may not see gets `NoSuchThing`, as for what does not exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, MandateNotInForce, Power
from comity.authorities.statement import Statement
from comity.errors import N_, ComityError
from comity.letters.life import State
from comity.registry import post
from comity.registry.act import current
from comity.registry.models import CaseMember, CaseRow, ItemRow, LetterRow, OfficialRow

_MOVING: Final = frozenset({State.RECOGNISED.value, State.PARTLY_EXECUTED.value, State.EXECUTED.value})
_HANDLING: Final = (Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER)


class NoSuchThing(ComityError):
    """It does not exist, or not for this viewer: the two are not told apart."""

    code = "registry.no_such_thing"
    sentence = N_("there is no {what} {reference}")


@contextmanager
def hidden_as(what: str, name: str) -> Iterator[None]:
    """What is hidden inside is refused under the name that the viewer used, in the words for what does not exist."""
    try:
        yield
    except NoSuchThing:
        raise NoSuchThing(what=what, reference=name) from None


def of_this_node(viewer: Actor) -> bool:
    """Only officials of the current node see anything of it."""
    return viewer.node == current().id


def why_case(case: CaseRow, *, viewer: Actor) -> str:
    """Why this viewer sees the case; raises `NoSuchThing`."""
    if of_this_node(viewer):
        if case.members.filter(official=viewer.official).exists():
            return N_("a member of the case")
        if Power.OVERSEE in viewer.powers:
            return N_("oversees this node")
    raise NoSuchThing(what="case", reference=case.reference[:8])


@dataclass(frozen=True)
class _Ground:
    """A reason to see letters, and which letters it reaches; None: every letter of the node."""

    reason: str
    reaches: Q | None


def _grounds(viewer: Actor) -> list[_Ground]:
    """Every ground on which this viewer sees letters of the current node, the nearest first."""
    if not of_this_node(viewer):
        return []
    mine = CaseMember.objects.filter(official=viewer.official).values("case")
    grounds = [_Ground(N_("a member of the letter's case"), Q(case__in=mine))]
    if any(power in viewer.powers for power in _HANDLING):
        grounds.append(_Ground(N_("handles letters at this node"), None))
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        moved = Q(confidential=False) | Q(state__in=_MOVING)
        grounds.append(_Ground(N_("keeps the evidence that the letter moves"), moved))
    if Power.OVERSEE in viewer.powers:
        grounds.append(_Ground(N_("oversees this node"), None))
    return grounds


def why_letter(letter: LetterRow, *, viewer: Actor) -> str:
    """Why this viewer sees the letter; raises `NoSuchThing`."""
    for ground in _grounds(viewer):
        if ground.reaches is None or LetterRow.objects.filter(ground.reaches, pk=letter.pk).exists():
            return ground.reason
    raise NoSuchThing(what="letter", reference=letter.digest[:8])


def visible_letters(*, viewer: Actor) -> QuerySet[LetterRow]:
    """Exactly the letters for which `why_letter` has a reason, as one condition of the database."""
    reached = [ground.reaches for ground in _grounds(viewer)]
    if not reached:
        return LetterRow.objects.none()
    narrow = [one for one in reached if one is not None]
    return LetterRow.objects.all() if len(narrow) < len(reached) else LetterRow.objects.filter(reduce(or_, narrow))


def why_item(item: ItemRow, *, viewer: Actor) -> str:
    """Why this viewer sees the record of an item (never its content); raises `NoSuchThing`."""
    if of_this_node(viewer):
        if Power.TAKE_IN_EVIDENCE in viewer.powers:
            return N_("keeps the evidence of this node")
        case = item.letter.case
        if case is not None and case.members.filter(official=viewer.official).exists():
            return N_("a member of the letter's case")
    raise NoSuchThing(what="item", reference=item.reference[:8])


def visible_items(*, viewer: Actor) -> QuerySet[ItemRow]:
    """Exactly the items for which `why_item` has a reason, as one condition of the database."""
    if not of_this_node(viewer):
        return ItemRow.objects.none()
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        return ItemRow.objects.all()
    mine = CaseMember.objects.filter(official=viewer.official).values("case")
    return ItemRow.objects.filter(letter__case__in=mine)


def why_log(*, viewer: Actor) -> str:
    """Why this viewer reads the bodies of the log; raises `NoSuchThing`."""
    if of_this_node(viewer) and Power.OVERSEE in viewer.powers:
        return N_("oversees this node")
    raise NoSuchThing(what="log", reference=current().id)


def require(actor: Actor, power: Power, *, at: datetime) -> Entry:
    """Hold that the actor's mandate on this node runs now and holds the power; the directory entry it stands in.

    Asked again within each act: a mandate that was ended while a page was open ends there.
    Raises `MandateNotInForce` or `PowerMissing`.
    """
    row = OfficialRow.objects.filter(node=current().id, official=actor.official, mandate=actor.mandate).first()
    if row is None or actor.node != current().id:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="this node holds no such mandate")
    if row.ended_at is not None and row.ended_at <= at:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="it was ended")
    home = post.home_of(post.own_card(current()))
    entry = home.entry(Statement.from_bytes(bytes(row.statement)))  # the node's own signature: a changed row ends here
    entry.in_force(at=at)
    if entry.actor != actor:
        raise MandateNotInForce(official=actor.official, role=actor.role.value, why="the directory says otherwise")
    actor.require(power)
    return entry
