"""The one spelling of a moment: UTC, milliseconds, `2026-11-23T09:00:00.000Z`."""

import re
from datetime import UTC, datetime

from comity.errors import N_, ComityError

_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)  # other scripts have digits too


class NotAMoment(ComityError):
    """A text is not a moment in Comity's spelling."""

    code = "canon.not_a_moment"
    sentence = N_("{text} is not a moment; expected UTC with milliseconds, as 2026-11-23T09:00:00.000Z")


def stamp(at: datetime) -> str:
    """Spell a moment; `at` carries its zone, anything below a millisecond is dropped."""
    assert at.tzinfo is not None, "a moment without a zone means nothing"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def moment(text: object) -> datetime:
    """Read a moment back; raises `NotAMoment` for any other spelling."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        raise NotAMoment(text=repr(text)[:60])
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as no_such_day:
        raise NotAMoment(text=text) from no_such_day
