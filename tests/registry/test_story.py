"""The first letter, told whole, on both databases: what stands in the records and logs when it is over."""

from pathlib import Path

from comity.authorities.statement import Statement
from comity.cli.script import Image
from comity.cli.story import Stage, run
from comity.registry.models import CustodyRow, InboxRow, ItemRow, LetterRow, OutboxRow, WorkRow
from comity.registry.queries import log as log_reads


def test_the_story_ends_with_the_item_in_the_receivers_custody_and_both_signatures(stage: Stage):
    told = list(run(stage))
    assert len(told) == 22
    with stage.cv.active():
        item = ItemRow.objects.get(reference=stage.item)
        assert item.held
        last = Statement.from_bytes(bytes(CustodyRow.objects.filter(item=item).order_by("-seq")[0].statement))
        assert last.body["event"] == "transfer"
        assert len(last.signatures) == 4
        assert {row.state for row in LetterRow.objects.all()} == {"preserved", "executed"}
    with stage.nl.active():
        assert not ItemRow.objects.get(reference=stage.item).held
        assert {row.state for row in LetterRow.objects.all()} == {"preserved", "executed"}


def test_every_message_took_effect_once_and_has_its_receipt(stage: Stage):
    list(run(stage))
    stage.settle()
    for node, peer in ((stage.cv, stage.nl), (stage.nl, stage.cv)):
        with node.active():
            sent = set(OutboxRow.objects.values_list("message", flat=True))
            assert set(OutboxRow.objects.values_list("state", flat=True)) == {"receipted"}
            assert not WorkRow.objects.exclude(state="done").exists()
        with peer.active():
            taken = list(
                InboxRow.objects.filter(sender=node.id).exclude(subject="receipt").values_list("message", flat=True)
            )
            assert sorted(taken) == sorted(sent)


def test_each_overseer_recomputes_the_whole_log(stage: Stage):
    list(run(stage))
    stage.settle()
    for node in (stage.cv, stage.nl):
        overseer = stage.seat(node, "overseer").entry.actor
        with node.active():
            audit = log_reads.audit(viewer=overseer)
            kinds = [row["kind"] for row in log_reads.entries(viewer=overseer)]
        assert audit.size == len(kinds)
        assert kinds[0] == "node.founded"
        assert "evidence.accept" in kinds or "evidence.accept.received" in kinds


def test_no_file_of_either_node_ever_holds_the_plaintext(stage: Stage, tmp_path: Path):
    list(run(stage))
    plaintext = bytearray(4096)
    Image(4096, progress=lambda _done, _of: None).readinto(memoryview(plaintext))
    marker = bytes(plaintext[1000:1064])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sealed" for path in files)
    for path in files:
        assert marker not in path.read_bytes(), path
