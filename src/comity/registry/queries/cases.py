"""Cases for those who need to know them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Q

from comity.authorities.roles import Actor
from comity.canon import JsonObject, parse_object, stamp
from comity.law import Status
from comity.letters.life import State
from comity.registry import access, post, rows
from comity.registry.act import current
from comity.registry.limits import ENVELOPE_BYTES_MAX, PAGE_ROWS_MAX
from comity.registry.models import CaseRow, VerdictRow
from comity.registry.queries.listing import Line

PAGE_CASES: Final = 25
ANSWERS_SHOWN_MAX: Final = 20
_ENDED: Final = (State.DENIED.value, State.REFUSED.value, State.EXECUTED.value, State.WITHDRAWN.value)


@dataclass(frozen=True)
class CaseLine:
    """One case of a list, with the number of its letters that have not come to an end."""

    reference: str
    title: str
    marketplace: str
    opened_at: datetime
    under_way: int


@dataclass(frozen=True)
class CasePage:
    """A page of cases, newest first; `next` is the reference after which the next page begins, or empty."""

    lines: tuple[CaseLine, ...]
    next: str


@dataclass(frozen=True)
class Answer:
    """An answer of the law for a case: when it was given, about what, and how many routes it found, by status."""

    digest: str
    on: date
    to_state: str
    measure: str
    lawful: int
    open: int
    closed: int


@dataclass(frozen=True)
class Addressee:
    """A node to which a letter can go."""

    node: str
    name: str
    state: str


def page(*, after: str, viewer: Actor) -> CasePage:
    """The viewer's cases, newest first, beginning behind the case `after` (empty: the first page); raises `NoSuchThing`."""
    if not access.of_this_node(viewer):
        return CasePage((), "")
    found = CaseRow.objects.filter(members__official=viewer.official)
    if after:
        found = found.filter(id__lt=rows.case(after, viewer=viewer).pk)
    counted = found.annotate(under_way=Count("letters", filter=~Q(letters__state__in=_ENDED), distinct=True))
    listed = list(counted.order_by("-id")[: PAGE_CASES + 1])
    lines = tuple(
        CaseLine(row.reference, row.title, row.marketplace, row.opened_at, row.under_way) for row in listed[:PAGE_CASES]
    )
    return CasePage(lines, lines[-1].reference if len(listed) > PAGE_CASES else "")


def answers(reference: str, *, viewer: Actor) -> list[Answer]:
    """The newest answers of the law for a case; raises `NoSuchThing`."""
    row = rows.case(reference, viewer=viewer)
    found = []
    for one in row.verdicts.order_by("-id")[:ANSWERS_SHOWN_MAX]:
        body = parse_object(bytes(one.body), limit=ENVELOPE_BYTES_MAX)
        counted = Counter(route["status"] for route in body["routes"])
        question = body["question"]
        found.append(
            Answer(
                digest=one.digest,
                on=one.on,
                to_state=question["requested_state"],
                measure=question["measure"],
                lawful=counted[Status.LAWFUL],
                open=counted[Status.OPEN],
                closed=counted[Status.CLOSED],
            )
        )
    return found


def letters_of(reference: str, *, viewer: Actor) -> list[Line]:
    """The newest letters of a case; raises `NoSuchThing`."""
    row = rows.case(reference, viewer=viewer)
    seen = access.visible_letters(viewer=viewer).filter(case=row)  # who opened the case opened no letter of it
    return [Line.of(one) for one in seen.defer("statement").order_by("-id")[:PAGE_ROWS_MAX]]


def addressees(*, viewer: Actor) -> list[Addressee]:
    """The nodes that this node has admitted, to choose whom to write to."""
    if not access.of_this_node(viewer):
        return []
    cards = post.peers().values()
    return sorted((Addressee(one.node, one.name, one.state) for one in cards), key=lambda one: (one.state, one.node))


def cases(*, viewer: Actor) -> list[JsonObject]:
    """The cases of which the viewer is a member, newest first."""
    if not access.of_this_node(viewer):
        return []
    found = CaseRow.objects.filter(members__official=viewer.official).order_by("-id")[:PAGE_ROWS_MAX]
    return [
        {"case": row.reference, "title": row.title, "marketplace": row.marketplace, "opened_at": stamp(row.opened_at)}
        for row in found
    ]


def case(reference: str, *, viewer: Actor) -> JsonObject:
    """A case with its selectors, members, verdicts and letters; raises `NoSuchThing`."""
    row = rows.case(reference, viewer=viewer)
    return {
        "case": row.reference,
        "title": row.title,
        "marketplace": row.marketplace,
        "offences": row.offences,
        "opened_at": stamp(row.opened_at),
        "why_you_see_it": access.why_case(row, viewer=viewer),
        "node": current().id,
        "selectors": [f"{one.kind}:{one.value}" for one in row.selectors.order_by("kind", "value")],
        "protected": {f"{one.kind}:{one.value}": one.flags for one in row.selectors.all() if one.flags},
        "members": sorted(row.members.values_list("official", flat=True)),
        "verdicts": [{"verdict": one.digest, "on": one.on.isoformat()} for one in row.verdicts.order_by("id")],
        "letters": [
            {"letter": one.digest, "form": one.form, "state": one.state}
            for one in access.visible_letters(viewer=viewer).filter(case=row).defer("statement").order_by("id")
        ],
    }


def verdict(digest: str, *, viewer: Actor) -> JsonObject:
    """A recorded answer of the law, whole; raises `NoSuchThing`. It is seen by who sees a case or letter with it."""
    for row in VerdictRow.objects.filter(digest=digest).select_related("case"):
        try:
            _why_verdict(row, viewer=viewer)
        except access.NoSuchThing:
            continue
        return parse_object(bytes(row.body), limit=ENVELOPE_BYTES_MAX)
    raise access.NoSuchThing(what="verdict", reference=digest[:8])


def _why_verdict(row: VerdictRow, *, viewer: Actor) -> str:
    if row.case is not None and row.case.members.filter(official=viewer.official).exists():
        return access.why_case(row.case, viewer=viewer)
    letter = access.visible_letters(viewer=viewer).filter(verdict=row).first()
    if letter is not None:
        return access.why_letter(letter, viewer=viewer)
    if row.case is not None:
        return access.why_case(row.case, viewer=viewer)
    raise access.NoSuchThing(what="verdict", reference=row.digest[:8])
