"""Every address of a node, in one place."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path

from comity.registry.act import current
from comity.web.log import views as log
from comity.web.peer import views as peer


def health(_request: HttpRequest) -> HttpResponse:
    """That the process answers, and for which node."""
    return JsonResponse({"node": current().id, "kind": current().kind})


urlpatterns = [
    path("", include("comity.web.login.urls")),
    path("", include("comity.web.officials.urls")),
    path("", include("comity.web.signing.urls")),
    path("", include("comity.web.record.urls")),
    path("", include("comity.web.investigator.urls")),
    path("", include("comity.web.judge.urls")),
    path("", include("comity.web.liaison.urls")),
    path("", include("comity.web.custodian.urls")),
    path("", include("comity.web.overseer.urls")),
    path("", include("comity.web.law.urls")),
    path("", include("comity.web.law.gap_urls")),
    path("health", health),
    path("peer/inbox", peer.inbox),
    path("peer/chunk", peer.chunk),
    path("peer/card", peer.card),
    path("log/checkpoint", log.checkpoint),
    path("log/add-checkpoint", log.add_checkpoint),
    re_path(r"^log/witnessed/(?P<node>[a-z0-9-]{1,40})$", log.witnessed),
    re_path(r"^log/leaf/(?P<leaf_hash>[0-9a-f]{64})$", log.leaf),
    path("log/tile/<path:path>", log.tiles),
]

handler403 = "comity.web.shell.refusals.forbidden"
handler404 = "comity.web.shell.refusals.missing"
handler500 = "comity.web.shell.refusals.broken"
