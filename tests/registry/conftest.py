"""One populated world for each engine: tests that refuse leave it as it was, and hold that they do."""

from pathlib import Path

import pytest

from scenes import World, populated
from stage import staged


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Two nodes with letters and items at every point of their life. Refusals share it; whoever changes it does not."""
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    folder: Path = tmp_path_factory.mktemp(f"world-{request.param}")
    with staged(folder, databases=databases, image_bytes=100_000) as stage:
        made: World = populated(stage)
        yield made
