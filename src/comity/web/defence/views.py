"""Disclosures: the list of them, one of them line by line, and its file for verifying offline."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from comity.authorities.roles import Power
from comity.canon import JsonObject, moment
from comity.evidence.disclosure import Ground, Kind, State
from comity.registry.jobs import disclosures as jobs
from comity.registry.queries import disclosures as reads
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import GROUNDS_TO_WITHHOLD

KINDS: Final[Mapping[str, object]] = {
    Kind.ITEM: _("Item"),
    Kind.EXHIBIT: _("Exhibit"),
    Kind.LETTER: _("Letter"),
    Kind.AUTHORISATION: _("Decision"),
}
STATES: Final[Mapping[str, tuple[object, str]]] = {
    State.DISCLOSED: (pgettext_lazy("of a thing", "Disclosed"), "good"),
    State.REDACTED: (pgettext_lazy("of a thing", "In part"), "warn"),
    State.WITHHELD: (pgettext_lazy("of a thing", "Withheld"), "bad"),
}


@desk(Power.READ_DISCLOSURE, Power.DISCLOSE, Power.OVERSEE)
@require_GET
def disclosures(request: DeskRequest) -> HttpResponse:
    """Every disclosure that the viewer sees."""
    listed = [one | {"at": moment(one["at"])} for one in reads.disclosures(viewer=actor(request))]
    return page(request, "defence/disclosures.html", {"listed": listed})


@desk(Power.READ_DISCLOSURE, Power.DISCLOSE, Power.OVERSEE)
@require_GET
def disclosure(request: DeskRequest, reference: str) -> HttpResponse:
    """One disclosure: everything that is held, and of each thing whether it is disclosed, and why not."""
    viewer = actor(request)
    told = reads.disclosure(reference, viewer=viewer)
    context = {
        "told": told | {"at": moment(told["at"])},
        "lines": [_line(one) for one in told["lines"]],
        "takes": bool(viewer.powers & {Power.READ_DISCLOSURE, Power.DISCLOSE}),
    }
    return page(request, "defence/disclosure.html", context)


def _line(one: JsonObject) -> JsonObject:
    label, tone = STATES[one["outcome"]]
    ground = GROUNDS_TO_WITHHOLD[Ground(one["ground"])] if one["ground"] else ""
    custody = [
        link | {"at": moment(link["at"]), "event": wording.word(wording.CUSTODY, link["event"])}
        for link in one["custody"]
    ]
    return one | {
        "kind": KINDS[one["kind"]],
        "label_of_state": label,
        "tone": tone,
        "ground": ground,
        "custody": custody,
    }


@desk(Power.READ_DISCLOSURE, Power.DISCLOSE)
@require_POST
def package(request: DeskRequest, reference: str) -> HttpResponse:
    """The file of a disclosure; that it was taken stands in the log."""
    answer = HttpResponse(jobs.take(reference, actor=actor(request), at=now()), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="disclosure-{reference[:8]}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
