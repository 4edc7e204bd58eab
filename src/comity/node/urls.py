"""Every address of a node, in one place."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from comity.registry.act import current
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
    path("", include("comity.web.log.urls")),
    path("", include("comity.web.public.urls")),
    path("", include("comity.web.defence.urls")),
    path("", include("comity.web.law.gap_urls")),
    path("health", health),
    path("peer/inbox", peer.inbox),
    path("peer/chunk", peer.chunk),
    path("peer/card", peer.card),
]

handler403 = "comity.web.shell.refusals.forbidden"
handler404 = "comity.web.shell.refusals.missing"
handler500 = "comity.web.shell.refusals.broken"
