"""The custodian's desk: evidence is taken in, handed over, accepted and exported in a browser; what is refused leaves nothing."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from checker import check, untouched
from comity.canon import stamp
from comity.cli.story import Stage
from comity.evidence.bundle import read_bundle
from comity.registry import post
from comity.registry.act import Node
from comity.registry.jobs import exports
from comity.registry.models import EntryRow, SigningRow
from comity.registry.queries import evidence as reads
from scenes import World, populated, settle
from stage import staged

ORIGIN = {
    "media_type": "application/octet-stream",
    "place": "Data centre (synthetic)",
    "device": "Rack server",
    "method": "Image",
    "tool": "generated",
    "tool_version": "1",
    "time_source": "the node's clock",
}
GROUND = {
    "kind": "derogation",
    "reason": "Needed to prosecute in one criminal case.",
    "recipient": "The authority that asked.",
    "origin": "Collected under the recognition of this letter.",
    "derogation": "individual_case",
    "rights_weighed": "No overriding right was found.",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("custodian"), databases=databases) as stage:
        yield populated(stage)


@contextmanager
def at_desk(stage: Stage, node: Node, role: str = "custodian", *, csrf: bool = False) -> Iterator[Client]:
    """A browser in which this official has sat down."""
    entry = stage.seat(node, role).entry
    with node.active():
        client = Client(enforce_csrf_checks=csrf, headers={"host": "127.0.0.1"})
        session = client.session
        session.update({"official": entry.official, "mandate": entry.mandate, "seen_at": stamp(node.clock.now())})
        session.save()
        yield client


def signed(client: Client, answer: Any) -> Any:
    """Go to the signing page, and sign."""
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"].startswith("/sign/"), answer["Location"]
    assert client.get(answer["Location"]).status_code == 200
    done = client.post(answer["Location"])
    assert done.status_code == 302, done.content.decode()
    return done


def seen(answer: Any, *, status: int = 200) -> str:
    text: str = answer.content.decode()
    assert answer.status_code == status, text
    return text


def summary(answer: Any) -> str:
    """The errors of a form that came back."""
    text = seen(answer, status=422)
    found = re.search(r'id="error-summary".*?</ul>', text, re.DOTALL)
    assert found, text
    return found[0]


def file(content: bytes = b"evidence", name: str = "image.dd") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def vault_of(node: Node) -> set[str]:
    return {path.name for path in node.vault.rglob("*") if path.is_file()}


def intake(world: World) -> str:
    return f"/letters/{world.letters['recognised']}/intake"


# The whole way


def test_evidence_goes_from_a_file_to_a_verified_bundle(world: World, tmp_path: Path):
    """Taken in at nl, handed over, accepted at cv, exported, and checked by a stranger: every step in a browser."""
    stage, content = world.stage, os.urandom(700_000)
    with at_desk(stage, stage.nl) as client:
        sealed = client.post(intake(world), ORIGIN | {"name": "", "file": file(content, "disk-01.dd")})
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
    with at_desk(stage, stage.cv) as client:
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
    with at_desk(stage, stage.cv) as client:
        assert "Gather" not in seen(client.get(f"/evidence/{item}"))
        seen(client.get(f"/evidence/{item}/bundle/download"), status=422)
        seen(client.post(f"/evidence/{item}/key"), status=422)
        signed(client, client.post(f"/evidence/{item}/export", {"reason": "For the court."}))
        assert "Gather" in seen(client.get(f"/evidence/{item}"))
        signed(client, client.post(f"/evidence/{item}/bundle"))
        assert "Download the bundle" in seen(client.get(f"/evidence/{item}"))
        before = EntryRow.objects.filter(kind="evidence.key").count()
        answer: Any = client.get(f"/evidence/{item}/bundle/download")
        data = b"".join(answer.streaming_content)
        assert int(answer["Content-Length"]) == len(data)
        key = client.post(f"/evidence/{item}/key")
        assert key["Cache-Control"] == "no-store"
        assert EntryRow.objects.filter(kind="evidence.key").count() == before + 1
        assert client.get(f"/evidence/{item}/key").status_code == 405
    bundle, key_file = folder / "evidence.bundle", folder / "evidence.key"
    bundle.write_bytes(data)
    key_file.write_bytes(key.content)
    trust = folder / "trust.json"
    trust.write_text(json.dumps({"nodes": {one.id: post.own_card(one).fingerprint for one in (stage.cv, stage.nl)}}))
    command = [sys.executable, "-m", "comity.cli", "verify", str(bundle)]
    command += ["--key", str(key_file), "--trust", str(trust)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_a_bundle_is_signed_anew_after_custody_went_on(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.cv) as client:
        viewer = stage.seat(stage.cv, "custodian").entry.actor
        for _ in range(2):
            signed(client, client.post(f"/evidence/{item}/export", {"reason": "For the court."}))
            assert exports.ready(item, viewer=viewer) is None
            signed(client, client.post(f"/evidence/{item}/bundle"))
            assert exports.ready(item, viewer=viewer) is not None
        pieces = exports.pieces(item, viewer=viewer)
        assert "custody" in str(read_bundle(io.BytesIO(b"".join(pieces))).names)


def test_contents_that_nobody_signs_are_thrown_away(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.cv) as client:
        before = vault_of(stage.cv)
        waiting = client.post(f"/evidence/{item}/bundle")["Location"]
        assert len(vault_of(stage.cv) - before) == 1
        assert client.post(f"{waiting}/drop").status_code == 302
        assert vault_of(stage.cv) == before


# Taking in


@pytest.mark.parametrize("left_out", [name for name in ORIGIN if name != "media_type"])
def test_an_origin_that_is_not_stated_is_asked_for_and_the_rest_is_kept(world: World, left_out: str):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        answer = client.post(intake(world), ORIGIN | {left_out: "", "name": "kept.dd", "file": file()})
        assert f"#id_{left_out}" in summary(answer)
        assert "kept.dd" in seen(answer, status=422)
        assert "must be chosen again" in seen(answer, status=422)


BAD_NAMES = ["../passwd", "a/b", "a\\b", "a\x00b", "a\u202efdp.exe", ".hidden", "con", "x" * 300, "a:b", "\uff0fx"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_deceives_is_refused_at_its_field(world: World, name: str):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        assert "#id_name" in summary(client.post(intake(world), ORIGIN | {"name": name, "file": file()}))
        raw = _raw(ORIGIN | {"name": ""}, name)
        answer = client.post(intake(world), raw, content_type="multipart/form-data; boundary=b")
        assert "#id_name" in summary(answer)


def _raw(fields: dict[str, str], file_name: str) -> bytes:
    """A form as no browser of good will sends it: the file's name as it is."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    quoted = file_name.replace("\\", "\\\\")
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    return "".join([*parts, head, "evidence\r\n--b--\r\n"]).encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("media_type", "nonsense"),
        ("media_type", "text/html; charset=x"),
        ("media_type", ""),
        ("place", "x" * 5000),
        ("place", "a\u202eb"),
        ("device", "a\x00b"),
        ("selectors", "of-nobody"),
    ],
)
def test_wrong_words_are_refused_at_their_field(world: World, field: str, value: str):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        assert f"#id_{field}" in summary(client.post(intake(world), ORIGIN | {field: value, "file": file()}))


def test_a_file_is_needed_and_must_come_last_and_hold_something(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        assert "#id_file" in summary(client.post(intake(world), ORIGIN))
        assert "#id_file" in summary(client.post(intake(world), ORIGIN | {"file": file(b"")}))
        early = client.post(intake(world), {"file": file(), **ORIGIN})
        assert "#id_place" in summary(early)  # what follows the file is not read
        late = client.post(intake(world), ORIGIN | {"file": file(), "late": "x"})
        assert "must come last" in summary(late)
        assert "no form with a file" in summary(client.post(intake(world), "x", content_type="text/plain"))


def test_a_script_may_ask_before_it_sends_the_file(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        assert client.post(intake(world), ORIGIN | {"check": "yes"}).status_code == 204
        assert "#id_place" in summary(client.post(intake(world), ORIGIN | {"place": "", "check": "yes"}))


def test_an_upload_that_breaks_off_leaves_nothing(world: World):
    stage = world.stage
    data = _raw(ORIGIN | {"name": "x.dd"}, "x.dd").replace(b"evidence", os.urandom(3_000_000))
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        waiting = SigningRow.objects.count()
        broken: dict[str, Any] = {"CONTENT_LENGTH": len(data), "wsgi.input": io.BytesIO(data[:-1000])}
        answer = client.generic("POST", intake(world), b"x", content_type="multipart/form-data; boundary=b", **broken)
        assert "bytes came" in summary(answer)
        assert SigningRow.objects.count() == waiting


def test_a_sealed_file_that_nobody_signs_for_is_thrown_away(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl) as client:
        before = vault_of(stage.nl)
        waiting = client.post(intake(world), ORIGIN | {"name": "x.dd", "file": file()})["Location"]
        assert len(vault_of(stage.nl) - before) == 1
        client.post(f"{waiting}/drop")
        assert vault_of(stage.nl) == before


def test_a_form_from_elsewhere_is_refused_before_its_file_is_read(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl, csrf=True) as client, untouched(stage.nl):
        assert client.post(intake(world), ORIGIN | {"file": file()}).status_code == 403
        page = seen(client.get(intake(world)))
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
        stolen = {"csrfmiddlewaretoken": "x" * 64}
        assert client.post(intake(world), stolen | ORIGIN | {"file": file()}).status_code == 403
        good = client.post(intake(world), {"csrfmiddlewaretoken": token} | ORIGIN | {"name": "y", "file": file()})
        client.post(f"{good['Location']}/drop", {"csrfmiddlewaretoken": token})


def test_evidence_is_taken_in_under_a_recognition_only(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        for letter in ("received", "acknowledged", "asked"):
            assert client.get(f"/letters/{world.letters[letter]}/intake").status_code == 404
        assert client.get(f"/letters/{'0' * 64}/intake").status_code == 404
    with at_desk(stage, stage.cv) as client:
        assert client.get(intake(world)).status_code == 404  # our own letter: nothing is taken in here


# Handing over, accepting, exporting


def test_a_ground_has_everything_that_it_needs(world: World):
    stage, item = world.stage, world.items["held"]
    hand_over = f"/evidence/{item}/hand-over"
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        for left_out in ("kind", "reason", "recipient", "origin", "rights_weighed", "derogation"):
            assert f"#id_{left_out}" in summary(client.post(hand_over, GROUND | {left_out: ""})), left_out
        agreement = GROUND | {"kind": "safeguards_agreement", "derogation": "", "rights_weighed": ""}
        assert "#id_document" in summary(client.post(hand_over, agreement))
        assert "#id_kind" in summary(client.post(hand_over, GROUND | {"kind": "own_law"}))
        assert "#id_reason" in summary(client.post(hand_over, GROUND | {"reason": "a\u202eb"}))
        assert "#id_reason" in summary(client.post(hand_over, GROUND | {"reason": "x" * 20_000}))


def test_every_reason_of_the_gate_is_said(world: World):
    stage, item = world.stage, world.items["held"]
    with at_desk(stage, stage.nl) as client, untouched(stage.nl, entries=("act.refuse",)):
        typed = {"kind": "adequacy", "document": "A treaty."}
        said = summary(
            client.post(f"/evidence/{item}/hand-over", GROUND | {"rights_weighed": ""} | typed | {"derogation": ""})
        )
        assert "unknown whether an adequacy decision" in said
        assert "document does not belong" in said


def test_an_export_needs_a_reason(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.cv) as client, untouched(stage.cv):
        for reason in ("", "   ", "a\u202eb", "x" * 20_000, "a\x00"):
            assert "#id_reason" in summary(client.post(f"/evidence/{item}/export", {"reason": reason}))


def test_an_item_that_left_is_neither_handed_over_nor_exported(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        page = seen(client.get(f"/evidence/{item}"))
        assert "Handed over" in page
        assert f"/evidence/{item}/export" not in page
        assert client.post(f"/evidence/{item}/hand-over", GROUND).status_code == 422
        assert client.post(f"/evidence/{item}/export", {"reason": "x"}).status_code == 422
        assert client.post(f"/evidence/{item}/bundle").status_code == 422
        assert client.get(f"/evidence/{item}/bundle/download").status_code == 422


def test_signing_twice_does_it_once(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.cv) as client:
        first = client.post(f"/evidence/{item}/export", {"reason": "For the court."})
        second = client.post(f"/evidence/{item}/export", {"reason": "For the court."})
        signed(client, first)
        assert client.post(first["Location"]).status_code == 404
        assert "has gone on since" in seen(client.post(second["Location"]), status=422)


# Who sees what


def test_others_see_no_evidence_and_do_nothing_with_it(world: World):
    stage, item = world.stage, world.items["held"]
    for role in ("judge", "liaison", "overseer"):
        with at_desk(stage, stage.nl, role) as client, untouched(stage.nl):
            assert "server.img" not in seen(client.get("/evidence"))
            for path in (f"/evidence/{item}", f"/evidence/{item}/hand-over", f"/evidence/{item}/export", "/transfers"):
                assert client.get(path).status_code == 404, (role, path)
            assert client.post(f"/evidence/{item}/key").status_code == 404
            assert client.get(intake(world)).status_code == 404


def test_a_member_of_the_case_reads_the_custody_and_cannot_act(world: World):
    stage, item = world.stage, world.items["accepted"]
    with at_desk(stage, stage.cv, "investigator") as client, untouched(stage.cv):
        page = seen(client.get(f"/evidence/{item}"))
        assert "Download" not in page
        assert client.get(f"/evidence/{item}/export").status_code == 404
        assert client.post(f"/evidence/{item}/key").status_code == 404
        assert "server.img" in seen(client.get("/evidence"))


def test_nobody_gets_in_without_sitting_down(world: World):
    with world.stage.nl.active():
        for path in ("/evidence", f"/evidence/{world.items['held']}", intake(world), "/transfers"):
            assert Client(headers={"host": "127.0.0.1"}).get(path)["Location"].startswith("/login")


def test_what_does_not_exist_is_not_found(world: World):
    stage = world.stage
    with at_desk(stage, stage.nl) as client, untouched(stage.nl):
        for path in (
            "/evidence/0",
            f"/evidence/{'f' * 32}",
            "/evidence/..%2fnode.toml",
            f"/transfers/{'0' * 32}/accept",
        ):
            assert client.get(path).status_code == 404
        for before in ("x", "-1", "0", "9" * 30, "1 or 1"):
            assert client.get("/evidence", {"before": before}).status_code == 404


def test_lists_are_read_page_by_page(world: World):
    stage = world.stage
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
    with at_desk(stage, stage.nl) as client:
        assert "Newest" in seen(client.get(f"/evidence?before={before}"))
