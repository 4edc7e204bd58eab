"""Moments have one spelling."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import NotAMoment, moment, stamp

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T09:00:00Z",
        "2026-11-23T09:00:00.0Z",
        "2026-11-23T09:00:00.000000Z",
        "2026-11-23T09:00:00.000",
        "2026-11-23T09:00:00.000z",
        "2026-11-23t09:00:00.000Z",
        "2026-11-23 09:00:00.000Z",
        "2026-11-23T09:00:00.000+00:00",
        "2026-11-23T10:00:00.000+01:00",
        "2026-11-23T09:00:00,000Z",
        "2026-11-23T09:00:00.000Z\n",
        " 2026-11-23T09:00:00.000Z",
        "2026-02-29T09:00:00.000Z",
        "2026-13-01T09:00:00.000Z",
        "2026-11-23T24:00:00.000Z",
        "2026-11-23T09:00:60.000Z",
        "0000-11-23T09:00:00.000Z",
        "\u0662\u0660\u0662\u0666-11-23T09:00:00.000Z",  # Arabic-Indic digits are digits to a careless pattern
        None,
        1_795_424_400,
        b"2026-11-23T09:00:00.000Z",
    ],
)
def test_another_spelling_of_a_moment_is_refused(text: object):
    with pytest.raises(NotAMoment):
        moment(text)


def test_a_moment_without_a_zone_is_our_own_mistake():
    with pytest.raises(AssertionError, match="without a zone"):
        stamp(datetime(2026, 11, 23, 9))  # noqa: DTZ001


def test_a_moment_is_written_in_utc_to_the_millisecond():
    at = datetime(2026, 11, 23, 10, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert stamp(at) == "2026-11-23T09:00:00.999Z"


@given(MOMENTS)
def test_a_moment_that_is_written_is_read_back_to_the_millisecond(at: datetime):
    read = moment(stamp(at))
    assert stamp(read) == stamp(at)
    assert read == at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


@given(MOMENTS, MOMENTS)
def test_stamps_sort_as_their_moments_do(one: datetime, other: datetime):
    assert (stamp(one) <= stamp(other)) or one >= other
