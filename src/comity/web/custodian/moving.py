"""Evidence moves: handed over on a ground, and accepted with the receiver's signature."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.authorities.directory import Entry
from comity.authorities.roles import Power
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.exchange.transfer import NoTransferGround
from comity.registry.gestures.evidence import prepare_acceptance, prepare_hand_over
from comity.registry.queries import custody
from comity.registry.queries import evidence as reads
from comity.web.custodian.forms import GroundForm, LedGroundForm, OwnLawForm, WithoutGroundForm, refused_ground
from comity.web.custodian.picture import records
from comity.web.shell import telling
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin


@desk(Power.HAND_OVER_EVIDENCE)
@require_http_methods(["GET", "POST"])
def hand_over(request: DeskRequest, reference: str) -> HttpResponse:
    """Offer an item to the custodian whom its letter names, on a ground of transfer where one is needed."""
    viewer = actor(request)
    item = reads.item(reference, viewer=viewer)
    receiver = reads.receiver(reference, viewer=viewer)
    needed, bound = reads.ground_needed(reference, viewer=viewer, at=now())
    form = ground_form(request, receiver, needed=needed, bound=bound)
    if request.method == "POST" and form.is_valid():
        try:
            return begin(request, prepare_hand_over(reference, ground=form.ground(), actor=viewer, at=now()))
        except ComityError as refusal:
            refused(request, form, refusal)
    context = {
        "item": item,
        "receiver": receiver,
        "form": form,
        "needed": needed,
        "bound": bound,
        "open": item["held"] and not item["offered"],
        "back": reverse("item", args=[reference]),
    }
    return page(request, "custodian/hand_over.html", context, status=422 if form.errors else 200)


def ground_form(request: DeskRequest, receiver: Entry, *, needed: bool, bound: bool) -> GroundForm:
    """The form for the ground of a transfer, as the giver is bound."""
    typed = request.POST if request.method == "POST" else None
    if not needed:
        return WithoutGroundForm(typed)
    if bound:
        return LedGroundForm(typed, initial={"recipient": receiver.authority})
    return OwnLawForm(typed)


def refused(request: DeskRequest, form: GroundForm, refusal: ComityError) -> None:
    """Put a refusal of a hand-over into its form."""
    assert request.entry is not None, "the view stands behind @desk"
    noted(refusal, request.entry)
    if isinstance(refusal, NoTransferGround):
        refused_ground(form, refusal)
    else:
        form.refused(refusal)


@desk(Power.TAKE_IN_EVIDENCE)
@require_http_methods(["GET", "POST"])
def accept(request: DeskRequest, reference: str) -> HttpResponse:
    """Show the giver's text and what this node compared; go on to the receiver's signature."""
    viewer = actor(request)
    offer = reads.offer(reference, viewer=viewer)
    statement = reads.arrived(reference, viewer=viewer).offer
    receiver: JsonObject = statement.body["facts"]["receiver"]
    arrived = offer["state"] == "arrived"
    mine = receiver == viewer.as_record()
    if request.method == "POST" and arrived and mine:
        return begin(request, prepare_acceptance(reference, actor=viewer, at=now()))
    context = {
        "offer": offer,
        "percent": 100 * offer["received"] // max(1, offer["record"]["sealed_bytes"]),
        "arrived": arrived,
        "accepted": offer["state"] == "accepted",
        "mine": mine,
        "receiver": receiver,
        "rows": telling.rows(statement.body),
        "digest": statement.digest,
        "ground": telling.rows(statement.body["facts"]["ground"] or {}),
        "compared": _compared(offer["record"], statement.body["facts"]),
        "records": records(custody.offered_links(reference, viewer=viewer)),
        "too_early": request.method == "POST",
    }
    return page(request, "custodian/accept.html", context, status=422 if request.method == "POST" else 200)


def _compared(item: JsonObject, facts: JsonObject) -> list[tuple[str, str]]:
    return [
        (_("SHA-256 of the content, recorded when it was taken in"), item["sha256"]),
        (_("SHA-256 of the content, repeated by the giver"), facts["sha256"]),
        (_("Commitment to the key, recorded when it was taken in"), item["key_commitment"]),
        (_("Commitment to the key, repeated by the giver"), facts["key_commitment"]),
    ]
