"""Training: the newest record of a course counts, until its last day, for the powers that ask for it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from comity.authorities.roles import Power
from comity.authorities.training import Training, TrainingBroken, TrainingMissing, TrainingPolicy, hold_trained

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
BY = {"official": "amara"}
COURSE = Training(
    node="cv",
    official="ana",
    course="Electronic evidence",
    held_on=date(2026, 11, 1),
    valid_until=date(2027, 11, 1),
    at=AT,
    by=BY,
)
POLICY = TrainingPolicy(node="cv", requires={Power.AUTHORISE: ("Electronic evidence", "Rights")}, at=AT, by=BY)
RIGHTS = replace(COURSE, course="Rights", valid_until=None)


def held(
    *trainings: Training, on: date, policy: TrainingPolicy | None = POLICY, power: Power = Power.AUTHORISE
) -> None:
    hold_trained(policy, trainings, power=power, who="ana", on=on)


@pytest.mark.parametrize("on", [date(2026, 11, 1), date(2027, 11, 1)])
def test_a_course_counts_through_its_last_day(on: date):
    held(COURSE, RIGHTS, on=on)


@pytest.mark.parametrize(
    ("trainings", "course", "why"),
    [
        ((), "Electronic evidence", "is not recorded"),
        ((COURSE,), "Rights", "is not recorded"),
        ((RIGHTS,), "Electronic evidence", "is not recorded"),
        ((replace(COURSE, official="ivo"), RIGHTS), "Electronic evidence", "is not recorded"),
        ((replace(COURSE, valid_until=date(2026, 11, 22)), RIGHTS), "Electronic evidence", "counted until 2026-11-22"),
    ],
)
def test_without_every_course_the_power_is_refused_and_told_why(trainings: tuple[Training, ...], course: str, why: str):
    with pytest.raises(TrainingMissing) as refused:
        held(*trainings, on=AT.date())
    assert (refused.value.facts["course"], refused.value.facts["why"]) == (course, why)


def test_a_later_record_corrects_an_earlier_one_in_whatever_order_they_are_read():
    corrected = replace(COURSE, valid_until=date(2026, 11, 10), at=AT + timedelta(minutes=1))
    for trainings in ((COURSE, corrected, RIGHTS), (corrected, COURSE, RIGHTS)):
        with pytest.raises(TrainingMissing, match="counted until 2026-11-10"):
            held(*trainings, on=AT.date())


def test_what_no_power_asks_for_is_missed_by_nobody():
    held(on=AT.date(), policy=None)
    held(on=AT.date(), power=Power.RECOGNISE)


def test_a_training_and_a_policy_are_read_as_they_were_written():
    for one in (COURSE, RIGHTS):
        assert Training.from_body(one.as_body()) == one
    assert TrainingPolicy.from_body(POLICY.as_body()) == POLICY


@pytest.mark.parametrize(
    "changed",
    [
        {"held_on": "2026-11-24"},
        {"held_on": "1.11.2026"},
        {"held_on": "2026-11-1"},
        {"held_on": None},
        {"valid_until": "2026-10-31"},
        {"valid_until": ""},
        {"course": ""},
        {"course": " Electronic evidence"},
        {"course": "x" * 101},
        {"official": 1},
        {"by": "amara"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_training_with_another_content_is_refused(changed: dict[str, Any]):
    with pytest.raises(TrainingBroken):
        Training.from_body(COURSE.as_body() | changed)


@pytest.mark.parametrize(
    "requires",
    [
        "authorise",
        [{"power": "fly", "course": "x"}],
        [{"power": "administer", "course": "x"}],
        [{"power": "authorise"}],
        [{"power": "authorise", "course": ""}],
        [{"power": "authorise", "course": "x"}] * 2,
        [{"power": "authorise", "course": str(number)} for number in range(101)],
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_policy_with_another_content_is_refused(requires: object):
    """To administer asks for no training: who records them could otherwise never begin."""
    with pytest.raises(TrainingBroken):
        TrainingPolicy.from_body(POLICY.as_body() | {"requires": requires})
