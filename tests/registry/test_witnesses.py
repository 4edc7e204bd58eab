"""Two nodes vouch for one another's logs: what grows is cosigned, whoever asks, crashes or races."""

from datetime import timedelta

import pytest

from checker import check, untouched
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.ledger import (
    Quorum,
    Submission,
    claimed,
    cosigners,
    open_checkpoint,
)
from comity.ledger.note import VerifierKey
from comity.registry import log, witness
from comity.registry.jobs import witnesses
from comity.registry.log import ClockWentBack
from comity.registry.models import CheckpointRow, WitnessRow
from comity.registry.queries import log as reads
from comity.registry.vouching import VouchingBroken
from couriers import CLIENT, card, hand_in
from registry_acts import append_many, append_one
from vouchers import ADD, ask, findings, held, served, submission
from witnessing import Stranger, sequence, witnessed_by

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
