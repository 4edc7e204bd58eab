"""Logs that misbehave, and a witness of another house: what nodes meet when they vouch for one another."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from comity.ledger import TILE_WIDTH, Checkpoint, VerifierKey, grow, leaf_hash, sign_note
from comity.registry import keys, log
from comity.registry.act import Node
from comity.registry.models import CheckpointRow, TileRow
from keys import LogKey


def witnessed_by(node: Node, *peers: str, needed: int = 1, others: tuple[tuple[str, str], ...] = ()) -> None:
    """Name the witnesses of a node in its node.toml."""
    listed = ", ".join(f"{{ url = {json.dumps(url)}, key = {json.dumps(key)} }}" for url, key in others)
    told = f"\n[witnesses]\nneeded = {needed}\npeers = {json.dumps(list(peers))}\nothers = [{listed}]\n"
    path = node.folder / "node.toml"
    path.write_text(path.read_text(encoding="utf-8").split("\n[witnesses]")[0] + told, encoding="utf-8")


def sequence(node: Node) -> int:
    """Sign what is new; the size of the log then."""
    with node.active():
        log.sequence(at=node.clock.now())
        return log.sequenced_size()


def signed(node: Node, size: int, root: bytes) -> bytes:
    """Any checkpoint, with the node's own log key: what somebody does who has it."""
    public, sign = keys.log_signer(node.folder)
    head = Checkpoint(origin=node.log_origin, size=size, root=root)
    return sign_note(head.to_text(), key=VerifierKey(name=node.log_origin, public=public), sign=sign)


def rewrite(node: Node, *, more: int) -> bytes:
    """Put another first entry into the node's tree, add `more` leaves, and sign it: a second history. The checkpoint."""
    with node.active():
        size = log.sequenced_size()
        held = b"".join(log.read_tile(0, index) for index in range((size + TILE_WIDTH - 1) // TILE_WIDTH))
        leaves = [held[start : start + 32] for start in range(0, 32 * size, 32)]
        leaves[0] = leaf_hash(b"what happened otherwise")
        leaves += [leaf_hash(b"%d" % number) for number in range(more)]
        grown = grow(lambda _level, _index: b"", size=0, leaves=leaves)
        for (level, index), hashes in grown.tiles.items():
            TileRow.objects.update_or_create(level=level, index=index, defaults={"hashes": hashes})
        note = signed(node, grown.size, grown.root)
        CheckpointRow.objects.update_or_create(size=grown.size, defaults={"note": note, "at": node.clock.now()})
    return note


@dataclass
class Stranger:
    """A witness of another house: it follows the specification, and shares no line of code with ours."""

    name: str = "witness.example/w1"
    key: LogKey = field(default_factory=lambda: LogKey.fresh(b"a stranger"))
    held: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    mood: str = "honest"
    url: str = ""

    @property
    def vkey(self) -> str:
        typed = b"\x04" + self.key.public
        key_id = hashlib.sha256(self.name.encode() + b"\n" + typed).hexdigest()[:8]
        return f"{self.name}+{key_id}+{base64.b64encode(typed).decode()}"

    def answer(self, body: str) -> tuple[int, str]:
        self.asked.append(body)
        if self.mood != "honest":
            return {"busy": (503, ""), "vain": (200, "yes\n"), "other": (409, "9999999\n")}[self.mood]
        request, _, note = body.partition("\n\n")
        old = int(request.split("\n")[0].removeprefix("old "))
        text = note.split("\n\n")[0] + "\n"
        origin, size, root = text.split("\n")[:3]
        before = self.held.get(origin, (0, ""))
        if before[0] != old or (before[0] == int(size) and before[1] != root):
            return 409, f"{before[0]}\n"
        if old and old < int(size) and len(request.split("\n")) == 1:
            return 422, ""
        self.held[origin] = (int(size), root)
        seconds = 1795424400
        made = self.key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        typed = hashlib.sha256(self.name.encode() + b"\n\x04" + self.key.public).digest()[:4]
        return 200, f"— {self.name} {base64.b64encode(typed + seconds.to_bytes(8) + made).decode()}\n"

    @contextmanager
    def serving(self) -> Iterator["Stranger"]:
        """Answer on loopback."""
        stranger = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, text = stranger.answer(body) if self.path == "/add-checkpoint" else (404, "")
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
