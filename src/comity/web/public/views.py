"""How long this node keeps evidence, for everybody: the signed schedule, and how much was erased."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.canon import JsonObject, moment
from comity.oversight.retention import OTHER, After
from comity.registry.act import current
from comity.registry.queries.retention import published
from comity.web.shell.desk import now, page

AFTER: Final = {
    After.LETTER_ENDED.value: _("after the letter ended"),
    After.HANDED_OVER.value: _("after it was handed over"),
}


def _published() -> JsonObject:
    return published(viewer=current().machine("public"), at=now())


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """The schedule as a page."""
    told = _published()
    shown = [
        {
            "version": one["version"],
            "in_force": one["in_force"],
            "from": moment(one["from"]),
            "rules": [
                rule | {"after": AFTER[rule["after"]], "other": rule["category"] == OTHER} for rule in one["rules"]
            ],
        }
        for one in told["schedules"]
    ]
    context = {"schedules": shown, "erased": told["erased"], "held": told["held"]}
    return page(request, "public/retention.html", context)


@require_GET
def as_json(_request: HttpRequest) -> HttpResponse:
    """The same with the signed text, for whoever wants to verify it."""
    return JsonResponse(_published())
