"""Cases for those who need to know them."""

from comity.authorities.roles import Actor
from comity.canon import JsonObject, parse_object, stamp
from comity.registry import access, rows
from comity.registry.act import current
from comity.registry.limits import ENVELOPE_BYTES_MAX, PAGE_ROWS_MAX
from comity.registry.models import CaseRow, VerdictRow


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
        "members": sorted(row.members.values_list("official", flat=True)),
        "verdicts": [{"verdict": one.digest, "on": one.on.isoformat()} for one in row.verdicts.order_by("id")],
        "letters": [{"letter": one.digest, "form": one.form, "state": one.state} for one in row.letters.order_by("id")],
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
    if row.case is not None:
        return access.why_case(row.case, viewer=viewer)
    letter = row.letters.first()
    if letter is None:
        raise access.NoSuchThing(what="verdict", reference=row.digest[:8])
    return access.why_letter(letter, viewer=viewer)
