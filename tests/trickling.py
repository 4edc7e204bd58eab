"""Somebody who answers, and never ends: one byte after the other. And a stopwatch for which that takes long."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BYTES_MAX = 8000


class Leaping:
    """A stopwatch that goes on by so many seconds each time that somebody looks."""

    def __init__(self, *, seconds: float) -> None:
        self.now = 0.0
        self._seconds = seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


@contextmanager
def trickling(begins: bytes) -> Iterator[str]:
    """The address of somebody on loopback who says `begins` and then one byte after the other."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            line, _ = listening.accept()
            with line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line.recv(65536)
                line.sendall(begins)
                for _ in itertools.repeat(None, BYTES_MAX):
                    line.sendall(b"x")
                    gone.wait(0.0005)

    gone = threading.Event()
    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        gone.set()
        listening.close()
        thread.join()
