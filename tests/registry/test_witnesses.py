"""Two nodes vouch for one another's logs: what grows is cosigned, what was rewritten is proven and told to both."""

import json
from datetime import timedelta

import pytest

from checker import check, untouched
from comity.authorities.roles import PowerMissing
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.ledger import (
    Fork,
    Quorum,
    Submission,
    claimed,
    consistency_proof,
    cosigners,
    open_checkpoint,
    verify_fork,
)
from comity.ledger.note import VerifierKey
from comity.registry import log, witness
from comity.registry.act import Node
from comity.registry.actions import witnesses as acts
from comity.registry.jobs import witnesses, worker
from comity.registry.log import ClockWentBack, HistoryInDoubt
from comity.registry.models import CheckpointRow, EntryRow, FindingRow, TileRow, WitnessRow
from comity.registry.queries import log as reads
from comity.registry.rows import Inbound
from comity.registry.vouching import VouchingBroken
from couriers import CLIENT, card, hand_in
from desks import at_desk
from registry_acts import append_many, append_one
from scenes import opened, sent
from stage import settle
from witnessing import Stranger, rewrite, sequence, signed, witnessed_by

ADD = "/log/add-checkpoint"


def ask(node: Node, *, later: timedelta = timedelta()) -> int:
    with node.active():
        return witnesses.ask(at=node.clock.now() + later)


def watch(node: Node) -> None:
    with node.active():
        witnesses.watch(at=node.clock.now())


def served(node: Node) -> bytes:
    answer = CLIENT.get(f"{node.url}/log/checkpoint")
    assert answer.status_code == 200
    return answer.content


def held(node: Node, of: Node) -> tuple[int, bytes] | None:
    with node.active():
        row = witness.held(of.log_origin)
        return (row.size, bytes(row.root)) if row else None


def findings(node: Node) -> list[FindingRow]:
    with node.active():
        return list(FindingRow.objects.order_by("id"))


def submission(node: Node, *, old: int) -> bytes:
    """What a node's log sends to a witness that holds it at `old`."""
    with node.active():
        size, note = log.newest_checkpoint()
        proof = consistency_proof(size1=old, size2=size, hash_at=log.hash_at(size)) if 0 < old < size else []
    return Submission(old=old, proof=proof, checkpoint=note).to_bytes()


# Cosigning


def test_what_a_peer_cosigned_is_served_counts_for_strangers_and_grows_by_proofs(stage: Stage):
    cv, nl = stage.cv, stage.nl
    witnessed_by(cv, "nl")
    for _ in range(3):
        append_many(cv, 3)
        size = sequence(cv)
        assert ask(cv) == 1
        found = Quorum(needed=1, witnesses=(card(nl).witness,)).hold(served(cv))
        assert [one.witness for one in found] == ["comity.example/witness/nl"]
        assert abs(found[0].at - nl.clock.now()) < timedelta(minutes=1)
        assert open_checkpoint(served(cv), key=VerifierKey.parse(card(cv).log_key), origin=cv.log_origin).size == size
        assert held(nl, cv) == (size, claimed(served(cv)).root)
    assert ask(cv) == 0, "one signature of each witness is enough"
    assert CLIENT.get(f"{nl.url}/log/witnessed/cv").content == served(cv)
    with cv.active():
        proven = reads.proof(1, viewer=stage.people["cv", "overseer"].actor)
    assert cosigners(proven["inclusion"]["checkpoint"].encode(), [card(nl).witness]), "proofs carry the cosignatures"
    check(cv, nl)


def test_a_crash_after_remembering_costs_one_more_request_and_nothing_else(stage: Stage):
    cv, nl = stage.cv, stage.nl
    witnessed_by(cv, "nl")
    append_many(cv, 2)
    size = sequence(cv)
    with nl.active():  # nl remembered, and died before its answer was sent
        witness.add_checkpoint(submission(cv, old=0), at=nl.clock.now())
    assert held(nl, cv) == (size, claimed(served(cv)).root)
    assert cosigners(served(cv), [card(nl).witness]) == ()
    assert ask(cv) == 1
    assert len(cosigners(served(cv), [card(nl).witness])) == 1
    assert findings(cv) == findings(nl) == []


def test_of_requests_that_race_one_is_remembered_and_the_other_hears_of_it(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(cv, 1)
    first = submission(cv, old=0) if sequence(cv) else b""
    append_many(cv, 1)
    sequence(cv)
    second = submission(cv, old=0)
    with nl.active():
        witness.add_checkpoint(second, at=nl.clock.now())
        late = witness.opened(Submission.from_bytes(first).checkpoint, card=card(cv), at=nl.clock.now())
        with pytest.raises(ComityError) as refused:  # it was judged before the other was remembered
            witness.remember(late, note=first, before=None, at=nl.clock.now())
    assert refused.value.code == "ledger.held_at_another_size"
    assert held(nl, cv) == (claimed(served(cv)).size, claimed(served(cv)).root)


def test_a_witness_answers_as_the_specification_has_it(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(cv, 2)
    size = sequence(cv)
    good = submission(cv, old=0)
    _, _, note = good.partition(b"\n\n")
    forged = note.replace(note.split(b" ")[-1][8:12], b"AAAA")
    stranger = note.replace(b"comity.example/log/cv", b"comity.example/log/xy")
    with untouched(cv, nl):
        for data, status in (
            (b"", 400),
            (b"old 0\n", 400),
            (b"old 01\n\n" + note, 400),
            (b"old %d\n\n" % (size + 1) + note, 400),
            (b"old 0\n\n" + note[:-20], 400),
            (b"x" * 200_000, 400),
            (b"old 0\n\n" + stranger, 404),
            (b"old 0\n\n" + forged, 403),
            (b"old 0\n" + b"A" * 43 + b"=\n\n" + note, 422),
        ):
            assert hand_in(data, to=nl, address=ADD).status_code == status, data[:60]
        conflict = hand_in(b"old 1\n\n" + note, to=nl, address=ADD)
        assert (conflict.status_code, conflict.content) == (409, b"0\n")
        assert conflict.headers["Content-Type"] == "text/x.tlog.size"
        assert CLIENT.get(f"{nl.url}{ADD}").status_code == 405
        assert CLIENT.get(f"{nl.url}/log/witnessed/cv").status_code == 404
    answer = hand_in(good, to=nl, address=ADD)
    assert answer.status_code == 200
    assert len(cosigners(note + answer.content, [card(nl).witness])) == 1
    assert hand_in(good, to=nl, address=ADD).content == b"%d\n" % size
    append_many(cv, 3)
    sequence(cv)
    head, _, grown = submission(cv, old=size).partition(b"\n\n")
    broken = b"\n".join([*head.split(b"\n")[:-1], b"A" * 43 + b"="])
    assert hand_in(broken + b"\n\n" + grown, to=nl, address=ADD).status_code == 422
    assert held(nl, cv) == (size, claimed(note).root), "what is refused is not remembered"
    assert hand_in(head + b"\n\n" + grown, to=nl, address=ADD).status_code == 200


def test_a_witness_of_another_house_is_asked_and_counted(stage: Stage):
    cv, stranger = stage.cv, Stranger()
    with stranger.serving():
        witnessed_by(cv, "nl", needed=2, others=((stranger.url, stranger.vkey),))
        for _ in range(2):
            append_many(cv, 2)
            sequence(cv)
            assert ask(cv) == 2
            with cv.active():
                trusted = Quorum(needed=2, witnesses=tuple(one.key for one in witnesses.asked()))
            assert {one.witness for one in trusted.hold(served(cv))} == {stranger.name, "comity.example/witness/nl"}
        old = [int(one.split("\n")[0].removeprefix("old ")) for one in stranger.asked]
        assert old[0] == 0
        assert old[1] > 0, "the second time with a proof"


@pytest.mark.parametrize(("mood", "why"), [("busy", "HTTP 503"), ("vain", "no signature line"), ("other", "9999999")])
def test_a_witness_that_does_not_cosign_is_left_alone_for_longer_and_longer(stage: Stage, mood: str, why: str):
    cv, stranger = stage.cv, Stranger(mood=mood)
    with stranger.serving():
        witnessed_by(cv, others=((stranger.url, stranger.vkey),))
        append_many(cv, 1)
        sequence(cv)
        pauses: list[timedelta] = []
        for _ in range(3):
            at = timedelta(hours=len(pauses))
            assert ask(cv, later=at) == 0
            with cv.active():
                row = WitnessRow.objects.get()
            pauses.append(row.next_at - cv.clock.now() - at)
            assert why in row.trouble
            assert ask(cv, later=at) == 0, "not before the pause is over"
        assert pauses == sorted(pauses)
        asked = len(stranger.asked)
        stranger.mood, stranger.held = "honest", {}
        assert ask(cv, later=timedelta(hours=9)) == 1
        assert len(stranger.asked) > asked
    assert findings(cv) == [], "a number that a stranger names proves nothing"


def test_a_checkpoint_that_witnesses_have_not_seen_waits_a_minute_before_it_is_served(stage: Stage):
    cv = stage.cv
    witnessed_by(cv, "nl")
    append_many(cv, 1)
    size = sequence(cv)
    ask(cv)
    append_many(cv, 1)
    sequence(cv)
    assert claimed(served(cv)).size == size, "the newest one that was cosigned"
    with cv.active():
        newest = CheckpointRow.objects.order_by("-size")[0]
        newest.at += timedelta(minutes=2)
        newest.save()
    assert claimed(served(cv)).size == size + 1, "witnesses are silent: the log goes on"


@pytest.mark.parametrize(
    "told",
    [
        *("needed = 2\npeers = ['nl']\nothers = []", "needed = 0\npeers = ['cv']\nothers = []", "needed = 1"),
        "needed = 1\npeers = []\nothers = [{url = 'http://witness.example', key = 'x'}]",
        "needed = 0\npeers = ['nl', 'nl']\nothers = []",
    ],
)
def test_a_policy_that_cannot_hold_is_refused(stage: Stage, told: str):
    path = stage.cv.folder / "node.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[witnesses]\n{told}\n", encoding="utf-8")
    with pytest.raises(VouchingBroken):
        ask(stage.cv)


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


def test_only_proof_puts_a_node_into_quarantine_and_an_overseer_ends_it(stage: Stage):
    cv, nl = stage.cv, stage.nl
    seen = seen_by_cv(stage)
    sent(stage, opened(stage))
    hand_in(b"old %d\n\n" % seen + signed(nl, seen, b"\x33" * 32), to=cv, address=ADD)
    settle_quietly(cv)
    with cv.active():
        with pytest.raises(witnesses.PeerQuarantined):
            witnesses.hold_not_quarantined("nl", subject="event", content={})
        with pytest.raises(witnesses.PeerQuarantined):
            witnesses.hold_not_quarantined("nl", subject="letter", content={"letter": {"body": {"urgent": False}}})
        witnesses.hold_not_quarantined("nl", subject="letter", content={"letter": {"body": {"urgent": True}}})
        witnesses.hold_not_quarantined("nl", subject="receipt", content={})
        (row,) = FindingRow.objects.all()
        seats = {role: stage.people["cv", role].actor for role in ("overseer", "liaison")}
        with pytest.raises(PowerMissing):
            acts.settle_finding(row.reference, reason="mine", actor=seats["liaison"], at=cv.clock.now())
        acts.settle_finding(row.reference, reason="the key was replaced", actor=seats["overseer"], at=cv.clock.now())
        witnesses.hold_not_quarantined("nl", subject="event", content={})
        with pytest.raises(acts.NoSuchFinding):
            acts.settle_finding(row.reference, reason="again", actor=seats["overseer"], at=cv.clock.now())


# The clock


def test_a_clock_that_went_back_writes_and_signs_nothing(stage: Stage):
    cv, nl = stage.cv, stage.nl
    append_many(cv, 1)
    sequence(cv)
    good = submission(cv, old=0)
    assert hand_in(good, to=nl, address=ADD).status_code == 200
    append_many(cv, 1)
    early = cv.clock.now() - timedelta(minutes=6)
    with untouched(cv), cv.active():
        with pytest.raises(ClockWentBack):
            log.sequence(at=early)
        with pytest.raises(ClockWentBack):
            append_one(1, actor=cv.machine("tests"), at=early)
    assert sequence(cv) == claimed(Submission.from_bytes(good).checkpoint).size + 1
    grown = submission(cv, old=claimed(Submission.from_bytes(good).checkpoint).size)
    with untouched(nl), nl.active(), pytest.raises(ClockWentBack):
        witness.add_checkpoint(grown, at=nl.clock.now() - timedelta(minutes=6))
    assert hand_in(grown, to=nl, address=ADD).status_code == 200


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
