"""Who may do what: separation of duties holds whatever a mandate says."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.roles import POWERS, Actor, Power, PowerMissing, Role, service


def actor(role: Role, powers: frozenset[Power]) -> Actor:
    return Actor(official="ana", office="desk", authority="court", role=role, mandate="m-1", node="cv", powers=powers)


@pytest.mark.parametrize("role", Role)
def test_nobody_who_drafts_may_authorise_or_recognise(role: Role):
    assert not (
        POWERS[role] & {Power.DRAFT_LETTER, Power.OPEN_CASE} and POWERS[role] & {Power.AUTHORISE, Power.RECOGNISE}
    )


def test_who_oversees_and_who_administers_do_nothing_else():
    for power, role in ((Power.OVERSEE, Role.OVERSEER), (Power.ADMINISTER, Role.ADMINISTRATOR)):
        assert POWERS[role] == {power}
        assert [other for other in Role if power in POWERS[other]] == [role]


def test_every_role_has_its_powers_written_down():
    assert POWERS.keys() == set(Role)
    assert set().union(*POWERS.values()) == set(Power)


@given(st.sampled_from(Role), st.frozensets(st.sampled_from(Power)), st.sampled_from(Power))
def test_a_power_needs_both_the_mandate_and_the_role(role: Role, powers: frozenset[Power], power: Power):
    if power in powers and power in POWERS[role]:
        actor(role, powers).require(power)
    else:
        with pytest.raises(PowerMissing):
            actor(role, powers).require(power)


@pytest.mark.parametrize("power", Power)
def test_a_machine_has_no_power_and_somebody_answers_for_it(power: Power):
    machine = service("sequencer", node="cv", responsible="ana")
    assert machine.as_record()["responsible"] == "ana"
    for given_powers in (machine.powers, frozenset(Power)):
        with pytest.raises(PowerMissing, match="sequencer as service may not"):
            replace(machine, powers=given_powers).require(power)


def test_only_these_roles_share_a_power():
    shared = {(one, other) for one, other in combinations(Role, 2) if POWERS[one] & POWERS[other]}
    assert shared == {
        (Role.INVESTIGATOR, Role.PROSECUTOR),
        (Role.INVESTIGATOR, Role.LIAISON),  # both send letters
        (Role.PROSECUTOR, Role.LIAISON),
    }
