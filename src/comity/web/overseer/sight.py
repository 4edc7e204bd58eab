"""Who sees this, and why: for the overseer and for the members of the case; for everybody else there is no such page."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.registry.queries import sight
from comity.registry.queries.sight import Thing
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest

_PAGES = {Thing.LETTER: "letter", Thing.CASE: "case", Thing.ITEM: "item"}


@desk()
@require_safe
def letter(request: DeskRequest, digest: str) -> HttpResponse:
    """Who sees a letter."""
    return _shown(request, Thing.LETTER, digest)


@desk()
@require_safe
def case(request: DeskRequest, reference: str) -> HttpResponse:
    """Who sees a case."""
    return _shown(request, Thing.CASE, reference)


@desk()
@require_safe
def item(request: DeskRequest, reference: str) -> HttpResponse:
    """Who sees the record of an item."""
    return _shown(request, Thing.ITEM, reference)


def _shown(request: DeskRequest, thing: Thing, name: str) -> HttpResponse:
    found = sight.who_sees(thing, name, viewer=actor(request), at=now())
    people = [
        {
            "one": one,
            "role": wording.word(wording.ROLES, one.role),
            "reasons": [_(reason) for reason in one.reasons],  # marked where they are given
        }
        for one in found.seen_by
    ]
    context = {"sight": found, "people": people, "back": reverse(_PAGES[thing], args=[name])}
    return page(request, "overseer/sight.html", context)
