"""Static answers of the log: `/log/checkpoint`, `/log/tile/...`, and where a leaf that one knows stands.

The bytes are those of C2SP tlog-tiles, so that existing witnesses and monitors can read them. Nothing is taken here: a POST
is told so, whoever sends it.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from comity.errors import ComityError, as_record
from comity.ledger import tile
from comity.registry import log


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
