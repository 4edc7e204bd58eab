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
from comity.registry import vault
from comity.registry.documents.case_import import NotDescribed
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


def described(folder: Path, sha256: str) -> str:
    uco = "https://ontology.unifiedcyberontology.org/uco/"
    facet = {"@type": f"{uco}observable/ContentDataFacet", f"{uco}observable/hash": {f"{uco}types/hashValue": sha256}}
    file = folder / "other-tool.jsonld"
    file.write_text(json.dumps({"@id": "urn:x", f"{uco}core/hasFacet": facet, "urn:lab:unknown": "kept"}, indent=3))
    return str(file)


def test_what_another_tool_described_is_taken_in_with_its_description_or_not_at_all(
    stage: tuple[Stage, str], tmp_path: Path
):
    found, _ = stage
    (tmp_path / "disk.img").write_bytes(b"test")
    count = ItemRow.objects.count()
    wrong = add(stage, str(tmp_path / "disk.img"), "--case", described(tmp_path, "0" * 64))
    assert isinstance(wrong.exception, NotDescribed)
    assert ItemRow.objects.count() == count
    right = described(tmp_path, hashlib.sha256(b"test").hexdigest())
    made = item(add(stage, str(tmp_path / "disk.img"), "--case", right))
    row = ItemRow.objects.get(reference=made["description"])
    assert row.record["sha256"] == hashlib.sha256(Path(right).read_bytes()).hexdigest(), "byte for byte"
    key = vault.key_of(bytes(row.wrapped_key), folder=found.nl.folder, month=row.month, item=row.reference)
    assert b"".join(vault.read(found.nl.vault, row.reference, key=key)) == Path(right).read_bytes()
