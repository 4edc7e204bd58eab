"""`comity directory` at the terminal: an entry is published, carried as a file, asked for, confirmed and withdrawn."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import comity
from comity.cli.story import Stage
from comity.errors import ComityError
from stage import staged

FILE = {
    "authority": "Landelijk Parket",
    "level": "national",
    "measures": ["preservation"],
    "territory": ["NL"],
    "law": "coe-ets185",
    "article": "27(2)",
    "hours": {"always": True},
    "languages": ["nl", "en"],
    "channels": [{"kind": "node", "address": "nl"}],
    "forms": ["comity/letter/v1"],
    "capacity_per_week": None,
    "from": "2026-01-01T00:00:00.000Z",
    "until": "2028-01-01T00:00:00.000Z",
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("terminal")) as stage:
        yield stage


def run(stage: Stage, node: str, official: str, *words: str) -> Any:
    """What the command prints as JSON; raises what it refuses."""
    folder = stage.nl.folder if node == "nl" else stage.cv.folder
    command = ["directory", *words, "--node", str(folder), "--as", official, "--json"]
    result = CliRunner().invoke(comity, command)
    if isinstance(result.exception, ComityError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_an_entry_is_published_carried_asked_for_confirmed_and_withdrawn(hall: Stage, tmp_path: Path):
    file, carried = tmp_path / "entry.json", tmp_path / "carried.json"
    file.write_text(json.dumps(FILE), encoding="utf-8")
    made = run(hall, "nl", "anna", "publish", str(file))
    reference = made["entry"]["reference"]
    assert made["reliance"] == "decides"
    carried.write_text(json.dumps(run(hall, "nl", "joost", "show", reference, "--signed")), encoding="utf-8")
    taken = run(hall, "cv", "amara", "import", str(carried))
    assert taken == [{"node": "nl", "entry": reference, "version": 1}]
    asked = run(hall, "cv", "ivo", "find", "--measure", "preservation", "--state", "NL", "--territory", "NL-LI")
    assert (asked["reliance"], asked["found"][0]["authority"]) == ("decides", "Landelijk Parket")
    assert run(hall, "nl", "anna", "confirm", reference)["entry"]["version"] == 2
    file.write_text(json.dumps(FILE | {"authority": "AIRS"}), encoding="utf-8")
    assert run(hall, "nl", "anna", "publish", str(file), "--entry", reference)["entry"]["authority"] == "AIRS"
    assert run(hall, "nl", "anna", "withdraw", reference, "--reason", "Merged.")["marks"] == ["withdrawn"]
    assert [one["entry"]["version"] for one in run(hall, "nl", "joost", "show", reference)] == [4, 3, 2, 1]
    held = run(hall, "cv", "ivo", "list", "--state", "NL")
    assert [one["entry"]["reference"] for one in held["entries"]] == [reference]
    assert run(hall, "cv", "ivo", "list", "--state", "CV")["entries"] == []


def test_for_people_the_answer_says_how_well_it_is_known_and_where_from(hall: Stage):
    command = ["directory", "find", "--measure", "extradition", "--state", "NL", "--node", str(hall.cv.folder)]
    said = CliRunner().invoke(comity, [*command, "--as", "ivo"]).output
    assert "to be confirmed first" in said
    assert "coe-ets185 art. 24(7)" in said
    assert "declared 2006-11-16" in said
    assert "marks: seeded" in said


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("not json", "directory.file_broken"),
        ("[" * 50_000, "directory.file_broken"),
        ("[]", "authorities.competence_broken"),
        (json.dumps(FILE | {"node": "cv"}), "authorities.competence_broken"),
        (json.dumps(FILE | {"territory": ["CV"]}), "authorities.competence_broken"),
        (json.dumps(FILE | {"measures": ["alchemy"]}), "law.value_unknown"),
        (" " * 70_000, "canon.too_large"),
    ],
)
def test_a_file_that_holds_no_entry_is_refused(hall: Stage, tmp_path: Path, content: str, code: str):
    file = tmp_path / "entry.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ComityError) as refused:
        run(hall, "nl", "anna", "publish", str(file))
    assert refused.value.code == code


def test_a_file_that_no_node_signed_is_not_imported(hall: Stage, tmp_path: Path):
    file = tmp_path / "carried.json"
    for content in ("{}", '{"entry": {}, "officials": []}', '[{"entry": 1, "officials": []}]', "7"):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ComityError) as refused:
            run(hall, "cv", "amara", "import", str(file))
        assert refused.value.code in {"exchange.record_broken", "authorities.statement_broken"}, content
