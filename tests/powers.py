"""Authorisations and scopes for tests: one warrant, one emergency decision, and any of them for properties."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from hypothesis import strategies as st

from comity.authorisations.authorisation import Authorisation, AuthorisationKind, ExPost
from comity.authorisations.covering import OutwardAct, Standing
from comity.authorisations.reasons import Check, Condition, Means, Necessity, Privileges
from comity.authorisations.scope import Scope

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SCOPE = Scope(
    measure="preservation",
    acts=frozenset({"preserve"}),
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
    legal_basis={"law": "code", "article": "29", "route": "a/b", "verdict": "d" * 64, "edition": "e" * 64},
    purpose="preserve the server before it is wiped",
    necessity=Necessity(
        aim="know who operates the marketplace",
        suspicion="three test purchases were delivered",
        link="the server holds the orders of these purchases",
        data="traffic shows who logged in to administer it",
        period="the market opened in June and is still open",
        seriousness="trade in drugs on a large scale",
    ),
    less_intrusive=(Means(means="asking the operator", why_not="that would warn him, and the data would be gone"),),
    privileges=Privileges(considered="no target keeps the confidences of others", allowed=frozenset()),
    conditions=(Condition(check=Check.WORDS, text="only the named targets"),),
    validation=None,
    validates="",
    from_=AT,
    expires=AT + timedelta(days=30),
    decided_at=AT,
    by={"official": "ana"},
)
ACT = OutwardAct(name="send", letter="c" * 64, does=SCOPE)

SETS = st.frozensets(st.sampled_from("ab"), min_size=1)
MOMENTS = st.integers(-2, 33).map(lambda days: AT + timedelta(days=days))


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    first, last = sorted((draw(st.integers(1, 3)), draw(st.integers(1, 3))))
    days = date(2026, 1, first), date(2026, 1, last)
    return Scope("one", draw(SETS), draw(SETS), draw(SETS), *days, draw(SETS))


DUE = ExPost(until=AT + timedelta(hours=48), by="judge", article="4(5)")
EMERGENCY = replace(WARRANT, kind=AuthorisationKind.EMERGENCY, validation=DUE)


@st.composite
def powers(draw: st.DrawFn) -> Authorisation:
    """Any kind of power, with or without a validation that has to follow, and with conditions."""
    kind = draw(st.sampled_from(AuthorisationKind))
    checks = draw(st.lists(st.sampled_from(Check), max_size=2))
    due = ExPost(until=draw(MOMENTS), by="judge", article="4(5)")
    return replace(
        WARRANT,
        kind=kind,
        validation=due if kind is AuthorisationKind.EMERGENCY or draw(st.booleans()) else None,
        conditions=tuple(Condition(check=one, text="x") for one in checks),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    moments = st.none() | MOMENTS
    return Standing(suspended_at=draw(moments), revoked_at=draw(moments), validated_at=draw(moments))


Case: TypeAlias = tuple[Authorisation, Standing, datetime]


def cases() -> st.SearchStrategy[Case]:
    """A power, what became of it, and a moment."""
    return st.tuples(powers(), standings(), MOMENTS)
