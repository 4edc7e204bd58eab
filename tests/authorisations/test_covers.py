"""`covers`: an act rests on an authorisation of its letter, within its scope and its time, or on nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorisations.authorisation import (
    REASON_CHARACTERS_MAX,
    Authorisation,
    AuthorisationBroken,
    AuthorisationKind,
    DrafterAuthorises,
    NotCovered,
    OutwardAct,
    covers,
    not_by_drafter,
)
from comity.authorisations.mandate import ACTS, office_mandate
from comity.authorisations.scope import Scope, ScopeBroken, beyond
from comity.authorities.directory import Entry
from comity.authorities.roles import Role
from comity.canon import NotAMoment, TextNotAllowed, canonical, parse
from comity.errors import ComityError
from keys import NodeKey, OfficialKey, entry

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SCOPE = Scope(
    measure="preservation",
    acts=frozenset({"send"}),
    selectors=frozenset({"domain:market.example"}),
    data=frozenset({"traffic"}),
    from_=date(2026, 6, 1),
    until=date(2026, 11, 23),
    territory=frozenset({"NL"}),
)
WARRANT = Authorisation(
    reference="a" * 32,
    kind=AuthorisationKind.WARRANT,
    scope=SCOPE,
    letter="c" * 64,
    legal_basis={"article": "29", "instrument": "coe-ets185"},
    purpose="preserve the server before it is wiped",
    necessity="the host keeps traffic data for a week",
    less_intrusive="asking the operator would warn him",
    conditions=("no content data",),
    from_=AT,
    expires=AT + timedelta(days=30),
    decided_at=AT,
    by={"official": "ana"},
)
ACT = OutwardAct(name="send", letter="c" * 64, does=SCOPE)
BODY = WARRANT.as_body()

SETS = st.frozensets(st.sampled_from("ab"), min_size=1)
MOMENTS = st.integers(-2, 33).map(lambda days: AT + timedelta(days=days))


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    first, last = sorted((draw(st.integers(1, 3)), draw(st.integers(1, 3))))
    days = date(2026, 1, first), date(2026, 1, last)
    return Scope("one", draw(SETS), draw(SETS), draw(SETS), *days, draw(SETS))


def covered(authorisation: Authorisation, act: OutwardAct, *, at: datetime) -> bool:
    try:
        covers(authorisation, act, at=at)
    except NotCovered:
        return False
    return True


@pytest.mark.parametrize(
    ("act", "at", "said"),
    [
        (replace(ACT, letter="d" * 64), AT, "it was given for letter cccccccccccc, not for dddddddddddd"),
        (replace(ACT, does=replace(SCOPE, measure="production")), AT, "measure production"),
        (replace(ACT, does=replace(SCOPE, acts=frozenset({"send", "seize"}))), AT, "acts seize"),
        (replace(ACT, does=replace(SCOPE, until=date(2026, 11, 24))), AT, "data until 2026-11-24"),
        (ACT, AT - MILLISECOND, "it begins at 2026-11-23T09:00:00.000Z"),
        (ACT, WARRANT.expires, "it expired at 2026-12-23T09:00:00.000Z"),
        (ACT, WARRANT.expires + timedelta(days=3650), "it expired"),
    ],
)
def test_an_act_beyond_the_authorisation_is_refused_with_the_reason(act: OutwardAct, at: datetime, said: str):
    with pytest.raises(NotCovered, match=said):
        covers(WARRANT, act, at=at)


def test_every_reason_is_said_at_once():
    wide = OutwardAct(name="send", letter="d" * 64, does=replace(SCOPE, measure="production"))
    with pytest.raises(NotCovered, match=r"measure .*; it was given for letter .*; it expired"):
        covers(WARRANT, wide, at=WARRANT.expires)


def test_an_authorisation_holds_from_its_first_moment_to_before_its_last():
    for at in (WARRANT.from_, WARRANT.expires - MILLISECOND):
        assert covers(WARRANT, ACT, at=at).authorisation == WARRANT.reference


def test_an_answer_carries_the_reasons_for_the_log():
    assert covers(WARRANT, ACT, at=AT).reasons == (
        f"warrant {'a' * 32} by ana",
        "measure preservation, acts send",
        "1 target(s), data traffic",
        "in force from 2026-11-23T09:00:00.000Z until 2026-12-23T09:00:00.000Z",
    )


def test_who_drafted_does_not_authorise():
    with pytest.raises(DrafterAuthorises):
        not_by_drafter(drafted_by="ana", decided_by="ana")
    not_by_drafter(drafted_by="rui", decided_by="ana")


def mandate_of(role: Role) -> tuple[Entry, Authorisation]:
    office, _ = entry(OfficialKey.fresh(seed=b"jan"), NodeKey.fresh(b"nl"), node="nl", official="jan", role=role)
    return office, office_mandate(office, letter=ACT.letter, asked=SCOPE, at=AT)


def doing(act: str) -> OutwardAct:
    return replace(ACT, name=act, does=replace(SCOPE, acts=frozenset({act})))


def test_an_office_mandate_ends_with_the_office():
    office, mandate = mandate_of(Role.LIAISON)
    assert covers(mandate, doing("preserve"), at=AT).kind is AuthorisationKind.MANDATE
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


@given(scopes(), scopes(), scopes(), MOMENTS)
def test_whoever_may_do_more_may_do_less(given_scope: Scope, more: Scope, less: Scope, at: datetime):
    power = replace(WARRANT, scope=given_scope)
    if covered(power, replace(ACT, does=more), at=at) and not beyond(less, more):
        assert covered(power, replace(ACT, does=less), at=at)


@given(scopes(), scopes(), scopes(), MOMENTS)
def test_a_wider_authorisation_covers_whatever_a_narrower_one_does(one: Scope, wider: Scope, done: Scope, at: datetime):
    act = replace(ACT, does=done)
    if not beyond(one, wider) and covered(replace(WARRANT, scope=one), act, at=at):
        assert covered(replace(WARRANT, scope=wider), act, at=at)


@given(scopes(), scopes())
def test_an_expired_authorisation_covers_nothing(given_scope: Scope, done: Scope):
    assert not covered(replace(WARRANT, scope=given_scope), replace(ACT, does=done), at=WARRANT.expires)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kind": "wish"}, AuthorisationBroken),
        ({"kind": None}, AuthorisationBroken),
        ({"reference": 1}, AuthorisationBroken),
        ({"letter": None}, AuthorisationBroken),
        ({"legal_basis": "art. 29"}, AuthorisationBroken),
        ({"conditions": "none"}, AuthorisationBroken),
        ({"conditions": [1]}, TextNotAllowed),
        ({"conditions": ["a\u202eb"]}, TextNotAllowed),
        ({"conditions": [" padded "]}, AuthorisationBroken),
        ({"legal_basis": {"law": 1}}, TextNotAllowed),
        ({"by": "ana"}, AuthorisationBroken),
        ({"more": 1}, AuthorisationBroken),
        ({"scope": None}, ScopeBroken),
        ({"purpose": ""}, TextNotAllowed),
        ({"purpose": None}, TextNotAllowed),
        ({"necessity": "because \u202e"}, TextNotAllowed),
        ({"less_intrusive": "x" * (REASON_CHARACTERS_MAX + 1)}, TextNotAllowed),
        ({"expires": "2026-12-23"}, NotAMoment),
        ({"from": None}, NotAMoment),
    ],
    ids=str,
)
def test_a_body_with_another_content_is_no_authorisation(changed: dict[str, object], refusal: type[ComityError]):
    with pytest.raises(refusal):
        Authorisation.from_body({**BODY, **changed})


@pytest.mark.parametrize("name", sorted(BODY))
def test_a_body_that_lacks_something_is_no_authorisation(name: str):
    with pytest.raises(AuthorisationBroken):
        Authorisation.from_body({key: value for key, value in BODY.items() if key != name})


@pytest.mark.parametrize("kind", AuthorisationKind)
def test_an_authorisation_is_read_back_as_it_was_written(kind: AuthorisationKind):
    authorisation = replace(WARRANT, kind=kind)
    assert Authorisation.from_body(parse(canonical(authorisation.as_body()), limit=10_000)) == authorisation
