"""A node as a WSGI application: every request runs with the node active in its thread.

* An answer in one piece is read within the node. A streamed one (a bundle of many MiB) is passed on piece by piece, and the
  node is active while each piece is made: a server may ask for the pieces in another thread.
* A node that is reached over https stands behind a proxy that ends TLS: its pages know that they are secure, and cookies
  travel over https only, under names that no other host can set.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponseBase

from comity.registry.act import Node

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
HSTS_SECONDS: Final = 365 * 24 * 3600
HOST_ONLY: Final = "__Host-"
"""A cookie whose name begins so was set by this very host over https, for all its paths; browsers take no other one."""


class _Streamed:
    """The pieces of a streamed answer, each made with the node active; closed once, by the server."""

    def __init__(self, answer: HttpResponseBase, *, node: Node) -> None:
        self._answer = answer
        self._pieces = iter(answer)
        self._node = node

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._node.active():
            return next(self._pieces)

    def close(self) -> None:
        """Give back what the answer holds open."""
        with self._node.active():
            self._answer.close()


def application_for(node: Node) -> Application:
    """Answers requests for `node`."""
    address = urlsplit(node.url)
    settings.ALLOWED_HOSTS.append(address.hostname or node.host)
    secure = address.scheme == "https"
    if secure:
        settings.SESSION_COOKIE_SECURE = True
        settings.CSRF_COOKIE_SECURE = True
        settings.LANGUAGE_COOKIE_SECURE = True
        settings.SECURE_HSTS_SECONDS = HSTS_SECONDS
        for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"):
            if not getattr(settings, name).startswith(HOST_ONLY):
                setattr(settings, name, HOST_ONLY + getattr(settings, name))
    handler = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("wsgi.file_wrapper", None)  # a server that sends a file by itself would leave the node
        if secure:
            environ["wsgi.url_scheme"] = "https"
        with node.active():
            answer = handler(environ, start_response)
            if answer.streaming:
                return _Streamed(answer, node=node)
            try:
                return [b"".join(answer)]
            finally:
                answer.close()

    return application
