"""Every table is looked over by `comity node check`, or it is said why not: a new one fails here until somebody decides."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import people
from comity.cli import desk
from comity.oversight.retention import After, Rule
from comity.registry import log, tables
from comity.registry.actions import retention, reviews
from comity.registry.actions.cases import add_member
from comity.registry.checking import differences
from comity.registry.gestures import mandates
from comity.registry.gestures.retention import prepare_schedule
from comity.registry.jobs import witnesses
from comity.registry.models import OpeningRow
from raw_changes import CHANGES as SIGNED
from scenes import populated, settle
from stage import staged
from tampering import Change, found_after, other, run, taken_back
from tour import Town, visited
from witnessing import witnessed_by

UNCHECKED = {
    "workrow": "what is still to be done; it steers when, and decides nothing",
    "witnessrow": "when a witness is asked again",
    "signingrow": "texts that wait ten minutes for a signature; whoever signs sees them first",
    "seatrow": "who sits where in which browser, for hours",
    "competencetold": "which peers were told of an entry; one that is missing is told again",
    "outboxrow": "messages on their way: each is signed, and the receiver's receipt and log are what counts",
    "deliveryrow": "the addressees of a letter, which the letter's own text has",
    "introductionrow": "directory entries that came with a message; each is read with its signatures when it is used",
    "invitationrow": "invitations that nobody has taken up; an enrolment is signed by two administrators",
    "credentialrow": "passkeys in a browser's words; the signed entries of the directory hold the keys",
    "subjectrow": "names at a provider of single sign-on, which signs nothing",
    "stamprow": "tokens of time: one that was changed does not verify, one that is missing is asked for again",
    "tagrow": "looked over with the items and exhibits that it finds",
}
"""Tables of which nothing is compared, each with why."""

ELSEWHERE = {
    "lapserow": "test_emergency.py",
    "findingrow": "test_findings.py",
    "exhibitrow": "test_custody.py",
    "exhibitrecordrow": "test_custody.py",
    "handoverrow": "test_custody.py",
}
TOLD: tuple[tuple[str, str, Change], ...] = (
    *[("caserow", name, other) for name in ("reference", "title", "marketplace")],
    ("casemember", "official", other),
    *[("selectorrow", name, other) for name in ("value",)],
    ("selectorrow", "flags", lambda _held: '["minor"]'),
    *[("reviewrow", name, other) for name in ("official", "reason", "item")],
    *[("openingrow", name, other) for name in ("reference", "official", "reason")],
    *[("holdrow", name, other) for name in ("reference", "official", "reason")],
    *[("schedulerow", name, other) for name in ("version", "digest", "statement")],
    *[("disclosurerow", name, other) for name in ("reference", "counsel", "mandate", "digest", "statement")],
    ("cosignaturerow", "line", other),
    *[("witnessedrow", name, other) for name in ("size", "root", "note")],
    *[("competencerow", name, other) for name in ("reference", "version", "state", "digest", "statement")],
    *[("decisionrow", name, other) for name in ("change", "digest", "statement")],
    *[("trainingrow", name, other) for name in ("official", "course", "digest", "statement")],
    *[("trainingpolicyrow", name, other) for name in ("digest", "statement")],
    ("authorisationrow", "withdrawn_at", lambda _held: "2026-11-23 09:00:00+00:00"),
    ("itemrow", "sealed_off_at", lambda _held: "2026-11-23 09:00:00+00:00"),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with staged(tmp_path_factory.mktemp("every"), image_bytes=100_000) as stage:
        found = visited(populated(stage))
        cv = stage.cv
        witnessed_by(cv, "nl")
        with cv.active():
            at, ivo = cv.clock.now(), stage.seat(cv, "investigator").entry.actor
            amara = people.at(cv, "amara")
            add_member(found.world.case, "nadia", actor=ivo, at=at)
            item = found.world.items["accepted"]
            rule = Rule("other", After.LETTER_ENDED, 20, "Node policy", "not_stated", "Time for appeals.")
            days = timedelta(days=15)
            desk.finished(prepare_schedule([rule], from_=at + days, actor=amara.entry.actor, at=at), seat=amara, at=at)
            carla = people.at(cv, "carla").entry.actor
            reason = "A person whom the sellers harmed is seen in it."
            retention.hold_item(item, until=at + days, reason=reason, actor=carla, at=at)
            reviews.flag_item(item, ["victim"], reason=reason, actor=ivo, at=at)
            reviews.review_item(item, reason=reason, actor=carla, at=at)
            assert OpeningRow.objects.exists()
            course = mandates.prepare_training(
                "luis", "Emergency requests", held_on=at.date(), valid_until=None, actor=amara.entry.actor, at=at
            )
            desk.finished(course, seat=amara, at=at)
        settle(stage)
        with cv.active():
            witnesses.watch(at=cv.clock.now())
            log.sequence(at=cv.clock.now())
            witnesses.ask(at=cv.clock.now())
        yield found


def test_every_table_is_looked_over_or_it_is_said_why_not():
    for table, file in ELSEWHERE.items():
        assert f'"{table}"' in (Path(__file__).parent / file).read_text(encoding="utf-8")
    named = {name.removeprefix("registry_") for name in tables.named()}
    tried = {table for table, _, _ in (*SIGNED, *TOLD)} | set(ELSEWHERE)
    assert named - tried - set(UNCHECKED) == set()
    assert (tried | set(UNCHECKED)) - named == set()
    assert tried & set(UNCHECKED) == set()


def test_all_is_well_before(town: Town):
    with town.world.stage.cv.active():
        assert differences() == []


@pytest.mark.parametrize("table", sorted({table for table, _, _ in TOLD}))
def test_a_change_is_named_with_its_row(town: Town, table: str):
    for name, column, change in TOLD:
        if name == table:
            assert found_after(town.world.stage.cv, table, column, change), f"{table}.{column}: nobody saw it"


@pytest.mark.parametrize("table", ["casemember", "selectorrow", "reviewrow", "openingrow", "holdrow", "disclosurerow"])
def test_a_row_that_was_taken_away_is_missed(town: Town, table: str):
    with taken_back(town.world.stage.cv):
        run(f"DELETE FROM registry_{table} WHERE id = (SELECT max(id) FROM registry_{table})")
        assert f"registry_{table}" in {one.table for one in differences()}


def test_somebody_who_lets_himself_into_a_case_is_named(town: Town):
    with taken_back(town.world.stage.cv):
        run("INSERT INTO registry_casemember (case_id, official) SELECT id, 'rui' FROM registry_caserow")
        assert [(one.table, one.found) for one in differences()] == [("registry_casemember", "rui")]
