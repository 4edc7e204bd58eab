"""Who is competent for a measure in a state today: what decides, what has to be confirmed first, and what is only shown."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.competence import Competence, Level
from comity.authorities.competent import (
    CONFIRMED_WITHIN,
    Answer,
    Declared,
    Held,
    Mark,
    Reliance,
    TerritoryUnknown,
    competent,
    reliance_of,
)
from comity.authorities.roles import Role
from competences import AT, OFFICE_HOURS, competence
from keys import NodeKey, OfficialKey, entry

ADMIN, _ = entry(
    OfficialKey.fresh(seed=b"a"), NodeKey.fresh(b"nl"), node="nl", official="anna", role=Role.ADMINISTRATOR, state="NL"
)
ENTRY = competence(ADMIN)
DECLARED = Declared(
    state="NL",
    authority="Landelijk Parket (National Prosecutor's Office)",
    instrument="coe-ets185",
    article="27(2), 35",
    date="2006-11-16",
    status="as of source",
    verification="official-secondary",
    source="https://example.org/treaty",
    as_of="2025-12",
)


def held(made: Competence = ENTRY, *, verified: bool = True, **changed: Any) -> Held:
    return Held(entry=replace(made, **changed), digest="ab" * 32, verified=verified)


def asked(*sources: Held | Declared, territory: str = "NL", measure: str = "preservation") -> Answer:
    return competent(
        measure,
        state="NL",
        territory=territory,
        held=[one for one in sources if isinstance(one, Held)],
        declared=[one for one in sources if isinstance(one, Declared)],
        at=AT,
    )


def test_an_entry_that_runs_and_was_confirmed_decides_with_its_article_and_its_day():
    answer = asked(held())
    assert answer.reliance is Reliance.DECIDES
    assert answer.first is not None
    assert (answer.first.authority, answer.first.law, answer.first.article) == (
        "Landelijk Parket",
        "coe-ets185",
        "27(2)",
    )
    assert answer.first.confirmed == "2026-10-24T09:00:00.000Z"
    assert answer.as_json()["found"][0]["entry"] == ENTRY.as_body()


STALE = AT - CONFIRMED_WITHIN
YEARS = timedelta(days=900)


@pytest.mark.parametrize(
    ("changed", "mark", "reliance"),
    [
        ({"confirmed_at": STALE, "from_": STALE}, Mark.UNCONFIRMED, Reliance.TO_CONFIRM),
        ({"until": AT}, Mark.EXPIRED, Reliance.TO_CONFIRM),
        ({"from_": AT + timedelta(seconds=1)}, Mark.NOT_YET, Reliance.SHOWN),
        ({"withdrawn": "Merged."}, Mark.WITHDRAWN, Reliance.SHOWN),
        ({"verified": False}, Mark.UNVERIFIED, Reliance.SHOWN),
        ({"territory": ("NL-LI",)}, Mark.PART, Reliance.TO_CONFIRM),
        ({"hours": replace(OFFICE_HOURS, opens="12:00")}, Mark.CLOSED, Reliance.DECIDES),
    ],
)
def test_what_is_stale_withdrawn_unverified_or_partial_is_marked_and_never_dropped(
    changed: dict[str, Any], mark: Mark, reliance: Reliance
):
    answer = asked(held(**changed))
    assert [one.marks for one in answer.found] == [(mark,)]
    assert answer.reliance is reliance


def test_an_entry_is_fresh_until_the_year_is_over_and_runs_until_its_end():
    just = held(confirmed_at=STALE + timedelta(milliseconds=1), until=AT + timedelta(milliseconds=1))
    assert asked(just).found[0].marks == ()


def test_a_declaration_is_seeded_shows_its_source_and_has_to_be_confirmed():
    answer = asked(DECLARED)
    found = answer.found[0]
    assert (found.reliance, found.marks, found.confirmed) == (Reliance.TO_CONFIRM, (Mark.SEEDED,), "")
    told = answer.as_json()["found"][0]["declaration"]
    assert told == {
        "date": "2006-11-16",
        "status": "as of source",
        "verification": "official-secondary",
        "source": "https://example.org/treaty",
        "as_of": "2025-12",
    }


@pytest.mark.parametrize("mark", [Mark.UNVERIFIED, Mark.NOT_BOUND, Mark.ARTICLE_NOT_STATED, Mark.OTHER_ARTICLE])
def test_a_declaration_that_is_not_verified_never_answers_alone(mark: Mark):
    answer = asked(replace(DECLARED, marks=frozenset({mark})))
    assert answer.reliance is Reliance.SHOWN
    assert answer.first is None
    assert answer.found


def test_nobody_known_is_another_answer_than_somebody_only_shown():
    assert asked().reliance is None
    assert asked().as_json()["reliance"] == "unknown"
    assert asked(held(), measure="extradition").found == ()


def test_an_entry_of_the_state_stands_before_what_it_once_declared():
    answer = asked(DECLARED, held())
    assert [one.held is not None for one in answer.found] == [True, False]


def test_of_several_authorities_the_nearest_comes_first_and_leads_to_the_next_higher():
    national = held(authority="National")
    regional = held(authority="Regional", level=Level.REGIONAL, territory=("NL-LI", "NL-NB"))
    local = held(authority="Local", level=Level.LOCAL, territory=("NL-LI",))
    answer = asked(national, regional, local, territory="NL-LI")
    assert [(one.authority, one.escalates_to) for one in answer.found] == [
        ("Local", "Regional"),
        ("Regional", "National"),
        ("National", ""),
    ]
    whole = asked(national, regional, local)
    assert [one.authority for one in whole.found] == ["National", "Local", "Regional"]
    assert [one.marks for one in whole.found] == [(), (Mark.PART,), (Mark.PART,)]
    assert [one.escalates_to for one in whole.found] == ["", "National", "National"]


def test_another_part_of_the_state_is_no_part_of_the_answer():
    assert asked(held(territory=("NL-LI",)), territory="NL-L").found == ()
    assert asked(held(territory=("NL-LI",)), territory="NL-NB").found == ()


def test_two_authorities_of_one_level_that_both_decide_are_said_to_overlap():
    answer = asked(held(), held(authority="Ministry"), held(authority="Police", level=Level.REGIONAL))
    assert {one.authority: Mark.OVERLAPS in one.marks for one in answer.found} == {
        "Landelijk Parket": True,
        "Ministry": True,
        "Police": False,
    }
    assert answer.reliance is Reliance.DECIDES


@pytest.mark.parametrize("territory", ["BE", "NLX", "nl", "NL-", "NL-ABCD", ""])
def test_a_place_outside_the_state_is_refused(territory: str):
    with pytest.raises(TerritoryUnknown):
        asked(held(), territory=territory)


@given(st.sets(st.sampled_from(list(Mark))), st.sets(st.sampled_from(list(Mark))))
def test_another_mark_never_makes_a_source_carry_further(some: set[Mark], more: set[Mark]):
    order = list(Reliance)
    assert order.index(reliance_of(some | more)) >= order.index(reliance_of(some))


@given(
    st.lists(
        st.builds(
            held,
            verified=st.booleans(),
            withdrawn=st.sampled_from(["", "Merged."]),
            confirmed_at=st.sampled_from([AT - YEARS, AT - timedelta(days=1)]),
            until=st.sampled_from([AT - timedelta(days=1), AT + YEARS]),
            territory=st.sampled_from([("NL",), ("NL-LI",), ("NL-NB",)]),
            level=st.sampled_from(list(Level)),
        ),
        max_size=5,
    ),
    st.booleans(),
)
def test_only_a_verified_running_confirmed_entry_of_the_whole_place_decides_and_nothing_is_dropped(
    entries: list[Held], seeded: bool
):
    answer = asked(*entries, *([DECLARED] if seeded else []))
    assert len(answer.found) == len(entries) + seeded
    good = [
        one
        for one in entries
        if one.verified
        and not one.entry.withdrawn
        and one.entry.confirmed_at + CONFIRMED_WITHIN > AT
        and one.entry.until > AT
        and one.entry.territory == ("NL",)
    ]
    assert sum(one.reliance is Reliance.DECIDES for one in answer.found) == len(good)
    ranks = [list(Reliance).index(one.reliance) for one in answer.found]
    assert ranks == sorted(ranks)


def test_the_order_of_the_sources_changes_nothing():
    sources = [held(authority=name, level=level) for name, level in product("ab", Level)]
    assert asked(*sources).found == asked(*reversed(sources)).found
