"""To the signing page: the one way in which a desk has something signed."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from comity.registry.gestures import Prepared, pending
from comity.web.shell.desk import now
from comity.web.shell.session import DeskRequest


def begin(request: DeskRequest, prepared: Prepared) -> HttpResponse:
    """Keep the gesture, and show its texts to the official who is to sign them."""
    assert request.entry is not None, "the view stands behind @desk"
    reference = pending.keep(prepared, entry=request.entry, at=now())
    return HttpResponseRedirect(reverse("sign", args=[reference]))
