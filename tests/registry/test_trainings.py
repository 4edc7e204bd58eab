"""Training that powers ask for, on a node: an act is refused with the reason, recorded training lets it through."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest

from checker import untouched
from comity.authorities.roles import Power, Role
from comity.authorities.standing import DecidesOnOneself
from comity.authorities.training import TrainingBroken, TrainingMissing
from comity.cli import desk
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.registry import access
from comity.registry.access import NoSuchThing
from comity.registry.gestures import mandates
from comity.registry.models import EntryRow, TrainingRow
from comity.registry.queries import roster
from people import appoint, appointment, at

COURSE, OTHER = "Electronic evidence", "Fundamental rights"


@pytest.fixture(scope="module")
def school(town: Stage) -> Iterator[Stage]:
    """While these tests run, whoever opens a case at cv needs a course and another one."""
    with town.cv.active():
        required(town, {Power.OPEN_CASE: (COURSE, OTHER)})
    yield town
    with town.cv.active():
        required(town, {}, by="bento")


def required(stage: Stage, requires: Mapping[Power, tuple[str, ...]], *, by: str = "amara") -> None:
    seat, now = at(stage.cv, by), stage.cv.clock.now()
    desk.finished(mandates.prepare_training_policy(requires, actor=seat.entry.actor, at=now), seat=seat, at=now)


def trained(stage: Stage, official: str, course: str, *, until: date | None = None, by: str = "amara") -> None:
    seat, now = at(stage.cv, by), stage.cv.clock.now()
    prepared = mandates.prepare_training(
        official, course, held_on=now.date(), valid_until=until, actor=seat.entry.actor, at=now
    )
    desk.finished(prepared, seat=seat, at=now)


def opens(stage: Stage, official: str, *, days: int = 0) -> str:
    seat = at(stage.cv, official)
    now = stage.cv.clock.now() + timedelta(days=days)
    return desk.open_case("T", "M", offences=(), selectors=(), seat=seat, at=now)


def test_without_its_training_a_power_is_refused_with_the_reason(school: Stage):
    with school.cv.active():
        for course in (COURSE, OTHER):
            with untouched(school.cv), pytest.raises(TrainingMissing, match=f"“{course}” is not recorded"):
                opens(school, "ivo/investigator")
            trained(
                school,
                "ivo",
                course,
                until=school.cv.clock.now().date() + timedelta(days=30) if course == OTHER else None,
            )
        opens(school, "ivo/investigator")
        opens(school, "ivo/investigator", days=30)
        with untouched(school.cv), pytest.raises(TrainingMissing, match="counted until"):
            opens(school, "ivo/investigator", days=31)


def test_a_training_counts_for_every_office_of_the_person_and_for_nobody_else(school: Stage):
    with school.cv.active():
        appoint(school.cv, appointment("ivo", Role.PROSECUTOR, name="Ivo Tavares"))
        opens(school, "ivo/prosecutor")
        with untouched(school.cv), pytest.raises(TrainingMissing):
            opens(school, "nadia")


def test_a_power_that_asks_for_nothing_is_used_without(school: Stage):
    with school.cv.active():
        access.require(at(school.cv, "julia").entry.actor, Power.AUTHORISE, at=school.cv.clock.now())
        access.require(at(school.cv, "ivo/prosecutor").entry.actor, Power.DRAFT_LETTER, at=school.cv.clock.now())


def test_a_later_record_takes_a_training_back(school: Stage):
    with school.cv.active():
        trained(school, "rui", COURSE)
        trained(school, "rui", OTHER)
        opens(school, "rui")
        trained(school, "rui", COURSE, until=school.cv.clock.now().date(), by="bento")
        with untouched(school.cv), pytest.raises(TrainingMissing):
            opens(school, "rui", days=1)
        assert [one.course for one in roster.trainings("rui", viewer=at(school.cv, "rui").entry.actor)] == [
            COURSE,
            OTHER,
        ]


def test_nobody_records_his_own_training_nor_that_of_nobody(school: Stage):
    with school.cv.active():
        with untouched(school.cv), pytest.raises(DecidesOnOneself):
            trained(school, "amara", COURSE)
        with untouched(school.cv), pytest.raises(NoSuchThing):
            trained(school, "nobody", COURSE)
        for requires in ({Power.ADMINISTER: (COURSE,)}, {Power.AUTHORISE: ("",)}):
            with untouched(school.cv), pytest.raises(TrainingBroken):
                required(school, requires)


def test_who_is_no_administrator_records_nothing(school: Stage):
    with school.cv.active(), untouched(school.cv):
        seat, now = at(school.cv, "julia"), school.cv.clock.now()
        with pytest.raises(ComityError):
            mandates.prepare_training(
                "ivo", COURSE, held_on=now.date(), valid_until=None, actor=seat.entry.actor, at=now
            )
        with pytest.raises(ComityError):
            mandates.prepare_training_policy({}, actor=seat.entry.actor, at=now)


def test_a_row_that_nobody_signed_is_no_training(school: Stage):
    """Who writes into the table without the node's key lets nobody through; the act meets the signature."""
    with school.cv.active():
        row = TrainingRow.objects.filter(official="ivo").first()
        assert row is not None
        forged = bytes(row.statement).replace(b'"official":"ivo"', b'"official":"nadia"')
        TrainingRow.objects.create(official="nadia", course=COURSE, digest="f" * 64, statement=forged, at=row.at)
        with pytest.raises(ComityError):
            opens(school, "nadia")
        TrainingRow.objects.filter(digest="f" * 64).delete()


def test_the_lists_show_who_lacks_what_and_the_log_what_was_decided(school: Stage):
    with school.cv.active():
        amara = at(school.cv, "amara").entry.actor
        nadia = roster.person("nadia", viewer=amara, at=school.cv.clock.now())
        assert {(one.power, one.course) for one in nadia.offices[0].lacks} == {
            (Power.OPEN_CASE, COURSE),
        }
        kinds = list(EntryRow.objects.values_list("kind", flat=True))
        assert kinds.count("training.recorded") == TrainingRow.objects.count()
        assert "training.policy" in kinds
        required(school, {}, by="bento")
        opens(school, "nadia")
        required(school, {Power.OPEN_CASE: (COURSE, OTHER)})
