"""The date to mind: it comes from a decision or from the data that are kept, and from nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.letters.due import Due, DueKind, next_due
from comity.letters.life import Side, State

DAY = datetime(2027, 1, 22, 23, tzinfo=UTC)
DATES = {
    DueKind.AUTHORISATION_EXPIRES: DAY,
    DueKind.RECOGNITION_EXPIRES: DAY + timedelta(days=1),
    DueKind.KEEP_UNTIL: DAY + timedelta(days=2),
}


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (State.AUTHORISED, DueKind.AUTHORISATION_EXPIRES),
        (State.SENT, DueKind.AUTHORISATION_EXPIRES),
        (State.QUERIED, DueKind.AUTHORISATION_EXPIRES),
        (State.RECOGNISED, DueKind.RECOGNITION_EXPIRES),
        (State.PARTLY_EXECUTED, DueKind.RECOGNITION_EXPIRES),
        (State.PRESERVED, DueKind.KEEP_UNTIL),
    ],
)
def test_a_letter_under_way_has_the_date_of_what_it_rests_on(state: State, what: DueKind):
    assert next_due(state, side=Side.EXECUTING, dates=DATES) == Due(at=DATES[what], what=what)


def test_who_asked_minds_kept_data_a_day_before_who_keeps_them():
    asked = next_due(State.PRESERVED, side=Side.ISSUING, dates=DATES)
    assert asked == Due(at=DAY + timedelta(days=1), what=DueKind.ASK_BEFORE)


def test_who_asked_minds_the_earlier_reading_where_it_is_known():
    earlier = DAY - timedelta(days=3)
    asked = next_due(State.PRESERVED, side=Side.ISSUING, dates={**DATES, DueKind.ASK_BEFORE: earlier})
    assert asked == Due(at=earlier, what=DueKind.ASK_BEFORE)
    assert next_due(State.PRESERVED, side=Side.EXECUTING, dates={**DATES, DueKind.ASK_BEFORE: earlier}) == Due(
        at=DATES[DueKind.KEEP_UNTIL], what=DueKind.KEEP_UNTIL
    )


@pytest.mark.parametrize("state", [State.DRAFT, State.DENIED, State.REFUSED, State.EXECUTED, State.WITHDRAWN])
def test_a_letter_that_rests_has_no_date(state: State):
    assert next_due(state, side=Side.ISSUING, dates=DATES) is None


def test_no_date_is_invented():
    assert next_due(State.PRESERVED, side=Side.EXECUTING, dates={}) is None
