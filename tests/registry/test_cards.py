"""A node renews its card month by month: peers take it over, and what was sealed to an old receive key opens for nobody."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from comity.cli.story import Stage
from comity.exchange import trust
from comity.exchange.card import CARD_LIFE, CARD_TAKEN_WITHIN, NodeCard
from comity.exchange.envelope import ReceiveKeyUnknown
from comity.exchange.trust import CardChangesMore, LogUnexplained
from comity.exchange.wire import COURIER_AGE_MAX
from comity.registry import keys, own_card, post
from comity.registry.act import Node
from comity.registry.checking import differences
from comity.registry.jobs import cards
from comity.registry.models import EntryRow
from emergencies import later
from scenes import opened, recognised, settle

MONTH = timedelta(days=31)


def caught_up(node: Node) -> NodeCard:
    with node.active():
        cards.catch_up(at=node.clock.now())
        return post.own_card(node)


def said(node: Node, kind: str) -> int:
    with node.active():
        return EntryRow.objects.filter(kind=kind).count()


def held_by(other: Node, node: Node) -> NodeCard:
    with other.active():
        return post.peer(node.id)


def now(node: Node) -> datetime:
    return node.clock.now()


def test_a_month_later_peers_write_to_a_fresh_key_and_the_one_before_is_destroyed_once_nothing_is_under_way(
    stage: Stage,
):
    cv, nl = stage.cv, stage.nl
    first = caught_up(cv)
    assert (len(first.receive_keys), said(cv, "card.renewed")) == (1, 0), "nothing is due on the first day"
    later(stage, MONTH)
    second = caught_up(cv)
    settle(stage)
    assert held_by(nl, cv) == second
    old, fresh = second.receive_keys
    assert (old.id, old.until) == (first.receive_keys[0].id, second.issued_at + CARD_TAKEN_WITHIN)
    assert second.receive_key(at=second.issued_at) == fresh
    assert second.expires_at == second.issued_at + CARD_LIFE
    recognised(stage, opened(stage))
    later(stage, CARD_TAKEN_WITHIN + COURIER_AGE_MAX - timedelta(minutes=1))
    assert old.id in keys.receive_key_names(cv.folder), "an envelope may still be under way"
    caught_up(cv)
    assert old.id in keys.receive_key_names(cv.folder)
    later(stage, timedelta(minutes=2))
    third = caught_up(cv)
    assert keys.receive_key_names(cv.folder) == {one.id for one in third.receive_keys} - {old.id}
    assert said(cv, "card.keys.destroyed") == 1
    with pytest.raises(ReceiveKeyUnknown):
        post.decrypt_for(cv, at=now(cv))(old.id, b"recorded by somebody", b"")
    settle(stage)
    for node in (cv, nl):
        with node.active():
            assert not list(differences())


def test_who_was_killed_before_the_peers_were_told_tells_them_next_time_and_once(stage: Stage):
    later(stage, MONTH)
    assert own_card.renew(stage.cv, at=now(stage.cv))
    for _ in range(2):
        card = caught_up(stage.cv)
    assert said(stage.cv, "card.renewed") == 1
    settle(stage)
    assert held_by(stage.nl, stage.cv) == card


def test_of_several_processes_one_renews(stage: Stage):
    later(stage, MONTH)
    at, done = now(stage.cv), []
    threads = [threading.Thread(target=lambda: done.append(own_card.renew(stage.cv, at=at))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    assert len(post.own_card(stage.cv).receive_keys) == 2


def test_a_card_that_comes_by_itself_changes_receive_keys_and_days_only(stage: Stage):
    later(stage, MONTH)
    card, before = caught_up(stage.cv), held_by(stage.nl, stage.cv)
    told = {"own_kind": card.kind, "previous": before, "at": now(stage.nl)}
    assert trust.renewed(card, **told) == card  # type: ignore[arg-type]
    for name, other in (("url", "http://127.0.0.1:9"), ("name", "Another"), ("witness_key", "x")):
        with pytest.raises(CardChangesMore, match=name):
            trust.renewed(replace(card, **{name: other}), **told)  # type: ignore[arg-type]
    with pytest.raises(LogUnexplained):
        trust.renewed(replace(card, log_origin="comity.example/log/cv/1"), **told)  # type: ignore[arg-type]
