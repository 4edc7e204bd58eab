"""The WSGI entry of one node's web process: every request runs with the node active in its thread."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from comity.registry.act import Node  # noqa: E402 - tables can be imported only after setup

_node = Node.open(Path(os.environ["COMITY_NODE"]))
_handler = WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request of this process's node."""
    with _node.active():
        answer = _handler(environ, start_response)
        return list(answer)  # read within the node: nothing is left to be fetched after it
