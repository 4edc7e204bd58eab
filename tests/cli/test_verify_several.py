"""A bundle of one thing among many of a letter: what belongs to the others stays out, and it verifies."""

import io
from pathlib import Path

from comity.cli.exporting import export
from comity.exchange.verification import Verification
from exported import unheard, unzipped
from scenes import accepted, opened, recognised, seized, settle, signed_over, taken_in
from stage import staged


def test_receipts_for_other_things_of_the_letter_stay_out_of_a_bundle(tmp_path: Path):
    with staged(tmp_path) as stage:
        letter = recognised(stage, opened(stage))
        items = [taken_in(stage, letter), taken_in(stage, letter)]
        for item in items:
            accepted(stage, item)
        signed_over(stage, seized(stage.seat(stage.nl, "custodian"), letter, "EX-1"))
        settle(stage)
        with stage.cv.active():
            bundle, seat = tmp_path / "one.bundle", stage.seat(stage.cv, "custodian")
            export(items[0], bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
    data = bundle.read_bytes()
    steps = list(Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard).steps())
    assert steps[-1].step == "nothing else"
    assert sum(name.startswith("receipts/") for name in unzipped(data)) == 2, "of the letter, and of its own acceptance"
