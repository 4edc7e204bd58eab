"""Documents to take away: a letter, a decision, a receipt or a custody as a signed PDF that works without a node.

They are asked for by a form: making one is an act, and its hash stands in the log. The labels are in the reader's language.
"""

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from comity.registry.jobs import documents as jobs
from comity.registry.queries import documents as reads
from comity.registry.queries.documents import Sheaf
from comity.web.shell.desk import actor, desk, now
from comity.web.shell.session import DeskRequest


@desk()
@require_POST
def letter(request: DeskRequest, digest: str) -> HttpResponse:
    """A letter with all that was decided on it; or the one `decision`, or the `receipt` of the node, that the form names."""
    viewer = actor(request)
    decision, node = request.POST.get("decision", ""), request.POST.get("receipt", "")
    if decision:
        return _saved(request, reads.of_authorisation(digest, decision, viewer=viewer))
    if node:
        return _saved(request, reads.of_receipt(digest, node, viewer=viewer))
    return _saved(request, reads.of_letter(digest, viewer=viewer))


@desk()
@require_POST
def custody(request: DeskRequest, reference: str) -> HttpResponse:
    """The custody of an item, record by record."""
    return _saved(request, reads.of_custody(reference, viewer=actor(request)))


@desk()
@require_POST
def exhibit(request: DeskRequest, reference: str) -> HttpResponse:
    """The custody of an exhibit, record by record."""
    return _saved(request, reads.of_exhibit(reference, viewer=actor(request)))


def _saved(request: DeskRequest, sheaf: Sheaf) -> HttpResponse:
    """The signed file, to be saved under its name and kept nowhere on the way."""
    made = jobs.make(sheaf, language=get_language() or "en", actor=actor(request), at=now())
    answer = HttpResponse(made.pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
