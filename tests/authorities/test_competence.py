"""Entries of the directory of competence: what one says, who signs it, and which version replaces which."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.authorities.competence import (
    COMPETENCE,
    LIFE_MAX,
    Competence,
    CompetenceBroken,
    CompetenceForked,
    CompetenceOlder,
    Hours,
    Version,
    read_competence,
    succeeds,
)
from comity.authorities.directory import Home
from comity.authorities.officials import NotThisOfficial, Officials, OfficialUnknown, Proven, officials
from comity.authorities.roles import MandateNotInForce, PowerMissing, Role
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, WrongStatement
from comity.canon import NotAMoment, canonical
from competences import AT, OFFICE_HOURS, competence, signed_by
from keys import NodeKey, OfficialKey, entry

NL = NodeKey.fresh(b"nl")
KEY, JUDGES = OfficialKey.fresh(seed=b"administrator"), OfficialKey.fresh(seed=b"judge")
ADMIN, ADMIN_ENTRY = entry(KEY, NL, node="nl", official="anna", role=Role.ADMINISTRATOR, state="NL")
JUDGE, _ = entry(JUDGES, NL, node="nl", official="joost", role=Role.JUDGE, state="NL")
HOME = Home(node="nl", key=NL.public, rp_id=KEY.rp_id, origin=KEY.origin)
KNOWN = officials({"nl": [ADMIN_ENTRY]}, homes={"nl": HOME})
ENTRY = competence(ADMIN)
BODY = ENTRY.as_body()
WEEKLY = OFFICE_HOURS.as_record()


def statement(made: Competence = ENTRY) -> Statement:
    return signed_by(made, ADMIN, key=KEY, node=NL)


def test_an_entry_is_read_as_its_administrator_and_its_node_signed_it():
    read = read_competence(Statement.from_bytes(statement().to_bytes()), known=KNOWN)
    assert read.record == ENTRY
    assert read.digest == statement().digest


def test_office_hours_of_a_part_of_a_state_without_a_capacity_are_read_as_written():
    made = replace(ENTRY, hours=OFFICE_HOURS, territory=("NL-LI", "NL-NB"), capacity_per_week=None)
    assert Competence.from_body(json.loads(canonical(made.as_body()))) == made


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"node": "NL"}, CompetenceBroken),
        ({"reference": "c0"}, CompetenceBroken),
        ({"reference": ["c0" * 16]}, CompetenceBroken),
        ({"version": 0}, CompetenceBroken),
        ({"version": True}, CompetenceBroken),
        ({"version": "1"}, CompetenceBroken),
        ({"state": "nl"}, CompetenceBroken),
        ({"authority": ""}, CompetenceBroken),
        ({"authority": "Landelijk\u202eParket"}, CompetenceBroken),
        ({"authority": " Parket "}, CompetenceBroken),
        ({"level": "federal"}, CompetenceBroken),
        ({"level": None}, CompetenceBroken),
        ({"level": ["national"]}, CompetenceBroken),
        ({"measures": []}, CompetenceBroken),
        ({"measures": "preservation"}, CompetenceBroken),
        ({"measures": ["preservation", "preservation"]}, CompetenceBroken),
        ({"measures": [{}]}, CompetenceBroken),
        ({"measures": ["m"] * 101}, CompetenceBroken),
        ({"territory": ["BE"]}, CompetenceBroken),
        ({"territory": ["NL-"]}, CompetenceBroken),
        ({"territory": ["NLX"]}, CompetenceBroken),
        ({"languages": ["Dutch"]}, CompetenceBroken),
        ({"languages": ["nl_NL"]}, CompetenceBroken),
        ({"languages": []}, CompetenceBroken),
        ({"channels": []}, CompetenceBroken),
        ({"channels": [{"kind": "fax", "address": "1"}]}, CompetenceBroken),
        ({"channels": [{"kind": "phone", "address": "112"}]}, CompetenceBroken),
        ({"channels": [{"kind": "node", "address": "NL!"}]}, CompetenceBroken),
        ({"channels": [{"kind": "node", "address": "nl", "more": 1}]}, CompetenceBroken),
        ({"channels": ["nl"]}, CompetenceBroken),
        ({"channels": [{"kind": "node", "address": "nl"}] * 2}, CompetenceBroken),
        ({"forms": []}, CompetenceBroken),
        ({"forms": ["a", "a"]}, CompetenceBroken),
        ({"forms": [1]}, CompetenceBroken),
        ({"capacity_per_week": 0}, CompetenceBroken),
        ({"capacity_per_week": "many"}, CompetenceBroken),
        ({"hours": None}, CompetenceBroken),
        ({"hours": {"always": False}}, CompetenceBroken),
        ({"hours": {"always": 1}}, CompetenceBroken),
        ({"hours": WEEKLY | {"always": True}}, CompetenceBroken),
        ({"hours": WEEKLY | {"days": [5, 1]}}, CompetenceBroken),
        ({"hours": WEEKLY | {"days": [0]}}, CompetenceBroken),
        ({"hours": WEEKLY | {"days": [True]}}, CompetenceBroken),
        ({"hours": WEEKLY | {"opens": "17:00"}}, CompetenceBroken),
        ({"hours": WEEKLY | {"closes": "24:00"}}, CompetenceBroken),
        ({"hours": WEEKLY | {"zone": "Europe"}}, CompetenceBroken),
        ({"hours": WEEKLY | {"zone": "../etc/passwd"}}, CompetenceBroken),
        ({"hours": WEEKLY | {"zone": 1}}, CompetenceBroken),
        ({"withdrawn": None}, CompetenceBroken),
        ({"by": "anna"}, CompetenceBroken),
        ({"more": 1}, CompetenceBroken),
        ({"from": BODY["until"]}, CompetenceBroken),
        ({"until": "2036-11-23T09:00:00.000Z"}, CompetenceBroken),
        ({"confirmed_at": "2026-11-23T09:00:00.000Z"}, CompetenceBroken),
        ({"confirmed_at": "2026-11-23"}, NotAMoment),
        ({"until": None}, NotAMoment),
    ],
)
def test_what_an_entry_does_not_hold_is_refused(changed: dict[str, Any], refusal: type[Exception]):
    with pytest.raises(refusal):
        Competence.from_body(BODY | changed)


@pytest.mark.parametrize("name", sorted(BODY))
def test_an_entry_without_one_of_its_fields_is_refused(name: str):
    with pytest.raises(CompetenceBroken):
        Competence.from_body({field: value for field, value in BODY.items() if field != name})


def test_an_entry_cannot_run_for_longer_than_the_limit():
    with pytest.raises(CompetenceBroken):
        Competence.from_body(replace(ENTRY, until=ENTRY.from_ + LIFE_MAX + timedelta(days=1)).as_body())


def others(made: Competence) -> Statement:
    return signed_by(made, ADMIN, key=KEY, node=NodeKey.fresh(b"stranger"))


REFUSED: list[tuple[str, Statement, Officials, type[Exception] | tuple[type[Exception], ...]]] = [
    ("by another node", others(ENTRY), KNOWN, (SignerMissing, StatementBroken)),
    ("without the node", replace(statement(), signatures=statement().signatures[:1]), KNOWN, SignerMissing),
    ("without the official", replace(statement(), signatures=statement().signatures[1:]), KNOWN, SignerMissing),
    ("another text", replace(statement(), body=BODY | {"article": "35"}), KNOWN, Exception),
    ("another type", replace(statement(), type="comity/letter/v1"), KNOWN, WrongStatement),
    ("nobody known", statement(), Officials(homes={"nl": HOME}, entries={}), OfficialUnknown),
    (
        "a judge's",
        signed_by(competence(JUDGE), JUDGE, key=JUDGES, node=NL),
        Officials(homes={"nl": HOME}, entries={("nl", "joost", JUDGE.mandate): JUDGE}),
        PowerMissing,
    ),
    ("for another state", statement(competence(ADMIN, state="BE", territory=("BE",))), KNOWN, NotThisOfficial),
    ("for another node", statement(competence(ADMIN, node="be")), KNOWN, NotThisOfficial),
    (
        "after the mandate",
        statement(replace(ENTRY, written_at=ADMIN.until, confirmed_at=ADMIN.from_)),
        KNOWN,
        MandateNotInForce,
    ),
]


@pytest.mark.parametrize(("what", "forged", "known", "refusal"), REFUSED, ids=[one[0] for one in REFUSED])
def test_an_entry_that_its_administrator_and_node_did_not_sign_so_is_refused(
    what: str, forged: Statement, known: Officials, refusal: Any
):
    with pytest.raises(refusal):
        read_competence(forged, known=known)


def proven(**changed: Any) -> Proven[Competence]:
    return read_competence(statement(replace(ENTRY, **changed)), known=KNOWN)


LATER = ENTRY.written_at + timedelta(days=1)


def test_a_newer_version_replaces_an_older_and_the_same_text_changes_nothing():
    first, second = proven(), proven(version=2, written_at=LATER)
    held = Version(first.record.version, first.record.written_at, first.digest)
    assert succeeds(first, None)
    assert succeeds(second, held)
    assert not succeeds(first, held)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"version": 1}, CompetenceOlder),
        ({"version": 2, "article": "35"}, CompetenceForked),
        ({"version": 3, "written_at": LATER - timedelta(hours=1)}, CompetenceOlder),
    ],
)
def test_an_older_version_or_a_second_text_of_the_same_number_is_refused(changed: Any, refusal: type[Exception]):
    held = Version(2, LATER, "ab" * 32)
    with pytest.raises(refusal):
        succeeds(proven(**changed), held)


@pytest.mark.parametrize(
    ("moment", "answers"),
    [
        (datetime(2026, 11, 23, 7, 29, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), True),  # 08:30 in Amsterdam, winter
        (datetime(2026, 7, 20, 6, 30, tzinfo=UTC), True),  # 08:30 in Amsterdam, summer
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False),  # a Sunday
    ],
)
def test_office_hours_are_those_of_the_authority_s_own_zone(moment: datetime, answers: bool):
    assert OFFICE_HOURS.open(at=moment) is answers
    assert Hours(always=True).open(at=moment)


def test_the_type_of_an_entry_stands_in_its_statement():
    assert statement().type == COMPETENCE == "comity/competence-entry/v1"
    assert ENTRY.written_at < AT


PAGE = (Path(__file__).parents[2] / "docs" / "spec" / "directory-entry.md").read_text(encoding="utf-8")


def test_the_page_shows_what_the_code_writes_and_names_every_field():
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    document, written = json.loads(shown), json.loads(canonical(statement().as_json()))
    assert (document["body"], document["type"]) == (written["body"], written["type"])
    assert [one["key"] for one in document["signatures"]] == [one["key"] for one in written["signatures"]]
    assert f"`{statement().digest}`" in PAGE
    rows = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    assert set(BODY) <= {name for row in rows for name in re.findall(r"`(\w+)`", row)}
