"""The log of a node: one chain whoever sequences it, served as what it is; what was changed is found."""

import hashlib
import threading
from collections.abc import Callable

import httpx
import pytest

from checker import check, checkpoint, mth, table
from comity.cli.story import Stage, run
from comity.errors import ComityError
from comity.ledger import TILE_WIDTH, Entry, NoteBroken, claimed, sign_note, verify_logged
from comity.ledger.note import VerifierKey
from comity.ledger.proof import ProofDoesNotMatch
from comity.registry import log
from comity.registry.act import Node
from comity.registry.jobs import proofs, witnesses
from comity.registry.jobs.proofs import NotLoggedYet
from comity.registry.log import LogDisagrees
from comity.registry.models import CheckpointRow, CosignatureRow, EntryRow, FindingRow, ReceiptRow, TileRow
from comity.registry.queries import log as reads
from comity.registry.queries.log import LogDamaged
from couriers import CLIENT, card
from keys import LogKey
from log_checker import LogChecker, cosignature_covers
from registry_acts import append_many
from scenes import World
from witnessing import rewrite, witnessed_by


def served(node: Node, path: str) -> bytes:
    """A public file of a node's log."""
    answer: httpx.Response = CLIENT.get(f"{node.url}{path}")
    assert answer.status_code == 200, path
    return answer.content


def leaves(node: Node) -> list[bytes]:
    """The leaf hashes that have their place, read from the bodies."""
    with node.active():
        rows = sorted((row for row in table("entryrow") if row["index"] is not None), key=lambda row: row["index"])
    return [hashlib.sha256(b"\x00" + row["body"]).digest() for row in rows]


def sequence(node: Node) -> int:
    with node.active():
        return log.sequence(at=node.clock.now())


# One chain


def test_sequencers_that_race_give_one_chain_without_gaps(stage: Stage):
    node, placed, stopping = stage.cv, [], threading.Event()

    def work() -> None:
        while not stopping.is_set():
            placed.append(sequence(node))
        placed.append(sequence(node))
        node.close()

    sequence(node)
    before = len(leaves(node))
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        append_many(node, 8)
    stopping.set()
    for thread in threads:
        thread.join()
    assert sum(placed) == 40, "each entry was placed once, by one of them"
    assert len(leaves(node)) == before + 40
    check(node)


def test_a_log_grows_over_the_width_of_a_tile_and_holds(stage: Stage):
    node = stage.cv
    sequence(node)
    before = len(leaves(node))
    append_many(node, TILE_WIDTH)
    sequence(node)
    append_many(node, 5)
    sequence(node)
    total = before + TILE_WIDTH + 5
    found = leaves(node)
    assert len(found) == total
    check(node)
    assert served(node, "/log/tile/0/000") == b"".join(found[:TILE_WIDTH])
    assert served(node, f"/log/tile/0/001.p/{total - TILE_WIDTH}") == b"".join(found[TILE_WIDTH:])
    assert served(node, "/log/tile/1/000.p/1") == mth(found[:TILE_WIDTH])
    assert CLIENT.get(f"{node.url}/log/tile/0/001").status_code == 404, "the tile is not full yet"
    for index in (0, before, TILE_WIDTH - 1, TILE_WIDTH, total - 1):
        viewer = stage.people["cv", "overseer"].actor
        with node.active():
            record = reads.proof(index, viewer=viewer)
            size, signed = log.newest_checkpoint()
            placed = log.prove(index, size=size, signed=signed)
        key = VerifierKey.parse(record["vkey"])
        assert verify_logged(placed.entry, placed.inclusion, key=key, origin=key.name).size == total


def test_more_entries_than_a_batch_holds_get_their_places_in_several(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "BATCH_ENTRIES_MAX", 3)
    while sequence(stage.cv):
        pass
    append_many(stage.cv, 8)
    assert [sequence(stage.cv) for _ in range(4)] == [3, 3, 2, 0]
    check(stage.cv)


def test_nothing_new_signs_nothing_new(stage: Stage):
    sequence(stage.cv)
    with stage.cv.active():
        before = CheckpointRow.objects.count()
    assert sequence(stage.cv) == 0
    with stage.cv.active():
        assert CheckpointRow.objects.count() == before


# What is served


def test_the_checkpoint_opens_with_the_key_in_the_card_and_signs_the_root_of_all_entries(world: World):
    for node in (world.stage.cv, world.stage.nl):
        sequence(node)
        size, root = checkpoint(node, served(node, "/log/checkpoint"))
        assert (size, root) == (len(leaves(node)), mth(leaves(node)))
        assert card(node).log_key.startswith(node.log_origin)


def test_the_tiles_that_are_served_are_those_of_a_tree_built_anew(world: World):
    node = world.stage.cv
    sequence(node)
    found = leaves(node)
    for width in (1, len(found) // 2, len(found) % TILE_WIDTH):
        assert served(node, f"/log/tile/0/000.p/{width}") == b"".join(found[:width])


def test_a_leaf_is_found_by_its_hash_only(world: World):
    node = world.stage.cv
    sequence(node)
    found = leaves(node)
    for index in (0, len(found) - 1):
        assert CLIENT.get(f"{node.url}/log/leaf/{found[index].hex()}").json() == {"index": index}


def test_what_is_served_says_nothing_of_any_entry(world: World):
    """Hashes, sizes and signatures; no kind, no name, no time."""
    node = world.stage.cv
    text = served(node, "/log/checkpoint").decode()
    assert len(text.split("\n")) == 6
    assert world.case not in text
    assert "letter" not in text


# Proofs between nodes


def received_entries(world: World) -> list[Entry]:
    """Entries of nl's log that its receipts at cv name."""
    with world.stage.cv.active():
        return [Entry.from_bytes(bytes(row.entry)) for row in ReceiptRow.objects.order_by("id")]


def test_every_receipt_is_proven_in_the_other_nodes_log_over_its_public_addresses(world: World):
    entries = received_entries(world)
    assert len(entries) > 3
    sequence(world.stage.nl)
    with world.stage.cv.active():
        proven = proofs.fetch("nl", tuple(entries))
    theirs = card(world.stage.nl)
    key = VerifierKey.parse(theirs.log_key)
    assert [entry for entry, _ in proven.entries] == entries
    for entry, inclusion in proven.entries:
        assert inclusion.checkpoint == proven.checkpoint
        verify_logged(entry, inclusion, key=key, origin=theirs.log_origin)


def test_an_entry_that_a_peer_did_not_log_is_not_proven(world: World):
    from dataclasses import replace

    entry = replace(received_entries(world)[0], salt="0" * 64)
    with world.stage.cv.active(), pytest.raises(NotLoggedYet):
        proofs.fetch("nl", (entry,))


# Damage


def change_body(row: EntryRow) -> None:
    row.body = bytes(row.body).replace(b"case.opened", b"case.closed").replace(b"node.founded", b"node.foundet")
    row.save(update_fields=["body"])


def change_body_and_leaf(row: EntryRow) -> None:
    change_body(row)
    row.leaf_hash = hashlib.sha256(b"\x00" + bytes(row.body)).digest()
    row.save(update_fields=["leaf_hash"])


def delete(row: EntryRow) -> None:
    row.delete()


def exchange(row: EntryRow) -> None:
    other = EntryRow.objects.get(index=1)
    EntryRow.objects.filter(id=other.id).update(index=None)
    EntryRow.objects.filter(id=row.id).update(index=1)
    EntryRow.objects.filter(id=other.id).update(index=0)


@pytest.mark.parametrize("damage", [change_body, change_body_and_leaf, delete, exchange])
def test_an_audit_finds_what_was_changed_behind_the_log(stage: Stage, damage: Callable[[EntryRow], None]):
    append_many(stage.cv, 3)
    sequence(stage.cv)
    otto = stage.people["cv", "overseer"].actor
    with stage.cv.active():
        assert reads.audit(viewer=otto).size == len(leaves(stage.cv))
        damage(EntryRow.objects.get(index=0))
        with pytest.raises(LogDamaged):
            reads.audit(viewer=otto)


def test_a_sequencer_signs_nothing_on_tiles_that_were_changed(stage: Stage):
    append_many(stage.cv, 3)
    sequence(stage.cv)
    with stage.cv.active():
        before = CheckpointRow.objects.count()
        tile = TileRow.objects.get(level=0, index=0)
        tile.hashes = bytes(32) + bytes(tile.hashes)[32:]
        tile.save(update_fields=["hashes"])
    append_many(stage.cv, 1)
    with pytest.raises(LogDisagrees):
        sequence(stage.cv)
    with stage.cv.active():
        assert CheckpointRow.objects.count() == before


def test_a_sequencer_signs_nothing_after_a_checkpoint_that_was_changed(stage: Stage):
    append_many(stage.cv, 2)
    sequence(stage.cv)
    with stage.cv.active():
        row = CheckpointRow.objects.order_by("-size")[0]
        note = bytes(row.note)  # its last letter before the padding is another one now
        row.note = note[:-3] + (b"E" if note[-3:-2] == b"A" else b"A") + b"=\n"
        row.save(update_fields=["note"])
    append_many(stage.cv, 1)
    with pytest.raises(ComityError):
        sequence(stage.cv)


def test_a_sequencer_signs_nothing_over_a_history_that_somebody_without_the_key_told(stage: Stage):
    """Bodies, tiles and the newest checkpoint fit one another, and another key signed it."""
    append_many(stage.cv, 3)
    sequence(stage.cv)
    rewrite(stage.cv, more=0)
    with stage.cv.active():
        row = CheckpointRow.objects.order_by("-size")[0]
        head = claimed(bytes(row.note))
        stranger = LogKey.fresh(b"whoever writes tables")
        name = VerifierKey(name=stage.cv.log_origin, public=stranger.public)
        row.note = sign_note(head.to_text(), key=name, sign=stranger.sign)
        row.save(update_fields=["note"])
    append_many(stage.cv, 1)
    with pytest.raises(NoteBroken):
        sequence(stage.cv)
    with stage.cv.active():
        assert CheckpointRow.objects.order_by("-size")[0].size == head.size


def test_a_changed_tile_of_a_peer_proves_nothing(stage: Stage):
    from scenes import opened, received

    received(stage, opened(stage))
    sequence(stage.nl)
    with stage.cv.active():
        entries = tuple(Entry.from_bytes(bytes(row.entry)) for row in ReceiptRow.objects.all())
    with stage.nl.active():
        tile = TileRow.objects.get(level=0, index=0)
        tile.hashes = bytes(32) + bytes(tile.hashes)[32:]
        tile.save(update_fields=["hashes"])
    with stage.cv.active(), pytest.raises(ProofDoesNotMatch):
        proofs.fetch("nl", entries)


def test_after_every_step_each_log_begins_with_what_it_was_and_the_steps_stand_in_their_order(stage: Stage):
    """The raw rows are read again after each step: a signed note, a leaf or a witnessed tree never changes."""
    told = []
    watched = [LogChecker(stage.cv), LogChecker(stage.nl)]
    witnessed_by(stage.cv, "nl")
    witnessed_by(stage.nl, "cv")
    for step in run(stage):
        told.append(step)
        for node, one in zip((stage.cv, stage.nl), watched, strict=True):
            with node.active():
                log.sequence(at=node.clock.now())
                witnesses.ask(at=node.clock.now())
                witnesses.watch(at=node.clock.now())
            one.check()
    keys = {node.id: card(node).witness for node in (stage.cv, stage.nl)}
    for node, other in ((stage.cv, "nl"), (stage.nl, "cv")):
        with node.active():
            for row in CosignatureRow.objects.all():
                note = bytes(CheckpointRow.objects.get(size=row.size).note)
                cosignature_covers(bytes(row.line), note, public=keys[other].public)
            assert CosignatureRow.objects.count() > 5
            assert not FindingRow.objects.exists()
    assert all(one.steps > 20 for one in watched)
    stage.settle()
    for node in (stage.cv, stage.nl):
        overseer = stage.people[node.id, "overseer"].actor
        with node.active():
            kinds = [row["kind"] for row in reads.entries(viewer=overseer)]
        here = iter(kinds)
        assert all(one.kind in here for one in told if one.node == node.id), kinds
