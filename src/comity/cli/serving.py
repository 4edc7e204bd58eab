"""The processes of a node: granian for the web (WSGI), one worker beside it.

The worker is a child of the serving process and ends with it, also when that process is killed: it looks who its
parent is. A worker that dies is started again, and it ends as soon as one of its threads does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from comity.registry.act import Node
from comity.registry.jobs import worker

WORKER_THREADS: Final = 2
WEB_THREADS: Final = 64
"""Slow senders hold a thread each while their bytes come; the others go on working."""
KILL_SECONDS: Final = 5
RESTART_SECONDS: Final = 0.5


def serve(node: Node) -> None:
    """Serve the node's addresses and work off its work, until SIGINT or SIGTERM."""
    os.environ["COMITY_NODE"] = str(node.folder.resolve())
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(node, stopping), daemon=True)
    keeper.start()
    server = Server(
        "comity.node.wsgi:application",
        address=node.host,
        port=node.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=WEB_THREADS,
        log_level=LogLevels.warning,
        workers_kill_timeout=KILL_SECONDS,
        websockets=False,
    )
    try:
        server.serve()
    finally:
        stopping.set()
        keeper.join(timeout=KILL_SECONDS)


def _keep_worker(node: Node, stopping: threading.Event) -> None:
    command = [sys.executable, "-m", "comity.cli", "node", "worker", "--node", str(node.folder), "--json"]
    while not stopping.is_set():
        child = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.DEVNULL, env=os.environ | {"COMITY_PARENT": str(os.getpid())}
        )
        while child.poll() is None and not stopping.wait(0.2):
            pass
        if stopping.is_set():
            child.terminate()
            try:
                child.wait(timeout=KILL_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
            return
        time.sleep(RESTART_SECONDS)


def work(node: Node) -> None:
    """Work until SIGINT or SIGTERM, or until the serving process that started this one is gone."""
    parent = os.environ.get("COMITY_PARENT")
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    def going() -> bool:
        return not stopping.is_set() and (parent is None or os.getppid() == int(parent))

    jobs = [worker.run] * WORKER_THREADS
    together([partial(one, node) for one in (*jobs, worker.keep, worker.vouch)], going=going)


def together(parts: Sequence[Callable[..., None]], *, going: Callable[[], bool]) -> None:
    """Run each part in a thread, until `going()` ends or one of them does: a process that lacks one is no worker."""
    ended = threading.Event()

    def part(run: Callable[..., None]) -> None:
        try:
            run(going=lambda: going() and not ended.is_set())
        finally:
            ended.set()

    threads = [threading.Thread(target=part, args=(one,), daemon=True) for one in parts]
    for thread in threads:
        thread.start()
    ended.wait()
    for thread in threads:
        thread.join(
            timeout=KILL_SECONDS
        )  # one that still waits for another node ends with the process, its work is leased
