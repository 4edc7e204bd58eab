"""A whole call has one deadline, whoever answers it: a timeout of the client alone begins anew with each byte.

Whatever waits for the network (connecting, the handshake, sending, headers and body) waits for what is left and no longer.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import httpx

from comity.registry.clock import stopwatch

PIECE_BYTES: Final = 16 * 1024

_watch: ContextVar[Callable[[], float]] = ContextVar("comity_stopwatch", default=stopwatch)
_until: ContextVar[float | None] = ContextVar("comity_deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Within this, every wait of a `client` is over after so many seconds in all; then it raises `httpx.ReadTimeout`."""
    token = _until.set(_watch.get()() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def timed_by(watch: Callable[[], float]) -> Iterator[None]:
    """Within this, another stopwatch counts: nobody has to wait to see a deadline pass."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def client(*, seconds: float) -> httpx.Client:
    """A client that waits `seconds` for each step and keeps to the deadline; no redirects, no proxy of the environment."""
    transport = httpx.HTTPTransport(trust_env=False)
    pool: Any = transport._pool  # noqa: SLF001 - httpx has no other door to the bytes of headers
    pool._network_backend = _Network(pool._network_backend)  # noqa: SLF001 - as above
    return httpx.Client(transport=transport, timeout=seconds, follow_redirects=False, trust_env=False)


def _left(timeout: float | None) -> float | None:
    until = _until.get()
    if until is None:
        return timeout
    left = until - _watch.get()()
    if left <= 0:
        raise httpx.ReadTimeout("the whole of it took too long")
    return left if timeout is None else min(timeout, left)


class _Network:
    """Opens connections whose every wait keeps to the deadline."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> "_Connection":
        return _Connection(self._inner.connect_tcp(host, port, timeout=_left(timeout), **more))


class _Connection:
    """A connection whose every wait keeps to the deadline."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got: bytes = self._inner.read(max_bytes, timeout=_left(timeout))
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send in pieces: the pool's own way waits anew for each few bytes that the other side takes."""
        for start in range(0, len(buffer), PIECE_BYTES):
            self._inner.write(buffer[start : start + PIECE_BYTES], timeout=_left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Connection":
        return _Connection(self._inner.start_tls(ssl_context, server_hostname, timeout=_left(timeout)))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
