"""A log that was rewritten, forked or lost entries: proven, told to both nodes, and closed by an overseer."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from checker import check, untouched
from comity.authorities.roles import PowerMissing
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.ledger import (
    Fork,
    claimed,
    verify_fork,
)
from comity.letters.life import Step
from comity.registry import post
from comity.registry.act import Node
from comity.registry.actions import witnesses as acts
from comity.registry.jobs import witnesses, worker
from comity.registry.log import HistoryInDoubt
from comity.registry.models import (
    CheckpointRow,
    EntryRow,
    FindingRow,
    InboxRow,
    LetterRow,
    PeerRow,
    TileRow,
    WitnessedRow,
    WorkRow,
)
from comity.registry.rows import Inbound
from couriers import card, hand_in
from desks import at_desk
from live import unfounded
from registry_acts import append_many
from scenes import opened, received, stepped
from stage import served as served_by
from stage import settle
from tampering import found_after
from tampering import other as other_name
from vouchers import ADD, ask, findings, held, served, watch
from witnessing import rewrite, sequence, signed, witnessed_by

# Two histories


def seen_by_cv(stage: Stage) -> int:
    """cv has seen nl's log, and everybody has done what was due."""
    append_many(stage.nl, 5)
    size = sequence(stage.nl)
    watch(stage.cv)
    assert held(stage.cv, stage.nl) is not None
    return size


def proven_for_both(stage: Stage, *, kind: str) -> FindingRow:
    """cv kept one finding, the log of each node tells of it, and nl heard of it."""
    settle(stage.cv)
    settle_quietly(stage.nl)
    (at_cv,), (at_nl,) = findings(stage.cv), findings(stage.nl)
    assert (at_cv.kind, at_cv.peer, at_cv.origin) == (kind, "nl", stage.nl.log_origin)
    assert (at_nl.digest, at_nl.origin, at_nl.found_by) == (at_cv.digest, at_cv.origin, "cv")
    for node, entry in ((stage.cv, f"log.{kind}"), (stage.nl, f"log.{at_nl.kind}.received")):
        with node.active():
            assert EntryRow.objects.filter(kind=entry).count() == 1
    return at_cv


def settle_quietly(node: Node) -> None:
    """Do what is due on a node that signs nothing any more."""
    with node.active():
        while worker.one(at=node.clock.now()):
            pass


def test_two_trees_of_one_size_are_kept_as_proof_and_both_nodes_know(stage: Stage):
    size = seen_by_cv(stage)
    other = signed(stage.nl, size, b"\x11" * 32)
    for _ in range(2):
        answer = hand_in(b"old %d\n\n" % size + other, to=stage.cv, address=ADD)
        assert (answer.status_code, answer.content) == (409, b"%d\n" % size)
    found = proven_for_both(stage, kind="fork")
    assert found.proven
    proof = Fork.from_record(json.loads(bytes(found.record)))
    assert verify_fork(proof, keys=card(stage.nl).all_log_keys, origin=stage.nl.log_origin)[0].size == size
    check(stage.cv)
    assert found_after(stage.cv, "findingrow", "reference", other_name), "whoever takes a finding away is named"
    assert found_after(stage.cv, "findingrow", "settled_at", lambda _held: "2026-11-23 09:00:00+00:00")


def test_a_history_that_was_rewritten_and_grew_is_proven_from_the_logs_own_tiles(stage: Stage):
    size = seen_by_cv(stage)
    rewrite(stage.nl, more=4)
    watch(stage.cv)
    found = proven_for_both(stage, kind="fork")
    proof = Fork.from_record(json.loads(bytes(found.record)))
    assert proof.path, "trees of two sizes need a path"
    heads = verify_fork(proof, keys=card(stage.nl).all_log_keys, origin=stage.nl.log_origin)
    assert [one.size for one in heads] == [size, size + 4]
    assert held(stage.cv, stage.nl) == (size, heads[0].root), "what was seen first stays"


def test_another_view_that_somebody_else_holds_is_found_too(stage: Stage):
    size = seen_by_cv(stage)
    with stage.cv.active():
        kind = witnesses.compare(signed(stage.nl, size, b"\x22" * 32), card=card(stage.nl), at=stage.cv.clock.now())
        assert kind == "fork"
        older = claimed(served(stage.nl))
        assert witnesses.compare(served(stage.nl), card=card(stage.nl), at=stage.cv.clock.now()) == ""
    assert older.size == size
    assert len(findings(stage.cv)) == 1


def admit(node: Node, *, at: Node) -> None:
    """One node knows the other, as after a pairing."""
    statement = post.own_card_statement(node)
    with at.active():
        PeerRow.objects.create(
            node=node.id,
            fingerprint=card(node).fingerprint,
            card=statement.to_bytes(),
            admitted_at=at.clock.now(),
        )


def test_a_log_that_shows_each_of_its_readers_another_history_is_found_when_they_compare(stage: Stage, tmp_path: Path):
    cv, nl = stage.cv, stage.nl
    size = seen_by_cv(stage)
    other = signed(nl, size, b"\x66" * 32)
    third = unfounded(tmp_path / "third", id_="xk", kind="demo")
    try:
        with served_by(third):
            admit(third, at=cv)
            admit(nl, at=third)
            head = claimed(other)
            with third.active():
                WitnessedRow.objects.create(
                    origin=nl.log_origin, size=head.size, root=head.root, note=other, at=third.clock.now()
                )
            watch(cv)
    finally:
        third.close()
    (found,) = findings(cv)
    assert (found.kind, found.peer, found.proven) == ("fork", "nl", True)


def restore_older_tables(node: Node, *, size: int) -> None:
    """As a backup of that moment had them."""
    with node.active():
        CheckpointRow.objects.filter(size__gt=size).delete()
        EntryRow.objects.filter(index__gte=size).delete()
        for row in TileRow.objects.all():
            row.hashes = bytes(row.hashes)[: 32 * size]
            row.save()


def test_a_log_that_lost_entries_is_seen_by_others_and_signs_nothing_more(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(nl, 2)
    before = sequence(nl)
    size = seen_by_cv(stage)
    assert size > before
    restore_older_tables(nl, size=before)
    watch(cv)
    found = proven_for_both(stage, kind="rollback")
    assert not found.proven, "nobody else has to believe it"
    assert findings(nl)[0].kind == "rollback", "but its own key signed more than it has"
    append_many(nl, 1)
    with pytest.raises(HistoryInDoubt):
        sequence(nl)


def test_a_log_that_lost_entries_hears_it_from_its_witness(stage: Stage):
    cv, nl = stage.cv, stage.nl
    witnessed_by(nl, "cv")
    append_many(nl, 2)
    before = sequence(nl)
    append_many(nl, 3)
    sequence(nl)
    assert ask(nl) == 1
    restore_older_tables(nl, size=before)
    assert ask(nl, later=timedelta(hours=1)) == 0
    assert [(one.kind, one.peer) for one in findings(nl)] == [("rollback", "")]
    append_many(nl, 1)
    with pytest.raises(HistoryInDoubt):
        sequence(nl)
    assert findings(cv) == []


def test_what_is_no_proof_about_the_own_log_changes_nothing(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(nl, 3)
    before = served(nl)
    append_many(nl, 3)
    sequence(nl)
    inbound = Inbound(sender="cv", message="0" * 32, digest="1" * 64, subject="log-finding")
    records = [
        Fork(earlier=before, later=served(nl), path=[]).as_record(),
        Fork(earlier=served(cv), later=served(cv), path=[]).as_record(),
        {"earlier": "", "later": "", "path": []},
    ]
    with untouched(nl), nl.active():
        for kind in ("fork", "rollback"):
            for record in records:
                with pytest.raises(ComityError):
                    witnesses.arrived(inbound, kind, record, at=nl.clock.now())


def events_at(node: Node) -> list[str]:
    """The letters of which the other side told this node a step."""
    with node.active():
        rows = InboxRow.objects.filter(subject="event").order_by("id")
        return [row.letter.digest for row in rows if row.letter is not None]


def test_from_a_node_in_quarantine_only_what_is_urgent_comes_in_until_an_overseer_ends_it(stage: Stage):
    cv, nl = stage.cv, stage.nl
    case = opened(stage)
    plain, urgent = received(stage, case), received(stage, case)
    for node in (cv, nl):
        with node.active():
            LetterRow.objects.filter(digest=urgent).update(urgent=True)
            LetterRow.objects.filter(digest=plain).update(urgent=False)
    seen = seen_by_cv(stage)
    hand_in(b"old %d\n\n" % seen + signed(nl, seen, b"\x33" * 32), to=cv, address=ADD)
    for letter in (plain, urgent):  # the one that waits does not hold up the one that may not
        stepped(stage.seat(nl, "liaison"), letter, Step.ACKNOWLEDGE)
    settle_quietly(nl)
    assert events_at(cv) == [urgent]
    with nl.active():
        (waiting,) = WorkRow.objects.filter(kind="deliver", state="open", lane="peer:cv")
        assert "425" in waiting.trouble
    with cv.active():
        assert not EntryRow.objects.filter(kind="message.refuse").exists(), "what waits is not refused"
        (row,) = FindingRow.objects.all()
        seats = {role: stage.people["cv", role].actor for role in ("overseer", "liaison")}
        with pytest.raises(PowerMissing):
            acts.settle_finding(row.reference, reason="mine", actor=seats["liaison"], at=cv.clock.now())
        acts.settle_finding(row.reference, reason="the key was replaced", actor=seats["overseer"], at=cv.clock.now())
        with pytest.raises(acts.NoSuchFinding):
            acts.settle_finding(row.reference, reason="again", actor=seats["overseer"], at=cv.clock.now())
    with nl.active():
        while worker.one(at=waiting.due_at):
            pass
    assert events_at(cv) == [urgent, plain]


def closed_by_its_overseer(stage: Stage, node: Node) -> None:
    with node.active():
        (row,) = FindingRow.objects.filter(settled_at=None)
        overseer = stage.people[node.id, "overseer"].actor
        acts.settle_finding(row.reference, reason="explained", actor=overseer, at=node.clock.now())


def with_junk(note: bytes, number: int) -> bytes:
    """The same note with the signature line of nobody in particular."""
    return note + f"— stranger.example/{number} AAAA{number:04d}\n".encode()


def test_a_finding_is_one_finding_whatever_is_added_to_its_notes_and_stays_closed(stage: Stage):
    cv, nl = stage.cv, stage.nl
    size = seen_by_cv(stage)
    other = signed(nl, size, b"\x11" * 32)

    def shown_again() -> None:
        for number in range(3):
            assert hand_in(b"old %d\n\n" % size + with_junk(other, number), to=cv, address=ADD).status_code == 409

    shown_again()
    assert len(findings(cv)) == 1
    closed_by_its_overseer(stage, cv)
    shown_again()
    assert len(findings(cv)) == 1
    hand_in(b"old %d\n\n" % size + signed(nl, size, b"\x12" * 32), to=cv, address=ADD)
    assert len(findings(cv)) == 2, "a third history is another finding"


def test_a_log_whose_finding_was_closed_is_believed_again_as_it_shows_itself_then(stage: Stage):
    cv, nl = stage.cv, stage.nl
    seen_by_cv(stage)
    for more in (2, 2):  # the log grows on: no finding more
        rewrite(nl, more=more)
        watch(cv)
    assert len(findings(cv)) == 1
    closed_by_its_overseer(stage, cv)
    watch(cv)
    head = claimed(served(nl))
    assert held(cv, nl) == (head.size, head.root)
    assert len(findings(cv)) == 1
    hand_in(b"old %d\n\n" % head.size + signed(nl, head.size, b"\x13" * 32), to=cv, address=ADD)
    assert len(findings(cv)) == 2, "and only once"


def test_what_an_overseer_closed_about_the_own_log_stops_it_no_more(stage: Stage):
    nl = stage.nl
    witnessed_by(nl, "cv")
    append_many(nl, 2)
    before = sequence(nl)
    append_many(nl, 3)
    sequence(nl)
    assert ask(nl) == 1
    lost = served(nl)
    restore_older_tables(nl, size=before)
    assert ask(nl, later=timedelta(hours=1)) == 0
    closed_by_its_overseer(stage, nl)
    sequence(nl)
    assert ask(nl, later=timedelta(hours=2)) == 0
    inbound = Inbound(sender="cv", message="0" * 32, digest="1" * 64, subject="log-finding")
    with nl.active():
        record = Fork(earlier=served(nl), later=lost, path=[]).as_record()
        witnesses.arrived(inbound, "rollback", record, at=nl.clock.now())
    assert len(findings(nl)) == 1
    append_many(nl, 1)
    assert sequence(nl) > before


def test_the_end_of_a_decision_or_of_an_item_comes_through_a_quarantine(stage: Stage):
    seen = seen_by_cv(stage)
    hand_in(b"old %d\n\n" % seen + signed(stage.nl, seen, b"\x33" * 32), to=stage.cv, address=ADD)
    with stage.cv.active():
        for subject in ("lapse", "erasure"):
            witnesses.hold_not_quarantined("nl", subject=subject, content={})
        with pytest.raises(witnesses.PeerQuarantined):
            witnesses.hold_not_quarantined("nl", subject="event", content={})


# The overseer's page


def test_an_overseer_reads_what_was_found_takes_the_proof_along_and_closes_it(stage: Stage):
    seen = seen_by_cv(stage)
    witnessed_by(stage.cv, "nl")
    sequence(stage.cv)
    assert ask(stage.cv) == 1
    with stage.cv.active():
        browser = at_desk(stage, stage.cv, "overseer")
        page = browser.get("/oversight/vouching").content.decode()
        assert "comity.example/witness/nl" in page
        assert "No log has shown two histories" in page
        hand_in(b"old %d\n\n" % seen + signed(stage.nl, seen, b"\x44" * 32), to=stage.cv, address=ADD)
        page = browser.get("/oversight/vouching").content.decode()
        assert "A log signed two histories" in page
        (found,) = json.loads(browser.get("/oversight/vouching/findings.json").content)["findings"]
        proof = Fork.from_record(found["finding"])
        assert verify_fork(proof, keys=card(stage.nl).all_log_keys, origin=stage.nl.log_origin)
        answer = browser.post("/oversight/vouching", {"finding": found["reference"], "reason": ""})
        assert answer.status_code == 422
        assert findings(stage.cv)[0].settled_at is None
        told = {"finding": found["reference"], "reason": "They replaced the key by hand, and told us on the telephone."}
        assert browser.post("/oversight/vouching", told).status_code == 302
        assert findings(stage.cv)[0].settled_at is not None
        assert "Findings that were closed" in browser.get("/oversight/vouching").content.decode()
        assert json.loads(browser.get("/oversight/vouching/time-stamps.json").content) == {"time_stamps": []}
        assert at_desk(stage, stage.cv, "liaison").get("/oversight/vouching").status_code == 404
