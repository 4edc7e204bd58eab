"""The defence at its desk: the authority lists everything, counsel reads and takes it, and wrong input loses nothing."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.cli.story import Stage
from comity.evidence.disclosure import Ground
from comity.exchange.verification import Verification
from comity.registry.models import DisclosureRow, LetterRow
from custodians import seated, seen, signed, summary
from scenes import accepted, opened, recognised, settle, taken_in
from stage import staged


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str]]:
    with staged(tmp_path_factory.mktemp("desk"), image_bytes=100_000) as stage:
        case = opened(stage)
        accepted(stage, taken_in(stage, recognised(stage, case)))
        settle(stage)
        yield stage, case


def test_a_case_is_disclosed_with_one_letter_in_part_and_counsel_verifies_it(world: tuple[Stage, str], tmp_path: Path):
    stage, case = world
    with seated(stage, stage.cv, "investigator") as client:
        page = seen(client.get(f"/cases/{case}/disclose"))
        name = re.findall(r'name="(ground_letter:[0-9a-f]{32})"', page)[0].removeprefix("ground_")
        typed: dict[str, Any] = {
            "counsel": "dalia",
            "defended": "The accused A",
            f"ground_{name}": Ground.THIRD_PARTY_RIGHTS.value,
        }
        refused = client.post(f"/cases/{case}/disclose", typed)
        assert "Say why it is withheld." in summary(refused)
        assert not DisclosureRow.objects.exists()
        typed |= {f"reason_{name}": "It names a bank.", f"closed_{name}": ["/facts", "/subject"]}
        done = signed(client, client.post(f"/cases/{case}/disclose", typed))
        reference = DisclosureRow.objects.get().reference
        assert done["Location"] == f"/disclosures/{reference}"
        assert client.get("/disclosures").status_code == 200
    with seated(stage, stage.cv, "defence") as counsel:
        page = seen(counsel.get(f"/disclosures/{reference}"))
        assert "rights of others" in page
        assert LetterRow.objects.get().subject not in page
        file = counsel.post(f"/disclosures/{reference}/file").content
        for hidden in ("/cases", f"/cases/{case}", f"/letters/{LetterRow.objects.get().digest}"):
            assert counsel.get(hidden).status_code == 404
        assert "server.img" not in seen(counsel.get("/evidence"))
    steps = Verification(io.BytesIO(file), pinned={}, key=None, progress=lambda _bytes: None).steps()
    assert "closed: /facts, /subject" in str([step.details for step in steps])
