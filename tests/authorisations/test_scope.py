"""Scopes are compared respect by respect: wider in one is wider."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorisations.scope import Scope, ScopeBroken, ScopeWider, beyond, within
from comity.canon import canonical, parse

SCOPE = Scope(
    measure="preservation",
    acts=frozenset({"collect", "disclose"}),
    selectors=frozenset({"domain:market.example", "handle:silkfox"}),
    data=frozenset({"subscriber", "traffic"}),
    from_=date(2026, 6, 1),
    until=date(2026, 11, 23),
    territory=frozenset({"NL"}),
)
RECORD = SCOPE.as_record()

DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    acts, selectors, data, territory = (draw(st.frozensets(st.sampled_from("abc"), min_size=1)) for _ in range(4))
    return Scope(draw(st.sampled_from(["one", "two"])), acts, selectors, data, first, last, territory)


def really_within(inner: Scope, outer: Scope) -> bool:
    """The same question asked in another way: every single thing that the inner scope allows, the outer allows."""

    def allowed(scope: Scope) -> set[tuple[object, ...]]:
        days = [scope.from_ + timedelta(days=n) for n in range((scope.until - scope.from_).days + 1)]
        return {
            (scope.measure, act, target, data, day, place)
            for act in scope.acts
            for target in scope.selectors
            for data in scope.data
            for day in days
            for place in scope.territory
        }

    return allowed(inner) <= allowed(outer)


@pytest.mark.parametrize(
    ("wider", "said"),
    [
        ({"measure": "production"}, "measure production where preservation is allowed"),
        ({"acts": SCOPE.acts | {"seize"}}, "acts seize beyond collect, disclose"),
        ({"selectors": SCOPE.selectors | {"domain:other.example"}}, "targets domain:other.example beyond"),
        ({"data": SCOPE.data | {"content"}}, "data content beyond subscriber, traffic"),
        ({"territory": frozenset({"BE", "NL"})}, "territory BE beyond NL"),
        ({"from_": date(2026, 5, 31)}, "data from 2026-05-31 where 2026-06-01 is the first day"),
        ({"until": date(2026, 11, 24)}, "data until 2026-11-24 where 2026-11-23 is the last day"),
    ],
)
def test_wider_in_one_respect_is_refused_and_named(wider: dict[str, Any], said: str):
    with pytest.raises(ScopeWider, match=said):
        within(replace(SCOPE, **wider), SCOPE)


def test_every_respect_that_is_wider_is_named_at_once():
    wider = replace(SCOPE, measure="production", data=SCOPE.data | {"content"}, until=date(2027, 1, 1))
    assert len(beyond(wider, SCOPE)) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"measure": None},
        {"acts": []},
        {"acts": "collect"},
        {"acts": [1]},
        {"acts": ["disclose", "collect"]},
        {"data": ["traffic", "traffic"]},
        {"territory": None},
        {"selectors": {}},
        {"from": "2026-11-24"},
        {"from": "20260601"},
        {"from": "2026-W23-1"},
        {"from": "2026-06-31"},
        {"from": "2026-06-01T00:00"},
        {"until": None},
        {"until": "\u0662026-11-23"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_record_in_another_shape_or_spelling_is_no_scope(changed: dict[str, object]):
    with pytest.raises(ScopeBroken):
        Scope.from_record({**RECORD, **changed})


@pytest.mark.parametrize("record", [None, [], "scope", {}, *({k: RECORD[k] for k in RECORD if k != n} for n in RECORD)])
def test_a_record_that_lacks_something_is_no_scope(record: object):
    with pytest.raises(ScopeBroken):
        Scope.from_record(record)


@given(scopes())
def test_a_scope_is_read_back_as_it_was_written(scope: Scope):
    assert Scope.from_record(parse(canonical(scope.as_record()), limit=10_000)) == scope


@given(scopes(), scopes())
def test_within_is_exactly_that_nothing_more_is_allowed(inner: Scope, outer: Scope):
    assert (beyond(inner, outer) == ()) is really_within(inner, outer)


@given(scopes())
def test_a_scope_is_within_itself(scope: Scope):
    within(scope, scope)


@given(scopes(), scopes(), scopes())
def test_within_what_is_within_is_within(one: Scope, two: Scope, three: Scope):
    if not beyond(one, two) and not beyond(two, three):
        within(one, three)


@given(scopes(), scopes())
def test_two_scopes_within_one_another_are_the_same(one: Scope, other: Scope):
    assert (not beyond(one, other) and not beyond(other, one)) is (one == other)
