"""One pair of nodes for all tests on people, once for each engine: each test stops somebody of its own."""

from collections.abc import Iterator

import pytest

from checker import check
from comity.authorities.roles import Role
from comity.cli.story import Stage
from people import appoint, appointment
from stage import staged


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """At cv four administrators, of whom edson is a judge as well; at nl the two founders."""
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("town"), databases=databases, image_bytes=100_000) as stage:
        with stage.cv.active():
            appoint(stage.cv, appointment("celia", Role.ADMINISTRATOR))
            appoint(stage.cv, appointment("edson", Role.ADMINISTRATOR, name="Edson Brito"))
        yield stage
        check(stage.cv, stage.nl)
