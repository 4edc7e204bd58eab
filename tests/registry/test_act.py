"""One act is one transaction and one log entry, or nothing at all, on the node that is active and on no other."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError

from checker import check, untouched
from comity.authorities.roles import Actor
from comity.cli.story import Stage
from comity.errors import N_, ComityError
from comity.registry import log
from comity.registry.act import Node, act, bookkeeping, current, note_entry
from comity.registry.models import CaseRow, EntryRow


class Refused(ComityError):
    """A test says no."""

    code = "tests.refused"
    sentence = N_("no")


def write(reference: str, at: datetime) -> None:
    CaseRow.objects.create(reference=reference, title="T", marketplace="M", offences=[], opened_at=at)


def append(*, actor: Actor, at: datetime) -> EntryRow:
    return log.append(kind="tests.written", facts={}, statement="", actor=actor, at=at)


@act
def write_and_append(reference: str, *, actor: Actor, at: datetime) -> None:
    write(reference, at)
    append(actor=actor, at=at)


@act
def write_and_fail(reference: str, failure: Exception, *, actor: Actor, at: datetime) -> None:
    write(reference, at)
    append(actor=actor, at=at)
    raise failure


@act
def write_only(reference: str, *, actor: Actor, at: datetime) -> None:
    write(reference, at)


@act
def append_twice(reference: str, *, actor: Actor, at: datetime) -> None:
    write(reference, at)
    append(actor=actor, at=at)
    append(actor=actor, at=at)


@act
def act_within(reference: str, *, actor: Actor, at: datetime) -> None:
    append(actor=actor, at=at)
    write_and_append(reference, actor=actor, at=at)


@act
def bookkeeping_within(reference: str, *, actor: Actor, at: datetime) -> None:
    append(actor=actor, at=at)
    with bookkeeping():
        write(reference, at)


@act
def act_on_another(reference: str, other: Node, *, actor: Actor, at: datetime) -> None:
    append(actor=actor, at=at)
    with other.active():
        write_and_append(reference, actor=actor, at=at)


def call(function: Callable[..., Any], *what: object, node: Node) -> None:
    """Call an act on a node, as its machine."""
    with node.active():
        function(*what, actor=node.machine("tests"), at=node.clock.now())


def references(node: Node) -> set[str]:
    with node.active():
        return set(CaseRow.objects.values_list("reference", flat=True))


# All or nothing


@pytest.mark.parametrize(
    "failure", [Refused(), RuntimeError("our bug"), DatabaseError("the world"), KeyboardInterrupt()]
)
def test_an_act_that_raises_leaves_nothing(stage: Stage, failure: BaseException):
    with untouched(stage.cv, stage.nl), pytest.raises(type(failure)):
        call(write_and_fail, "1" * 32, failure, node=stage.cv)
    call(write_and_append, "1" * 32, node=stage.cv)
    assert references(stage.cv) == {"1" * 32}, "what raised does not stand in the way"


def test_an_act_that_raises_on_a_second_node_leaves_nothing_there_and_the_first_keeps_what_it_did(stage: Stage):
    with stage.cv.active():
        call(write_and_append, "1" * 32, node=stage.cv)
        with untouched(stage.cv, stage.nl), pytest.raises(Refused):
            call(write_and_fail, "2" * 32, Refused(), node=stage.nl)
        assert current() is stage.cv, "the first node is active again"
        call(write_and_append, "3" * 32, node=stage.cv)
    assert references(stage.cv) == {"1" * 32, "3" * 32}
    assert references(stage.nl) == set()
    check(stage.cv, stage.nl)


def test_an_act_appends_exactly_one_entry(stage: Stage):
    for function in (write_only, append_twice):
        with untouched(stage.cv), pytest.raises(AssertionError, match="appends one"):
            call(function, "1" * 32, node=stage.cv)
    with stage.cv.active():
        before = EntryRow.objects.count()
        call(write_and_append, "1" * 32, node=stage.cv)
        assert EntryRow.objects.count() == before + 1


# One at a time, on one node


@pytest.mark.parametrize("function", [act_within, bookkeeping_within])
def test_an_act_holds_no_other_transaction(stage: Stage, function: Callable[..., None]):
    with untouched(stage.cv, stage.nl), pytest.raises((AssertionError, RuntimeError)):
        call(function, "1" * 32, node=stage.cv)
    call(write_and_append, "1" * 32, node=stage.cv)


def test_an_act_on_one_node_does_not_act_on_another(stage: Stage):
    with untouched(stage.cv, stage.nl), pytest.raises(AssertionError, match="within another act"):
        call(act_on_another, "1" * 32, stage.nl, node=stage.cv)


def test_an_act_needs_an_active_node(stage: Stage):
    with untouched(stage.cv), pytest.raises(AssertionError, match="no node is active"):
        write_and_append("1" * 32, actor=stage.cv.machine("tests"), at=stage.cv.clock.now())


def test_a_new_thread_activates_its_node_itself(stage: Stage):
    failures: list[BaseException] = []

    def work() -> None:
        try:
            write_and_append("1" * 32, actor=stage.cv.machine("tests"), at=stage.cv.clock.now())
        except AssertionError as unready:
            failures.append(unready)
        call(write_and_append, "2" * 32, node=stage.cv)
        stage.cv.close()

    with stage.cv.active():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert current() is stage.cv
    assert len(failures) == 1
    assert "no node is active" in str(failures[0])
    assert references(stage.cv) == {"2" * 32}


def test_two_threads_act_on_two_nodes_without_meeting(stage: Stage):
    def work(node: Node, mark: str) -> None:
        for number in range(10):
            call(write_and_append, f"{mark}{number}".ljust(32, "0"), node=node)
        node.close()

    threads = [threading.Thread(target=work, args=one) for one in ((stage.cv, "a"), (stage.nl, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name[0] for name in references(stage.cv)} == {"a"}
    assert {name[0] for name in references(stage.nl)} == {"b"}
    assert len(references(stage.cv)) == len(references(stage.nl)) == 10
    check(stage.cv, stage.nl)


def test_an_entry_belongs_to_an_act(stage: Stage):
    with untouched(stage.cv), stage.cv.active(), bookkeeping(), pytest.raises(AssertionError, match="by acts only"):
        note_entry(object())
    with untouched(stage.cv), stage.cv.active(), pytest.raises(AssertionError, match="by acts only"), bookkeeping():
        append(actor=stage.cv.machine("tests"), at=stage.cv.clock.now())


# What an act looks like


def without_actor(*, at: datetime) -> None:
    """Nobody acts."""
    del at


def without_moment(*, actor: Actor) -> None:
    """It happens at no time."""
    del actor


def with_positions(actor: Actor, at: datetime) -> None:
    """Who and when can be exchanged."""
    del actor, at


def with_a_default(*, actor: Actor, at: datetime | None = None) -> None:
    """The moment is left out."""
    del actor, at


@pytest.mark.parametrize("function", [without_actor, without_moment, with_positions, with_a_default])
def test_what_does_not_say_who_and_when_by_name_is_no_act(function: Callable[..., None]):
    with pytest.raises(AssertionError):
        act(function)
