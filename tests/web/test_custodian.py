"""The custodian's desk: evidence is handed over, accepted and exported in a browser; what is refused leaves nothing."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage

from checker import check, untouched
from comity.cli.story import Stage
from comity.evidence.bundle import read_bundle
from comity.registry import post
from comity.registry.jobs import exports
from comity.registry.models import EntryRow
from comity.registry.queries import evidence as reads
from custodians import ORIGIN, file, intake, seated, seen, signed, summary, vault_of
from passkeys import browser
from scenes import World, settle

GROUND = {
    "kind": "derogation",
    "reason": "Needed to prosecute in one criminal case.",
    "recipient": "The authority that asked.",
    "origin": "Collected under the recognition of this letter.",
    "derogation": "individual_case",
    "rights_weighed": "No overriding right was found.",
}


# The whole way


def test_evidence_goes_from_a_file_to_a_verified_bundle(evidence_world: World, tmp_path: Path):
    """Taken in at nl, handed over, accepted at cv, exported, and checked by a stranger: every step in a browser."""
    stage, content = evidence_world.stage, os.urandom(700_000)
    with seated(stage, stage.nl) as client:
        sealed = client.post(intake(evidence_world), ORIGIN | {"name": "", "file": file(content, "disk-01.dd")})
        item = signed(client, sealed)["Location"].removeprefix("/evidence/")
        assert "disk-01.dd" in seen(client.get(f"/evidence/{item}"))
        assert "disk-01.dd" in seen(client.get("/evidence"))
        assert "Art. 38(1)-(3)" in seen(client.get(f"/evidence/{item}/hand-over"))
        handed = signed(client, client.post(f"/evidence/{item}/hand-over", GROUND))
        assert handed["Location"] == "/transfers"
        offered = seen(client.get(f"/evidence/{item}"))
        assert "Not yet part of the custody" in offered
        assert "offered already" in seen(client.get(f"/evidence/{item}/hand-over"))
    settle(stage)
    with seated(stage, stage.cv) as client:
        assert "disk-01.dd" in seen(client.get("/transfers"))
        viewer = stage.seat(stage.cv, "custodian").entry.actor
        transfer = next(one["transfer"] for one in reads.offered(viewer=viewer) if one["item"] == item)
        assert "computed by this node" in seen(client.get(f"/transfers/{transfer}/accept"))
        taken = signed(client, client.post(f"/transfers/{transfer}/accept"))
        assert taken["Location"] == f"/evidence/{item}"
        assert client.post(f"/transfers/{transfer}/accept").status_code == 422
        assert "<svg" in seen(client.get(f"/evidence/{item}"))
    settle(stage)
    _export(stage, item, tmp_path)
    check(stage.nl)
    check(stage.cv)


def _export(stage: Stage, item: str, folder: Path) -> None:
    with seated(stage, stage.cv) as client:
        assert "Gather" not in seen(client.get(f"/evidence/{item}"))
        seen(client.get(f"/evidence/{item}/bundle/download"), status=422)
        seen(client.post(f"/evidence/{item}/key"), status=422)
        seen(client.post(f"/evidence/{item}/content"), status=422)
        signed(client, client.post(f"/evidence/{item}/export", {"reason": "For the court."}))
        assert "Gather" in seen(client.get(f"/evidence/{item}"))
        signed(client, client.post(f"/evidence/{item}/bundle"))
        assert "Download the bundle" in seen(client.get(f"/evidence/{item}"))
        before = EntryRow.objects.filter(kind="evidence.key").count()
        answer: Any = client.get(f"/evidence/{item}/bundle/download")
        data = b"".join(answer.streaming_content)
        assert int(answer["Content-Length"]) == len(data)
        assert "Record the access" in seen(client.get(f"/evidence/{item}"))
        seen(client.post(f"/evidence/{item}/key"), status=422)
        signed(client, client.post(f"/evidence/{item}/record/access", {"reason": "For the court."}))
        assert "Download the content" in seen(client.get(f"/evidence/{item}"))
        key = client.post(f"/evidence/{item}/key")
        assert key["Cache-Control"] == "no-store"
        assert EntryRow.objects.filter(kind="evidence.key").count() == before + 1
        assert client.get(f"/evidence/{item}/key").status_code == 405
        assert "no recipient" in summary(client.post(f"/evidence/{item}/age", {"recipients": "somebody"}))
        person = pyrage.x25519.Identity.generate()
        taken: Any = client.post(f"/evidence/{item}/age", {"recipients": f"{person.to_public()}\n"})
        assert taken["Content-Disposition"].endswith('.tar.age"')
        assert b"data/item/disk-01.dd" in pyrage.decrypt(b"".join(taken.streaming_content), [person])
    bundle, key_file = folder / "evidence.bundle", folder / "evidence.key"
    bundle.write_bytes(data)
    key_file.write_bytes(key.content)
    trust = folder / "trust.json"
    trust.write_text(json.dumps({"nodes": {one.id: post.own_card(one).fingerprint for one in (stage.cv, stage.nl)}}))
    command = [sys.executable, "-m", "comity.cli", "verify", str(bundle)]
    command += ["--key", str(key_file), "--trust", str(trust)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_a_bundle_is_signed_anew_after_custody_went_on(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.cv) as client:
        viewer = stage.seat(stage.cv, "custodian").entry.actor
        for _ in range(2):
            signed(client, client.post(f"/evidence/{item}/export", {"reason": "For the court."}))
            assert exports.ready(item, viewer=viewer) is None
            signed(client, client.post(f"/evidence/{item}/bundle"))
            assert exports.ready(item, viewer=viewer) is not None
        pieces = exports.pieces(item, viewer=viewer)
        assert "custody" in str(read_bundle(io.BytesIO(b"".join(pieces))).names)


def test_contents_that_nobody_signs_are_thrown_away(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.cv) as client:
        signed(client, client.post(f"/evidence/{item}/export", {"reason": "For the court."}))
        before = vault_of(stage.cv)
        waiting = client.post(f"/evidence/{item}/bundle")["Location"]
        assert len(vault_of(stage.cv) - before) == 1
        assert client.post(f"{waiting}/drop").status_code == 302
        assert vault_of(stage.cv) == before


# Handing over, accepting, exporting


def test_a_ground_has_everything_that_it_needs(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    hand_over = f"/evidence/{item}/hand-over"
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        for left_out in ("kind", "reason", "recipient", "origin", "rights_weighed", "derogation"):
            assert f"#id_{left_out}" in summary(client.post(hand_over, GROUND | {left_out: ""})), left_out
        agreement = GROUND | {"kind": "safeguards_agreement", "derogation": "", "rights_weighed": ""}
        assert "#id_document" in summary(client.post(hand_over, agreement))
        assert "#id_kind" in summary(client.post(hand_over, GROUND | {"kind": "own_law"}))
        assert "#id_reason" in summary(client.post(hand_over, GROUND | {"reason": "a\u202eb"}))
        assert "#id_reason" in summary(client.post(hand_over, GROUND | {"reason": "x" * 20_000}))


def test_every_reason_of_the_gate_is_said(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    with seated(stage, stage.nl) as client, untouched(stage.nl, entries=("act.refuse",)):
        typed = {"kind": "adequacy", "document": "A treaty."}
        said = summary(
            client.post(f"/evidence/{item}/hand-over", GROUND | {"rights_weighed": ""} | typed | {"derogation": ""})
        )
        assert "unknown whether an adequacy decision" in said
        assert "document does not belong" in said


def test_an_export_needs_a_reason(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.cv) as client, untouched(stage.cv):
        for reason in ("", "   ", "a\u202eb", "x" * 20_000, "a\x00"):
            assert "#id_reason" in summary(client.post(f"/evidence/{item}/export", {"reason": reason}))


def test_an_item_that_left_is_neither_handed_over_nor_exported(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        page = seen(client.get(f"/evidence/{item}"))
        assert "Handed over" in page
        assert f"/evidence/{item}/export" not in page
        assert client.post(f"/evidence/{item}/hand-over", GROUND).status_code == 422
        assert client.post(f"/evidence/{item}/export", {"reason": "x"}).status_code == 422
        assert client.post(f"/evidence/{item}/bundle").status_code == 422
        assert client.get(f"/evidence/{item}/bundle/download").status_code == 422


def test_signing_twice_does_it_once(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.cv) as client:
        first = client.post(f"/evidence/{item}/export", {"reason": "For the court."})
        second = client.post(f"/evidence/{item}/export", {"reason": "For the court."})
        signed(client, first)
        assert client.post(first["Location"]).status_code == 422
        assert "has gone on since" in seen(client.post(second["Location"]), status=422)


# Who sees what


def test_others_see_no_evidence_and_do_nothing_with_it(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    for role in ("judge", "liaison", "overseer"):
        with seated(stage, stage.nl, role) as client, untouched(stage.nl):
            assert "server.img" not in seen(client.get("/evidence"))
            for path in (f"/evidence/{item}", f"/evidence/{item}/hand-over", f"/evidence/{item}/export", "/transfers"):
                assert client.get(path).status_code == 404, (role, path)
            assert client.post(f"/evidence/{item}/key").status_code == 404
            assert client.get(intake(evidence_world)).status_code == 404


def test_a_member_of_the_case_reads_the_custody_and_cannot_act(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["accepted"]
    with seated(stage, stage.cv, "investigator") as client, untouched(stage.cv):
        page = seen(client.get(f"/evidence/{item}"))
        assert "Download" not in page
        assert client.get(f"/evidence/{item}/export").status_code == 404
        assert client.post(f"/evidence/{item}/key").status_code == 404
        assert "server.img" in seen(client.get("/evidence"))


def test_nobody_gets_in_without_sitting_down(evidence_world: World):
    with evidence_world.stage.nl.active():
        for path in ("/evidence", f"/evidence/{evidence_world.items['held']}", intake(evidence_world), "/transfers"):
            assert browser(evidence_world.stage.nl).get(path)["Location"].startswith("/login")


def test_what_does_not_exist_is_not_found(evidence_world: World):
    stage = evidence_world.stage
    with seated(stage, stage.nl) as client, untouched(stage.nl):
        for path in (
            "/evidence/0",
            f"/evidence/{'f' * 32}",
            "/evidence/..%2fnode.toml",
            f"/transfers/{'0' * 32}/accept",
        ):
            assert client.get(path).status_code == 404
        for before in ("x", "-1", "0", "9" * 30, "1 or 1"):
            assert client.get("/evidence", {"before": before}).status_code == 404


def test_lists_are_read_page_by_page(evidence_world: World):
    stage = evidence_world.stage
    viewer = stage.seat(stage.nl, "custodian").entry.actor
    with stage.nl.active():
        whole = [one["id"] for one in reads.items(viewer=viewer)]
        read: list[str] = []
        before = None
        while page := reads.items(viewer=viewer, before=before, most=1):
            read.append(page[0]["id"])
            before = page[0]["place"]
    assert read == whole
    assert len(whole) >= 3
    with seated(stage, stage.nl) as client:
        assert "Newest" in seen(client.get(f"/evidence?before={before}"))
