"""One world for all tests of the custodian's desk, once for each engine."""

from collections.abc import Iterator

import pytest

from scenes import World, populated
from stage import staged


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def evidence_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two nodes with evidence at every point. Tests add to it; what they find by name stays where it is."""
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("evidence"), databases=databases) as stage:
        yield populated(stage)
