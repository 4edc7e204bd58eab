"""What every answer says to the browser besides the content security policy, and what no other site can send here.

* A request that changes something and says that another site made it ends here, before any form is read. Browsers say so
  by themselves (Fetch Metadata); the token of each form and its origin are asked for as well.
* No page of another site can open, embed or read ours, and no page of ours asks for camera, place or anything else of the
  device but passkeys.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from comity.web.shell.refusals import stale

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})
_BETWEEN_NODES: Final = "/peer/"
_NOTHING_OF_THE_DEVICE: Final = ", ".join(
    f"{one}=()"
    for one in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        f"{_NOTHING_OF_THE_DEVICE}, publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "X-Permitted-Cross-Domain-Policies": "none",
}


Answer = Callable[[HttpRequest], HttpResponse]


class HardeningMiddleware:
    """Say on each answer, pages, scripts and pictures alike, what a browser may not do with it."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with these headers."""
        answer = self._get_response(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


class ElsewhereMiddleware:
    """Refuse what the page of another site sends, before any form is read."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        return stale(request) if is_from_elsewhere(request) else self._get_response(request)


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that a page of another site sends this, and it would change something."""
    if request.method in _SAFE or request.path.startswith(_BETWEEN_NODES):
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in _OURS
