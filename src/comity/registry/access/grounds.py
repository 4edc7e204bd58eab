"""Who sees what, and on which ground: letters, cases, items, the log. Each ground is said once, as a condition of the database.

`why_*` gives the reason for one thing, `visible_*` exactly the things for which there is one; both read the same list.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final, TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet

from comity.authorities.roles import Actor, Power, Role
from comity.cases.handling import Light
from comity.errors import N_, ComityError
from comity.letters.life import State
from comity.registry.act import current
from comity.registry.models import (
    AuthorisationRow,
    CaseMember,
    CaseRow,
    DisclosureRow,
    ExhibitRow,
    ItemRow,
    LetterRow,
    OpeningRow,
)

_MOVING: Final = frozenset({State.RECOGNISED.value, State.PARTLY_EXECUTED.value, State.EXECUTED.value})
_NARROW: Final = frozenset({Light.RED.value})
MEMBER: Final = N_("a member of the letter's case")
DECIDES: Final = N_("decides on letters at this node")
HANDLES: Final = N_("handles letters at this node")
KEEPS: Final = N_("keeps the evidence that the letter moves")
OVERSEES: Final = N_("oversees this node")
OPENED: Final = N_("opened it in an emergency, for a short time")


class NoSuchThing(ComityError):
    """It does not exist, or not for this viewer: the two are not told apart."""

    code = "registry.no_such_thing"
    sentence = N_("there is no {what} {reference}")


class OnlyReads(ComityError):
    """What was opened in an emergency may be read, and nothing else."""

    code = "registry.only_reads"
    sentence = N_(
        "{official} opened this {what} in an emergency, to read it; nothing may be done with it on that ground"
    )
    hint = N_("Ask a member of the case to let you in.")


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


@dataclass(frozen=True)
class Ground:
    """A reason to see things, and which it reaches; None: every one of the node. `reads`: to read, and not to act."""

    reason: str
    reaches: Q | None
    reads: bool = False


Row = TypeVar("Row", bound=Model)


def of_the_authority(viewer: Actor) -> bool:
    """Whoever sits at this node for the authority: counsel for the defence sees what was disclosed, and nothing else."""
    return of_this_node(viewer) and viewer.role is not Role.DEFENCE


def of_letters(viewer: Actor) -> list[Ground]:
    """Every ground on which this viewer sees letters of the current node, the nearest first; counsel for the defence has none."""
    if not of_the_authority(viewer):
        return []
    grounds = [Ground(MEMBER, Q(case__in=_cases_of(viewer)))]
    if viewer.powers & {Power.AUTHORISE, Power.RECOGNISE}:
        # red: whom it concerns by name. A judge: what waits for a decision, and what this judge decided
        decided = AuthorisationRow.objects.filter(official=viewer.official, node=viewer.node).values("letter")
        waits = Q(state=State.DRAFT.value, outgoing=True) | Q(state=State.ACKNOWLEDGED.value, outgoing=False)
        grounds.append(Ground(DECIDES, ~Q(tlp__in=_NARROW) | waits | Q(pk__in=decided)))
    if Power.HANDLE_LETTER in viewer.powers:
        grounds.append(Ground(HANDLES, ~Q(tlp__in=_NARROW) | Q(outgoing=False)))
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        moved = Q(confidential=False) & ~Q(tlp__in=_NARROW) | Q(state__in=_MOVING)
        grounds.append(Ground(KEEPS, moved))
    if Power.OVERSEE in viewer.powers:
        grounds.append(Ground(OVERSEES, None))
    grounds.append(Ground(OPENED, Q(pk__in=_opened(viewer, "letter")), reads=True))
    return grounds


def of_cases(viewer: Actor) -> list[Ground]:
    """Every ground on which this viewer sees cases of the current node, the nearest first; counsel for the defence has none."""
    if not of_the_authority(viewer):
        return []
    grounds = [Ground(N_("a member of the case"), Q(pk__in=_cases_of(viewer)))]
    if Power.OVERSEE in viewer.powers:
        grounds.append(Ground(OVERSEES, None))
    grounds.append(Ground(OPENED, Q(pk__in=_opened(viewer, "case")), reads=True))
    return grounds


def of_items(viewer: Actor) -> list[Ground]:
    """Every ground on which this viewer sees the record of items (never their content); no emergency is one, nor is being counsel."""
    if not of_the_authority(viewer):
        return []
    grounds = []
    if Power.TAKE_IN_EVIDENCE in viewer.powers:
        grounds.append(Ground(N_("keeps the evidence of this node"), None))
    grounds.append(Ground(MEMBER, Q(letter__case__in=_cases_of(viewer))))
    return grounds


def of_disclosures(viewer: Actor) -> list[Ground]:
    """Every ground on which this viewer sees disclosures to the defence: to whom they were made, and who sees their case."""
    if not of_this_node(viewer):
        return []
    if viewer.role is Role.DEFENCE:
        return [Ground(N_("counsel to whom it was made"), Q(counsel=viewer.official, mandate=viewer.mandate))]
    grounds = [Ground(N_("a member of the case"), Q(case__in=_cases_of(viewer)))]
    return [*grounds, Ground(OVERSEES, None)] if Power.OVERSEE in viewer.powers else grounds


def of_exhibits(viewer: Actor) -> list[Ground]:
    """Every ground on which this viewer sees exhibits: as for items."""
    return of_items(viewer)


def reaching(row: Model, grounds: list[Ground]) -> list[Ground]:
    """Those of the grounds that reach this row, asked in one read."""
    if not grounds:
        return []
    asked = {
        f"ground_{place}": ExpressionWrapper(one.reaches, output_field=BooleanField())
        for place, one in enumerate(grounds)
        if one.reaches is not None
    }
    found = type(row)._default_manager.filter(pk=row.pk).annotate(**asked)  # noqa: SLF001 - Django's public name for it
    told = found.values(*asked).first() if asked else {}
    return [
        one
        for place, one in enumerate(grounds)
        if one.reaches is None or (told is not None and told[f"ground_{place}"])
    ]


def why_case(case: CaseRow, *, viewer: Actor) -> str:
    """Why this viewer sees the case; raises `NoSuchThing`."""
    return _ground(case, of_cases(viewer), what="case", name=case.reference).reason


def why_letter(letter: LetterRow, *, viewer: Actor) -> str:
    """Why this viewer sees the letter; raises `NoSuchThing`."""
    return _ground(letter, of_letters(viewer), what="letter", name=letter.digest).reason


def why_item(item: ItemRow, *, viewer: Actor) -> str:
    """Why this viewer sees the record of an item (never its content); raises `NoSuchThing`."""
    return _ground(item, of_items(viewer), what="item", name=item.reference).reason


def why_disclosure(disclosure: DisclosureRow, *, viewer: Actor) -> str:
    """Why this viewer sees a disclosure; raises `NoSuchThing`."""
    return _ground(disclosure, of_disclosures(viewer), what="disclosure", name=disclosure.reference).reason


def why_exhibit(exhibit: ExhibitRow, *, viewer: Actor) -> str:
    """Why this viewer sees the record of an exhibit; raises `NoSuchThing`."""
    return _ground(exhibit, of_exhibits(viewer), what="exhibit", name=exhibit.reference).reason


def hold_case(case: CaseRow, *, actor: Actor) -> None:
    """Hold that the actor may act on the case; raises `NoSuchThing`, or `OnlyReads` for who opened it in an emergency."""
    if _ground(case, of_cases(actor), what="case", name=case.reference).reads:
        raise OnlyReads(official=actor.official, what="case")


def hold_letter(letter: LetterRow, *, actor: Actor) -> None:
    """Hold that the actor may act on the letter; raises `NoSuchThing`, or `OnlyReads` for who opened it in an emergency."""
    if _ground(letter, of_letters(actor), what="letter", name=letter.digest).reads:
        raise OnlyReads(official=actor.official, what="letter")


def visible_cases(*, viewer: Actor) -> QuerySet[CaseRow]:
    """Exactly the cases for which `why_case` has a reason, as one condition of the database."""
    return _reached(CaseRow.objects.all(), of_cases(viewer))


def visible_letters(*, viewer: Actor) -> QuerySet[LetterRow]:
    """Exactly the letters for which `why_letter` has a reason, as one condition of the database."""
    return _reached(LetterRow.objects.all(), of_letters(viewer))


def visible_items(*, viewer: Actor) -> QuerySet[ItemRow]:
    """Exactly the items for which `why_item` has a reason, as one condition of the database."""
    return _reached(ItemRow.objects.all(), of_items(viewer))


def visible_exhibits(*, viewer: Actor) -> QuerySet[ExhibitRow]:
    """Exactly the exhibits for which `why_exhibit` has a reason, as one condition of the database."""
    return _reached(ExhibitRow.objects.all(), of_exhibits(viewer))


def visible_disclosures(*, viewer: Actor) -> QuerySet[DisclosureRow]:
    """Exactly the disclosures for which `why_disclosure` has a reason, as one condition of the database."""
    return _reached(DisclosureRow.objects.all(), of_disclosures(viewer))


def why_log(*, viewer: Actor) -> str:
    """Why this viewer reads the bodies of the log; raises `NoSuchThing`."""
    if of_this_node(viewer) and Power.OVERSEE in viewer.powers:
        return OVERSEES
    raise NoSuchThing(what="log", reference=current().id)


def _ground(row: Model, grounds: list[Ground], *, what: str, name: str) -> Ground:
    """The first ground that reaches the row; raises `NoSuchThing`."""
    found = reaching(row, grounds)
    if not found:
        raise NoSuchThing(what=what, reference=name[:8])
    return found[0]


def _reached(rows: QuerySet[Row], grounds: list[Ground]) -> QuerySet[Row]:
    if not grounds:
        return rows.none()
    reached = [ground.reaches for ground in grounds]
    narrow = [one for one in reached if one is not None]
    return rows if len(narrow) < len(reached) else rows.filter(reduce(or_, narrow))


def _cases_of(viewer: Actor) -> QuerySet[CaseMember, Any]:
    return CaseMember.objects.filter(official=viewer.official).values("case")


def _opened(viewer: Actor, what: str) -> QuerySet[Any, Any]:
    """What this viewer opened under this mandate, for as long as it is open: it ends by itself, by the node's clock."""
    mine = OpeningRow.objects.filter(official=viewer.official, mandate=viewer.mandate, until__gt=current().clock.now())
    found: QuerySet[Any, Any] = mine.filter(**{f"{what}__isnull": False}).values(what)
    return found
