"""`covers`: an act rests on an authorisation of its letter, within its scope and its time, or on nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorisations.acts import DECIDED, KNOWN
from comity.authorisations.authorisation import (
    Authorisation,
    AuthorisationKind,
    DrafterAuthorises,
    not_by_drafter,
)
from comity.authorisations.covering import (
    AS_GIVEN,
    REVIEWED,
    SEALED,
    NotCovered,
    OutwardAct,
    Standing,
    covers,
    hold_conditions,
    hold_standing,
)
from comity.authorisations.mandate import ACTS, office_mandate
from comity.authorisations.reasons import Check, Condition
from comity.authorisations.scope import Scope, beyond
from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from keys import NodeKey, OfficialKey, entry
from powers import ACT, AT, DUE, EMERGENCY, MILLISECOND, MOMENTS, SCOPE, WARRANT, Case, cases, scopes


def covered(authorisation: Authorisation, act: OutwardAct, *, at: datetime, standing: Standing = AS_GIVEN) -> bool:
    try:
        covers(authorisation, act, at=at, standing=standing)
    except NotCovered:
        return False
    return True


@pytest.mark.parametrize(
    ("act", "at", "said"),
    [
        (replace(ACT, letter="d" * 64), AT, "it was given for letter cccccccccccc, not for dddddddddddd"),
        (replace(ACT, does=replace(SCOPE, measure="production")), AT, "measure production"),
        (replace(ACT, does=replace(SCOPE, acts=frozenset({"preserve", "seize"}))), AT, "acts seize"),
        (replace(ACT, does=replace(SCOPE, until=date(2026, 11, 24))), AT, "data until 2026-11-24"),
        (ACT, AT - MILLISECOND, "it begins at 2026-11-23T09:00:00.000Z"),
        (ACT, WARRANT.expires, "it expired at 2026-12-23T09:00:00.000Z"),
        (ACT, WARRANT.expires + timedelta(days=3650), "it expired"),
    ],
)
def test_an_act_beyond_the_authorisation_is_refused_with_the_reason(act: OutwardAct, at: datetime, said: str):
    with pytest.raises(NotCovered, match=said):
        covers(WARRANT, act, at=at, standing=AS_GIVEN)


def test_every_reason_is_said_at_once():
    wide = OutwardAct(name="send", letter="d" * 64, does=replace(SCOPE, measure="production"))
    with pytest.raises(NotCovered, match=r"measure .*; it was given for letter .*; it expired"):
        covers(WARRANT, wide, at=WARRANT.expires, standing=AS_GIVEN)


def test_an_authorisation_holds_from_its_first_moment_to_before_its_last():
    for at in (WARRANT.from_, WARRANT.expires - MILLISECOND):
        assert covers(WARRANT, ACT, at=at, standing=AS_GIVEN).authorisation == WARRANT.reference


def test_an_answer_says_every_respect_for_the_log():
    sealed = replace(WARRANT, conditions=(Condition(check=Check.SEALED, text="sealed"),))
    assert covers(sealed, ACT, at=AT, standing=AS_GIVEN).reasons == (
        "measure preservation, acts preserve; 1 target(s), data traffic, days 2026-06-01 to 2026-11-23, in NL",
        f"warrant {'a' * 32} by ana",
        "for letter cccccccccccc",
        "in force from 2026-11-23T09:00:00.000Z until 2026-12-23T09:00:00.000Z",
        "condition sealed holds",
    )


ANA = {"node": "cv", "official": "ana", "office": "court"}


def test_who_drafted_does_not_authorise():
    with pytest.raises(DrafterAuthorises):
        not_by_drafter(drafted_by=ANA, decided_by=ANA | {"office": "another"})
    not_by_drafter(drafted_by=ANA | {"official": "rui"}, decided_by=ANA)
    not_by_drafter(drafted_by=ANA | {"node": "nl"}, decided_by=ANA)


def mandate_of(role: Role) -> tuple[Entry, Authorisation]:
    office, _ = entry(OfficialKey.fresh(seed=b"jan"), NodeKey.fresh(b"nl"), node="nl", official="jan", role=role)
    return office, office_mandate(office, letter=ACT.letter, asked=SCOPE, at=AT)


def doing(act: str) -> OutwardAct:
    return replace(ACT, name=act, does=replace(SCOPE, acts=frozenset({act})))


def test_an_office_mandate_ends_with_the_office():
    office, mandate = mandate_of(Role.LIAISON)
    assert covers(mandate, doing("preserve"), at=AT, standing=AS_GIVEN).kind is AuthorisationKind.MANDATE
    for outside in (office.from_ - MILLISECOND, office.until):
        assert not covered(mandate, doing("preserve"), at=outside)


@pytest.mark.parametrize("role", Role)
def test_an_office_does_by_itself_only_what_its_powers_hold(role: Role):
    office, mandate = mandate_of(role)
    allowed = {act for power, acts in ACTS.items() if power in office.powers for act in acts}
    for act in {"send", "disclose", "seize", *set().union(*ACTS.values())}:
        assert covered(mandate, doing(act), at=AT) is (act in allowed)


@pytest.mark.parametrize("act", ["send", "disclose", "collect", "seize", "freeze", "suspend"])
def test_no_office_discloses_or_coerces_by_itself(act: str):
    assert act not in set().union(*ACTS.values())


@given(scopes(), scopes(), st.booleans(), MOMENTS)
def test_an_act_is_covered_exactly_when_letter_scope_and_time_all_hold(
    given_scope: Scope, done: Scope, same_letter: bool, at: datetime
):
    act = OutwardAct(name="send", letter=WARRANT.letter if same_letter else "d" * 64, does=done)
    holds = same_letter and not beyond(done, given_scope) and WARRANT.from_ <= at < WARRANT.expires
    assert covered(replace(WARRANT, scope=given_scope), act, at=at) is holds


@given(scopes(), scopes(), scopes(), cases())
def test_whoever_may_do_more_may_do_less_and_whoever_may_not_do_less_may_not_do_more(
    given_scope: Scope, more: Scope, less: Scope, case: Case
):
    power, standing, at = case
    power = replace(power, scope=given_scope)
    if not beyond(less, more) and covered(power, replace(ACT, does=more), at=at, standing=standing):
        assert covered(power, replace(ACT, does=less), at=at, standing=standing)


@given(scopes(), scopes(), scopes(), cases())
def test_a_wider_authorisation_covers_whatever_a_narrower_one_does(one: Scope, wider: Scope, done: Scope, case: Case):
    power, standing, at = case
    act = replace(ACT, does=done)
    if not beyond(one, wider) and covered(replace(power, scope=one), act, at=at, standing=standing):
        assert covered(replace(power, scope=wider), act, at=at, standing=standing)


@given(scopes(), scopes(), scopes(), MOMENTS)
def test_an_authorisation_is_never_wider_than_its_parts(one: Scope, other: Scope, done: Scope, at: datetime):
    """What two scopes have in common covers exactly what each of them covers by itself."""
    first, last = max(one.from_, other.from_), min(one.until, other.until)
    both = replace(
        one,
        acts=one.acts & other.acts,
        selectors=one.selectors & other.selectors,
        data=one.data & other.data,
        from_=first,
        until=last,
        territory=one.territory & other.territory,
    )
    act = replace(ACT, does=done)
    each = all(covered(replace(WARRANT, scope=part), act, at=at) for part in (one, other))
    assert covered(replace(WARRANT, scope=both), act, at=at) is each


@given(scopes(), cases())
def test_what_is_expired_suspended_revoked_or_not_validated_in_time_covers_nothing(done: Scope, case: Case):
    power, standing, at = case
    ended = any(one is not None and one <= at for one in (standing.suspended_at, standing.revoked_at))
    due, given_at = power.validation, standing.validated_at
    late = due is not None and at >= due.until and (given_at is None or given_at >= due.until)
    if at >= power.expires or ended or late:
        assert not covered(replace(power, scope=done), replace(ACT, does=done), at=at, standing=standing)
    if ended or late:
        with pytest.raises(NotCovered):
            hold_standing(power, standing, act="x", at=at)


@given(scopes(), scopes(), cases(), st.datetimes(), st.text(max_size=3))
def test_covers_answers_or_refuses_and_does_nothing_else(
    given_scope: Scope, done: Scope, case: Case, at: datetime, letter: str
):
    power, standing, _ = case
    act = OutwardAct(name="x", letter=letter, does=done)
    assert not covered(power, act, at=at, standing=standing), "a moment without a zone"
    if covered(replace(power, scope=given_scope), act, at=at.replace(tzinfo=UTC), standing=standing):
        assert (letter, beyond(done, given_scope)) == (power.letter, ())


@pytest.mark.parametrize("kind", AuthorisationKind)
@pytest.mark.parametrize("act", sorted(KNOWN))
def test_each_act_can_be_named_and_is_covered_only_where_it_was_given(act: str, kind: AuthorisationKind):
    power = replace(WARRANT, kind=kind, validation=DUE if kind is AuthorisationKind.EMERGENCY else None)
    bare = covered(replace(power, scope=replace(SCOPE, acts=KNOWN - {act})), doing(act), at=AT)
    assert not bare, "what was not given is refused"
    of_office = kind in {AuthorisationKind.MANDATE, AuthorisationKind.REPLY}
    expected = kind is not AuthorisationKind.VALIDATION and not (of_office and act in DECIDED)
    assert covered(replace(power, scope=replace(SCOPE, acts=frozenset({act}))), doing(act), at=AT) is expected


def test_an_emergency_decision_covers_until_its_validation_is_due_and_after_that_if_it_came_in_time():
    for at, standing, holds in (
        (AT, AS_GIVEN, True),
        (DUE.until - MILLISECOND, AS_GIVEN, True),
        (DUE.until, AS_GIVEN, False),
        (DUE.until, Standing(validated_at=DUE.until - MILLISECOND), True),
        (DUE.until, Standing(validated_at=DUE.until), False),
        (AT, Standing(revoked_at=AT), False),
        (AT, Standing(revoked_at=AT + MILLISECOND), True),
    ):
        assert covered(EMERGENCY, ACT, at=at, standing=standing) is holds
    assert not covered(replace(EMERGENCY, validation=None), ACT, at=AT), "nobody has to validate it"


@pytest.mark.parametrize(
    ("check", "act", "data", "facts", "holds"),
    [
        (Check.WORDS, "disclose", "content", frozenset(), True),
        (Check.SEALED, "disclose", "traffic", frozenset(), False),
        (Check.SEALED, "disclose", "traffic", frozenset({SEALED}), True),
        (Check.SEALED, "collect", "traffic", frozenset(), True),
        (Check.REVIEWED, "disclose", "traffic", frozenset({SEALED}), False),
        (Check.REVIEWED, "transfer", "traffic", frozenset({REVIEWED}), True),
        (Check.NO_CONTENT, "collect", "content", frozenset(), False),
        (Check.NO_CONTENT, "collect", "traffic", frozenset(), True),
        (Check.NO_EXPORT, "export", "traffic", frozenset({REVIEWED}), False),
        (Check.NO_EXPORT, "disclose", "traffic", frozenset(), True),
    ],
)
def test_a_condition_that_a_machine_can_check_is_checked(
    check: Check, act: str, data: str, facts: frozenset[str], holds: bool
):
    scope = replace(SCOPE, acts=frozenset({act}), data=frozenset({data}))
    power = replace(WARRANT, scope=scope, conditions=(Condition(check=check, text="as the judge wrote it"),))
    doing_ = OutwardAct(name="x", letter=WARRANT.letter, does=scope, facts=facts)
    assert covered(power, doing_, at=AT) is holds
    if not holds:
        with pytest.raises(NotCovered, match="as the judge wrote it"):
            hold_conditions(power, doing_)
