"""The page on mandates shows texts as the code reads and writes them."""

import json
import re
from pathlib import Path

import pytest

from comity.authorities.directory import Entry
from comity.authorities.standing import Decision, standing_in
from comity.authorities.statement import Statement
from comity.authorities.training import Training, TrainingPolicy

PAGE = (Path(__file__).parents[2] / "docs" / "spec" / "mandate.md").read_text(encoding="utf-8")
SHOWN = {one["type"]: one["body"] for one in map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))}


@pytest.mark.parametrize(
    ("type_", "reader"),
    [
        ("comity/directory-entry/v1", Entry),
        ("comity/mandate-decision/v1", Decision),
        ("comity/training/v1", Training),
        ("comity/training-policy/v1", TrainingPolicy),
    ],
)
def test_each_text_is_read_and_written_as_the_page_shows_it(type_: str, reader: type[Entry]):
    assert reader.from_body(SHOWN[type_]).as_body() == SHOWN[type_]


def test_the_digests_are_those_of_the_texts_and_the_standing_names_its_decision():
    for type_ in ("comity/directory-entry/v1", "comity/mandate-decision/v1"):
        assert f"`{Statement(type=type_, body=SHOWN[type_]).digest}`" in PAGE
    body = SHOWN["comity/standing/v1"]
    standing = standing_in(body, mandate=body["mandate"])
    assert standing.as_body(**{name: body[name] for name in ("node", "official", "mandate")}) == body
    decision = Statement(type="comity/mandate-decision/v1", body=SHOWN["comity/mandate-decision/v1"])
    assert standing.changes[0].decision == decision.digest
