"""Two real nodes in one process: own folders, keys and databases, real HTTP between them on loopback."""

import atexit
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from comity.authorities.directory import Entry
from comity.cli.demo import make_nodes
from comity.cli.story import Stage
from comity.registry.act import Node
from comity.registry.jobs import worker
from databases import copy, sibling


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


@dataclass
class _Pattern:
    """A peopled and paired couple of nodes that nothing has happened to, to be copied; one copy serves at a time."""

    folder: Path
    databases: tuple[str, str]
    people: dict[tuple[str, str], Entry]
    taken: bool = False


_PATTERNS: dict[str, list[_Pattern]] = {}


def _pattern(engine: str, databases: tuple[str, str]) -> _Pattern:
    """A pattern that nobody uses now; its ports are free as long as it is not taken."""
    free = next((one for one in _PATTERNS.setdefault(engine, []) if not one.taken), None)
    if free is None:
        folder = Path(tempfile.mkdtemp(prefix="pattern"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made = databases
        if engine != "sqlite":
            made = (sibling(databases[0]), sibling(databases[1]))
        nodes, people = make_nodes(folder, ports=(free_port(), free_port()), databases=made)
        for node in nodes:
            node.close()
        free = _Pattern(folder=folder, databases=made, people=people)
        _PATTERNS[engine].append(free)
    return free


def _copied(pattern: _Pattern, folder: Path, databases: tuple[str, str]) -> tuple[Node, Node]:
    """The pattern's nodes in another folder and other databases."""
    nodes = []
    for name, before, now in zip(("cv", "nl"), pattern.databases, databases, strict=True):
        shutil.copytree(pattern.folder / name, folder / name)
        if before != now:
            copy(before, to=now)
            told = folder / name / "node.toml"
            told.write_text(told.read_text(encoding="utf-8").replace(json.dumps(before), json.dumps(now)))
        nodes.append(Node.open(folder / name))
    return nodes[0], nodes[1]


@contextmanager
def staged(
    folder: Path,
    *,
    databases: tuple[str, str] = ("node.sqlite3", "node.sqlite3"),
    image_bytes: int = 3_000_000,
    answering: Collection[str] = ("cv", "nl"),
) -> Iterator[Stage]:
    """A stage on which the story can be told, both nodes (or those named) answering over HTTP."""
    pattern = _pattern("postgresql" if databases[0].startswith("postgresql:") else "sqlite", databases)
    pattern.taken = True
    cv, nl = _copied(pattern, folder, databases)
    with ExitStack() as stack:
        for node in (cv, nl):
            if node.id in answering:
                stack.enter_context(served(node))
        yield Stage(
            cv=cv,
            nl=nl,
            people=dict(pattern.people),
            settle=lambda: settle(cv, nl),
            image_bytes=image_bytes,
            progress=lambda _what, _done, _of: None,
        )
        for node in (cv, nl):
            node.close()
    pattern.taken = False
