"""A live node for each attack: three administrators, a judge, and nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entering import House, built, copied


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A copy of the house, its node active."""
    folder, keys = built()
    made = copied(folder, tmp_path / "ut", keys)
    with made.node.active():
        yield made
    made.node.close()
