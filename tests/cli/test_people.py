"""`comity node people|enrol|suspend|reinstate|revoke|train|require`: what they print, and what they refuse."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import comity
from comity.cli.story import Stage
from comity.errors import ComityError
from stage import staged

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("people"), image_bytes=100_000) as ready:
        yield ready


@pytest.fixture
def run(stage: Stage) -> Run:
    """Give a command as an official of cv; what it printed as JSON, or the code with which it was refused."""

    def given(*words: str, by: str = "amara", refused: bool = False) -> Any:
        command = ["node", *words, "--node", str(stage.cv.folder), "--as", by, "--json"]
        said = CliRunner().invoke(comity, command)
        if refused:
            assert isinstance(said.exception, ComityError), said.output
            return said.exception.code
        assert said.exit_code == 0, (said.output, said.exception)
        return json.loads(said.stdout)

    return given


def enrolled(run: Run, official: str, role: str, *more: str, refused: bool = False, by: str = "amara") -> Any:
    named = ("--name", official.title(), "--role", role, "--office", "Court", "--authority", "Courts")
    second = () if "--with" in more else ("--with", "bento")
    return run("enrol", official, *named, *second, *more, refused=refused, by=by)


def stands(run: Run, official: str) -> list[str]:
    return [one["stands"] for one in run("people") if one["official"] == official]


def test_a_mandate_is_given_with_powers_territory_days_and_who_answers(run: Run):
    given = ("--power", "recognise", "--territory", "CV-S", "--responsible", "President", "--until", "2027-05-01")
    entry = enrolled(run, "petra", "judge", *given)
    assert (entry["powers"], entry["territory"], entry["responsible"]) == (["recognise"], ["CV-S"], "President")
    assert entry["until"] == "2027-05-01T01:00:00.000Z", "midnight where the node stands"
    assert entry["enrolled_by"] == ["amara", "bento"]
    shown = next(one for one in run("people") if one["official"] == "petra")
    assert (shown["stands"], shown["appointed_by"]) == ("in_force", ["amara", "bento"])
    assert enrolled(run, "quinn", "judge", "--power", "administer", refused=True) == "registry.mandate_not_given"


def test_a_mandate_is_suspended_reinstated_and_revoked(run: Run):
    assert run("suspend", "otto", "--reason", "x")["stands"] == "suspended"
    assert run("people", by="otto", refused=True) == "authorities.mandate_not_in_force"
    assert run("suspend", "otto", "--reason", "x", refused=True) == "authorities.change_out_of_order"
    assert run("reinstate", "otto", "--reason", "x", by="bento")["stands"] == "in_force"
    assert run("revoke", "otto", "--reason", "x")["stands"] == "ended"
    assert run("reinstate", "otto", "--reason", "x", refused=True) == "authorities.change_out_of_order"


def test_two_administrators_stay_and_two_end_a_third(run: Run):
    assert run("suspend", "bento", "--reason", "x", refused=True) == "registry.administrator_needed"
    assert run("revoke", "bento", "--reason", "x", "--with", "amara", refused=True) == (
        "node.second_administrator_missing"
    )
    enrolled(run, "celia", "administrator")
    assert run("revoke", "celia", "--reason", "x", refused=True) == "registry.second_decider_needed"
    assert stands(run, "celia") == ["in_force"]
    assert run("revoke", "celia", "--reason", "x", "--with", "bento")["stands"] == "ended"


def test_self_appointment_is_refused_at_the_command_line(run: Run):
    """An attack: one administrator names himself as the second, or gives himself an office with another's signature."""
    assert enrolled(run, "rex", "judge", "--with", "amara", refused=True) == "node.second_administrator_missing"
    assert enrolled(run, "amara", "judge", refused=True) == "authorities.entry_broken"
    assert enrolled(run, "bento", "judge", refused=True) == "authorities.entry_broken"
    assert enrolled(run, "rex", "judge", "--with", "julia", refused=True).startswith("authorities.")
    assert run("suspend", "amara", "--reason", "x", refused=True) == "authorities.decides_on_oneself"
    assert not stands(run, "rex")


def test_one_person_in_two_offices_sits_down_at_the_desk_that_is_named(run: Run):
    named = ("--name", "Ivo Tavares")
    enrolled(run, "ivo", "judge", *named)
    assert enrolled(run, "ivo", "liaison", refused=True) == "registry.person_is_another"
    assert len(stands(run, "ivo")) == 2
    first = next(one for one in run("people") if one["official"] == "ivo")
    assert run("suspend", "ivo", "--mandate", first["mandate"], "--reason", "x")["role"] == "investigator"
    assert stands(run, "ivo") == ["suspended", "in_force"]
    run("people", by="ivo/judge")
    run("people", by="ivo/investigator", refused=True)


def test_training_is_recorded_required_and_missed(run: Run):
    assert run("require") == []
    asked = ("--power", "authorise", "Evidence", "--power", "authorise", "Rights", "--power", "preserve", "Evidence")
    assert len(run("require", *asked)) == 3
    lacks = {one["official"]: one["lacks"] for one in run("people")}
    assert lacks["julia"] == ["authorise: Evidence"]
    assert run("train", "julia", "--course", "Evidence", "--held", "2026-11-20")["valid_until"] == "not_stated"
    assert {one["official"]: one["lacks"] for one in run("people")}["julia"] == ["authorise: Rights"]
    assert run("train", "amara", "--course", "x", "--held", "2026-11-20", refused=True) == (
        "authorities.decides_on_oneself"
    )
    assert run("train", "julia", "--course", "x", "--held", "2026-12-20", refused=True) == (
        "authorities.training_broken"
    )
    assert run("require", "--nothing") == []


def test_who_is_no_administrator_changes_nothing_about_people(run: Run):
    for words in (("suspend", "luis", "--reason", "x"), ("train", "luis", "--course", "x", "--held", "2026-11-20")):
        assert run(*words, by="julia", refused=True) in {"authorities.power_missing", "registry.no_such_thing"}
    assert enrolled(run, "rex", "judge", refused=True, by="julia").startswith(("authorities.", "registry."))
    assert run("people", by="julia") == []
