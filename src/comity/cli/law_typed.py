"""What is typed after `comity law`: a day, an answered fact, a file of questions."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from comity.canon import JsonObject
from comity.cases.case import offence
from comity.errors import N_, ComityError
from comity.law import Question

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
QUESTIONS_MAX: Final = 10_000


class LawInputNotUsable(ComityError):
    """Something that was typed or a file cannot be read as what it should be."""

    code = "cli.law_not_usable"
    sentence = N_("{what} {found} cannot be read: {why}")


def day(typed: str) -> date:
    """A day as it is typed; raises `LawInputNotUsable`."""
    try:
        return date.fromisoformat(typed)
    except ValueError as broken:
        raise LawInputNotUsable(what="day", found=typed[:40], why="expected a date such as 2026-11-23") from broken


def fact(typed: str) -> tuple[str, bool | int | str]:
    """An answered fact as it is typed: `id=yes`, `id=no`, `id=4` or `id=word`; raises `LawInputNotUsable`."""
    name, _, answer = typed.partition("=")
    match answer.lower():
        case "yes" | "true":
            return name, True
        case "no" | "false":
            return name, False
        case "":
            raise LawInputNotUsable(what="fact", found=typed[:60], why="expected ID=ANSWER")
        case number if number.isascii() and number.isdigit() and len(number) <= len("9999"):
            return name, int(number)
        case _:
            return name, answer


def file_text(file: Path) -> str:
    """The text of a file; raises `LawInputNotUsable` for one that is too large or no UTF-8."""
    data = file.read_bytes()[: FILE_BYTES_MAX + 1]
    if len(data) > FILE_BYTES_MAX:
        raise LawInputNotUsable(what="file", found=file.name, why=f"more than {FILE_BYTES_MAX} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise LawInputNotUsable(what="file", found=file.name, why="it is no text in UTF-8") from broken


def json_file(file: Path) -> Any:
    """A JSON file; raises `LawInputNotUsable`."""
    try:
        return json.loads(file_text(file))
    except (ValueError, RecursionError) as broken:
        raise LawInputNotUsable(what="file", found=file.name, why="it is no JSON") from broken


def toml_file(file: Path) -> JsonObject:
    """A TOML file; raises `LawInputNotUsable`."""
    try:
        return tomllib.loads(file_text(file))
    except (ValueError, RecursionError) as broken:
        raise LawInputNotUsable(what="file", found=file.name, why=f"it is no TOML: {broken}"[:200]) from broken


def questions_file(file: Path) -> list[tuple[Question, date]]:
    """Questions with their days: a TOML file of worked cases, or a JSON list of verdicts or of `{"on", "question"}`.

    Raises `LawInputNotUsable`, or as `Question.from_record`.
    """
    read = _worked(toml_file(file)) if file.suffix == ".toml" else _listed(json_file(file), file)
    found = list(read)
    if not 0 < len(found) <= QUESTIONS_MAX:
        raise LawInputNotUsable(what="file", found=file.name, why=f"it holds no question, or more than {QUESTIONS_MAX}")
    return found


def _listed(loaded: Any, file: Path) -> Iterator[tuple[Question, date]]:
    for one in loaded if isinstance(loaded, list) else [loaded]:
        if not isinstance(one, dict) or not {"on", "question"} <= one.keys():
            raise LawInputNotUsable(what="file", found=file.name, why="a question needs on and question")
        yield Question.from_record(one["question"]), day(str(one["on"]))


def _worked(document: JsonObject) -> Iterator[tuple[Question, date]]:
    for example in document.get("example", []):
        yield worked_question(example["question"]), day(str(example["on"]))


def worked_question(stated: JsonObject) -> Question:
    """The question of a worked case, as `examples.toml` spells it; raises `LawInputNotUsable` for a name it does not know."""
    names = {
        "from",
        "to",
        "measure",
        "authority",
        "stage",
        "data",
        "purpose",
        "offences",
        "urgency",
        "provider",
        "facts",
    }
    if strange := stated.keys() - names:
        raise LawInputNotUsable(what="question", found=", ".join(sorted(strange))[:60], why="it has no such part")
    return Question(
        requesting_state=stated["from"],
        requested_state=stated["to"],
        requesting_authority=stated.get("authority", "public_prosecutor"),
        stage=stated.get("stage", "investigation"),
        measure=stated["measure"],
        data=tuple(stated.get("data", [])),
        purpose=stated.get("purpose", "evidence"),
        offences=tuple(
            (one.id, one.issuing_years_max, one.executing_years_max) for one in map(offence, stated.get("offences", []))
        ),
        urgency=stated.get("urgency", "normal"),
        provider=stated.get("provider"),
        facts=stated.get("facts", {}),
    )
