"""A node that lost entries that others hold goes on in a log of another name, or not at all; it never tells two histories."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner

import people
from checker import check
from comity.authorities.statement import Statement
from comity.cli.exporting import export
from comity.cli.keeping import epoch
from comity.cli.story import Stage
from comity.exchange import trust
from comity.exchange.card import NodeCard, read_card
from comity.exchange.log_key import LogKeyUnexplained, NewLogKey, follow
from comity.exchange.trust import LogUnexplained
from comity.exchange.verification import Result, Verification
from comity.ledger import claimed
from comity.registry import log, own_card, post
from comity.registry.act import Node
from comity.registry.checking import differences
from comity.registry.gestures.people import admit
from comity.registry.jobs import backups, epochs, rejoining, restoring, witnesses
from comity.registry.jobs.age_files import recipients
from comity.registry.jobs.rejoining import EpochHalfBegun, HistoryLost
from comity.registry.models import EntryRow, FindingRow, PeerRow, WitnessedRow
from comity.registry.queries import log as log_reads
from comity.registry.witness import EpochHidesEntries
from passkeys import browser
from registry_acts import append_many
from scenes import accepted, opened, recognised, settle, taken_in
from stage import served, staged
from stage import settle as work
from witnessing import Stranger, sequence, witnessed_by

LOST = 5


@dataclass
class Lost:
    """cv, and nl restored from a backup that is older than what cv saw of its log."""

    stage: Stage
    seen: int

    @property
    def nl(self) -> Node:
        return self.stage.nl

    def begun(self) -> NodeCard:
        """nl goes on under another name."""
        with self.nl.active():
            epochs.begin(shown=(), at=self.nl.clock.now())
        self.reopen()
        with self.nl.active():
            return epochs.complete(reason="The disk failed.", at=self.nl.clock.now())

    def reopen(self) -> None:
        self.nl.close()
        again = Node.open(self.nl.folder)
        self.stage = replace(self.stage, nl=again)

    def admitted(self) -> None:
        """The administrators of cv admit the card that nl hands out."""
        cv = self.stage.cv
        card = (self.nl.folder / "card.json").read_bytes()
        pinned = post.own_card(self.nl).fingerprint
        with cv.active():
            admit(card, fingerprint=pinned, actor=people.at(cv, "amara").entry.actor, at=cv.clock.now())

    @contextmanager
    def answering(self) -> Iterator[Stage]:
        """nl answers over HTTP as it is now."""
        with served(self.nl):
            cv, nl = self.stage.cv, self.nl
            yield replace(self.stage, settle=lambda: work(cv, nl))


def backed_up(node: Node, folder: Path) -> restoring.Source:
    tables, keys = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    folder.mkdir()
    with node.active():
        made = backups.make(
            folder,
            to=recipients([str(tables.to_public())]),
            keys_to=recipients([str(keys.to_public())]),
            at=node.clock.now(),
        )
    return restoring.Source(tables=made.tables, keys=made.keys, identities=[tables, keys], erasures=())


def watched(node: Node) -> None:
    with node.active():
        witnesses.watch(at=node.clock.now())


@contextmanager
def restored(tmp_path: Path, stage: Stage, source: restoring.Source, *, seen: int) -> Iterator[Lost]:
    restoring.restore(tmp_path / "again", source, database="restored.sqlite3", vault_from=stage.nl.vault)
    again = Node.open(tmp_path / "again")
    made = Lost(replace(stage, nl=again), seen=seen)
    yield made
    made.nl.close()


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Lost]:
    with staged(tmp_path, image_bytes=100_000, answering=("cv",)) as stage:
        with served(stage.nl):
            taken_in(stage, recognised(stage, opened(stage)))
            source = backed_up(stage.nl, tmp_path / "kept")
            append_many(stage.nl, LOST)
            seen = sequence(stage.nl)
            watched(stage.cv)
        with restored(tmp_path, stage, source, seen=seen) as made:
            yield made


def test_what_is_left_goes_on_under_another_name_and_peers_that_admit_it_watch_it_from_there(lost: Lost):
    cv = lost.stage.cv
    with lost.nl.active():
        with pytest.raises(HistoryLost, match="cv holds this log"):
            rejoining.rejoin(at=lost.nl.clock.now())
        left, end_note = log.newest_checkpoint()
    card = lost.begun()
    assert card.log_origin == "comity.example/log/nl/1"
    assert (card.former_logs[0].ended.size, card.former_logs[0].known.size) == (left, lost.seen)
    with lost.nl.active():
        size, signed = log.newest_checkpoint()
        assert claimed(signed).origin == card.log_origin
        told = EntryRow.objects.get(kind="log.epoch")
        assert told.index is not None
        assert left <= told.index < size
        assert json.loads(bytes(told.body))["facts"]["lost_after"] == lost.seen
        assert card.opened(end_note, at=None)[1].origin == "comity.example/log/nl", "old proofs hold under the new card"
        assert not list(differences())
        assert log_reads.audit(viewer=lost.stage.seat(lost.nl, "overseer").entry.actor).size == size
    check(lost.nl)
    with lost.answering() as stage:
        watched(cv)
        with cv.active():
            assert not FindingRow.objects.exists(), "a log that nobody admitted is no second history"
        lost.admitted()
        with cv.active():
            assert WitnessedRow.objects.get(origin=card.log_origin).size == left
        watched(cv)
        with cv.active():
            assert WitnessedRow.objects.get(origin=card.log_origin).size == size
            assert not FindingRow.objects.exists()
            assert not list(differences())
        witnessed_by(lost.nl, "cv")
        with lost.nl.active():
            assert witnesses.ask(at=lost.nl.clock.now()) == 1
        taken_in(stage, recognised(stage, opened(stage)))
        settle(stage)
    with cv.active():
        assert not FindingRow.objects.exists()


def test_a_log_under_the_new_name_that_does_not_go_on_from_the_end_is_found(lost: Lost):
    cv, card = lost.stage.cv, lost.begun()
    lost.admitted()
    with cv.active():
        row = WitnessedRow.objects.get(origin=card.log_origin)
        WitnessedRow.objects.filter(pk=row.pk).update(root=bytes(32))
    with lost.answering():
        watched(cv)
    with cv.active():
        assert [row.kind for row in FindingRow.objects.all()] == ["rollback"]


def test_a_peer_that_holds_more_than_the_card_names_does_not_admit_it(lost: Lost):
    cv = lost.stage.cv
    with lost.nl.active():
        size, end = log.newest_checkpoint()
        own_card.begin_epoch(lost.nl, end=end, seen=end, at=lost.nl.clock.now())
    with pytest.raises(EpochHidesEntries, match=f"this node holds {lost.seen}"):
        lost.admitted()
    with cv.active():
        assert read_card_of(cv).log_origin == "comity.example/log/nl"
        assert not WitnessedRow.objects.filter(origin="comity.example/log/nl/1").exists()
    assert size < lost.seen


def read_card_of(cv: Node) -> NodeCard:
    return read_card(Statement.from_bytes(bytes(PeerRow.objects.get(node="nl").card)))


def test_what_broke_off_between_the_card_and_the_log_is_ended_and_never_passed_over(lost: Lost):
    with lost.nl.active():
        first = epochs.begin(shown=(), at=lost.nl.clock.now())
    lost.reopen()
    with lost.nl.active():
        with pytest.raises(EpochHalfBegun):
            rejoining.rejoin(at=lost.nl.clock.now())
        with pytest.raises(log.NotRejoined):
            log.sequence(at=lost.nl.clock.now())
    assert lost.begun() == first
    with lost.nl.active():
        assert EntryRow.objects.filter(kind="log.epoch").count() == 1
        with pytest.raises(epochs.NotRestored):
            epochs.begin(shown=(), at=lost.nl.clock.now())


def test_who_admits_the_card_is_told_first_what_is_lost(lost: Lost):
    card, cv = lost.begun(), lost.stage.cv
    with cv.active():
        client = browser(cv)
        assert client.post("/login/demo", {"official": "amara"}).status_code == 302
        page = client.post("/officials/nodes/admit", {"card": (lost.nl.folder / "card.json").read_text()})
    left = card.former_logs[0].ended.size
    told = f"somebody held {lost.seen} of them, and the log with which it goes on begins with {left}"
    assert told in page.content.decode()


def test_where_nothing_is_lost_no_other_log_begins(lost: Lost):
    with lost.stage.cv.active():
        WitnessedRow.objects.all().delete()
    with lost.nl.active():
        with pytest.raises(epochs.NothingLost):
            epochs.begin(shown=(), at=lost.nl.clock.now())
        assert post.own_card(lost.nl).former_logs == ()


def test_a_card_that_leaves_the_end_out_is_not_believed_and_none_comes_without_people(lost: Lost):
    before = post.own_card(lost.nl)
    card = lost.begun()
    with pytest.raises(LogUnexplained):
        trust.admit(
            replace(before, issued_at=card.issued_at + timedelta(seconds=1)),
            own_kind=card.kind,
            pinned_fingerprint=card.fingerprint,
            previous=card,
            at=lost.nl.clock.now(),
        )
    with lost.nl.active():
        placed = log.prove(0, size=log.newest_checkpoint()[0], signed=log.newest_checkpoint()[1])
        told = NewLogKey(card=post.own_card_statement(lost.nl), entry=placed.entry, inclusion=placed.inclusion)
        with pytest.raises(LogKeyUnexplained, match="people have to admit"):
            follow(told, previous=before, own_kind=card.kind, at=lost.nl.clock.now())


def test_what_a_witness_only_says_has_to_be_shown_and_the_command_takes_it(lost: Lost, tmp_path: Path):
    with lost.stage.cv.active():
        shown = bytes(WitnessedRow.objects.get(origin="comity.example/log/nl").note)
        WitnessedRow.objects.all().delete()
    (tmp_path / "seen").write_bytes(shown)
    with Stranger().serving() as strange:
        strange.held["comity.example/log/nl"] = (lost.seen, "")
        witnessed_by(lost.nl, needed=1, others=((strange.url, strange.vkey),))
        typed = ["--node", str(lost.nl.folder), "--json", "--reason", "The disk failed."]
        refused = CliRunner().invoke(epoch, typed)
        assert "no checkpoint of that size is at hand" in str(refused.exception)
        done = CliRunner().invoke(epoch, [*typed, "--seen", str(tmp_path / "seen")])
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["lost_after"] == lost.seen


def test_what_a_peer_lost_does_not_keep_an_item_from_being_exported(tmp_path: Path):
    """Its receipts for what it lost prove nothing under the log that goes on, and stay out."""
    with staged(tmp_path, image_bytes=100_000, answering=("cv",)) as stage:
        with served(stage.nl):
            letter = recognised(stage, opened(stage))
            source = backed_up(stage.nl, tmp_path / "kept")
            item = taken_in(stage, letter)
            accepted(stage, item)
            seen = sequence(stage.nl)
            watched(stage.cv)
        with restored(tmp_path, stage, source, seen=seen) as lost:
            lost.begun()
            lost.admitted()
            bundle = tmp_path / "evidence.bundle"
            with lost.answering(), stage.cv.active():
                seat = stage.seat(stage.cv, "custodian")
                export(item, bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
    steps = {
        one.step: one
        for one in Verification(io.BytesIO(bundle.read_bytes()), pinned={}, key=None, progress=unheard).steps()
    }
    assert Result.FAILS not in {one.result for one in steps.values()}
    assert "evidence.accept" not in " ".join(steps["receipts"].details)
    assert any("comity.example/log/nl/1" in one for one in steps["logs"].details)


def unheard(_: int) -> None:
    """Nobody listens to the progress."""
