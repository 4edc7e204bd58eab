"""Training that powers ask for, on a node: an act is refused with the reason, recorded training lets it through."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from checker import check, untouched
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
from stage import staged

COURSE, OTHER = "Electronic evidence", "Fundamental rights"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """At cv, whoever opens a case needs a course and another one; the tests follow each other."""
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("trainings"), databases=databases, image_bytes=100_000) as stage:
        with stage.cv.active():
            required(stage, {Power.OPEN_CASE: (COURSE, OTHER)})
        yield stage
        check(stage.cv)


def required(stage: Stage, requires: dict[Power, tuple[str, ...]], *, by: str = "amara") -> None:
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


def test_without_its_training_a_power_is_refused_with_the_reason(town: Stage):
    with town.cv.active():
        for course in (COURSE, OTHER):
            with untouched(town.cv), pytest.raises(TrainingMissing, match=f"“{course}” is not recorded"):
                opens(town, "ivo")
            trained(
                town, "ivo", course, until=town.cv.clock.now().date() + timedelta(days=30) if course == OTHER else None
            )
        opens(town, "ivo")
        opens(town, "ivo", days=30)
        with untouched(town.cv), pytest.raises(TrainingMissing, match="counted until"):
            opens(town, "ivo", days=31)


def test_a_training_counts_for_every_office_of_the_person_and_for_nobody_else(town: Stage):
    with town.cv.active():
        appoint(town.cv, appointment("ivo", Role.PROSECUTOR, name="Ivo Tavares"))
        opens(town, "ivo/prosecutor")
        with untouched(town.cv), pytest.raises(TrainingMissing):
            opens(town, "nadia")


def test_a_power_that_asks_for_nothing_is_used_without(town: Stage):
    with town.cv.active():
        access.require(at(town.cv, "julia").entry.actor, Power.AUTHORISE, at=town.cv.clock.now())
        access.require(at(town.cv, "ivo/prosecutor").entry.actor, Power.DRAFT_LETTER, at=town.cv.clock.now())


def test_a_later_record_takes_a_training_back(town: Stage):
    with town.cv.active():
        trained(town, "rui", COURSE)
        trained(town, "rui", OTHER)
        opens(town, "rui")
        trained(town, "rui", COURSE, until=town.cv.clock.now().date(), by="bento")
        with untouched(town.cv), pytest.raises(TrainingMissing):
            opens(town, "rui", days=1)
        assert [one.course for one in roster.trainings("rui", viewer=at(town.cv, "rui").entry.actor)] == [COURSE, OTHER]


def test_nobody_records_his_own_training_nor_that_of_nobody(town: Stage):
    with town.cv.active():
        with untouched(town.cv), pytest.raises(DecidesOnOneself):
            trained(town, "amara", COURSE)
        with untouched(town.cv), pytest.raises(NoSuchThing):
            trained(town, "nobody", COURSE)
        for requires in ({Power.ADMINISTER: (COURSE,)}, {Power.AUTHORISE: ("",)}):
            with untouched(town.cv), pytest.raises(TrainingBroken):
                required(town, requires)


def test_who_is_no_administrator_records_nothing(town: Stage):
    with town.cv.active(), untouched(town.cv):
        seat, now = at(town.cv, "julia"), town.cv.clock.now()
        with pytest.raises(ComityError):
            mandates.prepare_training(
                "ivo", COURSE, held_on=now.date(), valid_until=None, actor=seat.entry.actor, at=now
            )
        with pytest.raises(ComityError):
            mandates.prepare_training_policy({}, actor=seat.entry.actor, at=now)


def test_a_row_that_nobody_signed_is_no_training(town: Stage):
    """Who writes into the table without the node's key lets nobody through; the act meets the signature."""
    with town.cv.active():
        row = TrainingRow.objects.filter(official="ivo").first()
        assert row is not None
        forged = bytes(row.statement).replace(b'"official":"ivo"', b'"official":"nadia"')
        TrainingRow.objects.create(official="nadia", course=COURSE, digest="f" * 64, statement=forged, at=row.at)
        with pytest.raises(ComityError):
            opens(town, "nadia")
        TrainingRow.objects.filter(digest="f" * 64).delete()


def test_the_lists_show_who_lacks_what_and_the_log_what_was_decided(town: Stage):
    with town.cv.active():
        amara = at(town.cv, "amara").entry.actor
        nadia = roster.person("nadia", viewer=amara, at=town.cv.clock.now())
        assert {(one.power, one.course) for one in nadia.offices[0].lacks} == {
            (Power.OPEN_CASE, COURSE),
        }
        kinds = list(EntryRow.objects.values_list("kind", flat=True))
        assert kinds.count("training.recorded") == TrainingRow.objects.count()
        assert "training.policy" in kinds
        required(town, {}, by="bento")
        opens(town, "nadia")
