"""What became of a mandate: signatures are judged by it at their moment, and nobody decides on himself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.authorities.directory import BeyondTerritory, Entry, EntryBroken, Home, context_for, verify_official
from comity.authorities.officials import Officials, OfficialUnknown, longer, officials, read_decision
from comity.authorities.roles import MandateNotInForce, Role
from comity.authorities.standing import (
    CHANGES_MAX,
    DECISION,
    STANDING,
    Change,
    ChangeOutOfOrder,
    DecidesOnOneself,
    Decision,
    Event,
    Standing,
    StandingBroken,
    read_standing,
    signatures_needed,
)
from comity.authorities.statement import SignerMissing, Statement, StatementBroken, signed
from comity.errors import ComityError
from keys import NodeKey, OfficialKey, entry

CV, NL = NodeKey.fresh(b"cv"), NodeKey.fresh(b"nl")
KEYS = {name: OfficialKey.fresh(seed=name.encode()) for name in ("ana", "amara", "bento", "celia")}
HOME = Home(node="cv", key=CV.public, rp_id=KEYS["ana"].rp_id, origin=KEYS["ana"].origin)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOMETHING = "a" * 64
ADMINISTRATORS = {
    name: entry(KEYS[name], CV, node="cv", official=name, role=Role.ADMINISTRATOR)
    for name in ("amara", "bento", "celia")
}
JUDGE, JUDGE_TEXT = entry(
    KEYS["ana"],
    CV,
    node="cv",
    official="ana",
    role=Role.JUDGE,
    enrolled_by=("amara", "bento"),
    enrollers=(KEYS["amara"], KEYS["bento"]),
)


def standing(*changes: tuple[Change, datetime]) -> Standing:
    return Standing(tuple(Event(change, at, SOMETHING) for change, at in changes))


def told(stands: Standing, *, of: Entry = JUDGE, key: NodeKey = CV, **changed: Any) -> Statement:
    body = stands.as_body(node=of.node, official=of.official, mandate=of.mandate) | changed
    return signed(Statement(type=STANDING, body=body), key=key.public, sign=key.sign)


def everybody(*more: Statement) -> Officials:
    texts = [text for _, text in ADMINISTRATORS.values()]
    return officials({"cv": [*texts, JUDGE_TEXT, *more]}, homes={"cv": HOME})


def judged(known: Officials, *, at: datetime) -> None:
    """The judge signs at a moment, and a stranger reads it."""
    found, _ = known.who(JUDGE.actor.as_record(), what="text")
    context = context_for(found, nonce="0" * 32, expires_at=at + HOUR)
    text = Statement(type="comity/example/v1", body={})
    text = signed(text, key=KEYS["ana"].public, sign=KEYS["ana"].sign, context=dict(context))
    verify_official(text, type="comity/example/v1", entry=found, at=at)


SUSPENDED = standing((Change.SUSPEND, NOON))
BACK = standing((Change.SUSPEND, NOON), (Change.REINSTATE, NOON + HOUR))
GONE = standing((Change.SUSPEND, NOON), (Change.REINSTATE, NOON + HOUR), (Change.REVOKE, NOON + 2 * HOUR))


@pytest.mark.parametrize(
    ("stands", "hours", "holds"),
    [
        (Standing(), 0, True),
        (SUSPENDED, -1, True),
        (SUSPENDED, 0, False),
        (SUSPENDED, 9, False),
        (BACK, 0.5, False),
        (BACK, 1, True),
        (GONE, 1.5, True),
        (GONE, 2, False),
        (GONE, 900, False),
    ],
)
def test_a_signature_is_judged_by_the_mandate_at_its_moment(stands: Standing, hours: float, holds: bool):
    known = everybody(*([told(stands)] if stands.changes else []))
    if holds:
        judged(known, at=NOON + hours * HOUR)
    else:
        with pytest.raises(MandateNotInForce, match=r"it was (suspended|ended) on 2026-11-23T1[24]"):
            judged(known, at=NOON + hours * HOUR)


def test_the_longest_standing_counts_in_whatever_order_they_come():
    for texts in ([told(SUSPENDED), told(GONE)], [told(GONE), told(BACK), told(SUSPENDED)]):
        known = everybody(*texts)
        assert known.entries["cv", "ana", JUDGE.mandate].standing == GONE


def test_a_node_that_tells_two_stories_is_believed_in_neither():
    other = standing((Change.REVOKE, NOON - HOUR))
    with pytest.raises(StandingBroken, match="two stories"):
        everybody(told(SUSPENDED), told(other))
    with pytest.raises(StandingBroken):
        longer(other, SUSPENDED, mandate="m")


def test_a_standing_is_signed_by_the_node_of_the_mandate_and_nobody_else():
    with pytest.raises(SignerMissing):
        everybody(told(SUSPENDED, key=NL))
    with pytest.raises(StandingBroken, match="none of node cv"):
        read_standing(told(SUSPENDED, node="nl"), node="cv", node_key=CV.public)
    twice = signed(told(SUSPENDED), key=NL.public, sign=NL.sign)
    with pytest.raises(StatementBroken):
        read_standing(twice, node="cv", node_key=CV.public)


ONE = SUSPENDED.as_body(node="cv", official="ana", mandate="m")["changes"][0]


@pytest.mark.parametrize(
    "changed",
    [
        {"changes": []},
        {"changes": "suspend"},
        {"changes": [ONE] * (CHANGES_MAX + 1)},
        {"changes": [ONE | {"change": "pardon"}]},
        {"changes": [ONE | {"decision": "short"}]},
        {"changes": [ONE | {"decision": 1}]},
        {"changes": [ONE | {"more": 1}]},
        {"changes": [ONE | {"at": "noon"}]},
        {"changes": [ONE, ONE]},
        {"changes": [ONE | {"change": "reinstate"}]},
        {"changes": [ONE | {"change": "revoke"}, ONE]},
        {"changes": [ONE, ONE | {"change": "reinstate", "at": "2026-11-23T11:00:00.000Z"}]},
        {"official": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_a_standing_with_another_content_is_refused(changed: dict[str, Any]):
    with pytest.raises(ComityError):
        read_standing(told(SUSPENDED, **changed), node="cv", node_key=CV.public)


@pytest.mark.parametrize(
    ("stands", "change", "possible"),
    [
        (Standing(), Change.SUSPEND, True),
        (Standing(), Change.REVOKE, True),
        (Standing(), Change.REINSTATE, False),
        (SUSPENDED, Change.SUSPEND, False),
        (SUSPENDED, Change.REINSTATE, True),
        (SUSPENDED, Change.REVOKE, True),
        (BACK, Change.SUSPEND, True),
        (GONE, Change.SUSPEND, False),
        (GONE, Change.REINSTATE, False),
        (GONE, Change.REVOKE, False),
    ],
)
def test_what_is_ended_stays_ended_and_only_what_is_suspended_is_reinstated(
    stands: Standing, change: Change, possible: bool
):
    event = Event(change, NOON + 3 * HOUR, SOMETHING)
    if possible:
        assert stands.after(event, mandate="m").extends(stands)
    else:
        with pytest.raises(ChangeOutOfOrder):
            stands.after(event, mandate="m")


def test_only_the_end_of_an_administrator_takes_two():
    two = {(change, role) for change in Change for role in Role if signatures_needed(change, role=role) == 2}
    assert two == {(Change.REVOKE, Role.ADMINISTRATOR)}


# Decisions


def decision(*by: str, **changed: Any) -> Decision:
    made = Decision(
        node="cv",
        official="ana",
        mandate=JUDGE.mandate,
        change=Change.SUSPEND,
        reason="Key lost.",
        at=NOON,
        previous="",
        by=by,
    )
    return replace(made, **changed)


def signed_by(made: Decision, *names: str) -> Statement:
    text = Statement(type=DECISION, body=made.as_body())
    for name in names:
        who = ADMINISTRATORS[name][0] if name in ADMINISTRATORS else JUDGE
        context = dict(context_for(who, nonce="0" * 32, expires_at=NOON + HOUR))
        text = signed(text, key=KEYS[name].public, sign=KEYS[name].sign, context=context)
    return signed(text, key=CV.public, sign=CV.sign)


def test_a_decision_is_read_as_it_was_signed():
    made = decision("amara", "bento")
    read = read_decision(signed_by(made, "amara", "bento"), known=everybody(), at=NOON)
    assert read.record == made
    assert read.record.by == ("amara", "bento")


@pytest.mark.parametrize(
    ("made", "names", "refusal"),
    [
        (decision("amara"), (), SignerMissing),
        (decision("amara"), ("bento",), SignerMissing),
        (decision("amara", "bento"), ("amara",), SignerMissing),
        (decision("amara"), ("amara", "bento"), StatementBroken),
        (decision("amara", "amara"), ("amara",), StandingBroken),
        (decision("amara", official="amara"), ("amara",), DecidesOnOneself),
        (decision("amara", "bento", official="bento"), ("amara", "bento"), DecidesOnOneself),
        (decision("ana", official="x"), ("ana",), OfficialUnknown),
        (decision("nobody"), (), OfficialUnknown),
        (decision("amara", reason="\u202e"), ("amara",), StandingBroken),
        (decision("amara", reason=""), ("amara",), StandingBroken),
    ],
)
def test_a_decision_without_the_signatures_that_it_names_is_refused(
    made: Decision, names: tuple[str, ...], refusal: type[ComityError]
):
    with pytest.raises(refusal):
        read_decision(signed_by(made, *names), known=everybody(), at=NOON)


def test_who_was_suspended_since_signing_first_decides_nothing():
    suspended = told(standing((Change.SUSPEND, NOON + HOUR / 2)), of=ADMINISTRATORS["amara"][0])
    text = signed_by(decision("amara", "bento"), "amara", "bento")
    read_decision(text, known=everybody(suspended), at=NOON)
    with pytest.raises(MandateNotInForce):
        read_decision(text, known=everybody(suspended), at=NOON + HOUR)


# Enrolments


def test_who_is_suspended_enrols_nobody_and_what_was_enrolled_before_stands():
    of = ADMINISTRATORS["amara"][0]
    later = told(standing((Change.SUSPEND, NOON)), of=of)
    assert everybody(later).entries["cv", "ana", JUDGE.mandate] == JUDGE
    early = told(standing((Change.SUSPEND, JUDGE.appointed_at)), of=of)
    with pytest.raises(MandateNotInForce):
        everybody(early)


def enrolled(*by: str, official: str = "ana") -> Callable[[], Officials]:
    _, text = entry(
        KEYS["celia"],
        CV,
        node="cv",
        official=official,
        role=Role.JUDGE,
        mandate="second-office",
        enrolled_by=by,
        enrollers=tuple(KEYS[one] for one in dict.fromkeys(by)),
    )
    return lambda: everybody(text)


def test_self_appointment_is_refused_in_whichever_office():
    """An attack: an administrator is one of the two for himself, alone or as a third."""
    enrolled("amara", "bento")()
    for by in (("amara", "bento"), ("amara", "bento", "celia")):
        with pytest.raises(EntryBroken, match="nobody enrols himself"):
            enrolled(*by, official="amara")()
    with pytest.raises(EntryBroken, match="two administrators"):
        enrolled("amara")()


# Territory


@pytest.mark.parametrize(
    ("territory", "asked", "reached"),
    [
        (("CV",), {"CV"}, {"CV"}),
        (("CV",), {"CV-S"}, {"CV-S"}),
        (("CV-S",), {"CV"}, set()),
        (("CV-S",), {"CV-S", "CV-B"}, {"CV-S"}),
        (("CV-S",), {"NL"}, {"NL"}),
        (("CV-S",), set(), set()),
    ],
)
def test_a_mandate_reaches_its_part_of_its_own_state(territory: tuple[str, ...], asked: set[str], reached: set[str]):
    judge = replace(JUDGE, territory=territory)
    assert judge.reach(asked) == reached
    if asked == reached:
        judge.hold_reach(asked)
    else:
        with pytest.raises(BeyondTerritory):
            judge.hold_reach(asked)


@pytest.mark.parametrize(
    "territory", [[], ["NL"], ["CV", "CV"], ["cv"], ["CV-"], ["CVX"], [1], "CV", ["CV-S", "CV"]], ids=str
)
def test_a_mandate_names_parts_of_its_own_state_and_nothing_else(territory: object):
    with pytest.raises(EntryBroken):
        Entry.from_body(JUDGE.as_body() | {"territory": territory})


@pytest.mark.parametrize(
    "dates",
    [
        {"from": "2025-12-31T23:59:59.999Z"},
        {"until": "2026-01-01T00:00:00.000Z"},
        {"appointed_at": "2026-01-01T00:00:00.001Z"},
    ],
    ids=str,
)
def test_no_mandate_is_given_for_the_past(dates: dict[str, str]):
    with pytest.raises(EntryBroken, match="begins when it is given"):
        Entry.from_body(JUDGE.as_body() | dates)
