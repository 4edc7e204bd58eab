"""Fixtures that need both databases: real SQLite files and a real PostgreSQL, started once per run."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
django.setup(set_prefix=False)

from browsers import chromium  # noqa: E402
from comity.cli.story import Stage  # noqa: E402
from databases import Postgres  # noqa: E402
from scenes import World, populated  # noqa: E402
from stage import staged  # noqa: E402
from strangers import age, pdfsig, softhsm  # noqa: E402


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the run; its folder is short, as its socket's name must be."""
    folder = Path(tempfile.mkdtemp(prefix="cpg"))
    server = Postgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Where the tables of a pair of nodes lie, once for each engine."""
    if request.param == "sqlite":
        return ("node.sqlite3", "node.sqlite3")
    server: Postgres = request.getfixturevalue("postgres")
    return (server.fresh(), server.fresh())


@pytest.fixture
def stage(tmp_path: Path, databases: tuple[str, str]) -> Iterator[Stage]:
    """Two peopled and paired nodes with HTTP between them; nothing has happened yet."""
    with staged(tmp_path, databases=databases) as ready:
        yield ready


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two nodes with letters and items at every point of their life. Who reads shares it; whoever changes it does not."""
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    folder = tmp_path_factory.mktemp(f"world-{request.param}")
    with staged(folder, databases=databases, image_bytes=100_000) as stage:
        yield populated(stage)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tried: a run without a browser must not look like one with it."""
    if pdfsig() is None:
        terminalreporter.write_line(
            "no pdfsig (poppler-utils) on this machine: documents were not shown to it", yellow=True
        )
    if age() is None:
        terminalreporter.write_line("no age on this machine: exports were not opened with it", yellow=True)
    if softhsm() is None:
        terminalreporter.write_line("no softhsm2 on this machine: month keys were tried as files only", yellow=True)
    if find_spec("atheris") is None:
        terminalreporter.write_line(
            "no atheris on this machine: no reader was tried with bytes led by coverage", yellow=True
        )
    if chromium() is None:
        terminalreporter.write_line("no Chromium on this machine: tests/browser was not collected", yellow=True)
