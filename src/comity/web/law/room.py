"""The door of the reading room: what can be read here, each with one sentence."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.law import Edition
from comity.web.shell.desk import desk, now, page
from comity.web.shell.session import DeskRequest


@dataclass(frozen=True)
class Shelf:
    """One thing to read: the name of its address, what it is called, and what it answers."""

    name: str
    title: str | Promise
    text: str | Promise


SHELVES: Final[tuple[Shelf, ...]] = (
    Shelf(
        "law-gaps",
        _("Gap map"),
        _(
            "For a measure and its data: which states have a channel to which, on the world and as a matrix, and where one is missing."
        ),
    ),
    Shelf(
        "law-library",
        _("Library of instruments"),
        _(
            "Every treaty, regulation and agreement: whom it binds, what it says article by article, and what is not encoded."
        ),
    ),
    Shelf(
        "law-definitions",
        _("Definitions"),
        _("Offences and data side by side between instruments, and every word that forms and statistics use."),
    ),
    Shelf(
        "law-clock",
        _("Clock"),
        _("Any deadline computed from the events that started it, with holidays, time zones and a proof line by line."),
    ),
)


@desk()
@require_GET
def room(request: DeskRequest) -> HttpResponse:
    """What can be read, and which edition of the law it is read from."""
    context = {"shelves": SHELVES, "edition": Edition.packaged(), "today": now().date()}
    return page(request, "law/room.html", context)
