"""The calendar on which both nodes run while their desks are filled, and the wire between them within one process."""

from datetime import datetime
from urllib.parse import urlsplit

import httpx

from comity.errors import ComityError
from comity.registry.act import Node
from comity.registry.clock import Clock
from comity.registry.jobs import arrivals, hand_overs


class Calendar(Clock):
    """A clock that shows the moment to which it was turned."""

    def __init__(self, shows: datetime) -> None:
        super().__init__()
        self.shows = shows

    def now(self) -> datetime:
        """The moment to which it was turned."""
        return self.shows


class Courier(httpx.BaseTransport):
    """Hands what one node posts to the other, as its web process would; both are in this process."""

    def __init__(self, *nodes: Node) -> None:
        self._nodes = {urlsplit(node.url).port: node for node in nodes}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the node at that address."""
        node, data = self._nodes[request.url.port], request.read()
        with node.active():
            try:
                if request.url.path == "/peer/inbox":
                    arrivals.take_in(data, at=node.clock.now())
                    return httpx.Response(httpx.codes.ACCEPTED)
                assert request.url.path == "/peer/chunk", "nothing else is fetched while the nodes are filled"
                return httpx.Response(httpx.codes.OK, content=hand_overs.chunk(data, at=node.clock.now()))
            except ComityError as refusal:
                raise AssertionError(f"node {node.id} refuses what the script writes: {refusal}") from refusal
