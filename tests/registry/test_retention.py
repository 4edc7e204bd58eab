"""Evidence is kept as long as the signed schedule says and no longer; what is erased is final, and a restart changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checker import check
from comity.authorities.keys import SignatureDoesNotVerify
from comity.authorities.roles import PowerMissing
from comity.authorities.statement import Statement
from comity.cli.story import Stage
from comity.evidence.erasure import RETENTION, Erasure, ErasureBroken, read_erasure
from comity.evidence.events import CustodyEvent
from comity.law import ValueUnknown
from comity.letters.life import Step
from comity.oversight.retention import NOTICE, After, NotDue, Rule, Schedule, ScheduleBroken, due
from comity.registry import access, post, vault
from comity.registry.actions import erasure as acts
from comity.registry.actions import retention as keeping
from comity.registry.actions.erasure import NothingToErase
from comity.registry.actions.retention import HoldRefused
from comity.registry.checking import differences
from comity.registry.gestures.retention import prepare_schedule
from comity.registry.jobs import retention as jobs
from comity.registry.models import CustodyRow, EntryRow, HoldRow, ItemRow, ScheduleRow, TransferRow
from comity.registry.queries import retention as reads
from comity.registry.queries.people import known
from comity.registry.vault.keys import ItemKeyDoesNotOpen
from emergencies import later
from scenes import accepted, opened, recognised, settle, stepped, take_in, taken_in
from schedules import DAY, WEEKS, adopt
from stage import staged

MONTH = Rule("other", After.HANDED_OVER, 30, "Node policy", "not_stated", "The copy is not needed any more.")


BOTH = pytest.mark.parametrize("stage", ["sqlite", "postgresql"], indirect=True)
ONE = pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
"""What does not hang on the engine is tried on one."""


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path, databases=databases, image_bytes=100_000) as found:
        yield found


def run(stage: Stage) -> tuple[int, list[str]]:
    with stage.nl.active():
        at = stage.nl.clock.now()
        return jobs.erase_due(at=at), jobs.make_final(at=at)


def row(item: str) -> ItemRow:
    return ItemRow.objects.get(reference=item)


def entries(kind: str) -> int:
    return EntryRow.objects.filter(kind=kind).count()


def executed(stage: Stage) -> tuple[str, str]:
    """An item of a letter that has ended, and one of a letter that goes on; both lie at nl."""
    case = opened(stage)
    ended, going = recognised(stage, case), recognised(stage, case)
    items = taken_in(stage, ended), taken_in(stage, going)
    stepped(stage.seat(stage.nl, "liaison"), ended, Step.EXECUTE)
    settle(stage)
    return items


@BOTH
def test_an_item_is_erased_by_the_schedule_and_becomes_final_while_what_survives_still_opens(stage: Stage):
    gone, stays = executed(stage)
    adopt(stage, WEEKS)
    later(stage, 19 * DAY)
    assert run(stage) == (0, [])
    with stage.nl.active():
        months = {row(gone).month, row(stays).month}
    later(stage, 2 * DAY)
    assert run(stage) == (1, []), "final a day later, together with others"
    with stage.nl.active():
        erased = row(gone)
        assert (bytes(erased.wrapped_key), erased.held, erased.erased_month) == (b"", False, *months)
        assert not vault.held(stage.nl.vault, gone)
        disposal = CustodyRow.objects.filter(item=erased).order_by("-seq").first()
        assert disposal is not None
        assert disposal.event == CustodyEvent.DISPOSAL.value
        assert not list(differences()), "node check finds nothing"
    assert run(stage) == (0, []), "erased once"
    later(stage, DAY)
    assert run(stage) == (0, sorted(months))
    with stage.nl.active():
        assert row(gone).final_at is not None
        assert entries("evidence.erasure.final") == 1
        left = row(stays)
        assert left.month not in months
        assert vault.key_of(bytes(left.wrapped_key), folder=stage.nl.folder, month=left.month, item=stays)
        assert set(vault.months(stage.nl.folder)).isdisjoint(months)
        assert not list(differences())
        told = reads.published(viewer=stage.nl.machine("test"), at=stage.nl.clock.now())
        assert told["erased"] == {"erased": "<5", "final": "<5"}, "one case is not read out of a figure"
    settle(stage)
    with stage.cv.active():
        assert entries("evidence.erasure.received") == 1, "the asking side is told"
    check(stage.cv, stage.nl)


@ONE
def test_what_was_wrapped_with_a_destroyed_key_does_not_open_from_an_old_copy_of_the_tables(stage: Stage):
    gone, _ = executed(stage)
    adopt(stage, WEEKS)
    with stage.nl.active():
        old = row(gone)
    later(stage, 21 * DAY)
    run(stage)
    later(stage, 2 * DAY)
    run(stage)
    with stage.nl.active(), pytest.raises(ItemKeyDoesNotOpen):
        vault.key_of(bytes(old.wrapped_key), folder=stage.nl.folder, month=old.month, item=gone)


@ONE
def test_a_copy_that_was_handed_over_goes_after_its_own_period(stage: Stage):
    letter = recognised(stage, opened(stage))
    item = taken_in(stage, letter)
    accepted(stage, item)
    adopt(stage, MONTH)
    later(stage, 31 * DAY)
    assert run(stage)[0] == 1
    with stage.nl.active():
        given = TransferRow.objects.get(item=item)
        assert (bytes(given.handed_key), row(item).erased_at is not None) == (b"", True)
        assert not CustodyRow.objects.filter(item=row(item), event=CustodyEvent.DISPOSAL.value).exists(), (
            "the other node holds it: its custody goes on there"
        )
    settle(stage)
    check(stage.cv, stage.nl)


@BOTH
def test_a_hold_keeps_an_item_until_its_day_or_until_it_is_lifted(stage: Stage):
    gone, _ = executed(stage)
    adopt(stage, WEEKS)
    later(stage, 15 * DAY)
    seat = stage.seat(stage.nl, "custodian")
    with stage.nl.active():
        actor, at = seat.entry.actor, stage.nl.clock.now()
        assert [one["item"] for one in reads.ending(within=30 * DAY, viewer=actor, at=at)] == [gone]
        for until in (at, at + 401 * DAY):
            with pytest.raises(HoldRefused):
                keeping.hold_item(gone, until=until, reason="The appeal is pending.", actor=actor, at=at)
        assert not HoldRow.objects.exists()
        judge = stage.seat(stage.nl, "judge").entry.actor
        with pytest.raises(PowerMissing):
            keeping.hold_item(gone, until=at + DAY, reason="The appeal is pending.", actor=judge, at=at)
        kept = keeping.hold_item(gone, until=at + 100 * DAY, reason="The appeal is pending.", actor=actor, at=at)
    later(stage, 50 * DAY)
    assert run(stage)[0] == 0
    with stage.nl.active():
        at = stage.nl.clock.now()
        schedule = reads.in_force(viewer=stage.nl.machine("test"), at=at)
        assert schedule is not None
        keeping.lift_hold(gone, hold=kept, reason="The appeal was dropped.", actor=actor, at=at)
        with pytest.raises(access.NoSuchThing):
            keeping.lift_hold(gone, hold=kept, reason="Twice.", actor=actor, at=at)
    assert run(stage)[0] == 1


def forged(stage: Stage, item: str, **changed: Any) -> Statement:
    """An erasure that the node signs although its schedule does not ask for it."""
    schedule = reads.in_force(viewer=stage.nl.machine("test"), at=stage.nl.clock.now())
    assert schedule is not None
    told = Erasure(
        item=item,
        sha256=str(row(item).record["sha256"]),
        letter=row(item).letter.digest,
        ended_by=schedule.digest,
        ground=RETENTION,
        article="Node policy, not_stated: other, 20 days after letter_ended",
        node=stage.nl.id,
        by={},
        at=stage.nl.clock.now().replace(microsecond=0),
    )
    return post.countersign(Statement(type="comity/erasure/v1", body=replace(told, **changed).as_body()))


@ONE
def test_no_machine_erases_what_is_not_due_or_by_a_rule_that_does_not_count(stage: Stage):
    gone, stays = executed(stage)
    adopt(stage, WEEKS)
    later(stage, 16 * DAY)
    with stage.nl.active():
        at, machine = stage.nl.clock.now(), stage.nl.machine("retention")
        schedule = reads.in_force(viewer=machine, at=at)
        assert schedule is not None
        for item, changed, refusal in (
            (gone, {}, NotDue),
            (stays, {}, NotDue),
            (gone, {"ended_by": "0" * 64}, NotDue),
            (gone, {"sha256": "0" * 64}, NothingToErase),
        ):
            proven = read_erasure(forged(stage, item, **changed), known=known({}, viewer=machine))
            with pytest.raises(refusal):
                acts.erase_by_schedule(proven, schedule=schedule, disposal=None, actor=machine, at=at)
        with pytest.raises(ErasureBroken):
            read_erasure(forged(stage, gone, ground="revoked"), known=known({}, viewer=machine))
        text = forged(stage, gone)
        with pytest.raises(SignatureDoesNotVerify):
            read_erasure(replace(text, body=text.body | {"sha256": "1" * 64}), known=known({}, viewer=machine))
        assert entries("evidence.erasure") == 0
        assert row(gone).erased_at is None


@ONE
def test_a_schedule_is_signed_ahead_follows_the_last_one_and_names_what_the_law_knows(stage: Stage):
    with pytest.raises(ScheduleBroken, match="14 days"):
        adopt(stage, WEEKS, days=13)
    with pytest.raises(ValueUnknown):
        adopt(stage, replace(WEEKS, category="gossip"))
    with pytest.raises(ScheduleBroken, match="one category"):
        adopt(stage, WEEKS, replace(WEEKS, period_days=1))
    first = adopt(stage, WEEKS)
    second = adopt(stage, MONTH, days=30)
    assert (first.version, second.version) == (1, 2)
    later(stage, 20 * DAY)
    with stage.nl.active():
        now = reads.in_force(viewer=stage.nl.machine("test"), at=stage.nl.clock.now())
        assert now is not None
        assert now.record == first, "the second one has not begun"
        assert ScheduleRow.objects.count() == 2
        with pytest.raises(PowerMissing):
            prepare_schedule(
                [WEEKS],
                from_=stage.nl.clock.now() + NOTICE,
                actor=stage.seat(stage.nl, "custodian").entry.actor,
                at=stage.nl.clock.now(),
            )


def test_of_several_categories_the_shortest_period_counts_and_nothing_ends_before_the_schedule_began():
    signed = datetime(2026, 1, 1, tzinfo=UTC)
    rules = (
        replace(WEEKS, category="content", period_days=10),
        replace(WEEKS, category="traffic", period_days=700),
        MONTH,
    )
    schedule = Schedule("nl", 1, "", rules, signed + NOTICE, {}, signed)
    ended = signed + 100 * DAY
    both = due(schedule, data={"content", "traffic"}, ended_at=ended, handed_over_at=None)
    assert both is not None
    assert (both.at, both.rule.category) == (ended + 10 * DAY, "content")
    assert due(schedule, data={"subscriber"}, ended_at=ended, handed_over_at=None) is None, "no period is stated"
    given = due(schedule, data={"subscriber"}, ended_at=None, handed_over_at=signed - 365 * DAY)
    assert given is not None
    assert given.at == signed + NOTICE
    assert due(schedule, data={"content"}, ended_at=None, handed_over_at=None) is None


@BOTH
def test_a_crash_between_the_destroyed_key_and_the_log_is_gone_on_from(stage: Stage):
    gone, stays = executed(stage)
    adopt(stage, WEEKS)
    later(stage, 21 * DAY)
    run(stage)
    later(stage, 2 * DAY)
    with stage.nl.active():
        month = row(gone).erased_month
        to = vault.successor(stage.nl.folder, month)
        kept = row(stays)
        again = vault.rewrap_kept(bytes(kept.wrapped_key), folder=stage.nl.folder, month=month, to_month=to, item=stays)
        ItemRow.objects.filter(reference=stays).update(wrapped_key=again, month=to)
        vault.destroy_month(stage.nl.folder, month)
        late = take_in(stage.seat(stage.nl, "custodian"), kept.letter.digest, name="late.img")
    assert run(stage) == (0, [month])
    with stage.nl.active():
        for item in (stays, late):
            found = row(item)
            assert vault.key_of(bytes(found.wrapped_key), folder=stage.nl.folder, month=found.month, item=item)
