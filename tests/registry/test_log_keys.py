"""The log changes its key: announced under the old one, and a crash at any point leaves one key that counts."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from checker import check, untouched
from comity.authorities.roles import PowerMissing
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.exchange.card import NodeCard, NodeKind
from comity.exchange.log_key import LogKeyUnexplained, NewLogKey, announcement, follow
from comity.ledger import NoteBroken, ProofDoesNotMatch, claimed, cosigners, open_checkpoint
from comity.registry import checking, keys, log, own_card, post
from comity.registry.act import Node
from comity.registry.actions import log_keys as acts
from comity.registry.jobs import log_keys, proofs, witnesses
from comity.registry.models import OutboxRow
from comity.registry.queries import log as reads
from comity.registry.queries import logbook
from couriers import CLIENT, card, hand_in
from keys import LogKey
from live import entry_of
from registry_acts import append_many
from witnessing import sequence, signed, witnessed_by


def rotate(stage: Stage) -> NodeCard:
    with stage.cv.active():
        return log_keys.rotate(actor=entry_of(stage.cv, "amara").actor, at=stage.cv.clock.now())


def served(node: Node) -> bytes:
    return CLIENT.get(f"{node.url}/log/checkpoint").content


def test_a_new_key_signs_from_its_announcement_on_and_peers_follow_it(stage: Stage):
    cv, nl = stage.cv, stage.nl
    witnessed_by(cv, "nl")
    append_many(cv, 3)
    sequence(cv)
    before, old_note = card(cv), served(cv)
    after = rotate(stage)
    assert after.log_key != before.log_key
    assert [one.key for one in after.former_log_keys] == [before.log_key]
    stage.settle()
    with nl.active():
        assert post.peer("cv") == after, "the peer took the new card over"
    assert open_checkpoint(served(cv), key=after.all_log_keys[0], origin=cv.log_origin).size > claimed(old_note).size
    with cv.active():
        assert witnesses.ask(at=cv.clock.now()) == 1
        assert reads.audit(viewer=stage.people["cv", "overseer"].actor).size == claimed(served(cv)).size
    assert len(cosigners(served(cv), [card(nl).witness])) == 1, "the witness knows the new key"
    second = rotate(stage)
    assert [one.key for one in second.former_log_keys] == [before.log_key, after.log_key]
    stage.settle()
    with nl.active():
        assert post.peer("cv") == second
        entry = log.prove(1, size=log.sequenced_size(), signed=log.newest_checkpoint()[1]).entry
    with cv.active():
        assert proofs.fetch("nl", (entry,)).entries
    check(cv, nl)
    overseer = stage.people["cv", "overseer"].actor
    with cv.active():
        shown = logbook.entry(1, viewer=overseer)
        assert (shown.trouble, shown.vkey) == (None, second.log_key)
        assert checking.differences() == [], "what a former key signed is still this log's"


def test_what_a_former_key_signs_after_its_time_is_not_cosigned(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(cv, 2)
    size = sequence(cv)
    stolen = signed(cv, size, claimed(served(cv)).root)
    rotate(stage)
    stage.settle()
    late = nl.clock.now() + timedelta(minutes=6)
    with nl.active(), pytest.raises(ComityError) as refused:
        witnesses.add_checkpoint(b"old 0\n\n" + stolen, at=late)
    assert refused.value.code == "registry.checkpoint_not_of_that_log"
    assert hand_in(b"old 0\n\n" + stolen, to=nl, address="/log/add-checkpoint").status_code == 200, (
        "clocks differ a little"
    )


@pytest.mark.parametrize("point", ["made", "announced", "sequenced", "card", "turned"])
def test_a_crash_at_any_point_leaves_a_log_that_goes_on_and_a_change_that_is_completed(stage: Stage, point: str):
    cv = stage.cv
    append_many(cv, 1)
    sequence(cv)
    before = card(cv)
    crash_after(stage, point)
    append_many(cv, 1)
    sequence(cv)
    own = card(cv)
    with cv.active():
        assert log.verifier(cv).vkey == own.log_key, "the key that signs is the one in the card"
    open_checkpoint(served(cv), key=own.all_log_keys[0], origin=cv.log_origin)
    after = rotate(stage)
    assert after.former_log_keys[0].key == before.log_key
    assert keys.next_log_key(cv.folder) is None
    stage.settle()
    with stage.nl.active():
        assert post.peer("cv").log_key in {after.log_key, before.log_key}


def crash_after(stage: Stage, point: str) -> None:
    """Do the steps of a change up to one, and no further."""
    cv, now = stage.cv, stage.cv.clock.now()
    with cv.active():
        new = own_card.next_key(cv)
        if point == "made":
            return
        facts = announcement(log.verifier(cv), new)
        acts.announce_key(facts, actor=entry_of(cv, "amara").actor, at=now)
        if point == "announced":
            return
        log.sequence(at=now)
        if point == "sequenced":
            return
        held = (cv.folder / "keys" / "log").read_bytes(), (cv.folder / "keys" / "log-next").read_bytes()
        own_card.turn(cv, at=now)
        if point == "card":  # the card was handed out, the key file was not renamed yet
            (cv.folder / "keys" / "log").unlink()
            for name, content in zip(("log", "log-next"), held, strict=True):
                keys.write_once(cv.folder / "keys" / name, content)


# What peers refuse


def told(stage: Stage) -> NewLogKey:
    rotate(stage)
    with stage.cv.active():
        row = OutboxRow.objects.filter(subject="log-key").order_by("-id")[0]
    content: JsonObject = json.loads(bytes(row.content))
    return NewLogKey.from_content(content)


def test_a_peer_takes_no_key_that_the_log_did_not_announce_in_its_old_one(stage: Stage):
    cv, nl = stage.cv, stage.nl
    previous = card(cv)
    one = told(stage)
    kind, at = NodeKind(nl.kind), nl.clock.now()
    assert follow(one, previous=previous, own_kind=kind, at=at).log_key != previous.log_key
    with cv.active():
        other = log.prove(0, size=log.sequenced_size(), signed=log.newest_checkpoint()[1])
    changed: list[tuple[Callable[[], NewLogKey], type[ComityError]]] = [
        (lambda: replace(one, entry=other.entry), ProofDoesNotMatch),
        (lambda: replace(one, inclusion=other.inclusion), NoteBroken),
        (lambda: replace(one, card=recarded(cv, one.card, former_log_keys=[])), LogKeyUnexplained),
        (lambda: replace(one, card=recarded(cv, one.card, log_key=foreign(cv))), LogKeyUnexplained),
    ]
    for made, refusal in changed:
        with pytest.raises(refusal):
            follow(made(), previous=previous, own_kind=kind, at=at)


def recarded(node: Node, statement: Statement, **changes: object) -> Statement:
    """The card with other values, signed with the node's own signing key: as somebody would who stole it."""
    with node.active():
        return post.countersign(Statement(type=statement.type, body=statement.body | changes))


def foreign(node: Node) -> str:
    return LogKey.fresh(b"foreign").vkey(node.log_origin)


def test_only_an_administrator_changes_the_key(stage: Stage):
    with untouched(stage.cv), stage.cv.active(), pytest.raises(PowerMissing):
        log_keys.rotate(actor=stage.people["cv", "overseer"].actor, at=stage.cv.clock.now())
    assert card(stage.cv).former_log_keys == ()
