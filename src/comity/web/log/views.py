"""Static answers of the log: `/log/checkpoint`, `/log/tile/...`, and where a leaf that one knows stands.

The bytes are those of C2SP tlog-tiles, so that existing witnesses and monitors can read them. One address takes something:
`/log/add-checkpoint` (C2SP tlog-witness), where the log of a peer asks for a cosignature. Who sends it does not count; what
counts is the signature of the log.
"""

from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from comity.errors import ComityError, as_record
from comity.ledger import SUBMISSION_BYTES_MAX, HeldAtAnotherSize, HistoriesDiffer, ProofDoesNotMatch, tile
from comity.registry import log
from comity.registry.act import current
from comity.registry.jobs import witnesses
from comity.registry.log import ClockWentBack
from comity.registry.witness import CheckpointNotOfThatLog, LogUnknown


@csrf_exempt
@require_GET
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The newest signed tree head."""
    try:
        signed = log.served_checkpoint()
    except ComityError as refusal:
        return JsonResponse(as_record(refusal), status=404)
    answer = HttpResponse(signed, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@csrf_exempt  # no cookie, no session: the log's signature is what counts
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """Cosign a peer's grown log; statuses as C2SP tlog-witness has them."""
    data = request.read(SUBMISSION_BYTES_MAX + 1)
    try:
        line = witnesses.add_checkpoint(data, at=current().clock.now())
    except HeldAtAnotherSize as refusal:
        return HttpResponse(f"{refusal.facts['held']}\n", status=409, content_type="text/x.tlog.size")
    except HistoriesDiffer as refusal:
        return HttpResponse(f"{refusal.facts['size']}\n", status=409, content_type="text/x.tlog.size")
    except ComityError as refusal:
        return JsonResponse(as_record(refusal), status=_STATUS.get(type(refusal), 400))
    except OperationalError:
        return HttpResponse(status=503)  # the database is busy: nothing is remembered, the log asks again
    return HttpResponse(line, content_type="text/plain; charset=utf-8")


_STATUS: Final = {LogUnknown: 404, CheckpointNotOfThatLog: 403, ProofDoesNotMatch: 422, ClockWentBack: 503}


@csrf_exempt
@require_GET
def witnessed(_request: HttpRequest, node: str) -> HttpResponse:
    """The checkpoint that this node holds of a peer's log, so that others can compare."""
    try:
        note = witnesses.held_note(node)
    except ComityError as refusal:
        return JsonResponse(as_record(refusal), status=404)
    answer = HttpResponse(note, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@csrf_exempt
@require_GET
def tiles(_request: HttpRequest, path: str) -> HttpResponse:
    """A tile of hashes; a full one never changes."""
    try:
        wanted = tile.parse_path(f"tile/{path}")
        hashes = tile.hashes_of(log.read_tile, wanted)
    except ComityError as refusal:
        return JsonResponse(as_record(refusal), status=404)
    answer = HttpResponse(hashes, content_type="application/octet-stream")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@csrf_exempt
@require_GET
def leaf(_request: HttpRequest, leaf_hash: str) -> HttpResponse:
    """The index of a leaf whose salted hash one knows already (from a receipt)."""
    try:
        index = log.index_of(bytes.fromhex(leaf_hash))
    except log.NotInTheLog as refusal:
        return JsonResponse(as_record(refusal), status=404)
    return JsonResponse({"index": index})
