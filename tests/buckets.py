"""A real S3 store (SeaweedFS) on loopback, and a wire to it that can be cut."""

import json
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from comity.registry import keys
from comity.registry.vault.s3 import Bucket, BucketUnusable, place_of
from stage import free_port

ADMIN, WRITER, READER = "ADMINISTRATOR", "NODE", "READER"
SECRET = "synthetic-secret"
STARTING_SECONDS_MAX = 60
ACTIONS = {ADMIN: ["Admin"], WRITER: ["Read", "Write", "List"], READER: ["Read", "List"]}


@dataclass
class Wire:
    """A port that passes everything on to another one, until it is cut."""

    to: int
    _cut: bool = False
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Nothing passes any more, in the middle of whatever it is."""
        self._cut = True

    def passes(self) -> bool:
        return not self._cut

    def mend(self) -> None:
        self._cut = False

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self.to)) as far:
            other = {near: far, far: near}
            while self.passes():
                for one in select.select([near, far], [], [], 0.02)[0]:
                    data = one.recv(1 << 16)
                    if not data or not self.passes():
                        return
                    other[one].sendall(data)

    def close(self) -> None:
        self._cut = True
        self._listener.close()


@contextmanager
def s3(folder: Path) -> Iterator[Wire]:
    """A store with the bucket `evidence`, which takes the three names above; the wire to it."""
    (folder / "data").mkdir()
    names = [
        {"name": name, "credentials": [{"accessKey": name, "secretKey": SECRET}], "actions": actions}
        for name, actions in ACTIONS.items()
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": names}))
    port = free_port()
    options = {"dir": folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.port": port}
    options |= {f"{part}.port": free_port() for part in ("master", "volume", "filer")}
    options |= {f"{part}.port.grpc": free_port() for part in ("master", "volume", "filer", "s3")}
    options |= {f"{part}.localSocket": folder / f"{part}.sock" for part in ("filer", "s3")}
    options |= {
        "s3.config": folder / "s3.json",
        "s3.iam": "false",
        "master.telemetry": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    options |= {"master.volumeSizeLimitMB": 64, "volume.max": 20}
    command = [str(Path(sys.executable).parent / "weed"), "server", "-s3", *(f"-{k}={v}" for k, v in options.items())]
    with (folder / "log").open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        wire = Wire(to=port)
        try:
            _until_it_answers(folder, wire)
            yield wire
        finally:
            wire.close()
            server.kill()  # asked to end, it takes half a minute, and nothing of it is kept


def _until_it_answers(folder: Path, wire: Wire) -> None:
    """Wait, and have the bucket made: the store makes one for an administrator who puts something into it."""
    until = time.monotonic() + STARTING_SECONDS_MAX
    told(folder / "first", wire, key_id=ADMIN)
    while True:
        try:
            return bucket_of(folder / "first").hold_writes_once()
        except BucketUnusable:
            assert time.monotonic() < until, (folder / "log").read_text()[-3000:]


def told(
    folder: Path,
    wire: Wire,
    *,
    key_id: str = WRITER,
    secret: str = SECRET,
    bucket: str = "evidence",
    prefix: str = "nl",
) -> None:
    """What the operator of the node in `folder` writes into node.toml and keys/vault-s3."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "keys" / "vault-s3").unlink(missing_ok=True)
    keys.write_once(folder / "keys" / "vault-s3", f"{secret}\n".encode())
    with (folder / "node.toml").open("a", encoding="utf-8") as out:
        out.write(f'\n[vault.s3]\nendpoint = "{wire.endpoint}"\nbucket = "{bucket}"\nprefix = "{prefix}"\n')
        out.write(f'region = "eu-central-1"\nkey_id = "{key_id}"\n')


def bucket_of(folder: Path) -> Bucket:
    """The bucket that the node in `folder` is told of, past the functions of the vault."""
    place = place_of(folder)
    assert place
    return Bucket(folder / "vault", place)
