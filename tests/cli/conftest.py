"""One real bundle for the whole run: the one that the first letter ends with."""

from collections.abc import Iterator

import pytest

from exported import Exported, story_exported


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """What the receiving custodian exports at the end of the story."""
    with story_exported(tmp_path_factory.mktemp("exported")) as bundle:
        yield bundle
