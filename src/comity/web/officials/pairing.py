"""Pairing at the administrators' desk: a card is pasted, its fingerprint is read aloud and typed, then it is believed.

The card travels with the second form and is read again: it is signed, so nobody can change it on the way.
"""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.exchange.card import NodeCard
from comity.exchange.trust import FingerprintDiffers
from comity.registry import post
from comity.registry.act import current
from comity.registry.gestures import people as pairing
from comity.registry.queries import people
from comity.web.officials.forms import AdmissionForm, CardForm
from comity.web.shell import telling, wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest

SOON: Final = timedelta(days=30)
"""How long before a card or its key runs out the desk says so: new cards are carried by people."""


@desk(Power.ADMINISTER)
@require_GET
def nodes(request: DeskRequest) -> HttpResponse:
    """This node's fingerprint to be read aloud, its card, and the nodes that were admitted."""
    admitted = [_told(one.card) | {"admitted_at": one.admitted_at} for one in people.peers(viewer=actor(request))]
    return page(request, "officials/nodes.html", {"own": _told(post.own_card(current())), "admitted": admitted})


@desk(Power.ADMINISTER)
@require_GET
def card(_request: DeskRequest) -> HttpResponse:
    """This node's card as a file, the same bytes that other nodes are given."""
    answer = HttpResponse(post.own_card_statement(current()).to_bytes(), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{current().id}-card.json"'
    return answer


@desk(Power.ADMINISTER)
@require_http_methods(["GET", "POST"])
def admit(request: DeskRequest) -> HttpResponse:
    """Read a pasted card, then ask for the fingerprint and admit the node; nothing is kept in between."""
    if request.method == "GET":
        return page(request, "officials/admit.html", {"form": CardForm()})
    form = CardForm(request.POST)
    if not form.is_valid():
        return page(request, "officials/admit.html", {"form": form}, status=422)
    pasted = form.cleaned_data["card"]
    try:
        offered = pairing.offered(pasted.encode(), actor=actor(request), at=now())
    except ComityError as refusal:
        form.refused(refusal, field="card")
        return page(request, "officials/admit.html", {"form": form}, status=422)
    if "fingerprint" not in request.POST:
        return _asked(request, offered, AdmissionForm(initial={"card": pasted}))
    return _admitted(request, offered, AdmissionForm(request.POST))


def _admitted(request: DeskRequest, offered: NodeCard, form: AdmissionForm) -> HttpResponse:
    if form.is_valid():
        typed = form.cleaned_data
        try:
            pairing.admit(typed["card"].encode(), fingerprint=typed["fingerprint"], actor=actor(request), at=now())
        except FingerprintDiffers as refusal:
            form.refused(refusal, field="fingerprint")
        except ComityError as refusal:  # what changed since the card was read, a moment ago
            form.refused(refusal)
        else:
            said = _("Node %(node)s is admitted. It admits this node in the same way, at its own desk.")
            messages.success(request, said % {"node": offered.node})
            return HttpResponseRedirect(reverse("nodes"))
    return _asked(request, offered, form)


def _asked(request: DeskRequest, offered: NodeCard, form: AdmissionForm) -> HttpResponse:
    """What the card says, and the question for its fingerprint."""
    known = {one.card.node: one.card for one in people.peers(viewer=actor(request))}
    before = known[offered.node].former_logs if offered.node in known else ()
    lost = [
        {"log": one.origin, "left": one.ended.size, "seen": one.known.size}
        for one in offered.former_logs[len(before) :]
    ]
    context = _told(offered) | {
        "form": form,
        "renewed": offered.node in known,
        "lost": lost,
        "rows": telling.rows(offered.as_body()),
    }
    return page(request, "officials/fingerprint.html", context, status=422 if form.errors else 200)


def _told(shown: NodeCard) -> dict[str, Any]:
    """A card, until when senders can use it, and whether that is soon (`soon`) or past (`over`)."""
    receive_until = max((key.until for key in shown.receive_keys), default=shown.expires_at)
    ends = min(receive_until, shown.expires_at)
    return {
        "card": shown,
        "kind": wording.word(wording.NODE_KINDS, shown.kind),
        "receive_until": receive_until,
        "over": ends <= now(),
        "soon": now() < ends <= now() + SOON,
    }
