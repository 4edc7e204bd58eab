"""One real bundle for the whole run: the one that the first letter ends with."""

import json
from collections.abc import Iterator

import pytest

from comity.cli.exporting import export
from comity.cli.story import run
from comity.registry import post
from exported import Exported, unheard, unzipped
from stage import staged
from witnessing import witnessed_by


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """What the receiving custodian exports at the end of the story."""
    folder = tmp_path_factory.mktemp("exported")
    with staged(folder, image_bytes=3_000) as stage:
        witnessed_by(stage.cv, "nl")
        list(run(stage))
        bundle, key, trust = folder / "evidence.bundle", folder / "evidence.key", folder / "trust.json"
        with stage.cv.active():
            seat = stage.seat(stage.cv, "custodian")
            export(stage.item, bundle, reason="For the defence", key_file=key, progress=unheard, seat=seat)
        pinned = {node.id: post.own_card(node).fingerprint for node in (stage.cv, stage.nl)}
        trust.write_text(json.dumps({"nodes": pinned}))
        yield Exported(stage, bundle, key, trust, unzipped(bundle.read_bytes()))
