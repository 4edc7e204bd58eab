"""What other nodes call. Length first, then the peer, then the signature; only then is anything parsed further.

* `202` the message took effect (or had before); `4xx` it was refused, with a code; `503` try again.
* Who is not a peer learns nothing but the refusal's code.
"""

import re
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from comity.errors import N_, ComityError, as_record
from comity.exchange.card import CardNotInForce
from comity.exchange.envelope import EnvelopeFromTheFuture, PeerUnknown, ReceiveKeyUnknown
from comity.registry import post
from comity.registry.act import current
from comity.registry.jobs import arrivals, hand_overs
from comity.registry.jobs.witnesses import PeerQuarantined
from comity.registry.limits import ENVELOPE_BYTES_MAX

CHUNK_REQUEST_BYTES_MAX = 16 * 1024
_LENGTH: Final = re.compile(r"[0-9]{1,12}")  # str.isdigit takes more than int does


@csrf_exempt  # no cookie, no session: the envelope's signature is what counts
@require_POST
def inbox(request: HttpRequest) -> HttpResponse:
    """Take one envelope."""
    try:
        data = _body(request, limit=ENVELOPE_BYTES_MAX)
        taken = arrivals.take_in(data, at=current().clock.now())
    except ComityError as refusal:
        return _refusal(refusal)
    except OperationalError:
        return HttpResponse(status=503)  # the database is busy: nothing happened, the sender tries again
    return JsonResponse({"status": taken.value}, status=202)


@csrf_exempt  # as above
@require_POST
def chunk(request: HttpRequest) -> HttpResponse:
    """Hand out one range of the ciphertext of an item that was offered to the peer who asks."""
    try:
        data = _body(request, limit=CHUNK_REQUEST_BYTES_MAX)
        part = hand_overs.chunk(data, at=current().clock.now())
    except ComityError as refusal:
        return _refusal(refusal)
    return HttpResponse(part, content_type="application/octet-stream")


@csrf_exempt  # it takes nothing; a POST is told so
@require_GET
def card(_request: HttpRequest) -> HttpResponse:
    """This node's own card; its fingerprint is compared aloud, not believed from here."""
    return HttpResponse(post.own_card_statement(current()).to_bytes(), content_type="application/json")


class BodyTooLarge(ComityError):
    """More bytes than this address takes."""

    code = "web.body_too_large"
    sentence = N_("at most {limit} bytes are taken here")


_STATUS: Final = {
    BodyTooLarge: 413,
    arrivals.TooManyMessages: 429,
    # what time, a new card or an admission can change is asked for again, not lost (425 Too Early)
    **dict.fromkeys((PeerUnknown, CardNotInForce, ReceiveKeyUnknown, EnvelopeFromTheFuture, PeerQuarantined), 425),
}


def _body(request: HttpRequest, *, limit: int) -> bytes:
    told = request.META.get("CONTENT_LENGTH") or "0"
    if not _LENGTH.fullmatch(told) or int(told) > limit:
        raise BodyTooLarge(limit=limit)
    data = request.read(limit + 1)
    if len(data) > limit:
        raise BodyTooLarge(limit=limit)
    return data


def _refusal(refusal: ComityError) -> HttpResponse:
    status = _STATUS.get(type(refusal), 422)
    return JsonResponse(as_record(refusal), status=status)
