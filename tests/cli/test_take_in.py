"""`comity evidence add` takes a file, a folder or what comes in, and keeps nothing of what is refused."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from comity.cli.evidence import evidence
from comity.cli.story import Stage
from comity.registry.models import ItemRow, LetterRow
from scenes import opened, recognised
from stage import staged

HOW = ("place", "device", "method", "tool", "tool-version", "time-source")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str]]:
    with staged(tmp_path_factory.mktemp("taken")) as found:
        letter = recognised(found, opened(found))
        with found.nl.active():
            yield found, LetterRow.objects.get(digest=letter).short


def add(stage: tuple[Stage, str], *typed: str, given: bytes | None = None) -> Result:
    found, letter = stage
    how = [part for name in HOW for part in (f"--{name}", "stated")]
    seat = ["--letter", letter, "--node", str(found.nl.folder), "--as", "cas", "--json"]
    return CliRunner().invoke(evidence, ["add", *typed, *how, *seat], input=given)


def item(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output or result.exception
    read: dict[str, Any] = json.loads(result.stdout)
    return read


def test_what_comes_in_is_sealed_under_a_name(stage: tuple[Stage, str]):
    made = item(add(stage, "-", "--name", "dump.json", given=b"a stream"))
    assert (made["name"], made["sha256"]) == ("dump.json", hashlib.sha256(b"a stream").hexdigest())
    assert add(stage, "-", given=b"a stream").exit_code == 2


def test_a_folder_is_one_item(stage: tuple[Stage, str], tmp_path: Path):
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_bytes(b"first")
    made = item(add(stage, str(tmp_path / "mails")))
    assert (made["name"], made["media_type"]) == ("mails.tar", "application/x-tar")
    count = ItemRow.objects.count()
    (tmp_path / "mails" / "2.eml").symlink_to("1.eml")
    assert "is a link" in str(add(stage, str(tmp_path / "mails")).exception)
    assert ItemRow.objects.count() == count
