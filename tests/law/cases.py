"""Questions that the tests of the law share."""

from dataclasses import replace
from datetime import date
from typing import Any

from comity import law

ON = date(2026, 11, 23)
EDITION = law.Edition.packaged()

QUESTION = law.Question(
    requesting_state="CV",
    requesting_authority="public_prosecutor",
    stage="investigation",
    requested_state="NL",
    measure="preservation",
    data=("traffic",),
    offences=(("drugs", 8, 12),),
)


def asking(measure: str, **other: Any) -> law.Question:
    return replace(QUESTION, measure=measure, **other)
