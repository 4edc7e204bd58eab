"""A node proves to everybody that its log only grew, from the command line to `comity verify`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from comity.canon import canonical
from comity.cli.log import log as command
from comity.cli.story import Stage
from comity.cli.verify import verify
from comity.registry import log
from registry_acts import append_many
from stage import staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("grown")) as found:
        yield found


def run(*typed: str) -> Result:
    return CliRunner().invoke(command, list(typed))


def test_what_the_command_prints_verifies_under_the_card_and_under_no_other(stage: Stage, tmp_path: Path):
    node, file = stage.cv, tmp_path / "grown.json"
    with node.active():
        log.sequence(at=node.clock.now())
        size = log.sequenced_size()
        append_many(node, 3)
        log.sequence(at=node.clock.now())
    file.write_text(run("consistency", str(size), "--node", str(node.folder)).output, encoding="utf-8")
    cards = {one.id: str(one.folder / "card.json") for one in (stage.cv, stage.nl)}
    held = CliRunner().invoke(verify, [str(file), "--card", cards["cv"]])
    assert (held.exit_code, held.output.splitlines()[-1]) == (0, "verified")
    assert f"at size {size + 3} begins with all that it was at size {size}" in held.output
    assert CliRunner().invoke(verify, [str(file), "--card", cards["nl"]]).exit_code == 2
    record = json.loads(file.read_text())
    record["consistency"]["proof"].append(record["consistency"]["proof"][0])
    file.write_bytes(canonical(record))
    assert CliRunner().invoke(verify, [str(file), "--card", cards["cv"]]).exit_code == 1


def test_a_size_that_was_never_signed_is_refused(stage: Stage):
    refused = run("consistency", "999999", "--node", str(stage.cv.folder))
    assert isinstance(refused.exception, log.NotInTheLog)
