"""A node at work, and the one way to change it: `@act`.

* One act = one transaction on the current node's connection = exactly one log entry. Nobody else opens transactions.
* `actor` and `at` are keyword-only and come from outside: nothing here knows who asks or what time it is.
* Crypto, files and network happen before or after an act, never within.
* Many nodes can run in one process: `with node.active():` makes a node's connection the default one of this thread.
* `bookkeeping` is for the registry's own machinery (tiles, leases, signed copies of recorded receipts): it decides
  nothing, and therefore stands in no log.
"""

import functools
import inspect
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from comity.authorities.roles import Actor, service
from comity.errors import N_, ComityError
from comity.exchange.former_log import origin_of
from comity.registry.clock import Clock

KINDS: Final = ("live", "drill", "demo")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class NotANode(ComityError):
    """A folder holds no usable node."""

    code = "registry.not_a_node"
    sentence = N_("{folder} holds no node: {why}")
    hint = N_("Make one with `comity node init`, or name its folder with --node or COMITY_NODE.")


@dataclass(frozen=True)
class Node:
    """One node: identity, where it listens and is reached (`url`), database, place (`zone`) and clock.

    Its kind is fixed when it is made.
    """

    folder: Path
    id: str
    kind: str
    name: str
    state: str
    host: str
    port: int
    url: str
    database: str
    responsible: str
    zone: ZoneInfo
    clock: Clock
    beat_seconds: float
    log_epoch: int
    _connections: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @classmethod
    def open(cls, folder: Path) -> "Node":
        """Read a node's `node.toml`; raises `NotANode`."""
        if not __debug__:
            raise NotANode(folder=folder, why="assertions are off (python -O): a node refuses to run without them")
        try:
            told = tomllib.loads((folder / "node.toml").read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise NotANode(folder=folder, why=str(broken)) from broken
        try:
            node = cls(
                folder=folder,
                id=told["id"],
                kind=told["kind"],
                name=told["name"],
                state=told["state"],
                host=told["host"],
                port=told["port"],
                url=told["url"],
                database=told["database"],
                responsible=told["responsible"],
                zone=ZoneInfo(told["zone"]),
                clock=Clock(offset=timedelta(seconds=told["clock_offset_seconds"])),
                beat_seconds=told["checkpoint_beat_seconds"],
                log_epoch=int(told.get("log_epoch", 0)),
            )
        except (KeyError, TypeError, ValueError) as missing:  # an unknown zone is a KeyError or a ValueError
            raise NotANode(folder=folder, why=f"node.toml lacks or mistypes {missing}") from missing
        node.check()
        return node

    def check(self) -> None:
        """Hold what no setting turns off; raises `NotANode`."""
        if self.kind not in KINDS:
            raise NotANode(folder=self.folder, why=f"kind {self.kind!r} is none of {', '.join(KINDS)}")
        if self.kind == "demo" and self.host not in LOOPBACK:
            raise NotANode(folder=self.folder, why=f"a demo node listens on loopback only, not on {self.host}")
        if self.kind == "live" and self.clock.offset:
            raise NotANode(folder=self.folder, why="a live node runs on the machine's clock, without offset")

    @property
    def vault(self) -> Path:
        """The folder of sealed evidence."""
        return self.folder / "vault"

    @property
    def log_origin(self) -> str:
        """The first line of this node's checkpoints (C2SP tlog-checkpoint); another one after entries were lost."""
        return origin_of(self.id, epoch=self.log_epoch)

    def machine(self, name: str) -> Actor:
        """The actor of one of this node's machines; the responsible official answers for it."""
        return service(name, node=self.id, responsible=self.responsible)

    @contextmanager
    def active(self) -> Iterator["Node"]:
        """Make this node's connection the default one of this thread; a new thread activates its node itself."""
        before = connections["default"]
        token = _current.set(self)
        connections["default"] = self._connection()
        try:
            yield self
        finally:
            connections["default"] = before
            _current.reset(token)

    def close(self) -> None:
        """Give back this thread's connection."""
        wrapper = getattr(self._connections, "wrapper", None)
        if wrapper is not None:
            wrapper.close()
            del self._connections.wrapper

    def _connection(self) -> BaseDatabaseWrapper:
        wrapper: BaseDatabaseWrapper | None = getattr(self._connections, "wrapper", None)
        if wrapper is None:
            wrapper = ConnectionHandler({"default": self.database_settings()})["default"]
            self._connections.wrapper = wrapper
        return wrapper

    def database_settings(self) -> dict[str, Any]:
        """Django's settings for this node's database: a file in the folder, or a PostgreSQL address."""
        if self.database.startswith("postgresql://"):
            from urllib.parse import parse_qs, unquote, urlsplit

            parts = urlsplit(self.database)
            options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            socket_folder = options.pop("host", "")
            return {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.removeprefix("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": parts.hostname or socket_folder,
                "PORT": str(parts.port or 5432),
                "CONN_MAX_AGE": None,
                "OPTIONS": options,
            }
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self.folder / self.database),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # IMMEDIATE: without it, writers that upgrade a read lock fail at once; FULL: an answered act survives
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }


_current: ContextVar[Node | None] = ContextVar("comity_node", default=None)
_appended: ContextVar[list[object] | None] = ContextVar("comity_entries_of_this_act", default=None)
_powers: ContextVar[list[str] | None] = ContextVar("comity_powers_of_this_act", default=None)


def current() -> Node:
    """The active node."""
    node = _current.get()
    assert node is not None, "no node is active in this thread: wrap the call in `with node.active():`"
    return node


def note_entry(entry: object) -> None:
    """Called by `log.append`: an entry belongs to exactly one act."""
    appended = _appended.get()
    assert appended is not None, "log entries are appended by acts only"
    appended.append(entry)


def note_power(power: str) -> None:
    """Called where a power is held: the act's entry says on which powers it rests."""
    used = _powers.get()
    if used is not None and power not in used:
        used.append(power)


def powers_used() -> list[str]:
    """The powers that the running act was asked for so far."""
    return list(_powers.get() or ())


P = ParamSpec("P")
R = TypeVar("R")


def act(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` an act: one transaction on the current node, exactly one log entry, or nothing at all."""
    parameters = inspect.signature(function).parameters
    for name, kind in (("actor", Actor), ("at", datetime)):
        assert name in parameters, f"{function.__name__} is an act and needs {name}: {kind.__name__}"
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY, f"{function.__name__}: {name} is keyword-only"
        assert parameters[name].default is inspect.Parameter.empty, f"{function.__name__}: {name} has no default"

    @functools.wraps(function)
    def in_one_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        current()
        assert _appended.get() is None, f"{function.__name__} was called within another act"
        entries: list[object] = []
        token, powers = _appended.set(entries), _powers.set([])
        try:
            with transaction.atomic(durable=True):  # noqa: TID251 - the one place
                result = function(*args, **kwargs)
                assert len(entries) == 1, f"{function.__name__} appended {len(entries)} log entries; an act appends one"
                return result
        finally:
            _appended.reset(token)
            _powers.reset(powers)

    in_one_transaction.is_act = True  # type: ignore[attr-defined]  # read by the house test
    return in_one_transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Read every table as it is at one moment, while others go on writing; nothing can be written within."""
    current()
    begin = {"sqlite": "BEGIN DEFERRED", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute(begin[connection.vendor])
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA query_only = OFF")


@contextmanager
def bookkeeping() -> Iterator[None]:
    """One transaction of the registry's own machinery; raises if used within an act."""
    current()
    with transaction.atomic(durable=True):  # noqa: TID251 - the one place
        yield
