"""The list of letters that an official sees, to look at and to take along."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from comity.registry.queries import listing as reads
from comity.registry.queries.wanted import Wanted
from comity.web.shell import listing
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest


@desk()
@require_safe
def show(request: DeskRequest) -> HttpResponse:
    """A page of the list."""
    viewer, at = actor(request), now()
    found = reads.letters(_wanted(request), viewer=viewer, at=at)
    context = listing.shown(found, peers=reads.peers(viewer=viewer), path=request.path, at=at)
    return page(request, "record/letters.html", context)


@desk()
@require_safe
def as_csv(request: DeskRequest) -> HttpResponse:
    """The whole list as a table file."""
    return listing.csv_file(reads.every(_wanted(request), viewer=actor(request), at=now()), name="letters.csv")


@desk()
@require_safe
def as_json(request: DeskRequest) -> HttpResponse:
    """The whole list for machines."""
    return listing.json_file(reads.every(_wanted(request), viewer=actor(request), at=now()), name="letters.json")


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted.read(dict(request.GET.lists()))
