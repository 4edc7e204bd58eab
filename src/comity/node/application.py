"""A node as a WSGI application: every request runs with the node active in its thread."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from comity.registry.act import Node

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def application_for(node: Node) -> Application:
    """Answers requests for `node`."""
    settings.ALLOWED_HOSTS.append(urlsplit(node.url).hostname or node.host)
    handler = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with node.active():
            answer = handler(environ, start_response)
            try:
                return [b"".join(answer)]  # read within the node: nothing is left to be fetched after it
            finally:
                answer.close()

    return application
