"""Two real nodes in one process: own folders, keys and databases, real HTTP between them on loopback."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from comity.cli.demo import make_nodes
from comity.cli.story import Stage
from comity.registry.act import Node
from comity.registry.jobs import worker


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(node: Node) -> Iterator[None]:
    """The node's addresses, answered by threads of this process."""
    from comity.node.application import application_for

    answering = application_for(node)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return answering(environ, start_response)
        finally:
            node.close()  # this server makes a thread for each request

    server = make_server(node.host, node.port, application, server_class=_Threaded, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settle(*nodes: Node) -> None:
    """Let each node do what is due."""
    for node in nodes:
        with node.active():
            worker.until_quiet(node, steps_max=50)


@contextmanager
def staged(
    folder: Path, *, databases: tuple[str, str] = ("node.sqlite3", "node.sqlite3"), image_bytes: int = 3_000_000
) -> Iterator[Stage]:
    """A stage on which the story can be told, both nodes answering over HTTP."""
    (cv, nl), people = make_nodes(folder, ports=(free_port(), free_port()), databases=databases)
    with ExitStack() as stack:
        for node in (cv, nl):
            stack.enter_context(served(node))
        yield Stage(
            cv=cv,
            nl=nl,
            people=people,
            settle=lambda: settle(cv, nl),
            image_bytes=image_bytes,
            progress=lambda _what, _done, _of: None,
        )
        for node in (cv, nl):
            node.close()
