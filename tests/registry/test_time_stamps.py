"""Time stamps are queued, asked for until somebody answers, verified, and kept for whoever checks without this node."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from authority import OTHER_POLICY, POLICY, TimeAuthority
from checker import untouched
from comity.cli.story import Stage
from comity.ledger import text_digest
from comity.ledger.time_stamp import trusted_roots, verify_stamp
from comity.registry import log, stamps
from comity.registry.act import Node
from comity.registry.jobs import time_stamps, worker
from comity.registry.models import CustodyRow, StampRow, WorkRow
from comity.registry.vouching import VouchingBroken
from registry_acts import append_many
from scenes import opened, recognised, taken_in
from witnessing import sequence


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimeAuthority]:
    with TimeAuthority(tmp_path / "tsa").serving() as serving:
        yield serving


def name(authority: TimeAuthority, node: Node, *, roots: bytes = b"", policies: tuple[str, ...] = (POLICY,)) -> None:
    """Write the authority into node.toml, and its root beside it."""
    (node.folder / "roots.pem").write_bytes(roots or authority.roots)
    told = f'\n[time_stamps]\nurl = "{authority.url}"\nroots = "roots.pem"\npolicies = {json.dumps(list(policies))}\n'
    path = node.folder / "node.toml"
    path.write_text(path.read_text(encoding="utf-8").split("\n[time_stamps]")[0] + told, encoding="utf-8")


def work(node: Node, *, at: datetime) -> None:
    """Queue what wants a stamp, and do what is due."""
    with node.active():
        time_stamps.catch_up(at=at)
        while worker.one(at=at):
            pass


def kept(node: Node) -> list[StampRow]:
    with node.active():
        return list(StampRow.objects.exclude(answer=None).order_by("id"))


def test_checkpoints_and_acquisitions_get_tokens_that_verify_without_the_node(stage: Stage, authority: TimeAuthority):
    cv, nl = stage.cv, stage.nl
    letter = recognised(stage, opened(stage))
    taken_in(stage, letter)
    name(authority, nl)
    sequence(nl)
    at = nl.clock.now()
    work(nl, at=at)
    found = {row.about: row for row in kept(nl)}
    assert set(found) == {"checkpoint", "acquisition"}
    with nl.active():
        _, signed = log.newest_checkpoint()
        assert found["acquisition"].digest == CustodyRow.objects.get(event="acquisition").digest
        tokens = stamps.tokens([found["acquisition"].digest, "0" * 64])
    assert found["checkpoint"].digest == text_digest(signed)
    assert list(tokens) == [found["acquisition"].digest]
    for row in found.values():
        stamped = verify_stamp(
            bytes(row.answer or b""), digest=bytes.fromhex(row.digest), roots=trusted_roots(authority.roots)
        )
        assert stamped.at == row.stamped_at
    asked = len(authority.asked)
    append_many(nl, 1)
    sequence(nl)
    work(nl, at=at + timedelta(minutes=9))
    assert len(authority.asked) == asked, "what has its token is not asked for again, and a new checkpoint waits"
    assert kept(cv) == []


def test_an_authority_that_does_not_answer_is_asked_again_after_growing_pauses(stage: Stage, authority: TimeAuthority):
    cv = stage.cv
    name(authority, cv)
    authority.mood = "busy"
    at, pauses = cv.clock.now(), []
    for _ in range(4):
        work(cv, at=at)
        with cv.active():
            row = WorkRow.objects.get(kind="stamp")
        assert (row.state, "503" in row.trouble) == ("open", True)
        pauses.append(row.due_at - at)
        at = row.due_at
    assert pauses[-1] > pauses[0]
    authority.mood = "honest"
    work(cv, at=at)
    assert [row.about for row in kept(cv)] == ["checkpoint"]
    with cv.active():
        assert WorkRow.objects.get(kind="stamp").state == "done"


@pytest.mark.parametrize("what", ["vain", "root", "policy", "time"])
def test_an_answer_that_does_not_verify_is_not_kept(stage: Stage, authority: TimeAuthority, tmp_path: Path, what: str):
    cv = stage.cv
    authority.mood = "vain" if what == "vain" else "honest"
    other = TimeAuthority(tmp_path / "other").roots if what == "root" else b""
    name(authority, cv, roots=other, policies=("1.2.3",) if what == "policy" else (OTHER_POLICY,))
    work(cv, at=cv.clock.now() + (timedelta(minutes=6) if what == "time" else timedelta()))
    with cv.active():
        row = WorkRow.objects.get(kind="stamp")
    assert kept(cv) == []
    assert "no time stamp of" in row.trouble
    assert row.state == "open"


def test_without_an_authority_nothing_is_queued_and_a_wrong_one_is_named(stage: Stage, authority: TimeAuthority):
    cv = stage.cv
    with untouched(cv):
        work(cv, at=cv.clock.now())
    name(authority, cv, policies=("x",))
    with pytest.raises(VouchingBroken):
        work(cv, at=cv.clock.now())
    name(authority, cv)
    (cv.folder / "roots.pem").unlink()
    with pytest.raises(VouchingBroken):
        work(cv, at=cv.clock.now())
